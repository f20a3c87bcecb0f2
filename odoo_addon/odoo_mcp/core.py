# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The three SQL functions of the database core."""

import collections
import json

CONTRACT = 2

# State and pass go back as the text they came as: no number in them passes through Python. The body of a reply, which
# can be long, comes by itself: wrapped in JSON once more it would be copied four times over.
STATEMENT = (
    "SELECT ((answer #- '{{reply,body}}') - 'state' - 'pass')::text, answer -> 'reply' ->> 'body',"
    " (answer -> 'state')::text, (answer -> 'pass')::text"
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
        text, reply_body, state, permit = row
        body = json.loads(text)
        if reply_body is not None:
            body["reply"]["body"] = reply_body
        return cls(body, state, permit)


# Made once: `json.dumps` with options of its own makes one at every call.
_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode


def dumps(value):
    """JSON text for ``jsonb``."""
    return _encode(value)
