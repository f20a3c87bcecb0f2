"""Ways around the policy that do not name what they reach: closed models by another table or model, passwords, apps."""

import contextlib
import json

import pytest

OPERATIONS = ["write", "create", "unlink", "call"]


@pytest.fixture
def client(world, door):
    """An administrator with a key that a scope can be for."""
    return world.client(door, "admin", "mcp")


def _call(client, model, method, ids=(), **kwargs):
    arguments = {"model": model, "method": method, "kwargs": json.dumps(kwargs)}
    return client.refusal("method_call", {**arguments, "ids": list(ids)} if ids else arguments)


CODE = (
    "ir.actions.actions",
    "server.action.history.wizard",
    "reset.view.arch.wizard",
    "base.import.module",
    "base.language.export",
    "privacy.lookup.wizard",
)


@pytest.mark.parametrize("model", CODE)
def test_models_that_run_code_or_export_any_field_are_closed(client, db, model):
    if not db.value("SELECT count(*) FROM ir_model WHERE model = %s", model):
        # Its app is not in the demo database: the name alone must be refused.
        assert client.call("create", {"model": model, "values": "{}"}).json["result"]["isError"]
        return
    for said in (
        client.refusal("create", {"model": model, "values": "{}"}),
        client.refusal("write", {"model": model, "ids": [1], "values": "{}"}),
        client.refusal("method_call", {"model": model, "method": "anything", "ids": [1]}),
    ):
        assert "closed to MCP" in said or "never changed through MCP" in said, said


@pytest.mark.parametrize("opened", [False, True])
def test_apps_are_neither_removed_nor_changed(client, db, restrict, opened):
    module, state = db.rows("SELECT id, state FROM ir_module_module WHERE name = 'odoo_mcp'")[0].values()
    model = "ir.module.module"
    with restrict.access(model) if opened else contextlib.nullcontext():
        for method in ("button_uninstall", "button_immediate_uninstall", "button_upgrade", "module_uninstall"):
            assert "never changed through MCP" in _call(client, model, method, [module])
        values = json.dumps({"state": "to remove"})
        said = client.refusal("write", {"model": model, "ids": [module], "values": values})
        assert "never changed through MCP" in said
        for wizard in ("base.module.uninstall", "base.module.upgrade"):
            said = client.refusal("create", {"model": wizard, "values": json.dumps({})})
            assert "MCP" in said
        assert client.result("list_modules", {"search": "odoo_mcp"})["rows"]
    assert db.value("SELECT state FROM ir_module_module WHERE id = %s", module) == state


@pytest.mark.parametrize(
    ("model", "method"),
    [
        ("res.users", "authenticate"),
        ("res.users", "reset_password"),
        ("res.users", "change_password"),
        ("res.partner", "signup_prepare"),
        ("crm.lead", "message_process"),
        ("crm.lead", "message_new"),
    ],
)
def test_passwords_are_not_tried_nor_mail_taken_in(client, db, restrict, model, method):
    credential = {"type": "password", "login": "admin", "password": "wrong"}
    tried = db.value("SELECT count(*) FROM mcp_lockout")
    for opened in (contextlib.nullcontext(), restrict.access(model, methods=method)):
        with opened:
            mark = db.audit_mark()
            said = _call(client, model, method, credential=credential)
            # Of users nothing is called at all, unless an access record opens them.
            assert any(why in said for why in ("never called through MCP", "private", "closed to MCP")), said
            (row,) = db.audit_since(mark)
            assert row["status"] == "denied"
    assert db.value("SELECT count(*) FROM mcp_lockout") == tried


def test_record_rules_are_not_taken_from_a_group_by_its_own_field(client, db, restrict):
    group = db.value("SELECT group_id FROM rule_group_rel GROUP BY group_id ORDER BY count(*) DESC, group_id LIMIT 1")
    rules = db.value("SELECT count(*) FROM rule_group_rel WHERE group_id = %s", group)
    rule = db.value("SELECT rule_group_id FROM rule_group_rel WHERE group_id = %s LIMIT 1", group)
    write = {"model": "res.groups", "ids": [group]}
    assert "closed to MCP" in client.refusal("write", {**write, "values": json.dumps({"rule_groups": [[5]]})})
    # Also where somebody has opened groups.
    with restrict.access("res.groups"):
        for command in ([5], [6, 0, []], [3, rule], [2, rule], [4, rule]):
            said = client.refusal("write", {**write, "values": json.dumps({"rule_groups": [command]})})
            assert "ir.rule" in said and "closed to MCP" in said, said
    assert db.value("SELECT count(*) FROM rule_group_rel WHERE group_id = %s", group) == rules


def test_a_link_is_written_on_both_sides_of_a_relation(world, client, db, restrict):
    partner = world.partners[0]
    tag = client.result("create", {"model": "res.partner.category", "values": json.dumps({"name": "both sides"})})[
        "ids"
    ]
    linked = "SELECT count(*) FROM res_partner_res_partner_category_rel WHERE category_id = %s"
    from_tag = {"model": "res.partner.category", "ids": tag, "values": json.dumps({"partner_ids": [[4, partner]]})}
    from_partner = {"model": "res.partner", "ids": [partner], "values": json.dumps({"category_id": [[4, tag[0]]]})}
    with restrict.access("res.partner", off=["write"]):
        assert "res.partner" in client.refusal("write", from_tag)
    with restrict.access("res.partner.category", off=["write"]):
        assert "res.partner.category" in client.refusal("write", from_partner)
    assert db.value(linked, tag[0]) == 0
    client.result("write", from_tag)
    assert db.value(linked, tag[0]) == 1
    client.result("unlink", {"model": "res.partner.category", "ids": tag})


