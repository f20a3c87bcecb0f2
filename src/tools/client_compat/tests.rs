use super::*;
use serde_json::json;

#[test]
fn a_plain_schema_is_portable() {
    let schema = json!({"type": "object", "properties": {
        "model": {"type": "string", "enum": ["a"]}, "ids": {"type": "array", "items": {"type": "integer"}},
        "deep": {"type": "object", "properties": {"rows": {"type": "array", "items": {"type": "array", "items": {"type": "number"}}}}}},
        "required": ["model"], "additionalProperties": false});
    assert_eq!(complaint("search-1_x", &schema), None);
    assert_eq!(
        complaint("none", &json!({"type": "object", "properties": {}})),
        None
    );
}

#[test]
fn what_strict_clients_refuse_is_named() {
    let with = |property: Value| json!({"type": "object", "properties": {"a": property}});
    for (name, schema, word) in [
        ("a.b", with(json!({"type": "string"})), "name"),
        ("größe", with(json!({"type": "string"})), "name"),
        (&"x".repeat(65), with(json!({"type": "string"})), "name"),
        ("a", json!({"type": "object"}), "properties"),
        ("a", json!({"properties": {}}), "no type"),
        ("a", with(json!({})), "\"a\" has no type"),
        ("a", with(json!(true)), "no schema"),
        (
            "a",
            with(json!({"type": ["string", "null"]})),
            "exactly one type",
        ),
        ("a", with(json!({"type": "null"})), "exactly one type"),
        ("a", with(json!({"anyOf": [{"type": "string"}]})), "anyOf"),
        ("a", with(json!({"$ref": "#/$defs/x"})), "$ref"),
        ("a", with(json!({"type": "array"})), "without \"items\""),
        (
            "a",
            with(json!({"type": "array", "items": {}})),
            "in its items, has no type",
        ),
        (
            "a",
            with(json!({"type": "object", "properties": {"b": {}}})),
            "\"b\" has no type",
        ),
    ] {
        let said = complaint(name, &schema).unwrap_or_default();
        assert!(said.contains(word), "{schema}: {word} is not in {said:?}");
    }
}
