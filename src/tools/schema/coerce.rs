//! Converts arguments to the types that a tool's schema declares, where a value has one possible meaning. Clients send
//! numbers as texts, lists as texts, and null or empty texts for what their user left out.

use super::{JSON_TEXT, OPEN, has_type};
use crate::error::{Error, Result};
use crate::odoo::domain::literal;
use crate::text::json::{self, BadJson};
use serde_json::{Map, Value, json};

/// Members that clients add to the arguments of every call (n8n). They are dropped unless the schema declares them.
const OF_CLIENTS: [&str; 5] = ["sessionId", "action", "chatInput", "toolCallId", "tool"];
/// Arguments that are never converted: they identify a call.
const AS_GIVEN: [&str; 2] = ["confirmation", "idempotency_key"];
/// The largest integer that a float holds exactly.
const MOST_EXACT: f64 = 9_007_199_254_740_991.0;
/// An argument of the built-in tools that means the same when it is an empty object and when it is missing.
const CONTEXT: &str = "context";
/// An argument of the built-in tools for which zero means: no particular limit.
const LIMIT: &str = "limit";
/// Arguments whose empty text is refused, since the call would do more without them.
const NEVER_EMPTY: [&str; 5] = [
    "domain",
    "ids",
    "dry_run",
    "confirmation",
    "idempotency_key",
];

/// Convert arguments in place:
///
/// * JSON arrays and objects for the arguments of [`JSON_TEXT`], which are declared as strings, become their JSON text;
/// * texts become integers, numbers and booleans (`"5"`, `"true"`), whole floats become integers (`5.0`), integers
///   become texts;
/// * a text for a list becomes the list: JSON, a Python literal, or a single item. Items of built-in tools are also
///   separated by commas;
/// * null and an empty text are removed where the argument is optional and is no text;
/// * members of [`OF_CLIENTS`] are removed, if the schema takes no undeclared ones.
///
/// `is_builtin`: whether the meaning of each argument is known, as that of a built-in tool.
///
/// # Errors
/// Bad arguments for a list in a text that cannot be parsed.
pub fn coerce(arguments: &mut Map<String, Value>, schema: &Value, is_builtin: bool) -> Result<()> {
    let none = Map::new();
    let declared = schema.get("properties").and_then(Value::as_object);
    let properties = declared.unwrap_or(&none);
    let required = schema.get("required").and_then(Value::as_array);
    let is_required = |name: &str| required.is_some_and(|names| names.iter().any(|it| it == name));
    if is_closed(schema) {
        arguments.retain(|name, _| {
            properties.contains_key(name) || !OF_CLIENTS.contains(&name.as_str())
        });
    }
    let drop_unset = |arguments: &mut Map<String, Value>| {
        arguments.retain(|name, value| match properties.get(name) {
            Some(property) => is_required(name) || !is_unset(name, value, property, is_builtin),
            None => true,
        });
    };
    drop_unset(arguments);
    for (name, value) in arguments.iter_mut() {
        let Some(property) = properties
            .get(name)
            .filter(|_| !AS_GIVEN.contains(&name.as_str()))
        else {
            continue;
        };
        if JSON_TEXT.contains(&name.as_str()) && has_type(property, "string") {
            if value.is_array() || value.is_object() {
                *value = Value::String(value.to_string());
            }
        } else {
            convert(value, property, name, is_builtin)?;
        }
    }
    // A limit of "0" is a number only now.
    drop_unset(arguments);
    Ok(())
}

/// Whether the schema takes only the arguments that it declares.
fn is_closed(schema: &Value) -> bool {
    let open = OPEN.iter().any(|keyword| schema.get(keyword).is_some());
    schema.get("additionalProperties") == Some(&json!(false)) || !open
}

