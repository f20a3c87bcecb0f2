# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Checks the effects of a deletion on other records.

PostgreSQL or Odoo's code also deletes dependent records. Other records lose a relation to the deleted one. This module
refuses a deletion if the caller may not delete one of the dependent records, or not change one of the others.

The core names the models and the relations. Like PostgreSQL and Odoo, this module does not check the user's Odoo rights
to delete the dependent records.
"""

from psycopg2 import sql

from odoo import _
from odoo.exceptions import AccessError

from .. import compat

ONE_COLUMN = sql.SQL("(SELECT {number}, {id} FROM public.{table} WHERE {field} = ANY({ids}){most})")
PER_COMPANY = sql.SQL(
    "(SELECT {number}, {id} FROM public.{table} WHERE EXISTS"
    # Any other JSON value, such as null, holds no company's value.
    " (SELECT FROM pg_catalog.jsonb_each_text("
    "      CASE pg_catalog.jsonb_typeof({field}) WHEN 'object' THEN {field} END) AS v"
    "  WHERE v.value = ANY({ids}::pg_catalog.text[])){most})"
)


def look(env, parts):
    """Refuse the deletion of records whose dependent records the caller may not delete or change.

    :param parts: objects of ``model``, ``ids`` and ``children``
    :returns: the ids of all records to be deleted, by model, as far as the relations show them
    :raises AccessError: naming the model of the first such record
    """
    gone = {}
    for part in parts:
        records = env[part["model"]].browse(part["ids"]).exists()
        # A caller who may not delete the records learns nothing of their dependents.
        compat.check_record_access(records, "unlink")
        gone.setdefault(records._name, set()).update(records.ids)
        _go_down(env, _known(env, part["children"]), {records._name: records.ids}, gone)
    return gone


def _known(env, children):
    """Return the relations that exist: apps may have been removed."""
    return [child for child in children if child["model"] in env and child["field"] in env[child["model"]]._fields]


def _go_down(env, children, level, gone):
    """Check the records that depend on those of a level, then their dependents in turn."""
    if children:
        env.flush_all()
    while level:
        below = {}
        for number, ids in _found(env.cr, env, children, level).items():
            child = children[number]
            if child.get("clears"):
                # A record that is deleted itself does not count as changed.
                _check(env[child["model"]].sudo().browse(ids - gone.get(child["model"], set())), child)
                continue
            new = ids - gone.setdefault(child["model"], set())
            if new:
                _check(env[child["model"]].sudo().browse(new), child)
                gone[child["model"]] |= new
                below.setdefault(child["model"], []).extend(new)
        level = below


def _found(cr, env, children, level):
    """Return the ids of records with a relation to those of the level, by the number of the relation."""
    queries = [
        _query(env[child["model"]]._fields[child["field"]]).format(
            number=sql.Literal(number),
            ids=sql.Literal(level[child["parent"]]),
            # Where no deletion is allowed, one id suffices. For a cleared relation the first may be a record that is
            # deleted too.
            most=sql.SQL(" LIMIT 1" if child["domain"] is None and not child.get("clears") else ""),
            **_columns(env[child["model"]], child["field"]),
        )
        for number, child in enumerate(children)
        if child["parent"] in level
    ]
    found = {}
    if queries:
        cr.execute(sql.SQL(" UNION ALL ").join(queries))
        for number, record_id in cr.fetchall():
            found.setdefault(number, set()).add(record_id)
    return found


def _query(field):
    """Return the query for records with a relation to others: a column, or an object of ids by company."""
    if field.type == "many2one" and getattr(field, "company_dependent", False):
        return PER_COMPANY
    return ONE_COLUMN


def _columns(model, name):
    """Return where a relation is stored: the table, the column with ids of ``model``, the column of related ids."""
    field = model._fields[name]
    stored = {"table": model._table, "id": "id", "field": name}
    if field.type == "many2many":
        stored = {"table": field.relation, "id": field.column1, "field": field.column2}
    return {name: sql.Identifier(identifier) for name, identifier in stored.items()}


def _check(records, child):
    """Refuse records outside the domain of their model."""
    if not records:
        return
    domain, stay = child["domain"], child.get("clears")
    if domain is None:
        (refuse_change if stay else refuse)(records._name, child["layer"])
    everywhere = records.browse().with_context(active_test=False)
    if domain and len(everywhere.search([("id", "in", records.ids), *domain])) < len(records):
        (refuse_change if stay else refuse_outside)(records._name)


def refuse(model, layer):
    """Refuse a call that deletes records of a model of which the caller may delete none."""
    raise AccessError(
        _(
            "The deletion would also delete records of %(model)s. The caller cannot delete these. [%(layer)s]",
            model=model,
            layer=layer,
        )
    )


def refuse_change(model, layer="record_domain"):
    """Refuse a call that removes a record from a relation of records that the caller may not change."""
    raise AccessError(
        _(
            "The call would remove a value from records of %(model)s. The caller cannot change these. [%(layer)s]",
            model=model,
            layer=layer,
        )
    )


def refuse_outside(model):
    """Refuse a call that deletes, or may delete, records of a model that are hidden from the caller."""
    raise AccessError(
        _(
            "The call would delete records of %(model)s that the policy does not allow this caller, or that cannot be "
            "checked. [record_domain]",
            model=model,
        )
    )


def check_others(env, part, before, after):
    """Refuse deletions in models outside the ``others`` and ``families`` of the part."""
    tables = {table for table, (_written, _made, deleted) in after.items() if deleted != _deleted(before, table)}
    if not tables:
        return
    names = {}
    for model in env.registry.values():
        if model._table in tables and model._auto and not model._abstract and not model._transient:
            names.setdefault(model._table, []).append(model._name)
    for models in names.values():
        if not any(_may_go(name, part) for name in models):
            refuse(models[0], part["layer"])


def check_counted(model, gone, before, after):
    """Refuse a call that deleted more records of a model than were checked."""
    table = model._table
    if _deleted(after, table) - _deleted(before, table) > len(gone.get(model._name, ())):
        refuse_outside(model._name)


def _may_go(name, part):
    return name in part["others"] or name.startswith(tuple(part["families"]))


def _deleted(written, table):
    """Return the number of deleted rows of a table."""
    return written[table][2] if table in written else 0
