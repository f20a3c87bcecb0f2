"""The policy as callers and administrators see it: visible data, error texts, and explanations."""

import json
import re

import pytest
from support import policy, resources, undo

PARTNER, ITEM = "res.partner", "mcp.test.item"


@pytest.fixture
def key(world):
    """An API key of Sally's that can have a scope."""
    return world["sally"].keys["mcp"]


@pytest.fixture
def keyed(world, door):
    """Sally with that key."""
    return world.client(door, "sally", "mcp")


# -- visible data -------------------------------------------------------------------------------------


def test_hidden_fields_are_left_out_unasked_and_refused_by_name(sally, restrict, world):
    number = world.partners[0]
    before = sally.result("read", {"model": PARTNER, "ids": [number]})
    assert "email" in before["columns"]
    with restrict.access(PARTNER, hidden=["email"]):
        found = sally.result("read", {"model": PARTNER, "ids": [number]})
        assert not {"email", "email_normalized", "email_formatted"} & set(found["columns"])
        assert "name" in found["columns"]
        said = sally.refusal("read", {"model": PARTNER, "ids": [number], "fields": ["name", "email"]})
        assert "fields[1]" in said and "'email'" in said.replace('"', "'") and "hidden" in said
        assert "res.partner" in said and "access record" in said
        described = sally.result("describe_model", {"model": PARTNER, "detail": "full"})
        brief = sally.result("describe_model", {"model": PARTNER})
        assert not [name for name in brief["fields"]["char"] if re.match(r"email\W*$", name)]
        assert "email" not in brief["default_fields"]
        assert "email" not in described["fields"] and "name" in described["fields"]
        schema = resources.value(sally, f"odoo://model/{PARTNER}/schema")
        assert set(schema["fields"]) == set(described["fields"])
        assert "hidden" in sally.refusal("default_get", {"model": PARTNER, "fields": ["email"]})


def test_suggestions_have_only_what_the_caller_may_see(sally, restrict):
    wrong = {"model": PARTNER, "fields": ["emial"]}
    assert "`email`" in sally.refusal("search", wrong)
    wrong_model = {"model": "res.partners"}
    assert "`res.partner`" in sally.refusal("search", wrong_model)
    with restrict.access(PARTNER, hidden=["email"]):
        assert "`email" not in sally.refusal("search", wrong)
        assert "`email" not in sally.refusal("create", {"model": PARTNER, "values": '{"emial": "x"}'})
        assert "`email" not in sally.refusal("count", {"model": PARTNER, "domain": '[["emial", "=", "x"]]'})
    with restrict.access(PARTNER, off=["read", "write", "create", "unlink", "call"]):
        assert "`res.partner`" not in sally.refusal("search", wrong_model)


def test_models_that_cannot_be_read_are_not_listed(sally, restrict):
    def listed():
        found = sally.result("list_models", {"search": "res.partner"})["models"]
        there = {row["model"] for row in found}
        assert ({row[0] for row in resources.value(sally, "odoo://models")["rows"]} >= {PARTNER}) == (PARTNER in there)
        return there

    assert PARTNER in listed()
    with restrict.access(PARTNER, off=["read"]):
        assert PARTNER not in listed()


def test_what_is_not_allowed_is_described(sally, restrict):
    assert "not_allowed" not in sally.result("describe_model", {"model": PARTNER, "fields": ["name"]})
    with restrict.access(PARTNER, off=["write", "call"]):
        told = sally.result("describe_model", {"model": PARTNER, "fields": ["name"]})
        assert told["not_allowed"] == ["write", "call"]


