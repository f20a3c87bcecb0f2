"""The two doors are equivalent: the same request gets the same status, headers and body. The fast door passes every
doubtful request on to Odoo's ordinary route."""

import json
import re

import pytest
from support import http, mcp

VOLATILE = {"date", "server", "connection"}


def _raw(*headers, method="POST", body=b"{}", path="/mcp"):
    return lambda port, key: http.exchange(port, method, path, [(n, v.replace("KEY", key)) for n, v in headers], body)


def _with_key(*headers, **more):
    return _raw(
        ("Authorization", "Bearer KEY"), ("Content-Type", "application/json"), ("Accept", mcp.ACCEPT), *headers, **more
    )


def _modern(method, params=None):
    full = mcp.modern_params(params)
    return _with_key(*mcp.modern_headers(method, full), body=json.dumps(mcp.message(method, full, number=1)).encode())


def _legacy(method, params=None, *headers):
    return _with_key(*headers, body=json.dumps(mcp.message(method, params, number=1)).encode())


def _call(tool, **arguments):
    return _modern("tools/call", {"name": tool, "arguments": arguments})


INITIALIZE = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "x", "version": "1"}}
REQUESTS = {
    "discover": _modern("server/discover"),
    "list tools": _modern("tools/list"),
    "initialize": _legacy("initialize", INITIALIZE),
    "list tools in 2025-06-18": _legacy("tools/list", None, ("MCP-Protocol-Version", "2025-06-18")),
    "ping": _legacy("ping"),
    "unknown method": _legacy("no/such"),
    "unknown modern method": _modern("no/such"),
    "notification": _with_key(body=b'{"jsonrpc": "2.0", "method": "notifications/initialized"}'),
    "batch": _with_key(body=json.dumps([mcp.message("ping", number=1), mcp.message("no/such", number=2)]).encode()),
    "count": _call("count", model="res.partner"),
    "search": _call("search", model="res.partner", limit=20, order="id"),
    "search all fields": _call(
        "search", model="res.users", fields=["login", "tz", "create_date", "company_ids", "image_128"], order="id"
    ),
    "search with a path": _call(
        "search", model="sale.order", domain='[["partner_id.name","ilike","zebra"]]', order="id"
    ),
    "read": _call("read", model="res.company", ids=[1, 2_000_000_000], fields=["name", "currency_id", "create_date"]),
    "aggregate": _call(
        "aggregate", model="sale.order", groupby=["date_order:month"], measures=["amount_total:sum"], order="count desc"
    ),
    "default_get": _call("default_get", model="crm.lead", fields=["type", "user_id", "company_id"]),
    "describe_model": _call("describe_model", model="crm.lead"),
    "list_models": _call("list_models"),
    "list_modules": _call("list_modules", state="installed"),
    "list_companies": _call("list_companies"),
    "method_call": _call(
        "method_call", model="res.partner", method="name_search", kwargs='{"name": "zebra", "limit": 2}'
    ),
    "test tool": _call("test_greet", name="you"),
    "text": _call("test_text"),
    "list": _call("test_list"),
    "bad arguments": _call("search", model="res.partner", domain='[["nmae","=",1]]'),
    "unknown tool": _call("serch"),
    "user error": _call("test_redirect"),
    "not json": _call("test_not_json", name="parity"),
    "refused method": _call("method_call", model="res.partner", method="_compute_display_name"),
    "no credential": _raw(("Content-Type", "application/json")),
    "malformed credential": _raw(("Authorization", "Basic !!!")),
    "wrong key": _raw(("Authorization", "Bearer " + "0" * 40)),
    "several credentials": _with_key(("Authorization", "Bearer KEY")),
    "foreign origin": _with_key(("Origin", "https://evil.example")),
    "own origin": _with_key(("Origin", "http://localhost:1234")),
    "preflight": _raw(
        ("Origin", "http://localhost:1"), ("Access-Control-Request-Method", "POST"), method="OPTIONS", body=b""
    ),
    "get": _with_key(method="GET", body=b""),
    "head": _with_key(method="HEAD", body=b""),
    "put": _with_key(method="PUT"),
    "trace": _with_key(method="TRACE"),
    "a method of other protocols": _with_key(method="PROPFIND"),
    "no method at all": _with_key(method="FROB"),
    "trace without a key": _raw(method="TRACE"),
    "delete without session": _with_key(method="DELETE", body=b""),
    "unknown session": _legacy("ping", None, ("Mcp-Session-Id", "x")),
    "wrong media type": _raw(("Authorization", "Bearer KEY"), ("Content-Type", "text/plain")),
    "form": _raw(
        ("Authorization", "Bearer KEY"), ("Content-Type", "application/x-www-form-urlencoded"), body=b"a=1&b=2"
    ),
    "no media type": _raw(("Authorization", "Bearer KEY"), body=json.dumps(mcp.message("ping", number=1)).encode()),
    "wrong accept": _raw(("Authorization", "Bearer KEY"), ("Accept", "text/html")),
    "not json body": _with_key(body=b"hello"),
    "empty body": _with_key(body=b""),
    "invalid utf-8": _with_key(body=b'"\xff"'),
    "NUL": _with_key(body=b'{"jsonrpc": "2.0", "id": 1, "method": "a\\u0000b"}'),
    "deep": _with_key(body=b"[" * 10_000),
    "a header that is not UTF-8": _legacy("ping", None, ("Mcp-Session-Id", "\xe9")),
    "a long header": _legacy("ping", None, ("Mcp-Session-Id", "x" * 20_000)),
    "a query": _with_key(path="/mcp?a=b", body=json.dumps(mcp.message("ping", number=1)).encode()),
    "discovery of OAuth": _raw(method="GET", body=b"", path="/.well-known/oauth-protected-resource/mcp"),
}


