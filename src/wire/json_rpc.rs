//! JSON-RPC 2.0 messages.

use crate::error::{Error, Result, code};
use crate::text::json::{clip, kind};
use serde_json::{Map, Number, Value, json};

/// Maximum number of characters that a message shows of a member's name and of a position.
const LONGEST_NAME: usize = 64;
const LONGEST_PLACE: usize = 400;
/// The largest integer that a float holds exactly.
const MOST_EXACT: f64 = 9_007_199_254_740_991.0;

/// A message from a client.
#[derive(Debug, Clone, PartialEq)]
pub enum Message {
    Request {
        id: Value,
        method: String,
        params: Map<String, Value>,
    },
    Notification {
        method: String,
        params: Map<String, Value>,
    },
    /// A response to a request of the server.
    ClientResponse(ClientResponse),
    /// A JSON array; only some versions allow it.
    Batch(Vec<Value>),
}

/// A response from the client.
#[derive(Debug, Clone, PartialEq)]
pub struct ClientResponse {
    pub id: Value,
    /// The result, or the error.
    pub outcome: Result<Value, Value>,
}

/// An invalid request, with the id for the response (null without an id).
#[derive(Debug, Clone, PartialEq)]
pub struct Malformed {
    pub id: Value,
    pub error: Error,
}

/// Parse a body.
///
/// # Errors
/// -32700 for invalid JSON, -32600 for JSON of another shape; both with status 400.
pub fn parse(body: &str) -> Result<Message, Box<Malformed>> {
    let value: Value = serde_json::from_str(body).map_err(|error| {
        Box::new(Malformed {
            id: Value::Null,
            error: Error::protocol(400, code::PARSE_ERROR, explain(body, &error)),
        })
    })?;
    classify(value)
}

fn explain(body: &str, error: &serde_json::Error) -> String {
    if body.trim().is_empty() {
        return "The body is empty. Send one JSON-RPC message.".into();
    }
    let text = error.to_string();
    if text.starts_with("recursion limit") {
        return "The body is nested deeper than 127 levels.".into();
    }
    format!("The body is not valid JSON: {text}.")
}

/// Classify a JSON value as a message.
///
/// # Errors
/// -32600 with the reason.
pub fn classify(value: Value) -> Result<Message, Box<Malformed>> {
    let mut object = match value {
        Value::Object(object) => object,
        Value::Array(items) => return Ok(Message::Batch(items)),
        other => {
            return Err(invalid(
                Value::Null,
                format!("A JSON-RPC message is an object, not {}.", kind(&other)),
            ));
        }
    };
    let id = object.remove("id");
    let answer_id = match &id {
        Some(id @ Value::String(_)) => id.clone(),
        Some(id @ Value::Number(number)) if is_whole(number) => id.clone(),
        _ => Value::Null,
    };
    if object.get("jsonrpc") != Some(&json!("2.0")) {
        return Err(invalid(answer_id, "\"jsonrpc\" must be \"2.0\".".into()));
    }
    if !object.contains_key("method")
        && (object.contains_key("result") || object.contains_key("error"))
    {
        let outcome = match (object.remove("result"), object.remove("error")) {
            (Some(result), None) => Ok(result),
            (_, error) => Err(error.unwrap_or_default()),
        };
        let held = [(
            "result".to_owned(),
            outcome.clone().unwrap_or_else(|error| error),
        )];
        if let Some(path) = find_nul(&held.into_iter().collect()) {
            let path = path.trim_start_matches("params.");
            let message = format!("{path} holds a NUL character, which PostgreSQL cannot store.");
            return Err(invalid(answer_id, message));
        }
        return Ok(Message::ClientResponse(ClientResponse {
            id: answer_id,
            outcome,
        }));
    }
    let method = match object.remove("method") {
        Some(Value::String(method)) => method,
        Some(other) => {
            let message = format!("\"method\" must be a string, not {}.", kind(&other));
            return Err(invalid(answer_id, message));
        }
        None => return Err(invalid(answer_id, "\"method\" is missing.".into())),
    };
    let params = match object.remove("params") {
        None | Some(Value::Null) => Map::new(),
        Some(Value::Array(items)) if items.is_empty() => Map::new(),
        Some(Value::Object(params)) => params,
        Some(other) => {
            let message = format!("\"params\" must be an object, not {}.", kind(&other));
            return Err(invalid(answer_id, message));
        }
    };
    if let Some(path) = find_nul(&params) {
        let message = format!("{path} holds a NUL character, which PostgreSQL cannot store.");
        let error = Error::protocol(400, code::INVALID_PARAMS, message);
        return Err(Box::new(Malformed {
            id: answer_id,
            error,
        }));
    }
    if method.contains('\0') {
        return Err(invalid(
            answer_id,
            "\"method\" holds a NUL character.".into(),
        ));
    }
    match id {
        None => Ok(Message::Notification { method, params }),
        Some(_) if answer_id.is_null() => Err(invalid(
            Value::Null,
            "\"id\" must be a string or an integer of 64 bits.".into(),
        )),
        Some(Value::String(text)) if text.contains('\0') => {
            Err(invalid(Value::Null, "\"id\" holds a NUL character.".into()))
        }
        Some(id) => Ok(Message::Request { id, method, params }),
    }
}

/// Whether a number is an integer. Clients whose numbers are all floats write 1.0.
fn is_whole(number: &Number) -> bool {
    let is_exact = |float: f64| float.fract() == 0.0 && float.abs() <= MOST_EXACT;
    number.is_i64() || number.is_u64() || number.as_f64().is_some_and(is_exact)
}

fn invalid(id: Value, message: String) -> Box<Malformed> {
    Box::new(Malformed {
        id,
        error: Error::protocol(400, code::INVALID_REQUEST, message),
    })
}

