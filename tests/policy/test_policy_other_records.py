"""Records that a change would reach beside its own: none of them may be out of reach of the caller.

Odoo copies values to other records of the same model, writes related fields and definitions of properties, makes
members, and empties the fields that name a deleted record.
"""

import json

import pytest
from support import undo

OFF = ["write", "create", "unlink"]
ALL_OFF = ["read", *OFF, "call"]
PARTNER, LEAD, EVENT, TEAM = "res.partner", "crm.lead", "calendar.event", "crm.team"


@pytest.fixture
def client(world, door):
    """An administrator with a key that can have a scope."""
    return world.client(door, "admin", "mcp")


def _create(client, model, **values):
    return client.result("create", {"model": model, "values": json.dumps(values)})["ids"][0]


def _write(model, record, **values):
    return {"model": model, "ids": [record], "values": json.dumps(values)}


def _unlink(model, record):
    return {"model": model, "ids": [record]}


def _is_out_of_reach(said, model):
    return f"records of {model} that the policy does not allow" in said and "[record_domain]" in said


# -- records of the same model -----------------------------------------------------------------------


@pytest.mark.parametrize("to", ["parent", "child"])
@pytest.mark.parametrize(("field", "value"), [("street", "Another Street 1"), ("vat", "BE0477472701")])
def test_a_contact_gives_no_value_to_a_contact_out_of_reach(client, db, restrict, to, field, value):
    """Odoo copies addresses and tax numbers between a company and its contacts."""
    parent = _create(client, PARTNER, name="Parent", is_company=True, street="Before 1", zip="1", company_registry="c")
    child = _create(client, PARTNER, name="Child", parent_id=parent, type="contact")
    mine, other = (child, parent) if to == "parent" else (parent, child)
    write = _write(PARTNER, mine, **{field: value})
    stored = f"SELECT {field} FROM res_partner WHERE id = %s"
    before = [db.value(stored, number) for number in (mine, other)]
    with restrict.access(PARTNER, domain=[["id", "=", mine]]):
        said = client.refusal("write", write)
        assert _is_out_of_reach(said, PARTNER), said
    assert [db.value(stored, number) for number in (mine, other)] == before
    with restrict.access(PARTNER, domain=[["id", "in", [mine, other]]]):
        client.result("write", write)
    assert db.value(stored, other) == value


def test_an_event_changes_no_other_event_out_of_reach(client, db, restrict):
    """The value says that all events of the recurrence change."""
    times = {"start": "2030-01-07T10:00:00+00:00", "stop": "2030-01-07T11:00:00+00:00"}
    rule = {"recurrency": True, "rrule_type": "daily", "end_type": "count", "count": 3, "interval": 1}
    first = _create(client, EVENT, name="before", **times, **rule)
    names = (
        "SELECT array_agg(DISTINCT name) FROM calendar_event WHERE recurrence_id ="
        " (SELECT recurrence_id FROM calendar_event WHERE id = %s)"
    )
    write = _write(EVENT, first, recurrence_update="all_events", name="after")
    with restrict.access(EVENT, domain=[["id", "=", first]]):
        said = client.refusal("write", write)
        assert _is_out_of_reach(said, EVENT), said
    assert db.value(names, first) == ["before"]
    client.result("write", write)
    assert db.value(names, first) == ["after"]


# -- records that lose a value -----------------------------------------------------------------------


@pytest.mark.parametrize(("how", "layer"), [("off", "access_record"), ("domain", "record_domain")])
@pytest.mark.parametrize(
    ("model", "field"),
    [
        ("product.pricelist", "specific_property_product_pricelist"),
        ("account.fiscal.position", "property_account_position_id"),
    ],
)
def test_a_deletion_empties_no_value_of_a_company_out_of_reach(world, client, db, restrict, how, layer, model, field):
    """Such a field has a record for each company, in one column. Odoo empties it by SQL."""
    gone, free = (_create(client, model, name=name) for name in ("To go", "Of nobody"))
    partner = _create(client, PARTNER, name="Keeps")
    value = {str(world.main): gone}
    db.run(f"UPDATE res_partner SET {field} = %s WHERE id = %s", json.dumps(value), partner)
    stored = f"SELECT {field} FROM res_partner WHERE id = %s"
    there = f"SELECT count(*) FROM {model.replace('.', '_')} WHERE id = %s"
    with restrict.access(PARTNER, **{"off": {"off": OFF}, "domain": {"domain": [["id", "!=", partner]]}}[how]):
        for more in ({}, {"dry_run": True}):
            said = client.refusal("unlink", {**_unlink(model, gone), **more})
            assert f"remove a value from records of {PARTNER}" in said and f"[{layer}]" in said, said
        # Nothing names this one.
        client.result("unlink", _unlink(model, free))
    assert db.value(stored, partner) == value and db.value(there, gone) == 1
    # A caller who may write the contact may empty the field.
    with restrict.access(PARTNER, off=["unlink"]):
        client.result("unlink", _unlink(model, gone))
    assert gone not in (db.value(stored, partner) or {}).values()


