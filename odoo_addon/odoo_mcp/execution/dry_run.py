# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The changes of a call, read from the database itself before the call is rolled back.

The call's transaction exports its snapshot. A second one imports it, and so sees exactly the state before the call. The
differences between the two are the call's changes, whichever code made them: the ORM, SQL or triggers.
"""

import contextlib
import re

from odoo.exceptions import AccessError, MissingError

from .. import compat
from ..written_rows import FIRST_UNSEEN, IDS_OF_OURS, PAIRS_OF_OURS, select
from . import errors

# Fields that Odoo sets itself: who made and changed a record, and when.
UNTOLD = {"id", "create_uid", "create_date", "write_uid", "write_date", "parent_path"}
# Maximum number of records in the report; the others are counted.
MOST_RECORDS = 500
# Number of records whose values are read together.
PORTION = 200
BEGIN = "SELECT pg_catalog.current_setting('track_counts') = 'on', pg_catalog.pg_export_snapshot(), " + FIRST_UNSEEN
ROWS = "SELECT pg_catalog.to_jsonb(t) FROM ONLY {table} t WHERE t.id = ANY(%(ids)s)"
# A deletion or a row lock sets xmax.
MARKED = "SELECT t.id FROM ONLY {table} t WHERE t.xmax::text <> '0'"
EXISTING = "SELECT t.id FROM ONLY {table} t WHERE t.id = ANY(%(ids)s)"
MARKED_PAIRS = "SELECT t.{one}, t.{other} FROM {table} t WHERE t.xmax::text <> '0'"
EXISTING_PAIRS = "SELECT t.{one}, t.{other} FROM {table} t WHERE t.{one} = ANY(%(ids)s)"
CHANGED_TABLES = """
    SELECT s.relname, s.n_tup_del > 0
    FROM pg_catalog.pg_stat_xact_user_tables s
    WHERE s.schemaname = 'public' AND s.n_tup_ins + s.n_tup_upd + s.n_tup_del > 0
    ORDER BY s.relname
"""
# Sequences of `ir.sequence` whose numbers are not rolled back: the last number, and the step.
SEQUENCES = r"""
    SELECT s.sequencename, COALESCE(s.last_value, s.start_value - s.increment_by), s.increment_by
    FROM pg_catalog.pg_sequences s
    WHERE s.schemaname = 'public' AND s.sequencename ~ '^ir_sequence_[0-9]+(_[0-9]+)?$'
