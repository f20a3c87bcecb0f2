"""Side effects of a call: records of other models that Odoo's code changes, users, code."""

import json

import pytest
from support import reach

OFF = ["write", "create", "unlink"]
ALL_OFF = ["read", *OFF, "call"]
PARTNER, LEAD = "res.partner", "crm.lead"


@pytest.fixture
def client(world, door):
    """An administrator with a key that can have a scope."""
    return world.client(door, "admin", "mcp")


def _create(client, model, **values):
    return client.result("create", {"model": model, "values": json.dumps(values)})["ids"][0]


def _write(client, model, record, **values):
    return client.call("write", {"model": model, "ids": [record], "values": json.dumps(values)}).json["result"]


def _digest(db, model):
    return db.value(f'SELECT md5(string_agg(t::text, %s ORDER BY t.id)) FROM ONLY "{reach.table(model)}" t', "")


# -- records outside a domain, changed by a value of another model ------------------------------------


@pytest.mark.parametrize("field", ["phone", "email_from"])
def test_a_value_changes_no_record_out_of_reach(world, client, db, restrict, field):
    partner = _create(client, PARTNER, name="Outside", phone="+32 2 111 11 11", email="before@example.net")
    lead = _create(client, LEAD, name="inside", partner_id=partner)
    value = {"phone": "+32 2 999 99 99", "email_from": "after@example.net"}[field]
    before = _digest(db, PARTNER)
    with restrict.access(PARTNER, domain=[["id", "!=", partner]]):
        said = _write(client, LEAD, lead, **{field: value})
        assert said["isError"] and "[record_domain]" in said["content"][0]["text"], said
    assert _digest(db, PARTNER) == before
    with restrict.access(PARTNER, domain=[["id", "=", partner]]):
        assert not _write(client, LEAD, lead, **{field: value})["isError"]
    assert _digest(db, PARTNER) != before


def test_a_value_brings_no_record_within_reach(client, db, restrict):
    partner = _create(client, PARTNER, name="Outside", email="before@example.net")
    lead = _create(client, LEAD, name="inside", partner_id=partner)
    with restrict.access(PARTNER, domain=[["email", "!=", "before@example.net"]]):
        assert _write(client, LEAD, lead, email_from="after@example.net")["isError"]
    assert db.value("SELECT email FROM res_partner WHERE id = %s", partner) == "before@example.net"


def test_a_value_makes_no_record_out_of_reach(client, db, restrict):
    product = db.value("SELECT max(product_tmpl_id) FROM product_product")
    before = _digest(db, "product.value")
    with restrict.access("product.value", domain=[["id", "=", 0]]):
        assert _write(client, "product.template", product, standard_price=12.5)["isError"]
    assert _digest(db, "product.value") == before
    assert not _write(client, "product.template", product, standard_price=12.5)["isError"]
    assert _digest(db, "product.value") != before


# -- records that lose a reference to a deleted record -----------------------------------------------


def _unlink(client, model, record):
    return client.call("unlink", {"model": model, "ids": [record]}).json["result"]


def test_a_deletion_changes_no_record_that_may_not_be_changed(client, db, restrict):
    team, tag = _create(client, "crm.team", name="To go"), _create(client, "crm.tag", name="to go")
    lead = _create(client, LEAD, name="stays", team_id=team, tag_ids=[[4, tag]])
    category = _create(client, "res.partner.category", name="to go")
    _create(client, PARTNER, name="stays", category_id=[[4, category]])
    for how in ({"off": OFF}, {"domain": [["id", "!=", lead]]}, {"domain": [["team_id", "!=", team]]}):
        with restrict.access(LEAD, **how):
            for model, record in (("crm.team", team), ("crm.tag", tag)):
                if "domain" in how and how["domain"][0][0] == "team_id" and model == "crm.tag":
                    continue
                said = _unlink(client, model, record)
                assert said["isError"] and "crm.lead" in said["content"][0]["text"], (how, said)
    with restrict.access(PARTNER, off=OFF):
        assert _unlink(client, "res.partner.category", category)["isError"]
    assert db.value("SELECT team_id FROM crm_lead WHERE id = %s", lead) == team
    # A record without references can be deleted, and so can one whose referring records the caller may write.
    with restrict.access(LEAD, off=OFF):
        assert not _unlink(client, "crm.tag", _create(client, "crm.tag", name="of nobody"))["isError"]
    with restrict.access(LEAD, off=["unlink"]):
        assert not _unlink(client, "crm.tag", tag)["isError"]


