# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Methods of prompts that run in Odoo as the calling user: embedded resources, and completion of arguments.

``_prompt_complete_<kind>`` receives the typed text, the model if there is one, the other arguments' values, and the
maximum number of values. It returns ``values`` in order, or ``candidates`` (pairs of value and label) from which the
core selects the matching ones.
"""

from odoo import models
from odoo.exceptions import AccessError

from .. import compat, content
from ..execution.executor import call_method
from ..policy import record_checks


class McpPrompt(models.Model):
    _inherit = "mcp.prompt"

    def _prompt_embed(self, calls):
        """Read the resources of a prompt's messages: return the outcome of each call, as of a separate read."""
        return [content.outcome(call_method(self.env, "mcp.resource", **call)) for call in calls]

    def _prompt_complete_record(self, value, model, arguments, limit, only=None):
        """Complete names of records, as Odoo's own many-to-one fields find them."""
        target = self._prompt_model(model)
        found = target.name_search(value, only or [], "ilike", limit) if target is not None else ()
        return {"values": [name or "" for _id, name in found]}

    def _prompt_complete_field(self, value, model, arguments, limit, fields=None):
        """Complete the fields of a model that the user may see."""
        target = self._prompt_model(model)
        found = target.fields_get(fields, attributes=["string"]) if target is not None else {}
        return {"candidates": sorted([name, field["string"]] for name, field in found.items())}

    def _prompt_complete_module(self, value, model, arguments, limit):
        """Complete the installed apps, for users who may read the list of apps."""
        modules = self._prompt_model("ir.module.module")
        found = modules.search([("state", "=", "installed")], order="name") if modules is not None else ()
        return {"candidates": [[module.name, module.shortdesc or ""] for module in found]}

    def _prompt_complete_company(self, value, model, arguments, limit, only=None):
        """Complete the companies that the user may work in, within the domain ``only`` of the core's policy."""
        companies = record_checks.inside(self.env.companies, only).sudo()
        return {"candidates": [[company.name, ""] for company in companies]}

    def _prompt_model(self, name):
        """Return the model ``name`` if it has records that the user may read, else None."""
        target = self.env.get(name)
        if target is None or target._abstract or target._transient:
            return None
        try:
            compat.check_model_access(target, "read")
        except AccessError:
            return None
        return target
