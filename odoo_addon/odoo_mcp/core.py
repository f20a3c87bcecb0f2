# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The SQL functions of the database core."""

import collections
import json

CONTRACT = 5

EXCHANGE_CALL = "public.mcp_exchange(%s, %s, %s)"
EXCHANGE = f"SELECT {EXCHANGE_CALL}"
CONTINUE = "SELECT public.mcp_continue(%s, %s)"
CHECK_NETWORKS = "SELECT public.mcp_check_networks(%s, %s, %s)::text"
AUDIT_INSERT = "SELECT public.mcp_audit_insert(%s::jsonb)"


class Answer(collections.namedtuple("Answer", ("head", "rest"))):
    """An answer of the core: what the addon looks at, and a text that it only carries.

    That text is the body of a reply, or the state or the pass that goes back with the next statement.
    """

    @classmethod
    def of_text(cls, text):
        """The answer in the two lines that the core gives."""
        head, _feed, rest = text.partition("\n")
        return cls(json.loads(head), rest)


# Made once: `json.dumps` with options of its own makes one at every call.
_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode


def dumps(value):
    """JSON text for the core."""
    return _encode(value)


def check_networks(cr, networks, strategy="deny", address=""):
    """What the core says about a list of addresses and networks, one a line.

    :returns: ``problem``, a text or None, and ``admits``, whether ``address`` may come under ``strategy``
    """
    cr.execute(CHECK_NETWORKS, (networks, strategy, address))
    return json.loads(cr.fetchone()[0])
