//! Restricts what the values of groups (`groupby`) tell of other records.

use super::masking::{Mask, has_names};
use super::restrictions::Policy;
use super::verdict::{Layer, Refusal};
use crate::error::Result;
use crate::odoo::field::{Field, FieldType};
use crate::odoo::models::Models;
use serde_json::{Map, Value, json};

/// What the records are grouped by: as it is written, the place in the arguments, and the field at its end.
pub struct By<'a> {
    pub spec: &'a str,
    pub at: String,
    pub field: &'a Field,
}

/// The veil over the values of groups, and domains by field, of which the records outside come without their name.
///
/// # Errors
/// Denied, for lists of records some of which are out of reach: each would be a group.
pub fn veil(policy: &Policy, models: &Models, groups: &[By]) -> Result<(Mask, Map<String, Value>)> {
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
                    "some records of {relation} are out of reach for this caller, so {spec:?} cannot be grouped by. \
                     Count with a domain such as [[{spec:?}, \"=\", id]] for the records that you can see."
                ),
            )
            .at(at));
        }
        if !has_names(policy, models, relation)? {
            nameless.push((*spec).to_owned());
        } else if field.ttype == FieldType::Many2one && !terms.is_empty() {
            // Odoo looks for them by the field's name: at the end of a path there is none.
            if spec.contains('.') {
                nameless.push((*spec).to_owned());
            } else {
                bounds.insert((*spec).to_owned(), json!(terms));
            }
        }
    }
    Ok((Mask::of_names(nameless), bounds))
}
