"""The audit log at both doors: one row per message with all required columns, without secrets, and a change and its row
in one transaction."""

import json
import os
import signal
import threading

import pytest
from support import mcp
from support.workers import wait_for

ITEM = "mcp.test.item"


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


def _one(rows):
    found = rows()
    assert len(found) == 1, found
    return found[0]


def _items(db):
    return {row["name"] for row in db.rows("SELECT name FROM mcp_test_item")}


def test_a_call_has_all_its_facts(world, door, db, rows):
    client = world.client(door, "sally", headers=[("User-Agent", "pytest/1.0 (test)")])
    answer = client.call("read", {"model": "res.partner", "ids": world.partners[:2], "fields": ["name"]})
    row = _one(rows)
    key = db.row(
        "SELECT id, name FROM res_users_apikeys WHERE user_id = %s AND scope = 'rpc' AND index = %s",
        world["sally"].id,
        world["sally"].key[:8],
    )
    assert row["user_id"] == world["sally"].id
    assert row["login"] == "sally"
    assert (row["api_key_id"], row["api_key_name"]) == (key["id"], key["name"])
    assert row["session_id"] is None
    assert (row["client_name"], row["client_version"]) == ("pytest", "1.2.3")
    assert row["protocol_version"] == mcp.MODERN
    assert (row["http_method"], row["method"], row["tool"]) == ("POST", "tools/call", "read")
    assert (row["resource_uri"], row["prompt"]) == (None, None)
    assert (row["model"], row["record_ids"]) == ("res.partner", world.partners[:2])
    assert row["request"] == {"model": "res.partner", "ids": world.partners[:2], "fields": ["name"]}
    assert (row["status"], row["http_status"], row["error_code"], row["error"]) == ("ok", 200, None, None)
    assert row["row_count"] == 2
    assert row["response_bytes"] == len(answer.body)
    assert row["remote_addr"] == "127.0.0.1"
    assert row["user_agent"] == "pytest/1.0 (test)"
    assert row["duration_ms"] > 0
    assert (row["path"], row["door"]) == ("orm", door.name)
    assert abs((db.value("SELECT now() AT TIME ZONE 'UTC'") - row["create_date"]).total_seconds()) < 60
    assert row["count"] == 1


def test_what_the_core_answers_by_itself_says_so(admin, rows):
    answer = admin.modern("tools/list")
    row = _one(rows)
    assert (row["path"], row["method"], row["status"]) == ("core", "tools/list", "ok")
    assert row["row_count"] == len(answer.json["result"]["tools"])
    assert row["response_bytes"] == len(answer.body)


def test_a_session_is_named(admin, rows):
    admin.initialize(client={"name": "Cursor", "version": "0.9"})
    admin.send({"jsonrpc": "2.0", "method": "notifications/initialized"})
    admin.legacy("ping")
    admin.legacy("tools/call", {"name": "count", "arguments": {"model": "res.company"}})
    session = admin.session
    admin.send(method="DELETE")
    found = rows()
    assert [row["method"] for row in found] == ["initialize", "notifications/initialized", "ping", "tools/call", None]
    assert [row["http_method"] for row in found] == ["POST"] * 4 + ["DELETE"]
    assert {row["session_id"] for row in found} == {session}
    assert {(row["client_name"], row["client_version"], row["protocol_version"]) for row in found} == {
        ("Cursor", "0.9", "2025-11-25")
    }


def test_a_password_has_no_key(world, door, rows):
    mcp.Client(door, mcp.basic("sally", world["sally"].password)).modern("tools/list")
    row = _one(rows)
    assert (row["login"], row["api_key_id"], row["api_key_name"]) == ("sally", None, None)


def test_created_records_are_named(admin, rows, db):
    made = admin.result(
        "create", {"model": "res.partner.category", "values": [{"name": "Audit 1"}, {"name": "Audit 2"}]}
    )
    assert _one(rows)["record_ids"] == made["ids"]
    assert admin.result("unlink", {"model": "res.partner.category", "ids": made["ids"]})["ids"] == made["ids"]
    assert rows()[1]["record_ids"] == made["ids"]


def test_found_records_are_named(admin, rows):
    found = admin.result("search", {"model": "res.country", "limit": 3, "order": "id"})
    row = _one(rows)
    assert row["record_ids"] == [line[0] for line in found["rows"]]
    assert row["row_count"] == 3


