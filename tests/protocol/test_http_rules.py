"""The HTTP layer of /mcp at both doors: methods, media types, origins, bodies, and paths that return a plain 404."""

import json

import pytest
from support import http, mcp

PING = {"jsonrpc": "2.0", "id": 7, "method": "ping"}


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH"])
def test_other_methods_are_405_and_name_the_allowed_ones(admin, method):
    answer = admin.send(method=method)
    assert answer.status == 405
    assert [name.strip() for name in answer.header("Allow").split(",")] == ["POST", "DELETE"]
    assert answer.header("Location") is None


def test_a_get_that_asks_for_a_stream_is_405_too(admin):
    assert admin.send(method="GET", headers=[("Accept", "text/event-stream")]).status == 405


def test_delete_is_405_in_the_stateless_version(admin):
    answer = admin.send(method="DELETE", headers=[("MCP-Protocol-Version", mcp.MODERN)])
    assert answer.status == 405
    assert "POST" in answer.header("Allow")


def test_without_a_credential_a_get_is_401_like_anything_else(door):
    assert mcp.Client(door).send(method="GET").status == 401


@pytest.mark.parametrize(
    "content_type", ["application/json", "application/json; charset=utf-8", "APPLICATION/JSON", None]
)
def test_json_media_types_are_taken(admin, content_type):
    assert admin.send(PING, [("Content-Type", content_type)]).status == 200


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/jsonp"],
)
def test_other_media_types_are_415(admin, content_type):
    answer = admin.send(PING, [("Content-Type", content_type)])
    assert (answer.status, answer.code) == (415, mcp.INVALID_REQUEST)
    assert "application/json" in answer.message


@pytest.mark.parametrize(
    "accept", ["application/json", "application/json, text/event-stream", "*/*", "application/*;q=0.5", None]
)
def test_an_accept_that_allows_json_is_fine(admin, accept):
    answer = admin.send(PING, [("Accept", accept)])
    assert answer.status == 200
    assert answer.header("Content-Type") == "application/json"


@pytest.mark.parametrize("accept", ["text/html", "text/event-stream"])
def test_an_accept_that_excludes_json_is_406(admin, accept):
    answer = admin.send(PING, [("Accept", accept)])
    assert (answer.status, answer.code) == (406, mcp.INVALID_REQUEST)


@pytest.mark.parametrize("encoding", ["gzip", "br", "deflate"])
def test_a_compressed_body_is_415(admin, encoding):
    assert admin.send(PING, [("Content-Encoding", encoding)]).status == 415


def test_a_json_answer_says_its_length_and_is_not_cached(admin):
    answer = admin.send(PING)
    assert int(answer.header("Content-Length")) == len(answer.body)
    assert answer.header("Set-Cookie") is None


# -- Origin ------------------------------------------------------------------------------------------

ALLOWED = ["http://localhost", "http://localhost:5173", "http://127.0.0.1:6274", "https://[::1]:8443"]
FOREIGN = [
    "https://evil.example.com",
    "http://localhost.evil.example",
    "http://127.0.0.1.evil.example",
    "http://localhost@evil.example",
    "null",
    "file://localhost",
    "http://",
]


@pytest.mark.parametrize("origin", ALLOWED)
def test_pages_on_the_own_computer_may_call(admin, origin):
    answer = admin.send(PING, [("Origin", origin)])
    assert answer.status == 200
    assert answer.header("Access-Control-Allow-Origin") == origin
    assert "Origin" in answer.header("Vary")


@pytest.mark.parametrize("origin", FOREIGN)
def test_foreign_origins_are_403(admin, origin):
    answer = admin.send(PING, [("Origin", origin)])
    assert answer.status == 403
    assert answer.header("Access-Control-Allow-Origin") is None


def test_an_origin_is_refused_even_when_the_host_agrees(admin):
    """A DNS rebinding attack sends the same name in both headers."""
    answer = admin.send(PING, [("Origin", "http://evil.example.com"), ("Host", "evil.example.com")])
    assert answer.status == 403


def test_a_foreign_origin_is_refused_before_the_credential_is_looked_at(door):
    assert mcp.Client(door).send(PING, [("Origin", "https://evil.example.com")]).status == 403


def test_the_own_site_and_configured_origins_may_call(admin, db):
    with (
        db.parameter("web.base.url", "https://odoo.example.com"),
        db.parameter("odoo_mcp.allowed_origins", "https://chat.example:8443, https://b.example"),
    ):
        for origin in (
            "https://odoo.example.com",
            "https://odoo.example.com:443",
            "https://chat.example:8443",
            "https://b.example",
        ):
            assert admin.send(PING, [("Origin", origin)]).status == 200, origin
        for origin in ("http://odoo.example.com", "https://chat.example", "https://odoo.example.com.evil.example"):
            assert admin.send(PING, [("Origin", origin)]).status == 403, origin