def test_a_link_to_what_has_no_field_for_it_needs_no_right_to_write_it(client, db, restrict):
    order = db.value("SELECT id FROM sale_order WHERE state = 'draft' ORDER BY id LIMIT 1")
    line = db.value("SELECT id FROM sale_order_line WHERE order_id = %s AND display_type IS NULL LIMIT 1", order)
    tax = db.value("SELECT id FROM account_tax WHERE type_tax_use = 'sale' ORDER BY id LIMIT 1")
    field = (
        "tax_ids"
        if db.value("SELECT count(*) FROM ir_model_fields WHERE model = 'sale.order.line' AND name = 'tax_ids'")
        else "tax_id"
    )
    before = client.result("read", {"model": "sale.order.line", "ids": [line], "fields": [field]})
    with restrict.access("account.tax", off=["write", "create", "unlink"]):
        values = json.dumps({field: [[6, 0, [tax]]]})
        client.result("write", {"model": "sale.order.line", "ids": [line], "values": values})
    kept = before["rows"][0][before["columns"].index(field)]
    kept = [one["id"] if isinstance(one, dict) else one for one in kept or []]
    client.result("write", {"model": "sale.order.line", "ids": [line], "values": json.dumps({field: [[6, 0, kept]]})})


# -- records of two models ----------------------------------------------------------------------------


@pytest.fixture
def variant(db):
    """Ids of a product and its template, and the template's name."""
    row = db.rows(
        "SELECT p.id, t.id AS template, t.name ->> 'en_US' AS name FROM product_product p"
        " JOIN product_template t ON t.id = p.product_tmpl_id WHERE p.active ORDER BY p.id LIMIT 1"
    )[0]
    return row["id"], row["template"], row["name"]


def test_a_child_writes_nothing_of_a_parent_that_may_not_be_written(client, db, restrict, variant):
    product, template, name = variant
    write = {"model": "product.product", "ids": [product]}
    with restrict.access("product.template", off=["write", "create", "unlink"]):
        said = client.refusal("write", {**write, "values": json.dumps({"name": "By the child"})})
        assert "product.template" in said and "write" in said
        client.result("write", {**write, "values": json.dumps({"default_code": "OWN-FIELD"})})
        said = client.refusal("create", {"model": "product.product", "values": json.dumps({"name": "New"})})
        assert "product.template" in said and "create" in said
        said = client.refusal("unlink", {"model": "product.product", "ids": [product]})
        assert "product.template" in said and "unlink" in said
        assert db.value("SELECT name ->> 'en_US' FROM product_template WHERE id = %s", template) == name
    client.result("write", {**write, "values": json.dumps({"name": "By the child"})})
    client.result("write", {**write, "values": json.dumps({"name": name})})


def test_related_fields_write_nothing_that_may_not_be_written(client, db, restrict):
    company = db.value("SELECT id FROM res_company ORDER BY id LIMIT 1")
    before = db.rows("SELECT p.* FROM res_partner p JOIN res_company c ON c.partner_id = p.id WHERE c.id = %s", company)
    with restrict.access("res.company"), restrict.access("res.users"), restrict.access("res.partner", off=["write"]):
        for model, number, values in (
            ("res.company", company, {"phone": "+32 1"}),
            ("res.company", company, {"street": "Elsewhere 1"}),
            ("res.users", db.value("SELECT id FROM res_users WHERE login = 'sally'"), {"name": "Not Sally"}),
        ):
            said = client.refusal("write", {"model": model, "ids": [number], "values": json.dumps(values)})
            assert "res.partner" in said, said
    after = db.rows("SELECT p.* FROM res_partner p JOIN res_company c ON c.partner_id = p.id WHERE c.id = %s", company)
    assert before == after


def test_a_value_that_a_method_may_write_elsewhere_is_taken_if_it_does_not(world, client, db, restrict):
    lead = {"name": "Elsewhere", "phone": "+32 470 00 00 01"}
    with restrict.access("res.partner", off=["write"]):
        made = client.result("create", {"model": "crm.lead", "values": json.dumps(lead)})["ids"]
        # With a contact, Odoo writes the number to the contact, too.
        number = "SELECT phone FROM res_partner WHERE id = %s"
        before = db.value(number, world.partners[0])
        said = client.refusal(
            "create", {"model": "crm.lead", "values": json.dumps({**lead, "partner_id": world.partners[0]})}
        )
        assert "res.partner" in said and db.value(number, world.partners[0]) == before
    client.result("unlink", {"model": "crm.lead", "ids": made})


EMPLOYEE, VERSION = "hr.employee", "hr.version"


@pytest.fixture
def version(db):
    """A version of an employee with a private number."""
    row = db.rows("SELECT id, employee_id FROM hr_version WHERE employee_id IS NOT NULL ORDER BY id LIMIT 1")[0]
    db.run("UPDATE hr_version SET private_street = 'HIDDEN Street 5' WHERE id = %s", row["id"])
    return row["id"]


