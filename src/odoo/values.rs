//! Converts field values between Odoo and a client: the results of `read()`, and the values of `create()` and
//! `write()`.

use std::sync::Arc;

use chrono_tz::Tz;
use serde_json::{Map, Value};

use super::field::{Field, FieldType, Fields};
use super::models::withheld;
use crate::error::{Error, Result, ToolError};
use crate::text::json::clip;
use crate::text::suggest::did_you_mean;
use crate::time_zone;

mod commands;
mod properties;
mod single;
#[cfg(test)]
mod tests;
pub mod undeclared;

/// Maximum depth of records created within records.
const MOST_DEPTH: usize = 16;
const MOST_ERRORS: usize = 5;

/// Fields that Odoo sets itself. It silently drops values for them.
const OWN: [&str; 7] = [
    "id",
    "create_uid",
    "create_date",
    "write_uid",
    "write_date",
    "parent_path",
    "__last_update",
];

/// Convert a value from Odoo's `read()` for the client:
///
/// * `datetime`, naive UTC in Odoo, becomes ISO 8601 in `zone` with its offset; so does a property of that type.
/// * `false` means "not set" for fields other than booleans, and becomes null.
/// * Other values stay as they are, a many2one as `[id, display name]`.
///
/// [`prepare_values`] accepts datetimes and null in the same format, but a many2one only as its id.
pub fn present(value: &Value, ttype: FieldType, zone: Tz) -> Value {
    match (ttype, value) {
        (FieldType::Boolean | FieldType::Other, _) => value.clone(),
        (_, Value::Bool(false)) => Value::Null,
        (FieldType::Datetime, Value::String(text)) => {
            time_zone::present_datetime(text, zone).map_or_else(|| value.clone(), Value::String)
        }
        (FieldType::Properties, Value::Array(_)) => properties::present(value, zone),
        _ => value.clone(),
    }
}

/// Returns the fields of the models that x2many commands refer to, for [`prepare_values`].
pub type FieldsOf<'a> = &'a dyn Fn(&str) -> Result<Arc<Fields>>;

/// Check the values of one record before `create()` or `write()`, and convert them to Odoo's format: datetimes to naive
/// UTC (a local one is in `zone`), null to `false`, whole numbers written as text or with a zero fraction to numbers,
/// x2many commands to three items. `position` is the position of the values, such as `values` or `values[2]`.
///
/// Refuses unknown fields, fields that Odoo sets itself, and values that Odoo would silently change. An error names up
/// to five problems at once. The values may then be partly changed and must not be used.
pub fn prepare_values(
    values: &mut Map<String, Value>,
    position: &str,
    fields: &Fields,
    fields_of: FieldsOf<'_>,
    zone: Tz,
) -> Result<()> {
    Preparation { fields_of, zone }.record(values, position, fields, 0)
}

struct Preparation<'a> {
    fields_of: FieldsOf<'a>,
    zone: Tz,
}

impl Preparation<'_> {
    fn record(
        &self,
        values: &mut Map<String, Value>,
        position: &str,
        fields: &Fields,
        depth: usize,
    ) -> Result<()> {
        if depth > MOST_DEPTH {
            return Err(Error::bad_arguments(format!(
                "{position}: records nested more than {MOST_DEPTH} levels deep."
            )));
        }
        let mut wrong = Vec::new();
        for (name, value) in values.iter_mut() {
            let place = format!("{position}.{}", clip(name, 80));
            let done = known_field(name, &place, fields)
                .and_then(|field| self.value(value, field, &place, depth));
            match done {
                Ok(()) => {}
                // A forbidden value has priority over an invalid one.
                Err(
                    denied @ Error::Tool {
                        kind: ToolError::Denied,
                        ..
                    },
                ) => return Err(denied),
                // The error of a nested record has one line per problem.
                Err(Error::Tool { message, .. }) => {
                    wrong.extend(message.lines().map(str::to_owned));
                }
                Err(other) => return Err(other),
            }
            if wrong.len() >= MOST_ERRORS {
                wrong.truncate(MOST_ERRORS);
                break;
            }
        }
        if wrong.is_empty() {
            Ok(())
        } else {
            Err(Error::bad_arguments(wrong.join("\n")))
        }
    }

    fn value(&self, value: &mut Value, field: &Field, place: &str, depth: usize) -> Result<()> {
        if field.ttype.is_x2many() {
            self.commands(value, field, place, depth)
        } else if value.is_null() {
            *value = Value::Bool(false);
            Ok(())
        } else {
            single::prepare(value, field, place, self.zone)
        }
    }
}

fn known_field<'f>(name: &str, place: &str, fields: &'f Fields) -> Result<&'f Field> {
    let field = fields.get(name).ok_or_else(|| {
        if let Some(hidden) = withheld(fields, name, place) {
            return hidden;
        }
        Error::bad_arguments(format!(
            "{place}: unknown field on {}.{}",
            fields.model(),
            did_you_mean(name, fields.names())
        ))
    })?;
    if OWN.contains(&name) {
        return Err(Error::bad_arguments(format!(
            "{place}: Odoo sets this field itself. Leave it out."
        )));
    }
    Ok(field)
}
