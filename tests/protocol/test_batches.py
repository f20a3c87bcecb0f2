"""Batches at both doors: each message is processed as if it had come alone, with its own gate, audit row and
transaction."""

import json
import threading

import pytest
from support import mcp
from support.workers import wait_for

HAS_BATCHES = ["2025-03-26", "2024-11-05"]


@pytest.fixture(autouse=True)
def no_items(db):
    """Deletes the test items before and after each test."""
    db.run("DELETE FROM mcp_test_item")
    yield
    db.run("DELETE FROM mcp_test_item")


@pytest.fixture
def rows(db):
    """Audit rows that the test has written."""
    mark = db.audit_mark()
    return lambda: db.audit_since(mark)


def _call(number, tool, **arguments):
    return mcp.message("tools/call", {"name": tool, "arguments": arguments}, number=number)


def _note(method="notifications/initialized", **params):
    return {"jsonrpc": "2.0", "method": method, "params": params}


def _items(db):
    return {row["name"] for row in db.rows("SELECT name FROM mcp_test_item")}


@pytest.mark.parametrize("version", [*HAS_BATCHES, None])
def test_every_message_has_its_answer_its_row_and_its_transaction(admin, rows, db, version):
    if version:
        admin.initialize(version)
    before = len(rows())
    answer = admin.send(
        [
            mcp.message("ping", number=1),
            _call("1", "test_savepoint", name="kept"),
            _note(),
            _call(2, "test_fail_at_flush", name="lost"),
            mcp.message("no/such", number=3),
            _call(4, "test_savepoint", name="kept too"),
            {"jsonrpc": "2.0", "id": 9, "result": {}},
        ]
    )
    assert answer.status == 200
    assert answer.header("Content-Type") == "application/json"
    answers = answer.json
    assert [one["id"] for one in answers] == [1, "1", 2, 3, 4]
    assert answers[0]["result"] == {}
    assert [one["result"]["isError"] for one in answers if "content" in one.get("result", {})] == [False, True, False]
    assert answers[3]["error"]["code"] == mcp.METHOD_NOT_FOUND
    assert _items(db) == {"kept", "kept too"}
    written = rows()[before:]
    assert [(row["method"], row["tool"], row["status"]) for row in written] == [
        ("ping", None, "ok"),
        ("tools/call", "test_savepoint", "ok"),
        ("notifications/initialized", None, "ok"),
        ("tools/call", "test_fail_at_flush", "error"),
        ("no/such", None, "error"),
        ("tools/call", "test_savepoint", "ok"),
        ("response", None, "ok"),
    ]
    assert len({row["call_id"] for row in written}) == len(written)
    # A response is not a message of a session.
    assert {row["session_id"] for row in written[:-1]} == {admin.session}
    assert {row["protocol_version"] for row in written[:-1]} == {version or "2025-03-26"}
    # Each change commits together with its own row and no other.
    changes = "SELECT xmin::text FROM mcp_test_item WHERE name = %s"
    assert db.value(changes, "kept") != db.value(changes, "kept too")
    assert db.value("SELECT count(*) FROM mcp_inflight_call") == 0


def test_the_same_answers_as_if_each_had_come_alone(admin):
    messages = [
        mcp.message("tools/list", number=1),
        _call(2, "search", model="res.company", fields=["name"]),
        _call(3, "search", model="no.such"),
        _call(4, "no_such_tool"),
        mcp.message("tools/list", {"cursor": "x"}, number=5),
        {"jsonrpc": "2.0", "id": 6, "method": 7},
        mcp.message("ping", number="7"),
    ]
    together = admin.send(messages).json
    assert together == [admin.send(message).json for message in messages]


def test_what_nobody_waits_for_is_202_without_a_body(admin, rows):
    answer = admin.send([_note(), _note("notifications/roots/list_changed"), {"jsonrpc": "2.0", "id": 1, "result": {}}])
    assert (answer.status, answer.body, answer.header("Content-Type")) == (202, b"", None)
    assert [row["http_status"] for row in rows()] == [202, 202, 202]


def test_malformed_messages_are_answered_each(admin, rows):
    nameless = {"jsonrpc": "2.0", "id": "a", "method": None}
    answers = admin.send([1, "x", None, {}, [], [mcp.message("ping")], nameless]).json
    assert [(one["id"], one["error"]["code"]) for one in answers] == [(None, mcp.INVALID_REQUEST)] * 6 + [
        ("a", mcp.INVALID_REQUEST)
    ]
    assert [row["status"] for row in rows()] == ["error"] * 7


@pytest.mark.parametrize("body", [[], [mcp.message("ping", number=1)] * 51])
def test_a_refused_batch_is_one_row(admin, rows, body):
    answer = admin.send(body)
    assert (answer.status, answer.code, answer.json["id"]) == (400, mcp.INVALID_REQUEST, None)
    assert [(row["status"], row["error_code"]) for row in rows()] == [("error", mcp.INVALID_REQUEST)]


