# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The three SQL functions of the database core."""

import collections
import json

CONTRACT = 1

# State and pass go back as the text they came as: no number in them passes through Python.
STATEMENT = (
    "SELECT (answer - 'state' - 'pass')::text, (answer -> 'state')::text, (answer -> 'pass')::text"
    " FROM public.{function}({parameters}) AS answer"
)
GATE = STATEMENT.format(function="mcp_gate", parameters="%s::jsonb")
HANDLE = STATEMENT.format(function="mcp_handle", parameters="%s::jsonb, %s::jsonb")
RESUME = STATEMENT.format(function="mcp_resume", parameters="%s::jsonb, %s::jsonb")
AUDIT_INSERT = "SELECT public.mcp_audit_insert(%s::jsonb)"


class Answer(collections.namedtuple("Answer", ("body", "state", "permit"))):
    """An answer of the core: its parsed part, and ``state`` and ``pass`` as opaque text."""

    @classmethod
    def of_row(cls, row):
        """The answer in a row of one of the statements."""
        body, state, permit = row
        return cls(json.loads(body), state, permit)


# Made once: `json.dumps` with options of its own makes one at every call.
_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode


def dumps(value):
    """JSON text for ``jsonb``."""
    return _encode(value)
