"""A change through MCP has the same effect as the same change through Odoo's /json/2. Each is made on one of two equal
records."""

import json

import pytest
from support import undo

# Only Odoo's administrators may change the last two.
OPENED = ["ir.config_parameter", "ir.model.access", "res.country", "res.users"]
pytestmark = pytest.mark.usefixtures("opened")

USERS = ["admin", "sally", "olga", "petra", "tom"]
# Columns that differ between two equal records, because there are two of them or because one was created later.
OWN = {
    "id",
    "create_date",
    "write_date",
    "name",
    "access_token",
    "uuid",
    "complete_name",
    "parent_path",
    "commercial_partner_id",
    "partner_id",
    "alias_id",
    "date_open",
    "date_last_stage_update",
    "date_order",
    "calendar_last_notif_ack",
    "rating_last_value",
    "login",
    "key",
    "code",
    "email_normalized",
    "action_id",
    "message_main_attachment_id",
    "document_token",
    "signup_type",
}


def _values(world):
    """{description: (model, values for MCP, values for JSON-2)}. Only the format of times differs."""
    same = {
        "a partner": (
            "res.partner",
            {
                "name": "Twin",
                "is_company": True,
                "email": "twin@example.com",
                "phone": "+32 2 555",
                "color": 5,
                "comment": "<p>A <b>note</b></p>",
                "ref": False,
                "type": "other",
                "credit_limit": 0,
            },
        ),
        "a partner with children and tags": (
            "res.partner",
            {
                "name": "Twin",
                "child_ids": [[0, 0, {"name": "Child", "type": "delivery"}]],
                "category_id": [[0, 0, {"name": "Twin tag"}]],
                "country_id": 21,
            },
        ),
        "a partner of a parent": ("res.partner", {"name": "Twin", "parent_id": world.partners[0], "function": "CEO"}),
        "a lead": (
            "crm.lead",
            {
                "name": "Twin",
                "type": "opportunity",
                "expected_revenue": 1234.56,
                "date_deadline": "2026-08-01",
                "partner_id": world.partners[1],
                "priority": "2",
            },
        ),
        "an order with lines": (
            "sale.order",
            {
                "partner_id": world.partners[0],
                "client_order_ref": "T",
                "note": "<p>x</p>",
                "order_line": [
                    [0, 0, {"name": "A section", "display_type": "line_section"}],
                    [0, 0, {"name": "A note", "display_type": "line_note"}],
                ],
            },
        ),
        "a task": ("project.task", {"name": "Twin", "priority": "1", "allocated_hours": 2.5}),
        "an item": ("mcp.test.item", {"name": "Twin item", "amount": 3.25, "due": "2026-02-28"}),
        "nothing required": ("res.partner", {}),
        "a user": ("res.users", {"name": "Twin", "login": "twin-user"}),
        "a country": ("res.country", {"name": "Twinland", "code": "T1"}),
        "a parameter": ("ir.config_parameter", {"key": "twin.key", "value": "x"}),
    }
    return {what: (model, values) for what, (model, values) in same.items()}


WHAT = [
    "a partner",
    "a partner with children and tags",
    "a partner of a parent",
    "a lead",
    "an order with lines",
    "a task",
    "an item",
    "nothing required",
    "a user",
    "a country",
    "a parameter",
]


def _state(db, model, number):
    """All columns of a record except those in `OWN`, and the same of the lines that belong to it."""
    row = db.row(f"SELECT * FROM {model.replace('.', '_')} WHERE id = %s", number)
    state = {key: value for key, value in row.items() if key not in OWN}
    lines = {
        "sale.order": "SELECT name, display_type, sequence, state FROM sale_order_line WHERE order_id = %s ORDER BY id",
        "res.partner": "SELECT name, type, lang, tz FROM res_partner WHERE parent_id = %s ORDER BY id",
    }.get(model)
    return state, db.rows(lines, number) if lines else []


