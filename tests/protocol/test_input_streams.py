"""Calls that need input from the client in 2025-11-25: the stream ends at once and the client resumes it, so that no
Odoo worker waits. Also attacks on streams of other clients."""

import json
import re
import threading
import uuid

import pytest
from support.events import items
from support.input_required import ALL, accept
from support.input_streams import VERSION, ask, open_session, questions, respond, stream, take_up
from support.mcp import INVALID_REQUEST, METHOD_NOT_FOUND, message


@pytest.fixture
def client(world, door):
    """The administrator's client in a separate session."""
    return open_session(world, door)


@pytest.fixture
def name():
    """A unique name."""
    return f"polled {uuid.uuid4()}"


def test_a_person_is_asked_and_the_call_goes_on(client, db, door, name):
    mark = db.audit_mark()
    events = stream(ask(client, name))
    # First the resume position and the retry time, then the method's notifications, then the question.
    assert events[0].id and events[0].message is None and 0 < events[0].retry <= 1000
    assert events[1].message["method"] == "notifications/message"
    request = questions(events)["sure"]
    assert request["method"] == "elicitation/create"
    assert request["params"]["message"] == "Sure?"
    assert "result" not in json.dumps([event.message for event in events])
    # The method's changes are rolled back, and no worker waits.
    assert items(db, name) == 0
    assert db.value("SELECT count(*) FROM mcp_inflight_call") == 0
    # No event arrives before the answer.
    (pause,) = stream(take_up(client, events[-1].id))
    assert pause.message is None and pause.retry >= 1000
    respond(client, request, accept(ok=True))
    *told, last = stream(take_up(client, pause.id))
    assert [event.message["method"] for event in told] == ["notifications/message"]
    # The last event has no id, because nothing remains to resume.
    assert last.id is None and last.message["id"] == 7
    seen = last.message["result"]["structuredContent"]
    assert (seen["inputs"], seen["state"]) == ({"sure": accept(ok=True)}, {"by": "admin"})
    assert seen["capabilities"] == ALL
    names = db.rows("SELECT name FROM mcp_test_item WHERE name LIKE %s", f"{name}%")
    assert [row["name"] for row in names] == [f"{name}, after"]
    rows = [(row["http_method"], row["method"], row["tool"], row["status"]) for row in db.audit_since(mark)]
    # The first GET carried no message, so it has no row.
    assert rows == [
        ("POST", "tools/call", "test_ask", "input_required"),
        ("POST", "response", None, "ok"),
        ("GET", "tools/call", "test_ask", "ok"),
    ]
    assert {row["door"] for row in db.audit_since(mark)} == {door.name}
    assert {row["session_id"] for row in db.audit_since(mark)} == {client.session}


def test_several_rounds(client):
    events = stream(client.legacy("tools/call", {"name": "example_interview"}, number="one"))
    respond(client, questions(events)["name"], accept(name="Ann"))
    events = stream(take_up(client, events[-1].id))
    assert events[0].retry and list(questions(events)) == ["colour"]
    respond(client, questions(events)["colour"], accept(colour="blue"))
    (last,) = stream(take_up(client, events[-1].id))
    assert last.message["id"] == "one"
    assert last.message["result"]["content"][0]["text"] == "Ann likes blue."


def test_models_and_clients_are_asked_and_people_may_say_no(client):
    events = stream(client.legacy("tools/call", {"name": "example_guess"}))
    said = {"role": "assistant", "content": {"type": "text", "text": "Paris"}, "model": "m"}
    respond(client, questions(events)["city"], said)
    (last,) = stream(take_up(client, events[-1].id))
    assert last.message["result"]["content"][0]["text"] == "The model says: Paris"
    events = stream(client.legacy("tools/call", {"name": "example_folders"}))
    respond(client, questions(events)["folders"], {"roots": [{"uri": "file:///a", "name": "A"}]})
    (last,) = stream(take_up(client, events[-1].id))
    assert last.message["result"]["content"][0]["text"] == "file:///a"
    events = stream(client.legacy("tools/call", {"name": "example_interview"}))
    respond(client, questions(events)["name"], {"action": "decline"})
    assert stream(take_up(client, events[-1].id))[-1].message


def test_prompts_and_resources_ask(client, db):
    mark = db.audit_mark()
    for method, params, shown in (
        ("prompts/get", {"name": "test_asks", "arguments": {"topic": "tea"}}, "tea: accept"),
        ("resources/read", {"uri": "mcp-test://asks"}, "'ok': True"),
    ):
        events = stream(client.legacy(method, params))
        respond(client, questions(events)["sure"], accept(ok=True))
        last = stream(take_up(client, events[-1].id))[-1]
        assert shown in json.dumps(last.message["result"])
    statuses = [(row["method"], row["status"]) for row in db.audit_since(mark) if row["method"] != "response"]
    assert statuses == [
        ("prompts/get", "input_required"),
        ("prompts/get", "ok"),
        ("resources/read", "input_required"),
        ("resources/read", "ok"),
    ]


