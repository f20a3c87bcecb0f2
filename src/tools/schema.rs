//! Validates a tool's arguments against its JSON Schema, with errors that a model can act on.

use jsonschema::{PatternOptions, ValidationError};
use serde_json::{Map, Value, json};

use crate::error::{Error, Result};
use crate::text::json::{self, brief, clip, kind};

mod coerce;
mod explain;
pub mod output;
#[cfg(test)]
mod tests;

pub use coerce::coerce;

/// Arguments that the schema declares as strings and that hold JSON, since strict clients cannot describe their
/// structure otherwise.
pub const JSON_TEXT: [&str; 6] = ["domain", "values", "args", "kwargs", "having", "context"];
/// Keywords that declare further arguments, which `additionalProperties` does not see.
const OPEN: [&str; 9] = [
    "additionalProperties",
    "unevaluatedProperties",
    "patternProperties",
    "allOf",
    "anyOf",
    "oneOf",
    "if",
    "$ref",
    "$dynamicRef",
];
const MOST_ERRORS: usize = 5;
/// Number of values above which only the first error is reported: the validator collects all errors before it returns
/// one.
const MANY_VALUES: usize = 10_000;
const LARGEST_PATTERN: usize = 1 << 20;

/// The compiled input schema of a tool.
#[derive(Debug)]
pub struct Validator {
    compiled: jsonschema::Validator,
    schema: Value,
}

/// Compiles the JSON Schema (2020-12) of a tool's parameters. Nothing is fetched: an external `$ref` is an error.
/// Patterns use the regex crate, whose matching takes linear time. Additional arguments are rejected unless the schema
/// says otherwise.
pub fn compile(schema: &Value) -> Result<Validator> {
    let broken = |why: String| {
        Error::failed(format!(
            "The tool's parameters are no usable JSON Schema: {why}"
        ))
    };
    let mut closed = schema.clone();
    let object = closed
        .as_object_mut()
        .ok_or_else(|| broken("an object is expected".to_owned()))?;
    if *object.entry("type").or_insert(json!("object")) != "object" {
        return Err(broken("its type must be \"object\"".to_owned()));
    }
    if !OPEN.iter().any(|keyword| object.contains_key(*keyword)) {
        object.insert("additionalProperties".to_owned(), json!(false));
        // Without it the validator's error would not name the argument.
        object.entry("properties").or_insert(json!({}));
    }
    let compiled = jsonschema::draft202012::options()
        .offline()
        .with_pattern_options(
            PatternOptions::regex()
                .size_limit(LARGEST_PATTERN)
                .dfa_size_limit(LARGEST_PATTERN),
        )
        .build(&closed)
        .map_err(|error| broken(clip(&error.to_string(), 300)))?;
    Ok(Validator {
        compiled,
        schema: closed,
    })
}

/// Validates the arguments, an object. One error reports up to five problems, each with the argument, the given value
/// and the expected one; for an unknown argument, the most similar known one.
pub fn check(validator: &Validator, arguments: &Value) -> Result<()> {
    if validator.compiled.is_valid(arguments) {
        return Ok(());
    }
    let many = values_in(arguments, MANY_VALUES) >= MANY_VALUES;
    let mut errors: Box<dyn Iterator<Item = ValidationError<'_>>> = if many {
        Box::new(validator.compiled.validate(arguments).err().into_iter())
    } else {
        Box::new(validator.compiled.iter_errors(arguments))
    };
    let mut sentences: Vec<String> = errors
        .by_ref()
        .take(MOST_ERRORS)
        .map(|error| explain::sentence(&error, &validator.schema))
        .collect();
    if many || errors.next().is_some() {
        sentences.push("There may be more that is wrong.".to_owned());
    }
    Err(Error::bad_arguments(sentences.join("\n")))
}

/// The value of an argument that holds JSON as a string; none when it is missing. It must be an array or an object, and
/// may also be given as one. For a search domain use `odoo::domain::parse`.
pub fn json_text(arguments: &Map<String, Value>, name: &str) -> Result<Option<Value>> {
    let refuse = |why: String| {
        Err(Error::bad_arguments(format!(
            "`{name}`: {why} Expected JSON such as {}.",
            example(name)
        )))
    };
    let value = match arguments.get(name) {
        None => return Ok(None),
        Some(Value::String(text)) if text.trim().is_empty() => {
            return refuse("the text is empty.".to_owned());
        }
        Some(Value::String(text)) => match json::parse(text) {
            Ok(Value::String(inner)) => {
                return refuse(format!(
                    "character 1 begins a text within the text, {}: it was encoded twice. Encode the array or object once.",
                    brief(&Value::String(inner))
                ));
            }
            Ok(value) => value,
            Err(bad) => return refuse(bad.message),
        },
        Some(value) => value.clone(),
    };
    if !value.is_array() && !value.is_object() {
        return refuse(format!(
            "an array or object is expected, not {}.",
            kind(&value)
        ));
    }
    if has_nul(&value) {
        return refuse(
            "a text in it contains a NUL character, which PostgreSQL cannot store.".to_owned(),
        );
    }
    Ok(Some(value))
}

fn example(name: &str) -> &'static str {
    match name {
        "args" => r#"["draft", 5]"#,
        "context" => r#"{"lang": "fr_FR"}"#,
        "domain" => r#"[["name", "=", "x"]]"#,
        _ => r#"{"name": "x", "active": true}"#,
    }
}

fn has_type(schema: &Value, wanted: &str) -> bool {
    match schema.get("type") {
        Some(Value::String(declared)) => declared == wanted,
        Some(Value::Array(declared)) => declared.iter().any(|it| it == wanted),
        _ => false,
    }
}

/// The number of nested values, counted up to `most`.
fn values_in(value: &Value, most: usize) -> usize {
    let count = |seen: usize, value: &Value| {
        if seen < most {
            seen + values_in(value, most - seen)
        } else {
            seen
        }
    };
    match value {
        Value::Array(items) => items.iter().fold(1, count),
        Value::Object(object) => object.values().fold(1, count),
        _ => 1,
    }
}

/// Recursion is bounded by serde_json's limit of 128 levels.
fn has_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(has_nul),
        Value::Object(object) => object
            .iter()
            .any(|(key, value)| key.contains('\0') || has_nul(value)),
        _ => false,
    }
}
