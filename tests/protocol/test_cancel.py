"""Cancellation at both doors: the call rolls back and leaves one row, no other call is affected, and the server goes
on."""

import asyncio
import contextlib
import itertools
import json
import random
import socket
import threading
import time

import httpx2
import pytest
from mcp import Client as OfficialClient
from mcp.client.streamable_http import streamable_http_client
from support import http, mcp
from support.workers import wait_for

CANCELLED = -32800

# No two calls sleep for the same time, so that each can be found by its statement. No test waits for one to end.
_naps = (f"{300 + number / 1000:.3f}" for number in itertools.count(1))


@pytest.fixture(autouse=True)
def no_items(db):
    """Deletes the test items. Calls may run long in all of these tests."""
    db.run("DELETE FROM mcp_test_item")
    with db.parameter("odoo_mcp.call_seconds", "600"):
        yield
    db.run("DELETE FROM mcp_test_item")


def _items(db):
    return {row["name"] for row in db.rows("SELECT name FROM mcp_test_item")}


def _row(db, mark, **wanted):
    """The only audit row after the mark that has these values."""
    found = [row for row in db.audit_since(mark) if all(row[key] == value for key, value in wanted.items())]
    assert len(found) == 1, found
    return found[0]


def _sleeping(db, nap):
    pattern = f"SELECT pg\\_sleep({float(nap)}%"
    return db.rows("SELECT pid FROM pg_stat_activity WHERE state = 'active' AND query LIKE %s", pattern)


class Running:
    """A call that sleeps in the database until it is cancelled."""

    def __init__(self, db, client, number, *, tool="test_sleep", name="lost"):
        self.db = db
        self.nap = next(_naps)
        arguments = {"seconds": float(self.nap), "name": name}
        self.answer = None
        self._message = mcp.message("tools/call", {"name": tool, "arguments": arguments}, number=number)
        self._client = client
        self._thread = threading.Thread(target=self._send)
        self._thread.start()
        wait_for(lambda: _sleeping(db, self.nap))
        (self.backend,) = (row["pid"] for row in _sleeping(db, self.nap))

    def _send(self):
        self.answer = self._client.send(self._message)

    @property
    def is_running(self):
        return bool(_sleeping(self.db, self.nap))

    def wait(self):
        """Waits for the answer."""
        self._thread.join()
        return self.answer


