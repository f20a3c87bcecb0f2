"""Required, optional and forbidden members of each version's results.

The official types (package mcp-types) define the required members. They accept unknown members, so this module lists
the members of each version's schema.
"""

import pytest
from mcp_types.methods import validate_server_result
from support import mcp

VERSIONS = [*mcp.HANDSHAKE, mcp.MODERN]

# Members by the version that introduced them, without members that a later version removed.
INTRODUCED = {
    "initialize": {"2024-11-05": {"protocolVersion", "capabilities", "serverInfo", "instructions"}},
    "implementation": {
        "2024-11-05": {"name", "version"},
        "2025-06-18": {"title"},
        "2025-11-25": {"description", "websiteUrl", "icons"},
    },
    "capabilities": {
        "2024-11-05": {"logging", "prompts", "resources", "tools", "experimental"},
        "2025-03-26": {"completions"},
    },
    "server/discover": {mcp.MODERN: {"supportedVersions", "capabilities", "instructions"}},
    "tools/list": {"2024-11-05": {"tools", "nextCursor"}},
    "tool": {
        "2024-11-05": {"name", "description", "inputSchema"},
        "2025-03-26": {"annotations"},
        "2025-06-18": {"title", "outputSchema"},
        "2025-11-25": {"icons"},
    },
    "annotations": {"2025-03-26": {"title", "readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint"}},
    "tools/call": {"2024-11-05": {"content", "isError"}, "2025-06-18": {"structuredContent"}},
    "prompts/list": {"2024-11-05": {"prompts", "nextCursor"}},
    "prompt": {
        "2024-11-05": {"name", "description", "arguments"},
        "2025-06-18": {"title"},
        "2025-11-25": {"icons"},
    },
    "argument": {"2024-11-05": {"name", "description", "required"}, "2025-06-18": {"title"}},
    "resources/list": {"2024-11-05": {"resources", "nextCursor"}},
    "resource": {
        "2024-11-05": {"uri", "name", "description", "mimeType", "size", "annotations"},
        "2025-06-18": {"title"},
        "2025-11-25": {"icons"},
    },
    "resources/templates/list": {"2024-11-05": {"resourceTemplates", "nextCursor"}},
    "template": {
        "2024-11-05": {"uriTemplate", "name", "description", "mimeType", "annotations"},
        "2025-06-18": {"title"},
        "2025-11-25": {"icons"},
    },
    "resources/read": {"2024-11-05": {"contents"}},
    "prompts/get": {"2024-11-05": {"description", "messages"}},
    "completion/complete": {"2024-11-05": {"completion"}},
    "error": {"2024-11-05": {"code", "message", "data"}},
}
LISTS = {"tools/list", "prompts/list", "resources/list", "resources/templates/list"}
CACHED = LISTS | {"server/discover", "resources/read"}


def _known(kind, version):
    return set().union(*(names for since, names in INTRODUCED[kind].items() if since <= version))


def _check(kind, version, value):
    unknown = set(value) - _known(kind, version)
    assert not unknown, f"{kind} of {version}: {unknown}"


def _result(client, version, method, params=None):
    """The result of a request without the common members. It must be valid and contain nothing unknown to the
    version."""
    answer = client.modern(method, params) if version == mcp.MODERN else client.legacy(method, params)
    assert answer.status == 200, answer.text
    response = answer.json
    assert set(response) == {"jsonrpc", "id", "result"}
    return _checked(version, method, response["result"])


def _checked(version, method, result):
    validate_server_result(method, version, result)
    result = dict(result)
    if version == mcp.MODERN:
        assert result.pop("resultType") == "complete"
        server = result.pop("_meta")[mcp.META + "serverInfo"]
        _check("implementation", version, server)
        if method in CACHED:
            assert isinstance(result.pop("ttlMs"), int)
            assert result.pop("cacheScope") == "private"
    if method in INTRODUCED:
        _check(method, version, result)
    return result


@pytest.fixture(params=VERSIONS)
def spoken(request, admin):
    """A client and its negotiated version."""
    if request.param != mcp.MODERN:
        admin.initialize(request.param)
    return admin, request.param


@pytest.mark.parametrize("version", mcp.HANDSHAKE)
def test_the_handshake(admin, version):
    result = _checked(version, "initialize", admin.initialize(version).json["result"])
    _check("implementation", version, result["serverInfo"])
    _check("capabilities", version, result["capabilities"])


def test_discovery(admin):
    result = _result(admin, mcp.MODERN, "server/discover")
    _check("capabilities", mcp.MODERN, result["capabilities"])


