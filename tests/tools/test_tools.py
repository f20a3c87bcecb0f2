"""The built-in tools at both doors: results and refusals. (test_bad_input covers bad arguments.)"""

import json

import pytest
from support import mcp

BUILT_IN = [
    "search",
    "read",
    "count",
    "aggregate",
    "create",
    "write",
    "unlink",
    "default_get",
    "method_call",
    "read_file",
    "attach_file",
    "render_report",
    "describe_model",
    "list_models",
    "list_modules",
    "list_companies",
    "explain_access",
]


@pytest.fixture
def category(world, door):
    """Creates records of a small model, which the test changes. Deletes them afterwards."""
    odoo = world.json2(door)
    made = []

    def make(*names):
        ids = odoo.value("res.partner.category", "create", vals_list=[{"name": name} for name in names])
        made.extend(ids)
        return ids

    make.ids = made
    yield make
    left = odoo.value("res.partner.category", "search", domain=[["id", "in", made]])
    assert odoo.value("res.partner.category", "unlink", ids=left) is True


# -- the list -----------------------------------------------------------------------------------------


def test_all_tools_are_listed_in_their_order(admin):
    of_tests = ("test_", "example_")
    assert [name for name in admin.tools() if not name.startswith(of_tests)] == BUILT_IN


def test_every_tool_says_what_it_is(admin):
    for name, tool in admin.tools().items():
        assert tool["description"], name
        assert tool["inputSchema"]["type"] == "object", name
        assert set(tool["annotations"]) == {"readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint"}, name
        if name in BUILT_IN:
            assert tool["title"], name
            assert tool["outputSchema"]["type"] == "object", name
            assert tool["inputSchema"]["additionalProperties"] is False, name


def test_hints_tell_readers_from_writers(admin):
    tools = admin.tools()
    for name in BUILT_IN:
        hints = tools[name]["annotations"]
        writers = ("create", "write", "unlink", "method_call", "attach_file")
        assert hints["readOnlyHint"] == (name not in writers), name
        assert hints["openWorldHint"] is False, name
    assert tools["unlink"]["annotations"]["destructiveHint"] is True
    assert tools["create"]["annotations"]["destructiveHint"] is False


def test_structured_content_and_text_say_the_same(admin):
    result = admin.call("search", {"model": "res.company", "fields": ["name"]}).json["result"]
    assert [part["type"] for part in result["content"]] == ["text"]
    assert json.loads(result["content"][0]["text"]) == result["structuredContent"]


# -- search, read, count ------------------------------------------------------------------------------


def test_search_gives_columns_and_rows(admin, world):
    found = admin.result(
        "search",
        {
            "model": "res.partner",
            "domain": '[["name","=like","Zebra Customer%"]]',
            "fields": ["name", "is_company", "email"],
            "order": "name",
        },
    )
    assert found == {
        "model": "res.partner",
        "columns": ["id", "name", "is_company", "email"],
        "total": 3,
        "offset": 0,
        "has_more": False,
        "rows": [[world.partners[n], f"Zebra Customer {n}", True, f"zebra{n}@example.com"] for n in range(3)],
    }


def test_a_page_says_that_there_is_more(admin, world):
    arguments = {
        "model": "res.partner",
        "domain": '[["name","=like","Zebra Customer%"]]',
        "fields": ["id"],
        "order": "id",
        "limit": 2,
    }
    first = admin.result("search", arguments)
    assert (first["rows"], first["total"], first["has_more"]) == ([[world.partners[0]], [world.partners[1]]], 3, True)
    second = admin.result("search", {**arguments, "offset": 2})
    assert (second["rows"], second["total"], second["has_more"], second["offset"]) == (
        [[world.partners[2]]],
        3,
        False,
        2,
    )
    beyond = admin.result("search", {**arguments, "offset": 50})
    assert (beyond["rows"], beyond["total"], beyond["has_more"]) == ([], 3, False)


def test_without_a_limit_as_many_as_the_setting_says(admin, db):
    total = admin.result("count", {"model": "res.country"})["count"]
    with db.parameter("odoo_mcp.default_records", "7"):
        found = admin.result("search", {"model": "res.country", "fields": ["code"]})
    assert (len(found["rows"]), found["total"], found["has_more"]) == (7, total, True)


