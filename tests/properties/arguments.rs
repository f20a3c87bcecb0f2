//! A tool's arguments: normalization, validation against the JSON Schema, and suggestions for misspelled names.

use odoo_mcp::odoo::secret_name::is_secret_name;
use odoo_mcp::text::suggest::nearest;
use odoo_mcp::tools::schema::{self, Validator};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::inputs::{as_text, damaged, json, json_of, name, repeated, scalar, text};
use crate::runner::Suite;

/// A schema with every feature that the shipped tools use, and some more.
fn parameters() -> Value {
    json!({
        "type": "object",
        "properties": {
            "model": {"type": "string", "description": "Model, e.g. res.partner"},
            "domain": {"type": "string"},
            "values": {"type": "string"},
            "args": {"type": "string"},
            "kwargs": {"type": "string"},
            "ids": {"type": "array", "items": {"type": "integer"}, "minItems": 1},
            "fields": {"type": "array", "items": {"type": "string"}, "uniqueItems": true},
            "limit": {"type": "integer", "minimum": 1, "maximum": 1000},
            "state": {"type": "string", "enum": ["installed", "uninstalled", "all"]},
            "flag": {"type": "boolean"},
            "password": {"type": "string", "pattern": "^(a+)+$", "maxLength": 40},
            "nested": {"type": "object", "properties": {"deep": {"type": "array", "items": {"type": "number"}}},
                       "additionalProperties": false}
        },
        "required": ["model"]
    })
}

fn member() -> impl Strategy<Value = String> {
    let known: Vec<String> = parameters()["properties"]
        .as_object()
        .map(|known| known.keys().cloned().collect())
        .unwrap_or_default();
    prop_oneof![6 => prop::sample::select(known), 1 => name(), 1 => text()]
}

fn arguments() -> impl Strategy<Value = Map<String, Value>> {
    let value = prop_oneof![
        scalar(),
        json(),
        vec(any::<i32>(), 0..4).prop_map(Value::from),
        vec(name(), 0..4).prop_map(Value::from),
        json().prop_map(|value| as_text(&value, 1)),
        Just(json!("installed")),
    ];
    crate::inputs::object_of(member(), value)
}

fn right_arguments() -> impl Strategy<Value = Value> {
    let any_json = json_of(name(), scalar());
    (
        name(),
        vec(any::<i32>(), 1..5),
        1..1000_i64,
        any::<bool>(),
        any_json,
    )
        .prop_map(|(model, ids, limit, flag, values)| {
            json!({"model": model, "ids": ids, "limit": limit, "flag": flag, "state": "all",
                   "values": values.to_string(), "nested": {"deep": [1, 2.5]}})
        })
}

fn check(validator: &Validator, arguments: Map<String, Value>) -> Result<(), String> {
    schema::check(validator, &Value::Object(arguments)).map_err(|error| error.to_string())
}

/// Whether a value can say that its argument was left out.
fn is_left_out(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty() || text.trim().parse() == Ok(0.0),
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::Object(members) => members.is_empty(),
        _ => false,
    }
}

/// Whether a converted value means what was given.
fn means(given: &Value, converted: &Value) -> bool {
    match (given, converted) {
        (Value::Array(_) | Value::Object(_), Value::String(text)) => {
            serde_json::from_str(text).is_ok_and(|value: Value| value == *given)
        }
        (Value::String(text), Value::Bool(flag)) => {
            text.trim().eq_ignore_ascii_case(&flag.to_string())
        }
        (Value::String(text), Value::Number(number)) => {
            text.trim().parse() == Ok(number.as_f64().unwrap_or(f64::NAN))
        }
        (Value::Number(given), Value::Number(number)) => given.as_f64() == number.as_f64(),
        (Value::Number(given), Value::String(text)) => given.to_string() == *text,
        (Value::Array(given), Value::Array(items)) => {
            let pairs = given.iter().zip(items);
            given.len() == items.len()
                && pairs
                    .into_iter()
                    .all(|(one, item)| one == item || means(one, item))
        }
        (Value::String(text), Value::Array(items)) => match serde_json::from_str(text) {
            Ok(list @ Value::Array(_)) => list == *converted || means(&list, converted),
            // A Python literal, or items separated by commas.
            _ => items.iter().all(|item| match item {
                Value::String(part) => text.contains(part.as_str()) || text.contains('\\'),
                _ => true,
            }),
        },
        (given, Value::Array(items)) => {
            items.len() == 1 && (items[0] == *given || means(given, &items[0]))
        }
        _ => false,
    }
}