# -- users and access rights -------------------------------------------------------------------------


def test_no_button_makes_users(world, client, db, restrict):
    key = world["admin"].keys["mcp"]
    scopes = (
        {"tools": ["method_call", "search"]},
        {"lines": [("hr.employee", {"methods": "action_create_users"})], "all_models": False},
        {"lines": [("crm.lead", {"off": ["unlink"]})]},
    )
    for number, scope in enumerate(scopes):
        email = f"made{number}@example.net"
        employee = _create(client, "hr.employee", name=f"Made {number}", work_email=email)
        with restrict.scope(key, **scope):
            call = {"model": "hr.employee", "ids": [employee], "method": "action_create_users"}
            assert client.call("method_call", call).json["result"]["isError"], scope
        assert not db.rows("SELECT 1 FROM res_users WHERE login = %s", email), scope


def test_no_group_is_made_that_gives_rights(world, client, db, restrict):
    """When only groups are open, a caller can neither imply a group nor create one with members."""
    admin = db.value("SELECT id FROM res_users WHERE login = 'admin'")
    system, employee = (
        db.value("SELECT res_id FROM ir_model_data WHERE module = 'base' AND name = %s", name)
        for name in ("group_system", "group_user")
    )
    tables = ("res_groups_users_rel", "res_groups_implied_rel", "res_groups")
    digest = [f"SELECT md5(string_agg(t::text, '' ORDER BY t::text)) FROM {table} t" for table in tables]
    before = [db.value(each) for each in digest]
    values = {
        "implied_ids": {"implied_ids": [[4, system]]},
        "implied_by_ids": {"implied_by_ids": [[4, employee]]},
        "user_ids": {"user_ids": [[4, admin]]},
    }
    with restrict.access("res.groups"):
        for field, value in values.items():
            made = client.refusal("create", {"model": "res.groups", "values": json.dumps({"name": "x", **value})})
            change = {"model": "res.groups", "ids": [employee], "values": json.dumps(value)}
            for said in (made, client.refusal("write", change)):
                assert f"{field} decides" in said or ("res.users" in said and "closed" in said), said
        copied = client.refusal("method_call", {"model": "res.groups", "ids": [system], "method": "copy"})
        assert "Use the tool create" in copied, copied
        deleted = client.refusal("unlink", {"model": "res.groups", "ids": [employee]})
        assert "the groups of users" in deleted, deleted
    assert [db.value(each) for each in digest] == before


def test_who_has_a_scope_writes_no_code(world, client, db, restrict):
    key = world["admin"].keys["mcp"]
    model = db.value("SELECT id FROM ir_model WHERE model = %s", LEAD)
    code = "env['mcp.key.scope'].sudo().search([]).write({'name': 'rewritten'})"
    field = {
        "name": "x_code",
        "model_id": model,
        "field_description": "x",
        "ttype": "char",
        "store": False,
        "readonly": True,
        "depends": "name",
        "compute": f"self.{code}\nfor r in self:\n    r['x_code'] = 'x'",
    }
    action = {"name": "x", "model_id": model, "state": "code", "code": code}
    with restrict.scope(key, [("hr.employee", {"off": ALL_OFF})]) as scope:
        for name, values in (("ir.model.fields", field), ("ir.actions.server", action)):
            with restrict.access(name):
                said = client.refusal("create", {"model": name, "values": json.dumps(values)})
                assert "[closed]" in said and "code" in said
        with restrict.access("ir.actions.server"):
            some = db.value("SELECT min(id) FROM ir_act_server")
            call = {"model": "ir.actions.server", "ids": [some], "method": "run"}
            assert "[closed]" in client.refusal("method_call", call)
        assert db.value("SELECT name FROM mcp_key_scope WHERE id = %s", scope) != "rewritten"


