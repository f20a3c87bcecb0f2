//! JSON-RPC messages.

use odoo_mcp::error::Error;
use odoo_mcp::text::json;
use odoo_mcp::wire::json_rpc::{self, Malformed, Message, classify, parse};
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;
use serde_json::{Map, Value, json};

use crate::inputs::{damaged, json, json_of, name, object_of, repeated, scalar, text};
use crate::runner::Suite;

/// The longest text of a refusal, which quotes little of the input.
const LONGEST: usize = 1_000;

fn id() -> impl Strategy<Value = Value> {
    prop_oneof![
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        "[ -~]{0,40}".prop_map(Value::from),
    ]
}

fn request() -> impl Strategy<Value = Value> {
    let params = object_of(name(), json_of(name(), harmless()));
    ("[a-z/]{1,20}", id(), params).prop_map(
        |(method, id, params)| json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}),
    )
}

/// Values without NUL.
fn harmless() -> impl Strategy<Value = Value> {
    scalar().prop_filter("holds NUL", |value| !value.to_string().contains("\\u0000"))
}

/// A refusal of the envelope: it has a code and a status, is short, and has no id except the message's own.
fn well_refused(body: &str, malformed: &Malformed) -> TestCaseResult {
    let (status, error) = malformed.error.to_json_rpc();
    prop_assert_eq!(status, 400);
    let code = error["code"].as_i64();
    prop_assert!(matches!(code, Some(-32700 | -32600 | -32602)), "{:?}", code);
    let message = error["message"].as_str().unwrap_or_default();
    prop_assert!(
        !message.is_empty() && message.chars().count() < LONGEST,
        "{}",
        message
    );
    let whole: Value = serde_json::from_str(body).unwrap_or_default();
    prop_assert!(malformed.id.is_null() || whole.get("id") == Some(&malformed.id));
    Ok(())
}

fn well_read(body: &str) -> TestCaseResult {
    match parse(body) {
        Err(malformed) => well_refused(body, &malformed),
        Ok(message) => {
            let whole: Value = serde_json::from_str(body).expect("it was taken as JSON");
            match message {
                Message::Batch(items) => prop_assert_eq!(Value::Array(items), whole),
                Message::ClientResponse(_) => {
                    prop_assert!(whole.get("method").is_none());
                    prop_assert!(whole.get("result").is_some() || whole.get("error").is_some());
                }
                Message::Request { id, method, params } => {
                    prop_assert_eq!(Some(&id), whole.get("id"));
                    prop_assert_eq!(whole.get("method"), Some(&json!(method)));
                    prop_assert_eq!(
                        whole.get("params").cloned().unwrap_or(json!({})),
                        json!(params)
                    );
                }
                Message::Notification { method, params } => {
                    prop_assert!(whole.get("id").is_none());
                    prop_assert_eq!(whole.get("method"), Some(&json!(method)));
                    prop_assert_eq!(
                        whole.get("params").cloned().unwrap_or(json!({})),
                        json!(params)
                    );
                }
            }
            Ok(())
        }
    }
}

/// A value with a NUL in it, and its place: a step is a member's name or an item's number.
fn with_nul() -> impl Strategy<Value = (Value, String)> {
    let neighbours = prop::collection::vec(harmless(), 0..4).boxed();
    let step = prop_oneof![
        neighbours.clone().prop_map(|items| (None, items)),
        (name(), neighbours).prop_map(|(name, items)| (Some(name), items)),
    ];
    prop::collection::vec(step, 0..6).prop_map(|steps| {
        steps.into_iter().fold(
            (json!("a\0b"), String::new()),
            |(inner, path), (name, neighbours)| match name {
                Some(name) => {
                    let mut object: Map<String, Value> = neighbours
                        .into_iter()
                        .enumerate()
                        .map(|(at, value)| (format!("Z{at}"), value))
                        .collect();
                    object.insert(name.clone(), inner);
                    (Value::Object(object), format!(".{name}{path}"))
                }
                None => {
                    let at = neighbours.len();
                    let mut items = neighbours;
                    items.push(inner);
                    (Value::Array(items), format!("[{at}]{path}"))
                }
            },
        )
    })
}

fn message_of(error: &Error) -> String {
    error.to_string()
}

