# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models
from odoo.addons.odoo_mcp import content


class McpPrompt(models.Model):
    _inherit = "mcp.prompt"

    def _prompt_test_input_required_result_prompt(self):
        given = content.inputs().get("user_context")
        if not isinstance(given, dict):
            schema = {"type": "object", "properties": {"context": {"type": "string"}}, "required": ["context"]}
            raise content.InputRequired({"user_context": content.elicit("About what?", schema)})
        return f"Write about {given.get('content', {}).get('context')}."
