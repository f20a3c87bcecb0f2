//! Turns an error of the JSON Schema validator into one sentence.

use jsonschema::ValidationError;
use jsonschema::error::{TypeKind, ValidationErrorKind as Kind};
use jsonschema::paths::LocationSegment;
use serde_json::{Value, json};

use crate::odoo::secret_name::is_secret_name;
use crate::text::json::{brief, clip, kind};
use crate::text::suggest::did_you_mean;

const MOST_NAMES: usize = 20;

/// The argument, its problem, and the expected value.
pub fn sentence(error: &ValidationError<'_>, schema: &Value) -> String {
    let place = place(error);
    let given = error.instance();
    match error.kind() {
        Kind::Required { property } => {
            let name = property.as_str().unwrap_or_default();
            let described = known_properties(error, schema).and_then(|known| known.get(name));
            format!(
                "{} is missing{}.",
                quoted(&inner(&place, name)),
                expectation(described)
            )
        }
        Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } => {
            let known: Vec<&str> = known_properties(error, schema)
                .and_then(Value::as_object)
                .map(|known| known.keys().map(String::as_str).collect())
                .unwrap_or_default();
            let listed: Vec<String> = unexpected
                .iter()
                .take(3)
                .map(|name| unknown(&place, name, &known))
                .collect();
            listed.join("\n")
        }
        Kind::FalseSchema => format!("{}: this argument is not allowed here.", subject(&place)),
        Kind::Type { kind: expected } => {
            let types: Vec<String> = match expected {
                TypeKind::Single(single) => vec![single.to_string()],
                TypeKind::Multiple(several) => several.iter().map(|one| one.to_string()).collect(),
            };
            format!(
                "{}: expected {}, given {}.{}",
                subject(&place),
                types.join(" or "),
                shown(given, &place),
                advice(given, &types)
            )
        }
        Kind::Enum { options } => {
            let options = options.as_array().map(Vec::as_slice).unwrap_or_default();
            let texts: Vec<String> = options.iter().take(MOST_NAMES).map(brief).collect();
            let near = given
                .as_str()
                .map(|text| did_you_mean(text, options.iter().filter_map(Value::as_str)))
                .unwrap_or_default();
            format!(
                "{}: expected one of {}, given {}.{near}",
                subject(&place),
                texts.join(", "),
                shown(given, &place)
            )
        }
        _ => format!(
            "{}: {}.",
            subject(&place),
            error.masked_with("the value given")
        ),
    }
}

/// `values.lines[2]`; empty for the arguments as a whole.
pub fn place(error: &ValidationError<'_>) -> String {
    error
        .instance_path()
        .iter()
        .fold(String::new(), |place, segment| match segment {
            LocationSegment::Property(name) => inner(&place, &name),
            LocationSegment::Index(index) => format!("{place}[{index}]"),
        })
}

fn inner(place: &str, name: &str) -> String {
    let name = clip(name, 80);
    if place.is_empty() {
        name
    } else {
        format!("{place}.{name}")
    }
}

fn subject(place: &str) -> String {
    if place.is_empty() {
        "The arguments".to_owned()
    } else {
        quoted(place)
    }
}

fn quoted(name: &str) -> String {
    format!("`{name}`")
}

/// The `properties` next to the keyword that failed.
fn known_properties<'s>(error: &ValidationError<'_>, schema: &'s Value) -> Option<&'s Value> {
    let pointer = error.schema_path().as_str();
    let (parent, _) = pointer.rsplit_once('/')?;
    schema.pointer(parent)?.get("properties")
}

fn unknown(place: &str, name: &str, known: &[&str]) -> String {
    let near = did_you_mean(name, known.iter().copied());
    let advice = if !near.is_empty() {
        near
    } else if known.is_empty() {
        " None is taken here.".to_owned()
    } else {
        let names: Vec<String> = known.iter().take(MOST_NAMES).map(|it| quoted(it)).collect();
        format!(" Known: {}.", names.join(", "))
    };
    format!("Unknown argument {}.{advice}", quoted(&inner(place, name)))
}

fn expectation(property: Option<&Value>) -> String {
    let text = |key: &str| property.and_then(|it| it.get(key)).and_then(Value::as_str);
    match (text("type"), text("description")) {
        (Some(declared), Some(description)) => {
            format!(
                ": expected {declared}: {}",
                clip(description.trim_end_matches('.'), 120)
            )
        }
        (Some(declared), None) => format!(": expected {declared}"),
        _ => String::new(),
    }
}

/// The value with its type; for a secret only the type.
fn shown(value: &Value, place: &str) -> String {
    match value {
        Value::Null => "null".to_owned(),
        _ if is_secret_name(place) => kind(value).to_owned(),
        _ => format!("{} ({})", kind(value), brief(value)),
    }
}

fn advice(given: &Value, expected: &[String]) -> String {
    let expects = |name: &str| expected.iter().any(|it| it == name);
    match given {
        Value::Null => " Leave it out instead of null.".to_owned(),
        Value::String(text) => match serde_json::from_str::<Value>(text) {
            Ok(value)
                if (expects("integer") && (value.is_i64() || value.is_u64()))
                    || (expects("number") && value.is_number())
                    || (expects("boolean") && value.is_boolean())
                    || (expects("object") && value.is_object()) =>
            {
                " Write it without the quotes around it.".to_owned()
            }
            _ if expects("array") => format!(" Write [{}].", brief(given)),
            _ => String::new(),
        },
        Value::Number(_) | Value::Bool(_) if expects("array") => {
            format!(" Write [{}].", brief(given))
        }
        Value::Number(_) | Value::Bool(_) if expects("string") => {
            format!(" Write {}.", json!(given.to_string()))
        }
        _ => String::new(),
    }
}
