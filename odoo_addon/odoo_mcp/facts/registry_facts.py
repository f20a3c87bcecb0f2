# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Exports facts that only the registry knows, for the core: writes field dependencies and model facts to tables."""

import contextlib
import hashlib
import logging
import os
import sys

import psycopg2
from psycopg2.extras import execute_values

from .. import compat
from . import code_dependencies, code_sql, model_facts

_logger = logging.getLogger(__name__)

# In place of a field: the search of records by name.
NAMES = "@names"
# In place of a field: the sources of the rows of a model without a table.
ROWS = "@rows"
# In place of a source field: a field's code shows an unknown set of the model's records.
RECORDS = "@records"
# A field with former texts of other fields (html.field.history.mixin).
HISTORY = "html_field_history"
# Sources of facts beside code: apps, fields added in the interface, and views.
SOURCES = """
    SELECT (SELECT pg_catalog.string_agg(m.name || ' ' || coalesce(m.latest_version, ''), ',' ORDER BY m.name)
            FROM public.ir_module_module m WHERE m.state IN ('installed', 'to upgrade')),
           (SELECT pg_catalog.string_agg(f::text, ',' ORDER BY f.id)
            FROM public.ir_model_fields f WHERE f.state = 'manual'),
           (SELECT pg_catalog.string_agg(r.ev_class || ' ' || r.oid || ' ' || r.xmin, ',' ORDER BY r.oid)
            FROM pg_catalog.pg_rewrite r JOIN pg_catalog.pg_class c ON c.oid = r.ev_class
            WHERE c.relkind = 'v' AND c.relnamespace = 'public'::pg_catalog.regnamespace)"""
# An advisory lock, held while the tables are written. The number spells "mcp_fac".
LOCK = 0x6D63705F666163
# Maximum time that a statement waits for a lock. Odoo can call the hook while another cursor of the same thread still
# holds locks (service/model.py, retrying: the registry is set up again before the failed transaction is rolled back),
# and nothing would ever end that wait.
LOCK_TIMEOUT = "1s"


def export(env):
    """Bring ``mcp_field_dependency`` and ``mcp_model_fact`` up to date when the models have changed.

    Every process runs this after it has loaded the registry, so it first compares the current sources of the facts with
    those of the stored facts. A failure is only logged: Odoo must start, and the core closes what it does not know.
    """
    try:
        with _bounded(env.cr):
            sources = _sources(env)
            if not _is_current(env.cr, sources):
                _write(env, sources, sorted(_facts(env)), sorted(model_facts.facts(env)))
    except Exception:
        _logger.exception("What fields are made of could not be written; until it is, less is shown through MCP.")
        with contextlib.suppress(psycopg2.Error), env.cr.savepoint(flush=False):
            # The stored facts may be outdated.
            env.cr.execute("DELETE FROM public.mcp_field_dependency WHERE model = ''", log_exceptions=False)


@contextlib.contextmanager
def _bounded(cr):
    """Open a savepoint with a short lock timeout: a failure leaves the transaction usable."""
    with cr.savepoint(flush=False):
        cr.execute("SELECT pg_catalog.current_setting('lock_timeout')")
        before = cr.fetchone()[0]
        cr.execute("SELECT pg_catalog.set_config('lock_timeout', %s, true)", (LOCK_TIMEOUT,))
        yield
        cr.execute("SELECT pg_catalog.set_config('lock_timeout', %s, true)", (before,))


def _sources(env):
    """Return a text that changes when facts may change: code is represented by its files' times and sizes."""
    files = []
    for name, module in sorted(sys.modules.items()):
        path = getattr(module, "__file__", None) if name.startswith("odoo.") else None
        if path:
            with contextlib.suppress(OSError):
                found = os.stat(path)
                files.append((name, found.st_mtime_ns, found.st_size))
    env.cr.execute(SOURCES)
    models = [(model._name, len(model._fields)) for model in env.registry.values()]
    return repr((sys.version, files, env.cr.fetchone(), sorted(models)))


def _mark(sources, digest):
    """Return the mark stored beside the digest of facts made from these sources."""
    return hashlib.sha256(f"{digest} {sources}".encode()).hexdigest()


def _is_current(cr, sources):
    """Whether the stored facts were made from these sources."""
    try:
        with cr.savepoint(flush=False):
            cr.execute("SELECT field, on_field FROM public.mcp_field_dependency WHERE model = ''", log_exceptions=False)
            return any(mark == _mark(sources, digest) for digest, mark in cr.fetchall())
    except psycopg2.Error:
        return False


def _write(env, sources, facts, of_models):
    digest = hashlib.sha256(repr((facts, of_models)).encode()).hexdigest()
    mark = _mark(sources, digest)
    cr = env.cr
    try:
        with cr.savepoint(flush=False):
            cr.execute("SELECT field FROM public.mcp_field_dependency WHERE model = ''", log_exceptions=False)
            known = cr.fetchall()
            cr.execute("SELECT pg_catalog.pg_try_advisory_xact_lock(%s)", (LOCK,))
            if not cr.fetchone()[0]:
                # Another process is writing the same facts.
                return
            if known == [(digest,)]:
                # The files have changed, but the facts are the same.
                cr.execute("UPDATE public.mcp_field_dependency SET on_field = %s WHERE model = ''", (mark,))
                return
            cr.execute("DELETE FROM public.mcp_field_dependency", log_exceptions=False)
            execute_values(
                cr._obj,
                "INSERT INTO public.mcp_field_dependency (model, field, on_model, on_field, related, beyond) VALUES %s",
                [*facts, ("", digest, "", mark, False, False)],
                page_size=5000,
            )
            cr.execute("DELETE FROM public.mcp_model_fact", log_exceptions=False)
            execute_values(
                cr._obj,
                "INSERT INTO public.mcp_model_fact (kind, model, field, other) VALUES %s",
                of_models,
                page_size=5000,
            )
    except psycopg2.Error as error:
        _logger.warning("The dependencies of fields were not written (%s); the next start tries again.", error.pgcode)


