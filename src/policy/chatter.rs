//! Models whose records quote records of other models: messages, tracked values, attachments, activities. Domain terms
//! exclude those records that may quote hidden data.

use super::closed;
use super::restrictions::Policy;
use super::verdict::Operation;
use serde_json::{Value, json};

/// Log records that Odoo writes with a change of any record, whatever the value.
pub(super) const RECORDS_OF_CHANGES: [&str; 5] = [
    "mail.followers",
    "mail.mail",
    "mail.message",
    "mail.notification",
    "mail.tracking.value",
];

/// Quoting models, each with the path to the name of the quoted model.
const QUOTING: [(&str, &str); 12] = [
    ("sms.sms", "mail_message_id.model"),
    ("mail.message", "model"),
    ("mail.mail", "model"),
    ("mail.tracking.value", "mail_message_id.model"),
    ("mail.notification", "mail_message_id.model"),
    ("mail.scheduled.message", "model"),
    ("mail.activity", "res_model"),
    ("mail.followers", "res_model"),
    ("rating.rating", "res_model"),
    ("ir.attachment", "res_model"),
    // Drafts of such records.
    ("mail.compose.message", "model"),
    ("mail.activity.schedule", "res_model"),
];

/// Whether no field and no record of a model is hidden. Records that quote it then quote nothing hidden.
pub fn is_whole(policy: &Policy, model: &str) -> bool {
    is_whole_by_name(policy, model) && policy.is_whole_with_others(model)
}

/// [`is_whole`] without the models that its records are also records or parts of.
pub(super) fn is_whole_by_name(policy: &Policy, model: &str) -> bool {
    let merged = policy.merged(model);
    let restricted = merged.has_field_restrictions() || !merged.terms().is_empty();
    !restricted && merged.refusal(Operation::Read).is_none()
}

/// The terms that select the records of `model` that quote nothing hidden; empty if no terms are needed.
pub fn terms(policy: &Policy, model: &str) -> Vec<Value> {
    about(policy, model, &|model| is_whole(policy, model))
}

/// The terms that records of `model` must match to be changed, created or deleted. Odoo requires write access to the
/// quoted records, and so does the policy.
pub fn terms_to_change(policy: &Policy, model: &str) -> Vec<Value> {
    about(policy, model, &|model| {
        policy.merged(model).refusal(Operation::Write).is_none()
    })
}

/// Models whose records Odoo attaches to records of any model and deletes with them.
pub(super) fn kept_beside() -> impl Iterator<Item = &'static str> {
    let quoting = QUOTING.iter().map(|(model, _)| *model);
    RECORDS_OF_CHANGES.into_iter().chain(quoting)
}

/// Models whose files no caller may change: Odoo stores code that browsers run as files of these models.
const CODE_FILES: [&str; 2] = ["ir.ui.view", "ir.asset"];
/// Parts of the addresses from which browsers load code: bundles, and files that replace those of an app.
const CODE_URLS: [&str; 2] = ["/web/assets/", "/_custom/"];

/// The terms that attachments must match to be changed, created or deleted by any caller; empty for other models.
pub fn terms_of_files(model: &str) -> Vec<Value> {
    if model != "ir.attachment" {
        return Vec::new();
    }
    let of_code = json!(["res_model", "not in", CODE_FILES]);
    let by_url = CODE_URLS.iter().map(|url| json!(["url", "not like", url]));
    [of_code].into_iter().chain(by_url).collect()
}

/// Whether this is an address from which browsers load code of Odoo.
pub fn is_code_url(url: &Value) -> bool {
    let holds = |url: &str| CODE_URLS.iter().any(|part| url.contains(part));
    url.as_str().is_some_and(holds)
}

fn about(policy: &Policy, model: &str, passes: &dyn Fn(&str) -> bool) -> Vec<Value> {
    let paths = paths(policy, model);
    if paths.is_empty() {
        return Vec::new();
    }
    let closed = policy.switches.default_none || policy.scope_all_models() == Some(false);
    let named = policy.named().chain(policy.followers());
    let mut names: Vec<&str> = named.filter(|model| passes(model) == closed).collect();
    names.sort_unstable();
    names.dedup();
    let mut names: Vec<Value> = names.into_iter().map(|model| json!(model)).collect();
    if closed {
        names.push(Value::Bool(false));
    }
    if names.is_empty() {
        return Vec::new();
    }
    let operator = if closed { "in" } else { "not in" };
    let term = |path| json!([path, operator, names]);
    paths.into_iter().map(term).collect()
}

/// The paths to the names of quoted models: those in [`QUOTING`], and those of the model's own fields in the registry
/// facts.
fn paths<'p>(policy: &'p Policy, model: &str) -> Vec<&'p str> {
    let listed = QUOTING.iter().filter(|(quoting, _)| *quoting == model);
    let mut paths: Vec<&str> = listed.map(|(_, path)| *path).collect();
    for name in policy.facts.model_names(model) {
        if !paths.contains(&name.as_str()) && !closed::is_ours(model) {
            paths.push(name);
        }
    }
    paths
}
