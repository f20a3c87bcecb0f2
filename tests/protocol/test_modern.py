"""2026-07-28 at both doors: metadata, headers that repeat the body, discovery, and removed methods."""

import base64
import json

import pytest
from support import mcp

VERSION = mcp.META + "protocolVersion"
CAPABILITIES = mcp.META + "clientCapabilities"
SERVER = mcp.META + "serverInfo"


def test_discover_lists_versions_capabilities_and_how_long_it_holds(admin):
    answer = admin.modern("server/discover", number=3)
    assert answer.status == 200
    assert answer.json["id"] == 3
    result = answer.json["result"]
    assert result["resultType"] == "complete"
    assert mcp.MODERN in result["supportedVersions"]
    assert set(result["supportedVersions"]) <= {mcp.MODERN, *mcp.HANDSHAKE}
    assert "tools" in result["capabilities"]
    assert isinstance(result["instructions"], str)
    assert isinstance(result["ttlMs"], int)
    assert result["ttlMs"] >= 0
    assert result["cacheScope"] in ("public", "private")
    assert result["_meta"][SERVER]["name"]
    assert result["_meta"][SERVER]["version"]
    assert not {"serverInfo", "protocolVersion"} & set(result)
    assert answer.header("Mcp-Session-Id") is None


def test_lists_and_calls_need_no_earlier_request(admin):
    listed = admin.modern("tools/list").json["result"]
    assert listed["resultType"] == "complete"
    assert listed["cacheScope"] == "private"
    assert isinstance(listed["ttlMs"], int)
    assert listed["_meta"][SERVER]["name"]
    called = admin.call("count", {"model": "res.company"}).json["result"]
    assert called["resultType"] == "complete"
    assert called["structuredContent"]["count"] >= 2
    assert called["_meta"][SERVER]["name"]
    assert not {"ttlMs", "cacheScope"} & set(called)


def test_the_order_of_tools_is_the_same_every_time(admin):
    assert len({tuple(admin.tools()) for _ in range(5)}) == 1


MISSING_META = {
    "no params": None,
    "no _meta": {},
    "_meta null": {"_meta": None},
    "_meta a string": {"_meta": "x"},
    "_meta empty": {"_meta": {}},
    "version alone": {"_meta": {VERSION: mcp.MODERN}},
    "capabilities alone": {"_meta": {CAPABILITIES: {}}},
    "version a number": {"_meta": {VERSION: 5, CAPABILITIES: {}}},
    "capabilities a list": {"_meta": {VERSION: mcp.MODERN, CAPABILITIES: []}},
    "capabilities null": {"_meta": {VERSION: mcp.MODERN, CAPABILITIES: None}},
}


@pytest.mark.parametrize("what", MISSING_META)
@pytest.mark.parametrize("method", ["server/discover", "tools/list"])
def test_missing_metadata_is_invalid_params(admin, method, what):
    answer = admin.send(mcp.message(method, MISSING_META[what], number=8), mcp.modern_headers(method))
    assert (answer.status, answer.code) == (400, mcp.INVALID_PARAMS), answer.text
    assert mcp.META in answer.message
    assert answer.json["id"] == 8


def test_client_info_is_never_required(admin):
    params = {"_meta": {VERSION: mcp.MODERN, CAPABILITIES: {}}}
    assert admin.send(mcp.message("tools/list", params), mcp.modern_headers("tools/list")).status == 200


def _mismatch(answer, *texts):
    assert (answer.status, answer.code) == (400, mcp.HEADER_MISMATCH), answer.text
    for text in texts:
        assert text.lower() in answer.message.lower(), answer.message


def test_a_missing_version_header_is_a_mismatch(admin):
    answer = admin.send(mcp.message("tools/list", mcp.modern_params()), [("Mcp-Method", "tools/list")])
    _mismatch(answer, "MCP-Protocol-Version")


