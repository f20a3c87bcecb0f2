//! Validates the arguments of a prompt.

use super::record::Argument;
use super::template::LONGEST_NAME;
use crate::error::{Error, Result};
use crate::text::json::{clip, kind};
use crate::text::suggest::did_you_mean;
use serde_json::{Map, Value};

/// Checks the arguments and returns the values that are not null, in declared order.
///
/// # Errors
/// -32602 that names each argument that is unknown (with the most similar name), missing, or not a string.
pub fn check(declared: &[Argument], given: Option<&Value>) -> Result<Map<String, Value>> {
    let empty = Map::new();
    let given = match given {
        None | Some(Value::Null) => &empty,
        Some(Value::Object(given)) => given,
        Some(other) => {
            return Err(Error::invalid_params(format!(
                "params.arguments must be an object of strings, not {}.",
                kind(other)
            )));
        }
    };
    let mut wrong: Vec<String> = given
        .keys()
        .filter(|name| !declared.iter().any(|known| known.name == **name))
        .take(3)
        .map(|name| unknown(declared, name))
        .collect();
    let mut values = Map::new();
    for argument in declared {
        match given.get(&argument.name) {
            Some(Value::String(text)) => {
                values.insert(argument.name.clone(), Value::String(text.clone()));
            }
            None | Some(Value::Null) if argument.required => {
                wrong.push(format!(
                    "The argument {:?} is missing{}.",
                    argument.name,
                    described(argument)
                ));
            }
            None | Some(Value::Null) => {}
            Some(other) => wrong.push(format!(
                "The argument {:?} must be a string, not {}.",
                argument.name,
                kind(other)
            )),
        }
    }
    if wrong.is_empty() {
        Ok(values)
    } else {
        Err(Error::invalid_params(wrong.join(" ")))
    }
}

/// Finds the argument of this name.
///
/// # Errors
/// -32602 with the most similar name.
pub fn find<'a>(declared: &'a [Argument], name: &str) -> Result<&'a Argument> {
    declared
        .iter()
        .find(|argument| argument.name == name)
        .ok_or_else(|| Error::invalid_params(unknown(declared, name)))
}

fn unknown(declared: &[Argument], name: &str) -> String {
    let names = || declared.iter().map(|argument| argument.name.as_str());
    let near = did_you_mean(name, names());
    let known = if declared.is_empty() {
        " The prompt takes none.".to_owned()
    } else if near.is_empty() {
        format!(" Known: {}.", names().collect::<Vec<_>>().join(", "))
    } else {
        near
    };
    format!("Unknown argument {:?}.{known}", clip(name, LONGEST_NAME))
}

fn described(argument: &Argument) -> String {
    match argument
        .description
        .as_deref()
        .or(argument.title.as_deref())
    {
        Some(text) => format!(" ({})", clip(text, 120)),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn declared() -> Vec<Argument> {
        serde_json::from_value(json!([
            {"name": "customer", "required": true, "description": "Whose invoices"},
            {"name": "due_date"},
        ]))
        .unwrap()
    }

    fn refused(given: Value) -> String {
        let error = check(&declared(), Some(&given)).unwrap_err();
        let (status, object) = error.to_json_rpc();
        assert_eq!((status, object["code"].as_i64()), (200, Some(-32602)));
        error.to_string()
    }

    #[test]
    fn values_come_in_the_order_of_the_prompt() {
        let given = json!({"due_date": "2026-01-01", "customer": ""});
        let values = check(&declared(), Some(&given)).unwrap();
        assert_eq!(
            Value::Object(values).to_string(),
            r#"{"customer":"","due_date":"2026-01-01"}"#
        );
        let values = check(
            &declared(),
            Some(&json!({"customer": "A", "due_date": null})),
        )
        .unwrap();
        assert_eq!(json!(values), json!({"customer": "A"}));
        assert!(check(&[], None).unwrap().is_empty());
        assert!(check(&[], Some(&Value::Null)).unwrap().is_empty());
    }

    #[test]
    fn what_is_wrong_is_named() {
        assert_eq!(
            refused(json!({"customr": "A"})),
            "Unknown argument \"customr\". Did you mean `customer`? The argument \"customer\" is missing (Whose invoices)."
        );
        assert_eq!(
            refused(json!({"customer": 5, "due_date": ["x"]})),
            "The argument \"customer\" must be a string, not an integer. The argument \"due_date\" must be a string, not an array."
        );
        assert_eq!(
            refused(json!({"customer": "A", "zzz": ""})),
            "Unknown argument \"zzz\". Known: customer, due_date."
        );
        assert!(refused(json!([])).contains("params.arguments must be an object"));
        let error = check(&[], Some(&json!({"a": "b"}))).unwrap_err();
        assert_eq!(
            error.to_string(),
            "Unknown argument \"a\". The prompt takes none."
        );
    }

    #[test]
    fn a_name_of_any_length_is_told_short() {
        let long = "x".repeat(10_000);
        assert!(refused(json!({"customer": "A", long.as_str(): ""})).len() < 300);
    }
}
