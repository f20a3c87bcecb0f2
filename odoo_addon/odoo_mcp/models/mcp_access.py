# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models


class McpAccess(models.Model):
    """An access record: what all users may do with one model through MCP, whatever Odoo itself grants."""

    _name = "mcp.access"
    _inherit = "mcp.policy.rule"
    _description = "MCP Access Control"
    _order = "model, id"

    active = fields.Boolean(default=True, help="An archived record has no effect: the model is as without one.")
    allowed_field_ids = fields.Many2many(
        "ir.model.fields",
        "mcp_access_allowed_field_rel",
        "access_id",
        "field_id",
        string="Allowed Fields",
        domain="[('model_id', '=', model_id)]",
        help="Only these, and the id, can be read, written, searched, sorted and grouped by. All fields when empty.",
    )
    hidden_field_ids = fields.Many2many(
        "ir.model.fields",
        "mcp_access_hidden_field_rel",
        "access_id",
        "field_id",
        string="Hidden Fields",
        domain="[('model_id', '=', model_id), ('name', '!=', 'id')]",
        help="These can neither be read or written nor searched, sorted or grouped by.",
    )
    group_ids = fields.Many2many(
        "res.groups",
        "mcp_access_group_rel",
        "access_id",
        "group_id",
        string="Groups",
        # Removing the last group must fail: without groups the rule applies to everybody.
        ondelete="restrict",
        help="Only members may use the model through MCP. Everybody when empty.",
    )
    confirm_write = fields.Boolean(
        "Confirm Changes", help="Each change of records is confirmed before it is done, whatever the settings say."
    )
    confirm_create = fields.Boolean(
        "Confirm New Records", help="Making records is confirmed before it is done, whatever the settings say."
    )
    confirm_unlink = fields.Boolean(
        "Confirm Deletions", help="Each deletion is confirmed before it is done, whatever the settings say."
    )
    confirm_call = fields.Boolean(
        "Confirm Methods", help="Each call of a method is confirmed before it is done, whatever the settings say."
    )
    free_methods = fields.Text(
        "Methods without Confirmation",
        help="Names of methods that need no confirmation, whatever else is set, one a line: those that change nothing "
        "or nothing of importance.",
    )
    note = fields.Text(help="Why it is so, for administrators.")

    @api.constrains("model_id", "free_methods")
    def _check_free_methods(self):
        for rule in self:
            for name in (rule.free_methods or "").split():
                rule._check_method(name)

    def init(self):
        self.env.cr.execute("CREATE UNIQUE INDEX IF NOT EXISTS mcp_access_model_uniq ON mcp_access (model)")
