"""The MCP clients that there are, each behind one function, so that the same tests can ask all of them.

    from clients import CLIENTS, converse

    count = {"do": "tools/call", "name": "count", "arguments": {"model": "res.partner"}}
    for client in CLIENTS:
        saw = converse(client, url, token, [count])

A step names a method of the protocol under `do` and has that method's parameters beside it. What comes back is what
that client's user would see: `tools`, and under `results` what came of each step: for a call `isError`, `structured`
and `content`, for any other method the protocol's result; `error` when the client itself raised (a JSON-RPC error, or a
result it found invalid); None where the client has no such thing. Clients that tell them have `version`, `server`,
`capabilities` and `instructions`, and those that can be listened to `methods`, which went over the wire.
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
    """One client in one of the eras it speaks, and the version it must end up with."""

    sdk: str
    era: str
    version: str

    def __str__(self):
        return f"{self.sdk}-{self.era}"

    @property
    def validates(self):
        """Whether it checks structured results, and its conversation can be spoilt to see that."""
        return self.sdk in ("python", "fastmcp", "typescript-1", "typescript-2")

    @property
    def connects_once(self):
        """Whether a conversation is one connection; the Inspector's command line makes one for each step."""
        return self.sdk != "inspector"

    @property
    def ends_sessions(self):
        """Whether it ends its session when it leaves; others leave that to the session's expiry."""
        return self.sdk not in ("inspector", "mcp-remote")

    @property
    def completes(self):
        """Whether it can ask what completes an argument."""
        return self.sdk != "inspector"

    @property
    def agrees(self):
        """Whether it can be asked something; its person then agrees, with ``ok`` in a form."""
        return self.sdk != "inspector"

    @property
    def tells(self):
        """Whether its user sees what the server says of itself."""
        return self.sdk != "inspector"

    @property
    def name(self):
        """What it calls itself to the server."""
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
    """Connect, list the tools, take the steps, leave; `spoil` damages structured results on their way."""
    more = {"spoil": True} if spoil else {}
    return _CONVERSE[client.sdk](client.sdk, client.era, url, token, steps, **more)