pub fn properties(suite: &mut Suite) {
    suite.property(
        "envelope: any text is read rightly or well refused",
        text(),
        |body| well_read(&body),
    );
    suite.property(
        "envelope: any JSON is read rightly or well refused",
        json(),
        |value| well_read(&value.to_string()),
    );
    suite.property(
        "envelope: a damaged message is read rightly or well refused",
        damaged(request().prop_map(|value| value.to_string())),
        |body| well_read(&body),
    );
    suite.property(
        "envelope: a request comes back as it was made",
        request(),
        |value| {
            match classify(value.clone()) {
                Ok(Message::Request { id, method, params }) => prop_assert_eq!(
                    json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}),
                    value
                ),
                other => prop_assert!(false, "{:?}", other),
            }
            Ok(())
        },
    );
    suite.property(
        "envelope: a NUL is refused where it stands",
        (with_nul(), name()),
        |((value, path), argument)| {
            let body =
                json!({"jsonrpc": "2.0", "id": 1, "method": "m", "params": {&argument: value}});
            let refused = classify(body).expect_err("it holds a NUL");
            let said = message_of(&refused.error);
            prop_assert!(
                said.starts_with(&format!("params.{argument}{path} ")),
                "{} is not in {}",
                path,
                said
            );
            Ok(())
        },
    );
    suite.property(
        "envelope: a result as text is the result",
        (id(), object_of(name(), json())),
        |(id, result)| {
            let text = json_rpc::result_text(&id, &Value::Object(result.clone()).to_string());
            let read: Value = serde_json::from_str(&text).expect("JSON");
            prop_assert_eq!(read, json_rpc::result(&id, result));
            Ok(())
        },
    );
    suite.property("json text: what we write we read", json(), |value| {
        prop_assert_eq!(json::parse(&value.to_string()), Ok(value));
        Ok(())
    });
    suite.property(
        "json text: a bad one is told with its place",
        damaged(json().prop_map(|value| value.to_string())),
        |text| {
            if let Err(bad) = json::parse(&text) {
                prop_assert!(text.is_char_boundary(bad.offset), "{}", bad.offset);
                prop_assert!(bad.message.starts_with("It is not valid JSON at "));
                prop_assert!(bad.message.chars().count() < 300, "{}", bad.message);
            }
            Ok(())
        },
    );
    suite.property(
        "json text: what a message shows is short and plain",
        (text(), json(), 0_usize..100),
        |(text, value, most)| {
            let clipped = json::clip(&text, most);
            prop_assert!(clipped.chars().count() <= most + 1);
            prop_assert!(!clipped.contains(char::is_control));
            let brief = json::brief(&value);
            prop_assert!(brief.chars().count() <= 64, "{}", brief);
            prop_assert!(!brief.contains(char::is_control));
            Ok(())
        },
    );
    let in_params = |params: String| {
        format!("{{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"m\",\"params\":{params}}}")
    };
    suite.growth(
        "envelope",
        &[
            ("brackets", |n| "[".repeat(n)),
            ("many items", |n| {
                format!("{{\"a\":[{}1]}}", repeated("1,", n))
            }),
            ("many members", |n| {
                let members: Vec<String> = (0..n / 8).map(|at| format!("\"{at}\":1")).collect();
                format!("{{{}}}", members.join(","))
            }),
            ("one member often", |n| {
                format!("{{{}\"a\":1}}", repeated("\"a\":1,", n))
            }),
            ("many items under a long name", |n| {
                format!("{{\"{}\":[{}1]}}", "a".repeat(n / 2), repeated("1,", n / 2))
            }),
            ("many members under long names", |n| {
                let members: Vec<String> = (0..n / 40).map(|at| format!("\"{at}\":\"\"")).collect();
                let inner = format!("{{{}}}", members.join(","));
                (0..100).fold(inner, |inner, _| {
                    format!("{{\"{}\":{inner}}}", "a".repeat(n / 200))
                })
            }),
            ("a long text", |n| {
                format!("{{\"a\":\"{}\"}}", "x".repeat(n))
            }),
            ("many escapes", |n| {
                format!("{{\"a\":\"{}\"}}", repeated("\\u00e4", n))
            }),
            ("many lines", |n| format!("{{\"a\":{}", "\n".repeat(n))),
        ],
        |params| {
            let _ = parse(&in_params(params));
        },
    );
    suite.growth(
        "json text",
        &[
            ("brackets", |n| "[".repeat(n)),
            ("lines", |n| "\n".repeat(n)),
            ("a long word", |n| "x".repeat(n)),
            ("an open text", |n| format!("\"{}", "ä".repeat(n / 2))),
            ("single quotes", |n| format!("[{}]", repeated("'a',", n))),
            ("an error at the end", |n| {
                format!("[{}x]", repeated("1,\n", n))
            }),
        ],
        |text| {
            let _ = json::parse(&text);
        },
    );
}
