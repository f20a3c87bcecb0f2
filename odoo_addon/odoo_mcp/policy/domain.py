# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Parses record domains of the policy as literals, never executes them, and checks them against the model."""

import ast
import difflib
import json
import math

from odoo import _
from odoo.exceptions import UserError, ValidationError

# Names that stand for values of the calling user; the core inserts these.
VARIABLES = ("uid", "company_id", "company_ids")
CONNECTIVES = {"&": 2, "|": 2, "!": 1}
OPERATORS = (
    *("=", "!=", "<", ">", "<=", ">=", "=?", "in", "not in", "child_of", "parent_of", "any", "not any"),
    *("like", "ilike", "not like", "not ilike", "=like", "=ilike", "not =like", "not =ilike"),
)
LONGEST = 10000


class Variable:
    """A bare name in a domain, such as ``uid``."""

    def __init__(self, name):
        self.name = name


class PolicyDomain:
    """A domain of ``model`` written as the Python literal ``text``.

    :raises ValidationError: when it is no literal, no domain, or not valid for that model
    """

    def __init__(self, env, model, text):
        self.env = env
        self.model = model
        if len(text) > LONGEST:
            raise ValidationError(_("A domain can have at most %s characters.", LONGEST))
        self.terms = self._read(text)
        self._check(self.terms, model)

    def as_json(self):
        """Return the domain as JSON text, with ``{"var": "uid"}`` in place of a variable."""
        return json.dumps(self._with(lambda name: {"var": name}))

    def try_out(self):
        """Search for one record with it, so that errors of Odoo and PostgreSQL appear now."""
        values = {"uid": self.env.uid, "company_id": self.env.company.id, "company_ids": self.env.companies.ids}
        domain = self._with(values.get)
        try:
            with self.env.cr.savepoint():
                self.env[self.model].sudo().with_context(active_test=False).search(domain, limit=1)
        except UserError as error:
            raise ValidationError(_("Odoo rejects this domain: %s", error)) from error
        except Exception as error:
            # Whatever a field's own search method does: a domain that fails is invalid.
            raise ValidationError(_("This domain fails: %s", str(error).split("\n", 1)[0])) from error

    # -- text to terms -----------------------------------------------------------------------------

    def _read(self, text):
        try:
            tree = ast.parse(text.strip(), mode="eval").body
            terms = self._literal(tree)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            raise ValidationError(
                _("The domain is not valid: %s", getattr(error, "msg", None) or _("the syntax is not valid"))
            ) from error
        if not isinstance(terms, list):
            raise ValidationError(_("A domain is a list, such as [('active', '=', True)]."))
        return terms

    def _literal(self, node):
        """Return the value of a literal. Nothing is looked up or called."""
        if isinstance(node, (ast.List, ast.Tuple)):
            return [self._literal(item) for item in node.elts]
        if isinstance(node, ast.Constant) and isinstance(node.value, (str, int, float, type(None))):
            return self._finite(node.value)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            value = self._literal(node.operand)
            if isinstance(value, (int, float)) and not isinstance(value, bool):
                return -value
        if isinstance(node, ast.Name):
            if node.id in VARIABLES:
                return Variable(node.id)
            raise ValidationError(
                _(
                    "The name %(name)s is unknown. Write texts in quotation marks. The names for values of the calling "
                    "user are %(known)s.",
                    name=node.id,
                    known=", ".join(VARIABLES),
                )
            )
        raise ValidationError(
            _(
                "A domain can contain only lists, texts, numbers, True, False, None and the names %(known)s. Something "
                "else is at line %(line)s, column %(column)s.",
                known=", ".join(VARIABLES),
                line=getattr(node, "lineno", 1),
                column=getattr(node, "col_offset", 0) + 1,
            )
        )

    def _finite(self, value):
        if isinstance(value, float) and not math.isfinite(value):
            raise ValidationError(_("A number in the domain is too large."))
        if isinstance(value, str) and "\0" in value:
            raise ValidationError(_("A text in the domain contains a NUL character."))
        return value

    # -- terms against the model -------------------------------------------------------------------

    def _check(self, terms, model):
        missing = 1
        for number, term in enumerate(terms):
            if missing == 0:
                missing = 1  # the terms of a list are joined with "and"
            if isinstance(term, str):
                if term not in CONNECTIVES:
                    raise ValidationError(
                        _("Term %(number)s of the domain, %(term)r, must be &, | or !.", number=number + 1, term=term)
                    )
                missing += CONNECTIVES[term] - 1
            else:
                self._check_leaf(number + 1, term, model)
                missing -= 1
        if terms and missing:
            raise ValidationError(_("The domain ends too early. Its last &, | or ! has too few terms."))

    def _check_leaf(self, number, leaf, model):
        if not isinstance(leaf, list) or len(leaf) != 3:
            raise ValidationError(_("Term %s of the domain must be a field, an operator and a value.", number))
        path, operator, value = leaf
        if path in (0, 1) and operator == "=" and value == 1:
            return
        if not isinstance(path, str):
            raise ValidationError(_("Term %s of the domain must start with a field name.", number))
        if operator not in OPERATORS:
            raise ValidationError(
                _(
                    "Term %(number)s of the domain: %(operator)r is not an operator. Valid operators: %(known)s.",
                    number=number,
                    operator=operator.name if isinstance(operator, Variable) else operator,
                    known=", ".join(OPERATORS),
                )
            )
        field = self._field(path, model)
        if operator in ("any", "not any"):
            if not field.relational or not isinstance(value, list):
                raise ValidationError(
                    _(
                        "Term %(number)s of the domain: %(operator)s needs a relational field and a domain.",
                        number=number,
                        operator=operator,
                    )
                )
            self._check(value, field.comodel_name)
        else:
            self._check_value(number, value)

    def _check_value(self, number, value):
        """Check that a value is plain or a list of plain values; a variable that is a list must stand alone."""
        for item in value if isinstance(value, list) else ():
            if isinstance(item, list) or (isinstance(item, Variable) and item.name == "company_ids"):
                raise ValidationError(
                    _(
                        "Term %s of the domain: a list can contain only plain values. To combine company_ids with "
                        "another value, write two terms with | before them.",
                        number,
                    )
                )

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

    def _with(self, values):
        """Return the terms with each variable replaced by its value in ``values``."""

        def filled(item):
            if isinstance(item, Variable):
                return values(item.name)
            return [filled(part) for part in item] if isinstance(item, list) else item

        return filled(self.terms)
