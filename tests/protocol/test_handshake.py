"""The handshake versions at both doors: negotiation, the features of each version, client settings, notifications."""

import pytest
from support import mcp


@pytest.mark.parametrize("version", mcp.HANDSHAKE)
def test_initialize_gives_the_version_that_was_asked_for(admin, version):
    answer = admin.initialize(version)
    assert answer.status == 200
    result = answer.json["result"]
    assert result["protocolVersion"] == version
    assert result["serverInfo"]["name"]
    assert result["serverInfo"]["version"]
    assert result["capabilities"]["tools"] == {} or result["capabilities"]["tools"] == {"listChanged": False}
    assert result["instructions"]
    session = answer.header("Mcp-Session-Id")
    assert session
    assert all(0x21 <= ord(letter) <= 0x7E for letter in session)


@pytest.mark.parametrize("asked", ["2026-07-28", "1999-01-01", "2024-10-07", "2030-01-01", "x"])
def test_another_version_gets_the_newest_with_a_handshake(admin, asked):
    assert admin.initialize(asked).json["result"]["protocolVersion"] == "2025-11-25"


def test_results_of_the_handshake_versions_carry_nothing_modern(admin):
    answer = admin.initialize()
    listed = admin.legacy("tools/list")
    for result in (answer.json["result"], listed.json["result"]):
        assert not {"resultType", "ttlMs", "cacheScope"} & set(result)


BAD_PARAMS = {
    "no params": None,
    "no version": {"capabilities": {}, "clientInfo": {"name": "x", "version": "1"}},
    "version as a number": {"protocolVersion": 5, "capabilities": {}, "clientInfo": {"name": "x", "version": "1"}},
}


@pytest.mark.parametrize("what", BAD_PARAMS)
def test_initialize_with_bad_params_is_refused(admin, what):
    answer = admin.legacy("initialize", BAD_PARAMS[what])
    assert answer.code == mcp.INVALID_PARAMS
    assert "protocolVersion" in answer.message
    assert answer.header("Mcp-Session-Id") is None


@pytest.mark.parametrize("version", mcp.HANDSHAKE)
def test_the_whole_conversation_works(admin, version):
    admin.initialize(version)
    accepted = admin.send({"jsonrpc": "2.0", "method": "notifications/initialized"})
    assert (accepted.status, accepted.body) == (202, b"")
    assert admin.legacy("ping", number=4).json == {"jsonrpc": "2.0", "id": 4, "result": {}}
    tools = {tool["name"]: tool for tool in admin.legacy("tools/list").json["result"]["tools"]}
    assert "search" in tools
    result = admin.legacy("tools/call", {"name": "count", "arguments": {"model": "res.company"}}).json["result"]
    assert result["isError"] is False
    assert '"count"' in result["content"][0]["text"]


def test_each_version_gets_only_what_it_knows(admin):
    """Annotations since 2025-03-26; titles, output schemas and structured content since 2025-06-18."""
    for version in mcp.HANDSHAKE:
        admin.initialize(version)
        tool = next(tool for tool in admin.legacy("tools/list").json["result"]["tools"] if tool["name"] == "count")
        assert ("annotations" in tool) == (version >= "2025-03-26"), version
        assert ("title" in tool) == (version >= "2025-06-18"), version
        assert ("outputSchema" in tool) == (version >= "2025-06-18"), version
        result = admin.legacy("tools/call", {"name": "count", "arguments": {"model": "res.company"}}).json["result"]
        assert ("structuredContent" in result) == (version >= "2025-06-18"), version


def test_a_client_without_a_version_header_is_served_as_its_session_says(admin):
    admin.initialize("2025-11-25")
    admin.version = None
    tool = admin.legacy("tools/list").json["result"]["tools"][0]
    assert "outputSchema" in tool


def test_without_session_and_header_the_version_is_2025_03_26(admin):
    """That version has annotations and no output schemas."""
    tool = admin.legacy("tools/list").json["result"]["tools"][0]
    assert "annotations" in tool
    assert "outputSchema" not in tool


def test_an_unknown_version_header_is_400(admin):
    answer = admin.legacy("tools/list", headers=[("MCP-Protocol-Version", "1999-01-01")])
    assert answer.status == 400


NOTIFICATIONS = [
    "notifications/initialized",
    "notifications/cancelled",
    "notifications/progress",
    "notifications/roots/list_changed",
    "notifications/anything",
]