def test_what_is_hidden_of_a_child_is_hidden_of_its_parent(client, restrict, version):
    ask = {"model": VERSION, "ids": [version], "fields": ["private_street"]}
    assert "HIDDEN" in json.dumps(client.result("read", ask))
    with restrict.access(EMPLOYEE, hidden=["private_street"]):
        for said in (
            client.refusal("read", ask),
            client.refusal("count", {"model": VERSION, "domain": '[["private_street", "like", "HIDDEN"]]'}),
            client.refusal("search", {"model": VERSION, "order": "private_street", "fields": ["id"]}),
            client.refusal("write", {"model": VERSION, "ids": [version], "values": '{"private_street": "1"}'}),
        ):
            assert "private_street" in said and "hidden" in said, said
        assert "HIDDEN" not in json.dumps(client.result("read", {"model": VERSION, "ids": [version]}))


def test_the_part_of_a_closed_record_is_closed(client, db, restrict, version):
    with restrict.access(EMPLOYEE, off=["read"]):
        assert EMPLOYEE in client.refusal("read", {"model": VERSION, "ids": [version], "fields": ["name"]})
    with restrict.access(EMPLOYEE, off=["write"]):
        said = client.refusal("write", {"model": VERSION, "ids": [version], "values": '{"private_street": "1"}'})
        assert EMPLOYEE in said
    employee = db.value("SELECT employee_id FROM hr_version WHERE id = %s", version)
    with restrict.access(EMPLOYEE, domain=[["id", "!=", employee]]):
        found = client.result("search", {"model": VERSION, "domain": json.dumps([["id", "=", version]]), "fields": []})
        assert found["rows"] == []
        client.refusal("read", {"model": VERSION, "ids": [version], "fields": ["name"]})


def test_files_under_another_name_follow_the_record_that_they_are_of(client, db, restrict, variant):
    _product, template, _name = variant
    values = {"name": "hidden.txt", "raw": "SGlkZGVu", "res_model": "product.template", "res_id": template}
    made = client.result("create", {"model": "product.document", "values": json.dumps(values)})["ids"]
    ask = {"model": "product.document", "domain": json.dumps([["id", "in", made]]), "fields": ["name"]}
    assert client.result("search", ask)["rows"]
    with restrict.access("product.template", hidden=["description"]):
        assert client.result("search", ask)["rows"] == []
        client.refusal("read", {"model": "product.document", "ids": made, "fields": ["name"]})
    with restrict.access("product.template", off=["write"]):
        before = db.value("SELECT count(*) FROM product_document")
        client.refusal("create", {"model": "product.document", "values": json.dumps(values)})
        client.refusal("unlink", {"model": "product.document", "ids": made})
        assert db.value("SELECT count(*) FROM product_document") == before
    client.result("unlink", {"model": "product.document", "ids": made})


def test_nobody_follows_a_record_that_the_caller_may_not_write(world, client, db, restrict):
    """Whoever follows a record gets its next message by e-mail."""
    partner = world.partners[0]
    values = {"res_model": "res.partner", "res_ids": str([partner]), "partner_ids": [[4, world.partners[1]]]}
    count = "SELECT count(*) FROM mail_followers WHERE res_model = 'res.partner' AND res_id = %s"
    before = db.value(count, partner)
    for made in (
        restrict.access("res.partner", off=["write"]),
        restrict.access("res.partner", domain=[["id", "!=", partner]]),
    ):
        with made:
            client.refusal("create", {"model": "mail.followers.edit", "values": json.dumps(values)})
            follower = {"res_model": "res.partner", "res_id": partner, "partner_id": world.partners[1]}
            client.refusal("create", {"model": "mail.followers", "values": json.dumps(follower)})
            subscribe = {"model": "res.partner", "ids": [partner], "method": "message_subscribe"}
            client.refusal("method_call", {**subscribe, "kwargs": json.dumps({"partner_ids": world.partners[1:2]})})
    assert db.value(count, partner) == before


# -- methods ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "method"),
    [
        ("ir.qweb.field.contact", "get_record_to_html"),
        ("report.product.report_pricelist", "get_html"),
        ("utm.mixin", "find_or_create_record"),
        ("mail.thread", "message_notify"),
    ],
)
def test_methods_of_abstract_models_are_closed_until_a_record_opens_them(client, restrict, model, method):
    said = _call(client, model, method)
    assert "abstract" in said or "no records" in said, said
    verdict = client.result("explain_access", {"model": model, "method": method})
    assert not verdict["allowed"] and verdict["layer"] == "closed"
    with restrict.access(model):
        opened = client.call("method_call", {"model": model, "method": method, "kwargs": "{}"})
        assert "closed to MCP" not in opened.text


WHOLE = "hr.department"


@pytest.fixture
def restricted(restrict):
    """Something is restricted for everybody: departments cannot be written."""
    with restrict.access(WHOLE, off=["write"]):
        yield


def test_with_a_restriction_only_listed_methods_and_buttons_are_called(world, client, restrict, restricted):
    order = world.orders[0]
    ask = {"model": "sale.order", "ids": [order]}
    said = client.refusal("method_call", {**ask, "method": "get_portal_url"})
    assert "by name" in said and "get_portal_url" in said
    # Buttons of an order, and what does no more than it is told.
    client.result("method_call", {**ask, "method": "action_view_invoice"})
    client.result("method_call", {**ask, "method": "message_post", "kwargs": '{"body": "note"}'})
    with restrict.access("sale.order", methods="get_portal_url"):
        client.result("method_call", {**ask, "method": "get_portal_url"})
    # Buttons of a model of which something is taken away are not listed.
    with restrict.access("sale.order", off=["unlink"]):
        assert "by name" in client.refusal("method_call", {**ask, "method": "action_view_invoice"})


