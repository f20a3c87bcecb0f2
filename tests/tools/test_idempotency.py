"""Calls with an idempotency key: each runs once across workers, a repeat returns the stored answer or waits for it, and
no other caller gets it."""

import json
import threading
import uuid

import pytest
from support.concurrency import at_once
from support.mcp import HANDSHAKE
from support.workers import wait_for

MODEL = "mcp.test.item"
REPEATED = "odoo-mcp/repeated"


@pytest.fixture
def key():
    """A unique key."""
    return f"key-{uuid.uuid4()}"


def new(key, **values):
    """Arguments of `create` with that key."""
    return {"model": MODEL, "values": {"name": key, **values}, "idempotency_key": key}


def made(db, key):
    """How many records have that name."""
    return db.value("SELECT count(*) FROM mcp_test_item WHERE name LIKE %s", f"{key}%")


def test_a_call_is_done_once(admin, db, key):
    mark = db.audit_mark()
    first = admin.call("create", new(key)).json["result"]
    again = admin.call("create", new(key)).json["result"]
    assert made(db, key) == 1
    assert again["structuredContent"] == {**first["structuredContent"], "repeated": True}
    assert again["_meta"][REPEATED] is True and REPEATED not in first["_meta"]
    done, repeated = db.audit_since(mark)
    assert (done["status"], repeated["status"], repeated["path"]) == ("ok", "repeated", "core")
    assert str(done["call_id"]) in repeated["error"]
    # Without a key, or with another one, the call runs again.
    other = new(f"{key}-2")
    assert admin.result("create", other)["ids"] != first["structuredContent"]["ids"]
    assert made(db, key) == 2


def test_the_key_goes_with_every_tool_that_changes_something(admin, db, key):
    (number,) = admin.result("create", new(key, amount=3))["ids"]
    write = {"model": MODEL, "ids": [number], "values": {"amount": 5}, "idempotency_key": key}
    double = {"model": MODEL, "method": "action_double", "ids": [number], "idempotency_key": key}
    unlink = {"model": MODEL, "ids": [number], "idempotency_key": key}
    amount = lambda: db.value("SELECT amount FROM mcp_test_item WHERE id = %s", number)  # noqa: E731
    admin.result("write", write)
    db.run("UPDATE mcp_test_item SET amount = 7 WHERE id = %s", number)
    assert admin.result("write", write) == {"model": MODEL, "ids": [number], "repeated": True}
    assert amount() == 7
    first = admin.result("method_call", double)
    assert admin.result("method_call", double) == {**first, "repeated": True}
    assert amount() == 14
    admin.result("unlink", unlink)
    assert admin.result("unlink", unlink)["repeated"] is True
    assert made(db, key) == 0


def test_every_version_is_told(world, door, db, key):
    world.client(door).result("create", new(key))
    for version in HANDSHAKE:
        client = world.client(door)
        client.initialize(version)
        result = client.legacy("tools/call", {"name": "create", "arguments": new(key)}).json["result"]
        assert result["_meta"] == {REPEATED: True} and '"repeated":true' in result["content"][0]["text"]
    assert made(db, key) == 1


def test_the_same_key_for_something_else_is_refused(admin, db, key):
    admin.result("create", new(key))
    for other in (new(key, amount=1), {**new(key), "values": {"name": f"{key}-2"}}):
        text = admin.refusal("create", other)
        assert "idempotency_key" in text and "other arguments" in text
    assert made(db, key) == 1
    # The order of members, and JSON inside a string, make no difference.
    text = json.dumps({"name": key})
    assert admin.result("create", {"idempotency_key": key, "values": text, "model": MODEL})["repeated"] is True


def test_nobody_else_gets_the_answer(world, door, db, key):
    """Keys belong to one user. Another API key of the same user gets no answer."""
    world.client(door).result("create", new(key))
    other = world.client(door, "admin", "mcp")
    for arguments in (new(key), new(key, amount=1)):
        text = other.refusal("create", arguments)
        assert "another API key" in text and '"ids"' not in text
    assert made(db, key) == 1
    lead = {"model": "crm.lead", "values": {"name": key}, "idempotency_key": f"{key}-2"}
    first = world.client(door).result("create", lead)
    second = world.client(door, "sally").result("create", lead)
    assert second["ids"] != first["ids"] and "repeated" not in second


def test_what_is_out_of_reach_by_now_does_not_come_again(world, door, restrict, db, key):
    """The API key lost rights after its call. A repeat is refused, or its answer omits what the key may not see any
    more."""
    client = world.client(door, "sally", "mcp")
    own = {"model": "crm.lead", "values": {"name": key}, "idempotency_key": key}
    first = client.result("create", own)
    assert first["names"] == [key]
    with restrict.scope(world["sally"].keys["mcp"], [("crm.lead", {"hidden": ["name"], "methods": None})]):
        assert key not in client.refusal("create", own)
    with restrict.access("crm.lead", hidden=["display_name"]):
        again = client.result("create", own)
        assert (again["ids"], again["names"], again["repeated"]) == (first["ids"], [None], True)
    with restrict.access("crm.lead", off=["create"]):
        assert key not in client.refusal("create", own)
    with restrict.setting("read_only", "True"):
        assert client.call("create", own).code == -32602
    assert client.result("create", own)["names"] == [key]


def test_nothing_is_kept_of_a_call_that_failed(admin, db, key):
    wrong = {"model": MODEL, "values": {"name": key, "amount": -1}, "idempotency_key": key}
    for _ in range(2):
        assert "amount" in admin.refusal("create", wrong)
    assert db.rows("SELECT * FROM mcp_idempotency WHERE key = %s", key) == []
    # A failure at the commit, after the answer was stored.
    admin.result("create", new(key))
    late = {"model": MODEL, "values": {"name": key}, "idempotency_key": f"{key}-2"}
    admin.refusal("create", late)
    assert made(db, key) == 1
    assert db.rows("SELECT * FROM mcp_idempotency WHERE key = %s", f"{key}-2") == []
    # The key is free for a correct call.
    assert admin.result("create", new(f"{key}-2"))["ids"]


