# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.exceptions import AccessError
from odoo.tests import TransactionCase, tagged

from .. import compat
from ..facts import registry_facts
from ..policy import record_checks


@tagged("post_install", "-at_install")
class TestPolicyBounds(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.parent = cls.env["res.partner"].create({"name": "Parent"})
        cls.inside, cls.outside = cls.env["res.partner"].create(
            [{"name": "Inside", "parent_id": cls.parent.id}, {"name": "Outside", "parent_id": cls.parent.id}]
        )
        cls.domain = [("name", "!=", "Outside")]

    def test_records_outside_are_refused_by_id(self):
        both = self.inside | self.outside
        record_checks.check(both, None)
        record_checks.check(self.inside, self.domain)
        record_checks.check(self.env["res.partner"], self.domain)
        with self.assertRaises(AccessError) as caught:
            record_checks.check(both, self.domain)
        self.assertIn(str(self.outside.id), str(caught.exception))
        self.assertNotIn(str(self.inside.id) + ",", str(caught.exception))
        # Archived ones are records like others.
        self.inside.active = False
        record_checks.check(self.inside, self.domain)

    def test_records_of_several_models(self):
        within = [{"model": "res.partner", "ids": [self.inside.id], "domain": self.domain}]
        record_checks.check_all(self.env, within)
        record_checks.check_all(self.env, None)
        within.append({"model": "res.partner", "ids": [self.outside.id], "domain": self.domain})
        with self.assertRaises(AccessError):
            record_checks.check_all(self.env, within)

    def test_a_model_that_may_not_change(self):
        within = [{"model": "res.partner", "unchanged": ["create", "unlink"], "layer": "closed"}]
        before = record_checks.check_all(self.env, within)
        record_checks.check_all(self.env, within, before)
        self.inside.name = "Changed"
        record_checks.check_all(self.env, within, before)
        within[0]["unchanged"] = ["write"]
        with self.assertRaises(AccessError) as caught:
            record_checks.check_all(self.env, within, before)
        self.assertIn("res.partner", str(caught.exception))
        # What has no table, or is gone, does not change.
        for name in ("mail.thread", "gone.model"):
            within = [{"model": name, "unchanged": ["write"], "layer": "closed"}]
            record_checks.check_all(self.env, within, record_checks.check_all(self.env, within))
        within = [{"model": "res.partner", "unchanged": ["write"], "layer": "closed"}]
        # Who begins anew is not told of what others did before.
        again = record_checks.check_all(self.env, within)
        record_checks.check_all(self.env, within, again)

    def deletion(self, domain, **more):
        child = {"parent": "res.partner.category", "model": "res.partner.category", "field": "parent_id"}
        ids = [self.category.id]
        return [{"model": "res.partner.category", "ids": ids, "children": [{**child, "domain": domain, **more}]}]

    def test_records_that_go_with_others(self):
        self.category = self.env["res.partner.category"].create({"name": "above"})
        record_checks.check_all(self.env, self.deletion(None, layer="key_scope"))
        below = self.env["res.partner.category"].create({"name": "below", "parent_id": self.category.id})
        lowest = below.create({"name": "lowest", "parent_id": below.id, "active": False})
        _written, gone = record_checks.check_all(self.env, self.deletion([]))
        self.assertEqual(gone, {"res.partner.category": {self.category.id, below.id, lowest.id}})
        record_checks.check_all(self.env, self.deletion([("name", "!=", "above")]))
        for domain, more, layer in (
            (None, {"layer": "key_scope"}, "[key_scope]"),
            ([("name", "!=", "lowest")], {}, "[record_domain]"),
        ):
            with self.assertRaises(AccessError) as caught:
                record_checks.check_all(self.env, self.deletion(domain, **more))
            self.assertIn("res.partner.category", str(caught.exception))
            self.assertIn(layer, str(caught.exception))

    def test_records_that_code_deletes(self):
        category = self.env["res.partner.category"].create({"name": "goes"})
        others = {"others": ["res.partner"], "families": ["mail."], "unchanged": ["unlink"], "layer": "key_scope"}
        counted = {"model": "res.partner.category", "counted": True}
        same = {"model": "res.partner.category", "unchanged": ["unlink"], "layer": "access_record"}
        before = [record_checks.check_all(self.env, [part]) for part in (others, counted, same)]
        category.unlink()
        for part, state in zip((others, counted, same), before, strict=True):
            with self.assertRaises(AccessError) as caught:
                record_checks.check_all(self.env, [part], state)
            self.assertIn("res.partner.category", str(caught.exception))
        others["others"].append("res.partner.category")
        record_checks.check_all(self.env, [others], before[0])

    def test_names_and_lists_have_only_what_is_inside(self):
        child = self.env["res.partner"].create({"name": "Child", "parent_id": self.outside.id})
        rows = (child | self.inside).read(["parent_id"])
        record_checks.withhold(child, rows, {"parent_id": self.domain})
        self.assertEqual(rows[0]["parent_id"], (self.outside.id, None))
        self.assertEqual(rows[1]["parent_id"][0], self.parent.id)
        self.assertTrue(rows[1]["parent_id"][1])
        rows = self.parent.read(["child_ids"])
        record_checks.withhold(self.parent, rows, {"child_ids": self.domain})
        self.assertEqual(rows[0]["child_ids"], [self.inside.id])
        rows = self.parent.read(["parent_id"])
        record_checks.withhold(self.parent, rows, {"parent_id": self.domain})
        self.assertFalse(rows[0]["parent_id"])

    def test_who_may_not_search_a_model_sees_none_of_its_names(self):
        groups = {compat.USER_GROUPS_FIELD: [(6, 0, [])]}
        user = self.env["res.users"].create({"name": "u", "login": "bounds", **groups})
        child = self.inside.with_user(user)
        rows = [{"id": self.inside.id, "parent_id": (self.parent.id, "Parent")}]
        record_checks.withhold(child, rows, {"parent_id": []})
        self.assertEqual(rows[0]["parent_id"], (self.parent.id, None))


@tagged("post_install", "-at_install")
class TestRegistryFacts(TransactionCase):
    def facts(self, model, field):
        self.env.cr.execute(
            "SELECT on_model, on_field, related, beyond FROM mcp_field_dependency WHERE model = %s AND field = %s",
            (model, field),
        )
        return set(self.env.cr.fetchall())

    def digest(self):
        self.env.cr.execute("SELECT field, xmin::text FROM mcp_field_dependency WHERE model = ''")
        return self.env.cr.fetchall()

    def test_what_fields_are_made_of(self):
        registry_facts.export(self.env)
        self.assertEqual(len(self.digest()), 1)
        inherited = self.facts("res.users", "email")
        self.assertIn(("res.partner", "email", True, True), inherited)
        self.assertIn(("res.users", "partner_id", True, False), inherited)
        self.assertIn(("res.partner", "email", False, False), self.facts("res.partner", "email_normalized"))
        self.assertIn(("res.partner", "parent_id", False, True), self.facts("res.partner", "child_ids"))
        self.assertTrue(self.facts("res.partner", "display_name"))
        # The code of its method reads the name of the bank; it declares the bank.
        self.assertIn(("res.bank", "name", False, False), self.facts("res.partner.bank", "display_name"))
        self.assertFalse({fact for fact in self.facts("res.partner.bank", "display_name") if fact[1] == "bic"})
        named = {on_field for _model, on_field, _related, _beyond in self.facts("res.partner", "@names")}
        self.assertLessEqual({"email", "ref"}, named)
        self.assertFalse(self.facts("res.partner", "phone") - self.facts("res.partner", "@names"))

    def test_what_models_are(self):
        registry_facts.export(self.env)
        self.env.cr.execute("SELECT kind, model, field, other FROM mcp_model_fact")
        facts = set(self.env.cr.fetchall())
        for fact in (
            ("abstract", "mail.thread", "", ""),
            ("inherits", "res.users", "partner_id", "res.partner"),
            ("renders", "mail.template", "", ""),
            ("renders", "mail.compose.message", "", ""),
            ("template", "mail.template.preview", "", ""),
            ("inherited", "res.users", "email", "res.partner"),
            ("reference", "ir.attachment", "res_id", "res_model"),
            ("reference", "mail.followers.edit", "res_ids", "res_model"),
            ("shares", "ir.actions.actions", "", "ir.actions.server"),
            ("shares", "ir.actions.server", "", "ir.actions.actions"),
            ("changes", "res.company", "email", "res.partner"),
            ("changes", "res.partner.category", "partner_ids", "res.partner"),
            ("changes", "res.partner", "category_id", "res.partner.category"),
            ("may_change", "res.company", "street", "res.partner"),
            ("cascade", "res.partner.bank", "partner_id", "res.partner"),
            ("cascade", "res.partner.category", "parent_id", "res.partner.category"),
        ):
            self.assertIn(fact, facts)
        # What Odoo keeps of every record leads to users, of whom a contact is no part.
        self.assertFalse({fact for fact in facts if fact[0] == "part" and fact[1] == "res.partner"})

    def make_again(self):
        """Write what this process makes of the models."""
        self.env.cr.execute("DELETE FROM mcp_field_dependency WHERE model = ''")
        registry_facts.export(self.env)

    def mark(self):
        self.env.cr.execute("SELECT on_field FROM mcp_field_dependency WHERE model = ''")
        return self.env.cr.fetchone()[0]

    def test_it_is_looked_at_again_only_when_what_it_is_made_of_has_changed(self):
        self.make_again()
        before, mark = self.digest()[0][0], self.mark()
        # With what it was made of unchanged nobody looks at the models again.
        self.env.cr.execute("DELETE FROM mcp_field_dependency WHERE model = 'res.users'")
        registry_facts.export(self.env)
        self.assertFalse(self.facts("res.users", "email"))
        self.env.cr.execute("UPDATE ir_module_module SET latest_version = 'other' WHERE name = 'base'")
        registry_facts.export(self.env)
        self.assertEqual(self.digest()[0][0], before)
        self.assertNotEqual(self.mark(), mark)

    def test_it_is_written_only_when_it_has_changed(self):
        self.make_again()
        before = self.digest()
        registry_facts.export(self.env)
        self.assertEqual(self.digest(), before)
        self.env.cr.execute("UPDATE mcp_field_dependency SET field = 'other' WHERE model = ''")
        self.env.cr.execute("DELETE FROM mcp_field_dependency WHERE model = 'res.users'")
        registry_facts.export(self.env)
        self.assertEqual([row[0] for row in self.digest()], [before[0][0]])
        self.assertTrue(self.facts("res.users", "email"))
