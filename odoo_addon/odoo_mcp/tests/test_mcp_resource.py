# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import base64

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import TransactionCase, new_test_user, tagged

from ..models.mcp_resource import JSON_KINDS, VARIABLES

GIF = base64.b64encode(b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff,\x00\x00\x00\x00\x01\x00\x01")
SHIPPED = {
    "odoo://system": "system",
    "odoo://models": "models",
    "odoo://modules": "modules",
    "odoo://model/{model}/schema": "schema",
    "odoo://model/{model}/access": "access",
    "odoo://module/{module}": "module",
    "odoo://record/{model}/{id}": "record",
    "odoo://record/{model}/{id}/{field}": "value",
}


@tagged("post_install", "-at_install")
class TestMcpResource(TransactionCase):
    def resource(self, **values):
        return self.env["mcp.resource"].create({"name": "one", "uri": "test://one", "text": "One", **values})

    def refused(self, part=None, **values):
        with self.assertRaises(ValidationError) as caught, self.env.cr.savepoint():
            self.resource(**values)
        if part:
            self.assertIn(part, str(caught.exception))

    def test_what_is_shipped(self):
        data = self.env["ir.model.data"].search([("module", "=", "odoo_mcp"), ("model", "=", "mcp.resource")])
        shipped = self.env["mcp.resource"].browse(data.mapped("res_id"))
        self.assertEqual({resource.uri: resource.kind for resource in shipped}, SHIPPED)
        for resource in shipped:
            self.assertEqual(resource.is_template, "{" in resource.uri)
            self.assertTrue(resource.title and resource.description, resource.uri)
            json_kind = "application/json" if resource.kind in JSON_KINDS else False
            self.assertEqual(resource.mime_type, json_kind, resource.uri)

    def test_an_address_says_what_is_wrong_with_it(self):
        self.refused("scheme", uri="no scheme")
        self.refused("brace", uri="x://{a")
        self.refused("nothing between", uri="x://{a}{b}")
        self.refused("twice", uri="x://{a}/{a}")
        self.refused("ASCII", uri="x://é")

    def test_an_address_is_unique_among_archived_ones_too(self):
        first = self.resource(active=False)
        self.refused("test://one")
        self.assertFalse(first.is_template)
        other = self.resource(uri="test://two")
        with self.assertRaises(ValidationError):
            other.uri = "test://one"
        with self.assertRaises(ValidationError):
            self.env["mcp.resource"].create([{"name": "a", "uri": "test://3"}, {"name": "b", "uri": "test://3"}])

    def test_each_kind_needs_its_variables(self):
        for kind, names in VARIABLES.items():
            uri = "test://" + "/".join(["x", *(f"{{{name}}}" for name in names)])
            more = {"data": GIF} if kind == "binary" else {}
            resource = self.resource(uri=uri, kind=kind, **more)
            self.assertEqual(resource.is_template, bool(names))
            resource.unlink()
            self.refused("variables", uri=uri + "/{other}", kind=kind, **more)
            if names:
                self.refused("variables", uri="test://x", kind=kind, **more)

    def test_the_type_and_the_size_of_static_content(self):
        text = self.resource(text="é")
        self.assertEqual((text.mime_type, text.size), ("text/plain", 2))
        text.write({"mime_type": "text/markdown", "text": "# é"})
        self.assertEqual((text.mime_type, text.size), ("text/markdown", 4))
        file = self.resource(uri="test://file", kind="binary", data=GIF)
        self.assertEqual((file.mime_type, file.size), ("image/gif", len(base64.b64decode(GIF))))
        # A form asks for sizes in place of files.
        file.with_context(bin_size=True).write({"data": base64.b64encode(b"%PDF-1.4 and so on")})
        self.assertEqual((file.mime_type, file.size), ("application/pdf", 18))
        self.refused("Upload", uri="test://none", kind="binary")
        self.refused("base64", uri="test://none", kind="binary", data=b"a")

    def test_what_the_core_reads_is_in_the_table(self):
        file = self.resource(kind="binary", data=GIF)
        self.env.flush_all()
        self.env.cr.execute("SELECT is_template, size, data, mime_type FROM mcp_resource WHERE id = %s", (file.id,))
        is_template, size, data, mime_type = self.env.cr.fetchone()
        self.assertEqual((is_template, size, mime_type), (False, file.size, "image/gif"))
        self.assertEqual(base64.b64decode(bytes(data)), base64.b64decode(GIF))

    def test_types(self):
        for mime_type in ("text/plain", "image/svg+xml", "text/csv; charset=utf-8", 'text/x; a="b c";d=e'):
            self.resource(mime_type=mime_type).unlink()
        wrong = ("text", "text/", "/plain", "text/plain;", "text /plain", "text/plain\n", "té/xt", 'a/b; c="\n"')
        for mime_type in wrong:
            with self.subTest(mime_type=mime_type):
                self.refused("MIME", mime_type=mime_type)

    def test_numbers(self):
        for values in ({"most_kb": -1}, {"most_kb": 20001}, {"priority": 1.5}, {"priority": -0.1}):
            with self.subTest(values=values):
                self.refused(**values)
        self.resource(most_kb=20000, priority=1)

    def test_methods(self):
        wrong = ("read", "_resource_", "_resource_nothing", "_resource_call", "_resource_complete", "_content")
        for method in (False, *wrong):
            with self.subTest(method=method):
                self.refused("_resource_", kind="method", method=method)
        self.assertTrue(self.resource(kind="method", method="_resource_schema", uri="x://{model}").is_template)

    def test_a_field_of_a_record(self):
        good = {"kind": "field", "res_model": "res.company", "res_field": "logo"}
        self.resource(**good, res_id=1).unlink()
        self.resource(**good, uri="logo://{id}").unlink()
        self.refused("variables", **good)
        self.refused("variables", **good, res_id=1, uri="logo://{id}")
        self.refused("variables", **good, uri="logo://{company}")
        self.refused("Record ID", **good, res_id=-1)
        for wrong in (False, "no.such", "mail.thread"):
            self.refused("Model", **{**good, "res_model": wrong}, res_id=1)
        for wrong in (False, "no_such", "currency_id.name"):
            self.refused("Field", **{**good, "res_field": wrong}, res_id=1)

    def test_only_administrators_see_and_change_records(self):
        resource = self.resource()
        user = new_test_user(self.env, "mcp_resource_user", "base.group_user,odoo_mcp.group_mcp_user")
        system = new_test_user(self.env, "mcp_resource_system", "base.group_system")
        for somebody in (user, system):
            own = resource.with_user(somebody)
            attempts = {"read": [["text"]], "search": [[]], "write": [{"name": "x"}], "create": [{"uri": "x://x"}]}
            for method, arguments in {**attempts, "unlink": []}.items():
                with self.subTest(method=method), self.assertRaises(AccessError):
                    getattr(own, method)(*arguments)
        administrator = new_test_user(
            self.env, "mcp_resource_admin", "base.group_user,odoo_mcp.group_mcp_administrator"
        )
        resource.with_user(administrator).write({"text": "Two"})
        resource.with_user(administrator).unlink()

    def test_views_load(self):
        for kind in ("list", "form", "search"):
            view = self.env.ref(f"odoo_mcp.view_mcp_resource_{kind}")
            shown = self.env["mcp.resource"].get_view(view.id, view.type)
            self.assertIn("uri" if kind != "search" else "by_kind", shown["arch"])
        menu = self.env.ref("odoo_mcp.menu_mcp_resource")
        self.assertEqual(menu.action, self.env.ref("odoo_mcp.action_mcp_resource"))