def test_a_deletion_at_any_depth_empties_no_list_of_a_record_out_of_reach(client, db, restrict):
    top = _create(client, "res.partner.category", name="Top")
    below = _create(client, "res.partner.category", name="Below", parent_id=top)
    partner = _create(client, PARTNER, name="Stays", category_id=[[4, below]])
    with restrict.access(PARTNER, off=OFF):
        said = client.refusal("unlink", _unlink("res.partner.category", top))
    assert f"remove a value from records of {PARTNER}" in said and "[access_record]" in said, said
    count = "SELECT count(*) FROM res_partner_res_partner_category_rel WHERE partner_id = %s"
    assert db.value(count, partner) == 1


def test_a_command_empties_no_list_of_a_record_out_of_reach(client, db, restrict):
    tag = _create(client, "crm.tag", name="To go by a command")
    mine, other = (_create(client, LEAD, name=name, tag_ids=[[4, tag]]) for name in ("mine", "other"))
    with restrict.access(LEAD, domain=[["id", "!=", other]]):
        said = client.refusal("write", _write(LEAD, mine, tag_ids=[[2, tag]]))
    assert f"remove a value from records of {LEAD}" in said and "[record_domain]" in said, said
    assert db.value("SELECT count(*) FROM crm_tag_rel WHERE tag_id = %s", tag) == 2


@pytest.mark.parametrize(
    ("table", "relation", "column"),
    [
        ("mcp_tool", "mcp_tool_group_rel", "tool_id"),
        ("mcp_prompt", "mcp_prompt_group_rel", "prompt_id"),
        ("mcp_resource", "mcp_resource_group_rel", "resource_id"),
    ],
)
def test_a_group_is_not_deleted_whose_loss_opens_a_record_to_everybody(client, db, restrict, table, relation, column):
    """A tool, a prompt or a resource without groups is everybody's. Users and groups are opened here."""
    record = db.value(f"SELECT max(id) FROM {table} WHERE name <> 'unlink'")
    group = db.value("""INSERT INTO res_groups (name) VALUES ('{"en_US": "The only group"}') RETURNING id""")
    db.run(f"INSERT INTO {relation} ({column}, group_id) VALUES (%s, %s)", record, group)
    try:
        with restrict.access("res.users"), restrict.access("res.groups"):
            said = client.refusal("unlink", _unlink("res.groups", group))
            assert "The operation cannot be completed" in said and "Nothing was changed" in said, said
        assert db.value(f"SELECT count(*) FROM {relation} WHERE {column} = %s AND group_id = %s", record, group) == 1
        assert db.value("SELECT count(*) FROM res_groups WHERE id = %s", group) == 1
    finally:
        db.run(f"DELETE FROM {relation} WHERE group_id = %s", group)
        db.run("DELETE FROM res_groups WHERE id = %s", group)


# -- records of other models that a value changes ----------------------------------------------------


def _related(client, db, owner):
    """A related field of a record of `owner`: model and id of the record, the field, and the id of the owner."""
    if owner == "res.bank":
        bank = _create(client, owner, name="before")
        partner = _create(client, PARTNER, name="Holder")
        account = _create(client, "res.partner.bank", acc_number=f"RELATED{bank}", partner_id=partner, bank_id=bank)
        return "res.partner.bank", account, "bank_name", bank
    if owner == "resource.resource":
        employee = _create(client, "hr.employee", name="before")
        resource = db.value("SELECT resource_id FROM hr_employee WHERE id = %s", employee)
        return "hr.employee", employee, "name", resource
    lead = _create(client, LEAD, name="inside")
    plan = {"model": LEAD, "ids": [lead], "method": "activity_schedule", "kwargs": json.dumps({"summary": "before"})}
    client.result("method_call", plan)
    activity = db.value("SELECT id FROM mail_activity WHERE res_model = 'crm.lead' AND res_id = %s", lead)
    return LEAD, lead, "activity_summary", activity


@pytest.mark.parametrize(
    ("owner", "column"), [("res.bank", "name"), ("resource.resource", "name"), ("mail.activity", "summary")]
)
def test_a_related_field_of_a_record_out_of_reach_is_not_written(client, db, restrict, owner, column):
    model, record, field, number = _related(client, db, owner)
    with restrict.access(owner, domain=[["id", "!=", number]]):
        said = client.refusal("write", _write(model, record, **{field: "after"}))
    assert f"values.{field}" in said and "[hidden_field]" in said, said
    assert db.value(f"SELECT {column} FROM {owner.replace('.', '_')} WHERE id = %s", number) == "before"


def test_a_value_defines_no_properties_of_a_team_out_of_reach(client, db, restrict):
    team = _create(client, TEAM, name="Outside")
    lead = _create(client, LEAD, name="inside", team_id=team)
    item = {"name": "aaaabbbbccccdddd", "type": "char", "string": "Mine", "value": "x", "definition_changed": True}
    write = _write(LEAD, lead, lead_properties=[item])
    definition = "SELECT lead_properties_definition::text FROM crm_team WHERE id = %s"
    before = db.value(definition, team)
    with restrict.access(TEAM, domain=[["id", "!=", team]]):
        said = client.refusal("write", write)
        assert _is_out_of_reach(said, TEAM), said
    assert db.value(definition, team) == before
    with restrict.access(TEAM, domain=[["id", "=", team]]):
        client.result("write", write)
    assert db.value(definition, team) != before


