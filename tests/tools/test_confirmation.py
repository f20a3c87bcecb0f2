"""Confirmation of calls: by a person through elicitation, otherwise by a single-use token; and attacks of a hostile
model or client on both."""

import re
import uuid

import pytest
from clients import python_clients
from support.concurrency import at_once
from support.input_required import accept, ask, asked, done
from support.input_streams import open_session, questions, respond, stream, take_up
from support.mcp import HANDSHAKE

MODEL = "mcp.test.item"
PERSON = {"elicitation": {}}
YES = {"confirm": accept(confirm=True)}


@pytest.fixture
def name():
    """A unique name."""
    return f"confirmed {uuid.uuid4()}"


@pytest.fixture
def item(db, name):
    """A record of this test."""
    number = db.value("INSERT INTO mcp_test_item (name, amount) VALUES (%s, 1) RETURNING id", name)
    yield number
    db.run("DELETE FROM mcp_test_item WHERE id = %s", number)


@pytest.fixture
def careful(restrict):
    """Requires confirmation for calls that overwrite or delete."""
    with restrict.setting("confirm", "destructive"):
        yield


def is_there(db, item):
    """Whether the record still exists."""
    return db.value("SELECT count(*) FROM mcp_test_item WHERE id = %s", item) == 1


def unlink(item, **more):
    """Arguments that delete it."""
    return {"model": MODEL, "ids": [item], **more}


def token(text):
    """The token in an answer."""
    return re.search(r'"confirmation": "([\w-]+)"', text)[1]


# -- without a person -----------------------------------------------------------------------------


def test_nothing_is_asked_unless_an_administrator_says_so(admin, db, item):
    assert admin.result("unlink", unlink(item))["ids"] == [item]
    assert not is_there(db, item)


def test_a_token_is_good_for_one_call(admin, db, careful, item, name):
    mark = db.audit_mark()
    text = admin.refusal("unlink", unlink(item))
    assert "Nothing was changed" in text and f'Delete 1 record of {MODEL}: "{name}"' in text
    assert is_there(db, item)
    given = token(text)
    assert admin.result("unlink", unlink(item, confirmation=given))["ids"] == [item]
    assert not is_there(db, item)
    db.run("INSERT INTO mcp_test_item (id, name) VALUES (%s, %s)", item, name)
    again = admin.refusal("unlink", unlink(item, confirmation=given))
    assert "used already" in again and is_there(db, item)
    assert [row["status"] for row in db.audit_since(mark)] == ["asked", "ok", "error"]


def test_a_changed_argument_makes_it_void(admin, db, careful, item, name):
    other = db.value("INSERT INTO mcp_test_item (name) VALUES (%s) RETURNING id", f"{name} 2")
    given = token(admin.refusal("unlink", unlink(item)))
    for wrong in ({"ids": [item, other]}, {"ids": [other]}, {"model": "res.partner"}):
        text = admin.refusal("unlink", {**unlink(item), **wrong, "confirmation": given})
        assert "not given for exactly this call" in text
    write = {"model": MODEL, "ids": [item], "values": {"amount": 5}}
    assert "not given" in admin.refusal("write", {**write, "confirmation": given})
    for forged in ("yes", "", given[:-1], given + "A", given[::-1]):
        assert "confirmation" in admin.refusal("unlink", unlink(item, confirmation=forged))
    assert is_there(db, item) and is_there(db, other)
    # The token remains valid.
    assert admin.result("unlink", unlink(item, confirmation=given))


def test_nobody_else_can_use_it(world, door, db, careful, item):
    given = token(world.client(door).refusal("unlink", unlink(item)))
    for login, scope in (("sally", "rpc"), ("admin", "mcp"), ("admin", "none")):
        text = world.client(door, login, scope).refusal("unlink", unlink(item, confirmation=given))
        assert "not given for exactly this call" in text
    assert is_there(db, item)