def test_twins_at_the_same_time_make_one_record(world, fast_server, ordinary_server, db, key):
    """Eight simultaneous calls, at both doors and several workers: one runs, and the others wait and get its answer."""
    clients = [world.client(server) for server in (fast_server, ordinary_server) for _ in range(4)]
    mark = db.audit_mark()
    results = at_once(clients, *[("create", new(key))] * 8)
    assert made(db, key) == 1
    assert not any(result.get("isError") for result in results), results
    assert len({tuple(result["structuredContent"]["ids"]) for result in results}) == 1
    assert sum(REPEATED in result["_meta"] for result in results) == 7
    statuses = sorted(row["status"] for row in db.audit_since(mark))
    assert statuses == ["ok"] + ["repeated"] * 7


def test_a_twin_with_other_arguments_is_refused_at_the_same_time(world, fast_server, ordinary_server, db, key):
    clients = [world.client(server) for server in (fast_server, ordinary_server)]
    results = at_once(clients, ("create", new(key)), ("create", new(key, amount=2)))
    assert made(db, key) == 1
    assert sorted(result["isError"] for result in results) == [False, True]


@pytest.fixture
def held(db, admin, key):
    """A running call with the key, whose row is not committed yet."""
    with db.transaction() as cursor:
        admin.result("create", new(f"{key}-0"))
        cursor.execute(
            "INSERT INTO mcp_idempotency SELECT user_id, tool, %s, gen_random_uuid(), credential, digest, prepared,"
            " answer, create_date, expires_at FROM mcp_idempotency WHERE key = %s",
            (key, f"{key}-0"),
        )
        yield cursor


def waits(db):
    """Whether a backend waits for a row that is not committed yet."""
    return db.rows(
        "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'transactionid'"
        " AND query LIKE '%%mcp_idempotency%%'"
    )


def test_a_twin_waits_no_longer_than_a_call_may_take(admin, db, held, restrict, key):
    with restrict.setting("call_seconds", "1"):
        mark = db.audit_mark()
        text = admin.refusal("create", new(key))
    assert "is running" in text and "1 seconds" in text and "same key" in text
    (row,) = db.audit_since(mark)
    assert row["status"] == "error"
    assert made(db, key) == 1
    assert db.value("SELECT count(*) FROM mcp_inflight_call") == 0


def test_a_twin_runs_when_the_first_has_failed(admin, db, held, key):
    found = []
    thread = threading.Thread(target=lambda: found.append(admin.result("create", new(key))))
    thread.start()
    wait_for(lambda: waits(db))
    held.connection.rollback()
    thread.join()
    assert "repeated" not in found[0] and made(db, key) == 2


def test_a_twin_gets_the_answer_of_the_first(admin, db, held, key):
    found = []
    # The first call has another digest, because it had another name.
    thread = threading.Thread(target=lambda: found.append(admin.refusal("create", new(key))))
    thread.start()
    wait_for(lambda: waits(db))
    held.connection.commit()
    thread.join()
    assert "other arguments" in found[0] and made(db, key) == 1


def test_keys_are_kept_for_a_day_and_then_deleted(admin, db, key):
    admin.result("create", new(key))
    left = db.row("SELECT expires_at - timezone('UTC', now()) AS left FROM mcp_idempotency WHERE key = %s", key)["left"]
    assert 23.9 * 3600 < left.total_seconds() <= 24 * 3600
    db.maintain()
    assert admin.result("create", new(key))["repeated"] is True
    db.run("UPDATE mcp_idempotency SET expires_at = timezone('UTC', now()) - interval '1 second' WHERE key = %s", key)
    db.maintain()
    assert db.rows("SELECT * FROM mcp_idempotency WHERE key = %s", key) == []


def test_what_is_kept_is_short_and_no_secret(admin, db, key):
    """The table has no Odoo model and stores no long answers."""
    call = {"model": MODEL, "method": "describe", "idempotency_key": key}
    more = {**call, "kwargs": {"note": "x" * 20_000}}
    assert len(admin.result("method_call", more)["result"]["more"]["note"]) == 20_000
    assert db.value("SELECT answer::text FROM mcp_idempotency WHERE key = %s", key) == '{"ids":[]}'
    again = admin.result("method_call", more)
    assert (again["result"], again["repeated"]) == (None, True) and "not given again whole" in again["note"]
    secret = {**call, "kwargs": {"api_token": "hunter-2-hunter"}, "idempotency_key": f"{key}-2"}
    assert admin.result("method_call", secret)["result"]["more"]["api_token"] == "hunter-2-hunter"
    kept = "SELECT string_agg(o::text, ' ') FROM mcp_idempotency o WHERE key LIKE %s"
    assert "hunter" not in db.value(kept, f"{key}%")
    assert db.rows("SELECT 1 FROM ir_model WHERE model = 'mcp.idempotency'") == []
    assert "no model" in admin.refusal("search", {"model": "mcp.idempotency"}).lower().replace("there is no", "no")


def test_keys_that_are_none(admin, db):
    for wrong in ("", "a b", "\N{LATIN SMALL LETTER E WITH ACUTE}", "x" * 129, 5, ["a"], "a\tb"):
        text = admin.refusal("create", {"model": MODEL, "values": {"name": "wrong key"}, "idempotency_key": wrong})
        assert "idempotency_key" in text
    assert db.value("SELECT count(*) FROM mcp_test_item WHERE name = 'wrong key'") == 0
