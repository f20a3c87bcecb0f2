//! Arguments that belong to the server, not to the tool: `idempotency_key` and `confirmation`.

use super::record::Tool;
use super::schema::JSON_TEXT;
use crate::error::{Error, Result};
use crate::text::{canonical_json, json};
use serde_json::{Map, Value};

pub const KEY: &str = "idempotency_key";
pub const CONFIRMATION: &str = "confirmation";
/// Maximum length of a key.
const LONGEST_KEY: usize = 128;

/// The control arguments of a call that may change data.
#[derive(Debug, Clone, PartialEq)]
pub struct ControlArguments {
    /// The idempotency key.
    pub key: Option<String>,
    /// The confirmation token.
    pub confirmation: Option<String>,
    /// Whether the tool's schema does not declare `confirmation`.
    pub undeclared: bool,
    /// Digest of the tool's own arguments.
    pub digest: String,
}

/// Removes the token from the arguments before a schema validates them that does not declare it: every tool that
/// changes data can require a confirmation.
pub fn undeclared(
    tool: &Tool,
    schema: &Value,
    arguments: &mut Map<String, Value>,
) -> Option<Value> {
    let declared = schema["properties"].get(CONFIRMATION).is_some();
    (!tool.read_only_hint && !declared)
        .then(|| arguments.shift_remove(CONFIRMATION))
        .flatten()
}

/// Removes the control arguments from arguments that fit the tool's schema; none for a tool that only reads.
///
/// # Errors
/// Bad arguments for an invalid key, or a token that is not a string.
pub fn take(
    tool: &Tool,
    arguments: &mut Map<String, Value>,
    undeclared: Option<Value>,
) -> Result<Option<ControlArguments>> {
    if tool.read_only_hint {
        return Ok(None);
    }
    let key = text(KEY, arguments.shift_remove(KEY))?;
    let is_undeclared = undeclared.is_some();
    let confirmation = arguments.shift_remove(CONFIRMATION).or(undeclared);
    let confirmation = text(CONFIRMATION, confirmation)?;
    if let Some(key) = &key
        && (key.is_empty() || key.len() > LONGEST_KEY || !key.bytes().all(|b| b.is_ascii_graphic()))
    {
        return Err(Error::bad_arguments(format!(
            "`{KEY}`: a key has 1 to {LONGEST_KEY} letters, digits and signs of ASCII and no spaces, such as a UUID."
        )));
    }
    Ok(Some(ControlArguments {
        key,
        confirmation,
        undeclared: is_undeclared,
        digest: digest(arguments),
    }))
}

fn text(name: &str, given: Option<Value>) -> Result<Option<String>> {
    match given {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(other) => Err(Error::bad_arguments(format!(
            "`{name}`: a string is expected, not {}.",
            json::kind(&other)
        ))),
    }
}

/// A digest of arguments, independent of member order. JSON as text equals the parsed JSON.
fn digest(arguments: &Map<String, Value>) -> String {
    let meant = arguments.iter().map(|(name, value)| {
        let read = match value {
            Value::String(text) if JSON_TEXT.contains(&name.as_str()) => json::parse(text).ok(),
            _ => None,
        };
        (name.clone(), read.unwrap_or_else(|| value.clone()))
    });
    canonical_json::digest(&Value::Object(meant.collect()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn tool(read_only_hint: bool) -> Tool {
        serde_json::from_value(json!({"id": 1, "name": "create", "method": "_tool_create",
            "read_only_hint": read_only_hint, "destructive_hint": false, "commits": false}))
        .unwrap()
    }

    fn map(value: Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    fn taken(given: Value) -> Result<ControlArguments> {
        take(&tool(false), &mut map(given), None).map(Option::unwrap)
    }

    #[test]
    fn what_is_the_servers_is_taken_out() {
        let mut arguments =
            map(json!({"model": "a", "idempotency_key": "k-1", "confirmation": "t"}));
        let once = take(&tool(false), &mut arguments, None).unwrap().unwrap();
        assert_eq!(
            (once.key.as_deref(), once.confirmation.as_deref()),
            (Some("k-1"), Some("t"))
        );
        assert_eq!(arguments, map(json!({"model": "a"})));
        // In a tool that only reads, the name is the tool's own argument.
        let mut arguments = map(json!({"idempotency_key": 5}));
        assert_eq!(take(&tool(true), &mut arguments, None), Ok(None));
        assert_eq!(arguments.len(), 1);
    }

    #[test]
    fn a_token_is_taken_from_a_tool_that_does_not_declare_it() {
        let with = |read_only: bool, schema: Value| {
            let mut arguments = map(json!({"confirmation": "t"}));
            undeclared(&tool(read_only), &schema, &mut arguments)
        };
        assert_eq!(with(false, json!({"type": "object"})), Some(json!("t")));
        assert_eq!(with(true, json!({"type": "object"})), None);
        let declares = json!({"properties": {"confirmation": {"type": "string"}}});
        assert_eq!(with(false, declares), None);
    }

    #[test]
    fn what_is_no_key_is_refused() {
        for wrong in [
            json!(""),
            json!("a b"),
            json!("é"),
            json!("a\n"),
            json!("x".repeat(129)),
            json!(5),
            json!(["a"]),
        ] {
            let error = taken(json!({"idempotency_key": wrong})).unwrap_err();
            assert!(
                error.to_string().starts_with("`idempotency_key`: "),
                "{error}"
            );
        }
        assert_eq!(taken(json!({"idempotency_key": null})).unwrap().key, None);
        let longest = "x".repeat(128);
        assert_eq!(
            taken(json!({"idempotency_key": longest})).unwrap().key,
            Some(longest)
        );
    }

    #[test]
    fn the_same_arguments_have_the_same_digest() {
        let of = |given: Value| taken(given).unwrap().digest;
        let one = of(json!({"model": "a", "values": {"x": 1, "y": [2]}}));
        for same in [
            json!({"values": {"y": [2], "x": 1}, "model": "a"}),
            json!({"values": "{\"y\": [2], \"x\":1}", "model": "a"}),
            json!({"values": {"x": 1, "y": [2]}, "model": "a", "idempotency_key": "k", "confirmation": "t"}),
        ] {
            assert_eq!(of(same), one);
        }
        for other in [
            json!({"model": "a", "values": {"x": 1, "y": [3]}}),
            json!({"model": "a", "values": {"x": "1", "y": [2]}}),
            json!({"model": "a", "values": "{x"}),
            json!({"model": "a"}),
        ] {
            assert_ne!(of(other), one);
        }
        // A string that is only similar to JSON stays a string.
        assert_ne!(
            of(json!({"note": "{\"a\":1}"})),
            of(json!({"note": "{\"a\": 1}"}))
        );
    }
}
