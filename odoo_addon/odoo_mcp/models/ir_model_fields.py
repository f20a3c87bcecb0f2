# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Rules of the policy outlive the fields that they name: an app that is removed and comes back is ruled as before."""

import contextlib

from odoo import models

RULES = ("mcp.access", "mcp.key.scope.line")


@contextlib.contextmanager
def remembered_in_rules(fields):
    """Let the rules remember the names of ``fields``, which are removed meanwhile."""
    env = fields.env
    module = env["ir.module.module"].sudo().search([("name", "=", "odoo_mcp")])
    # While this app itself is removed, its own tables are on their way out.
    stays = module.state in ("installed", "to upgrade")
    listing = [found for name in RULES for found in env[name].sudo()._listing(fields)] if stays else []
    yield
    # Not before: Odoo sets the registry up again on the way, which takes up what is there.
    for rule, name, gone in listing:
        rule.invalidate_recordset([name])
        rule._remember(name, gone)


class IrModelFields(models.Model):
    _inherit = "ir.model.fields"

    def unlink(self):
        with remembered_in_rules(self):
            return super().unlink()


class IrModel(models.Model):
    _inherit = "ir.model"

    def unlink(self):
        with remembered_in_rules(self.sudo().field_id):
            return super().unlink()
