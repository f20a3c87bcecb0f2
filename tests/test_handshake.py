"""The handshake versions by each door: negotiation, what each version adds, notifications, batches."""

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
    assert ("instructions" in result) == (version >= "2025-03-26")
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
    """Annotations from 2025-03-26; titles, output schemas and structured content from 2025-06-18."""
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
    """Batches are allowed there, output schemas are not known."""
    tool = admin.legacy("tools/list").json["result"]["tools"][0]
    assert "annotations" in tool
    assert "outputSchema" not in tool
    assert isinstance(admin.send([mcp.message("ping")]).json, list)


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


# -- batches ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", ["2024-11-05", "2025-03-26"])
def test_a_batch_is_answered_message_by_message(admin, db, version):
    admin.initialize(version)
    mark = db.audit_mark()
    answer = admin.send(
        [
            mcp.message("ping", number="a"),
            {"jsonrpc": "2.0", "method": "notifications/initialized"},
            mcp.message("no/such", number="b"),
            5,
            mcp.message("tools/call", {"name": "count", "arguments": {"model": "res.company"}}, number="c"),
        ]
    )
    assert answer.status == 200
    answers = {part["id"]: part for part in answer.json}
    assert len(answer.json) == 4
    assert answers["a"]["result"] == {}
    assert answers["b"]["error"]["code"] == mcp.METHOD_NOT_FOUND
    assert answers[None]["error"]["code"] == mcp.INVALID_REQUEST
    assert answers["c"]["result"]["isError"] is False
    rows = db.audit_since(mark)
    assert len(rows) == 5
    assert len({row["call_id"] for row in rows}) == 5
    assert sorted(row["method"] or "" for row in rows) == [
        "",
        "no/such",
        "notifications/initialized",
        "ping",
        "tools/call",
    ]


def test_a_batch_of_notifications_is_accepted_without_a_body(admin):
    admin.initialize("2025-03-26")
    answer = admin.send([{"jsonrpc": "2.0", "method": "notifications/initialized"}] * 2)
    assert (answer.status, answer.body) == (202, b"")


def test_in_a_batch_one_failure_leaves_the_other_changes(admin, db, world):
    """Every message has a transaction of its own."""
    admin.initialize("2025-03-26")

    def create(name, number):
        return mcp.message(
            "tools/call",
            {"name": "create", "arguments": {"model": "res.partner.category", "values": name}},
            number=number,
        )

    answer = admin.send(
        [create('{"name": "Batch one"}', 1), create('{"nmae": "Batch two"}', 2), create('{"name": "Batch three"}', 3)]
    )
    results = {part["id"]: part["result"]["isError"] for part in answer.json}
    assert results == {1: False, 2: True, 3: False}
    made = db.rows("SELECT id FROM res_partner_category WHERE name ->> 'en_US' LIKE 'Batch %%'")
    assert len(made) == 2
    assert world.json2(admin).value("res.partner.category", "unlink", ids=[row["id"] for row in made]) is True


def test_initialize_within_a_batch_is_refused(admin):
    answer = admin.send(
        [
            mcp.message(
                "initialize",
                {"protocolVersion": "2025-03-26", "capabilities": {}, "clientInfo": {"name": "x", "version": "1"}},
                number=1,
            )
        ]
    )
    assert answer.header("Mcp-Session-Id") is None
    part = answer.json[0] if isinstance(answer.json, list) else answer.json
    assert part["error"]["code"] == mcp.INVALID_REQUEST
