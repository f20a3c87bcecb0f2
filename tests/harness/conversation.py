"""A short MCP conversation over plain HTTP, printed as it runs. Uses the standard library only."""

import http.client
import json

LEGACY = "2025-11-25"
MODERN = "2026-07-28"
CLIENT = {"name": "odoo-mcp-demo", "version": "1.0"}
META = "io.modelcontextprotocol/"


class Conversation:
    """One client of a local MCP endpoint."""

    def __init__(self, port, key, path="/mcp"):
        self.port = port
        self.path = path
        self.key = key
        self.session = None
        self.version = None
        self.last_id = 0

    def post(self, message, headers=None):
        """Sends one JSON-RPC message. Returns (HTTP status, answer or None)."""
        sent = {
            "Content-Type": "application/json",
            "Accept": "application/json, text/event-stream",
            "Authorization": f"Bearer {self.key}",
            **(headers or {}),
        }
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request("POST", self.path, json.dumps(message), sent)
        response = connection.getresponse()
        body = response.read().decode()
        self.session = response.getheader("Mcp-Session-Id") or self.session
        connection.close()
        if (response.getheader("Content-Type") or "").startswith("text/event-stream"):
            body = [line[5:] for line in body.splitlines() if line.startswith("data:")][-1]
        try:
            return response.status, json.loads(body) if body else None
        except json.JSONDecodeError:
            return response.status, {"error": {"message": body[:300]}}

    def handshake_headers(self):
        """The headers that a handshake-version client sends after `initialize`."""
        headers = {"MCP-Protocol-Version": self.version} if self.version else {}
        if self.session:
            headers["Mcp-Session-Id"] = self.session
        return headers

    def request(self, method, params=None):
        """A request of the handshake versions. Returns its result or raises Refused."""
        self.last_id += 1
        message = {"jsonrpc": "2.0", "id": self.last_id, "method": method, "params": params or {}}
        return _result(method, *self.post(message, self.handshake_headers()))

    def stateless(self, method, params=None):
        """A request of the 2026-07-28 protocol. Returns its result or raises Refused."""
        self.last_id += 1
        meta = {f"{META}protocolVersion": MODERN, f"{META}clientInfo": CLIENT, f"{META}clientCapabilities": {}}
        headers = {"MCP-Protocol-Version": MODERN, "Mcp-Method": method}
        message = {"jsonrpc": "2.0", "id": self.last_id, "method": method, "params": {**(params or {}), "_meta": meta}}
        return _result(method, *self.post(message, headers))


class Refused(Exception):
    """The server did not return a result."""

    def __init__(self, method, status, answer):
        self.status = status
        said = (answer or {}).get("error", answer)
        super().__init__(f"{method} was answered {status}: {json.dumps(said)[:500]}")


def _result(method, status, answer):
    if status != 200 or "result" not in (answer or {}):
        raise Refused(method, status, answer)
    return answer["result"]


def _show(arrow, text, limit=500):
    text = text if len(text) <= limit else text[:limit] + f" … ({len(text)} characters)"
    print(f"  {arrow} {text}")


def _call(client, name, arguments):
    _show("→", f"tools/call {name} {json.dumps(arguments)}")
    result = client.request("tools/call", {"name": name, "arguments": arguments})
    if result.get("isError"):
        raise Refused(f"tools/call {name}", 200, {"error": result["content"]})
    _show("←", result["content"][0]["text"])
    return result.get("structuredContent") or json.loads(result["content"][0]["text"])


def converse(port, key):
    """The conversation: the handshake, the tools, three reads, and the stateless protocol once."""
    client = Conversation(port, key)
    _show("→", f"initialize (protocol {LEGACY})")
    answer = client.request("initialize", {"protocolVersion": LEGACY, "capabilities": {}, "clientInfo": CLIENT})
    client.version = answer["protocolVersion"]
    info = answer["serverInfo"]
    session = ", a session begins" if client.session else ""
    _show("←", f"{info['name']} {info['version']}, protocol {client.version}{session}")
    status, _ = client.post({"jsonrpc": "2.0", "method": "notifications/initialized"}, client.handshake_headers())
    _show("→", "notifications/initialized")
    _show("←", str(status))
    _show("→", "tools/list")
    tools = client.request("tools/list")["tools"]
    _show("←", f"{len(tools)} tools: {', '.join(tool['name'] for tool in tools)}")
    companies = '[["is_company", "=", true]]'
    found = _call(
        client,
        "search",
        {"model": "res.partner", "domain": companies, "limit": 3, "fields": ["name", "city", "country_id"]},
    )
    _call(client, "count", {"model": "res.partner", "domain": companies})
    first = found["rows"][0][found["columns"].index("id")]
    _call(client, "read", {"model": "res.partner", "ids": [first], "fields": ["name", "email", "phone", "write_date"]})
    _show("→", f"server/discover (protocol {MODERN}, no session)")
    answer = client.stateless("server/discover")
    _show(
        "←",
        f"supported versions: {', '.join(answer['supportedVersions'])}; "
        f"capabilities: {', '.join(sorted(answer['capabilities']))}",
    )
