# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import json

from odoo.exceptions import ValidationError
from odoo.tests import TransactionCase, tagged

MOST_BYTES = 8000
BUILT_IN = [
    "search",
    "read",
    "count",
    "aggregate",
    "create",
    "write",
    "unlink",
    "default_get",
    "method_call",
    "read_file",
    "attach_file",
    "render_report",
    "describe_model",
    "list_models",
    "list_modules",
    "list_companies",
    "explain_access",
]


@tagged("post_install", "-at_install")
class TestMcpTool(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tools = cls.env["mcp.tool"]
        data = cls.env["ir.model.data"].search([("module", "=", "odoo_mcp"), ("model", "=", "mcp.tool")])
        cls.built_in = cls.tools.browse(data.mapped("res_id"))

    def tool(self, **values):
        return self.tools.create({"name": "tool", "description": "A tool", "method": "_tool_list_companies", **values})

    def test_built_in_tools_are_there_and_small(self):
        self.assertEqual(sorted(self.built_in.mapped("name")), sorted(BUILT_IN))
        listed = [
            {"name": tool.name, "description": tool.description, "inputSchema": json.loads(tool.parameters)}
            for tool in self.built_in
        ]
        size = len(json.dumps(listed, separators=(",", ":"), ensure_ascii=False).encode())
        self.assertLessEqual(size, MOST_BYTES)

    def test_an_update_changes_only_what_nobody_has_changed(self):
        search, read = self.env.ref("odoo_mcp.tool_search"), self.env.ref("odoo_mcp.tool_read")
        search.write({"active": False, "group_ids": False})
        read.write({"description": "My own words"})
        data = [
            {"xml_id": f"odoo_mcp.tool_{tool.name}", "values": {"description": "New words"}} for tool in search | read
        ]
        # As between a change and an update: the latter looks with SQL.
        self.env.flush_all()
        self.tools._load_records(data, update=True)
        self.assertEqual((search.description, search.active), ("New words", False))
        self.assertEqual(read.description, "My own words")
        # What an update writes is nobody's change.
        self.tools._load_records([{**data[0], "values": {"description": "Newer words"}}], update=True)
        self.assertEqual(search.description, "Newer words")

    def test_built_in_schemas_suit_strict_clients(self):
        for tool in self.built_in:
            schema = json.loads(tool.parameters)
            self.assertEqual(schema["type"], "object", tool.name)
            self.assertIs(schema["additionalProperties"], False, tool.name)
            self.assertLessEqual(set(schema["required"]), set(schema["properties"]), tool.name)
            for name, field in schema["properties"].items():
                self.assertIn(field["type"], ("string", "integer", "boolean", "array"), f"{tool.name}.{name}")
                if field["type"] == "array":
                    self.assertIn(field["items"]["type"], ("string", "integer"), f"{tool.name}.{name}")
            self.assertEqual(json.loads(tool.output_schema)["type"], "object", tool.name)

    def test_hints(self):
        read_only = self.built_in.filtered("read_only_hint").mapped("name")
        self.assertEqual(
            sorted(read_only),
            sorted(set(BUILT_IN) - {"create", "write", "unlink", "method_call", "attach_file"}),
        )
        self.assertFalse(self.built_in.filtered(lambda tool: tool.read_only_hint and tool.destructive_hint))
        self.assertFalse(self.built_in.filtered("open_world_hint"))

    def test_names(self):
        for name in ("a b", "", "x" * 65, "ümlaut", "a/b", "a\n"):
            with self.subTest(name=name), self.assertRaises(ValidationError):
                self.tool(name=name)
        self.assertEqual(self.tool(name="A.b-c_1").name, "A.b-c_1")

    def test_a_name_is_unique_among_archived_tools_too(self):
        self.tool(name="twin", active=False)
        with self.assertRaises(ValidationError):
            self.tool(name="twin")

    def test_schemas(self):
        for text in ("", "[]", "{", '{"type": "array"}', '{"type": "object", "properties": []}', '"object"'):
            with self.subTest(text=text), self.assertRaises(ValidationError):
                self.tool(parameters=text)
        with self.assertRaises(ValidationError):
            self.tool(output_schema='{"type": "string"}')

    def test_headers_that_repeat_arguments(self):
        def parameters(**properties):
            return json.dumps({"type": "object", "properties": properties})

        def text(header):
            return {"type": "string", "x-mcp-header": header}

        inner = {"type": "object", "properties": {"c": {**text("City"), "type": "integer"}}}
        good = parameters(a=text("Region"), b=inner)
        self.assertEqual(self.tool(parameters=good).parameters, good)
        for wrong in (
            parameters(a=text("")),
            parameters(a=text("a b")),
            parameters(a=text("a\r\nb")),
            parameters(a=text("ä")),
            parameters(a=text(5)),
            parameters(a={**text("A"), "type": "number"}),
            parameters(a={"x-mcp-header": "A"}),
            parameters(a=text("A"), b=text("a")),
            parameters(a={"type": "array", "items": text("A")}),
            json.dumps({"type": "object", "anyOf": [{"properties": {"a": text("A")}}]}),
        ):
            with self.subTest(parameters=wrong), self.assertRaises(ValidationError):
                self.tool(parameters=wrong)

    def test_methods(self):
        for method in ("search", "_tool_", "_tool_nothing", "_check_name", "unlink"):
            with self.subTest(method=method), self.assertRaises(ValidationError):
                self.tool(method=method)

    def test_a_server_action_is_needed_and_gets_the_arguments(self):
        with self.assertRaises(ValidationError):
            self.tool(method="_tool_server_action")
        action = self.env["ir.actions.server"].create(
            {
                "name": "Echo",
                "model_id": self.env.ref("base.model_res_partner").id,
                "state": "code",
                "code": "action = {'type': 'echo', 'got': env.context['mcp_arguments']}",
            }
        )
        tool = self.tool(method="_tool_server_action", server_action_id=action.id)
        result = tool._tool_server_action(server_action_id=action.id, arguments={"a": 1})
        self.assertEqual(result["result"]["got"], {"a": 1})
