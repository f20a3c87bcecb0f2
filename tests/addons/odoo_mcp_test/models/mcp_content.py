# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Tools that misuse the content API, or that test its limits."""

from odoo import models
from odoo.addons.odoo_mcp import content

SECRET = "hunter2-the-secret-of-the-tests"
FORM = {"type": "object", "properties": {"ok": {"type": "boolean"}}, "required": ["ok"]}


class McpTool(models.Model):
    _inherit = "mcp.tool"

    def _tool_test_content(self, name, part):
        """Writes a record and returns a part unchanged, even one that no function of the API would create."""
        self._test_item(name)
        return content.Part(part)

    def _tool_test_schema(self, name, result):
        self._test_item(name)
        return result

    def _tool_test_retold(self, label, times):
        """Reports each attempt. Changes a value after passing it to a log message."""
        row = {"label": label, "tries": 0}
        with self._test_lock:
            tried = self._test_tries[label] = self._test_tries.get(label, 0) + 1
        row["tries"] = tried
        content.progress(tried, message=label)
        content.log("info", row)
        row["tries"] = "changed"
        if tried <= times:
            self.env.cr.execute("DO $$ BEGIN RAISE EXCEPTION 'test' USING ERRCODE = '40001'; END $$")
        return f"{tried} tries"

    def _tool_test_flood(self, count, size):
        for number in range(count):
            content.log("info", {"number": number, "text": "x" * size, "password": SECRET})
        return "done"

    def _tool_test_tell_badly(self, name, what):
        self._test_item(name)
        {
            "level": lambda: content.log("loud", "x"),
            "data": lambda: content.log("info", {"object": object()}),
            "number": lambda: content.progress("half"),
            "data of an image": lambda: content.image("no base64!", "image/png"),
            "nothing": lambda: content.InputRequired({}),
            "question": lambda: content.InputRequired({"a": {"method": "roots/list"}}),
        }[what]()
        if what == "nothing":
            raise content.InputRequired({})
        return "told"

    def _tool_test_ask(self, name, confirm=True):
        """Writes before and after it asks for input."""
        answers = content.inputs()
        self._test_item(f"{name}, {'after' if answers else 'before'}")
        content.log("info", f"asked {len(answers)}")
        if confirm and not answers:
            raise content.InputRequired({"sure": content.elicit("Sure?", FORM)}, state={"by": self.env.user.login})
        seen = {"inputs": dict(answers), "state": content.state(), "capabilities": content.capabilities()}
        seen["context"] = sorted(self.env.context)
        # The method gets copies, so its changes have no effect.
        answers.clear()
        content.capabilities()["sampling"] = {}
        return seen

    def _tool_test_ask_after_commit(self, name):
        self._test_item(name)
        self.env.cr.commit()  # pylint: disable=invalid-commit
        raise content.InputRequired({"sure": content.elicit("Sure?", FORM)})


class McpResource(models.Model):
    _inherit = "mcp.resource"

    def _resource_test_asks(self):
        answers = content.inputs()
        if not answers:
            raise content.InputRequired({"sure": content.elicit("Sure?", FORM)})
        return [content.text(str(answers["sure"])), content.resource("mcp-test://more", text="more")]


class McpPrompt(models.Model):
    _inherit = "mcp.prompt"

    def _prompt_test_asks(self, topic="nothing"):
        content.progress(1, 2)
        answers = content.inputs()
        if not answers:
            raise content.InputRequired({"sure": content.elicit("Sure?", FORM)}, state=[topic])
        return [("user", f"{topic}: {answers['sure']['action']}, {content.state()}")]
