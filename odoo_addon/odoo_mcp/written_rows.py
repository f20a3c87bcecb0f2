# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Finds the rows that the current transaction has written, and reads the state before it."""

import contextlib

from psycopg2 import sql

from . import compat

# A row belongs to this transaction if its xmin is not before the first transaction that its snapshot does not show:
# other rows of such transactions are invisible. Transaction ids wrap around, hence the modulo.
FIRST_UNSEEN = "mod(pg_catalog.pg_snapshot_xmax(pg_catalog.pg_current_snapshot())::text::bigint, 4294967296)"
OURS = "mod(t.xmin::text::bigint - %(base)s + 4294967296, 4294967296) < 2147483648 AND t.xmin::text::bigint > 2"
BASE = "SELECT " + FIRST_UNSEEN
IDS_OF_OURS = "SELECT t.id FROM ONLY {table} t WHERE {ours}"
PAIRS_OF_OURS = "SELECT t.{one}, t.{other} FROM {table} t WHERE {ours}"


def written_ids(cr, table):
    """Return ids of the rows of a table that this transaction has written and not deleted."""
    cr.execute(BASE)
    (base,) = cr.fetchone()
    return [row[0] for row in select(cr, IDS_OF_OURS, {"base": base}, table=table)]


def written_pairs(cr, table, one, other):
    """Return the pairs of a relation table that this transaction has written and not deleted."""
    cr.execute(BASE)
    (base,) = cr.fetchone()
    return select(cr, PAIRS_OF_OURS, {"base": base}, table=table, one=one, other=other)


def select(cr, query, parameters=None, **names):
    """Return all rows of a query whose ``names`` are identifiers; ``{ours}`` stands for rows of this transaction."""
    identifiers = {name: sql.Identifier(identifier) for name, identifier in names.items()}
    cr.execute(sql.SQL(query).format(ours=sql.SQL(OURS), **identifiers), parameters or {})
    return cr.fetchall()


@contextlib.contextmanager
def state_before(env):
    """Open a connection that does not see this transaction, under the same time limit of statements.

    PostgreSQL cannot detect that such a connection waits for a lock of this transaction.
    """
    env.cr.execute("SELECT pg_catalog.current_setting('statement_timeout')")
    (limit,) = env.cr.fetchone()
    with contextlib.closing(compat.fresh_cursor(env.registry.cursor)) as before:
        before.execute("SELECT pg_catalog.set_config('statement_timeout', %s, true)", (limit,))
        yield before