FAILURES = [
    ("unknown tool", "no_such_tool", {}, "error", -32602),
    ("bad arguments", "count", {"model": "no.such"}, "error", None),
    ("missing record", "unlink", {"model": "res.partner.category", "ids": [2_000_000_000]}, "error", None),
    ("refused by Odoo", "test_redirect", {}, "error", None),
    ("private method", "method_call", {"model": ITEM, "method": "_write"}, "denied", None),
]


@pytest.mark.parametrize("what, tool, arguments, status, code", FAILURES, ids=[failure[0] for failure in FAILURES])
def test_a_failure_is_recorded_with_its_text(admin, rows, what, tool, arguments, status, code):
    answer = admin.call(tool, arguments)
    row = _one(rows)
    assert (row["tool"], row["status"], row["http_status"], row["error_code"]) == (tool, status, 200, code)
    said = answer.json["error"]["message"] if "error" in answer.json else answer.json["result"]["content"][0]["text"]
    assert row["error"] == said
    assert row["response_bytes"] == len(answer.body)


def test_a_denial_is_recorded_as_one(sally, rows, world):
    sally.call("write", {"model": "sale.order", "ids": [world.orders[1]], "values": '{"note": "x"}'})
    row = _one(rows)
    assert (row["status"], row["model"], row["record_ids"]) == ("denied", "sale.order", [world.orders[1]])


# -- secrets and sizes --------------------------------------------------------------------------------

SECRET = "Sesame-open-4711"
SECRETS = {
    "a value": {"model": "res.users", "ids": [2_000_000_000], "values": json.dumps({"password": SECRET})},
    "a real object": {"model": "res.users", "ids": [2_000_000_000], "values": {"new_password": SECRET, "name": "kept"}},
    "a broken text": {"model": "res.users", "ids": [2_000_000_000], "values": '{"password": "' + SECRET},
    "within a command": {
        "model": "res.partner",
        "ids": [2_000_000_000],
        "values": json.dumps({"user_ids": [[0, 0, {"login": "x", "password": SECRET}]]}),
    },
    "a token": {
        "model": "res.users",
        "ids": [2_000_000_000],
        "values": json.dumps({"api_key": SECRET, "oauth_access_token": SECRET}),
    },
}


@pytest.mark.parametrize("what", SECRETS)
def test_a_secret_is_struck_out(admin, rows, db, what):
    admin.call("write", SECRETS[what])
    row = _one(rows)
    assert SECRET not in json.dumps(row, default=str)
    assert "***" in json.dumps(row["request"])
    assert db.value("SELECT count(*) FROM mcp_inflight_call WHERE entry::text LIKE '%%' || %s || '%%'", SECRET) == 0


def test_a_secret_in_a_domain_and_in_a_system_parameter_is_struck_out(admin, rows):
    admin.call("count", {"model": "res.users", "domain": json.dumps([["totp_secret", "=", SECRET]])})
    admin.call(
        "create",
        {"model": "ir.config_parameter", "values": json.dumps({"key": "mail.api_key", "value": SECRET, "nmae": 1})},
    )
    admin.call(
        "method_call", {"model": "res.users", "method": "change_password", "args": json.dumps([SECRET, SECRET + "x"])}
    )
    found = rows()
    assert len(found) == 3
    assert SECRET not in json.dumps(found, default=str)


def test_parameters_are_capped(admin, rows, db):
    with db.parameter("odoo_mcp.audit_request_kb", "1"):
        admin.call("count", {"model": "res.partner", "domain": json.dumps([["name", "in", ["x" * 20] * 5_000]])})
    row = _one(rows)
    assert len(json.dumps(row["request"])) < 1_500
    assert row["request"]["model"] == "res.partner"


def test_long_lists_of_records_are_capped(admin, rows, db, restrict):
    many = db.parameter("odoo_mcp.max_records", "3000")
    with many, db.parameter("odoo_mcp.max_answer_kb", "1000"), restrict.access("ir.model.fields"):
        admin.result("search", {"model": "ir.model.fields", "fields": ["id"], "limit": 2_000, "order": "id"})
    assert len(_one(rows)["record_ids"]) == 1_000


# -- one transaction ----------------------------------------------------------------------------------