def test_a_preflight_is_answered_without_a_credential(door):
    answer = mcp.Client(door).send(
        method="OPTIONS",
        headers=[
            ("Origin", "http://localhost:5173"),
            ("Access-Control-Request-Method", "POST"),
            ("Access-Control-Request-Headers", "authorization,content-type,mcp-protocol-version"),
        ],
    )
    assert answer.status == 204
    assert answer.body == b""
    assert answer.header("Access-Control-Allow-Origin") == "http://localhost:5173"
    assert "POST" in answer.header("Access-Control-Allow-Methods")
    allowed = answer.header("Access-Control-Allow-Headers").lower()
    for name in ("authorization", "content-type", "mcp-protocol-version", "mcp-session-id", "mcp-method", "mcp-name"):
        assert name in allowed


def test_a_preflight_of_a_foreign_page_is_refused(door):
    answer = mcp.Client(door).send(
        method="OPTIONS", headers=[("Origin", "https://evil.example.com"), ("Access-Control-Request-Method", "POST")]
    )
    assert answer.status == 403
    assert answer.header("Access-Control-Allow-Origin") is None


# -- other paths --------------------------------------------------------------------------------------

WELL_KNOWN = [
    "/.well-known/oauth-protected-resource",
    "/.well-known/oauth-protected-resource/mcp",
    "/.well-known/oauth-authorization-server",
    "/.well-known/oauth-authorization-server/mcp",
    "/.well-known/openid-configuration",
    "/mcp/.well-known/openid-configuration",
]


@pytest.mark.parametrize("path", WELL_KNOWN)
def test_oauth_discovery_is_a_plain_404(door, path):
    """Some clients ignore their configured header when discovery returns anything else."""
    answer = http.exchange(door.port, "GET", path, [("Accept", "application/json")])
    assert answer.status == 404
    assert answer.header("Location") is None
    assert answer.header("WWW-Authenticate") is None


def test_only_the_exact_path_is_ours(world, door):
    """The query string does not matter. Any other path is not ours."""
    assert world.client(door, path="/mcp?x=1").send(PING).status == 200
    for path in ("/mcp/x", "/mcpx", "/MCP", "/web/mcp"):
        assert world.client(door, path=path).send(PING).status == 404, path


# -- bodies -------------------------------------------------------------------------------------------


def _headers(client, *more):
    return [
        ("Host", f"127.0.0.1:{client.port}"),
        ("Content-Type", "application/json"),
        ("Accept", mcp.ACCEPT),
        ("Authorization", client.authorization),
        *more,
    ]


def _send(client, *more, body=b""):
    return http.send_bytes(client.port, http.request_bytes("POST", "/mcp", _headers(client, *more), body))


def test_a_chunked_body_is_read(admin):
    body = json.dumps(PING).encode()
    answer = _send(admin, ("Transfer-Encoding", "chunked"), body=http.chunked(body, [1, 5, 20]))
    assert answer.status == 200
    assert answer.json == {"jsonrpc": "2.0", "id": 7, "result": {}}


def test_a_body_at_the_limit_is_read_and_one_byte_more_is_413(admin, db):
    with db.parameter("odoo_mcp.max_body_mb", "1"):
        fitting = json.dumps(PING).encode().ljust(1_000_000)
        assert admin.send(fitting).status == 200
        answer = admin.send(fitting + b" ")
        assert (answer.status, answer.code) == (413, mcp.INVALID_REQUEST)
        assert "1000000" in answer.message


def test_a_chunked_body_over_the_limit_is_413(admin, db):
    with db.parameter("odoo_mcp.max_body_mb", "1"):
        body = json.dumps(PING).encode().ljust(1_200_000)
        answer = _send(admin, ("Transfer-Encoding", "chunked"), body=http.chunked(body, [400_000, 400_000]))
        assert (answer.status, answer.code) == (413, mcp.INVALID_REQUEST)


def test_a_body_that_ends_early_is_400_and_says_how_much_arrived(admin):
    answer = _send(admin, ("Content-Length", "500"), body=json.dumps(PING).encode())
    assert (answer.status, answer.code) == (400, mcp.PARSE_ERROR)
    assert "cut off" in answer.message
    assert f"{len(json.dumps(PING))} of 500" in answer.message


def test_a_chunked_body_that_ends_early_is_400(admin):
    answer = _send(admin, ("Transfer-Encoding", "chunked"), body=b"ff\r\n" + json.dumps(PING).encode())
    assert (answer.status, answer.code) == (400, mcp.PARSE_ERROR)


@pytest.mark.parametrize("length", ["abc", "-5", "1e3", "99999999999999999999"])
def test_a_content_length_that_is_no_length_is_refused(admin, length):
    answer = _send(admin, ("Content-Length", length), body=json.dumps(PING).encode())
    assert answer.status in (400, 413)
    assert answer.json["id"] is None


def test_a_chunk_size_that_is_no_number_is_400(admin):
    answer = _send(admin, ("Transfer-Encoding", "chunked"), body=b"zz\r\n{}\r\n0\r\n\r\n")
    assert (answer.status, answer.code) == (400, mcp.PARSE_ERROR)


def test_a_wrong_length_does_not_reach_past_the_credential(door):
    """The server reads no body of an unauthenticated request."""
    client = mcp.Client(door, mcp.bearer("0" * 40))
    answer = _send(client, ("Content-Length", "500"), body=b"{}")
    assert answer.status == 401
