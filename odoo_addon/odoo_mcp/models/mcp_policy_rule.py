# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import difflib
import logging
import re

import psycopg2

from odoo import Command, _, api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools.sql import column_exists

from ..policy.domain import PolicyDomain

_logger = logging.getLogger(__name__)

METHOD_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
# Marks writes of this module itself. No RPC caller can create this object.
OWN = object()
# Fields that are computed when a rule is saved and cannot be set.
MADE = ("model", "domain_json", "lost_allowed", "lost_hidden")
# Lists of fields, and the fields with the names of their removed members.
LISTS = {"allowed_field_ids": "lost_allowed", "hidden_field_ids": "lost_hidden"}
PERMISSIONS = ("perm_read", "perm_write", "perm_create", "perm_unlink", "perm_call")
PLAIN = (*PERMISSIONS, "allowed_methods", "blocked_methods", "domain")


class McpPolicyRule(models.AbstractModel):
    """Restrictions on one model in MCP. They only restrict what Odoo grants the user."""

    _name = "mcp.policy.rule"
    _inherit = "mcp.guarded.mixin"
    _description = "MCP Rule for a Model"
    _rec_name = "model"

    model_id = fields.Many2one(
        "ir.model",
        ondelete="set null",
        help="The model that this rule restricts. The rule remains when the model's app is uninstalled. It applies "
        "again when the app is reinstalled.",
    )
    model = fields.Char(
        "Technical Name",
        compute="_compute_model",
        store=True,
        readonly=True,
        help="The model name that clients and the audit log use.",
    )
    perm_read = fields.Boolean(
        "Read", default=True, help="Search, count and read records, if Odoo allows the user to do so."
    )
    perm_write = fields.Boolean("Write", default=True, help="Change records, if Odoo allows the user to do so.")
    perm_create = fields.Boolean("Create", default=True, help="Create records, if Odoo allows the user to do so.")
    perm_unlink = fields.Boolean("Delete", default=True, help="Delete records, if Odoo allows the user to do so.")
    perm_call = fields.Boolean(
        "Call Methods",
        default=True,
        help="Call the model's public methods, as buttons do, if Odoo allows the user to do so.",
    )
    allowed_methods = fields.Text(
        help="Names of methods and reports, one per line. If the list is not empty, clients can call and print only "
        "these. MCP cannot restrict what a method does with a record. Therefore, if any restriction applies, clients "
        "can call only the methods in this list, buttons of models without restrictions, and the methods that post "
        "messages or schedule activities on a record.",
    )
    blocked_methods = fields.Text(help="Names of methods and reports that clients cannot call or print, one per line.")
    domain = fields.Text(
        "Records",
        help="Clients can read, change and delete only records that match this domain. They cannot create a record "
        "outside the domain or move a record out of it. Write a literal such as [('user_id', '=', uid)]. uid, "
        "company_id and company_ids are values of the calling user. Leave it empty to allow all records.",
    )
    domain_json = fields.Text("Records as JSON", compute="_compute_domain_json", store=True, readonly=True)
    lost_allowed = fields.Text(
        "Removed Allowed Fields",
        readonly=True,
        copy=False,
        help="Allowed fields whose app was uninstalled. The rule allows them again when the app is reinstalled.",
    )
    lost_hidden = fields.Text(
        "Removed Hidden Fields",
        readonly=True,
        copy=False,
        help="Hidden fields whose app was uninstalled. The rule hides them again when the app is reinstalled.",
    )

    @api.depends("model_id.model")
    def _compute_model(self):
        for rule in self:
            # The name stays when the model is removed.
            rule.model = rule.model_id.model or rule.model

    @api.depends("domain", "model_id")
    def _compute_domain_json(self):
        for rule in self:
            text = (rule.domain or "").strip()
            if not text:
                rule.domain_json = False
            elif rule.model_id.model in self.env:
                rule.domain_json = PolicyDomain(self.env, rule.model_id.model, text).as_json()
            else:
                rule.domain_json = rule.domain_json

    @api.model_create_multi
    def create(self, vals_list):
        self._refuse_twins([(self._place(vals), vals.get("model_id")) for vals in vals_list])
        return super().create([self._tidied(vals) for vals in vals_list])

    def write(self, vals):
        if "model_id" in vals:
            self._refuse_twins([(rule._place(vals), vals["model_id"]) for rule in self])
        return super().write(self._tidied(vals))

    def _place(self, vals):
        """Return the id of the record within which a model has at most one rule; None: the database."""

    def _others(self, place):
        """Return other rules in ``place``."""
        return self.with_context(active_test=False).search([("id", "not in", self.ids)])

    def _refuse_twins(self, wanted):
        """Report a violation of the unique index to the administrator. ``wanted``: places and ids of models."""
        for place, model_id in wanted:
            name = self.env["ir.model"].sudo().browse(model_id or []).model
            if name and (name in self._others(place).mapped("model") or wanted.count((place, model_id)) > 1):
                raise ValidationError(_("A rule for %s already exists here. It may be archived.", name))

    @api.model
    def _tidied(self, vals):
        """Normalize values: each method once, no blank lines. Computed fields cannot be set."""
        if self.env.context.get("mcp_rule") is OWN:
            return vals
        for name in MADE:
            if name in vals:
                raise ValidationError(
                    _("Odoo computes %s when the rule is saved. You cannot set it.", self._fields[name].string)
                )
        vals = dict(vals)
        # An administrator who chooses the fields again has seen which are missing.
        for name, lost in LISTS.items():
            if name in vals:
                vals[lost] = False
        for name in ("allowed_methods", "blocked_methods"):
            if name in vals:
                vals[name] = "\n".join(_names(vals[name])) or False
        if "domain" in vals:
            vals["domain"] = (vals["domain"] or "").strip() or False
        return vals

    def _rule_values(self):
        """Return values for copies of these rules.

        :raises UserError: when a record that the copies need is gone
        """
        for rule in self:
            if not rule.model_id or rule.lost_allowed or rule.lost_hidden:
                raise UserError(
                    _(
                        "The rule for %s refers to a model or fields of an uninstalled app. You cannot copy it.",
                        rule.model,
                    )
                )
        return [
            {
                **{name: rule[name] for name in PLAIN},
                "model_id": rule.model_id.id,
                "allowed_field_ids": [Command.set(rule.allowed_field_ids.ids)],
                "hidden_field_ids": [Command.set(rule.hidden_field_ids.ids)],
            }
            for rule in self
        ]

    def _summary(self):
        """Summarize the rule in a few words."""
        allowed = [self._fields[name].string.lower() for name in PERMISSIONS if self[name]]
        parts = [", ".join(allowed) or _("nothing")]
        for label, names in (
            (_("fields"), self.allowed_field_ids.mapped("name") + _names(self.lost_allowed)),
            (_("without the fields"), self.hidden_field_ids.mapped("name") + _names(self.lost_hidden)),
            (_("methods"), _names(self.allowed_methods)),
            (_("without the methods"), _names(self.blocked_methods)),
            (_("records"), [self.domain] if self.domain else []),
        ):
            if names:
                parts.append(f"{label} {', '.join(names)}")
        return "; ".join(parts)

    # -- what is refused ---------------------------------------------------------------------------

    @api.constrains("model_id")
    def _check_model(self):
        for rule in self:
            # Only the database clears it, when the model is removed.
            if not rule.model_id:
                raise ValidationError(_("Select a model for the rule."))
            name = rule.model_id.model
            if name not in self.env:
                raise ValidationError(_("The model %s does not exist.", name))

    @api.constrains("model_id", "domain")
    def _check_domain(self):
        for rule in self:
            if rule.domain and rule.model_id.model in self.env and self.env[rule.model_id.model]._abstract:
                raise ValidationError(
                    _("%s is an abstract model without records. It cannot have a domain.", rule.model_id.model)
                )
            if rule.domain and not rule.model_id:
                raise ValidationError(_("The model %s no longer exists. Odoo cannot check its domain.", rule.model))
            if rule.domain:
                PolicyDomain(self.env, rule.model_id.model, rule.domain).try_out()

    @api.constrains("model_id", "allowed_field_ids", "hidden_field_ids")
    def _check_fields(self):
        for rule in self:
            for field in rule.allowed_field_ids | rule.hidden_field_ids:
                if field.model_id != rule.model_id:
                    raise ValidationError(
                        _(
                            "The field %(field)s belongs to the model %(other)s, not to %(model)s.",
                            field=field.name,
                            other=field.model,
                            model=rule.model,
                        )
                    )
            if "id" in rule.hidden_field_ids.mapped("name"):
                raise ValidationError(_("The field id cannot be hidden because every answer identifies records by it."))
            twice = rule.allowed_field_ids & rule.hidden_field_ids
            if twice:
                raise ValidationError(_("The field %s cannot be both allowed and hidden.", twice[0].name))

    @api.constrains("model_id", "allowed_methods", "blocked_methods")
    def _check_methods(self):
        for rule in self:
            allowed, blocked = _names(rule.allowed_methods), _names(rule.blocked_methods)
            for name in allowed + blocked:
                rule._check_method(name)
            twice = [name for name in allowed if name in blocked]
            if twice:
                raise ValidationError(_("The method %s cannot be both allowed and blocked.", twice[0]))

    def _check_method(self, name):
        # A report is named like a method here, but its name contains a dot.
        reports = self.env["ir.actions.report"].sudo()
        if "." in name and reports.search_count([("report_name", "=", name), ("model", "=", self.model_id.model)]):
            return
        if not METHOD_NAME.fullmatch(name):
            raise ValidationError(
                _("%r is not the name of a public method. Write one name per line. A name cannot start with _.", name)
            )
        kind = type(self.env[self.model_id.model]) if self.model_id.model in self.env else None
        if kind is not None and not callable(getattr(kind, name, None)):
            near = difflib.get_close_matches(name, (known for known in dir(kind) if METHOD_NAME.fullmatch(known)), 1)
            raise ValidationError(
                _(
                    "The model %(model)s has no method %(method)s.%(hint)s",
                    model=self.model_id.model,
                    method=name,
                    hint=_(" Did you mean %s?", near[0]) if near else "",
                )
            )

    # -- removed and restored fields ---------------------------------------------------------------

    @api.model
    def _listing(self, removed):
        """Return the rules that list the fields ``removed``: triples of rule, name of the list, names of the fields."""
        if not self._is_up_to_date():
            return []
        return [
            (rule, name, (rule[name] & removed).mapped("name"))
            for name in LISTS
            for rule in self.with_context(active_test=False).search([(name, "in", removed.ids)])
        ]

    def _remember(self, name, removed):
        """Store the names of the fields that were ``removed`` from the list ``name``.

        An empty list of allowed fields would allow all fields. Therefore the field ``id`` replaces the last one.
        """
        lost = LISTS[name]
        vals = {lost: "\n".join(dict.fromkeys(_names(self[lost]) + removed))}
        if name == "allowed_field_ids" and not self[name]:
            stays = self.env["ir.model.fields"].search([("model", "=", self.model), ("name", "=", "id")])
            vals[name] = [Command.link(field.id) for field in stays]
        self.with_context(mcp_rule=OWN).write(vals)

    def _register_hook(self):
        """Restore the removed fields and models in rules, once their app has been installed again."""
        super()._register_hook()
        if self._abstract or self._transient or not self._is_up_to_date():
            return
        lost = ["|", "|", ("model_id", "=", False), ("lost_allowed", "!=", False), ("lost_hidden", "!=", False)]
        for rule in self.sudo().with_context(active_test=False).search(lost):
            rule._restore()

    @api.model
    def _is_up_to_date(self):
        """Whether the table has what this code knows: a server may run new code before the app is updated."""
        return column_exists(self.env.cr, self._table, "lost_hidden")

    def _restore(self):
        vals = {}
        # A search, because the cached ids by name may be those of the removed records.
        model = self.env["ir.model"].search([("model", "=", self.model)])
        if model and not self.model_id:
            vals["model_id"] = model.id
        for name, lost in LISTS.items():
            names = _names(self[lost])
            back = self.env["ir.model.fields"].search([("model", "=", self.model), ("name", "in", names)])
            if back:
                vals[name] = [Command.link(field.id) for field in back]
                vals[lost] = "\n".join(field for field in names if field not in back.mapped("name")) or False
        if vals:
            try:
                with self.env.cr.savepoint():
                    self.with_context(mcp_rule=OWN).write(vals)
                    self.flush_recordset()
            except psycopg2.OperationalError:
                # Another process does the same at the same time; once is enough.
                self.invalidate_recordset()
            except ValidationError as error:
                self.invalidate_recordset()
                _logger.warning("The MCP rule %s (%s, #%s) stays as it was: %s", self.model, self._name, self.id, error)

    @api.onchange("model_id")
    def _onchange_model_id(self):
        """Remove the fields of the former model at once."""
        self.allowed_field_ids = self.allowed_field_ids.filtered(lambda field: field.model_id == self.model_id)
        self.hidden_field_ids = self.hidden_field_ids.filtered(lambda field: field.model_id == self.model_id)


def _names(text):
    """The lines of ``text`` without blank ones, each once."""
    return list(dict.fromkeys(line.strip() for line in (text or "").splitlines() if line.strip()))
