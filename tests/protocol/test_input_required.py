"""Calls that need input from the client (2026-07-28), and attacks by a client on the state that it carries."""

import base64
import json
import uuid

import pytest
from support.events import events, items
from support.input_required import accept, ask, asked, done
from support.mcp import HANDSHAKE, INVALID_PARAMS, META

MISSING_CAPABILITY = -32021


@pytest.fixture
def name():
    """A unique name."""
    return f"asked {uuid.uuid4()}"


@pytest.fixture
def tag(db):
    """A unique tag."""
    number = db.value(
        """INSERT INTO res_partner_category (name, active) VALUES ('{"en_US": "old"}', true) RETURNING id"""
    )
    yield number
    db.run("DELETE FROM res_partner_category WHERE id = %s", number)


def test_a_person_is_asked_and_the_call_goes_on(admin, db, tag):
    mark = db.audit_mark()
    call = {"name": "example_rename", "arguments": {"tag_id": tag}}
    requests, state = asked(ask(admin, **call))
    assert requests["name"]["method"] == "elicitation/create"
    assert requests["name"]["params"]["message"] == "What shall old be named?"
    answers = {"name": accept(name="new")}
    result = done(ask(admin, **call, inputResponses=answers, requestState=state))
    assert result["content"][0]["text"] == "It is named new now."
    assert db.value("SELECT name ->> 'en_US' FROM res_partner_category WHERE id = %s", tag) == "new"
    first, second = db.audit_since(mark)
    assert (first["status"], first["path"], first["request"]) == ("input_required", "orm", {"tag_id": tag})
    assert (second["status"], second["request"]) == ("ok", {"tag_id": tag, "inputResponses": answers})
    # A person may decline.
    _requests, state = asked(ask(admin, **call))
    no = ask(admin, **call, inputResponses={"name": {"action": "decline"}}, requestState=state)
    assert done(no)["content"][0]["text"] == "Nothing was renamed."


def test_a_model_and_a_client_are_asked(admin):
    requests, state = asked(ask(admin, name="example_guess"))
    assert requests["city"]["method"] == "sampling/createMessage"
    assert requests["city"]["params"]["maxTokens"] == 20
    said = {"role": "assistant", "content": {"type": "text", "text": "Paris"}, "model": "m"}
    result = done(ask(admin, name="example_guess", inputResponses={"city": said}, requestState=state))
    assert result["content"][0]["text"] == "The model says: Paris"
    requests, state = asked(ask(admin, name="example_folders"))
    assert requests == {"folders": {"method": "roots/list", "params": {}}}
    roots = {"roots": [{"uri": "file:///a", "name": "A"}, {"uri": "file:///b"}]}
    result = done(ask(admin, name="example_folders", inputResponses={"folders": roots}, requestState=state))
    assert result["content"][0]["text"] == "file:///a\nfile:///b"
    # The method can check the client's capabilities.
    result = done(ask(admin, name="example_folders", capabilities={}))
    assert "no folders" in result["content"][0]["text"]


def test_several_rounds(admin):
    requests, first = asked(ask(admin, name="example_interview"))
    assert list(requests) == ["name"]
    answers = {"name": accept(name="Ann")}
    requests, second = asked(ask(admin, name="example_interview", inputResponses=answers, requestState=first))
    assert list(requests) == ["colour"] and second != first
    answers = {"colour": accept(colour="blue")}
    result = done(ask(admin, name="example_interview", inputResponses=answers, requestState=second))
    assert result["content"][0]["text"] == "Ann likes blue."


def test_prompts_and_resources_ask(admin, db):
    mark = db.audit_mark()
    prompt = {"name": "test_asks", "arguments": {"topic": "tea"}}
    _requests, state = asked(ask(admin, "prompts/get", **prompt))
    answers = {"sure": accept(ok=True)}
    result = done(ask(admin, "prompts/get", **prompt, inputResponses=answers, requestState=state))
    assert result["messages"][0]["content"]["text"] == "tea: accept, ['tea']"
    _requests, state = asked(ask(admin, "resources/read", uri="mcp-test://asks"))
    answer = ask(admin, "resources/read", uri="mcp-test://asks", inputResponses=answers, requestState=state)
    contents = done(answer)["contents"]
    assert "'ok': True" in contents[0]["text"] and contents[1]["uri"] == "mcp-test://more"
    assert answer.json["result"]["cacheScope"] == "private"
    statuses = [(row["method"], row["status"]) for row in db.audit_since(mark)]
    assert statuses == [
        ("prompts/get", "input_required"),
        ("prompts/get", "ok"),
        ("resources/read", "input_required"),
        ("resources/read", "ok"),
    ]