def test_the_nearest_method_that_may_be_called_is_told(world, client, restrict, restricted):
    for model, misspelt, meant in (
        ("crm.lead", "mesage_post", "message_post"),
        ("sale.order", "action_confrm", "action_confirm"),
        ("mail.activity", "action_feedbak", "action_feedback"),
    ):
        assert f"`{meant}`" in _call(client, model, misspelt, [1]), misspelt
    with restrict.access("sale.order", methods="action_draft\naction_lock"):
        assert "`action_draft`" in _call(client, "sale.order", "action_drft", [1])
        # What may not be called is no suggestion.
        assert "Did you mean" not in _call(client, "sale.order", "action_confirm", [1])


def test_without_a_restriction_every_public_method_is_called(world, client):
    client.result("method_call", {"model": "sale.order", "ids": [world.orders[0]], "method": "get_portal_url"})


def test_a_posting_brings_no_other_records_along(world, client, db, restricted):
    ask = {"model": "sale.order", "ids": [world.orders[0]], "method": "message_post"}
    file = db.value("SELECT min(id) FROM ir_attachment")
    for kwargs in (
        {"attachment_ids": [file]},
        {"partner_ids": world.partners[:1]},
        {"outgoing_email_to": "x@y.example"},
    ):
        said = client.refusal("method_call", {**ask, "kwargs": json.dumps({"body": "x", **kwargs})})
        assert next(iter(kwargs)) in said and "by name" in said


@pytest.mark.parametrize("deep", [False, True])
def test_a_model_in_the_arguments_needs_its_own_right(world, client, db, restrict, deep):
    """`describe` of the test addon takes any named arguments."""
    number = db.value("SELECT min(id) FROM hr_department")
    with restrict.access("mcp.test.item", methods="describe"):
        for model, allowed in (("hr.department", False), ("ir.rule", False), ("sale.order", True)):
            named = {"res_model": model, "res_id": number}
            kwargs = json.dumps({"greeting": [{"x": [named]}]} if deep else named)
            ask = {"model": "mcp.test.item", "method": "describe", "kwargs": kwargs}
            with restrict.access("hr.department", off=["write"]):
                if allowed:
                    client.result("method_call", ask)
                else:
                    assert f"the arguments name {model}" in client.refusal("method_call", ask)
        ask = {"model": "mcp.test.item", "method": "describe", "kwargs": json.dumps({"of": f"hr.department,{number}"})}
        with restrict.access("hr.department", domain=[["id", "!=", number]]):
            assert str(number) in client.refusal("method_call", ask)
        with restrict.access("hr.department", domain=[["id", "=", number]]):
            client.result("method_call", ask)


# -- links and copies ---------------------------------------------------------------------------------


def test_links_are_not_given_where_something_is_hidden(world, client, db, restrict):
    order = world.orders[0]
    db.run("UPDATE sale_order SET access_token = 'open-sesame' WHERE id = %s", order)
    ask = {"model": "sale.order", "ids": [order], "fields": ["access_token"]}
    assert "open-sesame" in json.dumps(client.result("read", ask))
    preview = {"model": "sale.order", "ids": [order], "method": "action_preview_sale_order"}
    assert "open-sesame" in json.dumps(client.result("method_call", preview))
    with restrict.access("res.partner", hidden=["comment"]):
        assert "link" in client.refusal("read", ask)
        client.refusal("write", {"model": "sale.order", "ids": [order], "values": '{"access_token": "known"}'})
        client.refusal("count", {"model": "sale.order", "domain": '[["access_token", "like", "open"]]'})
        assert "open-sesame" not in json.dumps(client.call("method_call", preview).json)
    for wizard in ("portal.share", "task.share.wizard", "portal.wizard"):
        assert "closed to MCP" in client.refusal("create", {"model": wizard, "values": "{}"})


@pytest.mark.parametrize(
    ("field", "copy"),
    [("email", ("crm.lead", "email_from")), ("function", ("crm.lead", "function")), ("street", ("crm.lead", "street"))],
)
def test_copies_of_what_is_hidden_are_hidden(client, restrict, field, copy):
    of = {"name": "Copied From", field: "copied@hidden.example"}
    (partner,) = client.result("create", {"model": "res.partner", "values": json.dumps(of)})["ids"]
    model, name = copy
    values = json.dumps({"name": "copies", "partner_id": partner})
    with restrict.access("res.partner", hidden=[field]):
        tried = client.result("create", {"model": model, "values": values, "dry_run": True})
        assert "copied@hidden" not in json.dumps(tried)
        made = client.result("create", {"model": model, "values": values})["ids"]
        assert name in client.refusal("read", {"model": model, "ids": made, "fields": [name]})
        assert "copied@hidden" not in json.dumps(client.result("read", {"model": model, "ids": made}))
    assert "copied@hidden" in json.dumps(client.result("read", {"model": model, "ids": made, "fields": [name]}))
    client.result("unlink", {"model": model, "ids": made})
    client.result("unlink", {"model": "res.partner", "ids": [partner]})