def test_the_most_records_are_a_setting(admin, db):
    with db.parameter("odoo_mcp.max_records", "10"):
        assert len(admin.result("search", {"model": "res.country", "limit": 10})["rows"]) == 10
        assert "10" in admin.refusal("search", {"model": "res.country", "limit": 11})
        assert "10" in admin.refusal("read", {"model": "res.country", "ids": list(range(1, 12))})


def test_without_fields_a_sensible_few_are_given(admin):
    for model in ("res.partner", "sale.order", "crm.lead", "res.country"):
        found = admin.result("search", {"model": model, "limit": 1})
        assert found["columns"][0] == "id"
        assert 2 <= len(found["columns"]) <= 15
        assert len(found["rows"][0]) == len(found["columns"])


def test_a_domain_may_be_json_text_or_json(admin, world):
    domain = ["|", ["id", "=", world.partners[0]], ["id", "in", world.partners[1:3]]]
    for given in (json.dumps(domain), domain):
        assert admin.result("count", {"model": "res.partner", "domain": given})["count"] == 3
    for everything in ("[]", [], None):
        assert admin.result("count", {"model": "res.partner", "domain": everything})["count"] > 10
    assert "empty" in admin.refusal("count", {"model": "res.partner", "domain": ""})


def test_values_are_presented(admin, world):
    """Unset is null, false is false, a many2one is id and name, and a time is local with its offset."""
    row = admin.result(
        "read",
        {
            "model": "sale.order",
            "ids": [world.orders[0]],
            "fields": ["date_order", "client_order_ref", "locked", "partner_id", "commitment_date", "order_line"],
        },
    )
    assert row["columns"] == [
        "id",
        "date_order",
        "client_order_ref",
        "locked",
        "partner_id",
        "commitment_date",
        "order_line",
    ]
    assert row["rows"] == [
        [world.orders[0], "2026-01-16T00:30:00+01:00", None, False, [world.partners[0], "Zebra Customer 0"], None, []]
    ]


def test_times_are_the_users(world, door):
    order = {"model": "sale.order", "ids": [world.orders[0]], "fields": ["date_order"]}
    assert world.client(door, "sally").result("read", order)["rows"][0][1] == "2026-01-15T18:30:00-05:00"
    rivals = {"model": "sale.order", "ids": [world.orders[2]], "fields": ["date_order"]}
    assert world.client(door, "olga").result("read", rivals)["rows"][0][1] == "2026-03-29T06:00:00+05:30"


def test_a_local_time_in_a_domain_means_the_users_time(world, door):
    def count(login, time):
        domain = json.dumps([["id", "=", world.orders[0]], ["date_order", "=", time]])
        return world.client(door, login).result("count", {"model": "sale.order", "domain": domain})["count"]

    assert count("admin", "2026-01-16 00:30:00") == 1
    assert count("admin", "2026-01-15 23:30:00") == 0
    assert count("sally", "2026-01-15 18:30:00") == 1
    assert count("sally", "2026-01-15T23:30:00Z") == 1
    assert count("sally", "2026-01-16T00:30:00+01:00") == 1


def test_read_names_what_is_missing_and_keeps_the_order(admin, world):
    ids = [world.partners[1], 2_000_000_000, world.partners[0], 1_999_999_999]
    found = admin.result("read", {"model": "res.partner", "ids": ids, "fields": ["name"]})
    assert [row[0] for row in found["rows"]] == [world.partners[1], world.partners[0]]
    assert found["missing"] == [2_000_000_000, 1_999_999_999]


def test_search_finds_only_what_the_user_may_see(sally, admin, world):
    domain = json.dumps([["id", "in", world.orders]])
    assert [row[0] for row in sally.result("search", {"model": "sale.order", "domain": domain})["rows"]] == [
        world.orders[0]
    ]
    assert sally.result("count", {"model": "sale.order", "domain": domain})["count"] == 1
    assert admin.result("count", {"model": "sale.order", "domain": domain})["count"] == 2


def test_a_field_that_the_user_may_not_read_is_refused_by_name_and_left_out_unasked(sally, admin):
    assert "secret" in sally.refusal("search", {"model": "mcp.test.item", "fields": ["name", "secret"]})
    assert "secret" not in sally.result("search", {"model": "mcp.test.item"})["columns"]
    assert "secret" in admin.result("search", {"model": "mcp.test.item", "fields": ["name", "secret"]})["columns"]