def _distinct(values, suffix):
    """Makes values unique for each record where the database requires it."""
    unique = {"login", "key"} | ({"name"} if values.get("name") in ("Twin item", "Twinland") else set())
    made = {key: f"{value} {suffix}" if key in unique else value for key, value in values.items()}
    return made | ({"code": suffix[0] + suffix[-1].upper()} if "code" in made else {})


@pytest.mark.parametrize("login", USERS)
@pytest.mark.parametrize("what", WHAT)
def test_create_leaves_what_json_2_leaves(world, fast_server, db, what, login):
    model, values = _values(world)[what]
    odoo = world.json2(fast_server, login)
    table = model.replace(".", "_")
    before = db.value(f"SELECT count(*) FROM {table}")
    context = {"lang": "en_US", "tz": world[login].tz or False}
    reference = odoo.call(model, "create", vals_list=[_distinct(values, f"1{login}")], context=context)
    answer = world.client(fast_server, login).call(
        "create", {"model": model, "values": json.dumps(_distinct(values, f"2{login}"))}
    )
    result = answer.json["result"]
    if reference.status != 200:
        assert result["isError"] is True, reference.text[:300]
        first = reference.json["message"].strip().splitlines()[0]
        assert first.replace(f"1{login}", f"2{login}") in result["content"][0]["text"]
        assert db.value(f"SELECT count(*) FROM {table}") == before
        return
    assert result["isError"] is False, result
    twins = [reference.json[0], result["structuredContent"]["ids"][0]]
    assert _state(db, model, twins[0]) == _state(db, model, twins[1])
    assert result["structuredContent"]["names"] == [
        record["display_name"] for record in odoo.value(model, "read", ids=twins[1:], fields=["display_name"])
    ]


WRITES = {
    "plain values": (
        "res.partner",
        {"phone": "+1", "color": 3, "comment": "<p>new</p>", "website": "https://example.com"},
    ),
    "emptying": ("res.partner", {"email": None, "phone": None, "country_id": None}),
    "a date": ("crm.lead", {"date_deadline": "2026-12-24"}),
    "a selection and a relation": ("crm.lead", {"type": "lead", "user_id": None, "priority": "3"}),
    "lines": (
        "sale.order",
        {"order_line": [[0, 0, {"name": "New note", "display_type": "line_note"}]], "client_order_ref": "W"},
    ),
    "another's record": ("res.users", {"signature": "<p>Renamed</p>"}),
    "what nobody may": ("ir.model.access", {"perm_read": False}),
}
MAKE = {
    "res.partner": {"name": "Write twin", "email": "w@example.com", "phone": "5", "country_id": 21},
    "crm.lead": {"name": "Write twin", "type": "opportunity"},
    # A model without records, so that no access changes.
    "ir.model.access": {"name": "Write twin", "model_id": 1, "perm_read": True},
}


@pytest.mark.parametrize("login", USERS)
@pytest.mark.parametrize("what", WRITES)
def test_write_leaves_what_json_2_leaves(world, fast_server, db, what, login):
    model, values = WRITES[what]
    odoo, admin = world.json2(fast_server, login), world.json2(fast_server)
    make = MAKE.get(model) or {"sale.order": {"partner_id": world.partners[0]}}.get(model)
    if make:
        mine = (
            {"user_id": world[login].id} if model in ("crm.lead", "sale.order") and login in ("admin", "sally") else {}
        )
        twins = admin.value(model, "create", vals_list=[{**make, **mine}, {**make, **mine}])
    else:
        twins = [world.spare().id, world.spare().id] if model == "res.users" else [1, 2]
    plain = {key: (False if value is None else value) for key, value in values.items()}
    context = {"lang": "en_US", "tz": world[login].tz or False}
    reference = odoo.call(model, "write", ids=[twins[0]], vals=plain, context=context)
    before = [_state(db, model, number) for number in twins]
    client = world.client(fast_server, login)
    answer = client.call("write", {"model": model, "ids": [twins[1]], "values": json.dumps(values)})
    result = answer.json["result"]
    after = [_state(db, model, number) for number in twins]
    if reference.status != 200:
        assert result["isError"] is True, reference.text[:300]
        assert after == before
        assert reference.json["message"].split("\n")[0].split(" (")[0] in result["content"][0]["text"]
        return
    assert result["isError"] is False, result
    columns = set(after[0][0]) if make else set(values)
    assert {key: after[0][0][key] for key in columns} == {key: after[1][0][key] for key in columns}
    assert after[0][1] == after[1][1]


