"""Rules of strict clients and their model providers for a list of tools: one function per rule, with its source.

A rule takes a tool from `tools/list` and yields its violations. For one tool that breaks a rule, most clients refuse
the whole list, or the provider refuses the whole request.

One known contradiction remains: Gemini's own interface has no `additionalProperties`, while the strict modes of OpenAI
and Anthropic require it. Clients of Gemini remove it themselves, because every schema generator writes it. No client
adds it.
"""

import json
import re

import jsonschema

# OpenAI: function.name is ^[a-zA-Z0-9_-]{1,64}$. Clients prepend their own name for the server and cut or refuse longer
# names (Gemini CLI at 64 with `mcp_<server>_`, Claude Code `mcp__<server>__`), so 24 characters stay free.
NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_-]{0,39}")
# OpenAI: function.description has at most 1,024 characters.
LONGEST_DESCRIPTION = 1_024
# Anthropic: property names are ^[a-zA-Z0-9_.-]{1,64}$. Gemini allows no dots.
PROPERTY = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]{0,63}")
TYPES = {"string", "integer", "number", "boolean", "array", "object"}
COMBINATIONS = {"anyOf", "oneOf", "allOf", "not", "if", "then", "else", "dependentSchemas"}
REFERENCES = {"$ref", "$defs", "definitions", "$dynamicRef", "$id", "$anchor"}
# The fields of Gemini's Schema, and `additionalProperties` (see above). Any other name is "Unknown name" and 400
# (brainlid/langchain#599, decolua/9router#3018, zendev-sh/goai#108).
KEYWORDS = {
    "type",
    "description",
    "properties",
    "required",
    "additionalProperties",
    "items",
    "enum",
    "minimum",
    "maximum",
    "minItems",
    "maxItems",
}
# Parameters that several tools share. Some of the tools describe them.
COMMON = {
    "model", "ids", "id", "order", "limit", "offset", "domain", "fields", "values", "html", "context", "dry_run",
    "idempotency_key", "confirmation",
}
# OpenAI strict mode: five levels of objects and arrays.
DEEPEST = 5
# VS Code and OpenAI: 128 tools in one request.
MOST_TOOLS = 128
# Our own limit, because the list costs tokens in every conversation.
MOST_BYTES = 8_000


def nodes(schema, path="", depth=1):
    """Every subschema of a schema: (path, schema, depth)."""
    yield path or "/", schema, depth
    if isinstance(schema, dict):
        for name, inner in (schema.get("properties") or {}).items():
            yield from nodes(inner, f"{path}/{name}", depth + 1)
        for key in ("items", "additionalProperties"):
            if isinstance(schema.get(key), dict):
                yield from nodes(schema[key], f"{path}/{key}", depth + 1)


def _input(tool):
    return [node for node in nodes(tool["inputSchema"]) if isinstance(node[1], dict)]


def name(tool):
    """OpenAI and Gemini: letters, digits, underscore, hyphen, and room for the client's prefix."""
    if not NAME.fullmatch(tool["name"]):
        yield f"the name {tool['name']!r}"


def description(tool):
    """MCP conformance and Gemini require a description. OpenAI limits it to 1,024 characters."""
    if not 1 <= len(tool.get("description") or "") <= LONGEST_DESCRIPTION:
        yield "no description, or one that is too long"


def parameters_are_described(tool):
    """A model needs a description: of the parameter, in the tool's own description, or in another tool."""
    named = set(re.findall(r"\w+", tool.get("description") or "")) | COMMON
    for parameter, schema in tool["inputSchema"].get("properties", {}).items():
        if parameter not in named and not (isinstance(schema, dict) and schema.get("description")):
            yield f"{parameter} has no description"


def root_is_an_object(tool):
    """MCP: the root's type is "object". OpenAI also requires `properties`, even if empty."""
    schema = tool["inputSchema"]
    if schema.get("type") != "object" or not isinstance(schema.get("properties"), dict):
        yield "the root is no object with properties"


def one_type_each(tool):
    """Gemini, Copilot: a single type name, no unions, no null (apexive/odoo-llm#212, t8y2/dbx#6233)."""
    for path, schema, _depth in _input(tool):
        if "type" in schema and (not isinstance(schema["type"], str) or schema["type"] not in TYPES):
            yield f"{path} has the type {schema['type']!r}"


def no_empty_schemas(tool):
    """Gemini refuses a schema without a type (NousResearch/hermes-agent#89673). llama.cpp then generates without end
    (ivnvxd/mcp-server-odoo#109)."""
    for path, schema, _depth in nodes(tool["inputSchema"]):
        if not isinstance(schema, dict) or "type" not in schema:
            yield f"{path} has no type"


def arrays_have_typed_items(tool):
    """VS Code: "array type must have items" (microsoft/vscode#284536, vzeman/odoo-mcp-server#4), and no tuples
    (microsoft/vscode#263986)."""
    for path, schema, _depth in _input(tool):
        items = schema.get("items")
        typed = isinstance(items, dict) and isinstance(items.get("type"), str)
        if (schema.get("type") == "array") != typed or "prefixItems" in schema:
            yield f"{path} is an array without typed items, or has items and is none"


