use super::*;

fn search() -> Value {
    json!({
        "type": "object",
        "properties": {
            "model": {"type": "string", "description": "Technical name, e.g. res.partner."},
            "domain": {"type": "string"},
            "fields": {"type": "array", "items": {"type": "string"}},
            "ids": {"type": "array", "items": {"type": "integer"}},
            "limit": {"type": "integer", "minimum": 1, "maximum": 1000},
            "count": {"type": "boolean"},
            "lang": {"type": "string", "pattern": "^[a-z]{2}_[A-Z]{2}$"},
            "api_key": {"type": "string"},
            "format": {"type": "string", "enum": ["html", "text"]},
            "maybe": {"type": ["string", "null"]},
            "options": {"type": "object", "properties": {"depth": {"type": "integer"}}, "additionalProperties": false}
        },
        "required": ["model"]
    })
}

fn said(arguments: Value) -> String {
    let validator = compile(&search()).unwrap();
    match check(&validator, &arguments) {
        Err(error) => error.to_string(),
        Ok(()) => panic!("{arguments} was taken"),
    }
}

fn coerced(arguments: Value) -> Value {
    let mut arguments = arguments.as_object().cloned().unwrap();
    coerce(&mut arguments, &search(), true).unwrap();
    Value::Object(arguments)
}

#[test]
fn right_arguments_pass() {
    let validator = compile(&search()).unwrap();
    let right = json!({"model": "res.partner", "domain": "[]", "ids": [1], "limit": 5, "count": true, "lang": "nl_BE",
                       "format": "text", "maybe": null, "options": {"depth": 1}});
    assert_eq!(check(&validator, &right), Ok(()));
}

#[test]
fn errors_name_the_argument_and_what_is_expected() {
    for (arguments, words) in [
        (
            json!({}),
            vec!["`model` is missing: expected string: Technical name, e.g. res.partner."],
        ),
        (
            json!({"model": 5}),
            vec!["`model`: expected string, given an integer (5). Write \"5\"."],
        ),
        (
            json!({"model": "a", "limit": "10"}),
            vec![
                "`limit`: expected integer",
                "a string (\"10\")",
                "without the quotes",
            ],
        ),
        (
            json!({"model": "a", "limit": "ten"}),
            vec!["`limit`: expected integer, given a string (\"ten\")."],
        ),
        (
            json!({"model": "a", "limit": 1.5}),
            vec!["`limit`: expected integer, given a number with decimals (1.5)"],
        ),
        (
            json!({"model": "a", "limit": 0}),
            vec!["`limit`: the value given is less than the minimum of 1"],
        ),
        (
            json!({"model": "a", "count": "true"}),
            vec!["`count`: expected boolean", "without the quotes"],
        ),
        (
            json!({"model": null}),
            vec!["given null. Leave it out instead of null."],
        ),
        (
            json!({"model": "a", "fields": "name"}),
            vec!["`fields`: expected array", "Write [\"name\"]"],
        ),
        (
            json!({"model": "a", "fields": ["name", 7]}),
            vec!["`fields[1]`: expected string"],
        ),
        (
            json!({"model": "a", "feilds": []}),
            vec!["Unknown argument `feilds`. Did you mean `fields`?"],
        ),
        (
            json!({"model": "a", "zzz": []}),
            vec!["Unknown argument `zzz`. Known: `model`, `domain`"],
        ),
        (
            json!({"model": "a", "options": {"dept": 1}}),
            vec!["Unknown argument `options.dept`. Did you mean `depth`?"],
        ),
        (
            json!({"model": "a", "options": "{\"depth\": 1}"}),
            vec!["`options`: expected object", "without the quotes"],
        ),
        (
            json!({"model": "a", "format": "txt"}),
            vec!["one of \"html\", \"text\"", "Did you mean `text`?"],
        ),
        (
            json!({"model": "a", "lang": "dutch"}),
            vec!["`lang`:", "^[a-z]{2}_[A-Z]{2}$"],
        ),
        (
            json!({"model": "a", "maybe": 5}),
            vec!["`maybe`: expected", "null", "or", "string"],
        ),
        (
            json!([]),
            vec!["The arguments: expected object, given an array"],
        ),
    ] {
        let said = said(arguments.clone());
        for word in words {
            assert!(
                said.contains(word),
                "{arguments}: `{word}` is not in: {said}"
            );
        }
    }
}