def test_what_did_not_come_through_comes_again(client, name):
    events = stream(ask(client, name))
    # The connection broke after the first event.
    again = stream(take_up(client, events[0].id))
    assert questions(again) == questions(events)
    # Delivered events do not repeat.
    assert questions(stream(take_up(client, again[-1].id))) == {}


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ({"result": {"action": "accept", "content": {"ok": "perhaps"}}}, "ok"),
        ({"result": {"action": "accept"}}, "ok"),
        ({"result": {}}, "action"),
        ({"result": 5}, "not an object"),
        ({"error": {"code": -1, "message": "The person has left."}}, "The person has left."),
        ({"error": "?"}, "an error"),
    ],
)
def test_an_answer_that_is_none_ends_the_call(client, db, name, answer, why):
    events = stream(ask(client, name))
    respond(client, questions(events)["sure"], **answer)
    mark = db.audit_mark()
    (last,) = stream(take_up(client, events[-1].id))
    assert last.message["id"] == 7
    # The error is for the model, like any tool's failure.
    assert last.message["result"]["isError"] is True
    text = last.message["result"]["content"][0]["text"]
    assert "could not be taken" in text and why in text and "Nothing was changed." in text
    assert items(db, name) == 0
    (row,) = db.audit_since(mark)
    assert (row["status"], row["method"], row["tool"]) == ("error", "tools/call", "test_ask")


def test_the_first_answer_counts(client, name):
    events = stream(ask(client, name))
    request = questions(events)["sure"]
    respond(client, request, accept(ok=True))
    respond(client, request, accept(ok=False))
    last = stream(take_up(client, events[-1].id))[-1]
    assert last.message["result"]["structuredContent"]["inputs"] == {"sure": accept(ok=True)}