def _comparable(answer):
    headers = sorted((name.lower(), value) for name, value in answer.headers if name.lower() not in VOLATILE)
    headers = [(name, "…" if name == "mcp-session-id" else value) for name, value in headers]
    return answer.status, headers, re.sub(rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22,}", b"...", answer.body)


@pytest.mark.parametrize("what", REQUESTS)
def test_both_doors_answer_alike(world, fast_server, ordinary_server, provoke, what):
    provoke("a test provokes nothing here" if what != "not json" else "NotJson")
    key = world["sally" if "key" not in what else "admin"].key
    assert _comparable(REQUESTS[what](fast_server.port, key)) == _comparable(REQUESTS[what](ordinary_server.port, key))


def test_the_table_is_as_long_as_it_says():
    assert len(REQUESTS) >= 40


def _door_of_last(db):
    return db.value("SELECT door FROM mcp_audit_log ORDER BY id DESC LIMIT 1")


def test_each_server_uses_the_door_it_is_named_for(world, db, fast_server, ordinary_server):
    for server in (fast_server, ordinary_server):
        assert world.client(server).modern("tools/list").status == 200
        assert _door_of_last(db) == server.name


@pytest.mark.parametrize("cookie", ["session_id=" + "a" * 84, "x=1; session_id=abc", "session_id="])
def test_a_session_cookie_goes_to_the_ordinary_route(world, db, fast_server, cookie):
    client = world.client(fast_server, headers=[("Cookie", cookie)])
    assert client.result("count", {"model": "res.company"})["count"] >= 2
    assert _door_of_last(db) == "ordinary"


def test_another_cookie_does_not(world, db, fast_server):
    assert world.client(fast_server, headers=[("Cookie", "frontend_lang=en_US")]).modern("tools/list").status == 200
    assert _door_of_last(db) == "fast"


def test_a_setting_closes_the_fast_door_at_once(world, db, fast_server):
    client = world.client(fast_server)
    with db.parameter("odoo_mcp.fast_door", "False"):
        for _ in range(4):
            assert client.result("count", {"model": "res.company"})["count"] >= 2
            assert _door_of_last(db) == "ordinary"
        assert client.send(b"hello").code == mcp.PARSE_ERROR
    assert client.modern("tools/list").status == 200
    assert _door_of_last(db) == "fast"


def test_a_chunked_body_reaches_the_ordinary_route_whole(world, db, fast_server):
    """The gate has answered before the server reads the body."""
    body = json.dumps(mcp.message("ping", number=5)).encode()
    with db.parameter("odoo_mcp.fast_door", "False"):
        headers = [
            ("Host", "localhost"),
            ("Authorization", mcp.bearer(world["admin"].key)),
            ("Content-Type", "application/json"),
            ("Transfer-Encoding", "chunked"),
        ]
        answer = http.send_bytes(
            fast_server.port, http.request_bytes("POST", "/mcp", headers, http.chunked(body, [3, 9]))
        )
    assert answer.json == {"jsonrpc": "2.0", "id": 5, "result": {}}


def test_odoo_itself_still_answers(fast_server):
    """Other paths behave as before."""
    assert http.exchange(fast_server.port, "GET", "/web/health").json == {"status": "pass"}
    assert http.exchange(fast_server.port, "GET", "/web/login").status == 200


def test_no_connection_is_left_within_a_transaction(world, db, door):
    for login in ("admin", "sally"):
        client = world.client(door, login)
        client.result("search", {"model": "res.partner"})
        client.call("count", {"model": "no.such"})
        client.send(b"hello")
    assert (
        db.rows(
            "SELECT pid, query FROM pg_stat_activity WHERE datname = current_database()"
            " AND state LIKE 'idle in transaction%%'"
        )
        == []
    )
