//! Validates values of selection fields. A search for an unknown value finds nothing in Odoo, without an error.

use super::field::{FieldType, Fields};
use super::models::Models;
use crate::error::{Error, Result};
use crate::text::json::clip;
use crate::text::suggest::did_you_mean_labelled;
use serde_json::{Map, Value};

/// Maximum number of choices in a message.
const MOST_SHOWN: usize = 20;
/// Maximum depth of records within records.
const MOST_DEPTH: usize = 16;

/// Refuse values to be written that a selection field does not have; `at` is their position.
///
/// # Errors
/// Bad arguments, with the position, the nearest value and all choices.
pub fn check_values(
    models: &Models,
    model: &str,
    values: &Map<String, Value>,
    at: &str,
) -> Result<()> {
    let names: Vec<&str> = values.keys().map(String::as_str).collect();
    let fields = models.model_with(model, &names)?;
    check_record(models, &fields.fields, values, at, 0)
}

fn check_record(
    models: &Models,
    fields: &Fields,
    values: &Map<String, Value>,
    at: &str,
    depth: usize,
) -> Result<()> {
    if depth > MOST_DEPTH {
        return Ok(());
    }
    for (name, value) in values {
        let Some(field) = fields.get(name) else {
            continue;
        };
        let at = format!("{at}.{}", clip(name, 80));
        match (field.ttype, value, &field.relation) {
            (FieldType::Selection, Value::String(text), _) => {
                let choices = models.choices(fields.model(), name)?;
                check(&at, fields.model(), name, text, &choices)?;
            }
            (ttype, Value::Array(commands), Some(relation)) if ttype.is_x2many() => {
                for (index, command) in commands.iter().enumerate() {
                    if let Some(Value::Object(inner)) = command.get(2) {
                        let names: Vec<&str> = inner.keys().map(String::as_str).collect();
                        let other = models.model_with(relation, &names)?;
                        let at = format!("{at}[{index}][2]");
                        check_record(models, &other.fields, inner, &at, depth + 1)?;
                    }
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// Require one of the choices. If none are known, Odoo decides.
///
/// # Errors
/// As [`check_values`].
pub fn check(
    at: &str,
    model: &str,
    field: &str,
    given: &str,
    choices: &[(String, String)],
) -> Result<()> {
    if choices.is_empty() || choices.iter().any(|(value, _)| value == given) {
        return Ok(());
    }
    let all = choices
        .iter()
        .map(|(value, label)| (value.as_str(), label.as_str()));
    let near = did_you_mean_labelled(given, all);
    let shown: Vec<String> = choices
        .iter()
        .take(MOST_SHOWN)
        .map(|(value, label)| format!("{value} ({})", clip(label, 40)))
        .collect();
    let rest = if choices.len() > MOST_SHOWN {
        " and others; describe_model tells all"
    } else {
        ""
    };
    Err(Error::bad_arguments(format!(
        "{at}: {:?} is no value of {field:?} on {model}.{near} There are: {}{rest}.",
        clip(given, 60),
        shown.join(", ")
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choices() -> Vec<(String, String)> {
        [
            ("draft", "Quotation"),
            ("sale", "Sales Order"),
            ("cancel", "Cancelled"),
        ]
        .map(|(value, label)| (value.to_owned(), label.to_owned()))
        .to_vec()
    }

    #[test]
    fn a_value_or_a_label_that_is_near_is_told() {
        let described = |given: &str| {
            check("domain[0][2]", "sale.order", "state", given, &choices())
                .map_err(|error| error.to_string())
        };
        assert_eq!(described("sale"), Ok(()));
        let refused = described("canceled").unwrap_err();
        assert!(refused.contains("Did you mean `cancel`"), "{refused}");
        let refused = described("sales order").unwrap_err();
        assert!(
            refused.contains("Did you mean `sale` (Sales Order)?"),
            "{refused}"
        );
        let refused = described("xyz").unwrap_err();
        assert!(!refused.contains("Did you mean"), "{refused}");
        assert!(
            refused
                .ends_with("There are: draft (Quotation), sale (Sales Order), cancel (Cancelled).")
        );
        assert_eq!(check("x", "m", "f", "anything", &[]), Ok(()));
    }
}
