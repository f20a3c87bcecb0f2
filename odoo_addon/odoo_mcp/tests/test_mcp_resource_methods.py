# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import base64

from odoo.exceptions import AccessError, MissingError, UserError
from odoo.tests import TransactionCase, new_test_user, tagged

from .. import content
from ..execution.errors import BadArguments, NoMethod

PIXEL = (
    b"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk"
    b"+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
MOST = 100_000


@tagged("post_install", "-at_install")
class TestResourceMethods(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user = new_test_user(cls.env, "mcp_resources", "base.group_user")
        cls.system = new_test_user(cls.env, "mcp_resources_system", "base.group_system")
        cls.resources = cls.env["mcp.resource"].with_user(cls.user)
        other = cls.env["res.company"].create({"name": "MCP Other Company"})
        cls.portal = new_test_user(cls.env, "mcp_resources_portal", "base.group_portal")
        cls.partner = cls.env["res.partner"].create(
            {"name": "MCP Zebra", "image_1920": PIXEL, "email": "z@example.com"}
        )
        fields = cls.env["res.users"]._fields
        cls.restricted = {name for name, field in fields.items() if field.groups == "base.group_system"}
        cls.hidden = cls.env["res.partner"].create({"name": "MCP Zebra of others", "company_id": other.id})
        cls.absent = max(cls.env["res.partner"].with_context(active_test=False).search([]).ids) + 1000

    def value(self, field, record=None, model="res.partner", most_bytes=MOST):
        record_id = (record or self.partner).id
        return self.resources._resource_value(model, record_id, field, most_bytes)

    def complete(self, variable, value, model=None, method=None, resources=None, limit=101):
        resources = self.resources if resources is None else resources
        return resources._resource_complete(variable, value, model, method, {}, limit)

    def test_a_schema_is_for_who_may_read_the_model(self):
        fields = self.resources._resource_schema("res.users")["fields"]
        self.assertEqual(fields["login"]["type"], "char")
        self.assertTrue(self.restricted)
        self.assertFalse(self.restricted & set(fields))
        for model in ("ir.rule", "ir.model.access", "mcp.resource", "mail.thread"):
            with self.subTest(model=model), self.assertRaises(AccessError):
                self.resources._resource_schema(model)

    def test_apps_are_for_who_may_read_them(self):
        portal = self.env["mcp.resource"].with_user(self.portal)
        for method, argument in ((portal._resource_modules, []), (portal._resource_module, "base")):
            with self.assertRaises(AccessError):
                method(argument)
        resources = self.env["mcp.resource"].with_user(self.system)
        module = resources._resource_module("odoo_mcp")
        self.assertEqual((module["name"], module["state"]), ("odoo_mcp", "installed"))
        self.assertEqual(module["depends"], ["base", "base_setup", "mail", "web"])
        self.assertIs(module["application"], True)
        self.assertNotIn(False, [value for name, value in module.items() if name != "application"])
        with self.assertRaises(MissingError):
            resources._resource_module("no_such")
        names = [row["name"] for row in resources._resource_modules([("state", "=", "installed")])["records"]]
        self.assertIn("odoo_mcp", names)

    def test_a_record(self):
        found = self.resources._resource_record("res.partner", self.partner.id, ["name", "email"])
        self.assertEqual(found["records"], [{"id": self.partner.id, "name": "MCP Zebra", "email": "z@example.com"}])
        with self.assertRaises(MissingError):
            self.resources._resource_record("res.partner", self.absent, ["name"])
        for fields in (["name"], ["id"], []):
            with self.assertRaises(AccessError):
                self.resources._resource_record("res.partner", self.hidden.id, fields)
        with self.assertRaises(AccessError):
            self.resources._resource_record("ir.rule", 1, ["name"])
        with self.assertRaises(AccessError):
            self.resources._resource_record("ir.rule", 999999, ["name"])

    def test_a_field_that_leads_to_what_the_user_may_not_read_is_left_out(self):
        fields = self.env["ir.model"]._fields
        name = next(name for name in ("rule_ids", "access_ids") if name in fields)
        model = self.env["ir.model"]._get("res.partner")
        self.env["ir.model.access"].create(
            {"name": "x", "model_id": self.env["ir.model"]._get("ir.model").id, "perm_read": True}
        )
        found = self.resources._resource_record("ir.model", model.id, ["id", "model", name])
        self.assertEqual(found["fields"], ["id", "model"])
        self.assertEqual(found["records"], [{"id": model.id, "model": "res.partner"}])

    def test_a_value(self):
        self.assertEqual(self.value("name"), {"value": "MCP Zebra"})
        self.assertEqual(self.value("parent_id"), {"value": False})
        with self.assertRaises(MissingError):
            self.resources._resource_value("res.partner", self.absent, "name", MOST)
        with self.assertRaises(AccessError):
            self.value("name", self.hidden)

    def test_a_file_with_its_own_type(self):
        given = self.value("image_1920")
        self.assertEqual(base64.b64encode(given["blob"]), PIXEL)
        self.assertEqual(given["mime_type"], "image/png")
        attachment = self.env["ir.attachment"].with_user(self.user).create(
            {"name": "a.csv", "raw": b"a,b\n1,2\n", "mimetype": "text/csv"}
        )
        for field in ("datas", "raw"):
            given = self.value(field, attachment, "ir.attachment")
            self.assertEqual((given["blob"], given["mime_type"]), (b"a,b\n1,2\n", "text/csv"), field)

    def test_a_file_that_is_not_there_or_not_for_everybody(self):
        with self.assertRaises(MissingError):
            self.value("image_1920", self.env["res.partner"].create({"name": "MCP bare"}))
        with self.assertRaises(AccessError):
            self.value("image_1920", self.hidden)
        foreign = self.env["ir.attachment"].with_user(self.system).create(
            {"name": "b", "raw": b"b", "res_model": "ir.rule", "res_id": 1}
        )
        with self.assertRaises(AccessError):
            self.value("raw", foreign, "ir.attachment")

    def test_a_file_that_is_too_large(self):
        size = len(base64.b64decode(PIXEL))
        self.assertEqual(len(self.value("image_1920", most_bytes=size)["blob"]), size)
        with self.assertRaises(UserError) as caught:
            self.value("image_1920", most_bytes=size - 1)
        self.assertIn(str(size), str(caught.exception))
        # Computed, so its size is not known before.
        with self.assertRaises(UserError):
            self.value("avatar_128", most_bytes=5)

    def test_what_an_author_makes(self):
        model = self.env.registry["mcp.resource"]
        made = {}
        model._resource_unit_test = lambda self, what="nothing": made[what]
        self.addCleanup(delattr, model, "_resource_unit_test")

        def call(value, **variables):
            made["x"] = value
            return self.resources._resource_call("_resource_unit_test", {"what": "x", **variables})

        self.assertEqual(call("text"), {"text": "text"})
        self.assertEqual(call(base64.b64decode(PIXEL)), {"blob": base64.b64decode(PIXEL), "mime_type": "image/png"})
        self.assertEqual(call([1, {"a": None}]), {"json": [1, {"a": None}]})
        self.assertEqual(call(False), {"json": False})
        self.assertEqual(call(""), {"text": ""})
        image = content.image(PIXEL, "image/png")
        for parts in (image, [content.text("a"), image], content.Result("a")):
            self.assertIs(call(parts), parts)
        with self.assertRaises(MissingError):
            call(None)
        with self.assertRaises(BadArguments):
            call("text", other="y")
        for method in ("_resource_call", "_resource_complete", "_resource_none", "unlink", "_content", "_resource_"):
            with self.subTest(method=method), self.assertRaises(NoMethod):
                self.resources._resource_call(method, {})

    def test_completion_of_records(self):
        found = self.complete("id", "mcp zebra", "res.partner")["values"]
        self.assertEqual(found, [str(self.partner.id)])
        by_number = self.complete("id", str(self.partner.id), "res.partner")["values"]
        self.assertEqual(by_number[0], str(self.partner.id))
        self.assertNotIn(str(self.hidden.id), self.complete("id", str(self.hidden.id), "res.partner")["values"])
        self.assertEqual(len(self.complete("id", "", "res.partner", limit=3)["values"]), 3)
        self.assertEqual(self.complete("id", "9" * 30, "res.partner")["values"], [])
        with self.assertRaises(AccessError):
            self.complete("id", "", "ir.rule")

    def test_completion_of_fields_and_apps(self):
        names = [name for name, _label in self.complete("field", "", "res.users")["candidates"]]
        self.assertIn("login", names)
        self.assertFalse(self.restricted & set(names))
        with self.assertRaises(AccessError):
            self.complete("module", "", resources=self.env["mcp.resource"].with_user(self.portal))
        apps = self.complete("module", "", resources=self.env["mcp.resource"].with_user(self.system))["candidates"]
        self.assertIn("odoo_mcp", [name for name, _label in apps])

    def test_completion_by_the_author(self):
        model = self.env.registry["mcp.resource"]
        model._resource_complete_unit_test = lambda self, variable, value, given, limit: [variable + value][:limit]
        self.addCleanup(delattr, model, "_resource_complete_unit_test")
        self.assertEqual(self.complete("what", "x", method="_resource_unit_test"), {"values": ["whatx"]})
        self.assertEqual(self.complete("what", "x", method="_resource_other"), {"values": []})
        self.assertEqual(self.complete("what", "x"), {"values": []})
