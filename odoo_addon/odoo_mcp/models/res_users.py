# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models

from .. import guarded_writes


class ResUsers(models.Model):
    """Calls of MCP do not change how a user signs in."""

    _inherit = "res.users"

    def write(self, vals):
        guarded_writes.refuse_sign_in(self, vals)
        return super().write(vals)
