# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, models

from ..policy import guarded_writes


class ResUsers(models.Model):
    """MCP calls change neither who can sign in nor the groups of a user."""

    _inherit = "res.users"

    @api.model_create_multi
    def create(self, vals_list):
        guarded_writes.refuse_users(self)
        return super().create(vals_list)

    def write(self, vals):
        # Odoo also writes to no record, which changes nothing.
        if self:
            guarded_writes.refuse_sign_in(self, vals)
            guarded_writes.refuse_groups(vals, guarded_writes.GROUPS)
        return super().write(vals)

    def unlink(self):
        guarded_writes.refuse_users(self)
        return super().unlink()


class ResGroups(models.Model):
    """MCP calls change neither the members of a group nor the groups that it implies."""

    _inherit = "res.groups"

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            guarded_writes.refuse_groups(vals, guarded_writes.MEMBERS)
        groups = super().create(vals_list)
        guarded_writes.refuse_made_groups(groups)
        return groups

    def write(self, vals):
        if self:
            guarded_writes.refuse_groups(vals, guarded_writes.MEMBERS)
        return super().write(vals)

    def unlink(self):
        guarded_writes.refuse_deleted_groups()
        return super().unlink()


class ResUsersDeletion(models.Model):
    """MCP calls do not ask Odoo's scheduler to delete users."""

    _inherit = "res.users.deletion"

    @api.model_create_multi
    def create(self, vals_list):
        guarded_writes.refuse_users(self)
        return super().create(vals_list)

    def write(self, vals):
        guarded_writes.refuse_users(self)
        return super().write(vals)
