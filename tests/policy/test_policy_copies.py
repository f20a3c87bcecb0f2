"""No copy reveals hidden data: links, values that Odoo copies, names, former values, messages."""

import json

import pytest


@pytest.fixture
def client(world, door):
    """An administrator with a key that can have a scope."""
    return world.client(door, "admin", "mcp")


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
    """The name of a transfer type contains the name of its warehouse, but its declared dependencies name only the
    warehouse."""
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
    assert name not in said and "is withheld" in said and "stock.warehouse" in said


def test_a_value_names_no_record_that_may_not_be_read(world, client, db, restrict):
    """Odoo copies the related record's fields into the record that names it."""
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
        # The caller may set Odoo's default, a record that the caller may read, or nothing.
        admin = db.value("SELECT user_id FROM res_users_apikeys WHERE index = %s", world["admin"].keys["mcp"][:8])
        for values in ({"user_id": admin}, {"company_id": 1}, {"partner_id": False}, {"tag_ids": []}):
            client.result("create", {"model": "crm.lead", "values": json.dumps({"name": "names", **values})})
        other = json.dumps({"name": "x", "user_id": admin + 1})
        said = client.refusal("create", {"model": "crm.lead", "values": other})
        assert "may not read it" in said
    with restrict.access("res.partner", off=["read"]):
        for tool, arguments in asked({"partner_id": partner}):
            assert "may not read it" in client.refusal(tool, arguments)
    # The rules for records also apply to wizards.
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


def test_an_analytic_distribution_tells_no_names(client, db, restrict):
    account = db.value("SELECT min(id) FROM account_analytic_account")
    line = db.value("SELECT min(id) FROM sale_order_line WHERE display_type IS NULL")
    ask = {"model": "sale.order.line", "domain": json.dumps([["analytic_distribution", "ilike", "T"]])}
    client.result("count", ask)
    values = json.dumps({"analytic_distribution": {str(account): 100}})
    with restrict.access("account.analytic.account", off=["read"]):
        assert "has its own search method" in client.refusal("count", ask)
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