@pytest.mark.parametrize("header", ["2025-11-25", "2030-01-01", "", "2026-07-28x"])
def test_a_version_header_that_differs_is_a_mismatch(admin, header):
    answer = admin.send(
        mcp.message("tools/list", mcp.modern_params()), [("MCP-Protocol-Version", header), ("Mcp-Method", "tools/list")]
    )
    _mismatch(answer, "MCP-Protocol-Version")


@pytest.mark.parametrize("version", ["2030-01-01", "2025-11-25", "2026-07-27", "x"])
def test_an_unsupported_version_names_those_that_are(admin, version):
    params = mcp.modern_params(version=version)
    answer = admin.send(mcp.message("tools/list", params, number=2), mcp.modern_headers("tools/list", version=version))
    assert (answer.status, answer.code) == (400, mcp.UNSUPPORTED_VERSION), answer.text
    assert answer.error["data"] == {"supported": [mcp.MODERN], "requested": version}
    discovered = admin.modern("server/discover").json["result"]["supportedVersions"]
    assert set(answer.error["data"]["supported"]) <= set(discovered)


def test_a_missing_method_header_is_a_mismatch(admin):
    _mismatch(
        admin.send(mcp.message("tools/list", mcp.modern_params()), [("MCP-Protocol-Version", mcp.MODERN)]), "Mcp-Method"
    )


@pytest.mark.parametrize("header", ["tools/call", "Tools/List", "tools/list x", ""])
def test_a_method_header_that_differs_is_a_mismatch(admin, header):
    answer = admin.send(
        mcp.message("tools/list", mcp.modern_params()), [("MCP-Protocol-Version", mcp.MODERN), ("Mcp-Method", header)]
    )
    _mismatch(answer, "Mcp-Method")


def test_header_names_and_outer_white_space_do_not_matter(admin):
    answer = admin.send(
        mcp.message("tools/list", mcp.modern_params()),
        [("mcp-PROTOCOL-version", f" \t{mcp.MODERN} \t"), ("MCP-METHOD", "\ttools/list ")],
    )
    assert answer.status == 200


def _call(admin, name, *headers):
    params = mcp.modern_params({"name": name, "arguments": {"model": "res.company"}})
    return admin.send(
        mcp.message("tools/call", params),
        [("MCP-Protocol-Version", mcp.MODERN), ("Mcp-Method", "tools/call"), *headers],
    )


def test_a_missing_name_header_is_a_mismatch(admin):
    _mismatch(_call(admin, "count"), "Mcp-Name")


@pytest.mark.parametrize(
    "header",
    ["search", "Count", "count x", "=?base64?!!!?=", "=?base64?Y291bnQ?=", "=?base64?/w==?=", "=?base64?c2VhcmNo?="],
)
def test_a_name_header_that_differs_or_is_malformed_is_a_mismatch(admin, header):
    _mismatch(
        _call(admin, "count", ("Mcp-Name", header)),
        "base64" if "base64" in header and "c2Vh" not in header else "Mcp-Name",
    )


def test_a_name_header_may_be_wrapped_in_base64(admin):
    wrapped = f"=?base64?{base64.b64encode(b'count').decode()}?="
    assert _call(admin, "count", ("Mcp-Name", wrapped)).json["result"]["isError"] is False


def test_a_name_of_other_letters_may_be_wrapped_in_base64(admin):
    """The tool does not exist. The server reports that only after the headers agree."""
    name = "größe"
    wrapped = f"=?base64?{base64.b64encode(name.encode()).decode()}?="
    answer = _call(admin, name, ("Mcp-Name", wrapped))
    assert (answer.status, answer.code) == (200, mcp.INVALID_PARAMS)
    assert name in answer.message


def test_a_name_of_other_letters_must_be_wrapped(admin):
    """A header value can only hold visible ASCII characters, spaces and tabs."""
    _mismatch(_call(admin, "größe", ("Mcp-Name", "größe".encode())), "base64")