def test_a_request_is_run_once(client, db, name):
    events = stream(ask(client, name))
    respond(client, questions(events)["sure"], accept(ok=True))
    answers = []
    threads = [
        threading.Thread(target=lambda: answers.append(stream(take_up(client, events[-1].id)))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    results = [got[-1].message for got in answers if got[-1].message and "result" in got[-1].message]
    assert len(results) == 1
    assert items(db, name) == 1
    # A later client learns this, and so does one that came at the same time and returns.
    (late,) = stream(take_up(client, events[-1].id))
    assert late.message["id"] == 7
    assert "another connection" in late.message["error"]["message"]
    assert items(db, name) == 1
    # The request itself is not stored any more.
    kept = db.rows("SELECT request, answers, question FROM mcp_input_request WHERE stream = %s", late_stream(events))
    assert kept == [{"request": None, "answers": {}, "question": {"r": {}}}]


def late_stream(events):
    """The id of a stream, from the ids of its events."""
    return re.fullmatch(r"([0-9a-f-]{36})\.\d+", events[0].id)[1]


def test_time_runs_out(client, db, name):
    events = stream(ask(client, name))
    request = questions(events)["sure"]
    respond(client, request, accept(ok=True))
    past = "UPDATE mcp_input_request SET expires_at = timezone('UTC', now()) - %s::interval WHERE stream = %s"
    db.run(past, "1 second", late_stream(events))
    (last,) = stream(take_up(client, events[-1].id))
    assert "within 10 minutes" in last.message["result"]["content"][0]["text"]
    assert items(db, name) == 0
    # Maintenance keeps it for an hour, so that the client can still read the result.
    db.value("SELECT mcp_maintain()")
    assert db.value("SELECT count(*) FROM mcp_input_request WHERE stream = %s", late_stream(events)) == 1
    db.run(past, "61 minutes", late_stream(events))
    db.value("SELECT mcp_maintain()")
    answer = take_up(client, events[-1].id)
    assert (answer.status, answer.code) == (400, INVALID_REQUEST)


def test_a_request_that_is_not_wanted_any_more_is_forgotten(client, db, name):
    events = stream(ask(client, name, number=31))
    other = stream(ask(client, name, number=32))
    client.legacy("notifications/cancelled")
    mark = db.audit_mark()
    note = {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 31}}
    assert client.send(note).status == 202
    (row,) = db.audit_since(mark)
    assert (row["status"], row["error"]) == ("ok", None)
    answer = take_up(client, events[-1].id)
    assert (answer.status, answer.code) == (400, INVALID_REQUEST)
    # The other stream still waits.
    assert stream(take_up(client, other[-1].id))[0].retry


def test_nobody_takes_up_the_stream_of_another(world, door, client, db, name):
    events = stream(ask(client, name))
    request = questions(events)["sure"]
    others = [open_session(world, door), open_session(world, door, "sally")]
    for other in others:
        answer = take_up(other, events[-1].id)
        assert (answer.status, answer.code) == (400, INVALID_REQUEST)
        assert "no stream of this session" in answer.message
        # An answer from another session has no effect.
        respond(other, request, accept(ok=True))
    # Knowing the session id does not help: a session belongs to its user and key.
    for thief in (world.client(door, "sally"), world.client(door, "admin", "mcp")):
        thief.session, thief.version = client.session, VERSION
        assert take_up(thief, events[-1].id).status == 404
        assert thief.send({"jsonrpc": "2.0", "id": request["id"], "result": accept(ok=True)}).status == 404
    (pause,) = stream(take_up(client, events[-1].id))
    assert pause.retry
    # Ending a session also ends its input requests.
    respond(client, request, accept(ok=True))
    assert client.send(b"", method="DELETE").status == 204
    assert take_up(client, events[-1].id).status == 404
    assert items(db, name) == 0


def test_rights_are_those_of_the_moment_when_it_is_run(world, door, db, name):
    person = world.spare()
    client = world.client(door)
    client.authorization = f"Bearer {person.key}"
    client.initialize(capabilities=ALL)
    events = stream(ask(client, name))
    respond(client, questions(events)["sure"], accept(ok=True))
    tool = "UPDATE mcp_tool SET active = %s WHERE name = 'test_ask'"
    try:
        db.run(tool, False)
        (last,) = stream(take_up(client, events[-1].id))
        assert last.message["error"]["code"] == -32602 and "test_ask" in last.message["error"]["message"]
    finally:
        db.run(tool, True)
    events = stream(ask(client, name))
    respond(client, questions(events)["sure"], accept(ok=True))
    db.run("DELETE FROM res_users_apikeys WHERE user_id = %s", person.id)
    assert take_up(client, events[-1].id).status == 401
    assert items(db, name) == 0


def test_who_cannot_be_asked_is_told(world, door, db, name):
    def refused(client, headers=()):
        params = {"name": "test_ask", "arguments": {"name": name}}
        answer = client.legacy("tools/call", params, headers)
        body = answer.json if answer.header("Content-Type") == "application/json" else stream(answer)[-1].message
        assert body["result"]["isError"] is True
        assert "cannot be asked" in body["result"]["content"][0]["text"]

    for capabilities in ({}, {"sampling": {}, "roots": {}}, {"elicitation": {"url": {}}}, {"elicitation": None}):
        refused(open_session(world, door, capabilities=capabilities))
    for version in ("2025-06-18", "2025-03-26", "2024-11-05"):
        refused(open_session(world, door, version=version))
    client = open_session(world, door)
    # The client does not accept a stream.
    refused(client, [("Accept", "application/json")])
    # The client has lost its session.
    client.session = None
    refused(client)
    assert items(db, name) == 0
    assert db.value("SELECT count(*) FROM mcp_input_request WHERE request::text LIKE %s", f"%{name}%") == 0


def test_too_much_does_not_wait(client, db, name):
    answer = client.legacy("prompts/get", {"name": "test_asks", "arguments": {"topic": "x" * 1_100_000}})
    assert "too long to wait" in answer.message and "Nothing was changed." in answer.message
    # Inserts as many as are allowed.
    db.run(
        "INSERT INTO mcp_input_request (stream, session_id, request_id, request, question, expires_at)"
        " SELECT gen_random_uuid(), %s, '1', '[\"tools/call\", {}]', '{\"r\": {}}', timezone('UTC', now()) + '1 min'"
        " FROM generate_series(1, 50)",
        client.session,
    )
    text = stream(ask(client, name))[-1].message["result"]["content"][0]["text"]
    assert "50 requests of this session" in text
    db.run("DELETE FROM mcp_input_request WHERE session_id = %s", client.session)
    assert questions(stream(ask(client, name)))
    assert items(db, name) == 0


def test_get_is_for_streams_that_have_begun(client, admin):
    for headers in (
        [],
        [("Last-Event-ID", "1")],
        [("Last-Event-ID", "no-uuid.1")],
        [("Last-Event-ID", f"{uuid.uuid4()}")],
        [("Last-Event-ID", f"{uuid.uuid4()}.-1")],
        [("Last-Event-ID", f"{uuid.uuid4()}." + "9" * 40)],
        [("Last-Event-ID", "x" * 10_000)],
    ):
        answer = client.send(b"", headers, "GET")
        assert (answer.status, answer.code) == (405, INVALID_REQUEST), headers
    assert client.send(b"", [("Last-Event-ID", f"{uuid.uuid4()}.1")], "GET").status == 400
    # 2026-07-28 has no stream to resume, and neither has a client without a session.
    modern = [("MCP-Protocol-Version", "2026-07-28"), ("Last-Event-ID", f"{uuid.uuid4()}.1")]
    assert admin.send(b"", modern, "GET").status == 405
    # The server accepts a response to nothing, as always.
    for number in (1, "x", f"{uuid.uuid4()}/sure", "x/y", "/", f"{uuid.uuid4()}/"):
        assert client.send({"jsonrpc": "2.0", "id": number, "result": {}}).status == 202
    answer = client.send({"jsonrpc": "2.0", "id": "x", "result": {"text": "\0"}})
    assert (answer.status, answer.code) == (400, INVALID_REQUEST)


def test_a_tool_that_does_not_ask_answers_as_ever(client):
    answer = client.legacy("tools/call", {"name": "count", "arguments": {"model": "res.partner"}})
    assert answer.header("Content-Type") == "application/json"
    assert client.legacy("no/such/method").code == METHOD_NOT_FOUND
    assert client.send(message("ping")).json["result"] == {}
