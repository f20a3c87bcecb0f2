//! Refuses sort orders that reveal hidden data: by a hidden field, or through the default order of a related model.

use super::restrictions::Policy;
use super::verdict::{Layer, Operation, Refusal};
use crate::error::Result;
use crate::odoo::field::FieldType;
use crate::odoo::models::Models;

/// Maximum depth of orders by related records.
const MOST_DEPTH: usize = 8;

/// Check an order by the resolved `path`. For a many2one field, Odoo uses the order of the related model.
///
/// # Errors
/// Denied.
pub fn check(policy: &Policy, models: &Models, model: &str, path: &str) -> Result<()> {
    if tells_nothing(policy, models, model, path)? {
        return Ok(());
    }
    Err(Refusal::new(
        Layer::HiddenField,
        format!(
            "an order by {path:?} would reveal records or fields that are hidden from this caller. Order by a stored \
             field of {model} that you can see."
        ),
    )
    .at("order"))
}

/// Whether an order by the resolved `path` reveals nothing hidden.
///
/// # Errors
/// Errors from PostgreSQL.
pub fn tells_nothing(policy: &Policy, models: &Models, model: &str, path: &str) -> Result<bool> {
    Ok(!policy.something_hidden() || is_shown(policy, models, model, path, 0)?)
}

/// Whether the default order of the model reveals nothing hidden.
///
/// # Errors
/// Errors from PostgreSQL.
pub fn own_order_is_shown(policy: &Policy, models: &Models, model: &str) -> Result<bool> {
    Ok(!policy.something_hidden() || own(policy, models, model, 0)?)
}

fn own(policy: &Policy, models: &Models, model: &str, depth: usize) -> Result<bool> {
    let order = models.model_with(model, &[])?.order.clone();
    for term in order.split(',') {
        let Some(path) = term.split_whitespace().next() else {
            continue;
        };
        if !is_shown(policy, models, model, path, depth)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn is_shown(
    policy: &Policy,
    models: &Models,
    model: &str,
    path: &str,
    depth: usize,
) -> Result<bool> {
    if depth >= MOST_DEPTH {
        return Ok(false);
    }
    let (first, rest) = match path.split_once('.') {
        Some((first, rest)) => (first, Some(rest)),
        None => (path, None),
    };
    // `field:direction` and similar entries are not fields.
    let described = models.model_with(model, &[first])?;
    let Some(field) = described.fields.get(first) else {
        return Ok(false);
    };
    let relation = match (&field.relation, field.ttype) {
        (Some(relation), FieldType::Many2one) => relation.clone(),
        _ => return Ok(true),
    };
    let open = policy.model(&relation).refusal(Operation::Read).is_none()
        && policy.terms(&relation).is_empty();
    if !open {
        // An order by the id alone reveals only the field itself.
        return Ok(rest == Some("id"));
    }
    match rest {
        Some(rest) => is_shown(policy, models, &relation, rest, depth + 1),
        None => own(policy, models, &relation, depth + 1),
    }
}
