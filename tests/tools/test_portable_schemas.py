"""The shipped tools satisfy the strictest clients (Gemini, OpenAI, Anthropic, VS Code). Each rule also rejects bad
tools."""

import copy
import inspect

import pytest
from support import portable

RIGHT = {
    "name": "search",
    "description": "Finds.",
    "inputSchema": {
        "type": "object",
        "properties": {
            "model": {"type": "string", "description": "Model", "enum": ["res.partner", "res.users"]},
            "ids": {"type": "array", "items": {"type": "integer"}, "minItems": 1, "description": "Ids"},
            "limit": {"type": "integer", "minimum": 1, "description": "Most"},
            "deep": {
                "type": "object",
                "description": "Deep",
                "properties": {"flag": {"type": "boolean", "description": "On"}},
                "additionalProperties": False,
            },
        },
        "required": ["model"],
        "additionalProperties": False,
    },
    "outputSchema": {
        "type": "object",
        "properties": {"rows": {"type": "array", "items": {"type": "array", "items": {}}}},
        "required": ["rows"],
    },
}


@pytest.fixture(scope="module")
def shipped(world, fast_server, db):
    """The addon's own tools, as an administrator's client lists them."""
    rows = db.rows(
        "SELECT t.name, t.active FROM mcp_tool t JOIN ir_model_data d"
        " ON d.model = 'mcp.tool' AND d.res_id = t.id AND d.module = 'odoo_mcp'"
    )
    assert all(row["active"] for row in rows)
    listed = world.client(fast_server).tools()
    tools = [listed[row["name"]] for row in rows]
    assert len(tools) >= 12
    return tools


@pytest.mark.parametrize("rule", portable.RULES, ids=lambda rule: rule.__name__)
def test_every_shipped_tool_passes(shipped, rule):
    wrong = {tool["name"]: list(rule(tool)) for tool in shipped}
    assert not {name: what for name, what in wrong.items() if what}


def test_what_many_tools_have_is_described_by_one(shipped):
    properties = [item for tool in shipped for item in tool["inputSchema"]["properties"].items()]
    assert {name for name, schema in properties if schema.get("description")} >= portable.COMMON


def test_the_whole_list_is_small(shipped):
    assert len(shipped) <= portable.MOST_TOOLS
    assert portable.size(shipped) <= portable.MOST_BYTES


def test_the_core_warns_of_none_of_them(db, shipped):
    """`mcp_status` applies the most important of these rules to an administrator's own tools."""
    names = [f'"{tool["name"]}"' for tool in shipped]
    warnings = [warning["message"] for warning in db.value("SELECT mcp_status()")["warnings"]]
    assert not [what for what in warnings if any(name in what for name in names)]


def test_every_rule_is_tried_and_says_its_source():
    rules = [
        found
        for _name, found in inspect.getmembers(portable, inspect.isgeneratorfunction)
        if list(inspect.signature(found).parameters) == ["tool"]
    ]
    assert set(rules) == set(portable.RULES)
    assert all(len(rule.__doc__) > 30 for rule in portable.RULES)
    assert {rule for rule, _change in WRONG} == {rule.__name__ for rule in portable.RULES}


def test_a_right_tool_passes():
    assert portable.complaints(RIGHT) == []
    without = {key: value for key, value in RIGHT.items() if key != "outputSchema"}
    assert portable.complaints(without) == []


def _input(**members):
    """Replaces members of the input schema."""
    return lambda tool: tool["inputSchema"].update(members)


def _with(schema):
    """Adds a parameter with this schema."""
    return lambda tool: tool["inputSchema"]["properties"].update(more=schema)


def _output(**members):
    return lambda tool: tool["outputSchema"].update(members)


def _deep(levels):
    schema = {"type": "string", "description": "x"}
    for _level in range(levels):
        schema = {"type": "array", "items": schema, "description": "x"}
    return schema


