# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.tests import TransactionCase, tagged
from odoo.tools import file_open

from .. import schema


@tagged("post_install", "-at_install")
class TestHooks(TransactionCase):
    def exists(self, name):
        self.env.cr.execute("SELECT to_regclass(%s)", (f"public.{name}",))
        return self.env.cr.fetchone()[0] is not None

    def test_administrators(self):
        administrators = self.env.ref("odoo_mcp.group_mcp_administrator")
        for name in ("base.user_admin", "base.user_root"):
            user = self.env.ref(name)
            self.assertTrue(
                self.env["res.users"].with_context(active_test=False).search_count(
                    [("id", "=", user.id), (self.groups_field(), "in", administrators.ids)]
                ),
                name,
            )

    def groups_field(self):
        return "group_ids" if "group_ids" in self.env["res.users"]._fields else "groups_id"

    def test_tables_are_made_again_and_again(self):
        schema.create_tables(self.env.cr)
        schema.update_extension(self.env.cr)
        self.assertTrue(all(self.exists(table) for table in schema.TABLES))

    def test_drop_leaves_nothing_and_create_brings_it_back(self):
        cr = self.env.cr
        schema.drop(cr)
        self.assertFalse(any(self.exists(table) for table in schema.TABLES))
        cr.execute("SELECT count(*) FROM pg_extension WHERE extname = 'odoo_mcp'")
        self.assertEqual(cr.fetchone()[0], 0)
        schema.create_extension(cr)
        cr.execute("SELECT count(*) FROM pg_extension WHERE extname = 'odoo_mcp'")
        self.assertEqual(cr.fetchone()[0], 1)
        schema.create_tables(cr)

    def test_neutralized_copies_are_closed(self):
        self.env.cr.execute(
            "INSERT INTO mcp_inflight_call (call_id, started, entry) VALUES (gen_random_uuid(), now(), '{}');"
            "INSERT INTO mcp_input_request (stream, session_id, request_id, question, expires_at)"
            " VALUES (gen_random_uuid(), 'x', '1', '{}', now())"
        )
        with file_open("odoo_mcp/data/neutralize.sql") as script:
            self.env.cr.execute(script.read())
        self.env.cr.execute(
            "SELECT (SELECT count(*) FROM mcp_inflight_call) + (SELECT count(*) FROM mcp_session)"
            " + (SELECT count(*) FROM mcp_input_request)"
        )
        self.assertEqual(self.env.cr.fetchone()[0], 0)
        self.env.cr.execute("SELECT value FROM ir_config_parameter WHERE key = 'odoo_mcp.enabled'")
        self.assertEqual(self.env.cr.fetchone()[0], "False")