def test_a_hidden_field_cannot_be_searched_or_sorted_by(sally):
    assert "secret" in sally.refusal("count", {"model": "mcp.test.item", "domain": '[["secret","=","x"]]'})
    assert "secret" in sally.refusal("search", {"model": "mcp.test.item", "order": "secret"})


def test_lists_of_models_and_modules_end_where_the_answer_is_full(admin, db):
    for tool, rows, arguments in (
        ("list_models", "models", {"limit": 1000}),
        ("list_modules", "rows", {"state": "all", "limit": 1000}),
    ):
        whole = admin.result(tool, arguments)
        found, pages = [], 0
        with db.parameter("odoo_mcp.max_answer_kb", "10"):
            while len(found) < whole["total"]:
                answer = admin.call(tool, {**arguments, "offset": len(found)}).json["result"]
                assert len(answer["content"][0]["text"].encode()) <= 10_000
                page = answer["structuredContent"]
                found += page[rows]
                assert page["has_more"] == (len(found) < whole["total"])
                pages += 1
        assert found == whole[rows]
        assert pages > 1


# -- create, write, unlink ----------------------------------------------------------------------------


def test_create_one_and_several(admin, db, category):
    one = admin.result("create", {"model": "res.partner.category", "values": '{"name": "Blue"}'})
    category.ids.extend(one["ids"])
    assert one["names"] == ["Blue"]
    several = admin.result(
        "create", {"model": "res.partner.category", "values": [{"name": "Red"}, {"name": "Green", "color": 4}]}
    )
    category.ids.extend(several["ids"])
    assert several["names"] == ["Red", "Green"]
    rows = db.rows(
        "SELECT name ->> 'en_US' AS name, color FROM res_partner_category WHERE id = ANY(%s) ORDER BY id",
        several["ids"],
    )
    assert [row["name"] for row in rows] == ["Red", "Green"]
    assert rows[1]["color"] == 4


def test_create_is_all_or_none(admin, db):
    before = db.value("SELECT count(*) FROM res_partner_category")
    said = admin.refusal("create", {"model": "res.partner.category", "values": [{"name": "Good"}, {"color": 3}]})
    assert "name" in said.lower()
    assert db.value("SELECT count(*) FROM res_partner_category") == before


def test_the_creator_is_the_user(sally, db, world):
    made = sally.result("create", {"model": "crm.lead", "values": '{"name": "Zebra asks"}'})
    assert db.value("SELECT create_uid FROM crm_lead WHERE id = %s", made["ids"][0]) == world["sally"].id
    admin = world.client(sally.port)
    assert admin.result("unlink", {"model": "crm.lead", "ids": made["ids"]}) == {
        "model": "crm.lead",
        "ids": made["ids"],
    }


def test_local_times_are_written_as_utc(admin, sally, db, world):
    for client, local, utc in (
        (admin, "2026-07-01 12:00:00", "2026-07-01 10:00:00"),
        (sally, "2026-07-01T12:00:00", "2026-07-01 16:00:00"),
        (sally, "2026-07-01T12:00:00+02:00", "2026-07-01 10:00:00"),
        (sally, "2026-07-01T12:00:00Z", "2026-07-01 12:00:00"),
    ):
        client.result(
            "write", {"model": "crm.lead", "ids": [world.leads[1]], "values": {"date_automation_last": local}}
        )
        assert str(db.value("SELECT date_automation_last FROM crm_lead WHERE id = %s", world.leads[1])) == utc


def test_write_changes_all_or_none(admin, db, category):
    ids = category("One", "Two")
    assert admin.result("write", {"model": "res.partner.category", "ids": ids, "values": '{"color": 9}'}) == {
        "model": "res.partner.category",
        "ids": ids,
    }
    assert db.value("SELECT array_agg(color) FROM res_partner_category WHERE id = ANY(%s)", ids) == [9, 9]
    said = admin.refusal(
        "write", {"model": "res.partner.category", "ids": [*ids, 2_000_000_000], "values": '{"color": 3}'}
    )
    assert "2000000000" in said
    assert db.value("SELECT array_agg(color) FROM res_partner_category WHERE id = ANY(%s)", ids) == [9, 9]


