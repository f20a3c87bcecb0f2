# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import logging

from odoo import _, api, fields, models
from odoo.addons.base.models.res_users import check_identity
from odoo.exceptions import ValidationError

from .. import compat, core
from ..schema import watch_catalogue

_logger = logging.getLogger(__name__)

# Odoo's own scope of the keys that can have a scope of this addon; Odoo's RPC refuses them.
KEY_SCOPE = "mcp"
# Fields that bind a scope to its key and never change.
BOUND = ("api_key_id", "user_id")


class McpKeyScope(models.Model):
    """The limits of one API key in MCP. They only restrict the rights of the key's user."""

    _name = "mcp.key.scope"
    _inherit = "mcp.guarded.mixin"
    _description = "MCP Scope of an API Key"
    _order = "user_id, name, id"

    name = fields.Char(required=True, help="The purpose of the key, such as the name of the client or agent.")
    api_key_id = fields.Many2one(
        "res.users.apikeys",
        string="API Key",
        required=True,
        ondelete="cascade",
        copy=False,
        help="The API key that was created with this scope. It gives access to /mcp only, not to Odoo's other APIs.",
    )
    user_id = fields.Many2one(
        "res.users",
        string="Owner",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
        copy=False,
        help="Calls with this key run as this user.",
    )
    active = fields.Boolean(default=True, help="MCP refuses a key if its scope is archived.")
    read_only = fields.Boolean("Read-only", help="This key cannot change data or call methods.")
    expires = fields.Datetime(help="MCP refuses the key from this time on.")
    networks = fields.Text(
        help="MCP accepts the key only from these addresses and networks. Write one per line, such as 203.0.113.7 or "
        "2001:db8::/32. Leave it empty to accept all addresses.",
    )
    rate_per_minute = fields.Integer(
        "Rate Limit (per Minute)", help="Maximum number of calls per minute. 0 uses the limit in the settings."
    )
    burst = fields.Integer(help="Maximum number of calls that can arrive at once. 0 uses the limit in the settings.")
    max_concurrent = fields.Integer(
        "Concurrent Calls", help="Maximum number of calls that run at the same time. 0 uses the settings."
    )
    all_models = fields.Boolean(
        help="Access to models without a rule below. If this is set, the key has the same access as the user. If not, "
        "the key has no access.",
    )
    company_ids = fields.Many2many(
        "res.company",
        "mcp_key_scope_company_rel",
        "scope_id",
        "company_id",
        string="Companies",
        # Deleting the last company must fail: without companies the key applies to all.
        ondelete="restrict",
        context={"active_test": False},
        help="The key works only in these companies of its user. Leave it empty to allow all companies of the user.",
    )
    tool_ids = fields.Many2many(
        "mcp.tool",
        "mcp_key_scope_tool_rel",
        "scope_id",
        "tool_id",
        string="Tools",
        context={"active_test": False},
        help="The key can use only these tools. Leave it empty to allow all tools of the user.",
    )
    line_ids = fields.One2many("mcp.key.scope.line", "scope_id", string="Rules for Models")
    last_used = fields.Datetime("Last Used", related="api_key_id.mcp_last_used", related_sudo=True)
    summary = fields.Text("Permissions", compute="_compute_summary", compute_sudo=True)
    own = fields.Boolean(compute="_compute_own")

    def init(self):
        self.env.cr.execute(
            "CREATE UNIQUE INDEX IF NOT EXISTS mcp_key_scope_api_key_uniq ON mcp_key_scope (api_key_id)"
        )
        # Odoo makes no foreign key to a table outside the ORM, and keys are also deleted in SQL.
        self.env.cr.execute("SELECT 1 FROM pg_catalog.pg_constraint WHERE conname = 'mcp_key_scope_api_key_fkey'")
        if not self.env.cr.fetchone():
            self.env.cr.execute(
                "ALTER TABLE mcp_key_scope ADD CONSTRAINT mcp_key_scope_api_key_fkey"
                " FOREIGN KEY (api_key_id) REFERENCES res_users_apikeys (id) ON DELETE CASCADE"
            )

    @api.depends_context("uid")
    @api.depends("user_id")
    def _compute_own(self):
        for scope in self:
            scope.own = scope.user_id == self.env.user

    @api.depends("read_only", "all_models", "company_ids", "tool_ids", "networks", "line_ids")
    def _compute_summary(self):
        for scope in self:
            scope.summary = "\n".join(scope._summary_lines())

    def _summary_lines(self):
        """Describe the scope for its owner, who can see neither tools nor model names in Odoo's lists."""
        if self.read_only:
            yield _("Read-only.")
        if self.tool_ids:
            yield _("Tools: %s.", ", ".join(self.tool_ids.mapped("name")))
        if self.company_ids:
            yield _("Companies: %s.", ", ".join(self.company_ids.mapped("name")))
        if self.networks:
            yield _("Only from %s.", ", ".join(self.networks.splitlines()))
        for line in self.line_ids:
            yield f"{line.model}: {line._summary()}"
        if self.line_ids:
            yield _("Other models: same access as the user.") if self.all_models else _("No access to other models.")
        else:
            yield _("All models: same access as the user.") if self.all_models else _("No access to any model.")

    @check_identity
    def action_revoke(self):
        """Delete the keys and their scopes: own ones, or any for an MCP administrator."""
        compat.check_record_access(self, "read")
        if self.filtered(lambda scope: not scope.own):
            compat.check_record_access(self, "unlink")
        for scope in self.sudo():
            _logger.info(
                "MCP API key %s of %r (#%s) revoked by %r (#%s)",
                scope.api_key_id.id,
                scope.user_id.login,
                scope.user_id.id,
                self.env.user.login,
                self.env.uid,
            )
        self.sudo().unlink()
        action = self.env["ir.actions.act_window"]._for_xml_id("odoo_mcp.action_mcp_key_scope")
        return {**action, "target": "main"}

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._bound(vals) for vals in vals_list])

    def write(self, vals):
        for name in BOUND:
            if name in vals and any(scope[name].id != vals[name] for scope in self):
                raise ValidationError(_("You cannot change the key or the owner of a scope. Create a new key instead."))
        return super().write(self._tidied(vals))

    def unlink(self):
        """Delete the keys with their scopes: a key without a scope may do more."""
        keys = self.sudo().api_key_id
        done = super().unlink()
        keys.exists().unlink()
        return done

    @api.model
    def _bound(self, vals):
        """Return the values with the owner of the key, which must be a key for MCP alone."""
        key = self.env["res.users.apikeys"].sudo().browse(vals.get("api_key_id") or []).exists()
        if not key or key.scope != KEY_SCOPE:
            raise ValidationError(_("Only an API key that was created for MCP can have a scope."))
        if vals.get("user_id", key.user_id.id) != key.user_id.id:
            raise ValidationError(_("A scope must have the same owner as its key."))
        return {**self._tidied(vals), "user_id": key.user_id.id}

    @api.model
    def _tidied(self, vals):
        vals = dict(vals)
        if "networks" in vals:
            vals["networks"] = "\n".join(line.strip() for line in (vals["networks"] or "").splitlines() if line.strip())
        return vals

    @api.constrains("expires", "api_key_id")
    def _check_expires(self):
        for scope in self:
            last = compat.key_expires(scope.sudo().api_key_id)
            if last and (not scope.expires or scope.expires > last):
                raise ValidationError(_("The API key expires on %s (UTC). Its scope cannot expire later.", last))

    @api.constrains("networks")
    def _check_networks(self):
        for scope in self:
            problem, _admits = core.check_networks(self.env.cr, scope.networks or "")
            if problem:
                raise ValidationError(_("Networks: %(problem)s", problem=problem))

    @api.constrains("rate_per_minute", "burst", "max_concurrent")
    def _check_rates(self):
        for scope in self:
            if min(scope.rate_per_minute, scope.burst, scope.max_concurrent) < 0:
                raise ValidationError(_("The limits of a key cannot be negative."))

    @api.constrains("company_ids")
    def _check_companies(self):
        for scope in self.sudo():
            foreign = scope.company_ids - scope.user_id.company_ids
            if foreign:
                raise ValidationError(
                    _(
                        "%(user)s has no access to the company %(company)s.",
                        user=scope.user_id.name,
                        company=foreign[0].name,
                    )
                )