# -- names that the ORM generates --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "how"),
    [(PARTNER, {"hidden": ["name"]}), (PARTNER, {"off": ALL_OFF}), ("res.users", {"off": ALL_OFF})],
)
def test_a_record_named_after_a_hidden_one_has_no_name(client, restrict, model, how):
    asked = {"model": "crm.team.member", "fields": ["display_name"], "limit": 3}
    assert all(row[1] for row in client.result("search", asked)["rows"])
    with restrict.access(model, **how):
        result = client.call("search", asked).json["result"]
        shown = [] if result["isError"] else [row[1] for row in result["structuredContent"]["rows"]]
        assert not any(shown), shown


# -- completions and the resource about the system ---------------------------------------------------

ARGUMENTS = {
    "r": {"completion": "record", "completion_model": PARTNER},
    "f": {"completion": "field", "completion_model": PARTNER},
    "m": {"completion": "module"},
    "o": {"completion": "model"},
    "c": {"completion": "company"},
}


@pytest.fixture
def prompt(world, client, db):
    arguments = [[0, 0, {"name": name, **more}] for name, more in ARGUMENTS.items()]
    text = {"kind": "text", "text": "x {r} {f} {m} {o} {c}"}
    values = {"name": "effects", "user_id": world["admin"].id, "argument_ids": arguments}
    number = _create(client, "mcp.prompt", **values, message_ids=[[0, 0, text]])
    yield "effects"
    db.run("DELETE FROM mcp_prompt WHERE id = %s", number)


def _complete(client, prompt, argument, value=""):
    ref = {"type": "ref/prompt", "name": prompt}
    answer = client.modern("completion/complete", {"ref": ref, "argument": {"name": argument, "value": value}}).json
    return answer.get("result", {}).get("completion", {}).get("values")


def test_completions_need_the_tool_that_gives_the_same(world, client, restrict, prompt):
    key = world["admin"].keys["mcp"]
    tools = {"r": "search", "f": "describe_model", "m": "list_modules", "o": "list_models", "c": "list_companies"}
    values = {"r": "Zebra", "f": "na", "m": "crm", "o": "res", "c": ""}
    for argument, tool in tools.items():
        assert _complete(client, prompt, argument, values[argument]), argument
        with restrict.scope(key, tools=["count"]):
            assert not _complete(client, prompt, argument, values[argument]), argument
        with restrict.scope(key, tools=[tool]):
            assert _complete(client, prompt, argument, values[argument]), argument


def test_names_of_companies_are_shown_where_list_companies_shows_them(world, client, db, restrict, prompt):
    key = world["admin"].keys["mcp"]
    names = [row["name"] for row in db.rows("SELECT name FROM res_company")]
    system = client.modern("resources/read", {"uri": "odoo://system"}).text
    assert any(name in system for name in names)
    ways = (
        lambda: restrict.scope(key, [(LEAD, {})], all_models=False),
        lambda: restrict.access("res.company", off=ALL_OFF),
        lambda: restrict.access("res.company", hidden=["name"]),
        lambda: restrict.access("res.company", domain=[["id", "=", 0]]),
        lambda: restrict.scope(key, tools=["count"]),
    )
    for number, way in enumerate(ways):
        with way():
            system = client.modern("resources/read", {"uri": "odoo://system"}).json["result"]["contents"][0]["text"]
            companies = json.loads(system)["companies"]
            assert companies and not any(company["name"] for company in companies), (number, companies)
            assert not _complete(client, prompt, "c"), number