def test_icons_come_by_https_only(admin, db):
    """Clients refuse other icons."""
    icons = {}
    for scheme in ("http", "https"):
        with db.parameter("web.base.url", f"{scheme}://odoo.example.com/"):
            server = admin.initialize(keep=False).json["result"]["serverInfo"]
            icons[scheme] = [icon["src"] for icon in server.get("icons", [])]
            assert server["websiteUrl"] == f"{scheme}://odoo.example.com"
    assert icons == {"http": [], "https": ["https://odoo.example.com/odoo_mcp/static/description/icon.png"]}


@pytest.mark.parametrize("version", mcp.HANDSHAKE)
@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("ping", None),
        ("logging/setLevel", {"level": "info"}),
        ("resources/subscribe", {"uri": "odoo://x"}),
        ("resources/unsubscribe", {"uri": "odoo://x"}),
    ],
)
def test_empty_results_are_empty(admin, version, method, params):
    admin.initialize(version)
    assert _result(admin, version, method, params) == {}


def test_the_list_of_tools(spoken):
    client, version = spoken
    result = _result(client, version, "tools/list")
    assert len(result["tools"]) > 10
    for tool in result["tools"]:
        _check("tool", version, tool)
        _check("annotations", version, tool.get("annotations", {}))
        assert tool["inputSchema"]["type"] == "object"
        # Before 2026-07-28, an output schema must have the type object.
        assert tool.get("outputSchema", {"type": "object"})["type"] == "object"


CALLS = {
    "rows": ("search", {"model": "res.company", "fields": ["name"]}),
    "core": ("list_models", {}),
    "text": ("test_text", {}),
    "a list": ("test_list", {}),
    "bad arguments": ("search", {"model": "no.such"}),
    "a user error": ("test_redirect", {}),
}


@pytest.mark.parametrize("what", CALLS)
def test_the_result_of_a_call(spoken, what):
    client, version = spoken
    name, arguments = CALLS[what]
    result = _result(client, version, "tools/call", {"name": name, "arguments": arguments})
    assert isinstance(result["isError"], bool)
    # Before 2026-07-28 structured content must be an object.
    assert isinstance(result.get("structuredContent", {}), dict)
    for part in result["content"]:
        assert set(part) == {"type", "text"}


def test_resources(spoken):
    client, version = spoken
    listed = _result(client, version, "resources/list")["resources"]
    assert "odoo://system" in {resource["uri"] for resource in listed}
    for resource in listed:
        _check("resource", version, resource)
    templates = _result(client, version, "resources/templates/list")["resourceTemplates"]
    assert templates
    for template in templates:
        _check("template", version, template)
    (contents,) = _result(client, version, "resources/read", {"uri": "odoo://system"})["contents"]
    assert set(contents) == {"uri", "mimeType", "text"}


def test_prompts_and_completion(spoken):
    client, version = spoken
    listed = _result(client, version, "prompts/list")["prompts"]
    assert len(listed) >= 10
    for prompt in listed:
        _check("prompt", version, prompt)
        for argument in prompt.get("arguments", []):
            _check("argument", version, argument)
    ready = next(prompt for prompt in listed if not any(one.get("required") for one in prompt.get("arguments", [])))
    for message in _result(client, version, "prompts/get", {"name": ready["name"]})["messages"]:
        assert set(message) == {"role", "content"}
    asked = next(prompt for prompt in listed if prompt.get("arguments"))
    argument = {"name": asked["arguments"][0]["name"], "value": ""}
    params = {"ref": {"type": "ref/prompt", "name": asked["name"]}, "argument": argument}
    completion = _result(client, version, "completion/complete", params)["completion"]
    assert set(completion) <= {"values", "total", "hasMore"}


@pytest.mark.parametrize(
    ("method", "params"), [("no/such", None), ("tools/call", {"name": "no_such"}), ("tools/list", {"cursor": "x"})]
)
def test_errors(spoken, method, params):
    client, version = spoken
    answer = client.modern(method, params) if version == mcp.MODERN else client.legacy(method, params)
    assert set(answer.json) == {"jsonrpc", "id", "error"}
    _check("error", version, answer.error)
    assert isinstance(answer.code, int)


ONLY_MODERN = ["server/discover", "subscriptions/listen"]


@pytest.mark.parametrize("version", mcp.HANDSHAKE)
@pytest.mark.parametrize("method", ONLY_MODERN)
def test_methods_of_the_stateless_version_are_unknown_before_it(admin, version, method):
    admin.initialize(version)
    answer = admin.legacy(method)
    assert (answer.status, answer.code) == (200, mcp.METHOD_NOT_FOUND)
    assert version in answer.message
