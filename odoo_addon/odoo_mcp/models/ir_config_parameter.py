# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, models

from ..policy import guarded_writes


class IrConfigParameter(models.Model):
    """MCP calls do not change the settings of the MCP server, whatever else they may change."""

    _inherit = "ir.config_parameter"

    @api.model_create_multi
    def create(self, vals_list):
        parameters = super().create(vals_list)
        # The key may come from a default of Odoo.
        guarded_writes.refuse_settings(parameters.mapped("key"))
        return parameters

    def write(self, vals):
        guarded_writes.refuse_settings([vals.get("key"), *self.mapped("key")])
        return super().write(vals)

    def unlink(self):
        guarded_writes.refuse_settings(self.mapped("key"))
        return super().unlink()
