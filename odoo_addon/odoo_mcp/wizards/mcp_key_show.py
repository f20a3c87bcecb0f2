# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import _, api, fields, models
from odoo.exceptions import UserError


class McpKeyShow(models.AbstractModel):
    """Shows a new key once. It has no table: the key is in the action, and thus in the browser only."""

    _name = "mcp.key.show"
    _description = "MCP API Key Ready"

    # The web client requests it with the other fields.
    id = fields.Id()
    key = fields.Char("API Key", readonly=True)
    owner = fields.Char(readonly=True)
    address = fields.Char("Server Address", readonly=True)

    @api.model_create_multi
    def create(self, vals_list):  # pylint: disable=method-required-super
        """Refuse to create a record: Odoo's own error would write the values to the log."""
        raise UserError(_("You cannot create a key here. Use the wizard for new keys."))
