# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import _, models
from odoo.addons.odoo_mcp import content
from odoo.exceptions import UserError

from .. import samples


class McpTool(models.Model):
    _inherit = "mcp.tool"

    def _tool_test_simple_text(self):
        return "A text, and nothing else."

    def _tool_test_error_handling(self):
        raise UserError(_("This tool fails whenever it is called."))

    def _tool_test_arguments(self, **arguments):
        return {"arguments": arguments}

    def _tool_test_image_content(self):
        return content.image(samples.png(), "image/png")

    def _tool_test_audio_content(self):
        return content.audio(samples.wav(), "audio/wav")

    def _tool_test_embedded_resource(self):
        return content.resource("test://embedded-resource", text="A text in a resource.", mime_type="text/plain")

    def _tool_test_multiple_content_types(self):
        return content.Result(
            [
                content.text("A text, an image and a resource."),
                content.image(samples.png(), "image/png"),
                content.resource("test://mixed-resource", text='{"kind": "json"}', mime_type="application/json"),
            ]
        )

    def _tool_test_tool_with_progress(self):
        for done in (0, 50, 100):
            content.progress(done, total=100, message=f"{done} of 100")
        return "Done, step by step."

    def _tool_test_tool_with_logging(self):
        for text in ("begun", "under way", "done"):
            content.log("info", text)
        return "Done, and said so."

    def _tool_test_logging_tool(self):
        content.log("info", "Only for those who asked for it.")
        return "Done."