def test_one_of_many_at_the_same_time(world, fast_server, ordinary_server, db, careful, name):
    """The method counts its calls. At both doors and across workers, one token allows one call."""
    item = db.value("INSERT INTO mcp_test_item (name, amount) VALUES (%s, 1) RETURNING id", name)
    call = {"model": MODEL, "method": "action_double", "ids": [item]}
    given = token(world.client(fast_server).refusal("method_call", call))
    clients = [world.client(server) for server in (fast_server, ordinary_server) for _ in range(4)]
    results = at_once(clients, *[("method_call", {**call, "confirmation": given})] * 8)
    assert sorted(result["isError"] for result in results) == [False] + [True] * 7
    assert db.value("SELECT amount FROM mcp_test_item WHERE id = %s", item) == 2


def test_what_failed_did_not_use_it_up(admin, db, careful, item, name):
    write = {"model": MODEL, "ids": [item], "values": {"amount": -1}}
    given = token(admin.refusal("write", write))
    for _ in range(2):
        text = admin.refusal("write", {**write, "confirmation": given})
        assert "used already" not in text and "amount" in text


def test_a_key_and_a_token_together(admin, db, careful, item, name):
    arguments = unlink(item, idempotency_key=name.replace(" ", "-"))
    given = token(admin.refusal("unlink", arguments))
    first = admin.result("unlink", {**arguments, "confirmation": given})
    # The client lost the answer and repeats the call, with or without the token.
    for again in ({**arguments, "confirmation": given}, arguments):
        assert admin.result("unlink", again) == {**first, "repeated": True}


def test_every_version_gets_a_token(world, door, db, careful, item):
    for version in HANDSHAKE:
        client = world.client(door)
        client.initialize(version)
        result = client.legacy("tools/call", {"name": "unlink", "arguments": unlink(item)}).json["result"]
        assert result["isError"] is True and token(result["content"][0]["text"])
    assert is_there(db, item)


def test_only_by_a_person(world, door, db, restrict, careful, item):
    client = world.client(door)
    given = token(client.refusal("unlink", unlink(item)))
    with restrict.setting("confirm_person", "True"):
        mark = db.audit_mark()
        text = client.refusal("unlink", unlink(item))
        assert "by a person" in text and "elicitation" in text and '"confirmation": "' not in text
        # The server does not accept an earlier token either.
        assert "by a person" in client.refusal("unlink", unlink(item, confirmation=given))
        assert [row["status"] for row in db.audit_since(mark)] == ["denied", "denied"]
        assert is_there(db, item)
        call = {"name": "unlink", "arguments": unlink(item)}
        _requests, state = asked(ask(client, capabilities=PERSON, **call))
        assert done(ask(client, capabilities=PERSON, **call, inputResponses=YES, requestState=state))
    assert not is_there(db, item)


# -- by a person ----------------------------------------------------------------------------------


def test_a_person_is_asked(admin, db, careful, item, name):
    mark = db.audit_mark()
    call = {"name": "unlink", "arguments": unlink(item)}
    requests, state = asked(ask(admin, capabilities=PERSON, **call))
    assert f'Delete 1 record of {MODEL}: "{name}"' in requests["confirm"]["params"]["message"]
    assert is_there(db, item)
    done(ask(admin, capabilities=PERSON, **call, inputResponses=YES, requestState=state))
    assert not is_there(db, item)
    # The same answer does not confirm a second call.
    db.run("INSERT INTO mcp_test_item (id, name) VALUES (%s, %s)", item, name)
    again = ask(admin, capabilities=PERSON, **call, inputResponses=YES, requestState=state).json["result"]
    assert again["isError"] is True and "used already" in again["content"][0]["text"]
    assert is_there(db, item)
    assert [row["status"] for row in db.audit_since(mark)] == ["asked", "ok", "error"]


def test_a_person_says_no(admin, db, careful, item):
    call = {"name": "unlink", "arguments": unlink(item)}
    for no in ({"action": "decline"}, {"action": "cancel"}, accept(confirm=False)):
        mark = db.audit_mark()
        _requests, state = asked(ask(admin, capabilities=PERSON, **call))
        answer = ask(admin, capabilities=PERSON, **call, inputResponses={"confirm": no}, requestState=state)
        result = answer.json["result"]
        assert result["isError"] is True and "does not want this" in result["content"][0]["text"]
        assert [row["status"] for row in db.audit_since(mark)] == ["asked", "declined"]
    assert is_there(db, item)