def test_null_empties_a_field_and_commands_link(admin, db, category, world):
    ids = category("Linked")
    partner = world.partners[2]
    admin.result(
        "write",
        {
            "model": "res.partner",
            "ids": [partner],
            "values": {"category_id": [[6, 0, ids]], "phone": "+32 2 555", "ref": "R"},
        },
    )
    read = {"model": "res.partner", "ids": [partner], "fields": ["category_id", "phone", "ref"]}
    assert admin.result("read", read)["rows"][0][1:] == [ids, "+32 2 555", "R"]
    admin.result(
        "write",
        {"model": "res.partner", "ids": [partner], "values": {"category_id": [[5, 0, 0]], "phone": None, "ref": False}},
    )
    assert admin.result("read", read)["rows"][0][1:] == [[], None, None]


def test_unlink_deletes_all_or_none(admin, db, category):
    ids = category("Gone", "Gone too")
    assert "2000000000" in admin.refusal("unlink", {"model": "res.partner.category", "ids": [ids[0], 2_000_000_000]})
    assert db.value("SELECT count(*) FROM res_partner_category WHERE id = ANY(%s)", ids) == 2
    assert admin.result("unlink", {"model": "res.partner.category", "ids": ids})["ids"] == ids
    assert db.value("SELECT count(*) FROM res_partner_category WHERE id = ANY(%s)", ids) == 0


def test_odoos_refusals_come_in_its_words(sally, db, world, restrict):
    with restrict.access("res.users"):
        assert "not allowed" in sally.refusal("create", {"model": "res.users", "values": '{"name": "x", "login": "x"}'})
    assert "not allowed" in sally.refusal("unlink", {"model": "res.partner", "ids": world.partners[:1]})
    assert db.value("SELECT count(*) FROM res_partner WHERE id = %s", world.partners[0]) == 1


# -- the others ---------------------------------------------------------------------------------------


def test_default_get(admin, world):
    values = admin.result("default_get", {"model": "crm.lead", "fields": ["type", "user_id", "name"]})["values"]
    assert values["user_id"] in (world["admin"].id, [world["admin"].id, "Mitchell Admin"])
    assert values["type"] in ("lead", "opportunity")
    assert "name" not in values


def test_default_get_creates_nothing(admin, db):
    before = db.counts()
    admin.result("default_get", {"model": "sale.order", "fields": ["name", "date_order", "order_line"]})
    assert db.counts() == before


def test_describe_model_in_full(admin):
    told = admin.result("describe_model", {"model": "sale.order", "detail": "full"})
    assert (told["model"], told["name"], told["rec_name"]) == ("sale.order", "Sales Order", "name")
    fields = told["fields"]
    assert fields["partner_id"]["type"] == "many2one"
    assert fields["partner_id"]["relation"] == "res.partner"
    assert fields["partner_id"]["required"] is True
    assert ["draft", "Quotation"] in fields["state"]["selection"]
    assert fields["amount_total"]["readonly"] is True
    assert fields["amount_total"]["computed"] is True
    assert fields["currency_id"].get("computed") or fields["currency_id"].get("related")
    assert "not_described" not in told
    few = admin.result("describe_model", {"model": "sale.order", "fields": ["name", "state"]})["fields"]
    assert few == {name: fields[name] for name in ("name", "state")}


def test_describe_model_in_brief(admin, world, door):
    told = admin.result("describe_model", {"model": "sale.order"})
    fields = told["fields"]
    assert "partner_id*>res.partner" in fields["many2one"]
    assert {"draft", "sent", "sale", "cancel"} == set(told["choices"]["state"])
    assert any(name.startswith("amount_total!") for name in fields["monetary"])
    assert told["order"] == "date_order desc, id desc"
    assert told["default_fields"] == admin.result("search", {"model": "sale.order", "limit": 1})["columns"][1:]
    # Every field is either described or counted.
    every = world.json2(door).value("sale.order", "fields_get", attributes=["type"])
    assert sum(map(len, fields.values())) + told["left_out"] == len(every) - 1


@pytest.mark.parametrize("model", ["res.partner", "sale.order", "account.move", "product.template", "res.users"])
def test_a_brief_description_is_brief(admin, model):
    result = admin.call("describe_model", {"model": model}).json["result"]
    assert len(result["content"][0]["text"].encode()) < 8_000


