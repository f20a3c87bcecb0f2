# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Collects facts about models that only the registry and the code know, such as the effects of a field's value.

Each fact is a tuple ``(kind, model, field, other)``. ``schema.sql`` describes the kinds. The core evaluates the facts.
"""

from odoo.models import MAGIC_COLUMNS

from . import code_dependencies, code_evaluated

# Pairs of fields that name a record of any model: its id or ids, and the name of the model.
MODEL_NAMES = ("model", "res_model", "model_name", "res_model_name")
RECORD_IDS = {
    "res_id": MODEL_NAMES,
    "record_id": MODEL_NAMES,
    "res_ids": MODEL_NAMES,
    "parent_res_id": ("parent_res_model",),
}
ID_TYPES = ("integer", "char", "text", "json")
MOST_STEPS = 8
MESSAGE = "mail.message"
# Fields whose value `create` passes on to records of other models (stock_account, models/product_value.py).
HANDED_ON = {("product.value", "value"): ("stock.move", "product.product")}
# Models that inherit these render texts that may contain code.
RENDERING = ("mail.render.mixin", "mail.composer.mixin")


def facts(env):
    """Return all facts about the models of this registry, as a set."""
    registry = env.registry
    found = {("abstract", model._name, "", "") for model in registry.values() if model._abstract}
    models = [model for model in registry.values() if not model._abstract]
    loaded = {}
    for model in models:
        found.update(_inherits(registry, model))
        found.update(("reference", model._name, *pair) for pair in _references(model))
        found.update(("cascade", *link) for link in _deleted_along(registry, model))
        found.update(("cleared", *link) for link in _cleared(registry, model))
        for field in model._fields.values():
            if field.inverse and not field.related:
                found.add(("inverse", model._name, field.name, ""))
            for kind, other in _changed(registry, model, field, loaded):
                if other != model._name and _has_table(registry, other):
                    found.add((kind, model._name, field.name, other))
    found.update(_shares(env, models))
    found.update(("evaluated", model, name, "") for model, name in code_evaluated.fields(registry))
    rendering = registry.descendants([name for name in RENDERING if name in registry], "_inherit")
    found.update(("renders", model._name, "", "") for model in models if model._name in rendering)
    found.update(
        ("template", model._name, "", "")
        for model in models
        if model._transient and any(field.comodel_name in rendering for field in model._fields.values())
    )
    return found


def _has_table(registry, name):
    model = registry[name]
    return model._auto and not model._abstract


def _inherits(registry, model):
    """Yield the parents of ``model`` by ``_inherits``, its inherited fields, and parents that are a part of it."""
    for parent, link in model._inherits.items():
        yield "inherits", model._name, link, parent
        for field in registry[parent]._fields.values():
            # A relation back to the model that lists all of them, such as the versions of an employee.
            back = field.type == "many2one" and field.comodel_name == model._name and field.store
            if back and any(inverse.model_name == model._name for inverse in registry.field_inverses[field]):
                yield "part", parent, field.name, model._name
    for field in model._fields.values():
        if field.inherited:
            link = field.related.split(".")[0]
            yield "inherited", model._name, field.name, model._fields[link].comodel_name


def _deleted_along(registry, model):
    """Yield relations ``(child, field, parent)`` of cascading deletions, with ``model`` on either side.

    PostgreSQL deletes records of ``model`` by ``ondelete``; the code of its ``unlink`` deletes those of its lists.
    """
    for field in model._fields.values():
        if _is_column(registry, field) and field.ondelete == "cascade" and field.comodel_name in registry:
            yield model._name, field.name, field.comodel_name
    for field in code_dependencies.called_on(model, "unlink"):
        if field.type == "one2many" and field.inverse_name:
            inverse = registry[field.comodel_name]._fields.get(field.inverse_name)
            if inverse is not None and _is_column(registry, inverse):
                yield inverse.model_name, inverse.name, model._name


def _cleared(registry, model):
    """Yield relations ``(model, field, other)`` of ``model`` that lose a deleted record of ``other``.

    The fields for who made or changed a record last do not count.
    """
    if model._transient or not _has_table(registry, model._name):
        return
    for field in model._fields.values():
        if field.comodel_name not in registry or field.name in MAGIC_COLUMNS:
            continue
        is_list = field.type == "many2many" and field.store and _has_table(registry, field.comodel_name)
        if is_list or (_is_column(registry, field) and field.ondelete == "set null") or _is_per_company(field):
            yield model._name, field.name, field.comodel_name


def _is_per_company(field):
    """Whether a field has a record for each company in one column (Odoo 18 and later); Odoo empties it by SQL."""
    per_company = field.type == "many2one" and field.store and getattr(field, "company_dependent", False)
    return per_company and field.column_type == ("jsonb", "jsonb")


def _is_column(registry, field):
    """Whether a field is a relation stored in PostgreSQL, of a model that keeps its records."""
    if field.type != "many2one" or not field.store or getattr(field, "company_dependent", False):
        return False
    return _has_table(registry, field.model_name) and not registry[field.model_name]._transient


def _references(model):
    """Yield pairs of a field with a record id and the field with the name of its model."""
    fields = model._fields
    for field in fields.values():
        if field.type == "many2one_reference" and field.model_field in fields:
            yield field.name, field.model_field
    for field in fields.values():
        # A record that requires its message refers to the record that the message is about.
        if field.type == "many2one" and field.comodel_name == MESSAGE and field.store and field.required:
            yield field.name, f"{field.name}.model"
    for record_id, names in RECORD_IDS.items():
        for name in names:
            if _is_stored(fields, record_id, *ID_TYPES) and _is_stored(fields, name, "char", "selection"):
                yield record_id, name


def _is_stored(fields, name, *types):
    return name in fields and fields[name].store and fields[name].type in types


def _changed(registry, model, field, loaded):
    """Yield models whose records a value of ``field`` changes, other than by ``_inherits``, with the certainty."""
    for owner in HANDED_ON.get((model._name, field.name), ()):
        yield "changes", owner
    if field.type == "many2many" and field.store:
        for inverse in registry.field_inverses[field]:
            if inverse.type == "many2many":
                yield "changes", inverse.model_name
    if field.inverse and field.related and not field.inherited:
        for owner in _owners(registry, model, field):
            yield "changes", owner
    elif field.inverse and not field.related:
        # The method's writes are unknown: possibly the records that the field is computed from, or records of models
        # that its code names.
        for path in registry.field_depends.get(field, ()):
            for owner in _passed(registry, model, path):
                yield "may_change", owner
        for owner in code_dependencies.models(registry, model, code_dependencies.method(field.inverse), loaded):
            yield "may_change", owner
    elif field.type == "properties" and field.definition_record in model._fields:
        yield "defines", model._fields[field.definition_record].comodel_name


def _owners(registry, model, field, depth=0):
    """Yield the model of the column at the end of a related field, and the models that this field changes in turn."""
    *path, last = field.related.split(".")
    for step in path:
        model = registry[model._fields[step].comodel_name]
    if path:
        yield model._name
    target = model._fields[last]
    if target.related and depth < MOST_STEPS:
        yield from _owners(registry, model, target, depth + 1)


def _passed(registry, model, path):
    """Yield the models along a dotted path."""
    for step in path.split(".")[:-1]:
        field = model._fields.get(step)
        if field is None or field.comodel_name not in registry:
            return
        model = registry[field.comodel_name]
        yield model._name


def _shares(env, models):
    """Yield models that share rows with another: by the same table, or by PostgreSQL's inheritance."""
    by_table = {}
    for model in models:
        by_table.setdefault(model._table, []).append(model._name)
    env.cr.execute(
        "SELECT c.relname, p.relname FROM pg_catalog.pg_inherits i"
        " JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid JOIN pg_catalog.pg_class p ON p.oid = i.inhparent"
        " WHERE c.relnamespace = 'public'::regnamespace"
    )
    for one, other in [*env.cr.fetchall(), *zip(by_table, by_table, strict=True)]:
        for model in by_table.get(one, ()):
            for same in by_table.get(other, ()):
                if model != same:
                    yield "shares", model, "", same
                    yield "shares", same, "", model
