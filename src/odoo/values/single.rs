//! Values of all fields except x2many.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono_tz::Tz;
use serde_json::{Number, Value};

use crate::error::{Error, Result};
use crate::odoo::field::{Field, FieldType};
use crate::text::json::{brief, kind};
use crate::time_zone;

use super::properties;

/// Check a value other than null, and convert it to Odoo's format.
pub fn prepare(value: &mut Value, field: &Field, place: &str, zone: Tz) -> Result<()> {
    use FieldType::*;
    if matches!(value, Value::Bool(false))
        && !matches!(field.ttype, Boolean | Integer | Float | Monetary)
    {
        return Ok(());
    }
    let given = kind(value);
    let refuse = |expected: &str| {
        Err(Error::bad_arguments(format!(
            "{place}: `{}` is a {} field and takes {expected}, not {given}.",
            field.name, field.ttype
        )))
    };
    match field.ttype {
        Boolean => match value {
            Value::Bool(_) => Ok(()),
            _ => refuse("true or false, without quotes"),
        },
        Integer | Many2oneReference => match whole(value) {
            Some(number) if i32::try_from(number).is_ok() => {
                *value = Value::from(number);
                Ok(())
            }
            Some(number) => Err(Error::bad_arguments(format!(
                "{place}: {number} does not fit in the 32 bits of an integer field."
            ))),
            None => refuse("a whole number such as 5"),
        },
        Float | Monetary => match number(value) {
            Some(number) => {
                *value = Value::Number(number);
                Ok(())
            }
            None => {
                refuse("a number such as 12.5, without quotes, currency or thousands separators")
            }
        },
        Char | Text | Html => match value {
            Value::String(text) => no_nul(text, place),
            Value::Number(_) => refuse("a text: put the number in double quotes"),
            _ => refuse("a text"),
        },
        Selection => match value {
            Value::String(text) => no_nul(text, place),
            Value::Number(_) => Ok(()),
            _ => refuse("one of its keys; describe_model lists them"),
        },
        Date => date(value, place, field),
        Datetime => match value {
            Value::String(text) => match time_zone::accept_datetime(text, zone) {
                Ok(utc) => {
                    *value = Value::String(utc);
                    Ok(())
                }
                Err(error) => Err(Error::bad_arguments(format!("{place}: {error}"))),
            },
            _ => refuse("a datetime such as \"2026-11-22 14:30:00\""),
        },
        Many2one => many2one(value, place, field),
        Reference => match value {
            Value::String(text) if is_reference(text) => Ok(()),
            _ => refuse("a model and an id such as \"res.partner,7\""),
        },
        Binary | Image => binary(value, place, field),
        Properties => properties::prepare(value, place, zone),
        Json | PropertiesDefinition | Serialized | Other => Ok(()),
        One2many | Many2many => Err(Error::Internal(format!(
            "{place}: commands are not single values"
        ))),
    }
}

fn no_nul(text: &str, place: &str) -> Result<()> {
    if text.contains('\0') {
        return Err(Error::bad_arguments(format!(
            "{place}: the text contains a NUL character, which PostgreSQL cannot store."
        )));
    }
    Ok(())
}

/// A number, or a text that is exactly a JSON number.
fn number(value: &Value) -> Option<Number> {
    match value {
        Value::Number(number) => Some(number.clone()),
        Value::String(text) => serde_json::from_str(text).ok(),
        _ => None,
    }
}

fn whole(value: &Value) -> Option<i64> {
    let number = number(value)?;
    number.as_i64().or_else(|| {
        let float = number.as_f64()?;
        (float.fract() == 0.0 && float.abs() < 9e15).then_some(float as i64)
    })
}

fn date(value: &Value, place: &str, field: &Field) -> Result<()> {
    let name = &field.name;
    let advice = match value {
        Value::String(text) if time_zone::is_date(text) => return Ok(()),
        Value::String(text) if text.get(..10).is_some_and(time_zone::is_date) => {
            format!(" It has no time: write \"{}\".", &text[..10])
        }
        _ => String::new(),
    };
    Err(Error::bad_arguments(format!(
        "{place}: `{name}` is a date field and takes a day as \"YYYY-MM-DD\", not {}.{advice}",
        brief(value)
    )))
}

fn many2one(value: &mut Value, place: &str, field: &Field) -> Result<()> {
    let model = field.relation.as_deref().unwrap_or("the other model");
    let name = &field.name;
    let advice = match value {
        Value::Number(_) => {
            match whole(value).filter(|id| (1..=i64::from(i32::MAX)).contains(id)) {
                Some(id) => {
                    *value = Value::from(id);
                    return Ok(());
                }
                None => String::new(),
            }
        }
        Value::String(text) if text.parse::<i64>().is_ok() => {
            format!(" Write {text} without quotes.")
        }
        Value::String(_) => {
            format!(" Search {model} for it first, then give the id that was found.")
        }
        Value::Array(items) if items.first().is_some_and(Value::is_i64) => match items.first() {
            Some(id) => format!(" Write {id}."),
            None => String::new(),
        },
        _ => String::new(),
    };
    Err(Error::bad_arguments(format!(
        "{place}: `{name}` takes the id of a {model} record, or null, not {}.{advice}",
        brief(value)
    )))
}

fn is_reference(text: &str) -> bool {
    text.split_once(',').is_some_and(|(model, id)| {
        !model.is_empty()
            && model
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_'))
            && id.parse::<u32>().is_ok()
    })
}

fn binary(value: &Value, place: &str, field: &Field) -> Result<()> {
    let problem = match value {
        Value::String(text) if text.starts_with("data:") => {
            "not a data: URL; leave out everything up to the comma".to_owned()
        }
        Value::String(text) => match STANDARD.decode(text) {
            Ok(_) => return Ok(()),
            Err(error) => format!("but this text is not base64: {error}"),
        },
        other => format!("not {}", kind(other)),
    };
    Err(Error::bad_arguments(format!(
        "{place}: `{}` takes its bytes as base64 text without line breaks, {problem}.",
        field.name
    )))
}
