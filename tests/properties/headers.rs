//! Headers and the form of the body: the HTTP part of a message.

use base64::{Engine, engine::general_purpose::STANDARD};
use odoo_mcp::methods::mrtr::stateful;
use odoo_mcp::wire::http::Request;
use odoo_mcp::wire::version::{META_CAPABILITIES, META_VERSION};
use odoo_mcp::wire::{log_level, param_headers, v2026_07_28};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::inputs::{damaged, json, repeated, text};
use crate::runner::Suite;

pub fn request(headers: Value) -> Request {
    let members = json!({
        "call_id": "6f1f9d4e-7a55-4a7a-9a7e-0c8f9c1f0a11", "headers": headers, "body": "{}"});
    serde_json::from_value(members).expect("a request of the contract")
}

/// A header's value in the addon's format: text, or the bytes of a value that is not text.
fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        4 => text().prop_map(Value::String),
        1 => vec(any::<u8>(), 0..20).prop_map(|bytes| json!({"base64": STANDARD.encode(bytes)})),
    ]
}

fn media_range() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z*]{1,8}/[a-z+*.-]{1,12}(;q=[01](\\.[0-9])?)?",
        "[ -+\\--~]{0,20}",
        Just("application/json".to_owned()),
        Just(" Application/JSON ; q=0.1".to_owned()),
        Just("*/*".to_owned()),
    ]
}

fn status(result: Result<String, odoo_mcp::error::Error>) -> u16 {
    result.map_or_else(|error| error.to_json_rpc().0, |_| 200)
}

/// A client's encoding of a value that cannot be a plain header value.
fn wrapped(text: &str) -> String {
    format!("=?base64?{}?=", STANDARD.encode(text))
}

fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| (b' '..=b'~').contains(&byte))
        && text.trim_matches([' ', '\t']) == text
        && !text.starts_with("=?base64?")
}

fn modern_call(headers: &[(&str, &str)], name: &str) -> Result<(), i64> {
    let mut all: Map<String, Value> = headers
        .iter()
        .map(|(name, value)| ((*name).to_owned(), json!(value)))
        .collect();
    all.insert("mcp-protocol-version".into(), json!("2026-07-28"));
    all.insert("mcp-method".into(), json!("tools/call"));
    let params =
        json!({"name": name, "_meta": {META_VERSION: "2026-07-28", META_CAPABILITIES: {}}});
    let params = params.as_object().cloned().unwrap_or_default();
    v2026_07_28::check(&request(Value::Object(all)), "tools/call", &params)
        .map(drop)
        .map_err(|error| error.to_json_rpc().1["code"].as_i64().unwrap_or_default())
}

/// An argument and the header that repeats it. Texts and numbers are of different kinds, so that no two are equal.
fn mirrored_argument() -> impl Strategy<Value = (Value, String)> {
    prop_oneof![
        text().prop_map(|text| {
            let text = format!("t{text}");
            let header = if is_plain(&text) {
                text.clone()
            } else {
                wrapped(&text)
            };
            (Value::from(text), header)
        }),
        (-9_007_199_254_740_991..9_007_199_254_740_991_i64)
            .prop_map(|number| (json!(number), number.to_string())),
        any::<bool>().prop_map(|flag| (json!(flag), flag.to_string())),
    ]
}

fn mirrored_schema(argument: &Value) -> Value {
    let kind = match argument {
        Value::Bool(_) => "boolean",
        Value::Number(_) => "integer",
        _ => "string",
    };
    json!({"type": "object", "properties": {"region": {"type": kind, "x-mcp-header": "Region"}}})
}

