# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Keyset pages of a search: the condition for records after a given one, and a record's key values.

The core chooses the order. This module knows only whether Odoo orders and searches the model by the columns alone.
Values are in PostgreSQL's text form, so that none is rounded: Odoo's domains lose fractions of a second.
"""

from .. import compat


class Keyset:
    """An order by columns of a model, ending with the id."""

    def __init__(self, model, terms):
        """:param terms: ``[field, whether it descends, whether nulls come first]``, the last one the id's"""
        self.model = model
        self.terms = terms

    def is_usable(self):
        """Whether column values alone decide which records follow a given one."""
        model = self.model
        return (
            compat.searches_plainly(model)
            and compat.orders_plainly(model)
            and model._auto
            and not model._table_query
            and all(self._is_column(model._fields.get(name)) for name, _descends, _nulls in self.terms)
        )

    def _is_column(self, field):
        if field is None or not field.store or not field.column_type or field.company_dependent:
            return False
        return not field.translate or compat.TRANSLATED_COLUMNS

    def domain(self, domain, after):
        """Return ``domain``, restricted to records after the one with the values ``after``."""
        return compat.domain_with_sql(
            self.model, domain, lambda model, alias, query: self._condition(model, alias, query, after)
        )

    def _condition(self, model, alias, query, after):
        """Return SQL text and parameters, built from the last term: beyond it, or equal and beyond the next."""
        text, params = "", []
        for (name, descends, nulls_first), value in reversed(list(zip(self.terms, after, strict=True))):
            column, own = compat.column_sql(model, alias, name, query)
            operator = "<" if descends else ">"
            literal = f"%s::{_type(model._fields[name])}"
            nullable = name != "id"
            if value is None:
                beyond = [(f"{column} IS NOT NULL", own)] if nulls_first else []
                same = (f"{column} IS NULL", own)
            else:
                beyond = [(f"{column} {operator} {literal}", [*own, value])]
                if nullable and not nulls_first:
                    beyond.append((f"{column} IS NULL", own))
                same = (f"{column} = {literal}", [*own, value])
            if text:
                beyond.append((f"({same[0]} AND {text})", [*same[1], *params]))
            # No value follows nulls that come last.
            parts = beyond or [("FALSE", [])]
            text = "(" + " OR ".join(part for part, _params in parts) + ")"
            params = [param for _part, own_params in parts for param in own_params]
        return text, params

    def keys(self, ids):
        """Return the key values of records, by id as text: JSON keys are strings."""
        model, columns, params = self.model, [], []
        for name, _descends, _nulls in self.terms:
            column, own = compat.column_sql(model, model._table, name, None)
            columns.append(f"{column}::text")
            params += own
        # Table and columns are names from the registry.
        query = f'SELECT id, {", ".join(columns)} FROM "{model._table}" WHERE id IN %s'  # noqa: S608
        model.env.cr.execute(query, (*params, tuple(ids)))
        return {str(row[0]): list(row[1:]) for row in model.env.cr.fetchall()}


def _type(field):
    """Return the type for reading a value; for texts the one without a length."""
    name = field.column_type[0]
    return "text" if name in ("varchar", "jsonb") else name
