# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import contextlib
import socket

from odoo import api, fields, models


class McpTestItem(models.Model):
    """A model that the test tools change, so that a test can see whether a change was committed."""

    _name = "mcp.test.item"
    _description = "MCP Test Item"

    name = fields.Char(required=True)
    amount = fields.Float()
    due = fields.Date()
    happened = fields.Datetime()
    image = fields.Binary(attachment=False)
    doubled = fields.Float(compute="_compute_doubled", store=True)
    secret = fields.Char(groups="base.group_system")

    def init(self):
        # Checked only at commit, after the audit row is written.
        self.env.cr.execute("ALTER TABLE mcp_test_item DROP CONSTRAINT IF EXISTS mcp_test_item_name_key")
        self.env.cr.execute(
            "ALTER TABLE mcp_test_item ADD CONSTRAINT mcp_test_item_name_key"
            " UNIQUE (name) DEFERRABLE INITIALLY DEFERRED"
        )
        self.env.cr.execute("ALTER TABLE mcp_test_item DROP CONSTRAINT IF EXISTS mcp_test_item_amount_check")
        self.env.cr.execute(
            "ALTER TABLE mcp_test_item ADD CONSTRAINT mcp_test_item_amount_check CHECK (amount >= 0)"
        )

    @api.depends("amount")
    def _compute_doubled(self):
        for item in self:
            item.doubled = 2 * item.amount

    def action_reach_out_raised(self):
        """Connects to an outside server."""
        self.name = "was outside"
        socket.create_connection(("192.0.2.1", 80), timeout=1)

    def action_reach_out_swallowed(self):
        """The same, but ignores a failure."""
        with contextlib.suppress(Exception):
            self.action_reach_out_raised()

    def action_commit_itself(self):
        """Commits and ignores the refusal."""
        self.name = "committed"
        with contextlib.suppress(Exception):
            self.env.cr.commit()  # pylint: disable=invalid-commit

    def action_double(self):
        """A button: doubles the amounts and returns the records."""
        for item in self:
            item.amount *= 2
        return self

    @api.model
    def describe(self, greeting="Hello", **more):
        """A method of the model with a named argument."""
        return {"greeting": greeting, "uid": self.env.uid, "more": more}

    @api.model
    def make_page(self, arch):
        """Make a view of a text, as a website makes a page."""
        view = self.env["ir.ui.view"].sudo().create({"name": "Page of a method", "type": "qweb", "arch": arch})
        return view.id

    def commit_and_return(self):
        """A public method that commits by itself."""
        self.create({"name": "committed by itself"})
        self.env.cr.commit()  # pylint: disable=invalid-commit
        return True
