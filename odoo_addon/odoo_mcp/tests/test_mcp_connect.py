# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import json

from odoo.exceptions import AccessError
from odoo.tests import Form, TransactionCase, new_test_user, tagged

from ..connect import DATABASE_HEADER, KEY, configurations

CLIENTS = ("claude_code", "claude_desktop", "cursor", "vscode", "gemini")


@tagged("post_install", "-at_install")
class TestMcpConnect(TransactionCase):
    def page(self, user):
        return self.env["mcp.connect"].with_user(user).default_get([*CLIENTS, "address", "database", "note"])

    def test_every_user_of_mcp_sees_the_configurations(self):
        self.env["ir.config_parameter"].set_param("web.base.url", "https://odoo.example.com/")
        user = new_test_user(self.env, "mcp_connect_user", "base.group_user,odoo_mcp.group_mcp_user")
        page = self.page(user)
        self.assertEqual(page["address"], "https://odoo.example.com/mcp")
        self.assertEqual(page["database"], self.env.cr.dbname)
        self.assertFalse(page["note"])
        for client in CLIENTS:
            self.assertIn("https://odoo.example.com/mcp", page[client])
            self.assertIn(KEY, page[client])
        form = Form(self.env["mcp.connect"].with_user(user), "odoo_mcp.view_mcp_connect_form")
        self.assertEqual(form.cursor, page["cursor"])

    def test_nobody_else_does(self):
        nobody = new_test_user(self.env, "mcp_connect_nobody", "base.group_user")
        with self.assertRaises(AccessError):
            Form(self.env["mcp.connect"].with_user(nobody), "odoo_mcp.view_mcp_connect_form")

    def test_a_server_with_several_databases_is_told_which(self):
        told = configurations("http://odoo.example.com/mcp", "one")
        for client in CLIENTS:
            self.assertIn(DATABASE_HEADER, told[client])
            self.assertNotIn(DATABASE_HEADER, configurations("http://odoo.example.com/mcp")[client])
        remote = json.loads(told["claude_desktop"])["mcpServers"]["odoo"]
        self.assertEqual(remote["args"][-3:], ["--header", f"{DATABASE_HEADER}:one", "--allow-http"])
        self.assertEqual(json.loads(told["gemini"])["mcpServers"]["odoo"]["headers"][DATABASE_HEADER], "one")