def _cancel(client, number, headers=(), **more):
    params = {"requestId": number, **more}
    answer = client.send({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": params}, headers)
    assert (answer.status, answer.body) == (202, b""), answer.text


@pytest.mark.parametrize("version", [*mcp.HANDSHAKE, None])
def test_a_running_call_is_stopped_and_rolled_back(admin, db, version):
    if version:
        admin.initialize(version)
    mark = db.audit_mark()
    running = Running(db, admin, 7)
    _cancel(admin, 7, reason="the user pressed Stop")
    answer = running.wait()
    assert answer.status == 200
    assert (answer.json["id"], answer.code) == (7, CANCELLED)
    assert "cancelled" in answer.message
    assert not running.is_running
    assert _items(db) == set()
    call = _row(db, mark, tool="test_sleep")
    assert (call["status"], call["error_code"], call["session_id"]) == ("cancelled", CANCELLED, admin.session)
    notice = _row(db, mark, method="notifications/cancelled")
    assert (notice["status"], notice["http_status"], notice["error"]) == ("ok", 202, None)
    assert notice["request"]["reason"] == "the user pressed Stop"
    assert db.value("SELECT count(*) FROM mcp_inflight_call") == 0
    verdict = db.value("SELECT mcp_audit_verify()")
    assert verdict["ok"], verdict
    # The connection and the worker survive.
    assert db.value("SELECT count(*) FROM pg_stat_activity WHERE pid = %s", running.backend) == 1
    kept = {f"kept {number}" for number in range(4)}
    for name in kept:
        call = mcp.message("tools/call", {"name": "test_savepoint", "arguments": {"name": name}})
        assert admin.send(call).json["result"]["isError"] is False
    assert _items(db) == kept


def test_the_type_of_the_id_counts(admin, db):
    admin.initialize()
    running = Running(db, admin, "1")
    mark = db.audit_mark()
    for other in (1, "01", " 1", "1.0", 1.0, None, ["1"], {"a": "1"}, True):
        _cancel(admin, other)
    assert running.is_running
    assert all(row["error"] for row in db.audit_since(mark))
    _cancel(admin, "1")
    assert running.wait().code == CANCELLED


def test_nobody_else_can_cancel(world, door, db):
    """Refused: another user, another key of the same user, another session, and no session."""
    mine = world.client(door, "sally")
    mine.initialize()
    session = [("Mcp-Session-Id", mine.session)]
    running = Running(db, mine, 5)
    others = [world.client(door, "admin"), world.client(door, "sally", "mcp"), world.client(door, "sally")]
    for other in others:
        _cancel(other, 5)
        other.initialize()
        _cancel(other, 5)
    # Knowing the session id does not help either.
    for other in others[:2]:
        answer = other.send(
            {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 5}}, session
        )
        assert answer.status == 404
    # Nor does the stateless version help, where only the client's own description identifies it.
    _cancel(mcp.Client(door, mine.authorization), 5, [("MCP-Protocol-Version", mcp.MODERN)])
    assert running.is_running
    assert _items(db) == set()
    _cancel(mine, 5)
    assert running.wait().code == CANCELLED


def test_without_a_session_only_the_same_program_can(world, door, db):
    one = world.client(door, headers=[("User-Agent", "one/1")])
    two = world.client(door, headers=[("User-Agent", "two/1")])
    running = Running(db, one, 5)
    _cancel(two, 5)
    assert running.is_running
    _cancel(one, 5)
    assert running.wait().code == CANCELLED


def test_an_id_that_ended_or_is_unknown_does_nothing(admin, db):
    admin.initialize()
    call = mcp.message("tools/call", {"name": "test_savepoint", "arguments": {"name": "kept"}}, number=1)
    assert admin.send(call).status == 200
    mark = db.audit_mark()
    for number in (1, 2, "x", -1, 2**63 - 1):
        _cancel(admin, number)
    assert _items(db) == {"kept"}
    rows = db.audit_since(mark)
    assert [(row["method"], row["status"]) for row in rows] == [("notifications/cancelled", "ok")] * 5
    assert all("running" in row["error"] for row in rows)


def test_a_notification_in_a_batch_cancels_too(admin, db):
    admin.initialize("2025-03-26")
    running = Running(db, admin, 5)
    note = {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 5}}
    assert admin.send([mcp.message("ping", number=6), note]).json == [{"jsonrpc": "2.0", "id": 6, "result": {}}]
    assert running.wait().code == CANCELLED


def test_a_call_within_a_batch_is_cancelled_alone(admin, db):
    admin.initialize("2025-03-26")
    nap = next(_naps)
    sleep = {"name": "test_sleep", "arguments": {"seconds": float(nap), "name": "lost"}}
    keep = {"name": "test_savepoint", "arguments": {"name": "kept"}}
    messages = [mcp.message("tools/call", sleep, number=1), mcp.message("tools/call", keep, number=2)]
    # The later messages start, however long the call took.
    answers = []
    thread = threading.Thread(target=lambda: answers.append(admin.send(messages)))
    thread.start()
    wait_for(lambda: _sleeping(db, nap))
    _cancel(admin, 1)
    thread.join()
    first, second = answers[0].json
    assert first["error"]["code"] == CANCELLED
    assert second["result"]["isError"] is False
    assert _items(db) == {"kept"}


def test_a_method_that_goes_on_all_the_same_is_rolled_back(admin, db):
    admin.initialize()
    mark = db.audit_mark()
    running = Running(db, admin, 5, tool="test_swallow")
    _cancel(admin, 5)
    assert running.wait().code == CANCELLED
    assert _items(db) == set()
    assert _row(db, mark, tool="test_swallow")["status"] == "cancelled"


