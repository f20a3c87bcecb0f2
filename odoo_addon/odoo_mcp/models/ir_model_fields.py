# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Stores the names of removed fields in policy rules, so that a rule applies again when the app is installed again."""

import contextlib

from odoo import models

RULES = ("mcp.access", "mcp.key.scope.line")


@contextlib.contextmanager
def remembered_in_rules(fields):
    """Make the rules remember the names of ``fields`` across their removal within the context."""
    env = fields.env
    module = env["ir.module.module"].sudo().search([("name", "=", "odoo_mcp")])
    # While this app itself is being removed, its own tables are about to be dropped.
    stays = module.state in ("installed", "to upgrade")
    listing = [found for name in RULES for found in env[name].sudo()._listing(fields)] if stays else []
    yield
    # Not earlier: Odoo rebuilds the registry meanwhile, and would restore fields that still exist.
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
