# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Finds the columns that the SQL in a method's source reads, as far as the SQL is literal text."""

import re

TABLE = re.compile(r'\b(?:from|join)\s+"?([a-z_][a-z0-9_]*)"?(?:\s+(?:as\s+)?"?([a-z_][a-z0-9_]*)"?)?', re.I)
WORD = re.compile(r'(?:"?\b([a-z_][a-z0-9_]*)"?\.)?"?\b([a-z_][a-z0-9_]*)\b', re.I)
SELECT = re.compile(r"\bselect\b", re.I)
# After these keywords columns are shown; after the others columns decide which rows are.
SHOWING = {"select", "returning"}
DECIDING = {"where", "on", "using", "having", "group", "order"}
# Words after a table name that are not its alias.
NO_ALIAS = {
    *("on", "using", "where", "group", "order", "having", "limit", "offset", "union", "intersect", "except", "window"),
    *("inner", "left", "right", "full", "cross", "natural", "join", "lateral", "set", "as", "returning", "for"),
}


class Statements:
    """The texts of one method that look like SQL."""

    def __init__(self):
        self._texts = {}

    def add(self, text):
        """Keep a text if it names a table."""
        if len(text) > 12 and TABLE.search(text):
            self._texts[text] = None

    def columns(self, tables, registry):
        """Return ``(model, field, decides)`` of each column that the texts read.

        :param tables: names of models by table
        """
        for text in self._texts:
            called = {}
            for match in TABLE.finditer(text):
                table, alias = match[1], match[2]
                if table in tables:
                    called[table] = tables[table]
                    if alias and alias.lower() not in NO_ALIAS:
                        called[alias] = tables[table]
            yield from _columns(text, called, tables, registry)


def _columns(text, called, tables, registry):
    decides, before = False, ""
    is_one = len(SELECT.findall(text)) < 2
    for qualifier, word in WORD.findall(text):
        if word.lower() in SHOWING or word.lower() in DECIDING:
            decides = word.lower() in DECIDING
        # The text may receive a table name where tables are listed, and name the table in full where its columns are.
        named = [called.get(qualifier) or tables.get(qualifier)] if qualifier else called.values()
        found = [model for model in dict.fromkeys(named) if model and _is_column(registry[model], word)]
        # In one statement a column without a qualifier belongs to one table; a name that two tables have is an alias.
        if before != "as" and (len(found) == 1 or not is_one):
            yield from ((model, word, decides) for model in found)
        before = word.lower()


def _is_column(model, word):
    field = model._fields.get(word)
    return field is not None and field.store and not field.comodel_name and word != "id"
