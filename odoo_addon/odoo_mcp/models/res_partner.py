# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models

from ..policy import guarded_writes


class ResPartner(models.Model):
    """MCP calls do not change the address of an internal user's contact, to which Odoo mails new passwords."""

    _inherit = "res.partner"

    def write(self, vals):
        if "email" not in vals or not guarded_writes.keeps_users():
            return super().write(vals)
        users = self.sudo().with_context(active_test=False).user_ids
        emails = {user: user.email for user in users if not user.share}
        # Odoo's own refusals come first: ours says that the contact is an internal user's.
        done = super().write(vals)
        for user, email in emails.items():
            guarded_writes.refuse_sign_in(user, {"email": email})
        return done
