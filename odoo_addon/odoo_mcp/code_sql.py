# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Which columns the SQL in a method's source reads, as far as it is written out."""

import re

TABLE = re.compile(r'\b(?:from|join)\s+"?([a-z_][a-z0-9_]*)"?(?:\s+(?:as\s+)?"?([a-z_][a-z0-9_]*)"?)?', re.I)
WORD = re.compile(r'(?:"?\b([a-z_][a-z0-9_]*)"?\.)?"?\b([a-z_][a-z0-9_]*)\b', re.I)
# After these words columns are shown, and after those they decide which rows are.
SHOWING = {"select", "returning"}
DECIDING = {"where", "on", "using", "having", "group", "order"}
# What can stand behind a table and is no other name of it.
NO_ALIAS = {
    *("on", "using", "where", "group", "order", "having", "limit", "offset", "union", "intersect", "except", "window"),
    *("inner", "left", "right", "full", "cross", "natural", "join", "lateral", "set", "as", "returning", "for"),
}


class Statements:
    """The texts of one method that look like SQL."""

    def __init__(self):
        self._texts = {}

    def add(self, text):
        """Keep a text if there is a table in it."""
        if len(text) > 12 and TABLE.search(text):
            self._texts[text] = None

    def columns(self, tables, registry):
        """``(model, field, decides)`` of each column that the texts read.

        :param tables: names of models by their tables
        """
        for text in self._texts:
            called = {}
            for match in TABLE.finditer(text):
                table, alias = match[1], match[2]
                if table in tables:
                    called[table] = tables[table]
                    if alias and alias.lower() not in NO_ALIAS:
                        called[alias] = tables[table]
            if called:
                yield from _columns(text, called, registry)


def _columns(text, called, registry):
    decides = False
    for qualifier, word in WORD.findall(text):
        if word.lower() in SHOWING or word.lower() in DECIDING:
            decides = word.lower() in DECIDING
        for model in dict.fromkeys([called.get(qualifier)] if qualifier else called.values()):
            if model is None:
                continue
            field = registry[model]._fields.get(word)
            if field is not None and field.store and not field.comodel_name and word != "id":
                yield model, word, decides
