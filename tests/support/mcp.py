"""A minimal MCP client for both eras. The test controls every header and byte."""

import base64
import itertools
import json

from . import http

META = "io.modelcontextprotocol/"
MODERN = "2026-07-28"
HANDSHAKE = ("2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05")
ACCEPT = "application/json, text/event-stream"

PARSE_ERROR = -32700
INVALID_REQUEST = -32600
METHOD_NOT_FOUND = -32601
INVALID_PARAMS = -32602
INTERNAL_ERROR = -32603
HEADER_MISMATCH = -32020
UNSUPPORTED_VERSION = -32022

_numbers = itertools.count(1)


def bearer(key):
    """The Authorization header's value for an API key."""
    return f"Bearer {key}"


def basic(login, secret):
    """The Authorization header's value for login and password (or key)."""
    return "Basic " + base64.b64encode(f"{login}:{secret}".encode()).decode()


def message(method, params=None, *, number=None):
    """A JSON-RPC request with a fresh id."""
    made = {"jsonrpc": "2.0", "id": next(_numbers) if number is None else number, "method": method}
    if params is not None:
        made["params"] = params
    return made


def modern_params(params=None, *, version=MODERN, capabilities=None, client="pytest", client_version="1.2.3"):
    """`params` with the metadata that 2026-07-28 requires on every request."""
    meta = {
        META + "protocolVersion": version,
        META + "clientCapabilities": capabilities or {},
        META + "clientInfo": {"name": client, "version": client_version},
    }
    return {**(params or {}), "_meta": {**meta, **(params or {}).get("_meta", {})}}


def modern_headers(method, params=None, *, version=MODERN):
    """The headers that repeat parts of a modern request's body."""
    headers = [("MCP-Protocol-Version", version), ("Mcp-Method", method)]
    key = {"tools/call": "name", "prompts/get": "name", "resources/read": "uri"}.get(method)
    if key and isinstance((params or {}).get(key), str):
        name = params[key]
        plain = name.isascii() and name.isprintable() and name == name.strip() and not name.startswith("=?")
        wrapped = name if plain else f"=?base64?{base64.b64encode(name.encode()).decode()}?="
        headers.append(("Mcp-Name", wrapped))
    return headers


class Client:
    """A client of one server with one credential. With `authorization` None, it sends no such header."""

    def __init__(self, server, authorization=None, headers=(), path="/mcp"):
        self.port = server if isinstance(server, int) else server.port
        self.authorization = authorization
        self.headers = list(headers)
        self.path = path
        self.session = None
        self.version = None

    def send(self, body=b"", headers=(), method="POST"):
        """Sends any body (bytes, or a value that is dumped as JSON) with the usual headers. `headers` replace those."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        extra = [*self.headers, *headers]
        given = {str(name).lower() for name, _ in extra}
        usual = [("Content-Type", "application/json"), ("Accept", ACCEPT)]
        if self.authorization:
            usual.append(("Authorization", self.authorization))
        if self.session:
            usual.append(("Mcp-Session-Id", self.session))
        if self.version:
            usual.append(("MCP-Protocol-Version", self.version))
        sent = [(name, value) for name, value in usual if name.lower() not in given]
        sent += [(name, value) for name, value in extra if value is not None]
        return http.exchange(self.port, method, self.path, sent, data)

    def modern(self, method, params=None, headers=(), number=None):
        """One 2026-07-28 request."""
        full = modern_params(params)
        return self.send(message(method, full, number=number), [*modern_headers(method, full), *headers])

    def legacy(self, method, params=None, headers=(), number=None):
        """One request of a handshake version, within the session if one exists."""
        return self.send(message(method, params, number=number), headers)

    def initialize(self, version="2025-11-25", headers=(), *, keep=True, client=None, capabilities=None):
        """The handshake's first half. Later requests use its session and version."""
        info = client or {"name": "pytest", "version": "1.2.3"}
        params = {"protocolVersion": version, "capabilities": capabilities or {}, "clientInfo": info}
        answer = self.send(message("initialize", params), headers)
        if keep and answer.status == 200:
            self.session = answer.header("Mcp-Session-Id")
            self.version = answer.json["result"]["protocolVersion"]
        return answer

    def call(self, tool, arguments=None, headers=()):
        """One tool call in the modern era; the whole answer."""
        return self.modern("tools/call", {"name": tool, "arguments": arguments or {}}, headers)

    def result(self, tool, arguments=None):
        """The structured content of a tool call, which must succeed."""
        answer = self.call(tool, arguments)
        assert answer.status == 200, answer.text
        result = answer.json["result"]
        assert not result.get("isError"), result
        return result["structuredContent"]

    def refusal(self, tool, arguments=None):
        """The text of a tool call that is refused: 200 with isError, for a reason. An internal error is no reason."""
        answer = self.call(tool, arguments)
        assert answer.status == 200, answer.text
        result = answer.json["result"]
        assert result.get("isError") is True, result
        assert result["content"][0]["type"] == "text"
        text = "\n".join(part["text"] for part in result["content"])
        assert "internal error" not in text, text
        return text

    def tools(self):
        """The listed tools by name, in their order."""
        answer = self.modern("tools/list")
        assert answer.status == 200, answer.text
        assert "nextCursor" not in answer.json["result"]
        return {tool["name"]: tool for tool in answer.json["result"]["tools"]}