class McpKeyScopeLine(models.Model):
    """The limits of one API key on one model."""

    _name = "mcp.key.scope.line"
    _inherit = "mcp.policy.rule"
    _description = "MCP Scope of an API Key: Model"
    _order = "scope_id, model, id"

    scope_id = fields.Many2one("mcp.key.scope", required=True, ondelete="cascade", index=True)
    allowed_field_ids = fields.Many2many(
        "ir.model.fields",
        "mcp_key_scope_line_allowed_field_rel",
        "line_id",
        "field_id",
        string="Allowed Fields",
        domain="[('model_id', '=', model_id)]",
        help="Clients can read, write, search, sort and group by only these fields and the id. Leave it empty to allow "
        "all fields.",
    )
    hidden_field_ids = fields.Many2many(
        "ir.model.fields",
        "mcp_key_scope_line_hidden_field_rel",
        "line_id",
        "field_id",
        string="Hidden Fields",
        domain="[('model_id', '=', model_id), ('name', '!=', 'id')]",
        help="Clients cannot read, write, search, sort or group by these fields.",
    )

    def init(self):
        self.env.cr.execute(
            "CREATE UNIQUE INDEX IF NOT EXISTS mcp_key_scope_line_model_uniq ON mcp_key_scope_line (scope_id, model)"
        )
        watch_catalogue(self.env.cr)

    def write(self, vals):
        if "scope_id" in vals and any(line.scope_id.id != vals["scope_id"] for line in self):
            raise ValidationError(_("You cannot move a rule to another key."))
        return super().write(vals)

    def _place(self, vals):
        return vals.get("scope_id", self.scope_id.id)

    def _others(self, place):
        return self.search([("id", "not in", self.ids), ("scope_id", "=", place)])
