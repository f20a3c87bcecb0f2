# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.exceptions import AccessError, UserError
from odoo.tests import TransactionCase, new_test_user, tagged


@tagged("post_install", "-at_install")
class TestLockout(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user = new_test_user(cls.env, "mcp_user", "base.group_user,odoo_mcp.group_mcp_user")
        cls.administrator = new_test_user(
            cls.env, "mcp_administrator", "base.group_user,odoo_mcp.group_mcp_administrator"
        )
        cls.env.cr.execute(
            "INSERT INTO mcp_lockout"
            " (kind, subject, address, failures, window_start, last_attempt, locked_until, times)"
            " VALUES ('login', 'demo', '192.0.2.7', 10, now(), now(), timezone('UTC', now()) + interval '5 min', 1),"
            " ('login', 'sally', '192.0.2.7', 10, now(), now(), timezone('UTC', now()) - interval '5 min', 1),"
            " ('address', '', '192.0.2.7', 12, now(), now(), NULL, 0) RETURNING id"
        )
        cls.ids = [row[0] for row in cls.env.cr.fetchall()]

    def lockouts(self, user, *domain):
        return self.env["mcp.lockout"].with_user(user).search([("id", "in", self.ids), *domain])

    def test_they_are_for_administrators(self):
        with self.assertRaises(AccessError):
            self.lockouts(self.user)
        with self.assertRaises(AccessError):
            self.lockouts(self.administrator).with_user(self.user).action_clear()
        self.assertEqual(len(self.lockouts(self.administrator)), 3)

    def test_their_states(self):
        def found(*leaf):
            return {lockout.subject or lockout.kind for lockout in self.lockouts(self.administrator, leaf)}

        self.assertEqual(found("state", "=", "locked"), {"demo"})
        self.assertEqual(found("state", "!=", "locked"), {"sally", "address"})
        self.assertEqual(found("state", "in", ["open", "locked"]), {"demo", "sally", "address"})
        self.assertEqual(found("state", "in", []), set())
        with self.assertRaises(UserError):
            found("state", "like", "lock")
        self.assertEqual(self.lockouts(self.administrator, ("subject", "=", "demo")).state, "locked")

    def test_an_administrator_clears_one(self):
        with self.assertLogs("odoo.addons.odoo_mcp.models.mcp_lockout") as logs:
            self.lockouts(self.administrator, ("subject", "=", "demo")).action_clear()
        self.assertIn("'demo' from 192.0.2.7 ended", logs.output[0])
        self.assertEqual(len(self.lockouts(self.administrator)), 2)

    def test_nobody_makes_or_changes_one(self):
        lockout = self.lockouts(self.administrator)[0].sudo()
        for change in (lambda: lockout.write({"failures": 0}), lockout.unlink, lambda: lockout.create({})):
            with self.assertRaises(AccessError):
                change()
