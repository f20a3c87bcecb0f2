# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import ast
import textwrap

from odoo.tests import TransactionCase, tagged

from ..facts import code_dependencies
from ..facts.code_reading import Reading


@tagged("post_install", "-at_install")
class TestReading(TransactionCase):
    """What a piece of source reads, as a method of partners."""

    def walk(self, source, model="res.partner"):
        code = code_dependencies.Code(self.env.registry)
        reading = Reading(code, self.env.registry[model], "_compute_it")
        tree = ast.parse("def _compute_it(self):\n" + textwrap.indent(textwrap.dedent(source), "    "))
        reading.walk(tree.body[0], ())
        reading.close()
        return reading.reads

    def reads(self, source, model="res.partner"):
        """The fields whose values the source reads, without those that only decide something."""
        return {read for read, (_found, decides) in self.walk(source, model).items() if not decides}

    def decisions(self, source):
        return {read for read, (_found, decides) in self.walk(source).items() if decides}

    def assertReads(self, source, *expected):
        self.assertEqual(self.reads(source), {tuple(name.rsplit(".", 1)) for name in expected})

    def test_a_chain_is_not_broken_by_what_keeps_the_model(self):
        for step in ("", ".sudo()", ".with_company(self.env.company)", ".with_context(a=1)", ".exists()", "[:1]"):
            self.assertReads(f"return self.parent_id{step}.email", "res.partner.email")
        self.assertReads("return (self.parent_id or self).country_id.name", "res.country.name")
        self.assertReads("return (self.child_ids - self).country_id.name", "res.country.name")

    def test_variables_have_the_type_of_what_they_are_assigned(self):
        self.assertReads("for partner in self:\n  bank = partner.country_id\n  x = bank.code", "res.country.code")
        self.assertReads("one, other = self.parent_id, self.country_id\nreturn other.code", "res.country.code")
        self.assertReads("return [c.country_id.code for c in self.child_ids]", "res.country.code")
        self.assertReads("return self.child_ids.mapped(lambda c: c.country_id.code)", "res.country.code")
        self.assertReads("found = {}\nfound[1] = self.country_id\nreturn found[1].code", "res.country.code")
        self.assertReads("x = self.country_id\nif a:\n  x = self.parent_id\nreturn x.name", *self.names())
        self.assertReads("x = unknown()\nreturn x.name")

    def names(self):
        return "res.country.name", "res.partner.name"

    def test_fields_that_texts_name_are_read(self):
        self.assertReads("return self.mapped('country_id.code')", "res.country.code")
        self.assertReads("return self['email']", "res.partner.email")
        self.assertReads("return self.env['res.country'].search_read([], ['code'])", "res.country.code")
        self.assertReads("return self._read_group([], ['parent_id'], ['color:sum'])", "res.partner.color")
        grouped = "for country, n in self._read_group([], ['country_id'], ['__count']):\n  x = country.code"
        self.assertReads(grouped, "res.country.code")

    def test_a_relation_alone_is_no_value_and_its_name_is_one(self):
        self.assertReads("return self.country_id")
        self.assertReads("return self.country_id.display_name", "res.country.display_name")

    def test_models_that_the_source_names_are_followed(self):
        self.assertReads("return self.env['res.country'].search([]).name", "res.country.name")
        self.assertReads("Country = self.env['res.country']\nreturn Country.browse(1).name", "res.country.name")
        self.assertTrue(self.walk("return self.env['res.country'].search([]).name")["res.country", "name"][0])
        self.assertFalse(self.walk("return self.country_id.name")["res.country", "name"][0])

    def test_columns_of_sql_are_read(self):
        sql = "self.env.cr.execute('SELECT p.email FROM res_partner p WHERE p.vat = 1 AND other.name = 2')"
        self.assertReads(sql, "res.partner.email")
        self.assertEqual(self.decisions(sql), {("res.partner", "vat")})
        joined = "FROM res_partner p JOIN res_country c ON c.id = p.country_id"
        self.assertReads(f"return 'SELECT p.email AS name, city {joined}'", "res.partner.email", "res.partner.city")
        self.assertReads("return 'SELECT res_partner.city FROM %s JOIN res_country c'", "res.partner.city")
        self.assertReads("'''Take the name from res_partner when there is one.'''")

    def test_what_only_decides_is_told_apart(self):
        for source in (
            "if self.email:\n  return 1",
            "return self.email == 'x'",
            "return 1 if self.email else 2",
            "return self.filtered(lambda p: p.email)",
            "return self.search([('email', '=', 1)])",
            "return not self.email",
        ):
            self.assertReads(source)
            self.assertEqual(self.decisions(source), {("res.partner", "email")})
        self.assertReads("if self.email:\n  return self.email", "res.partner.email")

    def test_methods_that_are_called_are_followed(self):
        code = code_dependencies.Code(self.env.registry)
        reads = code.reads("res.partner", "_compute_display_name")
        self.assertIn(("res.partner", "name"), reads)
        self.assertEqual(code.reads("res.partner", "no_such_method"), {})

    def test_a_method_that_calls_itself_comes_to_an_end(self):
        self.assertReads("f = lambda p: f(p.parent_id) or p.email\nreturn f(self)", "res.partner.email")
        self.assertReads("while self:\n  self = [self, self.parent_id]\nreturn self")

    def test_source_that_is_too_deep_is_not_known(self):
        code = code_dependencies.Code(self.env.registry)
        deep = ast.parse("def _compute_it(self):\n    return x" + ".x" * 600).body[0]
        code._definitions["res.partner", "_compute_it"] = [deep]
        self.assertIsNone(code.reads("res.partner", "_compute_it"))

    def test_source_that_is_not_there_is_not_known(self):
        namespace = {}
        exec("def _compute_it(self):\n    return self.email", namespace)
        kind = type("Kind", (), {"_compute_it": namespace["_compute_it"]})
        self.assertEqual(code_dependencies.Sources().definitions(kind, "_compute_it"), [None])
