//! The order of groups: by groupings and by measures.

use super::group::{Group, Unsure};
use super::measure::{self, is_count};
use crate::error::{Error, Result};
use crate::policy;
use crate::text::json::clip;
use crate::tools::arguments::direction;
use crate::tools::context::Context;

const MOST: usize = 16;

/// Reads the terms: each with its sort key, and in Odoo's syntax.
///
/// # Errors
/// Bad arguments for an invalid term; denied for a hidden field.
pub fn read(
    context: &Context,
    model: &str,
    text: &str,
    groups: &[Group],
    unsure: &mut Unsure,
) -> Result<Vec<(String, String)>> {
    let mut terms: Vec<(String, String)> = Vec::new();
    if text.trim().is_empty() {
        return Ok(terms);
    }
    for term in text.split(',') {
        if terms.len() == MOST {
            return Err(Error::bad_arguments(format!(
                "order: at most {MOST} terms."
            )));
        }
        let mut words = term.split_whitespace();
        let by = words.next().ok_or_else(|| {
            Error::bad_arguments(
                "order: an empty term. Example: \"amount_total:sum desc, partner_id\".",
            )
        })?;
        let direction = direction(words, term)?;
        let spec = spec(context, model, by, groups, unsure)?;
        terms.push((spec.clone(), format!("{spec}{direction}")));
    }
    Ok(terms)
}

fn spec(
    context: &Context,
    model: &str,
    by: &str,
    groups: &[Group],
    unsure: &mut Unsure,
) -> Result<String> {
    if let Some(group) = groups.iter().find(|group| group.spec == by) {
        policy::order::check(context.policy, &context.models, model, &group.path)?;
        return Ok(group.spec.clone());
    }
    if !by.contains(':') && !is_count(by) {
        // A term can name only a grouping of the call or a measure.
        if let Some(group) = groups.iter().find(|group| group.path == by) {
            return Err(Error::bad_arguments(format!(
                "order: the groups are by {:?}. Write that.",
                group.spec
            )));
        }
        let specs: Vec<&str> = groups.iter().map(|group| group.spec.as_str()).collect();
        let groups = match specs.as_slice() {
            [] => String::new(),
            specs => format!(", or one of groupby: {}", specs.join(", ")),
        };
        return Err(Error::bad_arguments(format!(
            "order: {:?} is no measure and not grouped by. Write a measure such as \"{}:sum\", \"count\"{groups}.",
            clip(by, 60),
            clip(by, 60)
        )));
    }
    Ok(measure::read(context, model, by, "order", unsure)?.spec)
}
