# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models

from ..schema import watch_catalogue


class McpAccess(models.Model):
    """An access record: what all users may do with one model through MCP, whatever Odoo itself grants."""

    _name = "mcp.access"
    _inherit = "mcp.policy.rule"
    _description = "MCP Access Control"
    _order = "model, id"

    active = fields.Boolean(default=True, help="An archived access record has no effect.")
    allowed_field_ids = fields.Many2many(
        "ir.model.fields",
        "mcp_access_allowed_field_rel",
        "access_id",
        "field_id",
        string="Allowed Fields",
        domain="[('model_id', '=', model_id)]",
        help="Clients can read, write, search, sort and group by only these fields and the id. Leave it empty to allow "
        "all fields.",
    )
    hidden_field_ids = fields.Many2many(
        "ir.model.fields",
        "mcp_access_hidden_field_rel",
        "access_id",
        "field_id",
        string="Hidden Fields",
        domain="[('model_id', '=', model_id), ('name', '!=', 'id')]",
        help="Clients cannot read, write, search, sort or group by these fields.",
    )
    group_ids = fields.Many2many(
        "res.groups",
        "mcp_access_group_rel",
        "access_id",
        "group_id",
        string="Groups",
        # Removing the last group must fail: without groups the rule applies to everybody.
        ondelete="restrict",
        help="Only members of these groups can use the model through MCP. Leave it empty to allow all users.",
    )
    confirm_write = fields.Boolean(
        "Confirm Changes", help="A call must be confirmed before it changes records, regardless of the settings."
    )
    confirm_create = fields.Boolean(
        "Confirm New Records", help="A call must be confirmed before it creates records, regardless of the settings."
    )
    confirm_unlink = fields.Boolean(
        "Confirm Deletions", help="A call must be confirmed before it deletes records, regardless of the settings."
    )
    confirm_call = fields.Boolean(
        "Confirm Methods", help="Each method call must be confirmed before the method runs, regardless of the settings."
    )
    free_methods = fields.Text(
        "Methods without Confirmation",
        help="Names of methods that need no confirmation, one per line. They override every other confirmation "
        "setting. List only methods that change nothing, or nothing important.",
    )
    note = fields.Text(help="The reason for this access record, for administrators.")

    @api.constrains("model_id", "free_methods")
    def _check_free_methods(self):
        for rule in self:
            for name in (rule.free_methods or "").split():
                rule._check_method(name)

    def init(self):
        self.env.cr.execute("CREATE UNIQUE INDEX IF NOT EXISTS mcp_access_model_uniq ON mcp_access (model)")
        watch_catalogue(self.env.cr)
