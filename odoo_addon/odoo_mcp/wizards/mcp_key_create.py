# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import datetime
import logging

from odoo import SUPERUSER_ID, Command, _, api, fields, models
from odoo.addons.base.models.res_users import check_identity
from odoo.exceptions import AccessError, UserError

from .. import compat
from ..models.mcp_key_scope import KEY_SCOPE

_logger = logging.getLogger(__name__)

USUAL_DAYS = 90
# Fields of a key's scope that this wizard sets; only an MCP administrator sets the others.
SCOPE_FIELDS = ("name", "expires", "networks", "read_only")


class McpKeyCreate(models.TransientModel):
    """Creates an API key for MCP together with its scope, in one step."""

    _name = "mcp.key.create"
    _description = "New MCP API Key"

    name = fields.Char(required=True, help="The purpose of the key, such as the name of the client or agent.")
    user_id = fields.Many2one(
        "res.users",
        string="Owner",
        required=True,
        default=lambda self: self.env.user,
        domain=lambda self: [
            (compat.USER_ALL_GROUPS_FIELD, "in", self.env.ref("odoo_mcp.group_mcp_user").ids),
            ("active", "=", True),
        ],
        help="Calls with the key run as this user. The key has the access rights of this user, with the restrictions "
        "of its scope.",
    )
    for_others = fields.Boolean(compute="_compute_for_others")
    expires = fields.Datetime(
        default=lambda self: self._default_expires(),
        help="MCP refuses the key from this time on. Only Odoo administrators can leave it empty.",
    )
    networks = fields.Text(
        help="MCP accepts the key only from these addresses and networks. Write one per line, such as 203.0.113.7 or "
        "2001:db8::/32. Leave it empty to accept all addresses.",
    )
    read_only = fields.Boolean("Read-only", help="This key cannot change data or call methods.")
    company_ids = fields.Many2many(
        "res.company",
        "mcp_key_create_company_rel",
        "wizard_id",
        "company_id",
        string="Companies",
        context={"active_test": False},
        help="The key works only in these companies of its owner. Leave it empty to allow all companies of the owner.",
    )
    template_id = fields.Many2one(
        "mcp.key.scope",
        string="Copy From",
        help="The new key gets the models, tools, companies, networks and limits of this key.",
    )
    reach = fields.Selection(
        [("named", "Only These Models"), ("all", "All Models, with Exceptions")],
        string="Models",
        required=True,
        default=lambda self: "named" if self._is_administrator() else "all",
        help="Only These Models: the key has no access to models without a rule below. Choose this for an agent. "
        "All Models, with Exceptions: the key has all access rights of its owner, with the restrictions of the rules "
        "below.",
    )
    tool_ids = fields.Many2many(
        "mcp.tool",
        "mcp_key_create_tool_rel",
        "wizard_id",
        "tool_id",
        string="Tools",
        context={"active_test": False},
        groups="odoo_mcp.group_mcp_administrator",
        help="The key can use only these tools. Leave it empty to allow all tools of the owner.",
    )
    line_ids = fields.One2many(
        "mcp.key.create.line",
        "wizard_id",
        string="Rules for Models",
        groups="odoo_mcp.group_mcp_administrator",
    )

    @api.depends_context("uid")
    def _compute_for_others(self):
        self.for_others = self._may_make_for_others()

    @api.model
    def _default_expires(self):
        return self._usual_end(self.env.user)

    @api.model
    def _usual_end(self, owner):
        days = min(compat.key_days(owner) or USUAL_DAYS, USUAL_DAYS)
        # One minute less than the maximum: Odoo checks at the time of saving.
        return fields.Datetime.now() + datetime.timedelta(days=days, minutes=-1)

    @api.model
    def _is_administrator(self):
        return self.env.user.has_group("odoo_mcp.group_mcp_administrator")

    @api.model
    def _may_make_for_others(self):
        """Whether the user may make keys of others: a key's holder acts as its owner, so user administrators only."""
        return self._is_administrator() and (
            self.env.user.has_group("base.group_system") or self.env.user.has_group("base.group_erp_manager")
        )

    @api.onchange("user_id")
    def _onchange_user_id(self):
        """Set the longest validity that Odoo allows this user."""
        if self.user_id != self.env.user and self.user_id:
            self.expires = self._usual_end(self.user_id)

    @api.onchange("template_id")
    def _onchange_template_id(self):
        template = self.template_id
        if not template:
            return
        self.read_only = template.read_only
        self.networks = template.networks
        self.reach = "all" if template.all_models else "named"
        self.company_ids = template.company_ids
        if self._is_administrator():
            self.tool_ids = template.tool_ids
            self.line_ids = [Command.clear()] + [Command.create(vals) for vals in template.line_ids._rule_values()]

    @api.constrains("template_id")
    def _check_template(self):
        # Odoo reads the name of a related record with all rights, and from 19 on it also runs constraints with them.
        for wizard in self:
            compat.check_record_access(wizard.template_id.sudo(False), "read")

    # -- making it ---------------------------------------------------------------------------------

    @check_identity
    def action_make(self):
        """Create the key and its scope. The answer shows the key, which is never shown again."""
        self.ensure_one()
        secret, scope = self._make()
        return {
            "type": "ir.actions.act_window",
            "name": _("API Key Ready"),
            "res_model": "mcp.key.show",
            "views": [(self.env.ref("odoo_mcp.view_mcp_key_show_form").id, "form")],
            "target": "new",
            "context": {
                "default_key": secret,
                "default_owner": scope.user_id.display_name,
                "default_address": self.env["mcp.connect"]._address(),
                "dialog_size": "medium",
            },
        }

    def _make(self):
        """Return the new key's secret and its scope."""
        owner = self.user_id
        self._check_owner(owner)
        vals = self._scope_values()
        secret, key_id = compat.generate_key(
            owner, KEY_SCOPE, self.name, self.expires or None, self.env.user.has_group("base.group_system")
        )
        # Rights are checked above; a user may not write a scope.
        scope = self.env["mcp.key.scope"].sudo().create({**vals, "api_key_id": key_id})
        _logger.info(
            "MCP API key %s of %r (#%s) made by %r (#%s)",
            key_id,
            owner.login,
            owner.id,
            self.env.user.login,
            self.env.uid,
        )
        self.unlink()
        return secret, scope

    def _check_owner(self, owner):
        """Refuse a key with more rights than its maker has, or without any."""
        if owner != self.env.user and not self._may_make_for_others():
            raise AccessError(
                _(
                    "You can create keys only for yourself, because calls with a key run as its owner. To create keys "
                    "for other users, an MCP administrator also needs the right to manage users "
                    "(Administration: Access Rights)."
                )
            )
        owner = owner.sudo()
        if not owner.active or owner.id == SUPERUSER_ID:
            raise UserError(_("%s is not active. MCP would refuse a key of this user.", owner.name))
        if not owner.has_group("odoo_mcp.group_mcp_user"):
            raise UserError(
                _("%s is not in the group MCP User. MCP would refuse the key. Add the user to the group.", owner.name)
            )
        # Where keys without a scope may do nothing, a scope grants access: users cannot grant it to themselves.
        if not self._is_administrator() and self._unscoped_keys() == "none":
            raise AccessError(
                _("Only an MCP administrator can create keys with a scope. Ask an administrator for a key.")
            )

    @api.model
    def _unscoped_keys(self):
        return self.env["ir.config_parameter"].sudo().get_param("odoo_mcp.unscoped_keys") or "user"

    def _scope_values(self):
        """Return the values of the scope. Those that a user cannot choose come from the scope of an own key, if any."""
        vals = {name: self[name] for name in SCOPE_FIELDS}
        template = self.template_id
        if self._is_administrator():
            vals["all_models"] = self.reach == "all"
            tools, lines = self.tool_ids, self.line_ids._rule_values()
            if self.reach == "named" and not lines:
                raise UserError(
                    _("The key would have no access. Add a rule for each required model, or choose all models.")
                )
        else:
            compat.check_record_access(template, "read")
            template = template.sudo()
            # Without rules for models the key opens all or none, and a key for none is useless.
            vals["all_models"] = template.all_models if template else True
            tools, lines = template.tool_ids, template.line_ids._rule_values()
        if template:
            vals.update({name: template[name] for name in ("rate_per_minute", "burst", "max_concurrent")})
        return {
            **vals,
            "company_ids": [Command.set(self.company_ids.ids)],
            "tool_ids": [Command.set(tools.ids)],
            "line_ids": [Command.create(line) for line in lines],
        }


class McpKeyCreateLine(models.TransientModel):
    """The limits of the new key on one model."""

    _name = "mcp.key.create.line"
    _inherit = "mcp.policy.rule"
    _description = "New MCP API Key: Model"

    wizard_id = fields.Many2one("mcp.key.create", required=True, ondelete="cascade")
    allowed_field_ids = fields.Many2many(
        "ir.model.fields",
        "mcp_key_create_line_allowed_field_rel",
        "line_id",
        "field_id",
        string="Allowed Fields",
        domain="[('model_id', '=', model_id)]",
        help="Clients can read, write, search, sort and group by only these fields and the id. Leave it empty to allow "
        "all fields.",
    )
    hidden_field_ids = fields.Many2many(
        "ir.model.fields",
        "mcp_key_create_line_hidden_field_rel",
        "line_id",
        "field_id",
        string="Hidden Fields",
        domain="[('model_id', '=', model_id), ('name', '!=', 'id')]",
        help="Clients cannot read, write, search, sort or group by these fields.",
    )

    def _place(self, vals):
        return vals.get("wizard_id", self.wizard_id.id)

    def _others(self, place):
        return self.search([("id", "not in", self.ids), ("wizard_id", "=", place)])
