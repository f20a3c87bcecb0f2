"""The measured rows: each row's request as bytes, its expected answer, and its reference row."""

import json
from collections.abc import Callable
from dataclasses import dataclass

from support import http, mcp

MODEL = "res.partner"
FIELDS = ["name", "email", "phone", "city", "country_id", "is_company"]
LIMIT = 60
ORDER = "id"

# The baseline of the thresholds: it returns the same bytes as discovery, without any parsing.
FLOOR = "wsgi floor"
FLOOR_OF_GET = "wsgi floor, bare GET"
EMPTY = "empty route"
JSON2_SEARCH = "/json/2 search"
JSON2_CREATE = "/json/2 create"


@dataclass
class Row:
    """One row of the table. `check` parses the answer's JSON and fails when it is wrong."""

    name: str
    what: str
    port: int
    request: bytes
    check: Callable
    rival: str | None = None
    door: str | None = None


def door_row(door, what):
    """The name of one of our rows."""
    return f"/mcp {door}: {what}"


def _get(path, port):
    return http.request_bytes("GET", path, [("Host", f"127.0.0.1:{port}"), ("Connection", "close")])


def _post(path, port, headers, body):
    data = json.dumps(body).encode()
    return http.request_bytes("POST", path, [
        ("Host", f"127.0.0.1:{port}"), ("Content-Type", "application/json"), ("Accept", mcp.ACCEPT), *headers,
        ("Content-Length", len(data)), ("Connection", "close")], data)


def _modern(port, headers, method, params=None, path="/mcp"):
    full = mcp.modern_params(params, client="bench")
    return _post(path, port, [*headers, *mcp.modern_headers(method, full)], mcp.message(method, full))


def call(port, headers, tool, arguments):
    return _modern(port, headers, "tools/call", {"name": tool, "arguments": arguments})


def _two_bytes(answer):
    assert answer.body == b"ok", answer.body[:200]


def result(answer):
    # The other servers may answer with an event stream that has one message.
    text = answer.text
    if text.lstrip().startswith(("event:", "data:", "id:")):
        text = next(line for line in text.splitlines() if line.startswith("data:") and "{" in line)[5:]
    result = json.loads(text)["result"]
    assert not result.get("isError"), result
    return result


def odoo_rows(port, key, domain, ids):
    """The reference rows and Odoo's own interface."""
    bearer = [("Authorization", mcp.bearer(key))]

    def found(answer):
        assert [record["id"] for record in answer.json] == ids, answer.text[:300]

    def created(answer):
        assert len(answer.json) == 1, answer.text[:300]

    search = {"domain": domain, "fields": FIELDS, "limit": LIMIT, "order": ORDER}
    create = {"vals_list": [{"name": "Made by the benchmark"}]}
    return [
        Row(FLOOR, "a function at the WSGI application that reads the discovery's request", port,
            _modern(port, bearer, "server/discover", path="/odoo_mcp_bench/floor"), _two_bytes),
        Row(FLOOR_OF_GET, "that function, asked for nothing", port, _get("/odoo_mcp_bench/floor", port), _two_bytes),
        Row(EMPTY, "Odoo's empty `type='http', auth='none'` route", port, _get("/odoo_mcp_bench/empty", port),
            _two_bytes, FLOOR),
        Row(JSON2_SEARCH, f"`search_read`, {LIMIT} partners by {len(FIELDS)} fields", port,
            _post(f"/json/2/{MODEL}/search_read", port, bearer, search), found),
        Row(JSON2_CREATE, "one partner", port, _post(f"/json/2/{MODEL}/create", port, bearer, create), created),
    ]


def _session(port, bearer):
    # Only the handshake versions have `ping`.
    client = mcp.Client(port, bearer[0][1])
    client.initialize()
    client.legacy("notifications/initialized")
    headers = [("MCP-Protocol-Version", client.version)]
    if client.session:
        headers.append(("Mcp-Session-Id", client.session))
    return headers


def mcp_rows(door, port, key, domain, ids):
    """Our rows, through one of the two doors."""
    bearer = [("Authorization", mcp.bearer(key))]

    def discovered(answer):
        assert mcp.MODERN in result(answer)["supportedVersions"]

    def listed(answer):
        assert len(result(answer)["tools"]) >= 12

    def empty(answer):
        assert result(answer) == {}

    def found(answer):
        content = result(answer)["structuredContent"]
        at = content["columns"].index("id")
        assert [row[at] for row in content["rows"]] == ids and set(FIELDS) <= set(content["columns"]), content

    def created(answer):
        assert len(result(answer)["structuredContent"]["ids"]) == 1

    search = {"model": MODEL, "domain": json.dumps(domain), "fields": FIELDS, "limit": LIMIT, "order": ORDER}
    create = {"model": MODEL, "values": json.dumps({"name": "Made by the benchmark"})}
    ping = _post("/mcp", port, [*bearer, *_session(port, bearer)], mcp.message("ping"))
    rows = [
        ("discover", "`server/discover`, 2026-07-28", _modern(port, bearer, "server/discover"), discovered, EMPTY),
        ("tools/list", "`tools/list`, 2026-07-28", _modern(port, bearer, "tools/list"), listed, EMPTY),
        ("ping", "`ping` in a session, 2025-11-25", ping, empty, EMPTY),
        ("search", "the same search and its total, by the ORM", call(port, bearer, "search", search), found,
         JSON2_SEARCH),
        ("create", "the same create, by the ORM", call(port, bearer, "create", create), created, JSON2_CREATE),
    ]
    return [Row(door_row(door, name), what, port, request, check, rival, door)
            for name, what, request, check, rival in rows]


def peer_row(peer, domain, ids):
    """The same search through another MCP server. That server has Odoo's key and requires no credential itself."""
    def found(answer):
        content = result(answer)["structuredContent"]
        content = content.get("result", content)
        records = content.get("records") if isinstance(content, dict) else content
        assert [record["id"] for record in records] == ids, str(content)[:300]
        assert set(FIELDS) <= set(records[0]), records[0]

    search = {"model": MODEL, "domain": domain, "fields": FIELDS, "limit": LIMIT, "order": ORDER}
    request = call(peer.port, [], "search_records", search)
    return Row(peer.name, "`search_records`, the same search", peer.port, request, found, JSON2_SEARCH)
