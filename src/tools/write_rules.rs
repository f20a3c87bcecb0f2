//! Helpers of tools that change records: the domain terms that the records must match, and the fields that values name.

use super::context::Context;
use crate::error::Result;
use crate::odoo::models::Model;
use serde_json::{Value, json};
use std::rc::Rc;

/// Adds the policy's domain terms for such an operation as an argument for Odoo.
pub fn only_to_change(context: &Context, call: &mut Value, model: &str) {
    let terms = context.policy.terms_to_change(model);
    if !terms.is_empty() {
        call["only"] = json!(terms);
    }
}

/// The model that values are for, with at least the fields that they name. A problem with the model is reported before
/// a problem with the values.
///
/// # Errors
/// As [`crate::odoo::models::Models::model`].
pub fn model_of(context: &Context, name: &str, given: &Result<Option<Value>>) -> Result<Rc<Model>> {
    let names = match given {
        Ok(Some(values)) => named(values),
        _ => Vec::new(),
    };
    context.models.model_with(name, &names)
}

/// The fields that values name, for one record or several.
pub fn named(values: &Value) -> Vec<&str> {
    let rows = match values {
        Value::Array(rows) => rows.as_slice(),
        row => std::slice::from_ref(row),
    };
    let mut names: Vec<&str> = rows
        .iter()
        .filter_map(Value::as_object)
        .flat_map(|row| row.keys().map(String::as_str))
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}
