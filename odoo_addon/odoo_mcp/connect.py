# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Makes configurations of common AI clients. They contain no secret: users insert their own key."""

import json

KEY = "<API key>"
DATABASE_HEADER = "X-Odoo-Database"


def configurations(address, database=None):
    """Return the commands or configuration texts of each client, by name.

    :param address: of the MCP server, such as ``https://odoo.example.com/mcp``
    :param database: its name where the server needs it, else None
    """
    headers = {"Authorization": f"Bearer {KEY}"}
    if database:
        headers[DATABASE_HEADER] = database
    return {
        "claude_code": _command(address, headers),
        "claude_desktop": _pretty({"mcpServers": {"odoo": _remote(address, database)}}),
        "cursor": _pretty({"mcpServers": {"odoo": {"url": address, "headers": headers}}}),
        "vscode": _pretty({"servers": {"odoo": {"type": "http", "url": address, "headers": headers}}}),
        "gemini": _pretty({"mcpServers": {"odoo": {"httpUrl": address, "headers": headers}}}),
    }


def _command(address, headers):
    given = "".join(f' --header "{name}: {value}"' for name, value in headers.items())
    return f"claude mcp add --transport http odoo {address}{given}"


def _remote(address, database):
    """Configure mcp-remote.

    It splits its arguments at spaces on some systems, so a value with a space is in the environment.
    """
    arguments = ["-y", "mcp-remote", address, "--header", "Authorization:${ODOO_AUTH}"]
    if database:
        arguments += ["--header", f"{DATABASE_HEADER}:{database}"]
    if address.startswith("http:"):
        arguments.append("--allow-http")
    return {"command": "npx", "args": arguments, "env": {"ODOO_AUTH": f"Bearer {KEY}"}}


def _pretty(value):
    return json.dumps(value, indent=2)
