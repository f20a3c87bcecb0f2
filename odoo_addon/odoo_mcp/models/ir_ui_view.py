# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Converts list views and actions of this addon to the tag ``tree`` of Odoo 16 and 17. Later versions need nothing."""

from odoo import api, models

from .. import compat

if compat.LIST_VIEW != "list":

    class IrUiView(models.Model):
        _inherit = "ir.ui.view"

        @api.model_create_multi
        def create(self, vals_list):
            return super().create([compat.old_list_view(vals) for vals in vals_list])

        def write(self, vals):
            return super().write(compat.old_list_view(vals))

    class IrActionsActWindow(models.Model):
        _inherit = "ir.actions.act_window"

        @api.model_create_multi
        def create(self, vals_list):
            return super().create([compat.old_list_action(vals) for vals in vals_list])

        def write(self, vals):
            return super().write(compat.old_list_action(vals))
