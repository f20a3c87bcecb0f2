//! Tool arguments that 2026-07-28 repeats in headers: `x-mcp-header` in a parameter's schema names the header
//! `Mcp-Param-…` (specification: transports, "Custom Headers from Tool Parameters").

use super::http::Request;
use super::v2026_07_28::{decode, mismatch};
use crate::error::{Error, Result};
use crate::text::json::{brief, clip};
use serde_json::{Map, Value};
use std::collections::HashSet;

const KEYWORD: &str = "x-mcp-header";

/// Largest integer that every client reads exactly: 2^53 - 1.
const SAFE: u64 = (1 << 53) - 1;

/// A parameter mirrored in a header.
#[derive(Debug, PartialEq)]
struct Mirrored<'a> {
    /// The property names that lead to it.
    path: Vec<&'a str>,
    /// The header's name after `Mcp-Param-`.
    name: &'a str,
}

/// Check the headers of a call against its arguments as sent by the client.
///
/// # Errors
/// 400 with -32020 for a missing, malformed or different header; a tool failure for an invalid schema.
pub fn check(request: &Request, schema: &Value, arguments: &Map<String, Value>) -> Result<()> {
    for mirrored in read(schema).map_err(broken)? {
        let argument = find(arguments, &mirrored.path);
        // WSGI preserves neither the case of a header's name nor the difference between hyphen and underscore.
        let key = format!("mcp-param-{}", mirrored.name.to_ascii_lowercase()).replace('_', "-");
        let header = request.header(&key)?;
        compare(&mirrored, header, argument)?;
    }
    Ok(())
}

fn compare(mirrored: &Mirrored, header: Option<&str>, argument: Option<&Value>) -> Result<()> {
    let name = format!("Mcp-Param-{}", clip(mirrored.name, 64));
    let path = mirrored.path.join(".");
    let (header, argument) = match (header, argument) {
        (None, None) => return Ok(()),
        (None, Some(_)) => {
            return Err(mismatch(format!(
                "{name} is missing: it must repeat the argument {path:?}."
            )));
        }
        (Some(header), None) => {
            return Err(mismatch(format!(
                "{name} is {:?}, but the argument {path:?} is not given.",
                clip(header, 64)
            )));
        }
        (Some(header), Some(argument)) => (header, argument),
    };
    let said = decode(header)?;
    let equal = match argument {
        Value::String(text) => *text == said,
        Value::Bool(flag) => said == if *flag { "true" } else { "false" },
        Value::Number(number) => same_number(&said, number),
        _ => false,
    };
    if equal {
        return Ok(());
    }
    Err(mismatch(format!(
        "{name} is {:?}, but the argument {path:?} is {}.",
        clip(header, 64),
        brief(argument)
    )))
}

/// Whether a header's text has the same value as the number: `42.0` equals 42.
fn same_number(text: &str, number: &serde_json::Number) -> bool {
    let Ok(Value::Number(said)) = serde_json::from_str(text) else {
        return false;
    };
    if let (Some(one), Some(other)) = (said.as_i64(), number.as_i64()) {
        return one == other;
    }
    match (said.as_f64(), number.as_f64()) {
        // Above this limit, different integers have the same float.
        (Some(one), Some(other)) => one == other && one.abs() <= SAFE as f64,
        _ => false,
    }
}

fn find<'a>(arguments: &'a Map<String, Value>, path: &[&str]) -> Option<&'a Value> {
    let (first, rest) = path.split_first()?;
    let mut value = arguments.get(*first)?;
    for name in rest {
        value = value.get(name)?;
    }
    Some(value).filter(|value| !value.is_null())
}

/// The problem of a schema's annotations, or none. Clients hide a tool with an invalid one (specification: transports,
/// "Custom Headers from Tool Parameters").
pub fn problem(schema: &Value) -> Option<String> {
    match read(schema) {
        Err(problem) => Some(problem),
        Ok(found) if found.len() < annotations(schema) => Some(format!(
            "{KEYWORD} is only for parameters that nothing but `properties` leads to"
        )),
        Ok(_) => None,
    }
}

