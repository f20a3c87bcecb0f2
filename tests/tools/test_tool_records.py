"""Tools are records: an administrator's change takes effect on the next request, in every worker, at both doors.

The test changes a record in Odoo with a form's values. Then it asks every worker in turn, with the others stopped.
"""

import contextlib
import json

import pytest
from support import workers

GREET = "odoo_mcp_test.tool_test_greet"


@pytest.fixture
def edit(world, door):
    """Changes a tool's record and restores it at the end."""
    odoo = world.json2(door)
    undo = []

    def change(name, /, **values):
        found = odoo.value(
            "mcp.tool", "search_read", domain=[["name", "=", name]], fields=list(values), context={"active_test": False}
        )
        before = {key: found[0][key] for key in values}
        assert odoo.value("mcp.tool", "write", ids=[found[0]["id"]], vals=values) is True
        undo.append(
            (found[0]["id"], {key: [[6, 0, value]] if key == "group_ids" else value for key, value in before.items()})
        )

    yield change
    for number, values in reversed(undo):
        assert odoo.value("mcp.tool", "write", ids=[number], vals=values) is True


@pytest.fixture
def everywhere(world, door):
    """Runs a check with each worker in turn while the other workers are stopped."""

    def check(function, login="admin"):
        for pid in door.worker_pids():
            with workers.only(door, pid):
                function(world.client(door, login))

    # Every worker answers before the change, so that an outdated cache would show.
    check(lambda client: client.tools())
    return check


def test_a_new_name(edit, everywhere):
    edit("test_greet", name="test_salute")

    def check(client):
        tools = client.tools()
        assert "test_salute" in tools and "test_greet" not in tools
        assert client.result("test_salute", {"name": "x"})["greeting"] == "Hello, x!"
        assert (
            "test_salute" in client.call("test_greet", {"name": "x"}).message
            or client.call("test_greet", {"name": "x"}).code == -32602
        )

    everywhere(check)


def test_a_new_description_and_title(edit, everywhere):
    edit("test_greet", description='Salute somebody — with "quotes" & ümlauts.', title="A new title")

    def check(client):
        tool = client.tools()["test_greet"]
        assert tool["description"] == 'Salute somebody — with "quotes" & ümlauts.'
        assert tool["title"] == "A new title"

    everywhere(check)


def test_another_order(edit, everywhere):
    edit("test_greet", sequence=-1)
    everywhere(lambda client: _equal(next(iter(client.tools())), "test_greet"))
    edit("list_companies", sequence=-2)
    everywhere(lambda client: _equal(list(client.tools())[:2], ["list_companies", "test_greet"]))


def _equal(one, other):
    assert one == other


def test_an_archived_tool(edit, everywhere):
    edit("count", active=False)

    def check(client):
        assert "count" not in client.tools()
        answer = client.call("count", {"model": "res.partner"})
        assert (answer.status, answer.code) == (200, -32602)

    everywhere(check)


def test_a_narrower_schema(edit, everywhere):
    schema = {
        "type": "object",
        "properties": {"model": {"type": "string", "enum": ["res.company"]}},
        "required": ["model"],
        "additionalProperties": False,
    }
    edit("count", parameters=json.dumps(schema))

    def check(client):
        assert client.tools()["count"]["inputSchema"] == schema
        assert client.result("count", {"model": "res.company"})["count"] >= 2
        assert "res.company" in client.refusal("count", {"model": "res.partner"})
        assert "domain" in client.refusal("count", {"model": "res.company", "domain": "[]"})

    everywhere(check)


def test_a_wider_schema_makes_no_argument_be_ignored(edit, everywhere):
    """The record allows the argument, but the tool does not know it."""
    schema = {
        "type": "object",
        "properties": {"model": {"type": "string"}, "limit": {"type": "integer"}},
        "required": ["model"],
    }
    edit("count", parameters=json.dumps(schema))
    everywhere(lambda client: _contains(client.refusal("count", {"model": "res.company", "limit": 3}), "limit"))


def _contains(text, part):
    assert part in text, text


def test_other_hints(edit, everywhere):
    edit("test_greet", read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=True)
    everywhere(
        lambda client: _equal(
            client.tools()["test_greet"]["annotations"],
            {"readOnlyHint": True, "destructiveHint": False, "idempotentHint": True, "openWorldHint": True},
        )
    )


def test_groups(edit, everywhere, world, door):
    group = world.json2(door).value(
        "ir.model.data",
        "search_read",
        domain=[["module", "=", "base"], ["name", "=", "group_system"]],
        fields=["res_id"],
    )[0]["res_id"]
    edit("test_greet", group_ids=[[6, 0, [group]]])
    everywhere(lambda client: _equal("test_greet" in client.tools(), True))

    def hidden(client):
        assert "test_greet" not in client.tools()
        answer = client.call("test_greet", {"name": "x"})
        assert (answer.status, answer.code) == (200, -32602)
        assert "test_greet?" not in answer.message.replace('"', "")

    everywhere(hidden, "sally")