def _facts(env):
    """Return ``(model, field, on_model, on_field, related, beyond)`` of every field that depends on another."""
    registry = env.registry
    facts = {(model, ROWS, on_model, on_field): (False, True) for model, on_model, on_field in _rows(env)}
    rows = list(facts)
    of_rows = {model for model, *_on in rows}
    code = code_dependencies.Code(registry)
    for model in registry.values():
        if model._abstract:
            continue
        for on_model, on_field, beyond in _names(registry, model):
            facts[(model._name, NAMES, on_model, on_field)] = (False, beyond)
        for field in model._fields.values():
            name = (model._name, field.name)
            for on_model, on_field, beyond in _dependencies(registry, model, field):
                key = (*name, on_model, on_field)
                facts[key] = (bool(field.related), beyond or facts.get(key, (False, False))[1])
            for on_model, on_field, is_quoted in code_dependencies.read(code, model, field):
                if on_model in of_rows and field.name in code_dependencies.NAMES:
                    # All fields of such a model have the same sources, and a name would be hidden with any of them.
                    continue
                for column in _columns(rows, on_model, on_field) if on_model in of_rows else ((on_model, on_field),):
                    facts.setdefault((*name, *column), (False, False))
                if is_quoted:
                    facts[(*name, on_model, RECORDS)] = (False, False)
            if model._name in of_rows and field.name != "id":
                facts[(*name, model._name, ROWS)] = (False, False)
            if field.search and not field.related:
                facts[(*name, "", "@search")] = (False, False)
            if field.groups:
                facts[(*name, "", f"@groups:{field.groups}")] = (False, False)
    return [key + flags for key, flags in facts.items()]


def _columns(rows, model, field):
    """Return the sources of a field of a model without a table: columns with its name, where there are any.

    As a field it depends on all columns of the query.
    """
    columns = [(on_model, on_field) for of, _rows, on_model, on_field in rows if (of, on_field) == (model, field)]
    return [*columns, (model, code_dependencies.DECIDES + field)] if columns else [(model, field)]


def _rows(env):
    """Yield fields of other models that are sources of the rows of a model without a table of its own.

    The rows come from a view, whose columns PostgreSQL knows, or from a query, whose needs the model declares. Which
    source belongs to which field is unknown.
    """
    yield from _queries(env)
    models = {model._table: model for model in env.registry.values() if not model._abstract}
    for model in models.values():
        for on_model, on_fields in (model._depends or {}).items():
            for on_field in on_fields:
                yield model._name, on_model, on_field
    env.cr.execute(
        "SELECT view_name, table_name, column_name FROM information_schema.view_column_usage"
        " WHERE view_schema = 'public' AND table_schema = 'public'"
    )
    for view, table, column in env.cr.fetchall():
        if view in models and table in models and column != "id":
            yield models[view]._name, models[table]._name, column


def _queries(env):
    """Yield the same for models with a query of their own, as far as its text names tables and columns."""
    registry = env.registry
    tables = {model._table: model._name for model in registry.values() if not model._abstract and model._auto}
    for model in registry.values():
        if model._abstract or not getattr(model, "_table_query", None):
            continue
        try:
            with env.cr.savepoint(flush=False):
                query = env[model._name]._table_query
        except Exception:
            _logger.exception("What %s is made of is not known: its query could not be made.", model._name)
            continue
        statements = code_sql.Statements()
        statements.add(str(getattr(query, "code", query)))
        for on_model, on_field, _decides in statements.columns(tables, registry):
            yield model._name, on_model, on_field


def _names(registry, model):
    """Yield the fields that a search of records by name reads, as ``(model, field, beyond)``."""
    searched = model._rec_names_search or ([model._rec_name] if model._rec_name else [])
    if compat.finds_names_by_itself(model) or not isinstance(searched, (list, tuple)):
        # By a method or a property of its own.
        yield model._name, "*", False
        return
    for path in searched:
        step = None
        for step in _steps(registry, model, path):
            yield step
        last = step and registry[step[0]]._fields.get(step[1])
        if last and last.comodel_name in registry:
            # The typed text is searched for in the names of the other model.
            yield last.comodel_name, NAMES, True


def _dependencies(registry, model, field):
    """Yield the fields that ``field`` depends on, as ``(model, field, beyond)``."""
    dotted = registry.field_depends.get(field, ())
    if field.name == HISTORY or (field.compute and not field.related and not dotted):
        yield model._name, "*", False
    for path in dotted:
        yield from _steps(registry, model, path)
    if field.name == "display_name":
        # The ORM makes a record's name from the name of the record that its relation leads to.
        named = model._fields.get(model._rec_name or "")
        if named is not None and named.comodel_name in registry:
            yield named.comodel_name, "display_name", True
    if field.type in ("one2many", "many2many", "many2one"):
        for inverse in registry.field_inverses[field]:
            yield inverse.model_name, inverse.name, True


def _steps(registry, model, path):
    """Yield the fields along a dotted path, as ``(model, field, beyond)``."""
    current = model
    for place, step in enumerate(path.split(".")):
        found = current._fields.get(step)
        if found is None:
            # Not a field: its sources are unknown.
            yield current._name, "*", place > 0
            return
        yield current._name, step, place > 0
        if not found.comodel_name or found.comodel_name not in registry:
            return
        current = registry[found.comodel_name]