#[test]
fn errors_neither_show_secrets_nor_grow() {
    assert!(!said(json!({"model": "a", "api_key": ["hunter2"]})).contains("hunter2"));
    assert!(!said(json!({"model": "a", "lang": "hunter2"})).contains("hunter2"));
    let many: Map<String, Value> = (0..5_000)
        .map(|i| (format!("{}{i}", "x".repeat(500)), json!(1)))
        .collect();
    assert!(said(Value::Object(many)).len() < 3_000);
    let wrong = said(
        json!({"model": "x".repeat(1_000_000), "fields": [1, 2, 3, 4, 5, 6, 7, 8], "limit": "x"}),
    );
    assert_eq!(wrong.lines().count(), 6, "{wrong}");
    assert_eq!(
        said(json!({"model": "a", "fields": vec![1; 1_000_000]}))
            .lines()
            .count(),
        2
    );
    assert!(
        wrong.contains("There may be more that is wrong."),
        "{wrong}"
    );
}

#[test]
fn schemas_that_cannot_be_used_are_refused() {
    for schema in [
        json!(null),
        json!("x"),
        json!({"type": "array"}),
        json!({"type": "object", "properties": {"a": {"type": "strange"}}}),
        json!({"type": "object", "properties": {"a": {"$ref": "https://example.com/schema.json"}}}),
        json!({"type": "object", "properties": {"a": {"$ref": "file:///etc/passwd"}}}),
        json!({"type": "object", "properties": {"a": {"$ref": "#/nowhere"}}}),
        json!({"type": "object", "properties": {"a": {"pattern": "("}}}),
        json!({"type": "object", "properties": {"a": {"pattern": "(?=x)"}}}),
        json!({"type": "object", "properties": {"a": {"pattern": "(((a{999}){999}){999}){9}"}}}),
    ] {
        assert!(compile(&schema).is_err(), "{schema}");
    }
    let inside =
        json!({"$defs": {"a": {"type": "integer"}}, "properties": {"a": {"$ref": "#/$defs/a"}}});
    assert!(check(&compile(&inside).unwrap(), &json!({"a": "x"})).is_err());
}

#[test]
fn unknown_arguments_are_refused_unless_the_schema_takes_them() {
    let open = json!({"type": "object", "additionalProperties": true});
    assert_eq!(check(&compile(&open).unwrap(), &json!({"a": 1})), Ok(()));
    let said = check(
        &compile(&json!({"type": "object"})).unwrap(),
        &json!({"a": 1}),
    )
    .unwrap_err();
    assert_eq!(
        said.to_string(),
        "Unknown argument `a`. None is taken here."
    );
    let composed = json!({"type": "object", "allOf": [{"properties": {"a": {"type": "integer"}}}]});
    assert_eq!(
        check(&compile(&composed).unwrap(), &json!({"a": 1})),
        Ok(())
    );
}

