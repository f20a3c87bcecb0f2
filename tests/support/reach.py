"""Finds the fields, wizards and records through which a caller can reach a model. The generated tests use each of them.

They come from Odoo's own tables (``ir.model.fields``) and from the facts that the addon exports.
"""

import json
from dataclasses import dataclass, field

# Plain text fields of every model that a test can change in SQL, without fields whose names have a special meaning.
TEXTS = """
    SELECT m.model, f.name AS field
    FROM ir_model m JOIN ir_model_fields f ON f.model_id = m.id
    WHERE NOT m.transient AND NOT coalesce(m.abstract, false) AND m.model NOT LIKE 'mcp.%%'
      AND f.ttype IN ('char', 'text') AND f.store AND f.related IS NULL AND f.compute IS NULL
      AND f.name !~ 'token|secret|pass|key|code|_id$'
      AND NOT EXISTS (SELECT FROM jsonb_array_elements(mcp_closed_models()) c WHERE c ->> 'model' = m.model
                      AND (c ->> 'read')::boolean)
      AND EXISTS (SELECT FROM information_schema.columns c
                  WHERE c.table_name = replace(m.model, '.', '_') AND c.column_name = f.name
                    AND c.data_type IN ('character varying', 'text')
                    AND coalesce(c.character_maximum_length, 20) >= 20)
    ORDER BY m.model, f.name = 'name' DESC, f.name"""
# Stored relations from other models to one model.
RELATIONS = """
    SELECT f.model, f.name AS field, f.ttype
    FROM ir_model_fields f JOIN ir_model m ON m.id = f.model_id
    WHERE f.relation = %s AND f.ttype = ANY(%s) AND f.model <> f.relation AND NOT m.transient
      AND NOT coalesce(m.abstract, false) AND f.name NOT IN ('create_uid', 'write_uid')
      AND (f.ttype = 'one2many' OR f.store) AND f.model NOT LIKE 'mcp.%%'
    ORDER BY f.model, f.name"""
# Wizards that have a relation to a model.
WIZARDS = """
    SELECT f.model, f.name AS field FROM ir_model_fields f JOIN ir_model m ON m.id = f.model_id
    WHERE f.relation = %s AND f.ttype = 'many2one' AND f.store AND m.transient AND f.model NOT LIKE 'mcp.%%'
    ORDER BY 1, 2"""
# Odoo fills in computed fields.
REQUIRED = """
    SELECT f.name, f.ttype, f.relation, (SELECT s.value FROM ir_model_fields_selection s
                                         WHERE s.field_id = f.id ORDER BY s.sequence, s.id LIMIT 1) AS choice
    FROM ir_model_fields f WHERE f.model = %s AND f.required AND f.store AND f.name <> 'id'
      AND NOT EXISTS (SELECT FROM mcp_field_dependency d WHERE d.model = f.model AND d.field = f.name)"""
PLAIN = {"char": "x", "text": "x", "html": "x", "integer": 1, "float": 1, "monetary": 1, "date": "2026-01-05"}
PLAIN |= {"datetime": "2026-01-05T09:00:00Z"}
MADE_OF = """
    SELECT DISTINCT d.model, d.field, NOT d.related AND NOT d.beyond AS by_code
    FROM mcp_field_dependency d JOIN ir_model_fields f ON f.model = d.model AND f.name = d.field
      JOIN ir_model m ON m.id = f.model_id
    WHERE d.on_model = %s AND d.on_field = %s AND d.model <> d.on_model AND NOT m.transient
    ORDER BY 1, 2"""
LINKS = "SELECT model, field, other FROM mcp_model_fact WHERE kind = 'inherits' AND %s IN (model, other)"
CHANGED_BY = """
    SELECT c.model, c.field FROM mcp_model_fact c JOIN ir_model_fields f ON f.model = c.model AND f.name = c.field
    WHERE c.kind IN ('changes', 'inherited') AND c.other = %s AND f.ttype IN ('char', 'text') ORDER BY 1, 2"""


def table(model):
    """The table name of a model that uses the default name."""
    return model.replace(".", "_")


