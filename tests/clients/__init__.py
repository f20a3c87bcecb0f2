"""The MCP clients, all behind one function, so that the same tests can use each of them.

    from clients import CLIENTS, converse

    count = {"do": "tools/call", "name": "count", "arguments": {"model": "res.partner"}}
    for client in CLIENTS:
        saw = converse(client, url, token, [count])

A step names a protocol method under `do`, with the method's parameters beside it. The return value is the view of the
client's user: `tools`, and under `results` the result of each step. A tool call has `isError`, `structured` and
`content`. Any other method has the protocol's result. `error` is an error that the client itself raised (a JSON-RPC
error, or a result that it found invalid). None means that the client does not support the step. Clients that show them
have `version`, `server`, `capabilities` and `instructions`. Clients whose traffic can be recorded have `methods`.
"""

from dataclasses import dataclass

from . import inspector, mcp_remote, python_clients, rust_client, typescript

HANDSHAKE = "2025-11-25"
STATELESS = "2026-07-28"

_CONVERSE = {
    "python": python_clients.converse,
    "fastmcp": python_clients.converse,
    "typescript-1": typescript.converse,
    "typescript-2": typescript.converse,
    "rmcp": rust_client.converse,
    "inspector": inspector.converse,
    "mcp-remote": mcp_remote.converse,
}


@dataclass(frozen=True)
class Client:
    """One client in one of its eras, and the version that it must negotiate."""

    sdk: str
    era: str
    version: str

    def __str__(self):
        return f"{self.sdk}-{self.era}"

    @property
    def validates(self):
        """Whether it validates structured results and its results can be corrupted to test that."""
        return self.sdk in ("python", "fastmcp", "typescript-1", "typescript-2")

    @property
    def connects_once(self):
        """Whether a conversation uses one connection. The Inspector's command line uses one for each step."""
        return self.sdk != "inspector"

    @property
    def ends_sessions(self):
        """Whether it ends its session when it disconnects. Other clients let the session expire."""
        return self.sdk not in ("inspector", "mcp-remote")

    @property
    def completes(self):
        """Whether it can request completions of an argument."""
        return self.sdk != "inspector"

    @property
    def agrees(self):
        """Whether it supports elicitation. Its user then accepts, with ``ok`` in a form."""
        return self.sdk != "inspector"

    @property
    def tells(self):
        """Whether its user sees the server's description of itself."""
        return self.sdk != "inspector"

    @property
    def name(self):
        """The client name that it sends to the server."""
        names = {
            "python": "python-sdk",
            "typescript-1": "typescript-sdk-1",
            "typescript-2": "typescript-sdk-2",
            "inspector": "inspector-cli",
            "mcp-remote": "mcp-remote (via mcp-remote 0.15.1)",
        }
        return names.get(self.sdk, self.sdk)


def _eras(sdk, *eras):
    return [Client(sdk, era, HANDSHAKE if era == "legacy" else STATELESS) for era in eras]


CLIENTS = [
    *_eras("python", "legacy", "auto", STATELESS),
    *_eras("fastmcp", "legacy", "auto", STATELESS),
    *_eras("typescript-2", "legacy", "auto", STATELESS),
    *_eras("typescript-1", "legacy"),
    *_eras("rmcp", "legacy", "auto", STATELESS),
    *_eras("inspector", "legacy", "auto", "modern"),
    *_eras("mcp-remote", "legacy"),
]


def converse(client, url, token, steps, *, spoil=False):
    """Connects, lists the tools, runs the steps and disconnects. `spoil` corrupts structured results in transit."""
    more = {"spoil": True} if spoil else {}
    return _CONVERSE[client.sdk](client.sdk, client.era, url, token, steps, **more)