def test_a_domain_narrows_searches_totals_and_ids(sally, restrict, world):
    mine = world.partners[:2]
    domain = json.dumps([["id", "in", mine]])
    assert sally.result("search", {"model": PARTNER, "domain": domain})["total"] == 2
    with restrict.access(PARTNER, domain=[["id", "!=", mine[0]]]):
        found = sally.result("search", {"model": PARTNER, "domain": domain, "fields": ["name"]})
        assert [row["id"] for row in undo.records(found)] == [mine[1]] and found["total"] == 1
        assert sally.result("count", {"model": PARTNER, "domain": domain})["count"] == 1
        said = sally.refusal("read", {"model": PARTNER, "ids": mine, "fields": ["name"]})
        assert str(mine[0]) in said and str(mine[1]) not in said
        either = json.dumps(["|", ["id", "=", mine[0]], ["id", "=", mine[1]]])
        assert sally.result("count", {"model": PARTNER, "domain": either})["count"] == 1


def test_variables_of_a_domain_are_the_callers(sally, admin, restrict, world):
    domain = [["user_id", "=", {"var": "uid"}], ["company_id", "in", [False, {"var": "company_id"}]]]
    ids = json.dumps([["id", "in", world.leads]])
    with restrict.access("crm.lead", domain=domain):
        found = admin.result("search", {"model": "crm.lead", "domain": ids, "fields": ["user_id"]})
        assert found["total"] == 2
        assert {row["user_id"][0] for row in undo.records(found)} == {world["admin"].id}
        found = sally.result("search", {"model": "crm.lead", "domain": ids, "fields": ["user_id"]})
        assert {row["user_id"][0] for row in undo.records(found)} == {world["sally"].id}


def test_names_are_withheld_of_what_is_out_of_reach_alone(sally, restrict, world):
    ask = {"model": "sale.order", "ids": world.orders[:1], "fields": ["partner_id", "user_id"]}
    (before,) = undo.records(sally.result("read", ask))
    assert before["partner_id"][1]
    for restriction in (
        {"off": ["read"]},
        {"hidden": ["name"]},
        {"domain": [["id", "!=", before["partner_id"][0]]]},
    ):
        with restrict.access(PARTNER, **restriction):
            (found,) = undo.records(sally.result("read", ask))
            assert found["partner_id"] == [before["partner_id"][0], None], restriction
    with restrict.access(PARTNER, domain=[["id", "=", before["partner_id"][0]]]):
        (found,) = undo.records(sally.result("read", ask))
        assert found["partner_id"] == before["partner_id"]


def test_a_path_through_a_restricted_model_still_finds_what_it_may(sally, restrict, world):
    ids = ["id", "in", world.orders]
    ask = {"model": "sale.order", "domain": json.dumps([ids, ["partner_id.email", "like", "zebra"]])}
    negated = {"model": "sale.order", "domain": json.dumps([ids, "!", ["partner_id.email", "like", "nobody"]])}
    found = sally.result("count", ask)["count"]
    assert found > 0
    with restrict.access(PARTNER, domain=[["email", "like", "zebra"]]):
        assert sally.result("count", ask)["count"] == found
    with restrict.access(PARTNER, domain=[["email", "like", "nobody"]]):
        assert sally.result("count", ask)["count"] == 0
        # Sally sees no record with such an address. As with record rules, a negated condition is then true for all
        # records.
        assert sally.result("count", negated)["count"] >= found


# -- scopes -------------------------------------------------------------------------------------------


def test_a_scope_without_all_models_has_its_lines_alone(keyed, key, restrict):
    with restrict.scope(key, [("sale.order", {})], all_models=False):
        keyed.result("search", {"model": "sale.order", "fields": ["name"], "limit": 1})
        assert "scope" in keyed.refusal("search", {"model": PARTNER})
        assert [row["model"] for row in keyed.result("list_models", {})["models"]] == ["sale.order"]
        # The results still contain no names of other records.
        (found,) = undo.records(keyed.result("search", {"model": "sale.order", "fields": ["partner_id"], "limit": 1}))
        assert found["partner_id"][1] is None
        assert "scope" in keyed.refusal("list_modules", {})