def test_an_answer_to_what_was_not_asked_is_none(admin, db, careful, item, name):
    call = {"name": "unlink", "arguments": unlink(item)}
    asked(ask(admin, capabilities=PERSON, **call, inputResponses=YES))
    # The state of a method's own question is not a confirmation either.
    ask_call = {"name": "test_ask", "arguments": {"name": name}}
    _requests, state = asked(ask(admin, **ask_call))
    answer = ask(admin, capabilities=PERSON, **call, inputResponses=YES, requestState=state)
    assert answer.code == -32602
    _requests, mine = asked(ask(admin, capabilities=PERSON, **call))
    other = {"name": "unlink", "arguments": unlink(item + 1)}
    assert ask(admin, capabilities=PERSON, **other, inputResponses=YES, requestState=mine).code == -32602
    assert is_there(db, item)


def test_a_method_that_asks_something_itself(admin, db, restrict, name):
    """First the confirmation, then the method's own question. Each is asked once."""
    call = {"name": "test_ask", "arguments": {"name": name}}
    with restrict.setting("confirm", "all"):
        requests, state = asked(ask(admin, **call))
        assert list(requests) == ["confirm"] and "test_ask" in requests["confirm"]["params"]["message"]
        requests, state = asked(ask(admin, **call, inputResponses=YES, requestState=state))
        assert list(requests) == ["sure"]
        answers = {"sure": accept(ok=True)}
        seen = done(ask(admin, **call, inputResponses=answers, requestState=state))["structuredContent"]
        assert seen["inputs"] == answers


def test_a_person_is_asked_on_the_stream_of_2025_11_25(world, door, db, careful, item, name):
    client = open_session(world, door, capabilities=PERSON)
    call = {"name": "unlink", "arguments": unlink(item)}
    for said, there in (({"action": "decline"}, True), (accept(confirm=True), False)):
        mark = db.audit_mark()
        events = stream(client.legacy("tools/call", call, number=77))
        request = questions(events)["confirm"]
        assert f'"{name}"' in request["params"]["message"] and is_there(db, item)
        respond(client, request, said)
        (answer,) = [event.message for event in stream(take_up(client, events[0].id)) if event.message]
        assert answer["result"]["isError"] is there and is_there(db, item) is there
        statuses = [(row["method"], row["status"]) for row in db.audit_since(mark)]
        last = "declined" if there else "ok"
        assert statuses == [("tools/call", "asked"), ("response", "ok"), ("tools/call", last)]


@pytest.mark.parametrize("era", ["auto", "legacy"])
@pytest.mark.parametrize("sdk", ["python", "fastmcp"])
def test_real_clients_ask_their_person(world, fast_server, db, careful, name, monkeypatch, sdk, era):
    """The official SDK and fastmcp, in both eras: the person first accepts, then declines."""
    key = world["admin"].key
    url = f"http://127.0.0.1:{fast_server.port}/mcp"
    for agreed, there in (({"confirm": True}, False), ({"confirm": False}, True)):
        item = db.value("INSERT INTO mcp_test_item (name) VALUES (%s) RETURNING id", f"{name} {there}")
        monkeypatch.setattr(python_clients, "AGREED", agreed)
        step = {"do": "tools/call", "name": "unlink", "arguments": unlink(item)}
        (result,) = python_clients.converse(sdk, era, url, key, [step])["results"]
        assert result["isError"] is there, result
        assert is_there(db, item) is there


# -- what is asked about --------------------------------------------------------------------------