#[test]
fn coerces_only_what_can_mean_one_thing() {
    for (given, wanted) in [
        (
            json!({"domain": [["a", "=", "é"]]}),
            json!({"domain": "[[\"a\",\"=\",\"é\"]]"}),
        ),
        (json!({"domain": {}}), json!({"domain": "{}"})),
        (json!({"domain": "[]"}), json!({"domain": "[]"})),
        (json!({"domain": 5}), json!({"domain": 5})),
        (json!({"model": ["a"]}), json!({"model": ["a"]})),
        (json!({"ids": "[1, 2]"}), json!({"ids": [1, 2]})),
        (json!({"ids": 7}), json!({"ids": [7]})),
        (json!({"ids": "7"}), json!({"ids": [7]})),
        (json!({"ids": "7, 8,"}), json!({"ids": [7, 8]})),
        (json!({"ids": "[\"7\", 8.0]"}), json!({"ids": [7, 8]})),
        (json!({"ids": ["7", 8.0]}), json!({"ids": [7, 8]})),
        (json!({"ids": 7.0}), json!({"ids": [7]})),
        (json!({"ids": 7.5}), json!({"ids": [7.5]})),
        (json!({"ids": "seven"}), json!({"ids": ["seven"]})),
        (json!({"ids": true}), json!({"ids": true})),
        (json!({"fields": 7}), json!({"fields": 7})),
        (json!({"fields": " [\"a\"]"}), json!({"fields": ["a"]})),
        (
            json!({"fields": "['a', 'b']"}),
            json!({"fields": ["a", "b"]}),
        ),
        (
            json!({"fields": "name, email"}),
            json!({"fields": ["name", "email"]}),
        ),
        (
            json!({"limit": "5", "count": "true", "options": "{}"}),
            json!({"limit": 5, "count": true, "options": "{}"}),
        ),
        (
            json!({"limit": 5.0, "count": "False"}),
            json!({"limit": 5, "count": false}),
        ),
        (json!({"limit": " 5.0 "}), json!({"limit": 5})),
        (
            json!({"limit": 5.5, "count": "yes"}),
            json!({"limit": 5.5, "count": "yes"}),
        ),
        (
            json!({"limit": "1e3", "count": 1}),
            json!({"limit": "1e3", "count": 1}),
        ),
        (json!({"limit": "inf"}), json!({"limit": "inf"})),
        (json!({"ids": "1,234"}), json!({"ids": "1,234"})),
        (json!({"ids": "1, 234"}), json!({"ids": [1, 234]})),
        // A limit of zero, an empty text and null: left out.
        (json!({"limit": 0, "count": "", "fields": " "}), json!({})),
        (json!({"ids": ""}), json!({"ids": ""})),
        (json!({"domain": ""}), json!({"domain": ""})),
        (json!({"model": ""}), json!({"model": ""})),
        (json!({"model": 5}), json!({"model": "5"})),
        (
            json!({"limit": null, "model": null, "maybe": null, "other": null, "count": true}),
            json!({"model": null, "maybe": null, "other": null, "count": true}),
        ),
        (
            json!({"sessionId": "s", "action": "sendMessage", "chatInput": "x", "toolCallId": "c", "tool": "search"}),
            json!({}),
        ),
    ] {
        assert_eq!(coerced(given.clone()), wanted, "{given}");
    }
    let mut broken = json!({"fields": "['name"}).as_object().cloned().unwrap();
    let said = coerce(&mut broken, &search(), true)
        .unwrap_err()
        .to_string();
    assert!(said.contains("`fields`"), "{said}");
}

#[test]
fn json_text_reads_arrays_and_objects() {
    let arguments = json!({"values": "{\"a\": [1, null]}", "args": [1], "kwargs": {"b": 2}})
        .as_object()
        .cloned()
        .unwrap();
    assert_eq!(
        json_text(&arguments, "values"),
        Ok(Some(json!({"a": [1, null]})))
    );
    assert_eq!(json_text(&arguments, "args"), Ok(Some(json!([1]))));
    assert_eq!(json_text(&arguments, "kwargs"), Ok(Some(json!({"b": 2}))));
    assert_eq!(json_text(&arguments, "other"), Ok(None));
}

#[test]
fn json_text_teaches() {
    for (given, words) in [
        (
            json!("{'name': 'x'}"),
            vec!["`values`", "character 2", "double quotes"],
        ),
        (
            json!("{\"active\": True}"),
            vec!["character 12", "true in JSON"],
        ),
        (json!("{\"a\": None}"), vec!["null in JSON"]),
        (
            json!("\"{\\\"a\\\": 1}\""),
            vec!["encoded twice", "character 1"],
        ),
        (json!("{\\\"a\\\": 1}"), vec!["escaped once too often"]),
        (json!("{\"a\": 1"), vec!["not closed"]),
        (json!(""), vec!["empty"]),
        (
            json!("5"),
            vec!["an array or object is expected, not an integer"],
        ),
        (json!("null"), vec!["not null"]),
        (json!(5), vec!["not an integer"]),
        (json!(null), vec!["not null"]),
        (json!("{\"a\": [\"\\u0000\"]}"), vec!["NUL"]),
    ] {
        let arguments = Map::from_iter([("values".to_owned(), given.clone())]);
        let said = json_text(&arguments, "values").unwrap_err().to_string();
        for word in words {
            assert!(said.contains(word), "{given}: `{word}` is not in: {said}");
        }
    }
}