def test_everything_is_rolled_back_until_it_is_answered(admin, db, name):
    call = {"name": "test_ask", "arguments": {"name": name}}
    _requests, state = asked(ask(admin, **call))
    assert items(db, name) == 0
    assert db.value("SELECT count(*) FROM mcp_inflight_call") == 0
    result = done(ask(admin, **call, inputResponses={"sure": accept(ok=False)}, requestState=state))
    seen = result["structuredContent"]
    assert seen["inputs"] == {"sure": accept(ok=False)}
    assert seen["state"] == {"by": "admin"} and "roots" in seen["capabilities"]
    # Business code sees nothing of this in its context.
    assert seen["context"] == sorted(["lang", "tz", "allowed_company_ids"])
    names = db.rows("SELECT name FROM mcp_test_item WHERE name LIKE %s", f"{name}%")
    assert [row["name"] for row in names] == [f"{name}, after"]


def test_a_call_leaves_nothing_to_the_next(admin, name):
    for number in range(6):
        call = {"name": "test_ask", "arguments": {"name": f"{name} {number}", "confirm": False}}
        seen = done(ask(admin, **call, capabilities={}))["structuredContent"]
        assert (seen["inputs"], seen["state"]) == ({}, None)


def test_messages_go_before_a_question(admin, name):
    call = {"name": "test_ask", "arguments": {"name": name}}
    *told, last = events(ask(admin, **call, meta={META + "logLevel": "info"}))
    assert [one["params"]["data"] for one in told] == ["asked 0"]
    assert last["result"]["resultType"] == "input_required"


def test_what_is_missing_or_wrong_is_asked_again(admin, db, name):
    call = {"name": "test_ask", "arguments": {"name": name}}
    _requests, state = asked(ask(admin, **call))
    for answers in (
        None,
        {},
        {"other": accept(ok=True)},
        {"sure": 12345},
        {"sure": {"action": "yes"}},
        {"sure": accept(ok="yes")},
        {"sure": accept()},
    ):
        given = {} if answers is None else {"inputResponses": answers}
        mark = db.audit_mark()
        requests, again = asked(ask(admin, **call, **given, requestState=state))
        assert requests["sure"]["params"]["message"].startswith("Sure?")
        (row,) = db.audit_since(mark)
        # No method ran.
        assert (row["status"], row["path"], row["tool"]) == ("input_required", "core", "test_ask")
        state = again
    assert items(db, name) == 0
    # Unrequested members are ignored.
    answers = {"sure": {**accept(ok=True, more=1), "x": 1}, "more": accept(x=1)}
    assert done(ask(admin, **call, inputResponses=answers, requestState=state))


def test_answers_without_a_state_count_when_the_method_asks_just_that(admin, db, name):
    call = {"name": "test_ask", "arguments": {"name": name}}
    mark = db.audit_mark()
    result = done(ask(admin, **call, inputResponses={"sure": accept(ok=True), "more": accept(x=1)}))
    assert result["structuredContent"]["state"] == {"by": "admin"}
    assert [row["status"] for row in db.audit_since(mark)] == ["ok"]
    assert items(db, name) == 1
    asked(ask(admin, **call, inputResponses={"wrong": accept(ok=True)}))
    asked(ask(admin, **call, inputResponses={"sure": 12345}))
    # Without a question, the server ignores the answers.
    quiet = {"name": "test_ask", "arguments": {"name": name, "confirm": False}}
    assert done(ask(admin, **quiet, inputResponses={"sure": accept(ok=True)}))["structuredContent"]["inputs"] == {}


def refused(answer, db, mark):
    """Asserts that the call was refused because of its state, and that its audit row says so."""
    assert (answer.status, answer.code) == (200, INVALID_PARAMS), answer.text
    assert "requestState" in answer.message
    (row,) = db.audit_since(mark)
    assert (row["status"], row["error_code"], row["tool"]) == ("error", INVALID_PARAMS, "test_ask")