"""


class DryRun:
    """One dry run, from right after the first statement of its transaction to its rollback.

    :param model: the model whose records are reported first
    :param timeout_ms: time limit of a statement, also of those that read the state before the call
    """

    def __init__(self, env, new_cursor, model, timeout_ms):
        self.env = env
        self.cr = env.cr
        self.new_cursor = new_cursor
        self.model = model
        self.timeout_ms = timeout_ms
        self.others = self.more = self.mails = 0
        self.records = []
        self.untold = set()
        self.relations = {}
        self._before = self._then = None

    def __enter__(self):
        self.cr.execute(BEGIN)
        counts, snapshot, self.base = self.cr.fetchone()
        if not counts:
            raise errors.CannotTry("PostgreSQL does not count what is written (track_counts is off).")
        self._before = compat.fresh_cursor(self.new_cursor)
        try:
            self._before.execute("SET TRANSACTION SNAPSHOT %s", (snapshot,))
            # It may wait for a lock that the call holds: PostgreSQL cannot detect that this wait would never end.
            self._before.execute(
                "SELECT pg_catalog.set_config('statement_timeout', %s, true)", (str(self.timeout_ms),)
            )
            self._then = compat.user_environment(self._before, self.env.uid, dict(self.env.context))
            self.sequences = self._sequences()
        except Exception:
            self._before.close()
            raise
        return self

    def __exit__(self, *exc_info):
        self._before.rollback()
        self._before.close()

    def report(self):
        """Return the changes of the transaction for the core, which removes those that the policy hides."""
        tables = {
            model._table: model._name for model in self.env.registry.values() if model._auto and not model._abstract
        }
        self.cr.execute(CHANGED_TABLES)
        changed = [row for row in self.cr.fetchall() if not row[0].startswith("mcp_") or row[0] in tables]
        changed.sort(key=lambda row: tables.get(row[0]) != self.model)
        for table, deletes in changed:
            if table in tables:
                self._table(table, self.env[tables[table]], deletes)
        for table, _deletes in changed:
            if table not in tables:
                self._relation(table)
        self._tell_relations()
        return {
            "records": self.records[:MOST_RECORDS],
            "more": self.more + max(len(self.records) - MOST_RECORDS, 0),
            "others": self.others,
            "mails": self.mails,
            "sequences": self._used(),
        }

    # -- rows --------------------------------------------------------------------------------------

    def _table(self, table, model, deletes):
        ours = self._ids(self.cr, IDS_OF_OURS, {"base": self.base}, table=table)
        gone = set()
        if deletes:
            # This transaction sees which of the marked rows are deleted.
            marked = self._ids(self._before, MARKED, table=table) - ours
            gone = marked - self._ids(self.cr, EXISTING, {"ids": list(marked)}, table=table)
        if model._name == "mail.mail":
            self.mails = len(ours - self._ids(self._before, EXISTING, {"ids": list(ours)}, table=table))
        numbers = sorted(ours | gone)
        fields = self._fields(model)
        for start in range(0, len(numbers), PORTION):
            if len(self.records) >= MOST_RECORDS:
                self.more += len(numbers) - start
                self.untold.update((model._name, number) for number in numbers[start:])
                break
            self._portion(table, model, fields, numbers[start : start + PORTION])

    def _portion(self, table, model, fields, numbers):
        before = self._rows(self._before, table, numbers)
        after = self._rows(self.cr, table, numbers)
        # Records that the user could not read before, or can no longer read, are not reported.
        unreadable = before.keys() - self._readable(self._then[model._name], list(before))
        unreadable |= after.keys() - self._readable(self.env[model._name], list(after))
        told = []
        for number in sorted({*after, *before}):
            old, new = before.get(number), after.get(number)
            change = "changed" if old and new else "created" if new else "deleted"
            pairs = {
                name: (convert(old), convert(new))
                for name, column, convert in fields
                if not (old and new) or old.get(column) != new.get(column)
            }
            if change == "changed":
                pairs = {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
                if not pairs:
                    continue
            if number in unreadable:
                self.others += 1
                self.untold.add((model._name, number))
                continue
            record = {"model": model._name, "id": number, "change": change}
            if change != "created":
                record["before"] = {name: pair[0] for name, pair in pairs.items()}
            if change != "deleted":
                record["after"] = {name: pair[1] for name, pair in pairs.items()}
            told.append(record)
        self._name(model, told)
        self.records += told

    def _ids(self, cr, query, parameters=None, **names):
        return {row[0] for row in select(cr, query, parameters, **names)}

    def _rows(self, cr, table, ids):
        if not ids:
            return {}
        return {row["id"]: row for (row,) in select(cr, ROWS, {"ids": ids}, table=table)}

    def _readable(self, model, ids):
        if not ids or not compat.has_model_access(model, "read"):
            return set()
        found = compat.readable_records(model.browse(ids))
        # Before Odoo 18 the line above ignores access checks that messages, files and others make in code.
        return set((found if _passes(found) else found.filtered(_passes)).ids)

    def _name(self, model, records):
        """Return names as Odoo shows them. A name that fails does not affect the rest of the report."""
        named = {record["id"]: record for record in records if record["change"] != "deleted"}
        with contextlib.suppress(Exception), self.cr.savepoint(flush=False):
            names = [(found.id, found.display_name) for found in model.browse(named)]
            for number, name in names:
                named[number]["name"] = name

    def _fields(self, model):
        """Return stored fields that the user may read, each with its column and a converter from the column's value."""
        names = [
            name
            for name, field in model._fields.items()
            if field.store and field.column_type and name not in UNTOLD
        ]
        return [(name, name, _reader(model._fields[name], self.env)) for name in compat.readable_fields(model, names)]

    # -- many-to-many ------------------------------------------------------------------------------

    def _relation(self, table):
        field = next(
            (
                field
                for model in self.env.registry.values()
                if not model._abstract
                for field in model._fields.values()
                if field.type == "many2many" and field.store and field.relation == table and not field.inherited
            ),
            None,
        )
        if field is None:
            return
        names = {"table": table, "one": field.column1, "other": field.column2}
        added = set(select(self.cr, PAIRS_OF_OURS, {"base": self.base}, **names))
        marked = set(select(self._before, MARKED_PAIRS, **names))
        ids = [number for number, _related in marked]
        removed = marked - set(select(self.cr, EXISTING_PAIRS, {"ids": ids}, **names))
        for change, env, pairs in (("added", self.env, added - marked), ("removed", self._then, removed)):
            readable = self._readable(env[field.comodel_name], list({related for _number, related in pairs}))
            for number, related in sorted(pairs):
                links = self.relations.setdefault((field.model_name, number), {}).setdefault(field.name, {})
                if related in readable and (field.comodel_name, related) not in self.untold:
                    links.setdefault(change, []).append(related)

    def _tell_relations(self):
        known = {(record["model"], record["id"]): record for record in self.records}
        for (name, number), links in sorted(self.relations.items()):
            if (name, number) in self.untold:
                continue
            model = self.env[name]
            links = {field: links[field] for field in compat.readable_fields(model, list(links)) if links[field]}
            record = known.get((name, number))
            if record is None:
                readable = self._readable(model, [number]) and self._readable(self._then[name], [number])
                if not links or not readable:
                    self.others += 1
                    continue
                record = {"model": name, "id": number, "change": "changed"}
                self.records.append(record)
                self._name(model, [record])
            record["links"] = links

    # -- sequences ---------------------------------------------------------------------------------

    def _sequences(self):
        # The position of a sequence is the same for every transaction.
        self.cr.execute(SEQUENCES)
        return {name: (value, step) for name, value, step in self.cr.fetchall()}

    def _used(self):
        used = {}
        for name, (value, step) in self._sequences().items():
            # A sequence that the call has created is rolled back with it.
            start, _step = self.sequences.get(name, (value, step))
            if value != start:
                number = int(re.match(r"ir_sequence_(\d+)", name)[1])
                used[number] = used.get(number, 0) + max((value - start) // step, 1)
        names = {sequence.id: sequence.name for sequence in self.env["ir.sequence"].sudo().browse(used).exists()}
        return [{"name": names.get(number, str(number)), "numbers": count} for number, count in sorted(used.items())]


def _passes(records):
    try:
        compat.check_record_access(records, "read")
    except (AccessError, MissingError):
        return False
    return True


def _reader(field, env):
    """Return a converter to the field's value from its column's, in the form of ``to_jsonb``."""
    if field.type == "binary":
        return lambda row: None if not row or row.get(field.name) is None else "(file)"
    if field.type == "datetime":
        return lambda row: (row or {}).get(field.name) and row[field.name].replace("T", " ")[:19]
    if getattr(field, "company_dependent", False):
        company = str(env.company.id)
        return lambda row: ((row or {}).get(field.name) or {}).get(company)
    if field.translate:
        lang = env.lang or "en_US"

        def translated(row):
            texts = (row or {}).get(field.name)
            return texts.get(lang, texts.get("en_US")) if isinstance(texts, dict) else texts

        return translated
    return lambda row: (row or {}).get(field.name)