@pytest.mark.parametrize(
    ("order", "model", "field", "copy", "totals"),
    [
        ("sale.order", "product.template", "list_price", "price_unit", "amount_total"),
        ("purchase.order", "product.product", "standard_price", "price_unit", "amount_total"),
        ("sale.order", "product.template", "description_sale", "name", None),
    ],
)
def test_lines_show_no_price_or_text_that_is_hidden_of_their_product(
    world, client, restrict, order, model, field, copy, totals
):
    value = 7331.5 if field.endswith("price") else "hidden-of-products"
    product = {"name": "Copied Product", "list_price": 1, field: value}
    (product,) = client.result("create", {"model": "product.product", "values": json.dumps(product)})["ids"]
    line = {"product_id": product}
    values = json.dumps({"partner_id": world.partners[0], "order_line": [[0, 0, line]]})
    # 7331.5, 7,331.50 or 7331.50
    quoted = ("7331.5", "7,331.5", "hidden-of-products")
    with restrict.access(model, hidden=[field]):
        tried = json.dumps(client.result("create", {"model": order, "values": values, "dry_run": True}))
        assert not any(text in tried for text in quoted), tried
        made = client.result("create", {"model": order, "values": values})["ids"]
        lines = {"model": f"{order}.line", "domain": json.dumps([["order_id", "in", made]])}
        (line,) = client.result("search", lines)["rows"]
        read = {"model": f"{order}.line", "ids": [line[0]]}
        assert copy in client.refusal("read", {**read, "fields": [copy]})
        assert not any(text in json.dumps(client.result("read", read)) for text in quoted)
        if totals:
            assert totals in client.refusal("read", {"model": order, "ids": made, "fields": [totals]})
    assert any(text in json.dumps(client.result("read", {**read, "fields": [copy]})) for text in quoted)
    client.result("write", {"model": "product.product", "ids": [product], "values": '{"active": false}'})


def test_what_a_method_reads_without_declaring_it_is_hidden(client, db, restrict):
    """The name of a type of transfers has that of its warehouse; Odoo declares the warehouse only."""
    kind, name = db.rows(
        "SELECT t.id, w.name FROM stock_picking_type t JOIN stock_warehouse w ON w.id = t.warehouse_id ORDER BY t.id"
    )[0].values()
    warehouse = db.value("SELECT warehouse_id FROM stock_picking_type WHERE id = %s", kind)
    ask = {"model": "stock.picking.type", "ids": [kind], "fields": ["display_name"]}
    assert name in json.dumps(client.result("read", ask))
    of_warehouse = {"model": "stock.warehouse", "ids": [warehouse], "fields": ["in_type_id"]}
    with restrict.access("stock.warehouse", hidden=["name"]):
        assert "hidden" in client.refusal("read", ask)
        assert name not in json.dumps(client.result("read", of_warehouse))


def test_words_of_odoo_quote_no_hidden_name_of_a_record_that_is_named(client, db, restrict):
    product = db.value("SELECT min(id) FROM product_product WHERE active")
    warehouse, name = db.rows("SELECT id, name FROM stock_warehouse ORDER BY company_id DESC LIMIT 1")[0].values()
    company = db.value("SELECT min(company_id) FROM stock_warehouse")
    values = {
        "product_id": product,
        "product_tmpl_id": db.value("SELECT product_tmpl_id FROM product_product WHERE id = %s", product),
        "warehouse_id": warehouse,
        "company_id": company,
        "product_uom_id": db.value("SELECT min(id) FROM uom_uom"),
        "quantity": 1,
    }
    ask = {"model": "product.replenish", "values": json.dumps(values), "dry_run": True}
    with restrict.access("hr.department", hidden=["name"]):
        assert name in client.refusal("create", ask)
    with restrict.access("stock.warehouse", hidden=["name"]):
        said = client.refusal("create", ask)
    assert name not in said and "not passed on" in said and "stock.warehouse" in said


def test_a_value_names_no_record_that_may_not_be_read(world, client, db, restrict):
    """Odoo copies fields of it into the record that names it, whatever else is shown of that."""
    of = {"name": "Copied From", "phone": "+32 2 555 77 77", "street": "Copied Street 1"}
    (partner,) = client.result("create", {"model": "res.partner", "values": json.dumps(of)})["ids"]
    lead = world.leads[0]
    before = db.value("SELECT partner_id FROM crm_lead WHERE id = %s", lead)
    scope = {"crm.lead": {}, "crm.tag": {"off": ["read"]}, "project.task": {}}

    def asked(values):
        given = json.dumps({"name": "names a record", **values})
        yield "create", {"model": "crm.lead", "values": given}
        yield "create", {"model": "crm.lead", "values": given, "dry_run": True}
        yield "write", {"model": "crm.lead", "ids": [lead], "values": given}

    tag = db.value("SELECT min(id) FROM crm_tag")
    with restrict.scope(world["admin"].keys["mcp"], scope.items(), all_models=False):
        for values in ({"partner_id": partner}, {"tag_ids": [[4, tag]]}, {"tag_ids": [[6, 0, [tag]]]}):
            for tool, arguments in asked(values):
                said = client.refusal(tool, arguments)
                assert "may not read it" in said and "[key_scope]" in said and "Copied" not in said, said
        # What Odoo takes by default can be named, and so can what the caller may read, and nothing.
        admin = db.value("SELECT user_id FROM res_users_apikeys WHERE index = %s", world["admin"].keys["mcp"][:8])
        for values in ({"user_id": admin}, {"company_id": 1}, {"partner_id": False}, {"tag_ids": []}):
            client.result("create", {"model": "crm.lead", "values": json.dumps({"name": "names", **values})})
        other = json.dumps({"name": "x", "user_id": admin + 1})
        said = client.refusal("create", {"model": "crm.lead", "values": other})
        assert "may not read it" in said
    with restrict.access("res.partner", off=["read"]):
        for tool, arguments in asked({"partner_id": partner}):
            assert "may not read it" in client.refusal(tool, arguments)
    # A wizard is a record like any other.
    with restrict.access("res.partner", off=["read"]):
        values = json.dumps({"name": "create", "partner_id": partner})
        said = client.refusal("create", {"model": "crm.lead2opportunity.partner", "values": values})
        assert "may not read it" in said
    assert db.value("SELECT partner_id FROM crm_lead WHERE id = %s", lead) == before
    assert db.value("SELECT count(*) FROM crm_lead WHERE partner_id = %s", partner) == 0


