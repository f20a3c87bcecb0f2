# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Checks record domains of the policy against their model. The core parses them and never executes them."""

import difflib
import json

from odoo import _
from odoo.exceptions import UserError, ValidationError

from .. import core

NESTED = ("any", "not any")


class PolicyDomain:
    """A domain of ``model`` written as the Python literal ``text``.

    :raises ValidationError: when it is no literal, no domain, or names a field that the model does not have
    """

    def __init__(self, env, model, text):
        self.env = env
        self.model = model
        found = core.validate(env.cr, "record_domain", text)
        if found.get("problem") or "terms" not in found:
            problem = found.get("problem") or _("the PostgreSQL extension odoo_mcp is missing.")
            raise ValidationError(_("The domain is not valid: %s", problem))
        self.terms = found["terms"]
        self._check(self.terms, model)

    def as_json(self):
        """Return the domain as JSON text, with ``{"var": "uid"}`` in place of a variable."""
        return json.dumps(self.terms)

    def try_out(self):
        """Search for one record with it, so that errors of Odoo and PostgreSQL appear now."""
        values = {"uid": self.env.uid, "company_id": self.env.company.id, "company_ids": self.env.companies.ids}
        domain = _filled(self.terms, values)
        try:
            with self.env.cr.savepoint():
                self.env[self.model].sudo().with_context(active_test=False).search(domain, limit=1)
        except UserError as error:
            raise ValidationError(_("Odoo rejects this domain: %s", error)) from error
        except Exception as error:
            # Whatever a field's own search method does: a domain that fails is invalid.
            raise ValidationError(_("This domain fails: %s", str(error).split("\n", 1)[0])) from error

    def _check(self, terms, model):
        for term in terms:
            if isinstance(term, list) and isinstance(term[0], str):
                path, operator, value = term
                field = self._field(path, model)
                if operator in NESTED:
                    if not field.relational:
                        raise ValidationError(
                            _("%(path)s: %(operator)s needs a relation.", path=path, operator=operator)
                        )
                    self._check(value, field.comodel_name)

    def _field(self, path, model):
        """Return the last field of a dotted ``path`` from ``model``."""
        field = None
        for name in path.split("."):
            if field is not None and not field.relational:
                raise ValidationError(
                    _("%(path)s: no field can follow %(field)s, which is not relational.", path=path, field=field.name)
                )
            names = self.env[field.comodel_name if field else model]._fields
            if name not in names:
                near = difflib.get_close_matches(name, names, 1)
                raise ValidationError(
                    _(
                        "The model %(model)s has no field %(field)s.%(hint)s",
                        model=field.comodel_name if field else model,
                        field=name,
                        hint=_(" Did you mean %s?", near[0]) if near else "",
                    )
                )
            field = names[name]
        return field


def _filled(item, values):
    """Return terms with the values of their variables."""
    if isinstance(item, dict):
        return values[item["var"]]
    return [_filled(part, values) for part in item] if isinstance(item, list) else item
