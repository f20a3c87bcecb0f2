# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Pages of a search by keyset: what comes after a record in an order, as a domain, and a record's values in it.

The core chooses the order; here is what only Odoo knows: whether it orders and searches the model by the columns alone.
Values travel as PostgreSQL writes them, so that none is rounded: Odoo's domains lose what is less than a second.
"""

from . import compat


class Keyset:
    """An order by columns of a model, down to the id."""

    def __init__(self, model, terms):
        """:param terms: ``[field, whether it descends, whether nulls come first]``, the last one the id's"""
        self.model = model
        self.terms = terms

    def is_usable(self):
        """Whether what comes after a record is exactly what the values of its columns say."""
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
        """``domain``, and after the record with the values ``after``."""
        return compat.domain_with_sql(
            self.model, domain, lambda model, alias, query: self._condition(model, alias, query, after)
        )

    def _condition(self, model, alias, query, after):
        """SQL text and parameters, made from the last term backwards: beyond it, or the same and beyond the next."""
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
            # Nothing follows the last of the nulls.
            parts = beyond or [("FALSE", [])]
            text = "(" + " OR ".join(part for part, _params in parts) + ")"
            params = [param for _part, own_params in parts for param in own_params]
        return text, params

    def keys(self, ids):
        """The values of records, by their ids as texts: JSON has no other names."""
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
    """The type to read a value as; of texts the one without a length."""
    name = field.column_type[0]
    return "text" if name in ("varchar", "jsonb") else name
