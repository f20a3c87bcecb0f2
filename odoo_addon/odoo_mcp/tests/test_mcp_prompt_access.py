# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, TransactionCase, new_test_user, tagged
from odoo.tools.safe_eval import safe_eval

LINES = ("mcp.prompt.argument", "mcp.prompt.message")


@tagged("post_install", "-at_install")
class TestMcpPromptAccess(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.nobody = new_test_user(cls.env, "mcp_prompt_nobody", "base.group_user")
        cls.anna = new_test_user(cls.env, "mcp_prompt_anna", "base.group_user,odoo_mcp.group_mcp_user")
        cls.ben = new_test_user(cls.env, "mcp_prompt_ben", "base.group_portal,odoo_mcp.group_mcp_user")
        cls.boss = new_test_user(
            cls.env, "mcp_prompt_boss", "base.group_user,base.group_system,odoo_mcp.group_mcp_administrator"
        )
        cls.of_anna = cls.prompt(cls.anna, "annas")
        cls.of_ben = cls.prompt(cls.ben, "bens")
        cls.of_all = cls.prompt(cls.boss, "everybodys")

    @classmethod
    def prompt(cls, user, name, **values):
        return (
            cls.env["mcp.prompt"]
            .with_user(user)
            .create(
                {
                    "name": name,
                    "message_ids": [Command.create({"text": "Hello {who}"})],
                    "argument_ids": [Command.create({"name": "who"})],
                    **values,
                }
            )
        )

    def seen(self, user, model="mcp.prompt"):
        mine = self.of_anna.sudo() | self.of_ben.sudo() | self.of_all.sudo()
        field = "id" if model == "mcp.prompt" else "prompt_id"
        found = self.env[model].with_user(user).search([(field, "in", mine.ids)])
        return sorted(found.mapped("name" if model == "mcp.prompt" else "prompt_id.name"))

    def test_owners(self):
        self.assertEqual(self.of_anna.user_id, self.anna)
        self.assertEqual(self.of_ben.user_id, self.ben)
        self.assertFalse(self.of_all.user_id)

    def test_everybody_sees_their_own_and_administrators_global_ones_too(self):
        for model in ("mcp.prompt", *LINES):
            self.assertEqual(self.seen(self.anna, model), ["annas"])
            self.assertEqual(self.seen(self.ben, model), ["bens"])
            # Personal prompts are private, for administrators too.
            self.assertEqual(self.seen(self.boss, model), ["everybodys"])
            with self.assertRaises(AccessError):
                self.seen(self.nobody, model)

    def test_nobody_reaches_anothers_by_its_id(self):
        for user, prompt in (
            (self.ben, self.of_anna),
            (self.anna, self.of_ben),
            (self.boss, self.of_anna),
            (self.anna, self.of_all),
        ):
            records = [prompt, prompt.sudo().message_ids, prompt.sudo().argument_ids]
            for record in records:
                with self.subTest(user=user.login, record=record):
                    foreign = record.with_user(user)
                    foreign.invalidate_recordset()
                    with self.assertRaises(AccessError):
                        foreign.read(["sequence"])
                    with self.assertRaises(AccessError):
                        foreign.write({"sequence": 1})
                    with self.assertRaises(AccessError):
                        foreign.unlink()
            found = prompt.with_user(user).name_search(prompt.sudo().name)
            self.assertNotIn(prompt.id, [number for number, _name in found])

    def test_nobody_makes_a_prompt_for_another(self):
        for user, owner in (
            (self.anna, self.ben.id),
            (self.anna, False),
            (self.boss, self.anna.id),
            (self.ben, self.anna.id),
        ):
            for name in ("new", "annas", "bens", "everybodys"):
                # The same words whether or not there is one of that name.
                with self.subTest(user=user.login, owner=owner, name=name), self.assertRaises(AccessError):
                    self.prompt(user, name, user_id=owner)
            own = self.prompt(user, "mine", user_id=user.id)
            with self.assertRaises(AccessError):
                own.user_id = owner
            own.unlink()

    def test_an_administrator_may_publish_an_own_prompt(self):
        own = self.prompt(self.boss, "own", user_id=self.boss.id)
        self.assertEqual(own.listed_name, "own")
        own.user_id = False
        self.assertFalse(own.user_id)

    def test_nobody_puts_words_into_anothers_prompt(self):
        for user, prompt in ((self.anna, self.of_all), (self.anna, self.of_ben), (self.boss, self.of_ben)):
            own = self.prompt(user, "own", user_id=user.id)
            for model, values in zip(LINES, ({"name": "who"}, {"text": "Hello {who}"}), strict=True):
                with self.subTest(user=user.login, model=model):
                    lines = self.env[model].with_user(user)
                    with self.assertRaises(AccessError):
                        lines.create({"prompt_id": prompt.id, **values})
                    with self.assertRaises(AccessError):
                        lines.with_context(default_prompt_id=prompt.id).create(values)
                    field = "argument_ids" if model == "mcp.prompt.argument" else "message_ids"
                    with self.assertRaises(AccessError):
                        own[field].prompt_id = prompt.id
                    foreign = self.env[model].search([("prompt_id", "=", prompt.id)])
                    with self.assertRaises(UserError):
                        own.write({field: [Command.link(foreign.id)]})
            own.invalidate_recordset()
            own.unlink()

    def test_the_name_of_anothers_prompt_is_free(self):
        self.assertEqual(self.prompt(self.anna, "bens").listed_name, "bens")
        self.assertEqual(self.prompt(self.anna, "everybodys").listed_name, "my.everybodys")

    def test_prompts_go_with_their_owner(self):
        prompt, message = self.of_anna, self.of_anna.message_ids
        self.anna.unlink()
        self.env.invalidate_all()
        self.assertFalse(prompt.sudo().exists())
        self.assertFalse(message.sudo().exists())

    def test_completions_are_the_users(self):
        rival = self.env["res.company"].create({"name": "Zz Rival"})
        secret = self.env["res.partner"].create({"name": "Zzyzx Secret", "company_id": rival.id})

        def of(user):
            return self.env["mcp.prompt"].with_user(user)

        record = of(self.anna)._prompt_complete_record("Zzyzx", "res.partner", {}, 101)
        self.assertEqual(record, {"values": []})
        record = of(self.env.ref("base.user_root"))._prompt_complete_record("Zzyzx", "res.partner", {}, 101)
        self.assertEqual(record["values"], [secret.display_name])
        for user, model in (
            (self.anna, "ir.config_parameter"),
            (self.anna, "no.such.model"),
            (self.anna, "mail.thread"),
            (self.anna, "base.module.update"),
            (self.ben, "ir.module.module"),
            (self.anna, None),
        ):
            with self.subTest(user=user.login, model=model):
                self.assertEqual(of(user)._prompt_complete_record("", model, {}, 101), {"values": []})
                self.assertEqual(of(user)._prompt_complete_field("", model, {}, 101), {"candidates": []})
        fields = dict(of(self.boss)._prompt_complete_field("", "res.partner", {}, 101)["candidates"])
        self.assertIn("name", fields)
        # A field of a group that the user is not in.
        for user, shown in ((self.boss, True), (self.anna, False)):
            fields = of(user)._prompt_complete_field("", "mcp.session", {}, 101)["candidates"]
            self.assertEqual("session_id" in dict(fields), shown)
        self.assertEqual(of(self.ben)._prompt_complete_module("", None, {}, 101), {"candidates": []})
        modules = of(self.boss)._prompt_complete_module("", None, {}, 101)["candidates"]
        self.assertIn("odoo_mcp", [name for name, _label in modules])
        companies = of(self.anna)._prompt_complete_company("", None, {}, 101)["candidates"]
        self.assertEqual([name for name, _label in companies], self.anna.company_ids.mapped("name"))

    def test_a_user_writes_a_prompt_in_the_form(self):
        for user, action in ((self.anna, "action_mcp_prompt_own"), (self.boss, "action_mcp_prompt_global")):
            action = self.env.ref(f"odoo_mcp.{action}")
            context = safe_eval(action.context, {"uid": user.id})
            prompts = self.env["mcp.prompt"].with_user(user).with_context(**context)
            with Form(prompts, view="odoo_mcp.view_mcp_prompt_form") as form:
                form.name = "typed"
                form.description = "Typed in the form"
                with form.argument_ids.new() as argument:
                    argument.name = "who"
                    argument.completion = "values"
                    argument.completion_values = "Ann"
                with form.message_ids.new() as message:
                    message.text = "Hello {who}"
                with form.message_ids.new() as message:
                    message.kind = "resource"
                    message.uri = "odoo://models"
            prompt = form.record
            self.assertEqual(prompt.user_id, self.anna if user == self.anna else self.env["res.users"])
            self.assertEqual(prompt.message_ids.mapped("excerpt"), ["Hello {who}", "odoo://models"])
            self.assertIn(prompt, prompts.search(safe_eval(action.domain, {"uid": user.id})))
            with self.assertRaises(ValidationError), Form(prompt, view="odoo_mcp.view_mcp_prompt_form") as form:
                form.argument_ids.remove(index=0)

    def test_menus(self):
        def seen(user):
            menus = self.env["ir.ui.menu"].with_user(user).load_menus(False)
            return {menu.get("xmlid") for menu in menus.values()}

        own, everybodys = "odoo_mcp.menu_mcp_prompt_own", "odoo_mcp.menu_mcp_prompt_global"
        self.assertTrue({own, everybodys} <= seen(self.boss))
        self.assertEqual({own, everybodys} & seen(self.anna), {own})
        self.assertFalse({own, everybodys} & seen(self.nobody))