def test_a_state_is_good_for_nothing_else(admin, sally, db, name):
    call = {"name": "test_ask", "arguments": {"name": name}}
    answers = {"inputResponses": {"sure": accept(ok=True)}}
    _requests, state = asked(ask(admin, **call))
    body, mac = state.split(".")
    payload = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    payload[1]["s"] = {"by": "somebody else"}
    forged = base64.urlsafe_b64encode(json.dumps(payload).encode()).rstrip(b"=").decode()
    longer = json.loads(json.dumps(payload))
    longer[0] += 3600
    later = base64.urlsafe_b64encode(json.dumps(longer).encode()).rstrip(b"=").decode()
    for wrong in (f"{state}-TAMPERED", f"{forged}.{mac}", f"{later}.{mac}", body, f"{body}.", "", "x" * 100_000):
        mark = db.audit_mark()
        refused(ask(admin, **call, **answers, requestState=wrong), db, mark)
    # The state of another user, and of other arguments.
    mark = db.audit_mark()
    refused(ask(sally, **call, **answers, requestState=state), db, mark)
    mark = db.audit_mark()
    other = {"name": "test_ask", "arguments": {"name": f"{name}!"}}
    refused(ask(admin, **other, **answers, requestState=state), db, mark)
    # The state of another tool.
    answer = ask(admin, name="test_context", **answers, requestState=state)
    assert answer.code == INVALID_PARAMS
    assert items(db, name) == 0
    # The order of the arguments does not matter.
    assert done(ask(admin, **call, **answers, requestState=state))


def test_a_state_is_of_one_credential(world, door, admin, db, name):
    call = {"name": "test_ask", "arguments": {"name": name}}
    _requests, state = asked(ask(admin, **call))
    mark = db.audit_mark()
    other = world.client(door, "admin", "mcp")
    refused(ask(other, **call, inputResponses={"sure": accept(ok=True)}, requestState=state), db, mark)


def test_only_declared_capabilities_are_used(admin, db, name):
    for capabilities, needed in (
        ({}, {"elicitation": {}}),
        ({"sampling": {}}, {"elicitation": {}}),
        ({"elicitation": {"url": {}}}, {"elicitation": {"form": {}}}),
    ):
        mark = db.audit_mark()
        answer = ask(admin, name="test_ask", arguments={"name": name}, capabilities=capabilities)
        assert (answer.status, answer.code) == (400, MISSING_CAPABILITY)
        assert answer.error["data"] == {"requiredCapabilities": needed}
        (row,) = db.audit_since(mark)
        assert (row["status"], row["http_status"], row["error_code"]) == ("error", 400, MISSING_CAPABILITY)
    assert items(db, name) == 0
    for capabilities in ({"elicitation": {}}, {"elicitation": {"form": {}}}):
        asked(ask(admin, name="test_ask", arguments={"name": name}, capabilities=capabilities))


def test_parameters_of_another_shape(admin):
    for wrong in ({"inputResponses": None}, {"inputResponses": []}, {"inputResponses": "x"}, {"requestState": 5}):
        answer = ask(admin, name="example_guess", **wrong)
        assert (answer.status, answer.code) == (200, INVALID_PARAMS)
        assert next(iter(wrong)) in answer.message
    # Other methods never ask for input and ignore these members.
    assert ask(admin, "tools/list", requestState="x", inputResponses=5).status == 200


def test_a_client_that_cannot_be_asked_is_told(world, door, db, name):
    for version in HANDSHAKE:
        client = world.client(door)
        client.initialize(version)
        mark = db.audit_mark()
        answer = client.legacy("tools/call", {"name": "test_ask", "arguments": {"name": name}, "requestState": "x"})
        # In these versions the server sends log messages without being asked.
        result = events(answer)[-1]["result"]
        assert result["isError"] is True and "resultType" not in result
        text = result["content"][0]["text"]
        assert "cannot be asked" in text and version in text and "Sure?" in text and "Nothing was changed." in text
        (row,) = db.audit_since(mark)
        assert row["status"] == "error"
        answer = client.legacy("prompts/get", {"name": "test_asks"})
        assert (answer.status, answer.code) == (200, INVALID_PARAMS) and "cannot be asked" in answer.message
    assert items(db, name) == 0


def test_what_a_method_saved_by_itself_stays(admin, db, name):
    asked(ask(admin, name="test_ask_after_commit", arguments={"name": name}))
    assert items(db, name) == 1