def test_wizards_that_show_what_a_template_makes_are_closed_where_something_is_hidden(client, db, restrict):
    wizards = [row["model"] for row in db.rows("SELECT model FROM mcp_model_fact WHERE kind = 'template'")]
    assert "mail.template.preview" in wizards
    for wizard in wizards:
        with restrict.access("res.partner", hidden=["comment"]):
            for said in (
                client.refusal("create", {"model": wizard, "values": "{}"}),
                client.refusal("method_call", {"model": wizard, "method": "action_send_mail", "ids": [1]}),
            ):
                assert "[closed]" in said, said
    with restrict.access("res.partner", hidden=["comment"]), restrict.access("mail.template.preview"):
        client.result("default_get", {"model": "mail.template.preview", "fields": ["mail_template_id"]})


# -- what a reader of the code found -----------------------------------------------------------------


@pytest.mark.parametrize("model", ["mail.template", "mail.compose.message", "account.move.send.wizard"])
def test_models_that_render_code_are_closed_to_everybody(client, db, restrict, model):
    subject = json.dumps({"subject": "{{ env['ir.config_parameter'].sudo().get_param('database.secret') }}"})
    assert "code can stand" in client.refusal("create", {"model": model, "values": subject})
    assert "code can stand" in client.refusal("method_call", {"model": model, "method": "action_send_mail", "ids": [1]})
    assert client.result("explain_access", {"model": model, "operation": "create"})["layer"] == "closed"


def test_an_opened_user_gets_no_rights_by_it(world, client, db, restrict):
    """Groups are closed, and a user's groups are values of the groups, too."""
    sally = world["sally"].id
    group = db.value("SELECT res_id FROM ir_model_data WHERE module = 'base' AND name = 'group_system'")
    held = "SELECT count(*) FROM res_groups_users_rel WHERE uid = %s AND gid = %s"
    with restrict.access("res.users"):
        for command in ([4, group], [6, 0, [group]]):
            values = json.dumps({"group_ids": [command]})
            said = client.refusal("write", {"model": "res.users", "ids": [sally], "values": values})
            assert "res.groups" in said and "closed to MCP" in said, said
    assert db.value(held, sally, group) == 0


def test_lines_are_not_deleted_through_their_order(client, db, restrict):
    line, order = db.rows(
        "SELECT l.id, l.order_id FROM sale_order_line l JOIN sale_order o ON o.id = l.order_id"
        " WHERE o.state = 'draft' ORDER BY l.id LIMIT 1"
    )[0].values()
    with restrict.access("sale.order.line", off=["unlink"]):
        for command in ([2, line], [3, line], [5], [6, 0, []]):
            values = json.dumps({"order_line": [command]})
            said = client.refusal("write", {"model": "sale.order", "ids": [order], "values": values})
            assert "unlink is not allowed" in said, said
    assert db.value("SELECT count(*) FROM sale_order_line WHERE id = %s", line) == 1


def test_messages_of_a_child_follow_its_parent(client, db, restrict, variant):
    product, template, _name = variant
    message = db.value(
        "INSERT INTO mail_message (model, res_id, body, message_type, date)"
        " VALUES ('product.product', %s, 'quoted', 'comment', now()) RETURNING id",
        product,
    )
    ask = {"model": "mail.message", "domain": json.dumps([["id", "=", message]]), "fields": ["body"]}
    assert client.result("search", ask)["rows"]
    for made in (
        restrict.access("product.template", hidden=["description"]),
        restrict.access("product.template", domain=[["id", "!=", template]]),
        restrict.access("product.template", off=["read"]),
    ):
        with made:
            assert client.result("search", ask)["rows"] == []
    db.run("DELETE FROM mail_message WHERE id = %s", message)


def test_an_activity_is_ended_by_who_may_write_it(world, client, db, restrict):
    lead = {"model": "crm.lead", "ids": world.leads[:1], "method": "activity_schedule"}
    client.result("method_call", {**lead, "kwargs": json.dumps({"summary": "ended by whom"})})
    activity = db.value("SELECT max(id) FROM mail_activity WHERE summary = 'ended by whom'")
    end = {"model": "mail.activity", "ids": [activity], "method": "action_feedback"}
    with restrict.access("mail.activity", off=["write", "unlink"]):
        assert "write is not allowed" in client.refusal("method_call", end)
    client.result("method_call", end)


def test_what_browsers_run_is_not_changed_as_a_file(client, db):
    for values in ({"url": "/web/assets/1/x/evil.min.js"}, {"res_model": "ir.ui.view", "res_id": 1}):
        made = {"name": "evil", "raw": "YWxlcnQoKQ==", **values}
        said = client.refusal("create", {"model": "ir.attachment", "values": json.dumps(made)})
        assert "out of reach" in said, said
        # A document of a product is a file, too.
        client.refusal("create", {"model": "product.document", "values": json.dumps(made)})
    assert db.value("SELECT count(*) FROM ir_attachment WHERE name = 'evil'") == 0


