# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import contextlib
import datetime
import json

from psycopg2 import IntegrityError

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, TransactionCase, new_test_user, tagged
from odoo.tools import mute_logger
from odoo.tools.safe_eval import safe_eval

from .. import compat, hooks


class KeyCase(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.anna = new_test_user(cls.env, "mcp_key_anna", "base.group_user,odoo_mcp.group_mcp_user")
        cls.ben = new_test_user(cls.env, "mcp_key_ben", "base.group_user,odoo_mcp.group_mcp_user")
        cls.nobody = new_test_user(cls.env, "mcp_key_nobody", "base.group_user")
        cls.portal = new_test_user(cls.env, "mcp_key_portal", "base.group_portal,odoo_mcp.group_mcp_user")
        cls.gone = new_test_user(cls.env, "mcp_key_gone", "base.group_user,odoo_mcp.group_mcp_user")
        cls.gone.active = False
        # Governs MCP and administers no users.
        cls.governor = new_test_user(cls.env, "mcp_key_governor", "base.group_user,odoo_mcp.group_mcp_administrator")
        cls.boss = new_test_user(
            cls.env, "mcp_key_boss", "base.group_user,base.group_erp_manager,odoo_mcp.group_mcp_administrator"
        )
        cls.root = new_test_user(
            cls.env, "mcp_key_root", "base.group_user,base.group_system,odoo_mcp.group_mcp_administrator"
        )

    @contextlib.contextmanager
    def refused(self, kind, said):
        with self.assertRaises(kind) as caught:
            yield
        self.assertRegex(str(caught.exception), said)

    def wizard(self, maker, owner=None, **values):
        wizards = self.env["mcp.key.create"].with_user(maker)
        # An administrator's first choice wants rules for models.
        values.setdefault("reach", "named" if values.get("line_ids") else "all")
        return wizards.create({"name": "Robot", "user_id": (owner or maker).id, **values})

    def make(self, maker, owner=None, **values):
        """The new key's secret, and its scope as the superuser sees it."""
        secret, scope = self.wizard(maker, owner, **values)._make()
        return secret, scope.sudo()

    def model(self, name):
        return self.env["ir.model"]._get(name).id

    def takes(self, secret, scope):
        """The user whom Odoo itself finds by the key for ``scope``."""
        self.env.flush_all()
        return self.env["res.users.apikeys"]._check_credentials(scope=scope, key=secret)

    def in_days(self, days):
        return fields.Datetime.now() + datetime.timedelta(days=days)


@tagged("post_install", "-at_install")
class TestMcpKey(KeyCase):
    def test_a_key_and_its_scope_in_one_step(self):
        secret, scope = self.make(self.anna, read_only=True, networks=" 203.0.113.7 \n\n2001:db8::/32")
        self.assertRegex(secret, r"^[0-9a-f]{40}$")
        self.assertEqual(scope.user_id, self.anna)
        self.assertEqual(scope.api_key_id.user_id, self.anna)
        self.assertEqual((scope.api_key_id.name, scope.api_key_id.scope), ("Robot", "mcp"))
        self.assertEqual(scope.networks, "203.0.113.7\n2001:db8::/32")
        self.assertTrue(scope.active and scope.read_only and scope.all_models)
        self.assertEqual(scope.expires, compat.key_expires(scope.api_key_id) or scope.expires)
        self.assertEqual(self.takes(secret, "mcp"), self.anna.id)
        # Odoo's own interfaces ask for the scope rpc.
        self.assertFalse(self.takes(secret, "rpc"))

    def test_each_key_has_its_own_scope(self):
        first, second = self.make(self.anna)[1], self.make(self.anna)[1]
        self.assertNotEqual(first.api_key_id, second.api_key_id)
        other = self.make(self.root, self.ben)[1]
        self.assertEqual(other.api_key_id.user_id, self.ben)

    def test_the_secret_is_in_no_table(self):
        with self.assertLogs("", "DEBUG") as logs:
            secret, scope = self.make(self.anna)
            self.env.flush_all()
        self.assertNotIn(secret, "\n".join(logs.output))
        cr = self.env.cr
        cr.execute(
            "SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname) FROM pg_class c"
            " JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE c.relkind IN ('r', 'm', 'p') AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'"
        )
        tables = [name for (name,) in cr.fetchall()]
        self.assertIn("public.mcp_key_create", tables)

        def holding(text):
            found = []
            for table in tables:
                cr.execute(f"SELECT 1 FROM {table} t WHERE t::text LIKE %s LIMIT 1", (f"%{text}%",))  # noqa: S608
                found += [table] if cr.fetchone() else []
            return found

        self.assertEqual(holding(secret), [])
        self.assertEqual(holding(secret[8:]), [])
        # What is searched for would be found.
        scope.name = secret
        self.env.flush_all()
        self.assertEqual(holding(secret[8:]), ["public.mcp_key_scope"])

    def test_the_wizard_is_gone_afterwards(self):
        wizard = self.wizard(self.anna)
        wizard._make()
        self.assertFalse(wizard.exists())

    def test_who_makes_keys_for_whom(self):
        for maker, owner in ((self.root, self.anna), (self.boss, self.portal), (self.boss, self.governor)):
            with self.subTest(maker=maker.login, owner=owner.login):
                expires = self.env["mcp.key.create"]._usual_end(owner)
                self.assertEqual(self.make(maker, owner, expires=expires)[1].user_id, owner)
        for maker, owner in (
            (self.anna, self.ben),
            (self.anna, self.root),
            # Whoever governs MCP could otherwise act as an administrator of Odoo.
            (self.governor, self.anna),
            (self.governor, self.root),
        ):
            with self.subTest(maker=maker.login, owner=owner.login), self.refused(AccessError, "for yourself"):
                self.make(maker, owner)
        with self.assertRaises(AccessError):
            self.wizard(self.nobody)

    def test_for_whom_a_key_would_be_of_no_use(self):
        for owner, said in (
            (self.gone, "is not active"),
            (self.env.ref("base.user_root"), "is not active"),
            (self.env.ref("base.public_user"), "is not active"),
            (self.nobody, "not in the group MCP User"),
        ):
            with self.subTest(owner=owner.login), self.refused(UserError, said):
                self.make(self.root, owner)
        self.gone.active = True
        self.assertTrue(self.make(self.root, self.gone))

    def test_nobody_reaches_anothers_wizard(self):
        wizard = self.wizard(self.anna)
        for attempt in (
            lambda: wizard.with_user(self.ben).read(["name"]),
            lambda: wizard.with_user(self.ben).write({"name": "x"}),
            lambda: wizard.with_user(self.ben)._make(),
        ):
            with self.assertRaises(AccessError):
                attempt()

    def test_a_key_lasts_as_long_as_odoo_lets_it(self):
        longest = compat.key_days(self.anna)
        if longest is None:
            self.assertFalse(compat.key_expires(self.make(self.anna, expires=False)[1].api_key_id))
            return
        for maker, owner in ((self.anna, self.anna), (self.boss, self.anna)):
            for expires in (False, self.in_days(longest + 1)):
                with (
                    self.subTest(maker=maker.login, expires=expires),
                    self.refused(ValidationError, "expiration|exceed"),
                ):
                    self.make(maker, owner, expires=expires)
            self.assertTrue(self.make(maker, owner, expires=self.in_days(longest - 1)))
        self.assertTrue(self.make(self.anna))
        scope = self.make(self.root, self.anna, expires=False)[1]
        self.assertFalse(scope.expires or compat.key_expires(scope.api_key_id))

    def test_a_scope_ends_with_its_key_at_the_latest(self):
        scope = self.make(self.anna)[1].with_user(self.governor)
        for expires in (False, scope.expires + datetime.timedelta(days=1)):
            with self.subTest(expires=expires), self.refused(ValidationError, "cannot expire later"):
                scope.expires = expires
        scope.expires -= datetime.timedelta(days=1)

    def test_where_keys_need_a_scope_users_do_not_make_their_own(self):
        self.env["ir.config_parameter"].sudo().set_param("odoo_mcp.unscoped_keys", "none")
        with self.refused(AccessError, "Ask an administrator"):
            self.make(self.anna)
        self.assertTrue(self.make(self.governor))
        self.assertTrue(self.make(self.boss, self.anna))

    def test_values_are_checked_when_the_key_is_made(self):
        rival = self.env["res.company"].create({"name": "Rival of the keys"})
        for values, said in (
            ({"networks": "10.0.0.300"}, '"10.0.0.300"'),
            ({"networks": "10.0.0.1/24"}, "10.0.0.0/24"),
            ({"networks": "10.0.0.1\nexample.com"}, "Line 2, .example.com"),
            ({"company_ids": [Command.set(rival.ids)]}, "no access to the company Rival of the keys"),
        ):
            keys = self.env["res.users.apikeys"].sudo().search_count([("user_id", "=", self.anna.id)])
            with self.subTest(values=values), self.refused(ValidationError, said):
                self.make(self.root, self.anna, **values)
            # No key without its scope.
            self.assertEqual(self.env["res.users.apikeys"].sudo().search_count([("user_id", "=", self.anna.id)]), keys)
        self.assertTrue(self.make(self.root, self.anna, company_ids=[Command.set(self.anna.company_ids.ids)]))

    def test_rules_and_tools_of_an_administrator(self):
        tool = self.env["mcp.tool"].search([("name", "=", "search")])
        email = self.env["ir.model.fields"]._get("res.partner", "email")
        line = {
            "model_id": self.model("res.partner"),
            "perm_write": False,
            "domain": "[('user_id', '=', uid)]",
            "hidden_field_ids": [Command.set(email.ids)],
            "blocked_methods": "unlink",
        }
        scope = self.make(
            self.governor, reach="named", tool_ids=[Command.set(tool.ids)], line_ids=[Command.create(line)]
        )[1]
        self.assertEqual(scope.tool_ids, tool)
        made = scope.line_ids
        self.assertEqual(made.model, "res.partner")
        self.assertEqual((made.perm_read, made.perm_write), (True, False))
        self.assertEqual(made.hidden_field_ids, email)
        self.assertEqual(json.loads(made.domain_json), [["user_id", "=", {"var": "uid"}]])
        self.assertEqual(
            scope.with_user(self.governor).summary.splitlines(),
            [
                "Tools: search.",
                "res.partner: read, create, delete, call methods; without the fields email; "
                "without the methods unlink; records [('user_id', '=', uid)]",
                "No access to other models.",
            ],
        )
        with self.refused(ValidationError, "no field nam"):
            self.make(self.governor, line_ids=[Command.create({**line, "domain": "[('nam', '=', 1)]"})])
        with self.refused(ValidationError, "rule for res.partner already exists here"):
            self.make(self.governor, line_ids=[Command.create(line), Command.create(line)])

    def test_the_first_choice_is_only_named_models(self):
        for user, reach in ((self.anna, "all"), (self.governor, "named")):
            wizards = self.env["mcp.key.create"].with_user(user)
            self.assertEqual(wizards.default_get(["reach"])["reach"], reach)
        with self.refused(UserError, "Add a rule for each required model"):
            self.make(self.governor, reach="named")
        line = {"model_id": self.model("res.country")}
        self.assertFalse(self.make(self.governor, line_ids=[Command.create(line)])[1].all_models)

    def test_the_name_of_anothers_key_is_not_read_through_the_wizard(self):
        theirs = self.make(self.ben, name="Ben's secret plan")[1]
        with self.assertRaises(AccessError):
            self.wizard(self.anna, template_id=theirs.id)
        wizard = self.wizard(self.anna)
        with self.assertRaises(AccessError):
            wizard.template_id = theirs

    def test_what_is_shown_once_is_not_made_by_rpc(self):
        with self.refused(UserError, "wizard"):
            self.env["mcp.key.show"].with_user(self.anna).create({"key": "hunter2"})

    def test_as_another_key(self):
        tool = self.env["mcp.tool"].search([("name", "=", "search")])
        template = self.make(
            self.root,
            self.anna,
            read_only=True,
            reach="named",
            networks="10.0.0.0/8",
            tool_ids=[Command.set(tool.ids)],
            line_ids=[Command.create({"model_id": self.model("res.country"), "domain": "[('code', '=', 'BE')]"})],
        )[1]
        template.write({"rate_per_minute": 7, "burst": 3, "max_concurrent": 1})
        for user in (self.anna, self.root):
            with Form(self.env["mcp.key.create"].with_user(user), "odoo_mcp.view_mcp_key_create_form") as form:
                form.name = "Another"
                form.template_id = template
            with self.subTest(user=user.login):
                scope = form.record._make()[1].sudo()
                self.assertEqual(scope.user_id, user)
                self.assertTrue(scope.read_only)
                self.assertFalse(scope.all_models)
                self.assertEqual(scope.networks, "10.0.0.0/8")
                self.assertEqual(scope.tool_ids, tool)
                self.assertEqual((scope.rate_per_minute, scope.burst, scope.max_concurrent), (7, 3, 1))
                self.assertEqual(scope.line_ids.mapped("domain"), ["[('code', '=', 'BE')]"])
        # Another's key tells nothing.
        with self.assertRaises(AccessError):
            self.make(self.ben, template_id=template.id)

    def test_a_user_gives_no_limits_of_their_own(self):
        tool = self.env["mcp.tool"].search([("name", "=", "search")])
        for values in ({"tool_ids": [Command.set(tool.ids)]}, {"line_ids": [Command.create({"model_id": 1})]}):
            with self.assertRaises(AccessError):
                self.make(self.anna, **values)
        with self.assertRaises(AccessError):
            self.wizard(self.anna, template_id=False).line_ids.create({"model_id": self.model("res.country")})

    def test_the_action_takes_a_browser(self):
        with self.refused(UserError, "over HTTP"):
            self.wizard(self.anna).action_make()
        with self.refused(UserError, "over HTTP"):
            self.make(self.anna)[1].with_user(self.anna).action_revoke()


@tagged("post_install", "-at_install")
class TestMcpKeyScope(KeyCase):
    def setUp(self):
        super().setUp()
        self.secret, self.scope = self.make(
            self.root, self.anna, line_ids=[Command.create({"model_id": self.model("res.partner")})]
        )
        self.line = self.scope.line_ids

    def test_who_sees_which(self):
        other = self.make(self.ben)[1]
        both = self.scope | other
        for user, seen in ((self.anna, self.scope), (self.ben, other), (self.governor, both), (self.root, both)):
            for records, expected in ((both, seen), (self.line, seen.line_ids)):
                with self.subTest(user=user.login, model=records._name):
                    found = records.with_user(user).search([("id", "in", records.ids)])
                    self.assertEqual(found.ids, expected.ids)
        for records in (both, self.line):
            with self.assertRaises(AccessError):
                records.with_user(self.nobody).search([])
        with self.assertRaises(AccessError):
            self.scope.with_user(self.ben).read(["name"])
        # The owner sees all there is to see of an own key, without a right on models or tools.
        with Form(self.scope.with_user(self.anna), "odoo_mcp.view_mcp_key_scope_form") as form:
            self.assertIn("res.partner: read", form.summary)

    def test_the_owner_changes_nothing(self):
        own, line = self.scope.with_user(self.anna), self.line.with_user(self.anna)
        partner = self.model("res.country")
        for name, attempt in {
            "write": lambda: own.write({"read_only": False}),
            "archive": lambda: own.write({"active": False}),
            "unlink": own.unlink,
            "create": lambda: own.create({"name": "x", "api_key_id": self.scope.api_key_id.id}),
            "copy": own.copy,
            "lines": lambda: own.write({"line_ids": [Command.clear()]}),
            "line write": lambda: line.write({"perm_read": False}),
            "line unlink": line.unlink,
            "line create": lambda: line.create({"scope_id": own.id, "model_id": partner}),
            "key write": lambda: own.api_key_id.write({"scope": "rpc"}),
        }.items():
            with self.subTest(attempt=name), self.assertRaises(AccessError):
                attempt()
        # The same is possible for whoever may.
        administrator = self.scope.with_user(self.governor)
        administrator.write({"read_only": True, "active": False, "line_ids": [Command.clear()]})
        self.assertFalse(self.line.exists())

    def test_a_scope_is_for_keys_of_mcp_alone(self):
        administrator = self.env["mcp.key.scope"].with_user(self.governor)
        self.anna.with_user(self.anna).env["res.users.apikeys"].with_user(self.anna).sudo()._generate(
            *([None, "ordinary"] if compat.VERSION < 18 else [None, "ordinary", False])
        )
        ordinary = self.env["res.users.apikeys"].search([("name", "=", "ordinary")])
        for key in (ordinary.id, False, -1):
            with self.subTest(key=key), self.refused(ValidationError, "created for MCP"):
                administrator.create({"name": "x", "api_key_id": key})
        with self.refused(ValidationError, "same owner as its key"):
            administrator.create({"name": "x", "api_key_id": self.scope.api_key_id.id, "user_id": self.ben.id})
        other = self.make(self.ben)[1]
        for values in ({"api_key_id": other.api_key_id.id}, {"user_id": self.ben.id}):
            with self.subTest(values=values), self.refused(ValidationError, "Create a new key"):
                self.scope.with_user(self.governor).write(values)
        with self.refused(ValidationError, "to another key"):
            self.line.with_user(self.governor).scope_id = other
        with self.assertRaises(AccessError):
            other.line_ids.with_user(self.anna).create({"scope_id": other.id, "model_id": self.model("res.country")})

    def test_the_key_goes_with_its_scope(self):
        key = self.scope.api_key_id
        self.assertEqual(self.takes(self.secret, "mcp"), self.anna.id)
        self.scope.with_user(self.governor).unlink()
        self.assertFalse(key.exists())
        self.assertFalse(self.takes(self.secret, "mcp"))

    def test_the_scope_goes_with_its_key(self):
        for delete in (
            lambda key: key.unlink(),
            lambda key: self.env.cr.execute("DELETE FROM res_users_apikeys WHERE id = %s", (key.id,)),
        ):
            scope = self.make(self.anna)[1]
            delete(scope.api_key_id)
            self.env.invalidate_all()
            self.assertFalse(scope.exists())
        self.anna.unlink()
        self.env.invalidate_all()
        self.assertFalse(self.scope.exists() or self.line.exists())

    def test_limits(self):
        administrator = self.scope.with_user(self.governor)
        for values, said in (
            ({"networks": "nowhere"}, "neither an address"),
            ({"burst": -1}, "cannot be negative"),
            ({"line_ids": [Command.create({"model_id": self.model("res.partner")})]}, "already exists here"),
        ):
            with self.subTest(values=values), self.refused(ValidationError, said):
                administrator.write(values)
        administrator.write({"networks": "::1\n10.1.0.0/16", "burst": 5})

    def test_a_list_never_becomes_empty_by_itself(self):
        tool = self.env["mcp.tool"].create({"name": "passing", "description": "x", "method": "_tool_count"})
        other = tool.copy({"name": "passing_too"})
        self.scope.tool_ids = tool | other
        tool.active = False
        self.env.invalidate_all()
        self.assertEqual(self.scope.tool_ids, tool | other)
        other.unlink()
        self.assertTrue(self.scope.active)
        tool.unlink()
        self.assertFalse(self.scope.active)
        # Groups and companies are kept as long as something is only for them.
        group = self.env["res.groups"].create({"name": "Passing"})
        country = self.model("res.country")
        access = self.env["mcp.access"].create({"model_id": country, "group_ids": [Command.set(group.ids)]})
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            group.unlink()
        access.unlink()
        group.unlink()
        self.anna.company_ids |= self.env["res.company"].create({"name": "Passing"})
        company = self.anna.company_ids - self.anna.company_id
        self.scope.company_ids = company
        self.anna.company_ids -= company
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            company.unlink()

    def test_last_use(self):
        self.assertFalse(self.scope.last_used)
        for key, minutes in ((self.scope.api_key_id.id, 3), (self.scope.api_key_id.id, 2), (0, 1)):
            self.env.cr.execute(
                "INSERT INTO mcp_audit_log (call_id, create_date, user_id, api_key_id, status)"
                " VALUES (gen_random_uuid(), timezone('UTC', now()) - make_interval(mins => %s), %s, %s, 'ok')",
                (minutes, self.anna.id, key),
            )
        self.env.invalidate_all()
        ago = fields.Datetime.now() - self.scope.with_user(self.anna).last_used
        self.assertEqual(round(ago.total_seconds() / 60), 2)

    def test_ordinary_keys(self):
        action = self.env["ir.actions.act_window"]._for_xml_id("odoo_mcp.action_mcp_ordinary_key")
        domain = safe_eval(action["domain"])
        keys = self.env["res.users.apikeys"]
        compat.generate_key(self.anna, None, "ordinary", self.in_days(1), False)
        compat.generate_key(self.anna, "2fa", "other", self.in_days(1), False)
        found = keys.with_user(self.anna).search(domain)
        self.assertEqual(found.mapped("name"), ["ordinary"])
        self.assertFalse(found.mcp_last_used)
        self.assertIn("ordinary", keys.with_user(self.root).search(domain).mapped("name"))
        self.assertNotIn(self.scope.api_key_id, keys.with_user(self.root).search(domain))
        # Who is not let in reads own keys as before.
        compat.generate_key(self.nobody, None, "own", self.in_days(1), False)
        own = keys.with_user(self.nobody).search([])
        self.assertEqual([key["name"] for key in own.read()], ["own"])

    def test_removal_of_the_app_takes_the_keys(self):
        key = self.scope.api_key_id
        group = self.env.ref("odoo_mcp.group_mcp_user")
        access = self.env["mcp.access"].create(
            {"model_id": self.model("res.country"), "active": False, "group_ids": [Command.set(group.ids)]}
        )
        hooks.uninstall_hook(self.env)
        self.assertFalse(access.exists())
        self.assertFalse(key.exists())
        self.assertFalse(self.takes(self.secret, "mcp"))


@tagged("post_install", "-at_install")
class TestMcpRulesOutliveApps(KeyCase):
    """Fields and models that go with their app and come back with it."""

    def setUp(self):
        super().setUp()
        self.fields = self.env["ir.model.fields"]

    def field(self, name, model="res.partner"):
        return self.fields.create(
            {"name": name, "model_id": self.model(model), "ttype": "char", "field_description": name}
        )

    def test_a_list_of_allowed_fields_never_becomes_empty(self):
        first, second, hidden = (self.field(name) for name in ("x_mcp_one", "x_mcp_two", "x_mcp_three"))
        self.env["mcp.access"].search([("model", "=", "res.partner")]).unlink()
        access = self.env["mcp.access"].create(
            {
                "model_id": self.model("res.partner"),
                "allowed_field_ids": [Command.set((first | second).ids)],
                "hidden_field_ids": [Command.set(hidden.ids)],
            }
        )
        scope = self.make(
            self.root,
            line_ids=[
                Command.create({"model_id": self.model("res.partner"), "allowed_field_ids": [Command.set(first.ids)]})
            ],
        )[1]
        first.unlink()
        self.assertEqual(access.allowed_field_ids, second)
        self.assertEqual(access.lost_allowed, "x_mcp_one")
        self.assertEqual(scope.line_ids.allowed_field_ids.mapped("name"), ["id"])
        self.assertIn("fields id, x_mcp_one", scope.summary)
        (second | hidden).unlink()
        self.assertEqual(access.allowed_field_ids.mapped("name"), ["id"])
        self.assertEqual(access.lost_hidden, "x_mcp_three")
        with self.refused(UserError, "cannot copy it"):
            access._rule_values()
        self.field("x_mcp_two")
        back = self.field("x_mcp_three")
        self.env["mcp.access"]._register_hook()
        self.assertEqual(set(access.allowed_field_ids.mapped("name")), {"id", "x_mcp_two"})
        self.assertEqual(access.hidden_field_ids, back)
        self.assertEqual(access.lost_allowed, "x_mcp_one")
        self.assertFalse(access.lost_hidden)
        # Who chooses anew decides.
        access.allowed_field_ids = [Command.set(self.fields._get("res.partner", "name").ids)]
        self.assertFalse(access.lost_allowed)

    def test_a_rule_finds_its_model_again(self):
        values = {"name": "P", "model": "x_mcp_passing", "field_id": [Command.create({"name": "x_a", "ttype": "char"})]}
        model = self.env["ir.model"].create(values)
        access = self.env["mcp.access"].create(
            {
                "model_id": model.id,
                "perm_write": False,
                "hidden_field_ids": [Command.set(self.fields._get("x_mcp_passing", "x_a").ids)],
            }
        )
        model.unlink()
        self.env.invalidate_all()
        self.assertEqual((access.model, access.model_id.id, access.lost_hidden), ("x_mcp_passing", False, "x_a"))
        self.env["mcp.access"]._register_hook()
        self.assertFalse(access.model_id)
        model = self.env["ir.model"].create(values)
        self.env["mcp.access"]._register_hook()
        self.assertEqual(access.model_id, model)
        self.assertEqual(access.hidden_field_ids.mapped("name"), ["x_a"])
        self.assertFalse(access.lost_hidden)
