"""Indirect ways around the policy: closed models through another table or model, passwords, apps."""

import contextlib
import json

import pytest

OPERATIONS = ["write", "create", "unlink", "call"]


@pytest.fixture
def client(world, door):
    """An administrator with a key that can have a scope."""
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
        # Its app is not in the demo database, so the name alone must be refused.
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
            # No method of users can be called unless an access record opens the model.
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
    # This also holds after groups were opened.
    with restrict.access("res.groups"):
        for command in ([5], [6, 0, []], [3, rule], [2, rule], [4, rule]):
            said = client.refusal("write", {**write, "values": json.dumps({"rule_groups": [command]})})
            assert "ir.rule" in said and "closed to MCP" in said, said
    assert db.value("SELECT count(*) FROM rule_group_rel WHERE group_id = %s", group) == rules


# -- records of two models ----------------------------------------------------------------------------


@pytest.fixture
def variant(db):
    """The ids of a product and its template, and the template's name."""
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
    """A follower of a record gets its next message by e-mail."""
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
    """A restriction for everybody: nobody can write departments."""
    with restrict.access(WHOLE, off=["write"]):
        yield


def test_with_a_restriction_only_listed_methods_and_buttons_are_called(world, client, restrict, restricted):
    order = world.orders[0]
    ask = {"model": "sale.order", "ids": [order]}
    said = client.refusal("method_call", {**ask, "method": "get_portal_url"})
    assert "by name" in said and "get_portal_url" in said
    # Buttons of an order, and methods with no further effects.
    client.result("method_call", {**ask, "method": "action_view_invoice"})
    client.result("method_call", {**ask, "method": "message_post", "kwargs": '{"body": "note"}'})
    with restrict.access("sale.order", methods="get_portal_url"):
        client.result("method_call", {**ask, "method": "get_portal_url"})
    # The buttons of a restricted model are not on the list of allowed methods.
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
        # The server does not suggest methods that cannot be called.
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


# -- cases found by code review --------------------------------------------------------------------------


@pytest.mark.parametrize("model", ["mail.template", "mail.compose.message", "account.move.send.wizard"])
def test_models_that_render_code_are_closed_to_everybody(client, db, restrict, model):
    subject = json.dumps({"subject": "{{ env['ir.config_parameter'].sudo().get_param('database.secret') }}"})
    assert "code can stand" in client.refusal("create", {"model": model, "values": subject})
    assert "code can stand" in client.refusal("method_call", {"model": model, "method": "action_send_mail", "ids": [1]})
    assert client.result("explain_access", {"model": model, "operation": "create"})["layer"] == "closed"


def test_an_opened_user_gets_no_rights_by_it(world, client, db, restrict):
    """Groups are closed. A user's groups are also values of the groups."""
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
        assert "does not allow this caller" in said, said
        # A product document is also a file.
        client.refusal("create", {"model": "product.document", "values": json.dumps(made)})
    assert db.value("SELECT count(*) FROM ir_attachment WHERE name = 'evil'") == 0


def test_nothing_is_changed_under_a_restriction_while_nobody_knows_what_a_change_reaches(client, db, restrict, variant):
    product = variant[0]
    write = {"model": "product.product", "ids": [product], "values": json.dumps({"default_code": "UNKNOWN"})}
    (digest,) = db.rows("DELETE FROM mcp_field_dependency WHERE model = '' RETURNING field")
    try:
        with restrict.access("product.template", off=["write"]):
            assert "has not yet registered" in client.refusal("write", write)
            ask = {"model": "sale.order", "method": "action_view_invoice", "ids": [1]}
            assert "has not yet registered" in client.refusal("method_call", ask)
        client.result("write", write)
    finally:
        db.run(
            "INSERT INTO mcp_field_dependency (model, field, on_model, on_field, related, beyond)"
            " VALUES ('', %s, '', '', false, false)",
            digest["field"],
        )


def test_a_button_takes_no_arguments(client, db, restrict, restricted):
    order = db.value("SELECT min(id) FROM purchase_order")
    press = {"model": "purchase.order", "ids": [order], "method": "action_create_invoice"}
    assert "only as a button" in client.refusal("method_call", {**press, "args": "[[1]]"})
    assert "only as a button" in client.refusal("method_call", {**press, "kwargs": '{"attachment_ids": [1]}'})
    with restrict.access("purchase.order", methods="action_create_invoice"):
        assert "without arguments" not in client.refusal("method_call", {**press, "args": "[[999999]]"})