pub fn properties(suite: &mut Suite) {
    let schema = parameters();
    let validator = schema::compile(&schema).expect("a schema");
    suite.property(
        "arguments: form is brought once and only where one thing can be meant",
        arguments(),
        |given| {
            let mut once = given.clone();
            if schema::coerce(&mut once, &schema, true).is_err() {
                return Ok(());
            }
            let mut twice = once.clone();
            prop_assert_eq!(schema::coerce(&mut twice, &schema, true), Ok(()));
            prop_assert_eq!(&twice, &once);
            for (name, value) in &given {
                match once.get(name) {
                    None => prop_assert!(is_left_out(value), "{name}: {value}"),
                    Some(same) if same == value => {}
                    Some(converted) => {
                        prop_assert!(means(value, converted), "{value} became {converted}");
                    }
                }
            }
            prop_assert!(once.keys().all(|name| given.contains_key(name)));
            Ok(())
        },
    );
    suite.property(
        "arguments: right ones pass",
        right_arguments(),
        |arguments| {
            let mut arguments = arguments.as_object().cloned().unwrap_or_default();
            prop_assert_eq!(schema::coerce(&mut arguments, &schema, true), Ok(()));
            prop_assert_eq!(check(&validator, arguments), Ok(()));
            Ok(())
        },
    );
    suite.property(
        "arguments: wrong ones are named, five at most, and not at length",
        arguments(),
        |given| {
            let unknown = given
                .keys()
                .any(|name| schema["properties"].get(name).is_none());
            match check(&validator, given.clone()) {
                Ok(()) => prop_assert!(given.contains_key("model") && !unknown),
                Err(said) => {
                    let lines: Vec<&str> = said.lines().collect();
                    // The line of an unknown argument may name three others, and the last line may say that there are
                    // more.
                    prop_assert!(lines.len() <= 8, "{}", said);
                    prop_assert!(said.chars().count() < 4_000, "{}", said);
                    for line in &lines {
                        prop_assert!(
                            line.contains('`') || line.starts_with("There may be more"),
                            "{}",
                            said
                        );
                    }
                }
            }
            Ok(())
        },
    );
    suite.property(
        "arguments: a secret's value is not in what is said of it",
        "[A-Z]{6}[0-9]{6}",
        |secret| {
            for value in [json!(secret), json!([secret]), json!({"a": secret})] {
                let given = json!({"model": "x", "password": value});
                let said = check(&validator, given.as_object().cloned().unwrap_or_default());
                prop_assert!(
                    said.as_ref().is_err_and(|said| !said.contains(&secret)),
                    "{:?}",
                    said
                );
            }
            Ok(())
        },
    );
    suite.property(
        "arguments: JSON as text is the JSON, its damage refused with the argument's name",
        (
            damaged(json().prop_map(|value| value.to_string())),
            0_usize..3,
        ),
        |(text, times)| {
            let mut given = Map::new();
            given.insert("values".into(), as_text(&json!(text), times));
            match schema::json_text(&given, "values") {
                Ok(read) => {
                    prop_assert_eq!(times, 0);
                    prop_assert_eq!(read, serde_json::from_str(&text).ok());
                }
                Err(error) => {
                    let said = error.to_string();
                    prop_assert!(said.starts_with("`values`: "), "{}", said);
                    prop_assert!(said.chars().count() < 500, "{}", said);
                }
            }
            Ok(())
        },
    );
    suite.property(
        "a schema of any shape compiles or is refused",
        json(),
        |any_schema| {
            if let Ok(validator) = schema::compile(&any_schema) {
                let _ = schema::check(&validator, &json!({"a": [1, "x"]}));
            }
            let mut given = Map::from_iter([("a".to_owned(), json!("[1]"))]);
            let _ = schema::coerce(&mut given, &any_schema, true);
            Ok(())
        },
    );
    suite.property(
        "nearest: the name itself comes first, and only candidates come",
        (text(), vec(prop_oneof![text(), name()], 0..8), 0_usize..5),
        |(wrong, candidates, most)| {
            let near = nearest(&wrong, candidates.iter().map(String::as_str), most);
            prop_assert!(near.len() <= most);
            prop_assert!(
                near.iter()
                    .all(|name| candidates.iter().any(|it| it == name))
            );
            let _ = is_secret_name(&wrong);
            Ok(())
        },
    );
    suite.growth(
        "arguments",
        &[
            ("many unknown", |n| {
                (0..n / 10)
                    .map(|at| (format!("x{at}"), json!(1)))
                    .collect::<Map<_, _>>()
            }),
            ("a long unknown", |n| {
                Map::from_iter([("x".repeat(n), json!(1))])
            }),
            ("a long text in place of a number", |n| {
                Map::from_iter([("limit".to_owned(), json!("x".repeat(n)))])
            }),
            ("a long list of wrong items", |n| {
                Map::from_iter([("ids".to_owned(), json!(vec!["x"; n / 4]))])
            }),
            ("a long list of right items", |n| {
                let names: Vec<String> = (0..n / 8).map(|at| at.to_string()).collect();
                Map::from_iter([("fields".to_owned(), json!(names))])
            }),
            ("a list as text", |n| {
                Map::from_iter([("ids".to_owned(), json!(format!("[{}1]", repeated("1,", n))))])
            }),
            ("an open list as text", |n| {
                Map::from_iter([("ids".to_owned(), json!(format!("[{}", repeated("1,", n))))])
            }),
            ("a hostile text for a pattern", |n| {
                Map::from_iter([("password".to_owned(), json!("a".repeat(n) + "!"))])
            }),
            ("an object in place of a text", |n| {
                let members: Map<String, Value> =
                    (0..n / 8).map(|at| (at.to_string(), json!(1))).collect();
                Map::from_iter([("values".to_owned(), json!(members))])
            }),
            ("deep lists", |n| {
                let deep = (0..100).fold(json!("x".repeat(n / 100)), |inner, _| {
                    json!([inner, "x".repeat(n / 100)])
                });
                Map::from_iter([("nested".to_owned(), deep)])
            }),
        ],
        |mut given: Map<String, Value>| {
            let _ = schema::coerce(&mut given, &schema, true);
            let _ = schema::json_text(&given, "values");
            let _ = check(&validator, given);
        },
    );
    suite.growth(
        "names",
        &[
            ("a long one", |n| "x".repeat(n)),
            ("many words", |n| repeated("a_", n)),
            ("many humps", |n| repeated("aB", n)),
            ("dots", |n| ".".repeat(n)),
        ],
        |name: String| {
            let _ = nearest(&name, ["name", "partner_id", "x"].into_iter(), 3);
            let _ = is_secret_name(&name);
        },
    );
}