# -- arguments in headers -----------------------------------------------------------------------------


@pytest.fixture
def mirrored(db):
    """Declares headers for parameters of `test_greet`."""
    before = db.value("SELECT parameters FROM mcp_tool WHERE name = 'test_greet'")
    schema = json.loads(before)
    schema["properties"]["name"]["x-mcp-header"] = "Name-Of"
    schema["properties"]["times"]["x-mcp-header"] = "Times"
    db.run("UPDATE mcp_tool SET parameters = %s WHERE name = 'test_greet'", json.dumps(schema))
    yield
    db.run("UPDATE mcp_tool SET parameters = %s WHERE name = 'test_greet'", before)


def _greet(client, arguments, *headers):
    params = mcp.modern_params({"name": "test_greet", "arguments": arguments})
    return client.send(
        mcp.message("tools/call", params, number=3), [*mcp.modern_headers("tools/call", params), *headers]
    )


GOOD_MIRRORS = {
    "plain": ({"name": "Ada"}, [("Mcp-Param-Name-Of", "Ada")]),
    "name of the header in other letters": ({"name": "Ada"}, [("MCP-PARAM-NAME-OF", "Ada")]),
    "wrapped": ({"name": "Zoë"}, [("Mcp-Param-Name-Of", "=?base64?Wm/Dqw==?=")]),
    "wrapped without need": ({"name": "Ada"}, [("Mcp-Param-Name-Of", "=?base64?QWRh?=")]),
    "looks wrapped and is not": ({"name": "=?base64?QWRh"}, [("Mcp-Param-Name-Of", "=?base64?QWRh")]),
    "blanks": ({"name": " Ada "}, [("Mcp-Param-Name-Of", "=?base64?IEFkYSA=?=")]),
    "integer": ({"name": "Ada", "times": 2}, [("Mcp-Param-Name-Of", "Ada"), ("Mcp-Param-Times", "2")]),
    "integer as a float": ({"name": "Ada", "times": 2}, [("Mcp-Param-Name-Of", "Ada"), ("Mcp-Param-Times", "2.0")]),
    "null": ({"name": "Ada", "times": None}, [("Mcp-Param-Name-Of", "Ada")]),
    "a header of no parameter": ({"name": "Ada"}, [("Mcp-Param-Name-Of", "Ada"), ("Mcp-Param-Color", "red")]),
}


@pytest.mark.parametrize("what", GOOD_MIRRORS)
def test_an_argument_that_a_header_repeats_is_taken(admin, mirrored, what):
    arguments, headers = GOOD_MIRRORS[what]
    answer = _greet(admin, arguments, *headers)
    assert answer.status == 200, answer.text
    greeting = " ".join([f"Hello, {arguments['name']}!"] * (arguments.get("times") or 1))
    assert answer.json["result"]["structuredContent"]["greeting"] == greeting


BAD_MIRRORS = {
    "missing": ({"name": "Ada"}, []),
    "other value": ({"name": "Ada"}, [("Mcp-Param-Name-Of", "ada")]),
    "other value, wrapped": ({"name": "Ada"}, [("Mcp-Param-Name-Of", "=?base64?YWRh?=")]),
    "bad padding": ({"name": "Zoë"}, [("Mcp-Param-Name-Of", "=?base64?Wm/Dqw?=")]),
    "bad letters": ({"name": "Zoë"}, [("Mcp-Param-Name-Of", "=?base64?Wm/D!w==?=")]),
    "no UTF-8": ({"name": "Zoë"}, [("Mcp-Param-Name-Of", "=?base64?/w==?=")]),
    "letters that no header has": ({"name": "Zoë"}, [("Mcp-Param-Name-Of", "Zoë".encode())]),
    "bytes that are no text": ({"name": "Zoë"}, [("Mcp-Param-Name-Of", b"Zo\xeb")]),
    "not given": ({"name": "Ada"}, [("Mcp-Param-Name-Of", "Ada"), ("Mcp-Param-Times", "1")]),
    "null": ({"name": "Ada", "times": None}, [("Mcp-Param-Name-Of", "Ada"), ("Mcp-Param-Times", "null")]),
    "other number": ({"name": "Ada", "times": 2}, [("Mcp-Param-Name-Of", "Ada"), ("Mcp-Param-Times", "3")]),
    "no number": ({"name": "Ada", "times": 2}, [("Mcp-Param-Name-Of", "Ada"), ("Mcp-Param-Times", "two")]),
    "twice": ({"name": "Ada"}, [("Mcp-Param-Name-Of", "Ada"), ("Mcp-Param-Name-Of", "Ada")]),
}


