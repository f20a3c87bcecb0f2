"""Real MCP clients against both doors: the official SDKs of two languages, in every era each of them speaks."""

import json

import pytest
from clients import CLIENTS, HANDSHAKE, converse

FIELDS = ["name", "email", "is_company", "color"]
COMPANIES = [["is_company", "=", True]]
LIMIT = 7
BUILT_IN = {"search", "read", "count", "create", "write", "unlink", "default_get", "method_call", "describe_model",
            "list_models", "list_modules", "list_companies"}
FIRST_METHODS = {"legacy": ["initialize", "notifications/initialized"], "auto": ["server/discover"]}


def _calls(world):
    search = {"model": "res.partner", "domain": json.dumps(COMPANIES), "fields": FIELDS, "order": "id", "limit": LIMIT}
    return {
        "search": search,
        "count": {"model": "res.partner", "domain": json.dumps(COMPANIES)},
        "read": {"model": "res.partner", "ids": world.partners[:2], "fields": FIELDS},
        "unknown field": {**search, "fields": ["name", "nickname"]},
        "missing argument": {"domain": "[]"},
    }


_TOOL = {"unknown field": "search", "missing argument": "search"}


@pytest.fixture(scope="session")
def conversations():
    """Conversations already held, by client and server: each is one of seconds, and several tests look at it."""
    return {}


@pytest.fixture(params=CLIENTS, ids=str)
def client(request):
    """One SDK in one era."""
    return request.param


@pytest.fixture
def saw(client, door, world, db, conversations):
    """What a client saw: its view of the server, and by name the results of the calls."""
    key = (client, door.name)
    if key not in conversations:
        calls = _calls(world)
        sent = [{"name": _TOOL.get(name, name), "arguments": arguments} for name, arguments in calls.items()]
        sent.append({"name": "no_such_tool", "arguments": {}})
        mark = db.audit_mark()
        held = converse(client, f"{door.url}/mcp", world["admin"].key, sent)
        held["results"] = dict(zip([*calls, "unknown tool"], held["results"], strict=True))
        held["audit"] = db.audit_since(mark)
        conversations[key] = held
    return conversations[key]


def _records(structured):
    return [dict(zip(structured["columns"], row, strict=True)) for row in structured["rows"]]


def _by_sql(db, where, *values, limit=None):
    # In this database no rule hides partners from the administrator, and these columns are plain ones.
    return db.rows(f"SELECT id, {', '.join(FIELDS)} FROM res_partner WHERE active AND {where} ORDER BY id LIMIT %s",
                   *values, limit)


def test_negotiates_the_version_of_its_era(client, saw):
    assert saw["version"] == client.version
    expected = FIRST_METHODS.get(client.era)
    if client.sdk == "typescript-2" and expected is None:
        expected = ["server/discover"]  # this SDK asks even when told the version
    assert saw["methods"][:len(expected or [])] == (expected or [])
    assert ("initialize" in saw["methods"]) == (client.version == HANDSHAKE)


def test_knows_whom_it_talks_to(client, saw):
    if saw["methods"][0] != "tools/list":  # a client told the version never asked
        assert saw["server"]["name"]
        assert saw["server"]["version"]
        assert "tools" in saw["capabilities"]
        assert saw["instructions"]


def test_lists_the_tools_with_schemas_and_hints(saw):
    tools = {tool["name"]: tool for tool in saw["tools"]}
    assert set(tools) >= BUILT_IN
    for name in BUILT_IN:
        assert tools[name]["description"]
        assert tools[name]["inputSchema"]["type"] == "object"
        assert tools[name]["outputSchema"]["type"] == "object"
        assert {"readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint"} <= set(tools[name]["annotations"])


def test_search_gives_the_rows_that_sql_gives(saw, db):
    result = saw["results"]["search"]
    assert result.get("isError") is False, result
    assert set(result["structured"]["columns"]) == {"id", *FIELDS}
    expected = _by_sql(db, "is_company", limit=LIMIT)
    assert len(expected) == LIMIT
    assert _records(result["structured"]) == expected
    assert result["structured"]["has_more"] is True
    assert result["structured"]["total"] == db.value("SELECT count(*) FROM res_partner WHERE active AND is_company")


def test_count_gives_what_sql_counts(saw, db):
    result = saw["results"]["count"]
    assert result.get("isError") is False, result
    assert result["structured"]["count"] == db.value("SELECT count(*) FROM res_partner WHERE active AND is_company")


def test_read_gives_the_rows_that_sql_gives(saw, db, world):
    result = saw["results"]["read"]
    assert result.get("isError") is False, result
    assert _records(result["structured"]) == _by_sql(db, "id = ANY(%s)", world.partners[:2])
    assert result["structured"]["missing"] == []


def test_the_text_says_the_same_as_the_structured_content(saw):
    # For clients that show a model only the text.
    for name in ("search", "count", "read"):
        result = saw["results"][name]
        texts = [part["text"] for part in result["content"] if part["type"] == "text"]
        assert json.loads(texts[0]) == result["structured"]


@pytest.mark.parametrize(("call", "named"), [("unknown field", "nickname"), ("missing argument", "model")])
def test_a_bad_call_is_a_failed_result_that_names_the_cause(saw, call, named):
    result = saw["results"][call]
    assert result.get("isError") is True, result
    assert named in "".join(part.get("text", "") for part in result["content"])


def test_an_unknown_tool_is_a_protocol_error(saw):
    result = saw["results"]["unknown tool"]
    assert result["error"]["code"] == -32602, result
    assert "no_such_tool" in result["error"]["message"]


def test_the_audit_log_names_client_version_and_door(client, saw, world, door):
    names = {"python": "python-sdk", "fastmcp": "fastmcp", "typescript-1": "typescript-sdk-1",
             "typescript-2": "typescript-sdk-2"}
    called = [row for row in saw["audit"] if row["method"] == "tools/call"]
    assert [row["tool"] for row in called] == ["search", "count", "read", "search", "search", "no_such_tool"]
    for row in called:
        assert row["client_name"] == names[client.sdk], row
        assert row["protocol_version"] == client.version, row
        assert row["user_id"] == world["admin"].id, row
        assert row["door"] == door.name, row
    assert [row["status"] == "ok" for row in called] == [True, True, True, False, False, False]


def test_leaves_no_session_behind(client, saw, db):
    sessions = {row["session_id"] for row in saw["audit"] if row["session_id"]}
    assert len(sessions) == (1 if client.version == HANDSHAKE else 0)
    assert all(db.value("SELECT closed_at FROM mcp_session WHERE session_id = %s", name) for name in sessions)


def test_it_is_the_client_that_validates(client, fast_server, world):
    # With `columns` taken out on the way each SDK refuses the result: so in all other tests it has validated it.
    calls = [{"name": "search", "arguments": {"model": "res.partner", "limit": 1}}]
    held = converse(client, f"{fast_server.url}/mcp", world["admin"].key, calls, spoil=True)
    assert "columns" in held["results"][0]["error"]["message"], held["results"][0]
