"""Real MCP clients against both doors: SDKs, the Inspector and mcp-remote, in every era that each supports."""

import base64
import json

import pytest
from support import summary

from clients import CLIENTS, HANDSHAKE, converse

FIELDS = ["name", "email", "is_company", "color"]
COMPANIES = [["is_company", "=", True]]
LIMIT = 7
PROMPT = "customer_summary"
CUSTOMER = "Zebra Customer 0"
SCHEMA = "odoo://model/{model}/schema"
ASKABLE = [client for client in CLIENTS if client.agrees]
COMPLETING = [client for client in CLIENTS if client.completes]
BUILT_IN = {"search", "read", "count", "aggregate", "create", "write", "unlink", "default_get", "method_call",
            "read_file", "attach_file", "render_report", "describe_model", "list_models", "list_modules",
            "list_companies",
            "explain_access"}
FIRST_METHODS = {"legacy": ["initialize", "notifications/initialized"], "auto": ["server/discover"]}


def _steps(world, whom):
    """The steps of every client, by name."""
    search = {"model": "res.partner", "domain": json.dumps(COMPANIES), "fields": FIELDS, "order": "id", "limit": LIMIT}
    read = {"model": "res.partner", "ids": world.partners[:2], "fields": FIELDS}
    calls = {
        "search": ("search", search),
        "count": ("count", {"model": "res.partner", "domain": json.dumps(COMPANIES)}),
        "read": ("read", read),
        "unknown field": ("search", {**search, "fields": ["name", "nickname"]}),
        "missing argument": ("search", {"domain": "[]"}),
        "unknown tool": ("no_such_tool", {}),
    }
    steps = {
        name: {"do": "tools/call", "name": tool, "arguments": arguments} for name, (tool, arguments) in calls.items()
    }
    prompt = {"type": "ref/prompt", "name": PROMPT}
    template = {"type": "ref/resource", "uri": SCHEMA}
    return {
        **steps,
        "question": {"do": "tools/call", "name": "test_ask", "arguments": {"name": f"asked by {whom}"}},
        "resources": {"do": "resources/list"},
        "templates": {"do": "resources/templates/list"},
        "record": {"do": "resources/read", "uri": f"odoo://record/res.partner/{world.partners[0]}"},
        "file": {"do": "resources/read", "uri": f"odoo://record/res.company/{world.main}/logo"},
        "no resource": {"do": "resources/read", "uri": "odoo://nowhere"},
        "prompts": {"do": "prompts/list"},
        "prompt": {"do": "prompts/get", "name": PROMPT, "arguments": {"customer": CUSTOMER}},
        "no prompt": {"do": "prompts/get", "name": "no_such_prompt", "arguments": {}},
        "of a prompt": {
            "do": "completion/complete",
            "ref": prompt,
            "argument": {"name": "customer", "value": "Zebra C"},
        },
        "of an address": {
            "do": "completion/complete",
            "ref": template,
            "argument": {"name": "model", "value": "res.par"},
        },
    }


@pytest.fixture(scope="session")
def conversations():
    """A cache of conversations by client and server. A conversation takes seconds, and several tests read it."""
    return {}


@pytest.fixture(params=CLIENTS, ids=str)
def client(request):
    """One SDK in one era."""
    return request.param


@pytest.fixture
def saw(client, door, world, db, conversations):
    """What a client saw: its view of the server, and the results of its calls by name."""
    key = (client, door.name)
    if key not in conversations:
        steps = _steps(world, f"{client} at the {door.name} door")
        mark = db.audit_mark()
        held = converse(client, f"{door.url}/mcp", world["admin"].key, list(steps.values()))
        held["results"] = dict(zip(steps, held["results"], strict=True))
        held["audit"] = db.audit_since(mark)
        held.setdefault("methods", [row["method"] for row in held["audit"]])
        conversations[key] = held
        _show(conversations)
    return conversations[key]


