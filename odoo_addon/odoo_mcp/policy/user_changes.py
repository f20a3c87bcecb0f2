# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Checks that a call has changed neither how users sign in nor their groups.

The models refuse such changes when the ORM writes them (``guarded_writes.py``). Odoo also writes them by SQL: merging
two contacts moves users to another contact. Therefore this module checks the rows that the transaction has written.
"""

from odoo import _
from odoo.exceptions import AccessError

from ..written_rows import state_before, written_ids, written_pairs

# Relations that decide the groups of users, with their columns.
RELATIONS = {"res_groups_users_rel": ("gid", "uid"), "res_groups_implied_rel": ("gid", "hid")}
TABLES = ("res_users", *RELATIONS)
# Counts of the rows written to and deleted from each of the tables. They may include those of earlier transactions.
# Without PostgreSQL's counts the first one is -1.
COUNTS = "ARRAY[CASE pg_catalog.current_setting('track_counts') WHEN 'on' THEN 0 ELSE -1 END, {}]".format(
    ", ".join(
        " + ".join(
            f"pg_catalog.pg_stat_get_xact_tuples_{kind}('public.{table}'::pg_catalog.regclass)" for kind in kinds
        )
        for table in TABLES
        for kinds in (("inserted", "updated"), ("deleted",))
    )
)
COUNTING = f"SELECT {COUNTS}"
SIGN_IN = "SELECT id, login, password, active, share, partner_id FROM public.res_users WHERE id = ANY(%s) ORDER BY id"


def check(env, before):
    """Refuse a call that has changed how a user signs in, or the groups of a user.

    :param before: the counts before the call
    :raises AccessError: naming what has changed
    """
    cr = env.cr
    cr.execute(COUNTING)
    counting, *counts = cr.fetchone()[0]
    if counting < 0 or before[0] < 0:
        # A statement can switch the counts off; what was deleted is then unknown.
        _refuse_without_counts()
    changes = [now - then for now, then in zip(counts, before[1:], strict=True)]
    for table, written, deleted in zip(TABLES, changes[::2], changes[1::2], strict=True):
        if deleted:
            _refuse(table)
        if written and table in RELATIONS and written_pairs(cr, table, *RELATIONS[table]):
            _refuse(table)
        if written and table not in RELATIONS and _differ(env, written_ids(cr, table)):
            _refuse(table)


def _differ(env, ids):
    """Whether the transaction has changed how one of the users signs in, or has created one of them."""
    if not ids:
        return False
    env.cr.execute(SIGN_IN, (ids,))
    now = env.cr.fetchall()
    with state_before(env) as before:
        before.execute(SIGN_IN, (ids,))
        return before.fetchall() != now


def _refuse_without_counts():
    raise AccessError(
        _(
            "PostgreSQL did not count written rows (track_counts was off), so MCP cannot check that the users are as "
            "before. The call was undone. A database administrator must turn it on. [closed]"
        )
    )


def _refuse(table):
    what = _("how users sign in") if table == "res_users" else _("the groups of users")
    raise AccessError(
        _(
            "MCP cannot change %s. Odoo's code would do so in this call, so the call was undone. An administrator can "
            "do it in Odoo. [closed]",
            what,
        )
    )
