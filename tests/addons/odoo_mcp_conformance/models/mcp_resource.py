# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models


class McpResource(models.Model):
    _inherit = "mcp.resource"

    def _resource_test_template(self, id):
        return {"id": id, "about": "made from the address"}
