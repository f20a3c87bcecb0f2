# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from werkzeug.test import create_environ

from odoo.exceptions import ValidationError
from odoo.tests import TransactionCase, tagged

from .. import compat


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

    def test_what_is_to_be_confirmed(self):
        self.assertEqual(self.settings().mcp_confirm, "none")
        self.settings(mcp_confirm="destructive", mcp_confirm_person=True).set_values()
        self.assertEqual((self.parameter("confirm"), self.parameter("confirm_person")), ("destructive", "True"))
        # What is unknown is the strictest, as for the core.
        self.env["ir.config_parameter"].sudo().set_param("odoo_mcp.confirm", "some")
        self.assertEqual(self.settings().mcp_confirm, "all")

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

    def test_limits_have_their_defaults(self):
        settings = self.settings()
        self.assertEqual((settings.mcp_rate_per_minute, settings.mcp_rate_burst), (120, 60))
        self.assertEqual((settings.mcp_lockout_failures, settings.mcp_lockout_minutes), (10, 15))
        self.assertEqual((settings.mcp_max_concurrent, settings.mcp_ip_strategy), (8, "off"))
        self.settings(mcp_rate_per_minute=0, mcp_lockout_failures=0).set_values()
        self.assertEqual((self.parameter("rate_per_minute"), self.parameter("lockout_failures")), ("0", "0"))
        settings = self.settings()
        self.assertEqual((settings.mcp_rate_per_minute, settings.mcp_lockout_failures), (0, 0))
        for wrong in ({"mcp_rate_per_minute": -1}, {"mcp_rate_burst": 0}, {"mcp_lockout_minutes": 0}):
            with self.assertRaises(ValidationError):
                self.settings(**wrong).set_values()

    def test_networks_are_read_as_the_core_reads_them(self):
        self.settings(
            mcp_ip_strategy="allow", mcp_ip_networks=" 10.0.0.0/8 \r\n2001:db8::/32 # the office\n"
        ).set_values()
        self.assertEqual(self.parameter("ip_strategy"), "allow")
        self.assertEqual(self.parameter("ip_networks"), "10.0.0.0/8\n2001:db8::/32 # the office")
        self.assertEqual(self.settings().mcp_ip_networks, "10.0.0.0/8\n2001:db8::/32 # the office")
        for wrong, told in (
            ("10.0.0.0/8\nlocalhost", 'Line 2, "localhost"'),
            ("10.1.2.3/8", "10.0.0.0/8"),
            ("10.0.0.1, 10.0.0.2", "one a line"),
        ):
            with self.assertRaisesRegex(ValidationError, told):
                self.settings(mcp_ip_strategy="deny", mcp_ip_networks=wrong).set_values()
        with self.assertRaisesRegex(ValidationError, "nobody could enter"):
            self.settings(mcp_ip_strategy="allow", mcp_ip_networks="# none").set_values()
        self.settings(mcp_ip_strategy="off", mcp_ip_networks=False).set_values()
        self.assertFalse(self.parameter("ip_networks"))

    def test_a_strategy_that_is_none_shows_as_the_closed_one(self):
        self.env["ir.config_parameter"].sudo().set_param("odoo_mcp.ip_strategy", "alow")
        self.assertEqual(self.settings().mcp_ip_strategy, "allow")

    def test_who_shuts_out_the_own_address_is_warned(self):
        def warned(strategy, networks):
            settings = self.settings(mcp_ip_strategy=strategy, mcp_ip_networks=networks)
            found = settings._onchange_mcp_networks()
            return found and found["warning"]["message"]

        self.assertIsNone(warned("allow", "10.0.0.0/8"))
        environ = create_environ("/web", environ_base={"REMOTE_ADDR": "::ffff:192.0.2.7"})
        with compat.bound_request(environ, self.env.cr.dbname, self.env):
            self.assertIn("Add ::ffff:192.0.2.7", warned("allow", "10.0.0.0/8"))
            self.assertIn("Remove the line", warned("deny", "192.0.2.0/24"))
            let_in = (("allow", "192.0.2.0/24"), ("deny", "10.0.0.0/8"), ("off", ""), ("deny", "oops"))
            for strategy, networks in let_in:
                self.assertIsNone(warned(strategy, networks))
