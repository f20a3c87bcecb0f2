//! The policy on `groupby`: hides the names of related records, and refuses groups that would reveal hidden records.

use super::masking::{Mask, has_names};
use super::restrictions::Policy;
use super::verdict::{Layer, Refusal};
use crate::error::Result;
use crate::odoo::field::{Field, FieldType};
use crate::odoo::models::Models;
use serde_json::{Map, Value, json};

/// One `groupby` entry: as written, its position in the arguments, and the field at the end of its path.
pub struct By<'a> {
    pub spec: &'a str,
    pub at: String,
    pub field: &'a Field,
}

/// The mask for group values, and domains by field: Odoo returns records outside the domain without their names.
///
/// # Errors
/// Denied for an x2many field with records out of reach: each record would be a group.
pub fn mask(policy: &Policy, models: &Models, groups: &[By]) -> Result<(Mask, Map<String, Value>)> {
    let mut nameless = Vec::new();
    let mut bounds = Map::new();
    for By { spec, at, field } in groups {
        let Some(relation) = field.relation.as_deref() else {
            continue;
        };
        let terms = policy.terms(relation);
        if field.ttype.is_x2many() && !terms.is_empty() {
            return Err(Refusal::new(
                Layer::RecordDomain,
                format!(
                    "the policy hides records of {relation}, so records cannot be grouped by {spec:?}. Count with a \
                     domain such as [[{spec:?}, \"=\", id]] for the records that you can see."
                ),
            )
            .at(at));
        }
        if !has_names(policy, models, relation)? {
            nameless.push((*spec).to_owned());
        } else if field.ttype == FieldType::Many2one && !terms.is_empty() {
            // Odoo applies a domain by the field's name. The end of a path has no such name.
            if spec.contains('.') {
                nameless.push((*spec).to_owned());
            } else {
                bounds.insert((*spec).to_owned(), json!(terms));
            }
        }
    }
    Ok((Mask::of_names(nameless), bounds))
}