def _show(conversations):
    """Adds the list of clients and their steps to the report at the end of the run."""
    rows = []
    for (client, door), held in conversations.items():
        did = [_came_to(result) for result in held["results"].values()]
        versions = {row["protocol_version"] for row in held["audit"] if row["protocol_version"]}
        rows.append([client, door, ", ".join(sorted(versions)), f"{len(held['tools'])} tools", *did])
    head = ["client", "door", "version", "tools/list", *next(iter(conversations.values()))["results"]]
    summary.add("clients and what each did", summary.table(head, rows))


def _came_to(result):
    if result is None:
        return "-"
    if "error" in result:
        code = result["error"]["code"]
        return f"error {code}" if isinstance(code, int) else "error"
    return "isError" if result.get("isError") else "ok"


def _records(structured):
    return [dict(zip(structured["columns"], row, strict=True)) for row in structured["rows"]]


def _by_sql(db, where, *values, limit=None):
    # In this database no record rule hides partners from the administrator, and these are plain columns.
    return db.rows(f"SELECT id, {', '.join(FIELDS)} FROM res_partner WHERE active AND {where} ORDER BY id LIMIT %s",
                   *values, limit)


def test_negotiates_the_version_of_its_era(client, saw):
    spoken = {row["protocol_version"] for row in saw["audit"] if row["method"] in ("tools/list", "tools/call")}
    assert spoken == {client.version}
    assert saw.get("version", client.version) == client.version
    assert ("initialize" in saw["methods"]) == (client.version == HANDSHAKE)
    expected = FIRST_METHODS.get(client.era)
    if client.sdk in ("typescript-2", "rmcp") and expected is None:
        expected = ["server/discover"]  # these SDKs send it even when they are given the version
    if client.connects_once and client.sdk != "mcp-remote":
        assert saw["methods"][: len(expected or [])] == (expected or [])


@pytest.mark.parametrize("client", [client for client in CLIENTS if client.tells], ids=str)
def test_knows_whom_it_talks_to(client, saw):
    if saw["methods"][0] != "tools/list":  # a client that is given the version skips discovery
        assert saw["server"]["name"]
        assert saw["server"]["version"]
        assert "tools" in saw["capabilities"]
        assert saw["instructions"]


@pytest.mark.parametrize("client", [client for client in CLIENTS if client.sdk == "inspector"], ids=str)
def test_the_inspector_finds_no_schema_that_strict_clients_refuse(client, saw):
    assert saw["strict"] == 0, saw["strict_said"]


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
    # For clients that pass only the text to the model.
    for name in ("search", "count", "read"):
        result = saw["results"][name]
        texts = [part["text"] for part in result["content"] if part["type"] == "text"]
        assert json.loads(texts[0]) == result["structured"]


@pytest.mark.parametrize(("call", "named"), [("unknown field", "nickname"), ("missing argument", "model")])
def test_a_bad_call_is_a_failed_result_that_names_the_cause(saw, call, named):
    result = saw["results"][call]
    assert result.get("isError") is True, result
    assert named in "".join(part.get("text", "") for part in result["content"])


def test_an_unknown_tool_is_a_protocol_error(client, saw):
    result = saw["results"]["unknown tool"]
    # The Inspector reads the list of tools first and then sends no call.
    assert result["error"]["code"] == ("tool_not_found" if client.sdk == "inspector" else -32602), result
    assert "no_such_tool" in result["error"]["message"]


def test_lists_resources_and_templates(saw):
    resources = {resource["uri"]: resource for resource in saw["results"]["resources"]["resources"]}
    assert set(resources) >= {"odoo://system", "odoo://models", "odoo://modules"}
    templates = {each["uriTemplate"]: each for each in saw["results"]["templates"]["resourceTemplates"]}
    assert set(templates) >= {SCHEMA, "odoo://record/{model}/{id}"}
    shipped = [each for uri, each in (resources | templates).items() if uri.startswith("odoo://")]
    assert len(shipped) >= 5
    for each in shipped:
        assert each["name"] and each["description"], each


def test_reads_a_record_as_a_resource(saw, world):
    (part,) = saw["results"]["record"]["contents"]
    assert part["uri"] == f"odoo://record/res.partner/{world.partners[0]}"
    assert part["mimeType"] == "application/json"
    assert CUSTOMER in part["text"]