def test_a_method_that_is_busy_elsewhere_is_rolled_back_at_its_end(admin, db):
    """The call is not in the database when it is cancelled, so there is no statement to stop."""
    admin.initialize()
    mark = db.audit_mark()
    answers = []
    call = mcp.message("tools/call", {"name": "test_until_settled", "arguments": {"name": "lost"}}, number=5)
    thread = threading.Thread(target=lambda: answers.append(admin.send(call)))
    thread.start()
    wait_for(lambda: db.value("SELECT count(*) FROM mcp_inflight_call") == 1)
    _cancel(admin, 5)
    thread.join()
    assert answers[0].code == CANCELLED
    assert _items(db) == set()
    assert _row(db, mark, tool="test_until_settled")["status"] == "cancelled"


# -- 2026-07-28 ---------------------------------------------------------------------------------------


def _open(client, version, nap):
    """Sends a call over its own connection and leaves the connection open."""
    params = {"name": "test_sleep", "arguments": {"seconds": float(nap), "name": "kept"}}
    headers = [("Host", f"127.0.0.1:{client.port}"), ("Authorization", client.authorization)]
    headers += [("Content-Type", "application/json"), ("Accept", mcp.ACCEPT)]
    if version == mcp.MODERN:
        params = mcp.modern_params(params)
        headers += mcp.modern_headers("tools/call", params)
    else:
        headers.append(("MCP-Protocol-Version", version))
    body = json.dumps(mcp.message("tools/call", params, number=1)).encode()
    headers.append(("Content-Length", len(body)))
    connection = socket.create_connection(("127.0.0.1", client.port), timeout=http.PATIENCE)
    connection.sendall(http.request_bytes("POST", "/mcp", headers, body))
    return contextlib.closing(connection)


def test_who_closes_the_connection_cancels_in_the_stateless_version(admin, db):
    mark = db.audit_mark()
    nap = next(_naps)
    with _open(admin, mcp.MODERN, nap):
        wait_for(lambda: _sleeping(db, nap))
    wait_for(lambda: db.audit_since(mark))
    wait_for(lambda: not _sleeping(db, nap))
    row = _row(db, mark)
    assert (row["tool"], row["status"], row["error_code"]) == ("test_sleep", "cancelled", CANCELLED)
    assert "closed" in row["error"]
    wait_for(lambda: db.value("SELECT count(*) FROM mcp_inflight_call") == 0)
    assert _items(db) == set()
    later = {f"later {number}" for number in range(4)}
    for name in later:
        assert admin.result("test_savepoint", {"name": name})
    assert _items(db) == later


def test_who_closes_the_connection_in_a_handshake_version_does_not_cancel(admin, db):
    mark = db.audit_mark()
    nap = "2.375"
    with _open(admin, "2025-11-25", nap):
        wait_for(lambda: _sleeping(db, nap))
    wait_for(lambda: db.audit_since(mark))
    assert _row(db, mark)["status"] == "ok"
    assert _items(db) == {"kept"}


def test_who_only_waits_is_served_in_the_stateless_version(admin, db):
    """The wait is longer than the server needs to detect a closed connection."""
    assert admin.result("test_sleep", {"seconds": 1.5, "name": "kept"})["slept"] == 1.5
    assert _items(db) == {"kept"}


def test_a_notification_is_accepted_and_cancels_in_the_stateless_version(admin, db):
    running_answer = []
    nap = next(_naps)
    arguments = {"seconds": float(nap), "name": "lost"}
    thread = threading.Thread(target=lambda: running_answer.append(admin.call("test_sleep", arguments)))
    thread.start()
    wait_for(lambda: _sleeping(db, nap))
    (number,) = (row["entry"]["request_id"] for row in db.rows("SELECT entry FROM mcp_inflight_call"))
    _cancel(admin, number, mcp.modern_headers("notifications/cancelled"))
    thread.join()
    assert running_answer[0].code == CANCELLED
    assert _items(db) == set()


# -- a real client ------------------------------------------------------------------------------------


