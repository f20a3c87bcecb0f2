//! What records must fulfil to be changed, made or deleted.

use super::Context;
use serde_json::{Value, json};

/// The terms of the policy for it, as an argument for Odoo.
pub fn only_to_change(context: &Context, call: &mut Value, model: &str) {
    let terms = context.policy.terms_to_change(model);
    if !terms.is_empty() {
        call["only"] = json!(terms);
    }
}
