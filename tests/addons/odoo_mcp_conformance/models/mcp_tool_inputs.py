# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import json

from odoo import models
from odoo.addons.odoo_mcp import content


def _object(**properties):
    return {"type": "object", "properties": properties, "required": list(properties)}


NAME = _object(name={"type": "string"})
COLOR = _object(color={"type": "string"})
OK = _object(ok={"type": "boolean"})

# A form with a default for each possible field type.
DEFAULTS = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "default": "John Doe"},
        "age": {"type": "integer", "default": 30},
        "score": {"type": "number", "default": 95.5},
        "status": {"type": "string", "enum": ["active", "inactive", "pending"], "default": "active"},
        "verified": {"type": "boolean", "default": True},
    },
}


def _titled(*names):
    return [{"const": f"value{number}", "title": name} for number, name in enumerate(names, 1)]


# A form with every kind of choice.
CHOICES = {
    "type": "object",
    "properties": {
        "untitledSingle": {"type": "string", "enum": ["option1", "option2", "option3"]},
        "titledSingle": {"type": "string", "oneOf": _titled("First", "Second", "Third")},
        "legacyEnum": {"type": "string", "enum": ["opt1", "opt2", "opt3"], "enumNames": ["One", "Two", "Three"]},
        "untitledMulti": {"type": "array", "items": {"type": "string", "enum": ["option1", "option2", "option3"]}},
        "titledMulti": {"type": "array", "items": {"anyOf": _titled("First", "Second", "Third")}},
    },
}


def _answered(*keys):
    """The client's answers under these keys, or None when one is missing or not an object."""
    given = content.inputs()
    found = [given.get(key) for key in keys]
    return found if all(isinstance(answer, dict) for answer in found) else None


class McpTool(models.Model):
    _inherit = "mcp.tool"

    def _tool_test_input_required_result_elicitation(self):
        answers = _answered("user_name")
        if not answers:
            raise content.InputRequired({"user_name": content.elicit("Who are you?", NAME)})
        return f"Hello, {answers[0].get('content', {}).get('name')}!"

    def _tool_test_input_required_result_sampling(self):
        answers = _answered("capital_question")
        if not answers:
            question = content.sample("Which city is the capital of France?", 100)
            raise content.InputRequired({"capital_question": question})
        return json.dumps(answers[0].get("content"))

    def _tool_test_input_required_result_list_roots(self):
        answers = _answered("client_roots")
        if not answers:
            raise content.InputRequired({"client_roots": content.roots()})
        return json.dumps(answers[0].get("roots"))

    def _tool_test_input_required_result_request_state(self):
        if not _answered("confirm") or content.state() != {"asked": True}:
            raise content.InputRequired({"confirm": content.elicit("Go on?", OK)}, state={"asked": True})
        return "state-ok"

    def _tool_test_input_required_result_multiple_inputs(self):
        if not _answered("user_name", "greeting", "client_roots"):
            raise content.InputRequired(
                {
                    "user_name": content.elicit("Who are you?", NAME),
                    "greeting": content.sample("Greet somebody.", 50),
                    "client_roots": content.roots(),
                },
                state={"asked": 3},
            )
        return "All three came."

    def _tool_test_input_required_result_multi_round(self):
        earlier = content.state() or {}
        name, color = _answered("step1"), _answered("step2")
        if "name" in earlier and color:
            return f"{earlier['name']} likes {color[0].get('content', {}).get('color')}."
        if name:
            state = {"name": name[0].get("content", {}).get("name")}
            raise content.InputRequired({"step2": content.elicit("Which color do you like?", COLOR)}, state=state)
        raise content.InputRequired({"step1": content.elicit("Who are you?", NAME)}, state={})

    def _tool_test_input_required_result_tampered_state(self):
        if not _answered("confirm"):
            raise content.InputRequired({"confirm": content.elicit("Go on?", OK)}, state={"sealed": True})
        return "Nobody touched the state."

    def _tool_test_input_required_result_capabilities(self):
        possible = {
            "elicitation": content.elicit("Who are you?", NAME),
            "sampling": content.sample("Have an idea.", 100),
        }
        asked = {name: request for name, request in possible.items() if name in content.capabilities()}
        answers = _answered(*asked)
        if not answers:
            raise content.InputRequired(asked)
        return json.dumps(answers)

    def _tool_test_missing_capability(self):
        raise content.InputRequired({"idea": content.sample("Have an idea.", 100)})

    def _tool_test_streaming_elicitation(self):
        content.progress(0, total=1)
        return self._tool_test_input_required_result_elicitation()

    # The inputs that the handshake versions request over an open stream.

    def _tool_test_sampling(self, prompt):
        answers = _answered("sampling")
        if not answers:
            raise content.InputRequired({"sampling": content.sample(prompt, 100)})
        return json.dumps(answers[0])

    def _tool_test_elicitation(self, message):
        schema = _object(username={"type": "string"}, email={"type": "string"})
        return self._test_form(message, schema)

    def _tool_test_elicitation_sep1034_defaults(self):
        return self._test_form("Look at the defaults.", DEFAULTS)

    def _tool_test_elicitation_sep1330_enums(self):
        return self._test_form("Choose.", CHOICES)

    def _test_form(self, message, schema):
        answers = _answered("form")
        if not answers:
            raise content.InputRequired({"form": content.elicit(message, schema)})
        return json.dumps(answers[0])
