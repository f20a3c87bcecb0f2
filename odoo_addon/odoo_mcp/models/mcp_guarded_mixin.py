# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, models

from ..policy import guarded_writes


class McpGuardedMixin(models.AbstractModel):
    """Records that govern access through MCP: no MCP call changes them, whichever code tries."""

    _name = "mcp.guarded.mixin"
    _description = "Records That No MCP Call Changes"

    @api.model_create_multi
    def create(self, vals_list):
        guarded_writes.refuse_own_records(self)
        return super().create(vals_list)

    def write(self, vals):
        guarded_writes.refuse_own_records(self)
        return super().write(vals)

    def unlink(self):
        guarded_writes.refuse_own_records(self)
        return super().unlink()