def test_describe_model_tells_what_one_may_do(world, door, restrict):
    def may(login, model):
        return world.client(door, login).result("describe_model", {"model": model})["may"]

    for login in ("admin", "sally", "petra"):
        for model in ("res.partner", "sale.order", "res.country"):
            odoo = world.json2(door, login)
            granted = [
                name
                for name in ("read", "write", "create", "unlink")
                if odoo.value(model, "has_access", ids=[], operation=name)
            ]
            with restrict.access(model):
                assert may(login, model) == granted, (login, model)
    assert "write" in may("sally", "sale.order")
    with restrict.access("sale.order", off=["write", "unlink"]):
        assert may("admin", "sale.order") == ["read", "create"]


def test_too_much_to_describe_is_named(admin, db):
    with db.parameter("odoo_mcp.max_answer_kb", "30"):
        answer = admin.call("describe_model", {"model": "res.partner", "detail": "full"}).json["result"]
    told = answer["structuredContent"]
    assert len(answer["content"][0]["text"].encode()) <= 30_000
    assert len(told["fields"]) > 50
    whole = admin.result("describe_model", {"model": "res.partner", "detail": "full"})
    assert set(told["fields"]) | set(told["not_described"]) == set(whole["fields"])
    assert "not_described" not in whole


def test_describe_model_hides_what_the_user_may_not_see(sally, admin):
    for detail in ("brief", "full"):
        asked = {"model": "mcp.test.item", "detail": detail}
        assert "secret" not in json.dumps(sally.result("describe_model", asked))
        assert "secret" in json.dumps(admin.result("describe_model", asked)["fields"])


def test_list_models_gives_those_the_user_may_read(world, door):
    seen = {
        login: {entry["model"] for entry in world.client(door, login).result("list_models", {"limit": 1000})["models"]}
        for login in ("admin", "sally", "petra")
    }
    assert {"res.partner", "sale.order", "ir.ui.menu"} <= seen["admin"]
    assert {"res.partner", "sale.order"} <= seen["sally"]
    assert "crm.lead" not in seen["petra"]
    assert len(seen["petra"]) < len(seen["sally"]) < len(seen["admin"])


def test_list_models_searches_by_words(admin):
    found = admin.result("list_models", {"search": "sales order"})["models"]
    assert found[0] == {"model": "sale.order", "name": "Sales Order"}
    assert "sale.order.line" in {entry["model"] for entry in found}
    assert "res.country" not in {entry["model"] for entry in found}
    # The words that users have for a model's records.
    for word, model in (("invoice", "account.move"), ("customer", "res.partner"), ("quotations", "sale.order")):
        likely = admin.result("list_models", {"search": word})["models"][:3]
        assert model in {entry["model"] for entry in likely}, (word, likely)
    assert admin.result("list_models", {"search": "no-such-thing"}) == {
        "models": [],
        "total": 0,
        "offset": 0,
        "has_more": False,
    }


def test_list_modules(admin):
    found = admin.result("list_modules", {"search": "odoo_mcp"})
    names = [dict(zip(found["columns"], row, strict=True)) for row in found["rows"]]
    assert {"odoo_mcp"} <= {module["name"] for module in names}
    ours = next(module for module in names if module["name"] == "odoo_mcp")
    assert (ours["state"], ours["application"]) == ("installed", True)
    assert ours["installed_version"].startswith("19.0.")
    assert admin.result("list_modules", {"state": "uninstalled", "limit": 1})["total"] > 50


def test_list_companies(world, door):
    def companies(login):
        found = world.client(door, login).result("list_companies")
        return [dict(zip(found["columns"], row, strict=True)) for row in found["rows"]]

    assert [(company["id"], company["default"]) for company in companies("olga")] == [(world.rival, True)]
    mine = companies("sally")
    assert [(company["id"], company["default"]) for company in mine] == [(world.main, True)]
    assert mine[0]["currency"]


def test_nothing_is_silently_ignored(admin):
    for tool in BUILT_IN:
        assert "surprise" in admin.refusal(tool, {"model": "res.partner", "ids": [1], "surprise": 1}), tool


@pytest.mark.parametrize("version", ["2025-06-18", "2025-11-25", mcp.MODERN])
def test_bad_arguments_are_the_tools_answer_in_every_version(admin, version):
    params = {"name": "count", "arguments": {"model": "res.partnr"}}
    if version == mcp.MODERN:
        answer = admin.modern("tools/call", params)
    else:
        admin.initialize(version)
        answer = admin.legacy("tools/call", params)
    assert answer.status == 200
    assert answer.json["result"]["isError"] is True
    assert "structuredContent" not in answer.json["result"]
