# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The examples of docs/tools.md, word for word: a test compares them, others call them."""

import base64
import io
import wave

from odoo import _, models
from odoo.addons.odoo_mcp import content
from odoo.exceptions import UserError
from odoo.tools.mimetypes import guess_mimetype


class McpTool(models.Model):
    _inherit = "mcp.tool"

    def _tool_example_greet(self, name):
        return f"Hello, {name}! This is {self.env.company.name}."

    def _tool_example_sizes(self):
        return {"contacts": self.env["res.partner"].search_count([]), "unit": "records"}

    def _tool_example_avatar(self):
        avatar = self.env.user.avatar_128
        return content.image(avatar, guess_mimetype(base64.b64decode(avatar)))

    def _tool_example_beep(self):
        sound = io.BytesIO()
        with wave.open(sound, "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(1)
            file.setframerate(8000)
            file.writeframes(bytes([96, 160]) * 400)
        return content.audio(sound.getvalue(), "audio/wav")

    def _tool_example_countries(self):
        countries = self.env["res.country"].search([("code", "in", ["BE", "DE"])], order="code")
        lines = ["code,name", *(f"{country.code},{country.name}" for country in countries)]
        return content.resource("example://countries.csv", text="\n".join(lines), mime_type="text/csv")

    def _tool_example_me(self):
        partner = self.env.user.partner_id
        return content.link(
            f"odoo://record/res.partner/{partner.id}", partner.name, mime_type="application/json"
        )

    def _tool_example_report(self):
        users = self.env["res.users"].search([("share", "=", False)], order="id")
        return content.Result(
            [
                f"There are {len(users)} internal users.",
                content.link("odoo://model/res.users/schema", "res.users"),
            ],
            structured={"count": len(users), "logins": users.mapped("login")},
        )

    def _tool_example_reserve(self, name, copies):
        self.env["res.partner.category"].create({"name": name})
        if copies > 3:
            return content.Result([f"There are only 3 copies, not {copies}. Ask for fewer."], is_error=True)
        return f"{copies} copies are reserved for {name}."

    def _tool_example_reserve_strictly(self, name, copies):
        self.env["res.partner.category"].create({"name": name})
        if copies > 3:
            raise UserError(_("There are only 3 copies. Ask for fewer."))
        return f"{copies} copies are reserved for {name}."

    def _tool_example_recompute(self, steps=4):
        for step in range(steps):
            content.progress(step, steps, f"Step {step + 1} of {steps}")
            self.env["res.partner"].search_count([])
        content.progress(steps, steps)
        return "Done."

    def _tool_example_import(self, names):
        taken = self.env["res.partner.category"].search([("name", "in", names)]).mapped("name")
        content.log("info", {"given": len(names), "taken": taken}, logger="import")
        for name in taken:
            content.log("warning", f"There is a tag named {name} already.", logger="import")
        return f"{len(names) - len(taken)} names are free."

    def _tool_example_rename(self, tag_id):
        tag = self.env["res.partner.category"].browse(tag_id)
        answer = content.inputs().get("name")
        if answer is None:
            form = {
                "type": "object",
                "properties": {"name": {"type": "string", "minLength": 1, "title": "New name"}},
                "required": ["name"],
            }
            raise content.InputRequired({"name": content.elicit(f"What shall {tag.name} be named?", form)})
        if answer["action"] != "accept":
            return "Nothing was renamed."
        tag.name = answer["content"]["name"]
        return f"It is named {tag.name} now."

    def _tool_example_guess(self):
        answers = content.inputs()
        if not answers:
            question = content.sample("Which city is the capital of France? One word.", 20)
            raise content.InputRequired({"city": question})
        return f"The model says: {answers['city']['content']['text']}"

    def _tool_example_folders(self):
        if "roots" not in content.capabilities():
            return "This client has no folders to tell of."
        answers = content.inputs()
        if not answers:
            raise content.InputRequired({"folders": content.roots()})
        return "\n".join(root["uri"] for root in answers["folders"]["roots"])

    def _tool_example_interview(self):
        def ask(key, state):
            form = {"type": "object", "properties": {key: {"type": "string"}}, "required": [key]}
            raise content.InputRequired({key: content.elicit(f"Your {key}?", form)}, state=state)

        known = content.state() or {}
        for key, answer in content.inputs().items():
            known[key] = answer.get("content", {}).get(key, "unknown")
        for key in ("name", "colour"):
            if key not in known:
                ask(key, known)
        return f"{known['name']} likes {known['colour']}."


class McpResource(models.Model):
    _inherit = "mcp.resource"

    def _resource_example_logo(self):
        logo = self.env.company.logo
        return content.image(logo, guess_mimetype(base64.b64decode(logo)))


class McpPrompt(models.Model):
    _inherit = "mcp.prompt"

    def _prompt_example_describe(self, about):
        avatar = self.env.user.avatar_128
        return [
            content.text(f"Describe {about} in one sentence."),
            content.image(avatar, guess_mimetype(base64.b64decode(avatar))),
            ("assistant", "In which language?"),
        ]