def test_a_change_and_its_row_have_one_transaction(admin, rows, db):
    made = admin.result("create", {"model": ITEM, "values": '{"name": "together"}'})
    row = _one(rows)
    assert db.value("SELECT xmin::text FROM mcp_test_item WHERE id = %s", made["ids"][0]) == db.value(
        "SELECT xmin::text FROM mcp_audit_log WHERE id = %s", row["id"]
    )


ENDS = {
    "test_fail_at_flush": "error",
    "test_fail_at_commit": "error",
    "test_not_json": "error",
    "test_commit": "denied",
    "test_rollback": "denied",
}


@pytest.mark.parametrize("tool", ENDS)
def test_a_failure_leaves_no_change_but_a_row(admin, rows, db, tool):
    assert admin.refusal(tool, {"name": "lost"})
    row = _one(rows)
    assert (row["tool"], row["path"]) == (tool, "orm")
    assert row["status"] in (ENDS[tool], "failed")
    assert row["error"]
    assert _items(db) == set()
    assert db.value("SELECT count(*) FROM mcp_inflight_call") == 0


def test_retries_leave_one_row(admin, rows, db):
    admin.result("test_serialization", {"label": f"audit-{admin.port}", "times": 2, "name": "kept"})
    assert _one(rows)["status"] == "ok"
    assert _items(db) == {"kept"}


def test_a_failure_after_the_commit_leaves_the_row_of_success(admin, rows, db, provoke):
    provoke("work after its commit failed")
    admin.result("test_after_commit", {"name": "kept"})
    assert _one(rows)["status"] == "ok"
    assert _items(db) == {"kept"}


def test_a_call_declared_dead_can_no_longer_commit(admin, rows, db):
    said = admin.refusal("test_die", {"name": "lost"})
    assert "lost contact" in said
    assert _one(rows)["status"] == "died"
    assert _items(db) == set()
    assert db.value("SELECT count(*) FROM mcp_inflight_call") == 0
    # The test inserted this row instead of maintenance. Without deletion it would remain the first invalid row.
    with db.as_owner():
        assert db.run("DELETE FROM mcp_audit_log WHERE mac IS NULL") == 1


def test_a_failure_after_a_methods_own_commit_is_recorded_as_partly_done(admin, rows, db):
    admin.refusal("test_commit_allowed", {"name": "kept", "fail": True})
    found = rows()
    assert _items(db) == {"kept"}
    assert len(found) == 1
    assert found[0]["status"] not in ("ok", "denied")


def test_no_call_is_left_noted(admin, db):
    for tool, arguments in (
        ("count", {"model": "res.company"}),
        ("test_fail_at_flush", {"name": "x"}),
        ("test_redirect", {}),
    ):
        admin.call(tool, arguments)
    assert db.value("SELECT count(*) FROM mcp_inflight_call") == 0


def test_a_running_call_is_noted_before_it_starts(admin, db):
    thread = threading.Thread(target=admin.call, args=("test_sleep", {"seconds": 2, "name": "noted"}))
    thread.start()
    wait_for(lambda: db.value("SELECT count(*) FROM mcp_inflight_call") == 1)
    note = db.row("SELECT * FROM mcp_inflight_call")
    assert (note["entry"]["tool"], note["entry"]["login"]) == ("test_sleep", "admin")
    # Maintenance skips the call whatever its age says, because the call holds its lock.
    wait_for(
        lambda: db.rows("SELECT 1 FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'SELECT pg_sleep(2%%'")
    )
    db.run("UPDATE mcp_inflight_call SET started = started - interval '2 days'")
    assert db.value("SELECT mcp_maintain()")["calls_died"] == 0
    thread.join()
    assert db.value("SELECT status FROM mcp_audit_log WHERE call_id = %s", note["call_id"]) == "ok"
    assert db.value("SELECT count(*) FROM mcp_inflight_call") == 0
    assert _items(db) == {"noted"}


