//! Datetimes in values without a type declared in Odoo: arguments and results of methods, values of properties.
//!
//! The rule: a text that is a complete datetime with `Z` or an offset is an instant, and goes to Odoo as its naive UTC.
//! A datetime without a zone is refused, since it could be in the user's time or in UTC. A date stays a date. A Python
//! datetime comes from Odoo with `Z` and is shown in the user's zone; a text from a method stays as it is.

use chrono_tz::Tz;
use serde_json::Value;

use crate::error::{Error, Result};
use crate::text::json::clip;
use crate::time_zone::{self, Undeclared};

/// Convert the datetimes in `value`, at any depth, to Odoo's format. `place` is its position, such as `args[0]`. `zone`
/// is the user's, for the example in an error.
///
/// # Errors
/// Bad arguments for a datetime without a zone.
pub fn accept(value: &mut Value, place: &str, zone: Tz) -> Result<()> {
    match value {
        Value::String(text) => match time_zone::undeclared(text) {
            Undeclared::Other => Ok(()),
            Undeclared::Instant(utc) => {
                *value = Value::String(utc);
                Ok(())
            }
            Undeclared::NoZone => {
                let iso = text.replacen(' ', "T", 1);
                let local = time_zone::accept_datetime(text, zone)
                    .ok()
                    .and_then(|utc| time_zone::present_datetime(&utc, zone))
                    .unwrap_or_else(|| format!("{iso}+01:00"));
                Err(Error::bad_arguments(format!(
                    "{place}: it is not known here whether `{}` is the user's time or UTC. Write `{local}` for the \
                     user's time, `{iso}Z` for UTC.",
                    clip(text, 40)
                )))
            }
        },
        Value::Array(items) => items
            .iter_mut()
            .enumerate()
            .try_for_each(|(at, item)| accept(item, &format!("{place}[{at}]"), zone)),
        Value::Object(members) => members
            .iter_mut()
            .try_for_each(|(key, item)| accept(item, &format!("{place}.{}", clip(key, 80)), zone)),
        _ => Ok(()),
    }
}

/// Show instants (`2026-11-22T13:30:00Z`) in the user's zone, at any depth. Returns whether the value still has
/// datetimes without a zone.
pub fn present(value: &mut Value, zone: Tz) -> bool {
    match value {
        Value::String(text) => match time_zone::undeclared(text) {
            Undeclared::Other => false,
            Undeclared::NoZone => true,
            Undeclared::Instant(utc) => {
                // An offset that a method wrote stays.
                if text.ends_with('Z')
                    && let Some(local) = time_zone::present_datetime(&utc, zone)
                {
                    *text = local;
                }
                false
            }
        },
        Value::Array(items) => items
            .iter_mut()
            .fold(false, |left, item| present(item, zone) | left),
        Value::Object(members) => members
            .values_mut()
            .fold(false, |left, item| present(item, zone) | left),
        _ => false,
    }
}

#[cfg(test)]
#[path = "undeclared_tests.rs"]
mod tests;
