# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a call would change, read from the database itself before the call is rolled back.

The call's transaction exports its snapshot; a second one imports it and so sees exactly the state before the call. What
differs between the two is what the call has done, whatever code did it and however: by the ORM, in SQL, by triggers.
"""

import contextlib
import re
import socket
import threading

from psycopg2 import sql

from . import compat, errors

# Odoo says itself who made and changed a record, and when.
UNTOLD = {"id", "create_uid", "create_date", "write_uid", "write_date", "parent_path"}
# Records that are told of; the others are counted.
MOST_RECORDS = 500
# A row is this transaction's when its xmin is not before the first transaction that its snapshot does not show:
# whatever else is that new cannot be seen. Transaction ids go round, hence the modulo.
OURS = "mod(t.xmin::text::bigint - %(base)s + 4294967296, 4294967296) < 2147483648 AND t.xmin::text::bigint > 2"
ROWS_OF_OURS = "SELECT to_jsonb(t) FROM ONLY {table} t WHERE {ours} ORDER BY t.id"
ROWS = "SELECT to_jsonb(t) FROM ONLY {table} t WHERE t.id = ANY(%(ids)s)"
# Whoever deletes or locks a row leaves a mark on it.
MARKED = "SELECT t.id FROM ONLY {table} t WHERE t.xmax::text <> '0'"
EXISTING = "SELECT t.id FROM ONLY {table} t WHERE t.id = ANY(%(ids)s)"
PAIRS_OF_OURS = "SELECT t.{one}, t.{other} FROM {table} t WHERE {ours}"
MARKED_PAIRS = "SELECT t.{one}, t.{other} FROM {table} t WHERE t.xmax::text <> '0'"
EXISTING_PAIRS = "SELECT t.{one}, t.{other} FROM {table} t WHERE t.{one} = ANY(%(ids)s)"
CHANGED_TABLES = """
    SELECT s.relname, s.n_tup_del > 0
    FROM pg_catalog.pg_stat_xact_user_tables s
    WHERE s.schemaname = 'public' AND s.n_tup_ins + s.n_tup_upd + s.n_tup_del > 0
    ORDER BY s.relname
"""
# Sequences of `ir.sequence` that give numbers for good, even to what is rolled back.
SEQUENCES = r"""
    SELECT s.sequencename, COALESCE(s.last_value, 0)
    FROM pg_catalog.pg_sequences s
    WHERE s.schemaname = 'public' AND s.sequencename ~ '^ir_sequence_[0-9]+(_[0-9]+)?$'
