# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import base64

from odoo import _, models
from odoo.addons.odoo_mcp import content
from odoo.exceptions import UserError

PIXEL = base64.b64decode(
    b"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)


class McpResource(models.Model):
    """How another app adds resources: a method with the prefix ``_resource_``, and a record."""

    _inherit = "mcp.resource"

    def _resource_test_note(self, country, topic):
        """One of many texts. The URI's variables are named arguments."""
        if topic == "nothing":
            return None
        if topic == "wrong":
            raise UserError(_("There are no notes about that."))
        if topic == "kept":
            self.env["mcp.test.item"].create({"name": f"Note from {country}"})
        if topic == "broken":
            raise RuntimeError("hunter2-the-secret-of-the-tests")
        return f"{topic} in {country}, for {self.env.user.login}"

    def _resource_complete_test_note(self, variable, value, given, limit):
        """Completes the variables of ``_resource_test_note``."""
        known = {"country": ["be", "de", "fr"], "topic": [f"{given.get('country')} taxes", "holidays"]}
        return [text for text in known[variable] if value in text][:limit]

    def _resource_test_pixel(self):
        """A binary file."""
        return PIXEL

    def _resource_test_user(self):
        """A value that becomes JSON."""
        return {"login": self.env.user.login, "su": self.env.su, "context": dict(self.env.context)}

    def _resource_test_parts(self, how):
        """Several contents, an error, and a question to the client."""
        if how == "error":
            return content.Result(["No such ", "parts."], is_error=True)
        if how == "link":
            return content.link("odoo://system", "system")
        if how == "ask":
            if "name" not in content.inputs():
                raise content.InputRequired({"name": content.elicit("Whose?", {"type": "object", "properties": {}})})
            return f"It is {content.inputs()['name']['action']}."
        return [
            content.text("Two pictures:"),
            content.image(PIXEL, "image/png"),
            content.resource("mcp-test://parts/two", blob=PIXEL, mime_type="image/png"),
        ]