@pytest.mark.parametrize("what", BAD_MIRRORS)
def test_an_argument_that_a_header_does_not_repeat_is_a_mismatch(admin, mirrored, what):
    arguments, headers = BAD_MIRRORS[what]
    answer = _greet(admin, arguments, *headers)
    _mismatch(answer)
    assert answer.json["id"] == 3


def test_older_versions_have_no_such_headers(admin, mirrored):
    admin.initialize()
    answer = admin.legacy("tools/call", {"name": "test_greet", "arguments": {"name": "Ada"}})
    assert answer.json["result"]["structuredContent"]["greeting"] == "Hello, Ada!"


def test_the_annotation_is_listed_as_it_is(admin, mirrored):
    listed = admin.tools()["test_greet"]["inputSchema"]["properties"]
    assert (listed["name"]["x-mcp-header"], listed["times"]["x-mcp-header"]) == ("Name-Of", "Times")


def test_a_header_that_is_not_utf_8_is_refused(admin):
    answer = _call(admin, "count", ("Mcp-Name", b"c\xf6unt"))
    assert (answer.status, answer.code) == (400, mcp.HEADER_MISMATCH)


def test_a_tool_that_failed_is_200_with_is_error(admin):
    result = admin.call("count", {"model": "no.such.model"}).json["result"]
    assert (result["isError"], result["resultType"]) == (True, "complete")


REMOVED = [
    "initialize",
    "ping",
    "logging/setLevel",
    "resources/subscribe",
    "resources/unsubscribe",
    "no/such",
    "subscriptions/listen",
]


@pytest.mark.parametrize("method", REMOVED)
def test_removed_and_unknown_methods_are_404(admin, method):
    answer = admin.modern(method, {"protocolVersion": "2025-11-25"} if method == "initialize" else None, number=6)
    assert (answer.status, answer.code) == (404, mcp.METHOD_NOT_FOUND)
    assert answer.json["id"] == 6


def test_a_notification_is_accepted_without_a_body(admin):
    params = mcp.modern_params({"requestId": 1})
    answer = admin.send(
        {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": params},
        mcp.modern_headers("notifications/cancelled"),
    )
    assert (answer.status, answer.body) == (202, b"")


@pytest.mark.parametrize("headers", [[], [("Mcp-Method", "notifications/cancelled")]])
def test_a_notification_needs_no_metadata(admin, headers):
    """The specification does not say what metadata a notification has over HTTP."""
    note = {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 1}}
    answer = admin.send(note, [("MCP-Protocol-Version", mcp.MODERN), *headers])
    assert (answer.status, answer.body) == (202, b"")


