# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import _, api, fields, models
from odoo.exceptions import UserError


class ResPartner(models.Model):
    """A computed field whose errors quote more than its declared dependencies."""

    _inherit = "res.partner"

    mcp_test_mood = fields.Char(compute="_compute_mcp_test_mood")

    @api.depends("phone")
    def _compute_mcp_test_mood(self):
        for partner in self:
            if partner.phone == "grumpy":
                raise UserError(_("%s is in no mood for this.", partner.name))
            partner.mcp_test_mood = "fine"