async def _give_up(url, key, era, nap, is_running):
    """Calls through the official Python client, and cancels that task as soon as the call runs."""
    async with (
        httpx2.AsyncClient(headers={"Authorization": mcp.bearer(key)}, timeout=http.PATIENCE) as connection,
        OfficialClient(streamable_http_client(url, http_client=connection), mode=era) as client,
    ):
        arguments = {"seconds": float(nap), "name": "lost"}
        task = asyncio.create_task(client.call_tool("test_sleep", arguments))
        await asyncio.to_thread(wait_for, is_running)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        # The connection and the session still work.
        return await client.call_tool("test_savepoint", {"name": "kept"})


@pytest.mark.parametrize(("era", "how"), [("legacy", "notifications/cancelled"), (mcp.MODERN, "closed the connection")])
def test_a_call_that_the_official_client_gives_up_is_cancelled(world, door, db, era, how):
    mark = db.audit_mark()
    nap = next(_naps)
    later = asyncio.run(
        _give_up(f"{door.url}/mcp", world["admin"].key, era, nap, lambda: _sleeping(db, nap))
    )
    assert later.is_error is False
    wait_for(lambda: not _sleeping(db, nap))
    wait_for(lambda: [row for row in db.audit_since(mark) if row["tool"] == "test_sleep"])
    row = _row(db, mark, tool="test_sleep")
    assert row["status"] == "cancelled"
    assert how in row["error"]
    assert _items(db) == {"kept"}


# -- the race -----------------------------------------------------------------------------------------


def test_a_cancellation_hits_its_own_call_or_nothing(environment, world):
    """Calls end while they are cancelled, on connections that other threads of one process use at the same time."""
    db = world.copy("races")
    server = environment.odoo("races", name="races", workers=0)
    mine, other = world.client(server), world.client(server, "sally")
    mine.initialize()
    other.initialize()
    generator = random.Random(20260728)
    stopped = threading.Event()
    wrong = []

    def others():
        while not stopped.is_set():
            call = {"name": "test_sleep", "arguments": {"seconds": 0.004}}
            answer = other.send(mcp.message("tools/call", call))
            if answer.status != 200 or answer.json.get("result", {}).get("isError") is not False:
                wrong.append(answer.text)

    def call(number):
        arguments = {"seconds": 0.02, "name": f"race {number}"}
        return mcp.message("tools/call", {"name": "test_sleep", "arguments": arguments}, number=number)

    busy = [threading.Thread(target=others) for _ in range(3)]
    for thread in busy:
        thread.start()
    begun = time.monotonic()
    ended = [(f"race {number}", mine.send(call(number)).json) for number in range(-5, 0)]
    usual = (time.monotonic() - begun) / len(ended)
    for number in range(60):
        answers, one = [], call(number)
        thread = threading.Thread(target=lambda answers=answers, one=one: answers.append(mine.send(one)))
        thread.start()
        stopped.wait(generator.uniform(0, 1.5 * usual))
        _cancel(mine, number)
        thread.join()
        ended.append((f"race {number}", answers[0].json))
    stopped.set()
    for thread in busy:
        thread.join()
    assert not wrong, wrong[:3]
    kept = {row["name"] for row in db.rows("SELECT name FROM mcp_test_item")}
    statuses = {
        row["request"]["name"]: row["status"]
        for row in db.rows("SELECT request, status FROM mcp_audit_log WHERE tool = 'test_sleep' AND login = 'admin'")
    }
    for name, answer in ended:
        done = "result" in answer
        assert done or answer["error"]["code"] == CANCELLED, answer
        assert (name in kept) == done, name
        assert statuses[name] == ("ok" if done else "cancelled"), name
    assert len(statuses) == db.value(
        "SELECT count(*) FROM mcp_audit_log WHERE tool = 'test_sleep' AND login = 'admin'"
    )
    # Both outcomes occurred.
    assert set(statuses.values()) == {"ok", "cancelled"}
    assert db.value("SELECT count(*) FROM mcp_inflight_call") == 0
    server.stop()
    db.close()
