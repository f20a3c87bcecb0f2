# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import contextlib

import psycopg2

from odoo import fields, models


class McpTestTrial(models.Model):
    """Methods that are difficult for a dry run: each has one effect that is hard to see, undo or contain."""

    _name = "mcp.test.trial"
    _description = "MCP Test Trial"

    name = fields.Char()
    amount = fields.Float()
    other_ids = fields.Many2many("mcp.test.trial", "test_trial_rel", "one_id", "other_id")

    def action_write_elsewhere(self):
        """Writes through its own connection, like code whose writes must survive a rollback."""
        self.amount += 1
        with self.env.registry.cursor() as cr:
            cr.execute("UPDATE mcp_test_trial SET amount = 99 WHERE name = 'elsewhere'")

    def action_write_elsewhere_if_possible(self):
        """The same, but continues when the write fails."""
        self.amount += 1
        with contextlib.suppress(psycopg2.Error), self.env.registry.cursor() as cr:
            cr.execute("UPDATE mcp_test_trial SET amount = 99 WHERE name = 'elsewhere'")

    def action_read_elsewhere(self):
        """Only reads through its own connection."""
        with self.env.registry.cursor() as cr:
            cr.execute("SELECT count(*) FROM mcp_test_trial WHERE name = 'elsewhere'")
            self.amount = cr.fetchone()[0]

    def action_lock_table(self):
        """Takes a lock that blocks even readers."""
        self.amount += 1
        self.env.cr.execute("LOCK TABLE mcp_test_trial IN ACCESS EXCLUSIVE MODE")

    def action_wait(self):
        """Changes a record and then takes some time."""
        self.name = "waiting"
        self.flush_recordset()
        self.env.cr.execute("SELECT pg_sleep(2)")

    def action_mail(self):
        """A message that is sent after the commit."""
        mails = self.env["mail.mail"].sudo()
        mails.create({"subject": "Tried", "email_to": "a@example.com", "body_html": "x"})

    def action_mail_at_once(self):
        """A message that is sent immediately."""
        mails = self.env["mail.mail"].sudo()
        mails.create({"subject": "Tried", "email_to": "a@example.com", "body_html": "x"}).send()

    def action_number(self):
        """Takes two numbers of a sequence."""
        sequences = self.env["ir.sequence"].sudo()
        self.name = sequences.next_by_code("mcp.test.trial") + sequences.next_by_code("mcp.test.trial")

    def action_take_over(self):
        """Makes unreadable records readable, and links to them."""
        hidden = self.sudo().search([("amount", ">", 100)])
        self.sudo().other_ids = hidden
        hidden[:1].write({"amount": 1})

    def action_drop_hidden(self):
        """Deletes records that the user may not read, together with their links."""
        self.amount += 1
        self.sudo().search([("amount", ">", 100)]).unlink()
