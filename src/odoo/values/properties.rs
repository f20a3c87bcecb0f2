//! Values of properties: a list of objects with `name`, `type` and `value`, or an object of values by name.

use chrono_tz::Tz;
use serde_json::Value;

use super::undeclared;
use crate::error::{Error, Result};
use crate::time_zone;

/// Convert Odoo's value for the client, with datetimes in the user's zone.
pub fn present(value: &Value, zone: Tz) -> Value {
    let mut shown = value.clone();
    for property in datetimes(&mut shown) {
        if let Value::String(utc) = &*property
            && let Some(local) = time_zone::present_datetime(utc, zone)
        {
            *property = Value::String(local);
        }
    }
    shown
}

/// Convert datetimes to Odoo's format. In a list each property has its type; an object of values has no types.
///
/// # Errors
/// Bad arguments for an invalid datetime, or one without a zone.
pub fn prepare(value: &mut Value, place: &str, zone: Tz) -> Result<()> {
    if !value.is_array() {
        return undeclared::accept(value, place, zone);
    }
    for (at, property) in datetimes(value).enumerate() {
        if let Value::String(text) = &*property {
            let utc = time_zone::accept_datetime(text, zone).map_err(|error| {
                Error::bad_arguments(format!("{place}, datetime {}: {error}", at + 1))
            })?;
            *property = Value::String(utc);
        }
    }
    Ok(())
}

/// The datetime values in a list of properties.
fn datetimes(value: &mut Value) -> impl Iterator<Item = &mut Value> {
    let list = value.as_array_mut().into_iter().flatten();
    list.filter_map(Value::as_object_mut)
        .filter(|property| property.get("type").and_then(Value::as_str) == Some("datetime"))
        .filter_map(|property| property.get_mut("value"))
}