def test_the_access_record_of_a_model_decides_by_operation(admin, db, restrict, item, name):
    write = {"model": MODEL, "ids": [item], "values": {"amount": 7}}
    create = {"model": MODEL, "values": {"name": f"{name} 2"}}
    double = {"model": MODEL, "method": "action_double", "ids": [item]}
    calls = {"write": write, "create": create, "unlink": unlink(item), "method_call": double}
    flags = {tool: f"confirm_{tool.removeprefix('method_')}" for tool in calls}
    with restrict.access(MODEL) as row:
        for tool, flag in flags.items():
            db.run(f"UPDATE mcp_access SET {flag} = true WHERE id = %s", row)
            assert "must be confirmed" in admin.refusal(tool, calls[tool])
            told = admin.result("explain_access", {"model": MODEL, "operation": "call" if "call" in flag else tool})
            assert "confirmed" in told["confirmation"]
            db.run(f"UPDATE mcp_access SET {flag} = false WHERE id = %s", row)
            assert "confirmation" not in admin.result("explain_access", {"model": MODEL, "operation": "write"})
        with restrict.setting("confirm", "all"):
            assert "must be confirmed" in admin.refusal("method_call", double)
            db.run("UPDATE mcp_access SET free_methods = 'action_double' WHERE id = %s", row)
            assert admin.result("method_call", double)
            question = {"model": MODEL, "method": "action_double"}
            assert "confirmation" not in admin.result("explain_access", question)
            assert "confirmation" in admin.result("explain_access", {"model": MODEL, "method": "describe"})
    assert admin.result("write", write)


def test_commands_within_values_are_asked_about(admin, db, restrict, world):
    """Commands that delete lines through their order need confirmation too."""
    order = world.orders[0]
    before = db.value("SELECT count(*) FROM sale_order_line WHERE order_id = %s", order)
    with restrict.access("sale.order.line") as row:
        db.run("UPDATE mcp_access SET confirm_create = true WHERE id = %s", row)
        values = {"order_line": [[0, 0, {"display_type": "line_note", "name": "x"}]]}
        text = admin.refusal("write", {"model": "sale.order", "ids": [order], "values": values})
        assert "also create records of sale.order.line" in text
    assert db.value("SELECT count(*) FROM sale_order_line WHERE order_id = %s", order) == before


def test_names_are_those_that_the_caller_may_see(world, door, db, restrict, careful):
    """The question reveals no more than reading would."""
    sally = world.client(door, "sally")
    lead = world.leads[1]
    title = db.value("SELECT name FROM crm_lead WHERE id = %s", lead)
    call = {"model": "crm.lead", "ids": [lead], "values": {"priority": "1"}}
    assert title in sally.refusal("write", call)
    for kind in ({"hidden": ["name"]}, {"hidden": ["display_name"]}):
        with restrict.access("crm.lead", **kind):
            text = sally.refusal("write", call)
            assert title not in text and "1 record of crm.lead" in text
    # Records of another user: Odoo refuses before the server asks. The same holds outside the policy's domain.
    foreign = {**call, "ids": [world.leads[0]]}
    secret = db.value("SELECT name FROM crm_lead WHERE id = %s", world.leads[0])
    assert secret not in sally.refusal("write", foreign)
    with restrict.access("crm.lead", domain=[["id", "!=", lead]]):
        assert title not in sally.refusal("write", call)
    assert db.value("SELECT priority FROM crm_lead WHERE id = %s", lead) != "1"


def test_secrets_are_not_told(admin, careful, world):
    call = {"model": "res.users", "ids": [world["sally"].id], "values": {"password": "hunter-2-hunter"}}
    text = admin.refusal("write", call)
    assert "hunter" not in text


def test_server_actions_and_tools_of_others(admin, db, restrict, name):
    with restrict.setting("confirm", "all"):
        text = admin.refusal("test_greet", {"name": name})
        assert "Run the tool test_greet" in text and name in text
        # The tool's schema does not declare a token, but the server accepts it.
        assert name in admin.call("test_greet", {"name": name, "confirmation": token(text)}).text
        assert "total" in admin.result("search", {"model": MODEL})
    assert "needs none" in admin.refusal("test_greet", {"name": name, "confirmation": "yes"})