@dataclass
class Target:
    """A record of a model, and one of its text fields, which the test hides."""

    model: str
    field: str
    record: int
    referring: list = field(default_factory=list)  # (model, many2one field, record)
    listing: list = field(default_factory=list)  # (model, one2many or many2many field, record)
    made: list = field(default_factory=list)  # (model, field, record, whether only code shows the dependency)
    naming: list = field(default_factory=list)  # (model, many2one field, values of a new record as JSON)
    wizards: list = field(default_factory=list)  # same format
    parents: list = field(default_factory=list)  # (model, record) of records that inherit from it by delegation
    changed_by: list = field(default_factory=list)  # (model, field, record)


class Catalogue:
    """Finds the ways to the models of one database."""

    def __init__(self, db, client):
        self.db = db
        self.client = client  # a client without restrictions
        self.tables = {
            row["tablename"] for row in db.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        }
        # The column of a company-dependent field contains no number.
        columns = "SELECT table_name, column_name FROM information_schema.columns WHERE data_type = 'integer'"
        self.numbers = {(row["table_name"], row["column_name"]) for row in db.rows(columns)}
        self.texts = {}
        for row in db.rows(TEXTS):
            self.texts.setdefault(row["model"], []).append(row["field"])

    def models(self):
        """Models that can be targets."""
        return sorted(self.texts)

    def target(self, model):
        """The last record of a model with all paths to it. None for a model without records."""
        record = self._some(model)
        if record is None:
            return None
        target = Target(model, self.texts[model][0], record)
        for row in self.db.rows(RELATIONS, model, ["many2one"]):
            other = self._where(row["model"], row["field"], record)
            if other:
                target.referring.append((row["model"], row["field"], other))
            target.naming.append((row["model"], row["field"], self._new(row["model"], row["field"], record)))
        for row in self.db.rows(RELATIONS, model, ["one2many", "many2many"]):
            other = self._some(row["model"])
            if other:
                target.listing.append((row["model"], row["field"], other))
        known = {name: number for name, _field, number in target.referring}
        for row in self.db.rows(MADE_OF, model, target.field):
            other = known.get(row["model"]) or self._some(row["model"])
            if other:
                target.made.append((row["model"], row["field"], other, row["by_code"]))
        for row in self.db.rows(WIZARDS, model):
            target.wizards.append((row["model"], row["field"], self._new(row["model"], row["field"], record)))
        target.parents = list(self._one_with(model, record))
        for row in self.db.rows(CHANGED_BY, model):
            other = self._some(row["model"])
            if other:
                target.changed_by.append((row["model"], row["field"], other))
        return target

    def _new(self, model, name, record):
        """Values for a new record of `model` that refers to `record`. Copies required values from the last record, or
        invents them."""
        last = {}
        if table(model) in self.tables:
            last = self.db.value(f'SELECT to_jsonb(t) FROM "{table(model)}" t ORDER BY t.id DESC LIMIT 1') or {}
        values = {}
        for row in self.db.rows(REQUIRED, model):
            value = last.get(row["name"])
            value = value.get("en_US") if isinstance(value, dict) else value
            value = self._made_up(row) if value is None else value
            if value is not None:
                values[row["name"]] = value
        return json.dumps(values | {name: record})

    def _made_up(self, row):
        if row["ttype"] == "many2one":
            return self._some(row["relation"])
        if row["ttype"] in ("one2many", "many2many"):
            some = self._some(row["relation"])
            return some and [[6, 0, [some]]]
        return row["choice"] if row["ttype"] == "selection" else PLAIN.get(row["ttype"])

    def _some(self, model):
        if table(model) not in self.tables:
            return None
        return self.db.value(f'SELECT max(id) FROM "{table(model)}"')

    def _where(self, model, column, record):
        if table(model) not in self.tables or (table(model), column) not in self.numbers:
            return None
        return self.db.value(f'SELECT max(id) FROM "{table(model)}" WHERE "{column}" = %s', record)

    def _one_with(self, model, record):
        for link in self.db.rows(LINKS, model):
            if link["model"] == model:
                # Some fields are computed, for example the current version of an employee.
                ask = {"model": model, "ids": [record], "fields": [link["field"]]}
                value = self.client.result("read", ask)["rows"][0][-1]
                yield link["other"], value and value[0]
            else:
                yield link["model"], self._where(link["model"], link["field"], record)