def test_companies_of_a_scope_narrow_the_users(world, door, restrict, db):
    admin = world.client(door, "admin", "mcp")
    key = world["admin"].keys["mcp"]
    of_user = "SELECT array_agg(cid ORDER BY cid) FROM res_company_users_rel WHERE user_id = %s"
    ids = db.value(of_user, world["admin"].id)
    before = {row["id"] for row in undo.records(admin.result("list_companies", {}))}
    assert before == set(ids)
    one = ids[-1]
    with restrict.scope(key, companies=[one]):
        assert [row["id"] for row in undo.records(admin.result("list_companies", {}))] == [one]
        assert [company["id"] for company in resources.value(admin, "odoo://system")["companies"]] == [one]
        found = admin.result("search", {"model": "sale.order", "fields": ["company_id"], "limit": 500})
        assert {row["company_id"][0] for row in undo.records(found)} <= {one}
    with restrict.scope(key, companies=[world.rival]):
        answer = admin.call("search", {"model": PARTNER})
        assert "companies" in answer.text and "columns" not in answer.text


def test_a_key_without_a_scope_may_be_refused(keyed, sally, restrict, key, db):
    with restrict.setting("unscoped_keys", "none"):
        answer = sally.call("search", {"model": PARTNER, "fields": ["name"]})
        assert "columns" not in answer.text and "scope" in answer.text
        with restrict.scope(key):
            keyed.result("search", {"model": PARTNER, "fields": ["name"]})
    sally.result("search", {"model": PARTNER, "fields": ["name"]})


def test_a_key_that_was_made_with_a_scope_is_nothing_without_it(keyed, key, db):
    number = db.value("SELECT id FROM res_users_apikeys WHERE index = %s", key[:8])
    assert keyed.modern("tools/list").status == 200
    with policy.without_scope(db, number):
        assert keyed.modern("tools/list").status == 401
        verdict = db.value(
            "SELECT mcp_check_access(k.user_id, %s, 'read', '{}', k.id) FROM res_users_apikeys k WHERE k.id = %s",
            PARTNER,
            number,
        )
        assert verdict["layer"] == "api_key" and "gone" in verdict["reason"]
    assert keyed.modern("tools/list").status == 200


# -- closed models ------------------------------------------------------------------------------------

CLOSED = [
    "res.users.apikeys",
    "ir.config_parameter",
    "ir.mail_server",
    "ir.model.access",
    "ir.rule",
    "ir.model",
    "ir.model.fields",
    "ir.actions.server",
    "ir.cron",
    "mcp.access",
    "mcp.key.scope",
    "mcp.tool",
    "mcp.audit.log",
    "res.config.settings",
]


@pytest.mark.parametrize("model", CLOSED)
def test_what_holds_secrets_or_power_is_closed(admin, db, model):
    counts = db.counts()
    for tool, arguments in (
        ("search", {}),
        ("count", {}),
        ("read", {"ids": [1]}),
        ("create", {"values": json.dumps({"name": "x"})}),
        ("write", {"ids": [1], "values": json.dumps({"name": "x"})}),
        ("unlink", {"ids": [1]}),
        ("default_get", {"fields": ["name"]}),
        ("method_call", {"method": "toggle"}),
        ("describe_model", {}),
    ):
        mark = db.audit_mark()
        assert "closed" in admin.refusal(tool, {"model": model, **arguments}), tool
        assert [row["status"] for row in db.audit_since(mark)] == ["denied"]
    for uri in (f"odoo://record/{model}/1", f"odoo://record/{model}/1/name", f"odoo://model/{model}/schema"):
        assert "closed" in resources.refusal(admin, uri)["message"]
    assert db.counts() == counts
    assert model not in {row["model"] for row in admin.result("list_models", {"limit": 1000})["models"]}


def test_an_access_record_opens_a_closed_model_but_ours_never_for_changes(admin, restrict):
    with restrict.access("ir.config_parameter"):
        assert admin.result("count", {"model": "ir.config_parameter"})["count"] > 0
    with restrict.access("ir.config_parameter", active=False):
        admin.refusal("count", {"model": "ir.config_parameter"})
    for model in ("mcp.access", "mcp.tool", "res.users.apikeys"):
        with restrict.access(model):
            admin.result("count", {"model": model})
            assert "never changed" in admin.refusal("unlink", {"model": model, "ids": [1]})
            assert "never changed" in admin.refusal("create", {"model": model, "values": "{}"})


