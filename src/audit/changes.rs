//! Field values before and after a change, for the audit row. The setting `odoo_mcp.audit_values` enables them.

use super::redact;
use crate::error::Result;
use crate::odoo::builtin_tool::BuiltinTool;
use crate::odoo::field::{FieldType, is_housekeeping, is_log_access};
use crate::odoo::models::Models;
use crate::odoo::settings::Settings;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// Maximum numbers of records and fields in one row.
const MOST_RECORDS: usize = 100;
const MOST_FIELDS: usize = 60;

/// A change to be recorded with its values.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Watch {
    /// The request to Odoo: operation, model, ids and fields.
    pub asked: Value,
    /// The number of records beyond the maximum, which Odoo does not read.
    left_out: usize,
    redact: Vec<String>,
    most_bytes: i64,
}

/// The watch for a call of a tool's `method`; `None` if the setting is off, or for a tool other than `create`, `write`
/// and `unlink`.
///
/// # Errors
/// Errors from PostgreSQL.
pub fn watch(
    models: &Models,
    method: &str,
    arguments: &Map<String, Value>,
    settings: &Settings,
) -> Result<Option<Watch>> {
    if !settings.audit_values {
        return Ok(None);
    }
    let Some(model) = arguments.get("model").and_then(Value::as_str) else {
        return Ok(None);
    };
    let values = arguments.get("values");
    let (operation, fields) = match BuiltinTool::of(method) {
        Some(BuiltinTool::Write) => match values {
            Some(Value::Array(rows)) => ("write", named(rows.iter())),
            _ => ("write", named(values.into_iter())),
        },
        Some(BuiltinTool::Create) => (
            "create",
            named(values.and_then(Value::as_array).into_iter().flatten()),
        ),
        Some(BuiltinTool::Unlink) => ("unlink", fields_of_deleted(models, model)?),
        _ => return Ok(None),
    };
    let ids = arguments.get("ids").and_then(Value::as_array);
    let ids = ids.map_or(&[][..], Vec::as_slice);
    let watched = ids.get(..MOST_RECORDS).unwrap_or(ids);
    Ok(Some(Watch {
        asked: json!({"operation": operation, "model": model, "ids": watched, "fields": fields, "most": MOST_RECORDS}),
        left_out: ids.len() - watched.len(),
        redact: settings.audit_redact.clone(),
        most_bytes: settings.audit_request_bytes,
    }))
}

fn named<'a>(values: impl Iterator<Item = &'a Value>) -> Vec<String> {
    let names: BTreeSet<&String> = values
        .filter_map(Value::as_object)
        .flat_map(Map::keys)
        .collect();
    names.into_iter().take(MOST_FIELDS).cloned().collect()
}

/// The fields to record of a deleted record: its name, and its own stored values.
fn fields_of_deleted(models: &Models, model: &str) -> Result<Vec<String>> {
    let model = models.model(model)?;
    let mut names: Vec<String> = model
        .fields
        .all()
        .iter()
        .filter(|field| {
            field.store
                && !field.ttype.is_x2many()
                && !matches!(field.ttype, FieldType::Binary | FieldType::Image)
                && !is_housekeeping(&field.name)
                && !is_log_access(&field.name)
        })
        .map(|field| field.name.clone())
        .collect();
    names.sort();
    names.truncate(MOST_FIELDS);
    if !names.iter().any(|name| name == "display_name") {
        names.push("display_name".into());
    }
    Ok(names)
}

impl Watch {
    /// The audit value for the changes that Odoo has read: secrets redacted, size capped.
    pub fn seen(&self, mut seen: Value) -> Value {
        let mut kept = json!({"operation": self.asked["operation"], "model": self.asked["model"]});
        if self.left_out > 0 {
            kept["left_out"] = json!(self.left_out);
        }
        for part in ["before", "after", "left_out"] {
            let part_seen = seen[part].take();
            if !part_seen.is_null() {
                kept[part] = part_seen;
            }
        }
        let most = usize::try_from(self.most_bytes).unwrap_or(0);
        redact::cap(redact::redact_texts(&kept, &self.redact), most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_seen_is_redacted_and_capped() {
        let watch = Watch {
            asked: json!({"operation": "write", "model": "res.users", "ids": [7]}),
            left_out: 0,
            redact: vec!["salary".into()],
            most_bytes: 2_000,
        };
        let seen = watch.seen(json!({
            "before": {"7": {"name": "A", "password": "old", "salary": 7}},
            "after": {"7": {"name": "B", "password": "new", "salary": 8}}, "odd": 1}));
        assert_eq!(
            seen,
            json!({"operation": "write", "model": "res.users",
                "before": {"7": {"name": "A", "password": "***", "salary": "***"}},
                "after": {"7": {"name": "B", "password": "***", "salary": "***"}}})
        );
        let long = watch.seen(json!({"after": {"7": {"name": "x".repeat(10_000)}}}));
        assert!(long.to_string().len() <= 2_000);
        assert_eq!(long["model"], "res.users");
    }

    #[test]
    fn the_fields_of_all_new_records_are_named_once() {
        let values = json!([{"b": 1, "a": 1}, {"a": 2, "c": 3}]);
        let names = named(values.as_array().into_iter().flatten());
        assert_eq!(names, ["a", "b", "c"]);
    }
}
