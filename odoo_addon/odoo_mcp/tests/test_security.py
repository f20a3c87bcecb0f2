# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.exceptions import AccessError
from odoo.tests import TransactionCase, new_test_user, tagged


@tagged("post_install", "-at_install")
class TestSecurity(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.nobody = new_test_user(cls.env, "mcp_nobody", "base.group_user")
        cls.user = new_test_user(cls.env, "mcp_user", "base.group_user,odoo_mcp.group_mcp_user")
        cls.administrator = new_test_user(
            cls.env, "mcp_administrator", "base.group_user,odoo_mcp.group_mcp_administrator"
        )
        for user in (cls.user, cls.administrator):
            cls.env.cr.execute(
                "INSERT INTO mcp_audit_log (call_id, create_date, user_id, status, request, record_ids)"
                " VALUES (gen_random_uuid(), now(), %s, 'ok', '{\"a\": 1}', '[1, 2]')",
                (user.id,),
            )
            cls.env.cr.execute(
                "INSERT INTO mcp_session"
                " (session_id, user_id, protocol_version, create_date, last_seen, expires_at)"
                " VALUES (gen_random_uuid()::text, %s, '2025-11-25', now(), now(), now() + interval '1 day')",
                (user.id,),
            )

    def rows(self, model, user):
        mine = [self.user.id, self.administrator.id]
        return self.env[model].with_user(user).search([("user_id", "in", mine)])

    def test_rows_of_audit_and_sessions(self):
        for model in ("mcp.audit.log", "mcp.session"):
            with self.assertRaises(AccessError):
                self.rows(model, self.nobody)
            self.assertEqual(self.rows(model, self.user).user_id, self.user)
            self.assertEqual(self.rows(model, self.administrator).user_id, self.user | self.administrator)

    def test_the_audit_log_cannot_be_changed(self):
        row = self.rows("mcp.audit.log", self.administrator).sudo()[0]
        for change in (lambda: row.write({"status": "error"}), row.unlink, lambda: row.create({"status": "ok"})):
            with self.assertRaises(AccessError):
                change()
        self.assertEqual(row.record_ids_text, "1, 2")
        self.assertIn('"a": 1', row.request_text)

    def test_a_user_closes_own_sessions_only(self):
        sessions = self.rows("mcp.session", self.administrator)
        with self.assertRaises(AccessError):
            sessions.with_user(self.user).action_close()
        own = sessions.filtered(lambda session: session.user_id == self.user).with_user(self.user)
        self.assertEqual(own.state, "open")
        own.action_close()
        self.assertEqual(own.state, "closed")
        self.assertFalse(self.env["mcp.session"].with_user(self.user).search([("state", "=", "open")]))

    def test_the_session_id_is_for_administrators(self):
        with self.assertRaises(AccessError):
            self.rows("mcp.session", self.user).read(["session_id"])
        self.assertTrue(self.rows("mcp.session", self.administrator).read(["session_id"]))

    def test_tools_are_for_administrators(self):
        with self.assertRaises(AccessError):
            self.env["mcp.tool"].with_user(self.user).search([])
        tool = self.env["mcp.tool"].with_user(self.administrator).search([("name", "=", "search")])
        tool.write({"description": "Another"})

    def test_the_user_group_gives_nothing_else(self):
        self.assertFalse(self.env.ref("odoo_mcp.group_mcp_user").implied_ids)
        self.assertEqual(
            self.env.ref("odoo_mcp.group_mcp_administrator").implied_ids, self.env.ref("odoo_mcp.group_mcp_user")
        )