/// The position of a NUL character in the parameters. The parser has already bounded the depth. The position is built
/// only once found: building it for every member would cost its length times their number.
fn find_nul(params: &Map<String, Value>) -> Option<String> {
    fn in_object(object: &Map<String, Value>, steps: &mut Vec<String>) -> bool {
        object.iter().any(|(key, value)| {
            if key.contains('\0') {
                steps.push(" (a name in it)".into());
                return true;
            }
            let found = in_value(value, steps);
            if found {
                steps.push(format!(".{}", clip(key, LONGEST_NAME)));
            }
            found
        })
    }
    fn in_value(value: &Value, steps: &mut Vec<String>) -> bool {
        match value {
            Value::String(text) => text.contains('\0'),
            Value::Array(items) => {
                let at = items.iter().position(|item| in_value(item, steps));
                steps.extend(at.map(|at| format!("[{at}]")));
                at.is_some()
            }
            Value::Object(object) => in_object(object, steps),
            _ => false,
        }
    }
    // The innermost step first.
    let mut steps = Vec::new();
    in_object(params, &mut steps).then(|| {
        steps.push("params".into());
        steps.reverse();
        clip(&steps.concat(), LONGEST_PLACE)
    })
}

/// A success response.
pub fn result(id: &Value, result: Map<String, Value>) -> Value {
    // `json!` would copy its arguments.
    let mut response = Map::new();
    response.insert("jsonrpc".into(), Value::String("2.0".into()));
    response.insert("id".into(), id.clone());
    response.insert("result".into(), Value::Object(result));
    Value::Object(response)
}

/// A success response with a result that is JSON text.
pub fn result_text(id: &Value, result: &str) -> String {
    format!("{{\"jsonrpc\":\"2.0\",\"id\":{id},\"result\":{result}}}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code_of(body: &str) -> i64 {
        parse(body).unwrap_err().error.to_json_rpc().1["code"]
            .as_i64()
            .unwrap()
    }

    #[test]
    fn tells_the_four_kinds_apart() {
        assert!(matches!(
            parse(r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#),
            Ok(Message::Request { method, .. }) if method == "ping"
        ));
        assert!(matches!(
            parse(r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#),
            Ok(Message::Notification { .. })
        ));
        assert_eq!(
            parse(r#"{"jsonrpc":"2.0","id":1,"result":{}}"#),
            Ok(Message::ClientResponse(ClientResponse {
                id: json!(1),
                outcome: Ok(json!({}))
            }))
        );
        assert!(matches!(parse("[{}]"), Ok(Message::Batch(items)) if items.len() == 1));
    }

    #[test]
    fn what_is_not_json_is_a_parse_error() {
        for body in ["", "   ", "{", "\u{feff}{}", "{\"a\": 1e400}", "nul"] {
            assert_eq!(code_of(body), code::PARSE_ERROR, "{body}");
        }
        let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
        let error = parse(&deep).unwrap_err();
        assert!(error.error.to_string().contains("127"), "{}", error.error);
    }

    #[test]
    fn json_of_another_shape_is_an_invalid_request() {
        for body in [
            "1",
            "\"x\"",
            "null",
            "{}",
            r#"{"jsonrpc":"1.0","id":1,"method":"ping"}"#,
            r#"{"jsonrpc":"2.0","id":1,"method":7}"#,
            r#"{"jsonrpc":"2.0","id":1,"method":"ping","params":[1]}"#,
            r#"{"jsonrpc":"2.0","id":null,"method":"ping"}"#,
            r#"{"jsonrpc":"2.0","id":1.5,"method":"ping"}"#,
            r#"{"jsonrpc":"2.0","id":123456789012345678901234567890,"method":"ping"}"#,
        ] {
            assert_eq!(code_of(body), code::INVALID_REQUEST, "{body}");
        }
    }

    #[test]
    fn what_clients_add_or_leave_empty_does_not_matter() {
        for (id, rest) in [
            ("1", r#","params":null"#),
            ("1", r#","params":[]"#),
            ("1", r#","extra":1"#),
            ("1.0", ""),
        ] {
            let body = format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"ping"{rest}}}"#);
            let Ok(Message::Request {
                id: answered,
                params,
                ..
            }) = parse(&body)
            else {
                panic!("{body}");
            };
            assert_eq!((answered.to_string().as_str(), params.len()), (id, 0));
        }
    }

    #[test]
    fn errors_are_answered_under_the_id_when_there_is_one() {
        let error = parse(r#"{"jsonrpc":"2.0","id":"a","method":7}"#).unwrap_err();
        assert_eq!(error.id, json!("a"));
    }

    #[test]
    fn a_nul_is_refused_where_it_stands() {
        let body = r#"{"jsonrpc":"2.0","id":1,"method":"m","params":{"a":{"b":["x","\u0000"]}}}"#;
        let error = parse(body).unwrap_err();
        assert!(
            error.error.to_string().contains("params.a.b[1]"),
            "{}",
            error.error
        );
        let body = r#"{"jsonrpc":"2.0","id":1,"method":"m","params":{"a":[{"\u0000":1}]}}"#;
        let error = parse(body).unwrap_err().error.to_string();
        assert!(error.starts_with("params.a[0] (a name in it) "), "{error}");
    }

    #[test]
    fn a_long_name_is_not_written_for_each_of_many_items() {
        let body = format!(
            r#"{{"jsonrpc":"2.0","id":1,"method":"m","params":{{"{}":[{}"\u0000"]}}}}"#,
            "a".repeat(100_000),
            "1,".repeat(100_000)
        );
        let error = parse(&body).unwrap_err().error.to_string();
        assert!(
            error.contains("aaa…[100000] holds a NUL") && error.len() < 300,
            "{error}"
        );
    }
}
