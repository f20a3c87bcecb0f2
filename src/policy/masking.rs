//! Masks values that reveal other records: the names beside many2one ids, and lists of records.

use super::order;
use super::restrictions::Policy;
use crate::error::Result;
use crate::odoo::field::{FieldType, Fields};
use crate::odoo::models::Models;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// The changes to the values that Odoo has read.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Mask {
    /// Many2one and properties fields shown without names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    nameless: Vec<String>,
    /// Lists of records whose order would reveal hidden data.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    sorted: Vec<String>,
}

/// The mask for these fields, and domains by field for Odoo: it returns records outside the domain without their names,
/// and leaves them out of lists.
///
/// # Errors
/// Errors from PostgreSQL.
pub fn mask(
    policy: &Policy,
    models: &Models,
    fields: &Fields,
    names: &[String],
) -> Result<(Mask, Map<String, Value>)> {
    let mut mask = Mask::default();
    let mut bounds = Map::new();
    for field in names.iter().filter_map(|name| fields.get(name)) {
        if field.ttype == FieldType::Properties && policy.something_hidden() {
            mask.nameless.push(field.name.clone());
        }
        let Some(relation) = field.relation.as_deref() else {
            continue;
        };
        let terms = policy.terms(relation);
        if field.ttype == FieldType::Many2one && !has_names(policy, models, relation)? {
            mask.nameless.push(field.name.clone());
        } else if field.ttype.is_relational() && !terms.is_empty() {
            bounds.insert(field.name.clone(), json!(terms));
        }
        if field.ttype.is_x2many() && !order::own_order_is_shown(policy, models, relation)? {
            mask.sorted.push(field.name.clone());
        }
    }
    Ok((mask, bounds))
}

/// Whether the caller may see the names of a model's records.
///
/// # Errors
/// Errors from PostgreSQL.
pub fn has_names(policy: &Policy, models: &Models, model: &str) -> Result<bool> {
    if !policy.may_read(model) {
        return Ok(false);
    }
    if !policy.something_hidden() {
        return Ok(true);
    }
    let described = models.model_with(model, &["display_name"])?;
    Ok(described.fields.get("display_name").is_some())
}

/// Whether the caller may search records of a model by typed text.
///
/// # Errors
/// Errors from PostgreSQL.
pub fn has_searchable_names(policy: &Policy, models: &Models, model: &str) -> Result<bool> {
    // The search also applies the terms of the model.
    Ok(has_names(policy, models, model)? && policy.hidden(model)?.are_names_searchable())
}

impl Mask {
    /// A mask that only removes the names of these fields.
    pub fn of_names(nameless: Vec<String>) -> Self {
        Self {
            nameless,
            ..Self::default()
        }
    }

    /// Whether the mask removes the name of the record in this field.
    pub fn hides_name(&self, field: &str) -> bool {
        self.nameless.iter().any(|name| name == field)
    }

    /// Whether the mask changes nothing.
    pub fn is_empty(&self) -> bool {
        self.nameless.is_empty() && self.sorted.is_empty()
    }

    /// Mask the values of a record.
    pub fn cover(&self, record: &mut Value) {
        for name in &self.nameless {
            if let Some(value) = record.get_mut(name) {
                without_name(value);
            }
        }
        for name in &self.sorted {
            if let Some(Value::Array(ids)) = record.get_mut(name) {
                ids.sort_by_key(Value::as_i64);
            }
        }
    }
}

/// Remove the name from `[id, name]`; in properties (a list of objects), from every such value.
fn without_name(value: &mut Value) {
    match value {
        Value::Array(parts) if parts.len() == 2 && parts.first().is_some_and(Value::is_number) => {
            if let Some(name @ Value::String(_)) = parts.get_mut(1) {
                *name = Value::Null;
            }
        }
        Value::Array(items) => items.iter_mut().for_each(without_name),
        Value::Object(property) => {
            if let Some(value) = property.get_mut("value") {
                without_name(value);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_taken_away_and_lists_put_in_order() {
        let mask = Mask {
            nameless: vec!["partner_id".into(), "none_id".into(), "props".into()],
            sorted: vec!["line_ids".into()],
        };
        let memo = json!(mask);
        let mut record = json!({"id": 1, "partner_id": [7, "Zoe"], "none_id": false, "user_id": [2, "Ann"],
            "line_ids": [9, 3, 5], "tag_ids": [2, 1],
            "props": [{"name": "a", "type": "many2one", "value": [4, "Secret"]},
                      {"name": "b", "type": "many2many", "value": [[5, "S"], [6, "T"]]},
                      {"name": "c", "type": "char", "value": "x"}]});
        Mask::deserialize(&memo).unwrap().cover(&mut record);
        let covered = json!({"id": 1, "partner_id": [7, null], "none_id": false, "user_id": [2, "Ann"],
            "line_ids": [3, 5, 9], "tag_ids": [2, 1],
            "props": [{"name": "a", "type": "many2one", "value": [4, null]},
                      {"name": "b", "type": "many2many", "value": [[5, null], [6, null]]},
                      {"name": "c", "type": "char", "value": "x"}]});
        assert_eq!(record, covered);
    }

    #[test]
    fn a_mask_that_changes_nothing_is_kept_as_nothing() {
        assert_eq!(json!(Mask::default()), json!({}));
    }
}