@pytest.mark.parametrize("login", USERS)
def test_unlink_leaves_what_json_2_leaves(world, fast_server, login):
    odoo, admin = world.json2(fast_server, login), world.json2(fast_server)
    for model, values in (
        ("res.partner.category", {"name": "Unlink twin"}),
        ("res.partner", {"name": "Unlink twin"}),
        ("crm.lead", {"name": "Unlink twin"}),
        ("sale.order", {"partner_id": world.partners[0]}),
        ("mcp.test.item", None),
    ):
        lines = [values, values] if values else [{"name": "Unlink A"}, {"name": "Unlink B"}]
        twins = admin.value(model, "create", vals_list=lines)
        reference = odoo.call(model, "unlink", ids=[twins[0]])
        result = world.client(fast_server, login).call("unlink", {"model": model, "ids": [twins[1]]}).json["result"]
        assert result["isError"] == (reference.status != 200), (model, reference.text[:200], result)
        left = admin.value(model, "search", domain=[["id", "in", twins]], context={"active_test": False})
        assert left in ([], twins, twins[::-1]), (model, left)
        assert admin.value(model, "unlink", ids=left) is True


MOMENTS = ["2026-01-20 12:30:00", "2026-07-01 23:59:59", "2026-03-29 00:59:59", "2026-11-01 04:30:00"]


@pytest.mark.parametrize("login", ["admin", "sally", "olga"])
def test_times_are_the_same_moment(world, fast_server, db, login):
    """The user's time zone through MCP, UTC through JSON-2."""
    odoo, client = world.json2(fast_server, login), world.client(fast_server, login)
    for utc in MOMENTS:
        twins = odoo.value("crm.lead", "create", vals_list=[{"name": "Moment", "user_id": world[login].id}] * 2)
        assert odoo.value("crm.lead", "write", ids=twins[:1], vals={"date_automation_last": utc}) is True
        values = {"date_automation_last": undo.local(utc, world[login].tz)}
        client.result("write", {"model": "crm.lead", "ids": twins[1:], "values": values})
        moments = db.rows("SELECT date_automation_last::text AS at FROM crm_lead WHERE id = ANY(%s)", twins)
        assert moments == [{"at": utc}] * 2, values


CALLS = [
    ("res.partner", "address_get", lambda world: {"ids": world.partners[:1]}, {"adr_pref": ["delivery", "invoice"]}),
    ("res.users", "has_group", lambda world: {"ids": [world["sally"].id]}, {"group_ext_id": "base.group_user"}),
    ("res.users", "context_get", lambda world: {}, {}),
    ("crm.lead", "get_empty_list_help", lambda world: {}, {"help_message": "x"}),
    ("sale.order", "get_formview_id", lambda world: {"ids": world.orders[:1]}, {}),
    ("mcp.test.item", "describe", lambda world: {}, {"greeting": "Hi"}),
    ("res.partner", "get_base_url", lambda world: {"ids": world.partners[:1]}, {}),
]


@pytest.mark.parametrize("login", USERS)
@pytest.mark.parametrize("model, method, ids, kwargs", CALLS, ids=[call[1] for call in CALLS])
def test_a_method_gives_what_json_2_gives(world, fast_server, login, model, method, ids, kwargs):
    context = {"lang": "en_US", "tz": world[login].tz or False}
    reference = world.json2(fast_server, login).call(model, method, context=context, **ids(world), **kwargs)
    result = (
        world.client(fast_server, login)
        .call("method_call", {"model": model, "method": method, **ids(world), "kwargs": json.dumps(kwargs)})
        .json["result"]
    )
    if reference.status == 200:
        assert result["isError"] is False, (result, reference.text[:300])
        if method != "context_get":
            assert result["structuredContent"]["result"] == reference.json
    else:
        assert result["isError"] is True