def test_fifty_messages_are_taken(admin, rows):
    answers = admin.send([mcp.message("ping", number=number) for number in range(50)]).json
    assert answers == [{"jsonrpc": "2.0", "id": number, "result": {}} for number in range(50)]
    assert len(rows()) == 50


def test_initialize_is_refused_in_a_batch(admin, db, rows):
    sessions = db.value("SELECT count(*) FROM mcp_session")
    handshake = {"protocolVersion": "2025-03-26", "capabilities": {}, "clientInfo": {"name": "x", "version": "1"}}
    answer = admin.send([mcp.message("initialize", handshake, number=1), mcp.message("ping", number=2)])
    assert answer.header("Mcp-Session-Id") is None
    assert [one.get("error", {}).get("code") for one in answer.json] == [mcp.INVALID_REQUEST, None]
    assert db.value("SELECT count(*) FROM mcp_session") == sessions
    assert [row["status"] for row in rows()] == ["error", "ok"]


@pytest.mark.parametrize("version", ["2025-06-18", "2025-11-25"])
def test_a_session_of_a_version_without_batches_has_none(admin, db, version):
    """Without the version header, the session determines the version."""
    admin.initialize(version)
    admin.version = None
    mark = db.audit_mark()
    answer = admin.send([_call(1, "test_savepoint", name="lost")])
    assert (answer.status, answer.code) == (400, mcp.INVALID_REQUEST)
    assert version in answer.message
    assert len(db.audit_since(mark)) == 1
    assert _items(db) == set()


def test_a_lost_session_is_404_for_the_whole(admin, sally, rows, db):
    admin.initialize("2025-03-26")
    before = len(rows())
    answer = sally.send([_call(1, "test_savepoint", name="lost"), _note()], [("Mcp-Session-Id", admin.session)])
    assert answer.status == 404
    assert len(rows()) == before + 1
    assert _items(db) == set()


def test_a_long_batch_is_read_whole(admin, rows):
    """The batch is longer than the part that the addon reads before it asks the gate."""
    texts = ["x" * 40_000, "ü" * 30_000, "\\" * 1000]
    answers = admin.send([_call(at, "test_greet", name=text) for at, text in enumerate(texts)]).json
    assert [one["result"]["isError"] for one in answers] == [False] * 3
    greetings = [json.loads(one["result"]["content"][0]["text"])["greeting"] for one in answers]
    assert greetings == [f"Hello, {text}!" for text in texts]
    assert len(rows()) == 3


def test_a_password_serves_a_batch(world, door, rows):
    client = mcp.Client(door, mcp.basic("sally", world["sally"].password))
    answers = client.send([_call(1, "test_context"), _call(2, "test_context")]).json
    told = [json.loads(one["result"]["content"][0]["text"])["uid"] for one in answers]
    assert told == [world["sally"].id] * 2
    assert [row["api_key_id"] for row in rows()] == [None, None]


def test_every_message_passes_the_gate(world, door, db):
    """A key that is deleted during the first message is refused for every later one."""
    person = world.spare()
    client = mcp.Client(door, mcp.bearer(person.key))
    before = db.audit_total()
    answers = []
    messages = [_call(1, "test_sleep", seconds=2.125), _call(2, "test_savepoint", name="lost"), _note()]
    thread = threading.Thread(target=lambda: answers.append(client.send(messages)))
    thread.start()
    asleep = "SELECT 1 FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'SELECT pg_sleep(2.125%%'"
    wait_for(lambda: db.rows(asleep))
    db.run("DELETE FROM res_users_apikeys WHERE user_id = %s", person.id)
    thread.join()
    (answer,) = answers
    assert answer.status == 200
    first, second = answer.json
    assert first["result"]["isError"] is False
    assert second["id"] == 2
    assert "error" in second
    assert _items(db) == set()
    # Two refusals of one address in one minute share a row, which has a count.
    assert db.audit_total() == before + 3


def test_what_there_is_no_time_for_is_told_so(admin, db, rows):
    with db.parameter("odoo_mcp.call_seconds", "1"):
        answers = admin.send(
            [
                _call(1, "test_sleep", seconds=0.6),
                _call(2, "test_sleep", seconds=0.6),
                _call(3, "test_savepoint", name="lost"),
                _note(),
            ]
        ).json
    assert [one["id"] for one in answers] == [1, 2, 3]
    assert answers[1]["result"]["isError"] is False
    assert "Not begun" in answers[2]["error"]["message"]
    assert _items(db) == set()
    assert [(row["method"], row["status"]) for row in rows()] == [
        ("tools/call", "ok"),
        ("tools/call", "ok"),
        ("tools/call", "refused"),
        ("notifications/initialized", "refused"),
    ]


def test_a_page_of_an_allowed_origin_may_read_the_answer(admin):
    answer = admin.send([mcp.message("ping", number=1)], [("Origin", "http://localhost:6274")])
    assert answer.header("Access-Control-Allow-Origin") == "http://localhost:6274"
    assert answer.json == [{"jsonrpc": "2.0", "id": 1, "result": {}}]
