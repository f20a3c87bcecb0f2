# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The part of the core's policy that Odoo applies: checks of records against domains, and masking of hidden ones.

The domains come from the core, which alone knows the restrictions of each caller.
"""

from odoo import _
from odoo.exceptions import AccessError

from . import deletion, touched

OUTSIDE = 5
# Row counters of a table, in this order.
OPERATIONS = ("write", "create", "unlink")
# Parts whose models' written rows are counted.
COUNTED = {"unchanged", "counted", "touched_within"}
# For models without a table of their own.
NOTHING = (0, 0, 0)


def check(records, domain):
    """Refuse records that do not match ``domain``, as a record rule would; None admits all.

    :raises AccessError: naming the first few ids
    """
    if domain is None or not records:
        return
    inside = _inside(records, domain)
    outside = [record_id for record_id in records.ids if record_id not in inside]
    if outside:
        raise AccessError(
            _(
                "The policy does not allow this caller these records of %(model)s: %(ids)s. [record_domain]",
                model=records._name,
                ids=", ".join(map(str, outside[:OUTSIDE])),
            )
        )


def check_all(env, within, before=None):
    """Refuse records of several models: ``within`` has objects of ``model``, ``ids`` and ``domain``.

    In place of a domain, ``children`` names the relations by which other records are deleted with the records
    (:mod:`.deletion`). In place of ids and domain, ``unchanged`` lists the operations (``write``, ``create``,
    ``unlink``) that are forbidden on all records of the model, or of any model but ``others``; ``layer`` says which
    part of the policy forbids them. In a ``counted`` model only records that were checked before may be deleted. In a
    model with ``touched_within`` all created or changed records must match that domain, and must have matched it
    before.

    :param before: the result of this function before the change; None: this is the call before it
    :returns: the rows written so far, and the records that the change deletes, as far as known
    """
    parts = within or ()
    for part in parts:
        if "domain" in part:
            check(env[part["model"]].browse(part["ids"]).exists(), part["domain"])
    # Apps of other authors may have been removed.
    kept = [
        part
        for part in parts
        if "others" in part or (COUNTED.intersection(part) and part["model"] in env)
    ]
    written = _rows_written(env, kept) if kept else {}
    if before is None:
        gone = deletion.look(env, [part for part in parts if "children" in part])
        return written, gone
    for part in kept:
        _check_unchanged(env, part, before, written)
    return written, before[1]


def _check_unchanged(env, part, before, after):
    """Refuse forbidden operations on records of restricted models since ``before``."""
    written, gone = before
    if "others" in part:
        deletion.check_others(env, part, written, after)
        return
    model = env[part["model"]]
    if "counted" in part:
        deletion.check_counted(model, gone, written, after)
        return
    if "touched_within" in part:
        if written.get(model._table) != after.get(model._table):
            touched.check(model, part["touched_within"])
        return
    was, now = (rows.get(model._table, NOTHING) for rows in (written, after))
    done = {name for name, one, other in zip(OPERATIONS, was, now, strict=True) if one != other}
    if done.intersection(part["unchanged"]):
        refuse = deletion.refuse if part["unchanged"] == ["unlink"] else _refuse_change
        refuse(model._name, part["layer"])


def _refuse_change(name, layer):
    raise AccessError(
        _(
            "The call would create, change or delete records of %(model)s, which this caller may not do. [%(layer)s]",
            model=name,
            layer=layer,
        )
    )


def _refuse_without_counts():
    raise AccessError(
        _(
            "PostgreSQL does not count written rows (track_counts is off), so the policy cannot check this call. A "
            "database administrator must turn it on. [closed]"
        )
    )


def _rows_written(env, parts):
    """Return how many rows of the models of ``parts`` this transaction has written.

    The result is by table, in the order of OPERATIONS.

    :raises AccessError: PostgreSQL does not count
    """
    # Includes writes that Odoo defers to the commit, such as the opening entry of an account.
    env.cr.flush()
    names = [part["model"] for part in parts if "model" in part]
    env.cr.execute(
        "SELECT s.relname, s.n_tup_upd, s.n_tup_ins, s.n_tup_del FROM pg_catalog.pg_stat_xact_user_tables s"
        " WHERE s.schemaname = 'public' AND (s.relname = ANY(%s) OR %s AND s.n_tup_del > 0)"
        " UNION ALL SELECT NULL, 0, 0, 0 WHERE pg_catalog.current_setting('track_counts') = 'on'",
        ([env[name]._table for name in names], any("others" in part for part in parts)),
    )
    rows = {table: numbers for table, *numbers in env.cr.fetchall()}
    if rows.pop(None, None) is None:
        _refuse_without_counts()
    return rows


def withhold(model, rows, bounds):
    """Mask the names of records outside a domain in many2one values, and remove such records from lists.

    :param bounds: domains by the name of the field, or None
    """
    for name, domain in (bounds or {}).items():
        field = model._fields[name]
        values = [row[name] for row in rows if row.get(name)]
        ids = {value[0] for value in values} if field.type == "many2one" else {i for ids in values for i in ids}
        inside = _inside(model.env[field.comodel_name].browse(ids), domain) if ids else set()
        for row in rows:
            value = row.get(name)
            if not value:
                continue
            if field.type != "many2one":
                row[name] = [record_id for record_id in value if record_id in inside]
            elif value[0] not in inside:
                row[name] = (value[0], None)


def inside(records, domain):
    """Return the records that match the domain; None admits all."""
    if domain is None:
        return records
    ids = _inside(records, domain)
    return records.filtered(lambda record: record.id in ids)


def _inside(records, domain):
    """Return the ids of the records that match the domain; none when the user may not even search them."""
    everywhere = records.browse().with_context(active_test=False)
    try:
        return set(everywhere.search([("id", "in", list(records.ids)), *domain]).ids)
    except AccessError:
        return set()
