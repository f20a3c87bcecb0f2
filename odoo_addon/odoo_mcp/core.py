# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The SQL functions of the database core."""

import collections
import json

import psycopg2.errors

CONTRACT = 5

EXCHANGE_CALL = "public.mcp_exchange(%s, %s, %s)"
EXCHANGE = f"SELECT {EXCHANGE_CALL}"
CONTINUE = "SELECT public.mcp_continue(%s, %s)"
VALIDATE = "SELECT public.mcp_validate(%s, %s::jsonb)::text"
AUDIT_INSERT = "SELECT public.mcp_audit_insert(%s::jsonb)"


class Answer(collections.namedtuple("Answer", ("head", "rest"))):
    """An answer of the core: a part that the addon reads, and a text that it only passes on.

    That text is the body of a reply, or the state or the authentication context for the next statement.
    """

    @classmethod
    def of_text(cls, text):
        """Parse the two lines of the core's answer."""
        head, _feed, rest = text.partition("\n")
        return cls(json.loads(head), rest)


# Made once: `json.dumps` with options makes an encoder at every call.
_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode


def dumps(value):
    """Return JSON text for the core."""
    return _encode(value)


def validate(cr, kind, value):
    """Let the core check a value that an administrator has entered.

    :param kind: one of the kinds of ``src/validate.rs``, such as ``networks``
    :returns: a dictionary with ``problem``, the end of a sentence or None, and what was read in the value. Empty
        without the extension: then nothing can use the value, and the core checks it again at each use.
    """
    try:
        with cr.savepoint(flush=False):
            cr.execute(VALIDATE, (kind, dumps(value)), log_exceptions=False)
            return json.loads(cr.fetchone()[0])
    except psycopg2.errors.UndefinedFunction:
        return {}


def check_networks(cr, networks, strategy="deny", address=""):
    """Let the core check a list of addresses and networks, one a line.

    :returns: the problem or None, and whether ``address`` is admitted under ``strategy``
    """
    found = validate(cr, "networks", {"networks": networks, "strategy": strategy, "address": address})
    return found.get("problem"), found.get("admits")
