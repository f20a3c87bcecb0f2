# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Placeholders for arguments in texts: ``{name}``; ``{{`` and ``}}`` are literal braces.

The database core fills in the texts, and parses them in the same way (``src/prompts/template.rs``).
"""

import re

ARGUMENT_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,63}")
_PIECE = re.compile(r"\{\{|\}\}|\{(" + ARGUMENT_NAME.pattern + r")\}|[{}]")


class StrayBrace(ValueError):
    """A brace that neither belongs to a placeholder nor is doubled; ``args[0]`` is its position, counted from 1."""


def places(text):
    """Return the names of the placeholders in ``text``, in order."""
    names = []
    for found in _PIECE.finditer(text or ""):
        if found[1]:
            names.append(found[1])
        elif found[0] in "{}":
            raise StrayBrace(found.start() + 1)
    return names


def is_one_place(text):
    """Whether ``text`` is a single placeholder."""
    found = _PIECE.fullmatch(text or "")
    return bool(found and found[1])