def test_secrets_of_users_are_closed(admin, world, db):
    number = world["sally"].id
    for field in ("password", "new_password", "totp_secret"):
        if not db.value("SELECT 1 FROM ir_model_fields WHERE model = 'res.users' AND name = %s", field):
            continue
        admin.refusal("read", {"model": "res.users", "ids": [number], "fields": [field]})
        admin.refusal("write", {"model": "res.users", "ids": [number], "values": json.dumps({field: "x"})})
        admin.refusal("count", {"model": "res.users", "domain": json.dumps([[field, "!=", False]])})


@pytest.mark.parametrize("method", ["change_password", "api_key_wizard", "action_totp_enable_wizard"])
def test_methods_that_deal_with_secrets_are_refused(admin, restrict, method):
    ask = {"model": "res.users", "method": method, "args": '["a", "b"]'}
    assert "closed to MCP" in admin.refusal("method_call", ask)
    with restrict.access("res.users"):
        said = admin.refusal("method_call", ask)
        assert "secrets" in said or "never called through MCP" in said


# -- methods ------------------------------------------------------------------------------------------


def test_methods_by_list(sally, admin, restrict, world):
    ask = {"model": ITEM, "method": "describe"}
    admin.result("method_call", ask)
    with restrict.access(ITEM, blocked="describe"):
        assert "blocked" in admin.refusal("method_call", ask)
    with restrict.access(ITEM, methods="something_else"):
        assert "not among" in admin.refusal("method_call", ask)
    with restrict.access(ITEM, hidden=["amount"]):
        assert "by name" in admin.refusal("method_call", ask)
    with restrict.access(ITEM, hidden=["amount"], methods="describe"):
        admin.result("method_call", ask)


AROUND = ["search_read", "read_group", "export_data", "web_read", "copy_data", "name_search", "execute_kw", "with_x"]


@pytest.mark.parametrize("method", AROUND)
def test_what_would_go_around_is_refused_whatever_is_allowed(admin, restrict, method):
    with restrict.access(PARTNER, methods=method):
        admin.refusal("method_call", {"model": PARTNER, "method": method, "args": "[]"})


def test_odoos_words_are_kept_back_where_they_might_quote_what_is_hidden(admin, restrict, world, door):
    odoo = world.json2(door)
    (number,) = odoo.value(ITEM, "create", vals_list=[{"name": "quoted", "amount": 1}])
    ask = {"model": ITEM, "ids": [number], "values": json.dumps({"amount": -5})}
    plain = admin.refusal("write", ask)
    with restrict.access(ITEM, hidden=["due"]):
        kept = admin.refusal("write", ask)
    odoo.value(ITEM, "unlink", ids=[number])
    assert plain != kept and "is withheld" in kept
    assert "Nothing was changed" in kept


# -- explain_access -----------------------------------------------------------------------------------


def _why(client, **question):
    return client.result("explain_access", question)


def test_it_explains_odoos_own_refusals(sally, world, admin):
    assert _why(sally, model=PARTNER)["allowed"] is True
    refused = _why(sally, model="account.move", operation="unlink")
    assert (refused["allowed"], refused["layer"]) == (False, "acl") and "group" in refused["reason"]
    assert _why(sally, model=ITEM, fields=["secret"])["layer"] == "field_group"
    assert _why(admin, model=ITEM, fields=["secret"])["allowed"] is True
    assert _why(sally, model="no.such")["layer"] == "model"
    assert _why(sally, model=PARTNER, fields=["emial"])["layer"] == "field"
    own, others = world.leads[1], world.leads[0]
    assert _why(sally, model="crm.lead", id=own)["allowed"] is True
    refused = _why(sally, model="crm.lead", id=others)
    assert refused["layer"] == "record_rule" and "rule" in refused["reason"].lower()
    # Only users who may read record rules see their names.
    assert "Personal" not in refused["reason"]
    named = _why(admin, model="crm.lead", id=others, user="sally")
    assert named["layer"] == "record_rule" and "Personal" in named["reason"]


