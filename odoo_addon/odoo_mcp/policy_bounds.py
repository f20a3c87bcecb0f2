# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What the core's policy leaves to Odoo: whether records fulfil a domain, and what is shown of those that do not.

The domains come from the core, which alone knows what is restricted for whom.
"""

from odoo import _
from odoo.exceptions import AccessError

OUTSIDE = 5


def check(records, domain):
    """Refuse records that do not fulfil ``domain``, as a record rule would; None admits all.

    :raises AccessError: naming the first few ids
    """
    if domain is None or not records:
        return
    inside = _inside(records, domain)
    outside = [record_id for record_id in records.ids if record_id not in inside]
    if outside:
        raise AccessError(
            _(
                "These records of %(model)s are out of reach for this caller: %(ids)s. [record_domain]",
                model=records._name,
                ids=", ".join(map(str, outside[:OUTSIDE])),
            )
        )


def check_all(env, within, before=None):
    """Refuse records of several models: ``within`` has objects of ``model``, ``ids`` and ``domain``.

    In place of ids and domain ``unchanged`` says what may not be done to any record of the model: ``write``,
    ``create``, ``unlink``.

    :param before: what this function gave before the change; None: this is before it
    :returns: how much was written so far of each model that may not be changed
    """
    kept = {}
    for part in within or ():
        if not part.get("unchanged"):
            check(env[part["model"]].browse(part["ids"]).exists(), part["domain"])
        elif part["model"] in env:  # its app may be gone
            kept[part["model"]] = part["unchanged"]
    written = _rows_written(env, kept) if kept else {}
    for name, operations in kept.items() if before else ():
        if any(before[name][done] != written[name][done] for done in operations):
            _refuse_change(name)
    return written


def _refuse_change(name):
    raise AccessError(_("These values would change records of %s, which this caller may not write. [override]", name))


def _rows_written(env, names):
    """How many rows of the models' tables this session has written so far, by model and by what it did.

    :raises AccessError: PostgreSQL does not count
    """
    # With what waits for the commit: Odoo makes the opening entry of an account there.
    env.cr.flush()
    env.cr.execute(
        "SELECT s.relname, s.n_tup_upd, s.n_tup_ins, s.n_tup_del FROM pg_catalog.pg_stat_xact_user_tables s"
        " WHERE s.schemaname = 'public' AND s.relname = ANY(%s)"
        " UNION ALL SELECT NULL, 0, 0, 0 WHERE pg_catalog.current_setting('track_counts') = 'on'",
        ([env[name]._table for name in names],),
    )
    rows = {table: numbers for table, *numbers in env.cr.fetchall()}
    if None not in rows:
        _refuse_change(next(iter(names)))
    # Some models have no table of their own.
    counts = {name: rows.get(env[name]._table, rows[None]) for name in names}
    return {name: dict(zip(("write", "create", "unlink"), numbers, strict=True)) for name, numbers in counts.items()}


def withhold(model, rows, bounds):
    """Take the names of records outside of a domain from many2one values, and the records from lists.

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
    """Those of the records that fulfil the domain; None admits all."""
    if domain is None:
        return records
    ids = _inside(records, domain)
    return records.filtered(lambda record: record.id in ids)


def _inside(records, domain):
    """Ids of those that fulfil the domain; none when the user may not even search them."""
    everywhere = records.browse().with_context(active_test=False)
    try:
        return set(everywhere.search([("id", "in", list(records.ids)), *domain]).ids)
    except AccessError:
        return set()