def test_a_group_that_implies_the_tools_group_counts(edit, everywhere, world, door):
    """The administrator belongs to the salespeople's group only through other groups."""
    group = world.json2(door).value(
        "ir.model.data", "search_read", domain=[["module", "=", "base"], ["name", "=", "group_user"]], fields=["res_id"]
    )[0]["res_id"]
    edit("test_greet", group_ids=[[6, 0, [group]]])
    for login in ("admin", "sally"):
        everywhere(lambda client: _equal("test_greet" in client.tools(), True), login)
    everywhere(lambda client: _equal("test_greet" in client.tools(), False), "petra")


def test_another_method(edit, everywhere):
    edit("test_text", method="_tool_test_list")
    everywhere(lambda client: _equal(client.result("test_text"), {"result": [1, "two", None]}))


def test_an_edit_is_seen_while_a_transaction_that_made_another_is_open(edit, everywhere, db):
    """Requests do not wait for an administrator's uncommitted change."""
    with db.transaction() as cursor:
        cursor.execute("UPDATE mcp_tool SET description = 'never saved' WHERE name = 'count'")
        edit("test_greet", description="Saved.")
        everywhere(lambda client: _equal(client.tools()["test_greet"]["description"], "Saved."))
        everywhere(lambda client: _equal(client.tools()["count"]["description"] == "never saved", False))


@pytest.mark.parametrize(
    "values",
    [
        {"name": "two words"},
        {"name": ""},
        {"name": "x" * 65},
        {"name": "search"},
        {"parameters": "{"},
        {"parameters": "[]"},
        {"parameters": '{"type": "array"}'},
        {"parameters": ""},
        {"method": "unlink"},
        {"method": "_tool_no_such"},
        {"method": ""},
        {"output_schema": "nonsense"},
        {"description": False},
    ],
)
def test_an_edit_that_would_break_a_tool_is_refused(world, door, values):
    odoo = world.json2(door)
    number = odoo.value("mcp.tool", "search", domain=[["name", "=", "test_greet"]])[0]
    answer = odoo.call("mcp.tool", "write", ids=[number], vals=values)
    assert answer.status >= 400
    assert answer.json["name"].startswith(("odoo.exceptions", "psycopg2"))


def test_a_new_tool_of_an_administrator(world, door, everywhere):
    odoo = world.json2(door)
    action = odoo.value(
        "ir.actions.server",
        "create",
        vals_list=[
            {
                "name": "MCP: weather",
                "model_id": odoo.value("ir.model", "search", domain=[["model", "=", "res.partner"]])[0],
                "state": "code",
                "code": "place = env.context['mcp_arguments']['place']\n"
                "action = {'type': 'ir.actions.act_url', 'url': 'https://example.com/' + place}",
            }
        ],
    )
    tool = odoo.value(
        "mcp.tool",
        "create",
        vals_list=[
            {
                "name": "weather",
                "description": "The weather somewhere.",
                "server_action_id": action[0],
                "parameters": json.dumps(
                    {
                        "type": "object",
                        "properties": {"place": {"type": "string"}},
                        "required": ["place"],
                        "additionalProperties": False,
                    }
                ),
            }
        ],
    )
    with contextlib.ExitStack() as cleaning:
        cleaning.callback(lambda: odoo.value("ir.actions.server", "unlink", ids=action))
        cleaning.callback(lambda: odoo.value("mcp.tool", "unlink", ids=tool))
        everywhere(
            lambda client: _equal(
                client.result("weather", {"place": "Ghent"})["result"]["action"]["url"], "https://example.com/Ghent"
            )
        )
        everywhere(lambda client: _contains(client.refusal("weather", {}), "place"))
    everywhere(lambda client: _equal("weather" in client.tools(), False))


def test_only_mcp_administrators_change_tools(world, door):
    for login in ("sally", "petra"):
        odoo = world.json2(door, login)
        for method, arguments in (
            ("create", {"vals_list": [{"name": "mine", "description": "x"}]}),
            ("write", {"ids": [1], "vals": {"name": "x"}}),
            ("unlink", {"ids": [1]}),
            ("search_read", {"domain": []}),
        ):
            assert odoo.call("mcp.tool", method, **arguments).status == 403, (login, method)


@pytest.mark.parametrize(
    "broken",
    [
        {"parameters": '{"type": "object"'},
        {"parameters": '{}},{"name":"smuggled","inputSchema":{}'},
        {"output_schema": "nonsense"},
        {"output_schema": "[]"},
    ],
    ids=str,
)
def test_a_record_that_was_broken_in_the_database_costs_its_own_tool_only(admin, db, broken):
    ((column, text),) = broken.items()
    names = list(admin.tools())
    before = db.value(f"SELECT {column} FROM mcp_tool WHERE name = 'test_greet'")
    db.run(f"UPDATE mcp_tool SET {column} = %s WHERE name = 'test_greet'", text)
    try:
        assert list(admin.tools()) == [name for name in names if name != "test_greet"]
        status = db.value("SELECT mcp_status()")
        assert status["ready"] is True
        assert [warning for warning in status["warnings"] if '"test_greet" is not listed' in warning["message"]]
        if column == "parameters":
            assert "administrator" in admin.refusal("test_greet", {"name": "x"})
    finally:
        db.run(f"UPDATE mcp_tool SET {column} = %s WHERE name = 'test_greet'", before)
    assert list(admin.tools()) == names
