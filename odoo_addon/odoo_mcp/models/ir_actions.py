# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, models


class IrActionsActions(models.Model):
    _inherit = "ir.actions.actions"

    @api.model
    def get_bindings(self, model_name):
        """Add *MCP History* to the actions of every record's form, for users of MCP.

        Odoo binds an action to one model each; a row for every present and future model would be too many.
        """
        bindings = super().get_bindings(model_name)
        if not self.env.user.has_group("odoo_mcp.group_mcp_user") or self.env[model_name]._transient:
            return bindings
        action = self.env.ref("odoo_mcp.action_mcp_history", raise_if_not_found=False)
        if not action or model_name == "mcp.audit.log":
            return bindings
        history = {"id": action.id, "name": action.sudo().name, "binding_view_types": "form"}
        return {**bindings, "action": [*bindings.get("action", []), history]}
