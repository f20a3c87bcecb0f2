//! Fields hidden because they derive from a hidden one: related to it or computed from it.

use super::verdict::{Layer, Refusal};
use crate::odoo::field::Field;
use serde::Deserialize;
use std::collections::HashSet;

/// Stands for a field: the search of records by name (registry_facts.py).
const NAMES: &str = "@names";

/// The hidden fields of one model, except those hidden by name.
#[derive(Debug, Default, Deserialize)]
pub struct DerivedFields {
    /// Whether the dependencies of fields are known.
    #[serde(rename = "known")]
    is_known: bool,
    fields: HashSet<String>,
    searched: HashSet<String>,
    /// False if nothing is hidden anywhere: the dependencies are then irrelevant.
    #[serde(skip, default)]
    pub(super) matters: bool,
}

impl DerivedFields {
    pub fn is_empty(&self) -> bool {
        self.fields.iter().all(|field| field == NAMES) && (self.is_known || !self.matters)
    }

    /// Whether a search by name reads nothing hidden. False where that is unknown.
    pub fn are_names_searchable(&self) -> bool {
        !self.fields.contains(NAMES) && (self.is_known || !self.matters)
    }

    pub fn is_searched_by_method(&self, field: &str) -> bool {
        self.searched.contains(field)
    }

    /// The reason why a field is hidden, or `None`. If the dependencies are unknown, every field that may be computed
    /// is hidden.
    pub fn refusal(&self, field: &Field) -> Option<Refusal> {
        if self.fields.contains(&field.name) {
            return Some(Refusal::new(
                Layer::HiddenField,
                "It is computed from, or related to, a field or a model that is hidden.",
            ));
        }
        let plain = field.store && !field.readonly;
        let is_known = self.is_known || !self.matters;
        let may_tell = !is_known && !plain && field.name != "id";
        may_tell.then(|| {
            Refusal::new(
                Layer::HiddenField,
                "Odoo has not yet registered what it is computed from, so it is hidden. An administrator restarts \
                 Odoo or updates the app MCP Server.",
            )
        })
    }
}