def test_reads_a_file_as_a_resource(saw):
    (part,) = saw["results"]["file"]["contents"]
    assert part["mimeType"] == "image/png"
    assert base64.b64decode(part["blob"], validate=True).startswith(b"\x89PNG")


def test_lists_the_prompts(saw):
    prompts = {prompt["name"]: prompt for prompt in saw["results"]["prompts"]["prompts"]}
    assert prompts[PROMPT]["description"]
    assert [argument["name"] for argument in prompts[PROMPT]["arguments"]] == ["customer"]


def test_gets_a_prompt_with_its_argument_filled_in(saw):
    (message,) = saw["results"]["prompt"]["messages"]
    assert message["role"] == "user"
    assert message["content"]["type"] == "text"
    assert CUSTOMER in message["content"]["text"]
    assert "{customer}" not in message["content"]["text"]


@pytest.mark.parametrize(("step", "named"), [("no resource", "odoo://nowhere"), ("no prompt", "no_such_prompt")])
def test_what_does_not_exist_is_a_protocol_error(client, saw, step, named):
    error = saw["results"][step]["error"]
    # The second TypeScript SDK reports one code for both eras.
    older = client.version == HANDSHAKE and client.sdk != "typescript-2"
    not_found = -32002 if step == "no resource" and older else -32602
    # The Inspector's command line uses its own codes.
    assert error["code"] == ("error" if client.sdk == "inspector" else not_found), error
    assert named in error["message"]


@pytest.mark.parametrize("client", ASKABLE, ids=str)
def test_is_asked_something_and_goes_on(client, saw):
    # In 2026-07-28 a result carries the question, and the client repeats the call. Before, a stream carries it, which
    # the client resumes.
    result = saw["results"]["question"]
    assert result.get("isError") is False, result
    assert result["structured"]["inputs"] == {"sure": {"action": "accept", "content": {"ok": True}}}
    rows = [row for row in saw["audit"] if row["tool"] == "test_ask"]
    assert [row["status"] for row in rows] == ["input_required", "ok"]
    assert [row["http_method"] for row in rows] == ["POST", "GET" if client.version == HANDSHAKE else "POST"]


@pytest.mark.parametrize("client", COMPLETING, ids=str)
def test_completes_arguments(saw):
    assert CUSTOMER in saw["results"]["of a prompt"]["completion"]["values"]
    values = saw["results"]["of an address"]["completion"]["values"]
    assert "res.partner" in values
    assert "sale.order" not in values


def test_the_audit_log_names_client_version_and_door(client, saw, world, door):
    called = [row for row in saw["audit"] if row["method"] == "tools/call" and row["tool"] != "test_ask"]
    known = [row["tool"] for row in called if row["tool"] != "no_such_tool"]
    assert sorted(known) == ["count", "read", "search", "search", "search"]
    assert len(called) - len(known) == (0 if client.sdk == "inspector" else 1)
    for row in called:
        assert row["client_name"] == client.name, row
        assert row["protocol_version"] == client.version, row
        assert row["user_id"] == world["admin"].id, row
        assert row["door"] == door.name, row
    assert [row["status"] == "ok" for row in called].count(True) == 3


def test_ends_its_session(client, saw, db):
    sessions = {row["session_id"] for row in saw["audit"] if row["client_name"] == client.name and row["session_id"]}
    if client.version != HANDSHAKE:
        assert not sessions
    elif client.connects_once:
        assert len(sessions) == 1
    else:
        assert len(sessions) == 1 + len([result for result in saw["results"].values() if result])
    for name in sessions:
        closed = db.value("SELECT closed_at IS NOT NULL FROM mcp_session WHERE session_id = %s", name)
        assert closed == client.ends_sessions


@pytest.mark.parametrize("client", [client for client in CLIENTS if client.validates], ids=str)
def test_it_is_the_client_that_validates(client, fast_server, world):
    # Each SDK refuses the result without `columns`. This proves that it validates results in all other tests.
    calls = [{"do": "tools/call", "name": "search", "arguments": {"model": "res.partner", "limit": 1}}]
    held = converse(client, f"{fast_server.url}/mcp", world["admin"].key, calls, spoil=True)
    assert "columns" in held["results"][0]["error"]["message"], held["results"][0]
