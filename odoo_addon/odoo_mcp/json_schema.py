# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a JSON Schema of a tool's parameters may say beside the usual."""

import re

HEADER = "x-mcp-header"
TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
SCALARS = ("string", "integer", "boolean")


def unusable_header(schema):
    """The first ``x-mcp-header`` that breaks the rules of MCP, or None.

    It names a part of an HTTP header, none twice whatever its case, and stands at a string, an integer or a boolean
    that a chain of ``properties`` leads to. Clients hide a tool that breaks this.
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
    """Every object within a JSON value."""
    if isinstance(value, dict):
        yield value
        value = value.values()
    if not isinstance(value, str) and hasattr(value, "__iter__"):
        for inner in value:
            yield from _parts(inner)
