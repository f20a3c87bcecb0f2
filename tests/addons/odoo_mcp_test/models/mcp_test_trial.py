# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import contextlib

import psycopg2

from odoo import fields, models


class McpTestTrial(models.Model):
    """What makes a dry run hard: each method does one thing that is not easily seen, taken back or kept in."""

    _name = "mcp.test.trial"
    _description = "MCP Test Trial"

    name = fields.Char()
    amount = fields.Float()
    other_ids = fields.Many2many("mcp.test.trial", "test_trial_rel", "one_id", "other_id")

    def action_write_elsewhere(self):
        """Write by a connection of its own, as what must survive a rollback is written."""
        self.amount += 1
        with self.env.registry.cursor() as cr:
            cr.execute("UPDATE mcp_test_trial SET amount = 99 WHERE name = 'elsewhere'")

    def action_write_elsewhere_if_possible(self):
        """The same, and go on without it when it fails."""
        self.amount += 1
        with contextlib.suppress(psycopg2.Error), self.env.registry.cursor() as cr:
            cr.execute("UPDATE mcp_test_trial SET amount = 99 WHERE name = 'elsewhere'")

    def action_read_elsewhere(self):
        """Only read by a connection of its own."""
        with self.env.registry.cursor() as cr:
            cr.execute("SELECT count(*) FROM mcp_test_trial WHERE name = 'elsewhere'")
            self.amount = cr.fetchone()[0]

    def action_lock_table(self):
        """Keep everybody else from even reading."""
        self.amount += 1
        self.env.cr.execute("LOCK TABLE mcp_test_trial IN ACCESS EXCLUSIVE MODE")

    def action_wait(self):
        """Change a record and take a while."""
        self.name = "waiting"
        self.flush_recordset()
        self.env.cr.execute("SELECT pg_sleep(2)")

    def action_mail(self):
        """A message that is sent when the transaction is committed."""
        mails = self.env["mail.mail"].sudo()
        mails.create({"subject": "Tried", "email_to": "a@example.com", "body_html": "x"})

    def action_mail_at_once(self):
        """A message that is sent at once."""
        mails = self.env["mail.mail"].sudo()
        mails.create({"subject": "Tried", "email_to": "a@example.com", "body_html": "x"}).send()

    def action_number(self):
        """Two numbers of a sequence."""
        sequences = self.env["ir.sequence"].sudo()
        self.name = sequences.next_by_code("mcp.test.trial") + sequences.next_by_code("mcp.test.trial")

    def action_take_over(self):
        """Make records that the user may not read readable, and link to them."""
        hidden = self.sudo().search([("amount", ">", 100)])
        self.sudo().other_ids = hidden
        hidden[:1].write({"amount": 1})

    def action_drop_hidden(self):
        """Delete what the user may not read, with its links."""
        self.amount += 1
        self.sudo().search([("amount", ">", 100)]).unlink()
