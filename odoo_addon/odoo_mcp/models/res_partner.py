# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models

from .. import guarded_writes


class ResPartner(models.Model):
    """MCP calls do not change the address of an internal user's contact, to which Odoo mails new passwords."""

    _inherit = "res.partner"

    def write(self, vals):
        if "email" in vals:
            users = self.sudo().with_context(active_test=False).user_ids
            guarded_writes.refuse_sign_in(users.filtered(lambda user: not user.share), {"email": vals["email"]})
        return super().write(vals)