def test_nothing_is_changed_under_a_restriction_while_nobody_knows_what_a_change_reaches(client, db, restrict, variant):
    product = variant[0]
    write = {"model": "product.product", "ids": [product], "values": json.dumps({"default_code": "UNKNOWN"})}
    (digest,) = db.rows("DELETE FROM mcp_field_dependency WHERE model = '' RETURNING field")
    try:
        with restrict.access("product.template", off=["write"]):
            assert "is not known" in client.refusal("write", write)
            ask = {"model": "sale.order", "method": "action_view_invoice", "ids": [1]}
            assert "is not known" in client.refusal("method_call", ask)
        client.result("write", write)
    finally:
        db.run(
            "INSERT INTO mcp_field_dependency (model, field, on_model, on_field, related, beyond)"
            " VALUES ('', %s, '', '', false, false)",
            digest["field"],
        )


# -- what a second hostile reader found ----------------------------------------------------------------


def test_properties_are_not_defined_by_who_may_not_write_their_container(world, client, db, restrict):
    lead = db.value("SELECT id FROM crm_lead WHERE team_id IS NOT NULL ORDER BY id LIMIT 1")
    team = db.value("SELECT team_id FROM crm_lead WHERE id = %s", lead)
    definition = "SELECT lead_properties_definition::text FROM crm_team WHERE id = %s"
    before = db.value(definition, team)
    item = {"name": "aaaabbbbccccdddd", "type": "char", "string": "Mine", "value": "x", "definition_changed": True}
    write = {"model": "crm.lead", "ids": [lead], "values": json.dumps({"lead_properties": [item]})}
    with restrict.access("crm.team", off=["write", "create", "unlink"]):
        said = client.refusal("write", write)
        assert "crm.team" in said and "[override]" in said
    with restrict.scope(world["admin"].keys["mcp"], [("crm.lead", {})], all_models=False):
        assert "[key_scope]" in client.refusal("write", write)
    employee = {**item, "type": "many2one", "comodel": "hr.employee", "value": 1}
    with restrict.access("hr.employee", off=["read"]):
        values = json.dumps({"lead_properties": [employee]})
        assert "may not read it" in client.refusal("write", {**write, "values": values})
    assert db.value(definition, team) == before


def test_a_button_takes_no_arguments(client, db, restrict, restricted):
    order = db.value("SELECT min(id) FROM purchase_order")
    press = {"model": "purchase.order", "ids": [order], "method": "action_create_invoice"}
    assert "without arguments" in client.refusal("method_call", {**press, "args": "[[1]]"})
    assert "without arguments" in client.refusal("method_call", {**press, "kwargs": '{"attachment_ids": [1]}'})
    with restrict.access("purchase.order", methods="action_create_invoice"):
        assert "without arguments" not in client.refusal("method_call", {**press, "args": "[[999999]]"})


def test_mails_show_no_links_where_something_is_hidden(client, db, restrict):
    mail = db.value(
        "INSERT INTO mail_message (model, res_id, body, message_type, date)"
        " VALUES ('res.partner', 1, '', 'email_outgoing', now()) RETURNING id"
    )
    number = db.value(
        "INSERT INTO mail_mail (mail_message_id, body_html, state)"
        " VALUES (%s, '<a href=\"/mail/view?access_token=open-sesame\">x</a>', 'sent') RETURNING id",
        mail,
    )
    ask = {"model": "mail.mail", "ids": [number], "fields": ["body_html"], "html": "html"}
    assert "open-sesame" in json.dumps(client.result("read", ask))
    with restrict.access("hr.department", hidden=["note"]):
        assert "links" in client.refusal("read", ask)
        client.refusal("count", {"model": "mail.mail", "domain": '[["body_html", "like", "access_token=o"]]'})
    db.run("DELETE FROM mail_message WHERE id = %s", mail)


def test_former_values_are_not_shown_where_something_is_hidden(client, db, restrict):
    assert client.result("count", {"model": "mail.tracking.value"})["count"] >= 0
    with restrict.access("res.partner", hidden=["email"]):
        for tool, more in (("search", {"fields": ["new_value_char"]}), ("count", {})):
            assert "[closed]" in client.refusal(tool, {"model": "mail.tracking.value", **more})
        preview = {"model": "mail.message", "fields": ["account_audit_log_preview"], "limit": 1}
        assert "quotes" in client.refusal("search", preview)
    task = client.result("search", {"model": "project.task", "fields": ["id"], "limit": 1})["rows"][0][0]
    history = '{"description": [{"patch": "TOP-SECRET-PLAN", "revision_id": 1}]}'
    db.run("UPDATE project_task SET html_field_history = %s::jsonb WHERE id = %s", history, task)
    ask = {"model": "project.task", "ids": [task], "fields": ["html_field_history"]}
    assert "TOP-SECRET-PLAN" in json.dumps(client.result("read", ask))
    with restrict.access("project.task", hidden=["description"]):
        assert "hidden" in client.refusal("read", ask)
    db.run("UPDATE project_task SET html_field_history = NULL WHERE id = %s", task)


def test_a_name_that_a_method_takes_apart_is_not_written(world, client, db, restrict):
    task = db.value("SELECT max(id) FROM project_task")
    values = json.dumps({"display_name": "Foo #brandnewtag @Marc"})
    with restrict.scope(world["admin"].keys["mcp"], [("project.task", {})], all_models=False):
        assert "of a name" in client.refusal("write", {"model": "project.task", "ids": [task], "values": values})
    assert db.value("SELECT count(*) FROM project_tags WHERE name::text LIKE '%%brandnewtag%%'") == 0


