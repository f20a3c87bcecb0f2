//! Records that tell of other models' records: messages, tracked values, attachments, activities. Those of a model that
//! is not shown whole are left out, since they may quote what is hidden of it.

use super::Policy;
use super::verdict::Operation;
use serde_json::{Value, json};

/// Models, each with the path to the name of the model that it tells of.
const TELLING: [(&str, &str); 9] = [
    ("mail.message", "model"),
    ("mail.mail", "model"),
    ("mail.tracking.value", "mail_message_id.model"),
    ("mail.notification", "mail_message_id.model"),
    ("mail.scheduled.message", "model"),
    ("mail.activity", "res_model"),
    ("mail.followers", "res_model"),
    ("rating.rating", "res_model"),
    ("ir.attachment", "res_model"),
];

/// The terms that records of `model` must fulfil for it; none where it tells of nothing hidden.
pub fn terms(policy: &Policy, model: &str) -> Vec<Value> {
    let Some((_, path)) = TELLING.iter().find(|(telling, _)| *telling == model) else {
        return Vec::new();
    };
    let whole = |model: &str| {
        let merged = policy.merged(model);
        let restricted = merged.has_field_restrictions() || !merged.terms().is_empty();
        !restricted && merged.refusal(Operation::Read).is_none()
    };
    let closed = policy.switches.default_none || policy.scope_all_models() == Some(false);
    let mut names: Vec<Value> = Vec::new();
    let term = if closed {
        names.push(Value::Bool(false));
        names.extend(
            policy
                .named()
                .filter(|model| whole(model))
                .map(|model| json!(model)),
        );
        json!([path, "in", names])
    } else {
        names.extend(
            policy
                .named()
                .filter(|model| !whole(model))
                .map(|model| json!(model)),
        );
        json!([path, "not in", names])
    };
    match names.is_empty() {
        true => Vec::new(),
        false => vec![term],
    }
}