@pytest.mark.parametrize("method", NOTIFICATIONS)
def test_notifications_are_accepted_without_a_body(admin, method):
    answer = admin.send({"jsonrpc": "2.0", "method": method, "params": {}})
    assert (answer.status, answer.body) == (202, b"")


@pytest.mark.parametrize("response", [{"result": {}}, {"error": {"code": -1, "message": "x"}}])
def test_a_response_is_accepted_without_a_body(admin, response):
    answer = admin.send({"jsonrpc": "2.0", "id": 1, **response})
    assert (answer.status, answer.body) == (202, b"")


@pytest.mark.parametrize("number", [0, -7, 9007199254740993, 2**63 - 1, "text", "", "ü"])
def test_the_id_comes_back_as_it_was(admin, number):
    assert admin.legacy("ping", number=number).json["id"] == number
    assert admin.legacy("nothing/such", number=number).json["id"] == number


# -- client settings ----------------------------------------------------------------------------------

LEVELS = ["debug", "info", "notice", "warning", "error", "critical", "alert", "emergency"]


@pytest.mark.parametrize("version", mcp.HANDSHAKE)
def test_the_level_of_log_messages_is_kept_with_the_session(admin, db, version):
    assert admin.initialize(version).json["result"]["capabilities"]["logging"] == {}
    level = "SELECT log_level FROM mcp_session WHERE session_id = %s"
    assert db.value(level, admin.session) is None
    for wanted in LEVELS:
        assert admin.legacy("logging/setLevel", {"level": wanted}).json["result"] == {}
        assert db.value(level, admin.session) == wanted
    answer = admin.legacy("logging/setLevel", {"level": "warn"})
    assert (answer.status, answer.code) == (200, mcp.INVALID_PARAMS)
    assert "warning" in answer.message
    assert db.value(level, admin.session) == "emergency"


def test_a_level_without_a_session_is_accepted(admin, db):
    before = db.rows("SELECT * FROM mcp_session ORDER BY id")
    assert admin.legacy("logging/setLevel", {"level": "info"}).json["result"] == {}
    assert admin.legacy("logging/setLevel", {}).code == mcp.INVALID_PARAMS
    assert db.rows("SELECT * FROM mcp_session ORDER BY id") == before


@pytest.mark.parametrize("method", ["resources/subscribe", "resources/unsubscribe"])
def test_subscriptions_are_not_offered_and_not_turned_away(admin, method):
    offered = admin.initialize().json["result"]["capabilities"]
    assert not offered.get("resources", {}).get("subscribe")
    assert admin.legacy(method, {"uri": "odoo://anything"}).json["result"] == {}
    assert admin.legacy(method, {"uri": 7}).code == mcp.INVALID_PARAMS


# -- instructions -------------------------------------------------------------------------------------


def _instructions(client):
    return client.initialize(keep=False).json["result"]["instructions"]


def test_the_instructions_name_tools_that_the_user_has(admin, sally):
    for client in (admin, sally):
        told = _instructions(client)
        listed = client.tools()
        assert {"list_models", "describe_model"} <= set(listed)
        assert "list_models" in told and "describe_model" in told
        assert "odoo://system" in told
        assert told == client.modern("server/discover").json["result"]["instructions"]
        assert len(told) < 1_000


def test_the_instructions_leave_out_what_the_user_has_not(sally, admin, db):
    tool = db.value("SELECT id FROM mcp_tool WHERE name = 'describe_model'")
    resource = db.value("SELECT id FROM mcp_resource WHERE uri = 'odoo://system'")
    settings = db.value("SELECT res_id FROM ir_model_data WHERE module = 'base' AND name = 'group_system'")
    db.run("INSERT INTO mcp_tool_group_rel (tool_id, group_id) VALUES (%s, %s)", tool, settings)
    db.run("INSERT INTO mcp_resource_group_rel (resource_id, group_id) VALUES (%s, %s)", resource, settings)
    try:
        for told in ("describe_model", "odoo://system"):
            assert told not in _instructions(sally)
            assert told in _instructions(admin)
    finally:
        db.run("DELETE FROM mcp_tool_group_rel WHERE tool_id = %s AND group_id = %s", tool, settings)
        db.run("DELETE FROM mcp_resource_group_rel WHERE resource_id = %s AND group_id = %s", resource, settings)


def test_the_administrators_words_are_told_at_the_end(admin, sally, db):
    with db.parameter("odoo_mcp.instructions", "Amounts are in EUR.\nAsk before you write."):
        for client in (admin, sally):
            assert _instructions(client).endswith("\n\nAmounts are in EUR.\nAsk before you write.")
    assert "EUR" not in _instructions(admin)
