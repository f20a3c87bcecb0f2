# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import _, fields, models
from odoo.addons.odoo_mcp import content
from odoo.exceptions import AccessError, UserError


class McpPrompt(models.Model):
    """How another app adds prompts and kinds of completion: methods with the prefix ``_prompt_``."""

    _inherit = "mcp.prompt"

    def _prompt_test_greet(self, name, tone="kindly"):
        if name == "nobody":
            raise UserError(_("There is nobody to greet."))
        if name == "stranger":
            raise AccessError(_("You may not greet strangers."))
        if name == "someone new":
            self.env["mcp.test.item"].create({"name": "Greeted for the first time"})
        if name == "bug":
            raise Exception("hunter2-the-secret-of-the-tests")
        return [
            ("user", f"Greet {name} {tone}, as {self.env.user.login}."),
            ("assistant", content.text("su" if self.env.su else "as the user")),
            content.link("odoo://greetings", "Greetings"),
        ]

    def _prompt_complete_test_color(self, value, model, arguments, limit):
        shade = arguments.get("shade") or "plain"
        return {"values": [f"{shade} {color}" for color in ("red", "green") if color.startswith(value)]}


class McpResource(models.Model):
    _inherit = "mcp.resource"

    def _resource_test_greeting(self, name):
        if name == "picture":
            return content.image(b"GIF89a", "image/gif")
        return f"Hello {name}, as {self.env.user.login}."


class McpPromptArgument(models.Model):
    _inherit = "mcp.prompt.argument"

    completion = fields.Selection(selection_add=[("test_color", "Colors")], ondelete={"test_color": "set null"})
