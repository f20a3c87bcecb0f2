# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.exceptions import ValidationError
from odoo.tests import TransactionCase, tagged


@tagged("post_install", "-at_install")
class TestSettings(TransactionCase):
    def settings(self, **values):
        return self.env["res.config.settings"].create(values)

    def parameter(self, name):
        return self.env["ir.config_parameter"].sudo().get_param(f"odoo_mcp.{name}")

    def test_defaults_are_shown_and_not_stored(self):
        self.env["ir.config_parameter"].sudo().search([("key", "=like", "odoo_mcp.%")]).unlink()
        settings = self.settings()
        self.assertTrue(settings.mcp_enabled and settings.mcp_fast_door and not settings.mcp_require_session)
        self.assertEqual((settings.mcp_default_records, settings.mcp_max_records), (80, 1000))
        settings.set_values()
        self.assertFalse(self.env["ir.config_parameter"].sudo().search([("key", "=like", "odoo_mcp.%")]))

    def test_off_is_stored_as_text(self):
        self.settings(mcp_enabled=False, mcp_call_seconds=12, mcp_allowed_origins=" https://a.example , ").set_values()
        self.assertEqual(self.parameter("enabled"), "False")
        self.assertEqual(self.parameter("call_seconds"), "12")
        self.assertEqual(self.parameter("allowed_origins"), "https://a.example")
        self.assertFalse(self.settings().mcp_enabled)
        self.settings(mcp_enabled=True).set_values()
        self.assertTrue(self.settings().mcp_enabled)

    def test_numbers_have_a_range(self):
        with self.assertRaises(ValidationError):
            self.settings(mcp_call_seconds=0).set_values()
        with self.assertRaises(ValidationError):
            self.settings(mcp_max_body_mb=100000).set_values()

    def test_instructions_are_text_and_have_a_limit(self):
        text = "Amounts are in EUR, with two decimals.\nAsk before you write."
        self.settings(mcp_instructions=f"  {text}\n").set_values()
        self.assertEqual(self.parameter("instructions"), text)
        self.assertEqual(self.settings().mcp_instructions, text)
        with self.assertRaises(ValidationError):
            self.settings(mcp_instructions="x" * 2001).set_values()
        self.settings(mcp_instructions=False).set_values()
        self.assertFalse(self.parameter("instructions"))

    def test_choices(self):
        settings = self.settings()
        self.assertEqual((settings.mcp_unscoped_keys, settings.mcp_default_access), ("user", "odoo"))
        self.assertFalse(settings.mcp_read_only)
        self.settings(mcp_unscoped_keys="none", mcp_default_access="none", mcp_read_only=True).set_values()
        for name, stored in (("unscoped_keys", "none"), ("default_access", "none"), ("read_only", "True")):
            self.assertEqual(self.parameter(name), stored)
        # What was written by hand and means nothing is shown as what it does.
        self.env["ir.config_parameter"].sudo().set_param("odoo_mcp.default_access", "everything")
        self.assertEqual(self.settings().mcp_default_access, "none")

    def test_status_is_told(self):
        self.assertTrue(self.settings().mcp_status)