/// The number of annotations anywhere in a schema.
fn annotations(value: &Value) -> usize {
    match value {
        Value::Object(members) => {
            let own = usize::from(members.get(KEYWORD).is_some_and(Value::is_string));
            own + members.values().map(annotations).sum::<usize>()
        }
        Value::Array(items) => items.iter().map(annotations).sum(),
        _ => 0,
    }
}

/// The mirrored parameters of a schema that a chain of `properties` reaches.
///
/// # Errors
/// The first invalid annotation.
fn read(schema: &Value) -> Result<Vec<Mirrored<'_>>, String> {
    let mut found = Vec::new();
    collect(schema, &mut Vec::new(), &mut found)?;
    let mut names = HashSet::new();
    for one in &found {
        if !names.insert(one.name.to_ascii_lowercase()) {
            return Err(invalid(one.name, "two parameters name it"));
        }
    }
    Ok(found)
}

fn collect<'a>(
    schema: &'a Value,
    path: &mut Vec<&'a str>,
    found: &mut Vec<Mirrored<'a>>,
) -> Result<(), String> {
    let Some(properties) = schema.get("properties").and_then(Value::as_object) else {
        return Ok(());
    };
    for (name, property) in properties {
        path.push(name);
        if let Some(header) = property.get(KEYWORD) {
            found.push(Mirrored {
                path: path.clone(),
                name: valid(header, property)?,
            });
        }
        collect(property, path, found)?;
        path.pop();
    }
    Ok(())
}

/// The header's name, if annotation and parameter are valid.
fn valid<'a>(header: &'a Value, property: &Value) -> Result<&'a str, String> {
    let is_token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    let name = header
        .as_str()
        .filter(|name| !name.is_empty() && name.chars().all(is_token))
        .ok_or_else(|| invalid(&brief(header), "it can be no part of a header's name"))?;
    match property.get("type").and_then(Value::as_str) {
        Some("string" | "integer" | "boolean") => Ok(name),
        _ => Err(invalid(
            name,
            "only a string, an integer or a boolean can be in a header",
        )),
    }
}

fn invalid(name: &str, why: &str) -> String {
    format!("{KEYWORD} {:?}: {why}", clip(name, 64))
}

