"""The official MCP client SDKs, each behind one function, so that the same tests can ask all of them.

    from clients import CLIENTS, converse

    for client in CLIENTS:
        saw = converse(client, url, token, [{"name": "count", "arguments": {"model": "res.partner"}}])

What comes back is what that SDK's user would see: `version`, `server`, `tools`, and under `results`, per call,
`isError`, `structured` and `content`, or `error` when the SDK itself raised (a JSON-RPC error, or a result it
found invalid). `methods` is what went over the wire.
"""

from dataclasses import dataclass

from . import python_clients, typescript

HANDSHAKE = "2025-11-25"
STATELESS = "2026-07-28"


@dataclass(frozen=True)
class Client:
    """One SDK in one of the eras it speaks, and the version it must end up with."""

    sdk: str
    era: str
    version: str

    def __str__(self):
        return f"{self.sdk}-{self.era}"


_SDKS = {"python": python_clients.converse, "fastmcp": python_clients.converse,
         "typescript-1": typescript.converse, "typescript-2": typescript.converse}

CLIENTS = [
    *(Client(sdk, era, HANDSHAKE if era == "legacy" else STATELESS)
      for sdk in ("python", "fastmcp", "typescript-2") for era in ("legacy", "auto", STATELESS)),
    Client("typescript-1", "legacy", HANDSHAKE),
]


def converse(client, url, token, calls, *, spoil=False):
    """Connect, list the tools, make the calls, leave; `spoil` damages structured results on their way."""
    return _SDKS[client.sdk](client.sdk, client.era, url, token, calls, spoil=spoil)
