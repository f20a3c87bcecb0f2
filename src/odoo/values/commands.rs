//! The commands of one2many and many2many fields.

use serde_json::{Value, json};

use super::Preparation;
use crate::error::{Error, Result};
use crate::odoo::field::Field;
use crate::text::json::{brief, kind};

const MOST_COMMANDS: usize = 10_000;

const COMMANDS: &str = "[0, 0, {values}] creates, [1, id, {values}] changes, [2, id] deletes, [3, id] unlinks, [4, id] \
                        links, [5] unlinks all, [6, 0, [ids]] replaces all by these";

impl Preparation<'_> {
    /// Check a list of commands, prepare their values, and bring each to three items.
    pub(super) fn commands(
        &self,
        value: &mut Value,
        field: &Field,
        place: &str,
        depth: usize,
    ) -> Result<()> {
        let commands = match value {
            Value::Array(items) => {
                refuse_bare(items, place)?;
                items
            }
            Value::Null | Value::Bool(false) => {
                return Err(Error::bad_arguments(format!(
                    "{place}: `{}` holds a list of records. To empty it write [[5]]; to leave it as it is leave it out.",
                    field.name
                )));
            }
            other => {
                return Err(Error::bad_arguments(format!(
                    "{place}: `{}` takes a list of commands, not {} ({}). Commands: {COMMANDS}.",
                    field.name,
                    kind(other),
                    brief(other)
                )));
            }
        };
        if commands.len() > MOST_COMMANDS {
            return Err(Error::bad_arguments(format!(
                "{place}: {} commands; at most {MOST_COMMANDS} are taken at once.",
                commands.len()
            )));
        }
        for (index, command) in commands.iter_mut().enumerate() {
            self.command(command, field, &format!("{place}[{index}]"), depth)?;
        }
        Ok(())
    }

    fn command(&self, command: &mut Value, field: &Field, place: &str, depth: usize) -> Result<()> {
        let wrong = |command: &Value| {
            Error::bad_arguments(format!(
                "{place}: {} is not a command. Commands: {COMMANDS}.",
                brief(command)
            ))
        };
        let Some(parts) = command.as_array_mut() else {
            return Err(wrong(command));
        };
        let code = parts.first().and_then(Value::as_i64);
        let prepared = match (code, parts.as_mut_slice()) {
            (Some(0), [_, virtual_id, Value::Object(values)]) if is_virtual(virtual_id) => {
                self.nested(values, field, &format!("{place}[2]"), depth)?;
                json!([0, 0, values])
            }
            (Some(1), [_, id, Value::Object(values)]) if is_id(id) => {
                self.nested(values, field, &format!("{place}[2]"), depth)?;
                json!([1, id, values])
            }
            (Some(code @ 2..=4), [_, id]) if is_id(id) => {
                json!([code, id, 0])
            }
            (Some(code @ 2..=4), [_, id, zero]) if is_id(id) && is_zero(zero) => {
                json!([code, id, 0])
            }
            (Some(5), [_, rest @ ..]) if rest.len() <= 2 && rest.iter().all(is_zero) => {
                json!([5, 0, 0])
            }
            (Some(6), [_, zero, Value::Array(ids)]) if is_zero(zero) && ids.iter().all(is_id) => {
                json!([6, 0, ids])
            }
            _ => return Err(wrong(command)),
        };
        *command = prepared;
        Ok(())
    }

    fn nested(
        &self,
        values: &mut serde_json::Map<String, Value>,
        field: &Field,
        place: &str,
        depth: usize,
    ) -> Result<()> {
        let model = field.relation.as_deref().ok_or_else(|| {
            Error::Internal(format!("{place}: the field {} has no relation", field.name))
        })?;
        let fields = (self.fields_of)(model)?;
        self.record(values, place, &fields, depth + 1)
    }
}

/// Refuse plain ids, and a single command outside a list.
fn refuse_bare(items: &[Value], place: &str) -> Result<()> {
    if !items.first().is_some_and(Value::is_number) {
        return Ok(());
    }
    let shown = brief(&Value::from(items));
    let advice = if items.iter().all(is_id) {
        format!(
            "is a list of ids, not of commands. To have exactly these records write [[6, 0, {shown}]]; to add one to \
             those there write [[4, {}]]",
            items.first().map(brief).unwrap_or_default()
        )
    } else {
        format!("is a single command and must stand in a list: [{shown}]. Commands: {COMMANDS}")
    };
    Err(Error::bad_arguments(format!("{place}: {shown} {advice}.")))
}

fn is_id(value: &Value) -> bool {
    value
        .as_i64()
        .is_some_and(|id| (1..=i64::from(i32::MAX)).contains(&id))
}

fn is_zero(value: &Value) -> bool {
    matches!(value, Value::Null | Value::Bool(false)) || value.as_i64() == Some(0)
}

/// The web client numbers new records with texts such as `virtual_3`; Odoo ignores this item.
fn is_virtual(value: &Value) -> bool {
    is_zero(value) || value.is_string()
}