/// Whether a value of an optional argument says that the argument was left out.
fn is_unset(name: &str, value: &Value, property: &Value, is_builtin: bool) -> bool {
    let is_typed = property.get("type").is_some();
    match value {
        Value::Null => is_typed && !has_type(property, "null"),
        Value::String(text) if text.trim().is_empty() && is_typed => {
            let is_text = has_type(property, "string");
            let is_json = is_builtin && JSON_TEXT.contains(&name);
            !NEVER_EMPTY.contains(&name) && (!is_text || is_json)
        }
        Value::Number(number) => is_builtin && name == LIMIT && number.as_f64() == Some(0.0),
        Value::Object(members) => is_builtin && name == CONTEXT && members.is_empty(),
        _ => false,
    }
}

fn convert(value: &mut Value, property: &Value, name: &str, is_builtin: bool) -> Result<()> {
    if has_type(property, "array") && !has_type(property, "string") {
        return as_list(value, property.get("items"), name, is_builtin);
    }
    if let Some(converted) = as_plain(value, property) {
        *value = converted;
    }
    Ok(())
}

/// The value in the declared type; `None` if it has that type already, or has no unambiguous meaning in it.
fn as_plain(value: &Value, property: &Value) -> Option<Value> {
    let is = |wanted: &str| has_type(property, wanted);
    match value {
        Value::String(text) if !is("string") => {
            let text = text.trim();
            let number = || text.parse::<f64>().ok().filter(|_| is_number(text));
            match text.to_ascii_lowercase().as_str() {
                "true" if is("boolean") => Some(json!(true)),
                "false" if is("boolean") => Some(json!(false)),
                _ if is("integer") => text
                    .parse::<i64>()
                    .ok()
                    .map(Value::from)
                    .or(whole(number()?)),
                _ if is("number") => number().map(Value::from),
                _ => None,
            }
        }
        Value::Number(number) if number.is_f64() && is("integer") => whole(number.as_f64()?),
        Value::Number(number)
            if number.is_i64() && is("string") && !is("integer") && !is("number") =>
        {
            Some(json!(number.to_string()))
        }
        _ => None,
    }
}

/// Digits, a sign and a point. Rust also parses `inf`, `nan` and exponents.
fn is_number(text: &str) -> bool {
    text.chars()
        .all(|c| c.is_ascii_digit() || matches!(c, '.' | '-' | '+'))
}

fn whole(number: f64) -> Option<Value> {
    #[allow(clippy::cast_possible_truncation)]
    (number.fract() == 0.0 && number.abs() <= MOST_EXACT).then(|| json!(number as i64))
}

fn as_list(value: &mut Value, items: Option<&Value>, name: &str, is_builtin: bool) -> Result<()> {
    let of = |wanted: &str| items.is_some_and(|items| has_type(items, wanted));
    match value {
        Value::String(text) if text.trim().is_empty() => {}
        Value::String(text) if text.trim_start().starts_with(['[', '(']) => {
            *value = read_list(text, name)?;
        }
        // It could be one number with separators: the schema refuses it.
        Value::String(text) if is_builtin && of("integer") && has_thousands(text) => {}
        Value::String(text) if is_builtin && (of("string") || of("integer")) => {
            let parts = text.split(',').map(str::trim);
            *value = parts
                .filter(|part| !part.is_empty())
                .map(Value::from)
                .collect();
        }
        Value::String(_) if of("string") || of("integer") => *value = json!([value]),
        Value::Number(_) if of("integer") => *value = json!([value]),
        _ => {}
    }
    if let (Value::Array(values), Some(items)) = (&mut *value, items) {
        for value in values {
            if let Some(converted) = as_plain(value, items) {
                *value = converted;
            }
        }
    }
    Ok(())
}

/// Whether a text could be one number with separators, such as `1,234`.
fn has_thousands(text: &str) -> bool {
    let mut parts = text.split(',').skip(1).peekable();
    parts.peek().is_some() && parts.all(|part| part.len() == 3)
}

/// The list in a text: JSON or a Python literal.
fn read_list(text: &str, name: &str) -> Result<Value> {
    let refused = |bad: BadJson| Error::bad_arguments(format!("`{name}`: {}", bad.message));
    match json::parse(text) {
        Ok(list) => Ok(list),
        Err(bad) => literal(text, name, "[1, 2]").map_err(|_| refused(bad)),
    }
}
