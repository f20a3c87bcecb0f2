# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models


class McpAccess(models.Model):
    """What everybody may do with one model through MCP, whatever Odoo itself grants."""

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
        # The last group must not go unnoticed: without any, everybody may use the model.
        ondelete="restrict",
        help="Only members may use the model through MCP. Everybody when empty.",
    )
    note = fields.Text(help="Why it is so, for administrators.")

    def init(self):
        self.env.cr.execute("CREATE UNIQUE INDEX IF NOT EXISTS mcp_access_model_uniq ON mcp_access (model)")