def test_it_explains_the_policy(keyed, key, restrict, world, admin):
    number = world.partners[0]
    assert _why(admin, model="ir.rule")["layer"] == "closed"
    with restrict.access(PARTNER, off=["write"], hidden=["email"], blocked="open_x", domain=[["id", "!=", number]]):
        assert _why(keyed, model=PARTNER, operation="write")["layer"] == "access_record"
        assert _why(keyed, model=PARTNER, fields=["name", "email"])["layer"] == "hidden_field"
        assert _why(keyed, model=PARTNER, fields=["email_normalized"])["layer"] == "hidden_field"
        assert _why(keyed, model=PARTNER, method="open_x")["layer"] == "blocked_method"
        assert _why(keyed, model=PARTNER, method="search_read")["layer"] == "blocked_method"
        assert _why(keyed, model=PARTNER, id=number)["layer"] == "record_domain"
        assert _why(keyed, model=PARTNER, id=world.partners[1])["allowed"] is True
    with restrict.scope(key, [(PARTNER, {"off": ["create"]})]):
        assert _why(keyed, model=PARTNER, operation="create")["layer"] == "key_scope"
    with restrict.setting("read_only", "True"):
        assert _why(keyed, model=PARTNER, operation="create")["layer"] == "read_only"
    with restrict.setting("default_access", "none"):
        assert _why(keyed, model=PARTNER)["layer"] == "access_record"


def test_only_administrators_ask_about_others(sally, admin, world):
    assert _why(admin, model="account.move", operation="unlink", user="sally")["layer"] == "acl"
    assert _why(admin, model=PARTNER, user=str(world["sally"].id))["allowed"] is True
    assert _why(admin, model=PARTNER, user="ian")["layer"] == "user"
    assert "no user" in admin.refusal("explain_access", {"model": PARTNER, "user": "nobody-here"})
    for who in ("admin", "nobody-here", "1"):
        assert "administrators" in sally.refusal("explain_access", {"model": PARTNER, "user": who})
    assert _why(sally, model=PARTNER, user="sally")["allowed"] is True


def test_sql_users_ask_the_same(db, world, restrict):
    def verdict(model, operation="read", fields=(), key=None):
        return db.value(
            "SELECT public.mcp_check_access(%s, %s, %s, %s, %s)", world["sally"].id, model, operation, list(fields), key
        )

    key = db.value("SELECT id FROM res_users_apikeys WHERE index = %s", world["sally"].keys["mcp"][:8])
    assert verdict(PARTNER)["allowed"] is True
    with restrict.access(PARTNER, hidden=["email"]):
        assert verdict(PARTNER, fields=["email"])["layer"] == "hidden_field"
    with restrict.scope(world["sally"].keys["mcp"], [("sale.order", {})], all_models=False):
        assert verdict(PARTNER, key=key)["layer"] == "key_scope"
        assert verdict(PARTNER)["allowed"] is True


def test_the_access_resource_tells_of_the_policy(sally, restrict):
    address = f"odoo://model/{PARTNER}/access"
    assert resources.value(sally, address)["operations"]["write"]["allowed"] is True
    with restrict.access(PARTNER, off=["write"]):
        told = resources.value(sally, address)["operations"]
        assert told["write"]["allowed"] is False and "access record" in told["write"]["reason"]
        assert told["read"]["allowed"] is True


def test_completion_offers_nothing_hidden(sally, restrict):
    def fields():
        params = {
            "ref": {"type": "ref/resource", "uri": "odoo://record/{model}/{id}/{field}"},
            "argument": {"name": "field", "value": "email"},
            "context": {"arguments": {"model": PARTNER}},
        }
        return sally.modern("completion/complete", params).json["result"]["completion"]["values"]

    assert "email" in fields()
    with restrict.access(PARTNER, hidden=["email"]):
        assert "email" not in fields()