"""


class Trial:
    """One call that is tried, from right after the first statement of its transaction to its rollback."""

    def __init__(self, env, new_cursor):
        self.env = env
        self.cr = env.cr
        self.others = self.more = 0
        self.records = []
        self.relations = {}
        self.new_cursor = new_cursor
        self._before = None

    def __enter__(self):
        self.cr.execute(
            "SELECT pg_catalog.current_setting('track_counts') = 'on', pg_catalog.pg_export_snapshot(),"
            " mod(pg_catalog.pg_snapshot_xmax(pg_catalog.pg_current_snapshot())::text::bigint, 4294967296)"
        )
        counts, snapshot, self.base = self.cr.fetchone()
        if not counts:
            raise errors.CannotTry("PostgreSQL does not count what is written (track_counts is off).")
        self._before = compat.fresh_cursor(self.new_cursor)
        self._before.execute("SET TRANSACTION SNAPSHOT %s", (snapshot,))
        self.sequences = self._sequences()
        return self

    def __exit__(self, *exc_info):
        self._before.rollback()
        self._before.close()

    def report(self):
        """What the transaction has changed: for the core, which leaves out what the policy hides."""
        tables = {
            model._table: model._name for model in self.env.registry.values() if model._auto and not model._abstract
        }
        self.cr.execute(CHANGED_TABLES)
        changed = [row for row in self.cr.fetchall() if not row[0].startswith("mcp_") or row[0] in tables]
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
            "mails": sum(record["model"] == "mail.mail" and record["change"] == "created" for record in self.records),
            "sequences": self._used(),
        }

    # -- rows --------------------------------------------------------------------------------------

    def _table(self, table, model, deletes):
        after = {row["id"]: row for (row,) in _select(self.cr, ROWS_OF_OURS, {"base": self.base}, table=table)}
        before = self._rows(self._before, table, list(after))
        if deletes:
            # Which of the marked ones are gone is seen from here.
            marked = [row[0] for row in _select(self._before, MARKED, table=table) if row[0] not in after]
            kept = {row[0] for row in _select(self.cr, EXISTING, {"ids": marked}, table=table)}
            before.update(self._rows(self._before, table, [number for number in marked if number not in kept]))
        then = compat.user_environment(self._before, self.env.uid, dict(self.env.context))
        readable = self._readable(self.env[model._name], list(after))
        readable |= self._readable(then[model._name], [number for number in before if number not in after])
        fields = self._fields(model)
        for number in sorted({*after, *before}):
            old, new = before.get(number), after.get(number)
            change = "changed" if old and new else "created" if new else "deleted"
            told = {
                name: (convert(old), convert(new))
                for name, column, convert in fields
                if not (old and new) or old.get(column) != new.get(column)
            }
            told = {name: pair for name, pair in told.items() if change != "changed" or pair[0] != pair[1]}
            if change == "changed" and not told:
                continue
            if number not in readable:
                self.others += 1
                continue
            record = {"model": model._name, "id": number, "change": change}
            if change != "created":
                record["before"] = {name: pair[0] for name, pair in told.items()}
            if change != "deleted":
                record["after"] = {name: pair[1] for name, pair in told.items()}
            self.records.append(record)
        self._name(self.env, [record for record in self.records if record["model"] == model._name])

    def _rows(self, cr, table, ids):
        if not ids:
            return {}
        return {row["id"]: row for (row,) in _select(cr, ROWS, {"ids": ids}, table=table)}

    def _readable(self, model, ids):
        if not ids or not compat.has_model_access(model, "read"):
            return set()
        return set(compat.readable_records(model.browse(ids)).ids)

    def _name(self, env, records):
        for record in records[:MOST_RECORDS]:
            if record["change"] == "deleted":
                continue
            with contextlib.suppress(Exception):
                record["name"] = env[record["model"]].browse(record["id"]).display_name

    def _fields(self, model):
        """Stored fields that the user may read, each with its column and what makes its value of the column's."""
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
                for field in model._fields.values()
                if field.type == "many2many" and field.store and field.relation == table and not field.inherited
            ),
            None,
        )
        if field is None:
            return
        names = {"table": table, "one": field.column1, "other": field.column2}
        added = set(_select(self.cr, PAIRS_OF_OURS, {"base": self.base}, **names))
        marked = set(_select(self._before, MARKED_PAIRS, **names))
        ids = [number for number, _related in marked]
        removed = marked - set(_select(self.cr, EXISTING_PAIRS, {"ids": ids}, **names))
        for change, pairs in (("added", added - marked), ("removed", removed)):
            for number, related in sorted(pairs):
                links = self.relations.setdefault((field.model_name, number), {}).setdefault(field.name, {})
                links.setdefault(change, []).append(related)

    def _tell_relations(self):
        known = {(record["model"], record["id"]): record for record in self.records}
        for (name, number), links in sorted(self.relations.items()):
            model = self.env[name]
            links = {field: links[field] for field in compat.readable_fields(model, list(links))}
            record = known.get((name, number))
            if record is None:
                if number not in self._readable(model, [number]):
                    self.others += 1
                    continue
                record = {"model": name, "id": number, "change": "changed"}
                self.records.append(record)
                self._name(self.env, [record])
            record["links"] = links

    # -- sequences ---------------------------------------------------------------------------------

    def _sequences(self):
        # Where a sequence stands is the same for every transaction.
        self.cr.execute(SEQUENCES)
        return dict(self.cr.fetchall())

    def _used(self):
        used = {}
        for name, value in self._sequences().items():
            if value != self.sequences.get(name, 0):
                number = int(re.match(r"ir_sequence_(\d+)", name)[1])
                used[number] = used.get(number, 0) + value - self.sequences.get(name, 0)
        names = {sequence.id: sequence.name for sequence in self.env["ir.sequence"].sudo().browse(used).exists()}
        return [{"name": names.get(number, str(number)), "numbers": count} for number, count in sorted(used.items())]


def _select(cr, query, parameters=None, **names):
    """All rows of a query whose ``names`` are identifiers."""
    identifiers = {name: sql.Identifier(identifier) for name, identifier in names.items()}
    cr.execute(sql.SQL(query).format(ours=sql.SQL(OURS), **identifiers), parameters or {})
    return cr.fetchall()


def _reader(field, env):
    """What makes the field's value of its column's, as ``to_jsonb`` gives it."""
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


class _Outside(threading.local):
    """Whether this thread may not reach the network at the moment, and where it wanted to."""

    forbidden = False
    wanted = None


_outside = _Outside()
_installed = threading.Lock()


@contextlib.contextmanager
def no_network():
    """Refuse every connection that Python code of this thread opens.

    :raises errors.Outside: at the attempt, and again at the end where the code has swallowed that
    """
    _install()
    _outside.forbidden, _outside.wanted = True, None
    try:
        yield
    finally:
        _outside.forbidden = False
    if _outside.wanted:
        raise errors.Outside(_outside.wanted)


def _install():
    # Only processes in which something has been tried have these in their way.
    with _installed:
        if hasattr(socket.socket.connect, "mcp_original"):
            return
        for owner, name in ((socket.socket, "connect"), (socket.socket, "connect_ex"), (socket.socket, "sendto")):
            setattr(owner, name, _guarded(getattr(owner, name), lambda sock, *args: (sock.family, args[-1])))
        socket.getaddrinfo = _guarded(socket.getaddrinfo, lambda host, *args, **more: (socket.AF_INET, (host,)))


def _guarded(original, describe):
    def guarded(*args, **more):
        if _outside.forbidden:
            family, address = describe(*args, **more)
            if family in (socket.AF_INET, socket.AF_INET6):
                _outside.wanted = _outside.wanted or ":".join(map(str, address[:2]))
                raise errors.Outside(_outside.wanted)
        return original(*args, **more)

    guarded.mcp_original = original
    return guarded