fn broken(problem: String) -> Error {
    Error::failed(format!(
        "The parameters of this tool cannot be used: {problem}. An administrator must fix its record."
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::code;
    use serde_json::json;

    fn run(headers: Value, arguments: Value) -> Result<()> {
        let schema = json!({"type": "object", "properties": {
            "region": {"type": "string", "x-mcp-header": "Region"},
            "limit": {"type": "integer", "x-mcp-header": "Limit"},
            "dry": {"type": "boolean", "x-mcp-header": "Dry_Run"},
            "where": {"type": "object", "properties": {"city": {"type": "string", "x-mcp-header": "City"}}},
            "free": {"type": "string"}}});
        let request = serde_json::from_value(json!({
            "call_id": "6f1f9d4e-7a55-4a7a-9a7e-0c8f9c1f0a11", "headers": headers}))
        .unwrap();
        check(&request, &schema, arguments.as_object().unwrap())
    }

    fn refused(headers: Value, arguments: Value, text: &str) {
        let error = run(headers, arguments).unwrap_err();
        let (status, object) = error.to_json_rpc();
        assert_eq!(
            (status, &object["code"]),
            (400, &json!(code::HEADER_MISMATCH))
        );
        assert!(error.to_string().contains(text), "{error}");
    }

    #[test]
    fn what_is_given_must_be_repeated_and_what_is_not_must_not() {
        let region = |text: &str| json!({"mcp-param-region": text});
        assert!(run(json!({}), json!({})).is_ok());
        assert!(run(json!({}), json!({"region": null, "free": "x"})).is_ok());
        assert!(run(region("eu"), json!({"region": "eu"})).is_ok());
        assert!(run(json!({"mcp-param-other": "x"}), json!({})).is_ok());
        refused(
            json!({}),
            json!({"region": "eu"}),
            "Mcp-Param-Region is missing",
        );
        refused(region("eu"), json!({}), "not given");
        refused(region("eu"), json!({"region": null}), "not given");
        refused(
            region("EU"),
            json!({"region": "eu"}),
            "\"region\" is \"eu\"",
        );
        refused(region("eu"), json!({"region": ["eu"]}), "Mcp-Param-Region");
        let city = json!({"where": {"city": "Gent"}});
        assert!(run(json!({"mcp-param-city": "Gent"}), city.clone()).is_ok());
        refused(json!({}), city, "where.city");
        assert!(run(json!({}), json!({"where": {}})).is_ok());
        assert!(run(json!({}), json!({"where": "nowhere"})).is_ok());
    }

    #[test]
    fn texts_may_be_wrapped_in_base64_and_must_be_where_they_are_not_plain() {
        let region = |text: &str| json!({"mcp-param-region": text});
        assert!(run(region("=?base64?R2VudA==?="), json!({"region": "Gent"})).is_ok());
        assert!(run(region("=?base64?IHggIA==?="), json!({"region": " x  "})).is_ok());
        assert!(
            run(
                region("=?base64?R2VudA=="),
                json!({"region": "=?base64?R2VudA=="})
            )
            .is_ok()
        );
        refused(
            region("=?base64?R2VudA?="),
            json!({"region": "Gent"}),
            "base64",
        );
        refused(
            region("=?base64?R2V!dA==?="),
            json!({"region": "Gent"}),
            "base64",
        );
        refused(region("Zürich"), json!({"region": "Zürich"}), "base64");
    }

    #[test]
    fn numbers_are_compared_as_numbers_and_flags_as_words() {
        let limit = |text: &str| json!({"mcp-param-limit": text});
        for text in ["42", "42.0", "4.2e1", "=?base64?NDI=?="] {
            assert!(run(limit(text), json!({"limit": 42})).is_ok(), "{text}");
        }
        assert!(run(limit("42"), json!({"limit": 42.0})).is_ok());
        for text in [
            "43", "", "x", "+42", "0x2a", "inf", "\"42\"", "[42]", "42 43",
        ] {
            refused(limit(text), json!({"limit": 42}), "Mcp-Param-Limit");
        }
        let large = i64::MAX;
        assert!(run(limit(&large.to_string()), json!({"limit": large})).is_ok());
        refused(
            limit(&(large - 1).to_string()),
            json!({"limit": large}),
            "Limit",
        );
        refused(
            limit("1e19"),
            json!({"limit": 10_000_000_000_000_000_001_u64}),
            "Limit",
        );
        let dry = |text: &str| json!({"mcp-param-dry-run": text});
        assert!(run(dry("true"), json!({"dry": true})).is_ok());
        refused(dry("True"), json!({"dry": true}), "Dry_Run");
        refused(dry("true"), json!({"dry": false}), "Dry_Run");
    }

    #[test]
    fn annotations_that_break_the_rules_are_the_administrators() {
        let parameter = |name: Value, kind: &str| json!({"properties": {"a": {"type": kind, "x-mcp-header": name}}});
        for schema in [
            parameter(json!(""), "string"),
            parameter(json!("a b"), "string"),
            parameter(json!("a\r\nb"), "string"),
            parameter(json!("ä"), "string"),
            parameter(json!(7), "string"),
            parameter(json!("A"), "number"),
            parameter(json!("A"), "array"),
            json!({"properties": {"a": {"x-mcp-header": "A"}}}),
            json!({"properties": {"a": {"type": "string", "x-mcp-header": "A"},
                                  "b": {"type": "string", "x-mcp-header": "a"}}}),
        ] {
            let problem = problem(&schema).unwrap();
            assert!(problem.contains(KEYWORD), "{problem}");
            let error = broken(problem);
            assert!(error.to_string().contains("administrator"), "{error}");
        }
        // An annotation that no chain of properties reaches is ignored.
        let hidden = json!({"properties": {"a": {"type": "array", "items": {"type": "string", "x-mcp-header": "A"}}}});
        assert_eq!(read(&hidden), Ok(Vec::new()));
        assert!(problem(&hidden).unwrap().contains("properties"));
    }
}
