"""Values that affect another model than the one written: relations, properties, methods that write them."""

import json

import pytest


@pytest.fixture
def client(world, door):
    """An administrator with a key that can have a scope."""
    return world.client(door, "admin", "mcp")


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


def test_a_value_that_a_method_may_write_elsewhere_is_taken_if_it_does_not(world, client, db, restrict):
    lead = {"name": "Elsewhere", "phone": "+32 470 00 00 01"}
    with restrict.access("res.partner", off=["write"]):
        made = client.result("create", {"model": "crm.lead", "values": json.dumps(lead)})["ids"]
        # When the lead has a contact, Odoo also writes the number to the contact.
        number = "SELECT phone FROM res_partner WHERE id = %s"
        before = db.value(number, world.partners[0])
        said = client.refusal(
            "create", {"model": "crm.lead", "values": json.dumps({**lead, "partner_id": world.partners[0]})}
        )
        assert "res.partner" in said and db.value(number, world.partners[0]) == before
    client.result("unlink", {"model": "crm.lead", "ids": made})


def test_properties_are_not_defined_by_who_may_not_write_their_container(world, client, db, restrict):
    lead = db.value("SELECT id FROM crm_lead WHERE team_id IS NOT NULL ORDER BY id LIMIT 1")
    team = db.value("SELECT team_id FROM crm_lead WHERE id = %s", lead)
    definition = "SELECT lead_properties_definition::text FROM crm_team WHERE id = %s"
    before = db.value(definition, team)
    item = {"name": "aaaabbbbccccdddd", "type": "char", "string": "Mine", "value": "x", "definition_changed": True}
    write = {"model": "crm.lead", "ids": [lead], "values": json.dumps({"lead_properties": [item]})}
    with restrict.access("crm.team", off=["write", "create", "unlink"]):
        said = client.refusal("write", write)
        assert "crm.team" in said and "[access_record]" in said
    with restrict.scope(world["admin"].keys["mcp"], [("crm.lead", {})], all_models=False):
        assert "[key_scope]" in client.refusal("write", write)
    employee = {**item, "type": "many2one", "comodel": "hr.employee", "value": 1}
    with restrict.access("hr.employee", off=["read"]):
        values = json.dumps({"lead_properties": [employee]})
        assert "may not read it" in client.refusal("write", {**write, "values": values})
    assert db.value(definition, team) == before


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
    assert off in said and "[access_record]" in said, said
    assert db.value(digest) == before


def test_a_template_is_not_named_where_something_is_hidden(client, db, restrict):
    template = db.value("SELECT id FROM mail_template WHERE model = 'project.task' ORDER BY id LIMIT 1")
    values = json.dumps({"name": "Mails", "mail_template_id": template})
    with restrict.access("res.partner", hidden=["email"]):
        said = client.refusal("create", {"model": "project.task.type", "values": values})
        assert "mail.template" in said
    made = client.result("create", {"model": "project.task.type", "values": values})["ids"]
    client.result("unlink", {"model": "project.task.type", "ids": made})


def test_the_log_of_a_change_keeps_no_value_from_being_written(world, client, db, restrict):
    """Odoo logs the change of a lead's phone in a message. Restrictions of messages or of a report model do not prevent
    the write."""
    (lead,) = client.result("create", {"model": "crm.lead", "values": '{"name": "Logged"}'})["ids"]
    scope = {"crm.lead": {}, "mail.message": {"off": ["write", "create"]}, "sale.report": {"off": ["write", "create"]}}
    with restrict.scope(world["admin"].keys["mcp"], scope.items(), all_models=False):
        values = json.dumps({"phone": "+32 2 555 44 44", "priority": "2"})
        client.result("write", {"model": "crm.lead", "ids": [lead], "values": values})
    assert db.value("SELECT phone FROM crm_lead WHERE id = %s", lead) == "+32 2 555 44 44"