def test_a_worker_killed_in_the_middle_is_settled_once(environment, world, provoke):
    """PostgreSQL rolls back the change; maintenance writes the row of the call."""
    db = world.copy("killed")
    server = environment.odoo("killed", name="killed", workers=1)
    client = world.client(server)
    worker = server.worker_pids()[0]
    failed = []

    def call():
        try:
            client.call("test_sleep", {"seconds": 30, "name": "lost"})
        except (OSError, AttributeError) as error:
            failed.append(error)

    thread = threading.Thread(target=call)
    thread.start()
    sleeping = (
        "SELECT pid FROM pg_stat_activity WHERE datname = 'killed' AND state = 'active'"
        " AND query LIKE 'SELECT pg_sleep(30%%'"
    )
    wait_for(lambda: db.rows(sleeping))
    note = db.row("SELECT * FROM mcp_inflight_call")
    os.kill(worker, signal.SIGKILL)
    thread.join()
    for row in db.rows(sleeping):
        db.value("SELECT pg_terminate_backend(%s)", row["pid"])
    wait_for(lambda: not db.rows(sleeping))
    assert db.value("SELECT count(*) FROM mcp_audit_log WHERE call_id = %s", note["call_id"]) == 0
    db.run("UPDATE mcp_inflight_call SET started = started - interval '2 days'")
    assert db.value("SELECT mcp_maintain()")["calls_died"] == 1
    assert db.value("SELECT mcp_maintain()")["calls_died"] == 0
    row = db.row("SELECT * FROM mcp_audit_log WHERE call_id = %s", note["call_id"])
    assert (row["status"], row["tool"], row["login"]) == ("died", "test_sleep", "admin")
    assert db.value("SELECT count(*) FROM mcp_test_item") == 0
    server.stop()
    db.close()


# -- refusals before authentication -------------------------------------------------------------------


def test_refusals_are_one_row_for_each_address_reason_and_minute(door, db):
    before = db.audit_total()
    mark = db.audit_mark()
    for _ in range(20):
        assert mcp.Client(door).modern("tools/list").status == 401
        assert mcp.Client(door, mcp.bearer("0" * 40)).modern("tools/list").status == 401
        assert mcp.Client(door, headers=[("Origin", "https://evil.example")]).modern("tools/list").status == 403
    assert db.audit_total() - before == 60
    # Three reasons, and the test spans at most two minutes.
    assert len(db.audit_since(mark)) <= 6
    newest = db.rows(
        "SELECT * FROM mcp_audit_log WHERE refusal IS NOT NULL AND http_status IN (401, 403) ORDER BY create_date DESC"
        " LIMIT 3"
    )
    assert {row["status"] for row in newest} == {"refused"}
    assert {row["remote_addr"] for row in newest} == {"127.0.0.1"}


def test_refusals_at_once_are_all_counted(door, db):
    before = db.audit_total()
    threads = [
        threading.Thread(target=lambda: [mcp.Client(door).modern("tools/list") for _ in range(10)]) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert db.audit_total() - before == 80


def test_the_tried_login_is_recorded(door, db):
    with db.parameter("odoo_mcp.lockout_failures", "100"):
        mcp.Client(door, mcp.basic("somebody-else", "x")).modern("tools/list")
    assert db.value("SELECT count(*) FROM mcp_audit_log WHERE login = 'somebody-else' AND http_status = 401") >= 1


# -- reading it ---------------------------------------------------------------------------------------


def test_users_see_their_own_rows_and_administrators_all(world, door):
    for login in ("admin", "sally"):
        world.client(door, login).modern("tools/list")
    read = {"domain": [], "fields": ["user_id"]}
    mine = world.json2(door, "sally").value("mcp.audit.log", "search_read", **read)
    assert {row["user_id"][0] for row in mine} == {world["sally"].id}
    everybody = world.json2(door).value("mcp.audit.log", "search_read", **read)
    assert {world["admin"].id, world["sally"].id} <= {row["user_id"] and row["user_id"][0] for row in everybody}
    assert world.json2(door, "norma").call("mcp.audit.log", "search_read", **read).status == 403


def test_rows_cannot_be_changed_through_odoo(world, door, db):
    odoo = world.json2(door)
    number = odoo.value("mcp.audit.log", "search", domain=[], limit=1)
    before = db.row("SELECT * FROM mcp_audit_log WHERE id = %s", number[0])
    for method, arguments in (
        ("write", {"ids": number, "vals": {"status": "ok"}}),
        ("unlink", {"ids": number}),
        ("create", {"vals_list": [{"status": "ok"}]}),
        ("copy", {"ids": number}),
    ):
        assert odoo.call("mcp.audit.log", method, **arguments).status >= 400, method
    assert db.row("SELECT * FROM mcp_audit_log WHERE id = %s", number[0]) == before