TEXT = {"type": "string", "description": "x"}
# Each bad tool, with the rule that must reject it.
WRONG = [
    ("name", lambda tool: tool.update(name="res.search")),
    ("name", lambda tool: tool.update(name="größe")),
    ("name", lambda tool: tool.update(name="1search")),
    ("name", lambda tool: tool.update(name="x" * 60)),
    ("description", lambda tool: tool.update(description="")),
    ("description", lambda tool: tool.pop("description")),
    ("description", lambda tool: tool.update(description="x" * 1_025)),
    ("parameters_are_described", _with({"type": "string"})),
    ("root_is_an_object", _input(type="array")),
    ("root_is_an_object", lambda tool: tool["inputSchema"].pop("properties")),
    ("one_type_each", _with({"type": ["string", "null"], "description": "x"})),
    ("one_type_each", _with({"type": "null", "description": "x"})),
    ("one_type_each", _with({"type": "any", "description": "x"})),
    ("no_empty_schemas", _with({})),
    ("no_empty_schemas", _with(True)),
    ("no_empty_schemas", _with({"description": "x"})),
    ("no_empty_schemas", _with({"type": "array", "items": {}, "description": "x"})),
    ("arrays_have_typed_items", _with({"type": "array", "description": "x"})),
    ("arrays_have_typed_items", _with({"type": "array", "items": {}, "description": "x"})),
    ("arrays_have_typed_items", _with({"type": "array", "items": [{"type": "string"}], "description": "x"})),
    ("arrays_have_typed_items", _with({"type": "array", "prefixItems": [TEXT], "items": TEXT, "description": "x"})),
    ("arrays_have_typed_items", _with({"type": "string", "items": TEXT, "description": "x"})),
    ("objects_have_properties", _with({"type": "object", "additionalProperties": False, "description": "x"})),
    ("objects_are_closed", _with({"type": "object", "properties": {"a": TEXT}, "description": "x"})),
    ("objects_are_closed", _input(additionalProperties=True)),
    ("objects_are_closed", _input(additionalProperties={"type": "string"})),
    ("no_combinations", _with({"anyOf": [{"type": "string"}, {"type": "integer"}], "description": "x"})),
    ("no_combinations", _input(oneOf=[{"required": ["model"]}])),
    ("no_references", _with({"$ref": "#/$defs/a", "description": "x"})),
    ("no_references", _input(**{"$defs": {"a": TEXT}})),
    ("only_known_keywords", _with({**TEXT, "default": "a"})),
    ("only_known_keywords", _with({**TEXT, "format": "date"})),
    ("only_known_keywords", _with({**TEXT, "pattern": "a"})),
    ("only_known_keywords", _with({"type": "array", "items": TEXT, "uniqueItems": True, "description": "x"})),
    ("properties_have_plain_names", _input(properties={"a.b": TEXT}, required=[])),
    ("properties_have_plain_names", _input(properties={"ä": TEXT}, required=[])),
    ("required_ones_exist", _input(required=["model", "modle"])),
    ("enums_are_texts", _with({"type": "integer", "enum": [1, 2], "description": "x"})),
    ("enums_are_texts", _with({**TEXT, "enum": ["a", ""]})),
    ("enums_are_texts", _with({**TEXT, "enum": []})),
    ("not_too_deep", _with(_deep(4))),
    ("output_is_an_object", _output(type="array")),
    ("output_is_an_object", _output(properties={})),
    ("output_arrays_have_items", _output(properties={"rows": {"type": "array"}})),
    ("output_has_no_references", _output(properties={"rows": {"$ref": "#/$defs/row"}})),
    ("output_has_no_references", _output(anyOf=[{"type": "object"}])),
    ("output_requires_what_it_has", _output(required=["rows", "total"])),
    ("schemas_are_valid", _input(required="model")),
    ("schemas_are_valid", _output(properties={"rows": {"type": "list"}})),
]


@pytest.mark.parametrize(("rule", "change"), WRONG, ids=[f"{rule}-{at}" for at, (rule, _change) in enumerate(WRONG)])
def test_a_wrong_tool_is_refused(rule, change):
    tool = copy.deepcopy(RIGHT)
    change(tool)
    assert rule in {complaint.split(":")[0] for complaint in portable.complaints(tool)}


def test_a_list_that_costs_too_much_is_seen():
    wordy = {**RIGHT, "description": "x" * 1_000}
    assert portable.size([wordy] * 5) <= portable.MOST_BYTES < portable.size([wordy] * 6)
