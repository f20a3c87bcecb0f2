"""Changes through MCP leave what the same changes through Odoo's own /json/2 leave: each is made twice, on twins."""

import json

import pytest
from support import undo

USERS = ["admin", "sally", "olga", "petra", "tom"]
# What must differ between twins, or is computed from the moment of the change.
OWN = {
    "id",
    "create_date",
    "write_date",
    "display_name",
    "name",
    "access_token",
    "access_url",
    "message_ids",
    "message_follower_ids",
    "activity_ids",
    "uuid",
    "date_open",
    "date_last_stage_update",
    "complete_name",
    "commercial_partner_id",
    "partner_share",
    "day_open",
    "hours_open",
    "website_message_ids",
    "rating_ids",
    "avatar_128",
    "lang",
}


def _values(world):
    """{what: (model, values as MCP takes them, the same as JSON-2 takes them)}: only times are written differently."""
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


def _fields(odoo, model):
    answer = odoo.value(model, "fields_get", attributes=["type", "store"])
    return {
        name: field["type"]
        for name, field in answer.items()
        if field["store"] and name not in OWN and field["type"] not in ("binary", "one2many", "many2many")
    }


def _state(odoo, model, number):
    """All stored values of a record, as the administrator sees them, its new children by their values."""
    names = sorted(_fields(odoo, model))
    return odoo.value(model, "read", ids=[number], fields=names)[0] | {"id": None}


def _distinct(values, suffix):
    """Values that must be unique in the database made so for each of the twins."""
    return {
        key: f"{value}{suffix}"
        if key in ("login", "key", "code") or (key == "name" and value == "Twin item")
        else value
        for key, value in values.items()
    }


def _plain(state, model):
    """A state without the parts that were made distinct."""
    return {
        key: value
        for key, value in state.items()
        if key not in ("login", "key", "code", "email_normalized", "partner_id") or model in ("sale.order", "crm.lead")
    }


@pytest.mark.parametrize("login", USERS)
@pytest.mark.parametrize("what", WHAT)
def test_create_leaves_what_json_2_leaves(world, fast_server, db, what, login):
    model, values = _values(world)[what]
    odoo, admin = world.json2(fast_server, login), world.json2(fast_server)
    before = db.value(f"SELECT count(*) FROM {model.replace('.', '_')}")
    reference = odoo.call(model, "create", vals_list=[_distinct(values, "A")], context={"lang": "en_US"})
    answer = world.client(fast_server, login).call(
        "create", {"model": model, "values": json.dumps(_distinct(values, "B"))}
    )
    result = answer.json["result"]
    if reference.status != 200:
        assert result["isError"] is True, reference.text[:300]
        first = reference.json["message"].strip().splitlines()[0]
        assert first.replace("A", "B") in result["content"][0]["text"].replace("A", "B")
        assert db.value(f"SELECT count(*) FROM {model.replace('.', '_')}") == before
        return
    assert result["isError"] is False, result
    twins = [reference.json[0], result["structuredContent"]["ids"][0]]
    states = [_plain(_state(admin, model, number), model) for number in twins]
    assert states[0] == states[1]
    assert result["structuredContent"]["names"] == [
        record["display_name"] for record in odoo.value(model, "read", ids=twins[1:], fields=["display_name"])
    ]
    assert admin.value(model, "unlink", ids=twins) is True


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
    "another's record": ("res.users", {"name": "Renamed"}),
    "what nobody may": ("ir.model.access", {"perm_read": False}),
}
MAKE = {
    "res.partner": {"name": "Write twin", "email": "w@example.com", "phone": "5", "country_id": 21},
    "crm.lead": {"name": "Write twin", "type": "opportunity"},
}


@pytest.mark.parametrize("login", USERS)
@pytest.mark.parametrize("what", WRITES)
def test_write_leaves_what_json_2_leaves(world, fast_server, db, what, login):
    model, values = WRITES[what]
    odoo, admin = world.json2(fast_server, login), world.json2(fast_server)
    make = MAKE.get(model) or {"sale.order": {"partner_id": world.partners[0]}}.get(model)
    if make:
        owned = (
            {**make, "user_id": world[login].id}
            if model in ("crm.lead", "sale.order") and login in ("admin", "sally")
            else make
        )
        twins = admin.value(model, "create", vals_list=[owned, owned])
    else:
        twins = [world["norma"].id, world["tom"].id] if model == "res.users" else [1, 2]
    plain = {key: (False if value is None else value) for key, value in values.items()}
    reference = odoo.call(model, "write", ids=[twins[0]], vals=plain, context={"lang": "en_US"})
    before = [_state(admin, model, number) for number in twins]
    result = (
        world.client(fast_server, login)
        .call("write", {"model": model, "ids": [twins[1]], "values": json.dumps(values)})
        .json["result"]
    )
    after = [_state(admin, model, number) for number in twins]
    if reference.status != 200:
        assert result["isError"] is True, reference.text[:300]
        assert after == before
        assert reference.json["message"].split("\n")[0].split(" (")[0] in result["content"][0]["text"]
    else:
        assert result["isError"] is False, result
        if make:
            assert after[0] == after[1]
        else:
            assert {key: after[0][key] for key in values} == {key: after[1][key] for key in values}
    if make:
        assert admin.value(model, "unlink", ids=twins) is True


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


def test_times_are_the_same_moment(world, fast_server, db):
    """Written in the user's time through MCP, in UTC through JSON-2."""
    admin = world.json2(fast_server)
    for login in ("admin", "sally", "olga"):
        for utc in ("2026-01-20 12:30:00", "2026-07-01 23:59:59", "2026-03-29 00:59:59", "2026-11-01 04:30:00"):
            twins = admin.value(
                "mcp.test.item", "create", vals_list=[{"name": "Moment A", "happened": utc}, {"name": "Moment B"}]
            )
            local = undo.local(utc, world[login].tz)
            result = world.client(fast_server, login).call(
                "write", {"model": "mcp.test.item", "ids": [twins[1]], "values": {"happened": local}}
            )
            if not result.json["result"]["isError"]:
                moments = [
                    str(row["happened"])
                    for row in db.rows("SELECT happened FROM mcp_test_item WHERE id = ANY(%s) ORDER BY id", twins)
                ]
                assert moments[0] == moments[1], (login, utc, local)
            admin.value("mcp.test.item", "unlink", ids=twins)


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