def test_what_a_notification_says_must_agree(admin):
    note = {"jsonrpc": "2.0", "method": "notifications/x", "params": mcp.modern_params()}
    version, method = ("MCP-Protocol-Version", mcp.MODERN), ("Mcp-Method", "notifications/x")
    _mismatch(admin.send(note, [version, ("Mcp-Method", "notifications/y")]), "Mcp-Method")
    _mismatch(admin.send(note, [("MCP-Protocol-Version", "2025-11-25"), method]), "MCP-Protocol-Version")
    answer = admin.send({**note, "params": {}}, [("MCP-Protocol-Version", "2030-01-01"), method])
    assert (answer.status, answer.code) == (400, mcp.UNSUPPORTED_VERSION)


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE"])
def test_only_post_is_of_use(admin, method):
    answer = admin.send(method=method, headers=[("MCP-Protocol-Version", mcp.MODERN), ("Mcp-Session-Id", "x")])
    assert (answer.status, answer.header("Allow")) == (405, "POST")


def test_unknown_metadata_is_fine(admin):
    more = {"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "com.example/x": {"y": [1]}}
    answer = admin.modern("tools/list", {"_meta": {**more, mcp.META + "somethingNew": 5}})
    assert answer.status == 200


@pytest.mark.parametrize("level", ["loud", "INFO", 5, None, ["info"]])
def test_a_level_of_log_messages_is_one_of_eight(admin, level):
    answer = admin.modern("tools/list", {"_meta": {mcp.META + "logLevel": level}})
    assert (answer.status, answer.code) == (200, mcp.INVALID_PARAMS)
    assert "debug, info, notice" in answer.message


def test_every_result_says_who_answers(admin):
    for method, params in (
        ("server/discover", None),
        ("tools/list", None),
        ("tools/call", {"name": "test_text", "arguments": {}}),
        ("tools/call", {"name": "search", "arguments": {}}),
    ):
        server = admin.modern(method, params).json["result"]["_meta"][SERVER]
        assert server["name"] == "odoo-mcp"
        assert server["version"]
        # Only discovery returns the data for display.
        assert ("description" in server) == (method == "server/discover")


def test_session_and_event_headers_are_ignored(admin):
    answer = admin.modern("tools/list", headers=[("Mcp-Session-Id", "no-such-session"), ("Last-Event-ID", "5")])
    assert answer.status == 200
    assert answer.header("Mcp-Session-Id") is None


@pytest.mark.parametrize("cursor", ["x", "", "bm90aGluZw==", 5])
def test_a_cursor_that_is_none_of_ours_is_invalid_params(admin, cursor):
    answer = admin.modern("tools/list", {"cursor": cursor})
    assert (answer.status, answer.code) == (200, mcp.INVALID_PARAMS)
    assert "cursor" in answer.message


# -- the era decision ---------------------------------------------------------------------------------


def test_the_metadata_alone_makes_a_request_modern(admin):
    answer = admin.send(mcp.message("tools/list", mcp.modern_params()))
    assert (answer.status, answer.code) == (400, mcp.HEADER_MISMATCH)


def test_a_header_of_no_handshake_version_alone_makes_a_request_modern(admin):
    answer = admin.send(mcp.message("tools/list", {}), [("MCP-Protocol-Version", mcp.MODERN)])
    assert (answer.status, answer.code) == (400, mcp.INVALID_PARAMS)


def test_initialize_that_asks_for_the_modern_version_is_a_handshake(admin):
    assert admin.initialize(mcp.MODERN).json["result"]["protocolVersion"] == "2025-11-25"


def test_a_handshake_header_with_modern_metadata_is_a_mismatch(admin):
    answer = admin.send(
        mcp.message("tools/list", mcp.modern_params()),
        [("MCP-Protocol-Version", "2025-11-25"), ("Mcp-Method", "tools/list")],
    )
    _mismatch(answer, "MCP-Protocol-Version")


def test_discover_without_metadata_lets_clients_fall_back(admin):
    """A client library that knows only the handshake probes this way: it needs a JSON-RPC error, neither 5xx nor 401
    nor 403."""
    answer = admin.send(mcp.message("server/discover"))
    assert 200 <= answer.status < 500
    assert answer.status not in (401, 403)
    assert answer.code in (mcp.METHOD_NOT_FOUND, mcp.INVALID_PARAMS)
