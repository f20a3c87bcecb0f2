//! Datetimes among values of which Odoo declares nothing: arguments and results of methods, values of properties.
//!
//! The rule: a text that is a whole datetime with `Z` or an offset is an instant, and goes to Odoo as its naive UTC. One
//! without is refused: nobody could say whether the user's time or UTC is meant. A date stays a date. Out of Odoo comes
//! with `Z` what was a datetime in Python, and is shown in the user's zone; what a method wrote as text stays as it is.

use chrono_tz::Tz;
use serde_json::Value;

use crate::error::{Error, Result};
use crate::text::json::clip;
use crate::time_zone::{self, Undeclared};

/// Brings the datetimes in `value`, at any depth, into Odoo's form. `place` is where it stands, such as `args[0]`.
/// `zone` is the user's, for the example in a refusal.
///
/// # Errors
/// Bad arguments for a datetime that does not say in which zone it is.
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

/// Shows instants (`2026-11-22T13:30:00Z`) in the user's zone, at any depth. Gives whether there are datetimes left that
/// do not say in which zone they are.
pub fn present(value: &mut Value, zone: Tz) -> bool {
    match value {
        Value::String(text) => match time_zone::undeclared(text) {
            Undeclared::Other => false,
            Undeclared::NoZone => true,
            Undeclared::Instant(utc) => {
                // An offset that a method wrote is as good as ours.
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