def objects_have_properties(tool):
    """Gemini: "properties should be non-empty for OBJECT type". The root of a tool without parameters is exempt,
    because clients omit it."""
    for path, schema, _depth in _input(tool):
        if path != "/" and schema.get("type") == "object" and not schema.get("properties"):
            yield f"{path} is an object of nothing"


def objects_are_closed(tool):
    """OpenAI's and Anthropic's strict modes: `additionalProperties` is false."""
    for path, schema, _depth in _input(tool):
        if schema.get("type") == "object" and schema.get("additionalProperties") is not False:
            yield f"{path} is an open object"


def no_combinations(tool):
    """Gemini, OpenAI at the root, Copilot: no anyOf, oneOf, allOf, not or if (apexive/odoo-llm#212)."""
    for path, schema, _depth in _input(tool):
        if found := COMBINATIONS & set(schema):
            yield f"{path} has {', '.join(sorted(found))}"


def no_references(tool):
    """Gemini, and clients that pass the schema on unresolved (vercel/ai#14369), do not support references."""
    for path, schema, _depth in _input(tool):
        if found := REFERENCES & set(schema):
            yield f"{path} has {', '.join(sorted(found))}"


def only_known_keywords(tool):
    """Gemini refuses any other keyword as an unknown name."""
    for path, schema, _depth in _input(tool):
        if found := set(schema) - KEYWORDS - COMBINATIONS - REFERENCES:
            yield f"{path} has {', '.join(sorted(found))}"


def properties_have_plain_names(tool):
    """Anthropic: ^[a-zA-Z0-9_.-]{1,64}$; Gemini: no dots or hyphens."""
    for path, schema, _depth in _input(tool):
        for found in schema.get("properties") or {}:
            if not PROPERTY.fullmatch(found):
                yield f"{path} has the property {found!r}"


def required_ones_exist(tool):
    """Gemini: "required[0]: property is not defined"."""
    for path, schema, _depth in _input(tool):
        if missing := set(schema.get("required", [])) - set(schema.get("properties") or {}):
            yield f"{path} requires {', '.join(sorted(missing))}"


def enums_are_texts(tool):
    """Gemini: enum only for strings, and none of them empty (CherryHQ/cherry-studio#20939)."""
    for path, schema, _depth in _input(tool):
        options = schema.get("enum", ["x"])
        right = schema.get("type") == "string" or "enum" not in schema
        if not right or not options or not all(isinstance(option, str) and option for option in options):
            yield f"{path} has an enum that is not of texts"


def not_too_deep(tool):
    """OpenAI strict mode: at most five levels (tidyverse/ellmer#671)."""
    for path, _schema, depth in _input(tool):
        if depth > DEEPEST:
            yield f"{path} is on level {depth}"


def output_is_an_object(tool):
    """MCP up to 2025-11-25, and every SDK's check of it: the root's type is "object"."""
    schema = tool.get("outputSchema")
    if schema is not None and (schema.get("type") != "object" or not schema.get("properties")):
        yield "the output's root is no object with properties"


def output_arrays_have_items(tool):
    """Clients that generate types from the schema need `items`."""
    for path, schema, _depth in nodes(tool.get("outputSchema") or {}):
        if isinstance(schema, dict) and schema.get("type") == "array" and not isinstance(schema.get("items"), dict):
            yield f"{path} of the output is an array without items"


def output_has_no_references(tool):
    """SDKs compile the schema when they receive the list, and fetch nothing."""
    for path, schema, _depth in nodes(tool.get("outputSchema") or {}):
        if isinstance(schema, dict) and (found := (REFERENCES | COMBINATIONS) & set(schema)):
            yield f"{path} of the output has {', '.join(sorted(found))}"


def output_requires_what_it_has(tool):
    """A client that validates answers refuses one without a required name, so every required name must be declared."""
    for path, schema, _depth in nodes(tool.get("outputSchema") or {}):
        if isinstance(schema, dict) and set(schema.get("required", [])) - set(schema.get("properties") or {}):
            yield f"{path} of the output requires what it does not declare"


def schemas_are_valid(tool):
    """MCP: JSON Schema 2020-12, which the TypeScript and Python SDKs compile."""
    for key in ("inputSchema", "outputSchema"):
        if key in tool:
            try:
                jsonschema.Draft202012Validator.check_schema(tool[key])
            except jsonschema.SchemaError as error:
                yield f"{key}: {error.message}"


RULES = [
    name,
    description,
    parameters_are_described,
    root_is_an_object,
    one_type_each,
    no_empty_schemas,
    arrays_have_typed_items,
    objects_have_properties,
    objects_are_closed,
    no_combinations,
    no_references,
    only_known_keywords,
    properties_have_plain_names,
    required_ones_exist,
    enums_are_texts,
    not_too_deep,
    output_is_an_object,
    output_arrays_have_items,
    output_has_no_references,
    output_requires_what_it_has,
    schemas_are_valid,
]


def complaints(tool):
    """All violations of a tool, as `rule: violation`."""
    return [f"{rule.__name__}: {what}" for rule in RULES for what in rule(tool)]


def size(tools):
    """The size in bytes of the list in a model's context: name, description and input schema of each tool."""
    told = [{key: tool[key] for key in ("name", "description", "inputSchema")} for tool in tools]
    return len(json.dumps(told, separators=(",", ":"), ensure_ascii=False).encode())
