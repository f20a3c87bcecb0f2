# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import contextlib
import json

from odoo import Command
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form, TransactionCase, new_test_user, tagged


@tagged("post_install", "-at_install")
class TestMcpAccess(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user = new_test_user(cls.env, "mcp_access_user", "base.group_user,odoo_mcp.group_mcp_user")
        cls.administrator = new_test_user(
            cls.env, "mcp_access_administrator", "base.group_user,odoo_mcp.group_mcp_administrator"
        )
        cls.env["mcp.access"].search([("model", "in", ("res.partner", "res.country"))]).unlink()

    def access(self, of="res.partner", **values):
        return (
            self.env["mcp.access"]
            .with_user(self.administrator)
            .create({"model_id": self.env["ir.model"]._get(of).id, **values})
        )

    @contextlib.contextmanager
    def refused(self, said):
        with self.assertRaises(ValidationError) as caught:
            yield
        self.assertRegex(str(caught.exception), said)

    def field(self, name, model="res.partner"):
        return self.env["ir.model.fields"]._get(model, name)

    def test_everything_is_open_at_first_and_the_name_is_stored(self):
        access = self.access()
        self.assertEqual(access.model, "res.partner")
        self.assertEqual(access.display_name, "res.partner")
        self.assertTrue(
            all((access.perm_read, access.perm_write, access.perm_create, access.perm_unlink, access.perm_call))
        )
        self.assertFalse(access.domain_json)

    def test_methods_without_confirmation_must_exist(self):
        access = self.access(confirm_unlink=True, free_methods="message_post\nname_search")
        self.assertTrue(access.confirm_unlink)
        self.assertFalse(access.confirm_write or access.confirm_create or access.confirm_call)
        for wrong in ("mesage_post", "_write", "a b"):
            with self.refused("method"):
                access.free_methods = wrong

    def test_one_record_for_a_model(self):
        self.access(active=False)
        with self.refused("res.partner already exists here"):
            self.access()

    def test_a_model_is_needed(self):
        with self.assertRaises(ValidationError):
            self.access(model_id=False)
        access = self.access()
        with self.assertRaises(ValidationError):
            access.model_id = False

    def test_the_list_of_closed_models(self):
        closed = {row.model: row for row in self.env["mcp.access.closed"].search([])}
        self.assertTrue(closed["ir.rule"].closed_for_reading)
        self.assertIn("administrators", closed["res.users"].reason)
        self.assertFalse(closed["res.users"].closed_for_reading)
        self.assertIn("no records", closed["mail.thread"].reason)
        self.assertNotIn("res.partner", closed)
        self.assertFalse(closed["ir.rule"].opened)
        self.access(model_id=self.env["ir.model"]._get("ir.rule").id)
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertTrue(self.env["mcp.access.closed"].search([("model", "=", "ir.rule")]).opened)

    def test_an_abstract_model_has_methods_to_allow_and_no_records(self):
        abstract = self.env["ir.model"]._get("mail.thread").id
        access = self.access(model_id=abstract, allowed_methods="message_notify")
        self.assertEqual(access.model, "mail.thread")
        with self.refused("without records"):
            access.domain = "[('id', '=', 1)]"

    def test_domains_become_json(self):
        for text, expected in (
            ("[]", []),
            ("[('user_id', '=', uid)]", [["user_id", "=", {"var": "uid"}]]),
            (
                "['|', ('company_id', '=', False), ('company_id', 'in', company_ids)]",
                ["|", ["company_id", "=", False], ["company_id", "in", {"var": "company_ids"}]],
            ),
            ("[('company_id', 'in', [False, company_id])]", [["company_id", "in", [False, {"var": "company_id"}]]]),
            ("[['id', '>', -5], ('name', '!=', None)]", [["id", ">", -5], ["name", "!=", None]]),
            (
                "[('child_ids', 'any', ['!', ('country_id.code', '=', 'BE')])]",
                [["child_ids", "any", ["!", ["country_id.code", "=", "BE"]]]],
            ),
            ("[(1, '=', 1)]", [[1, "=", 1]]),
        ):
            with self.subTest(domain=text):
                access = self.access(domain=f"  {text}\n")
                self.assertEqual(json.loads(access.domain_json), expected)
                self.assertEqual(access.domain, text)
                access.domain = " "
                self.assertFalse(access.domain_json)
                self.assertFalse(access.domain)
                access.unlink()

    def test_domains_are_literals_of_the_model(self):
        ran = []
        self.patch(type(self.env["res.partner"]), "_compute_display_name", lambda partners: ran.append(partners))
        for text, said in (
            ("[('nam', '=', 'x')]", "no field nam. Did you mean name"),
            ("[('country_id.cod', '=', 'x')]", "res.country has no field cod. Did you mean code"),
            ("[('name.x', '=', 'x')]", "name, which is not relational"),
            ("[('child_ids', 'any', [('nam', '=', 'x')])]", "no field nam"),
            ("[('name', 'any', [])]", "needs a relation"),
            ("[('child_ids', 'any', 3)]", "domain is not valid"),
            ("[('user_id', '=', user.id)]", "not evaluated, but for uid"),
            ("[('user_id', '=', user)]", "not evaluated, but for uid"),
            ("[('name', '=', name)]", "not evaluated, but for uid"),
            ("[(uid, '=', 1)]", "quotation marks"),
            ("[(company_id, '=', 1)]", "quotation marks"),
            ("[(1, '=', company_id)]", "quotation marks"),
            ("[('name', uid, 1)]", "quotation marks"),
            ("[('name', '==', 'x')]", "domain is not valid.*=="),
            ("[('company_id', 'in', [company_ids, 3])]", "domain is not valid"),
            ("[('company_id', 'in', company_ids + [False])]", "expected here"),
            ("[('id', 'in', [[1]])]", "domain is not valid"),
            ("[('name', '=', 'x'), '&']", "domain is not valid"),
            ("['|', ('name', '=', 'x')]", "domain is not valid"),
            ("['xor', ('name', '=', 'x')]", "unexpected text"),
            ("[('name', '=')]", "domain is not valid"),
            ("[True]", "expected a term"),
            ("('name', '=', 'x')", "single term"),
            ("{'name': 'x'}", "dicts"),
            ("'x'", "is a list"),
            ("uid", "is a list"),
            ("[('name', '=', f'{uid}')]", "not evaluated"),
            ("[('name', '=', __import__('os').getpid())]", "not evaluated"),
            ("[x for x in ()]", "not evaluated"),
            ("[('name', '=', b'x')]", "not evaluated"),
            ("[('name', '=', 'x'", "domain is not valid"),
            ("[('name', '=', 1e999)]", "domain is not valid"),
            ("[" * 5000 + "]" * 5000, "domain is not valid"),
            ("[('name', '=', '" + "x" * 10000 + "')]", "10000 characters"),
            # What only Odoo or PostgreSQL know.
            ("[('id', '=', 'x')]", "fails|rejects"),
        ):
            with self.subTest(domain=text[:80]), self.refused(said):
                self.access(domain=text)
        self.assertFalse(ran)
        # A failed look leaves the transaction usable.
        self.assertTrue(self.access(domain="[('name', '=', 'x')]"))

    def test_what_is_made_cannot_be_given(self):
        for values in ({"domain_json": "[]"}, {"model": "res.users"}):
            with self.assertRaises(ValidationError):
                self.access(**values)
            access = self.access("res.country", domain="[('code', '=', 'BE')]")
            with self.assertRaises(ValidationError):
                access.write(values)
            access.unlink()

    def test_fields_belong_to_the_model(self):
        foreign = self.field("code", "res.country")
        for name in ("allowed_field_ids", "hidden_field_ids"):
            with self.refused("code belongs to the model res.country"):
                self.access(**{name: [Command.set(foreign.ids)]})
        with self.refused("id cannot be hidden"):
            self.access(hidden_field_ids=[Command.set(self.field("id").ids)])
        name = [Command.set(self.field("name").ids)]
        with self.refused("allowed and hidden"):
            self.access(allowed_field_ids=name, hidden_field_ids=name)
        access = self.access(hidden_field_ids=name)
        with self.refused("name belongs to the model res.partner"):
            access.model_id = foreign.model_id

    def test_methods(self):
        access = self.access(blocked_methods=" write \n\nunlink\nwrite", allowed_methods="\n")
        self.assertEqual(access.blocked_methods, "write\nunlink")
        self.assertFalse(access.allowed_methods)
        for methods, said in (
            ("_write", "not the name of a public method"),
            ("write, unlink", "not the name of a public method"),
            ("wriite", "no method wriite. Did you mean write"),
            ("name", "no method name"),
        ):
            with self.subTest(methods=methods), self.refused(said):
                access.allowed_methods = methods
        with self.refused("allowed and blocked"):
            access.allowed_methods = "write"

    def test_an_administrator_of_mcp_alone_fills_in_the_form(self):
        """Odoo lets only who administers users read the lists of models and fields."""
        model, email = self.env["ir.model"]._get("res.partner"), self.field("email")
        with Form(self.env["mcp.access"].with_user(self.administrator), "odoo_mcp.view_mcp_access_form") as form:
            form.model_id = model
            form.hidden_field_ids.add(email)
            form.group_ids.add(self.env.ref("base.group_user"))
            form.domain = "[('is_company', '=', True)]"
            form.perm_unlink = False
        self.assertEqual(form.record.model, "res.partner")
        self.assertEqual(form.record.hidden_field_ids, email)
        self.assertFalse(form.record.perm_unlink)
        # Fields of the model before go with it.
        with Form(form.record, "odoo_mcp.view_mcp_access_form") as form:
            form.model_id = self.env["ir.model"]._get("res.country")
            form.domain = False
        self.assertFalse(form.record.hidden_field_ids)
        self.assertEqual(form.record.model, "res.country")

    def test_only_administrators(self):
        access = self.access()
        for change in (
            lambda policy: policy.search([]),
            lambda policy: policy.browse(access.id).read(["model"]),
            lambda policy: policy.browse(access.id).write({"perm_read": False}),
            lambda policy: policy.browse(access.id).unlink(),
            lambda policy: policy.create({"model_id": self.env["ir.model"]._get("res.country").id}),
        ):
            with self.assertRaises(AccessError):
                change(self.env["mcp.access"].with_user(self.user))

    def test_the_model_goes_and_the_rule_stays(self):
        model = self.env["ir.model"].create(
            {"name": "P", "model": "x_mcp_passing", "field_id": [Command.create({"name": "x_a", "ttype": "char"})]}
        )
        access = self.access("x_mcp_passing", perm_read=False, domain="[('x_a', '=', 'b')]")
        model.unlink()
        self.env.invalidate_all()
        self.assertEqual(access.model, "x_mcp_passing")
        self.assertFalse(access.model_id)
        self.assertEqual(json.loads(access.domain_json), [["x_a", "=", "b"]])
        self.assertFalse(access.perm_read)
        access.note = "It is gone."