def test_a_value_makes_no_member_of_a_team_out_of_reach(world, client, db, restrict):
    team = _create(client, TEAM, name="Without members")
    with restrict.access("crm.team.member", domain=[["id", "=", 0]]):
        said = client.refusal("write", _write(TEAM, team, member_ids=[[4, world["sally"].id]]))
    assert _is_out_of_reach(said, "crm.team.member"), said
    assert not db.value("SELECT count(*) FROM crm_team_member WHERE crm_team_id = %s", team)


# -- names of records out of reach -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "through", "sql"),
    [
        (
            "product.supplierinfo",
            PARTNER,
            "SELECT s.id, s.partner_id AS other, p.name FROM product_supplierinfo s"
            " JOIN res_partner p ON p.id = s.partner_id ORDER BY s.id LIMIT 1",
        ),
        (
            "crm.team.member",
            "res.users",
            "SELECT m.id, m.user_id AS other, p.name FROM crm_team_member m JOIN res_users u ON u.id = m.user_id"
            " JOIN res_partner p ON p.id = u.partner_id WHERE u.login = 'demo' LIMIT 1",
        ),
        (
            "stock.move.line",
            "product.product",
            "SELECT l.id, l.product_id AS other, t.name ->> 'en_US' AS name FROM stock_move_line l"
            " JOIN product_product p ON p.id = l.product_id JOIN product_template t ON t.id = p.product_tmpl_id"
            " ORDER BY length(t.name ->> 'en_US') DESC, l.id LIMIT 1",
        ),
    ],
)
def test_no_answer_names_a_record_out_of_reach(client, db, restrict, model, through, sql):
    """Odoo names the records of these models after the records of another model."""
    row = db.row(sql)
    one = {"model": model, "ids": [row["id"]]}
    with restrict.access(through, domain=[["id", "!=", row["other"]]]):
        said = client.refusal("search", {"model": model, "fields": ["display_name"]})
        assert "hidden from this caller" in said and "[hidden_field]" in said, said
        for tool, arguments in (
            ("read", one),
            ("aggregate", {"model": model, "groupby": ["id"], "measures": ["__count"]}),
            ("unlink", {**one, "dry_run": True}),
        ):
            answer = client.call(tool, arguments)
            assert answer.status == 200 and "result" in answer.json, answer.text
            assert row["name"] not in json.dumps(answer.json, ensure_ascii=False), tool


def _companies(client):
    return {row["id"]: row for row in undo.records(client.result("list_companies"))}


@pytest.mark.parametrize("how", [{"off": ALL_OFF}, {"domain": [["id", "=", 0]]}])
def test_companies_are_listed_without_currencies_and_countries_that_are_hidden(world, client, restrict, how):
    whole = _companies(client)[world.main]
    assert whole["currency"] and whole["country"], whole
    for model, column, other in (("res.currency", "currency", "country"), ("res.country", "country", "currency")):
        with restrict.access(model, **how):
            listed = _companies(client)
            assert not any(company.get(column) for company in listed.values()), listed
            assert listed[world.main][other] == whole[other]


def test_companies_are_listed_without_a_parent_that_is_hidden(world, client, db, restrict):
    branch = db.value(
        "SELECT max(cid) FROM res_company_users_rel WHERE user_id = %s AND cid <> %s", world["admin"].id, world.main
    )
    before = db.row("SELECT parent_id, parent_path FROM res_company WHERE id = %s", branch)
    place = "UPDATE res_company SET parent_id = %s, parent_path = %s WHERE id = %s"
    db.run(place, world.main, f"{world.main}/{branch}/", branch)
    try:
        parent = db.value("SELECT name FROM res_company WHERE id = %s", world.main)
        assert _companies(client)[branch]["parent"] == parent
        with restrict.access("res.company", domain=[["id", "=", branch]]):
            listed = _companies(client)
            assert list(listed) == [branch] and listed[branch]["parent"] is None, listed
    finally:
        db.run(place, before["parent_id"], before["parent_path"], branch)


def test_a_command_touches_no_other_record_of_its_model(client, db, restrict):
    """Odoo writes the address of a contact to its parent, too."""
    parent = _create(client, PARTNER, name="Parent", is_company=True, street="before")
    child = _create(client, PARTNER, name="Child", parent_id=parent)
    tag = _create(client, "res.partner.category", name="of the child")
    values = {"partner_ids": [[1, child, {"street": "after"}]]}
    with restrict.access(PARTNER, domain=[["id", "=", child]]):
        said = client.refusal("write", _write("res.partner.category", tag, **values))
    assert "[record_domain]" in said, said
    assert db.value("SELECT street FROM res_partner WHERE id = %s", parent) == "before"
