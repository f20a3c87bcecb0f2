# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import base64

from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tests import TransactionCase, tagged

from .. import core

PIXEL = base64.b64encode(
    b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
)
SHIPPED = [
    "customer_summary",
    "late_deliveries",
    "overdue_invoices",
    "pipeline_review",
    "project_status",
    "purchase_price_comparison",
    "quotation_follow_up",
    "sales_by_month",
    "stock_shortages",
    "team_overview",
]


@tagged("post_install", "-at_install")
class TestMcpPrompt(TransactionCase):
    def prompt(self, text="Hello {who}", arguments=("who",), **values):
        return self.env["mcp.prompt"].create(
            {
                "name": "prompt",
                "message_ids": [Command.create({"text": text})],
                "argument_ids": [Command.create({"name": name}) for name in arguments],
                **values,
            }
        )

    def places(self, text):
        return core.validate(self.env.cr, "prompt_text", text or "")["placeholders"]

    def refused(self, *parts, **values):
        with self.assertRaises(ValidationError) as caught:
            self.prompt(**values)
        for part in parts:
            self.assertIn(part, str(caught.exception))

    def test_names(self):
        for name in ("a b", "", "x" * 65, "ümlaut", "a/b", "a\n", "my.prompt", "MY.prompt"):
            with self.subTest(name=name), self.assertRaises(ValidationError):
                self.prompt(name=name)
        self.assertEqual(self.prompt(name="A.b-c_1").name, "A.b-c_1")
        for name in ("1a", "a.b", "a b", "", "{a}", "x" * 65):
            with self.subTest(argument=name), self.assertRaises(ValidationError):
                self.prompt(text="Hello", arguments=(name,))

    def test_a_name_is_unique_for_each_owner(self):
        first = self.prompt(active=False)
        self.refused("prompt", "archived")
        own = self.prompt(user_id=self.env.uid)
        self.refused("archived", user_id=self.env.uid)
        other = self.prompt(name="other")
        with self.assertRaises(ValidationError):
            other.name = "prompt"
        with self.assertRaises(ValidationError):
            own.user_id = False
        with self.assertRaises(ValidationError):
            self.env["mcp.prompt"].create([{"name": "twin"}, {"name": "twin"}])
        # Only an active global prompt makes a personal one known by a longer name.
        self.assertEqual(own.listed_name, "prompt")
        first.active = True
        own.invalidate_recordset()
        self.assertEqual((first.listed_name, own.listed_name), ("prompt", "my.prompt"))

    def test_a_copy_has_a_name_of_its_own_and_all_parts(self):
        prompt = self.prompt()
        copies = prompt.copy() | prompt.copy()
        self.assertEqual(copies.mapped("name"), ["prompt_copy", "prompt_copy2"])
        self.assertEqual(copies[1].message_ids.text, "Hello {who}")
        self.assertEqual(copies[1].argument_ids.name, "who")

    def test_places_need_arguments(self):
        self.refused("message 1", "{whom}", "{{whom}}", text="Hello {whom}")
        self.refused("message 1", "character 7", "{{", text="Hello {")
        self.refused("character 1", text="} {who}")
        self.prompt(text="{{ {who} }}")

    def test_whatever_is_saved_the_whole_is_checked(self):
        prompt = self.prompt()
        message, argument = prompt.message_ids, prompt.argument_ids
        refused = (
            lambda: message.write({"text": "{whom}"}),
            lambda: argument.write({"name": "whom"}),
            argument.unlink,
            lambda: prompt.write({"argument_ids": [Command.delete(argument.id)]}),
            lambda: prompt.write({"message_ids": [Command.create({"text": "{"})]}),
            lambda: self.env["mcp.prompt.message"].create({"prompt_id": prompt.id, "text": "{b}"}),
            lambda: self.env["mcp.prompt.argument"].create({"prompt_id": prompt.id, "name": "who"}),
            lambda: message.with_context(mcp_prompt_saving=True).write({"text": "{whom}"}),
        )
        for number, change in enumerate(refused):
            with self.subTest(number=number), self.assertRaises(ValidationError), self.env.cr.savepoint():
                change()
            prompt.invalidate_recordset()
        # Both at once are right together.
        prompt.write(
            {
                "message_ids": [Command.update(message.id, {"text": "Bye {whom}"})],
                "argument_ids": [Command.update(argument.id, {"name": "whom"})],
            }
        )
        # What the form got back is checked again when it is changed.
        with self.assertRaises(ValidationError):
            prompt.message_ids.text = "{who}"

    def test_messages_have_a_content(self):
        def message(**values):
            return {"message_ids": [Command.create(values)]}

        for values in (
            {"kind": "text", "text": " "},
            {"kind": "text", "image": PIXEL},
            {"kind": "resource", "uri": "models"},
            {"kind": "resource", "uri": "{who}/x"},
            {"kind": "resource", "text": "odoo://models"},
            {"kind": "image"},
            {"kind": "image", "image": base64.b64encode(b"no image")},
            {"kind": "image", "image": "é"},
        ):
            with self.subTest(values=values), self.assertRaises(UserError):
                self.prompt(**message(**values))
        self.prompt(name="one", **message(kind="resource", uri="{who}"))
        self.prompt(name="two", **message(kind="resource", uri="odoo://records/{who}"))
        image = self.prompt(name="three", **message(kind="image", image=PIXEL)).message_ids
        self.assertEqual((image.image_mimetype, image.excerpt), ("image/gif", "image/gif"))
        with self.assertRaises(ValidationError) as caught:
            image.image = base64.b64encode(base64.b64decode(PIXEL) + bytes(1024 * 1024))
        self.assertIn("1024", str(caught.exception))

    def test_a_place_in_another_kind_of_content_does_not_count(self):
        """Only what goes into the conversation has places."""
        self.prompt(message_ids=[Command.create({"kind": "resource", "uri": "odoo://models", "text": "{nobody}"})])

    def test_completion_has_what_it_needs(self):
        def argument(**values):
            others = [Command.create({"name": "model"})]
            return {"argument_ids": [Command.create({"name": "who", **values}), *others]}

        for values in (
            {"completion": "values"},
            {"completion": "values", "completion_values": "\n"},
            {"completion": "record"},
            {"completion": "field"},
            {"completion": "field", "completion_model": "res.partner", "completion_argument": "model"},
            {"completion": "field", "completion_argument": "nobody"},
        ):
            with self.subTest(values=values), self.assertRaises(ValidationError):
                self.prompt(**argument(**values))
        self.prompt(**argument(completion="field", completion_argument="model"))

    def test_what_is_for_global_prompts_only(self):
        group = self.env.ref("base.group_user")
        self.prompt(group_ids=[Command.set(group.ids)], name="global")
        for values in ({"group_ids": [Command.set(group.ids)]}, {"method": "_prompt_complete_company"}):
            self.refused(user_id=self.env.uid, **values)

    def test_methods(self):
        for method in ("search", "_prompt_", "_prompt_nothing", "_prompt_complete_company", "_tool_search"):
            with self.subTest(method=method), self.assertRaises(ValidationError):
                self.prompt(method=method, text="x", arguments=())

    def test_models_needed(self):
        for names in ("sale.order;x", "Sale Order", "sale.order/x", ","):
            with self.subTest(names=names), self.assertRaises(ValidationError):
                self.prompt(required_models=names)
        prompt = self.prompt(required_models="res.partner, no.such.model no.other")
        self.assertEqual(prompt.missing_models, "no.such.model, no.other")

    def test_shipped_prompts(self):
        data = self.env["ir.model.data"].search([("module", "=", "odoo_mcp"), ("model", "=", "mcp.prompt")])
        shipped = self.env["mcp.prompt"].browse(data.mapped("res_id"))
        self.assertEqual(sorted(shipped.mapped("name")), SHIPPED)
        for prompt in shipped:
            with self.subTest(prompt=prompt.name):
                self.assertFalse(prompt.user_id)
                self.assertTrue(prompt.title and prompt.description and prompt.required_models)
                used = {name for message in prompt.message_ids for name in self.places(message.text)}
                self.assertEqual(used, set(prompt.argument_ids.mapped("name")))
                self.assertTrue(all(prompt.argument_ids.mapped("description")))