pub fn properties(suite: &mut Suite) {
    const NAMES: [&str; 8] = [
        "accept",
        "content-type",
        "content-encoding",
        "origin",
        "user-agent",
        "mcp-name",
        "mcp-method",
        "mcp-protocol-version",
    ];
    suite.property(
        "headers: any are read or refused with a status of their own",
        vec((prop::sample::select(NAMES.to_vec()), value()), 0..6),
        |headers| {
            let headers: Map<String, Value> = headers
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect();
            let request = request(Value::Object(headers));
            for name in NAMES {
                let _ = request.header(name);
                let note = request.note(name).unwrap_or_default();
                prop_assert!(note.chars().count() <= 256 && !note.contains(char::is_control));
            }
            let status = status(request.body_text());
            prop_assert!([200, 400, 406, 415].contains(&status), "{}", status);
            Ok(())
        },
    );
    suite.property(
        "headers: only JSON is a content type, whatever its parameters",
        damaged(media_range()),
        |media| {
            // RFC 9110, 8.3.1: type and subtype are case-insensitive, parameters follow a semicolon.
            let essence = media.split(';').next().unwrap_or_default();
            let is_json = essence.trim().to_lowercase() == "application/json";
            let status = status(request(json!({"content-type": media})).body_text());
            prop_assert_eq!(status, if is_json { 200 } else { 415 });
            Ok(())
        },
    );
    suite.property(
        "headers: what else a client accepts changes nothing",
        (vec(media_range(), 0..4), vec(media_range(), 0..4)),
        |(before, after)| {
            let mut ranges = before;
            ranges.push("application/json".to_owned());
            ranges.extend(after);
            let accept = ranges.join(", ");
            prop_assert_eq!(status(request(json!({"accept": accept})).body_text()), 200);
            Ok(())
        },
    );
    suite.property(
        "headers: a body in base64 is its bytes, or the byte that is wrong is named",
        prop_oneof![vec(any::<u8>(), 0..60), text().prop_map(String::into_bytes)],
        |bytes| {
            let mut request = request(json!({}));
            request.body_base64 = Some(STANDARD.encode(&bytes));
            match (request.body_text(), String::from_utf8(bytes)) {
                (Ok(read), Ok(text)) => prop_assert_eq!(read, text),
                (Err(error), Err(wrong)) => {
                    let byte = format!("byte {}.", wrong.utf8_error().valid_up_to());
                    prop_assert!(error.to_string().ends_with(&byte), "{}", error);
                }
                (read, text) => prop_assert!(false, "{:?} {:?}", read, text),
            }
            Ok(())
        },
    );
    suite.property("Mcp-Name: what is wrapped comes back", text(), |name| {
        prop_assert_eq!(v2026_07_28::decode(&wrapped(&name)), Ok(name));
        Ok(())
    });
    suite.property(
        "Mcp-Name: any value is itself, its wrapped text, or refused",
        damaged(prop_oneof![text(), text().prop_map(|name| wrapped(&name))]),
        |value| {
            match v2026_07_28::decode(&value) {
                Ok(read) => prop_assert!(read == value || wrapped(&read) == value),
                Err(error) => {
                    let (status, error) = error.to_json_rpc();
                    prop_assert_eq!(status, 400);
                    prop_assert_eq!(error["code"].as_i64(), Some(-32020));
                    prop_assert!(error.to_string().len() < 600, "{}", error);
                }
            }
            Ok(())
        },
    );
    suite.property(
        "Mcp-Name: it agrees with the body or the request is refused",
        (text(), text()),
        |(name, other)| {
            prop_assert_eq!(modern_call(&[("mcp-name", &wrapped(&name))], &name), Ok(()));
            if is_plain(&name) {
                prop_assert_eq!(modern_call(&[("mcp-name", &name)], &name), Ok(()));
            }
            if name != other {
                let other = wrapped(&other);
                prop_assert_eq!(modern_call(&[("mcp-name", &other)], &name), Err(-32020));
            }
            prop_assert_eq!(modern_call(&[], &name), Err(-32020));
            Ok(())
        },
    );
    suite.property(
        "Mcp-Param: what repeats the argument agrees, anything else is refused",
        (mirrored_argument(), mirrored_argument(), text()),
        |((argument, repeated), (other, _), noise)| {
            let run = |header: Option<&str>, argument: &Value| {
                let given = header.map_or(json!({}), |value| json!({"mcp-param-region": value}));
                let arguments = Map::from_iter([("region".to_owned(), argument.clone())]);
                param_headers::check(&request(given), &mirrored_schema(argument), &arguments)
                    .map_err(|error| error.to_json_rpc().1["code"].as_i64().unwrap_or_default())
            };
            prop_assert_eq!(run(Some(&repeated), &argument), Ok(()));
            prop_assert_eq!(run(None, &argument), Err(-32020));
            prop_assert_eq!(run(Some(&repeated), &Value::Null), Err(-32020));
            if other != argument {
                prop_assert_eq!(run(Some(&repeated), &other), Err(-32020));
            }
            let _ = run(Some(&noise), &argument);
            Ok(())
        },
    );
    suite.property(
        "a level of log messages is one of the known or refused",
        prop_oneof![json(), text().prop_map(Value::from)],
        |given| {
            match log_level::parse(Some(&given), "params.level") {
                Ok(level) => {
                    prop_assert!(log_level::severity(&level).is_some() && given == json!(level))
                }
                Err(error) => {
                    let said = error.to_string();
                    prop_assert!(
                        said.starts_with("params.level is ") && said.len() < 500,
                        "{}",
                        said
                    );
                }
            }
            Ok(())
        },
    );
    suite.property(
        "Last-Event-ID: a stream's id and a number are read back, anything else names no stream",
        (any::<u128>(), any::<usize>(), text()),
        |(stream, number, noise)| {
            let stream = uuid::Uuid::from_u128(stream).to_string();
            let named = |value: &str| stateful::named(&request(json!({"last-event-id": value})));
            let whole = format!("{stream}.{number}");
            prop_assert_eq!(named(&whole), Ok(Some((stream.clone(), number))));
            if let Ok(Some((named, _))) = named(&noise) {
                prop_assert!(noise.starts_with(&named), "{}", noise);
            }
            prop_assert_eq!(
                named(&format!("{whole}{number}0000000000000000000000")),
                Ok(None)
            );
            prop_assert_eq!(named(&stream), Ok(None));
            Ok(())
        },
    );
    suite.growth(
        "headers",
        &[
            ("ranges", |n| ("accept", repeated("a/b;q=1,", n))),
            ("commas", |n| ("accept", ",".repeat(n))),
            ("semicolons", |n| ("content-type", ";".repeat(n))),
            ("a long value", |n| ("mcp-name", "x".repeat(n))),
            ("a long wrapped value", |n| {
                ("mcp-name", wrapped(&"x".repeat(n)))
            }),
            ("white space", |n| ("mcp-name", " ".repeat(n))),
            ("an event id", |n| ("last-event-id", "7".repeat(n))),
            ("dots", |n| ("last-event-id", ".".repeat(n))),
        ],
        |(header, value)| {
            let _ = modern_call(&[(header, &value)], "search");
            let request = request(json!({header: value}));
            let _ = request.body_text();
            let _ = request.note(header);
            let _ = stateful::named(&request);
        },
    );
}
