# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Checks of MCP's extensions to JSON Schema in a tool's parameters."""

import re

HEADER = "x-mcp-header"
TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
SCALARS = ("string", "integer", "boolean")


def unusable_header(schema):
    """Return the first ``x-mcp-header`` that violates the rules of MCP, or None.

    Its value is part of an HTTP header name, unique regardless of case. It belongs to a string, an integer or a boolean
    reachable through ``properties`` alone. Clients hide a tool that violates this.
    """
    seen = set()
    good = set()
    for parameter in _parameters(schema):
        if HEADER in parameter:
            name = parameter[HEADER]
            usable = isinstance(name, str) and TOKEN.fullmatch(name) and parameter.get("type") in SCALARS
            if not usable or name.lower() in seen:
                return str(name)
            seen.add(name.lower())
            good.add(id(parameter))
    for part in _parts(schema):
        if isinstance(part.get(HEADER), str) and id(part) not in good:
            return part[HEADER]
    return None


def _parameters(schema):
    properties = schema.get("properties")
    for parameter in properties.values() if isinstance(properties, dict) else ():
        if isinstance(parameter, dict):
            yield parameter
            yield from _parameters(parameter)


def _parts(value):
    """Yield every object within a JSON value."""
    if isinstance(value, dict):
        yield value
        value = value.values()
    if not isinstance(value, str) and hasattr(value, "__iter__"):
        for inner in value:
            yield from _parts(inner)