@pytest.mark.parametrize(
    ("off", "model", "record", "values"),
    [
        ("stock.quant", "product.product", "SELECT min(id) FROM product_product p WHERE EXISTS (SELECT FROM"
         " product_template t WHERE t.id = p.product_tmpl_id AND t.is_storable AND t.active) AND p.active",
         {"qty_available": 777}),
        ("account.move.line", "account.account", "SELECT min(id) FROM account_account WHERE active",
         {"opening_debit": 1234}),
    ],
)  # fmt: skip
def test_a_method_that_writes_a_value_writes_nothing_that_may_not_be_written(
    client, db, restrict, off, model, record, values
):
    number = db.value(record)
    table = off.replace(".", "_")
    digest = f"SELECT md5(string_agg(t::text, '' ORDER BY t.id)) FROM {table} t"
    before = db.value(digest)
    write = {"model": model, "ids": [number], "values": json.dumps(values)}
    with restrict.access(off, off=["write", "create", "unlink"]):
        said = client.refusal("write", write)
    assert off in said and "[override]" in said, said
    assert db.value(digest) == before


def test_an_analytic_distribution_tells_no_names(client, db, restrict):
    account = db.value("SELECT min(id) FROM account_analytic_account")
    line = db.value("SELECT min(id) FROM sale_order_line WHERE display_type IS NULL")
    ask = {"model": "sale.order.line", "domain": json.dumps([["analytic_distribution", "ilike", "T"]])}
    client.result("count", ask)
    values = json.dumps({"analytic_distribution": {str(account): 100}})
    with restrict.access("account.analytic.account", off=["read"]):
        assert "searched by a method" in client.refusal("count", ask)
        said = client.refusal("write", {"model": "sale.order.line", "ids": [line], "values": values})
        assert "may not read it" in said


def test_companies_are_listed_as_far_as_they_are_shown(client, db, restrict):
    first = db.value("SELECT min(id) FROM res_company")
    whole = client.result("list_companies")
    assert {"name", "currency"} <= set(whole["columns"]) and len(whole["rows"]) >= 1
    with restrict.access("res.company", hidden=["currency_id"]):
        assert "currency" not in client.result("list_companies")["columns"]
    with restrict.access("res.company", domain=[["id", "!=", first]]):
        numbers = [row[0] for row in client.result("list_companies")["rows"]]
        assert first not in numbers and len(numbers) == len(whole["rows"]) - 1


def test_an_activity_copies_no_text_of_a_type_that_may_not_be_read(world, client, db, restrict):
    kind = db.value("SELECT min(id) FROM mail_activity_type")
    plan = {"model": "crm.lead", "ids": world.leads[:1], "method": "activity_schedule"}
    with restrict.access("mail.activity.type", off=["read"]):
        for named in ({"activity_type_id": kind}, {"act_type_xmlid": "mail.mail_activity_data_todo"}):
            said = client.refusal("method_call", {**plan, "kwargs": json.dumps(named)})
            assert "read is not allowed" in said, said
    with restrict.access("mail.activity.type", hidden=["default_note"]):
        assert "note" in client.refusal("search", {"model": "mail.activity", "fields": ["note"]})


def test_a_dry_run_names_no_sequence_that_is_hidden(client, db, restrict):
    kind, source, target = db.rows(
        "SELECT id, default_location_src_id, default_location_dest_id FROM stock_picking_type"
        " WHERE code = 'internal' ORDER BY id LIMIT 1"
    )[0].values()
    values = {"picking_type_id": kind, "location_id": source, "location_dest_id": target}
    ask = {"model": "stock.picking", "values": json.dumps(values), "dry_run": True}
    told = client.result("create", ask)["dry_run"]["sequences"]
    assert told and told[0]["name"]
    with restrict.access("ir.sequence", off=["read"]):
        told = client.result("create", ask)["dry_run"]["sequences"]
        assert told and all(one["name"] is None for one in told)


def test_a_template_is_not_named_where_something_is_hidden(client, db, restrict):
    template = db.value("SELECT id FROM mail_template WHERE model = 'project.task' ORDER BY id LIMIT 1")
    values = json.dumps({"name": "Mails", "mail_template_id": template})
    with restrict.access("res.partner", hidden=["email"]):
        said = client.refusal("create", {"model": "project.task.type", "values": values})
        assert "mail.template" in said
    made = client.result("create", {"model": "project.task.type", "values": values})["ids"]
    client.result("unlink", {"model": "project.task.type", "ids": made})


def test_what_tells_of_a_message_follows_it(client, db, restrict):
    message = db.value(
        "INSERT INTO mail_message (model, res_id, body, message_type, date)"
        " VALUES ('hr.employee', 1, 'quoted', 'comment', now()) RETURNING id"
    )
    db.run("INSERT INTO sms_sms (mail_message_id, body, state) VALUES (%s, 'EMPLOYEE-SMS', 'sent')", message)
    ask = {"model": "sms.sms", "fields": ["body"], "limit": 100, "order": "id desc"}
    assert "EMPLOYEE-SMS" in json.dumps(client.result("search", ask))
    with restrict.access("hr.employee", off=["read"]):
        assert "EMPLOYEE-SMS" not in json.dumps(client.result("search", ask))
    telling = {row["model"] for row in db.rows("SELECT model FROM mcp_model_fact WHERE other LIKE '%%.model'")}
    assert "mail.message.translation" in telling and "mail.notification" in telling
    db.run("DELETE FROM sms_sms WHERE mail_message_id = %s", message)
    db.run("DELETE FROM mail_message WHERE id = %s", message)
