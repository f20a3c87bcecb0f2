//! What is hidden through other fields: those that are related to a hidden one or computed from it.

use super::verdict::{Layer, Operation, Refusal};
use super::{Policy, rows::Restriction};
use crate::error::Result;
use crate::odoo::field::Field;
use crate::odoo::kept::{self, Kept};
use crate::pg::{Param, read_json};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::HashSet;
use std::rc::Rc;

thread_local! {
    static KEPT: Kept<Hidden> = Kept::default();
}

/// In place of a field: finding records by their names (registry_facts.py).
const NAMES: &str = "@names";

const HIDDEN: &str = include_str!("../../sql/policy_hidden.sql");

/// Of one model.
#[derive(Debug, Default, Deserialize)]
pub struct Hidden {
    /// Whether the dependencies of fields are known at all.
    #[serde(rename = "known")]
    is_known: bool,
    fields: HashSet<String>,
    searched: HashSet<String>,
    /// Nothing is hidden anywhere, so that nothing need be known.
    #[serde(skip, default)]
    matters: bool,
}

/// What is hidden by name, for the statement.
fn seeds(policy: &Policy) -> Value {
    let mut hidden = Vec::new();
    let mut only: Map<String, Value> = Map::new();
    let mut unreadable = Vec::new();
    let mut names: Vec<&str> = policy.named().chain(policy.followers()).collect();
    names.sort_unstable();
    names.dedup();
    for model in names {
        let merged = policy.merged(model);
        let inherited = merged.hidden_by_name();
        hidden.extend(inherited.map(|field| json!([model, field])));
        // Which of its records a value comes from is not known where it comes through another model.
        if merged.refusal(Operation::Read).is_some() || !merged.terms().is_empty() {
            unreadable.push(model);
        }
        for row in [policy.access.get(model), policy.lines.get(model)]
            .into_iter()
            .flatten()
        {
            if let Some(whitelist) = row.whitelist() {
                let common = both(only.get(model), whitelist);
                only.insert(model.to_owned(), common);
            }
        }
    }
    let closed = policy.switches.default_none || policy.scope_all_models() == Some(false);
    let readable: Option<Vec<&str>> = closed.then(|| {
        let readable = |model: &&str| policy.merged(model).refusal(Operation::Read).is_none();
        let mut names: Vec<&str> = policy.named().filter(readable).collect();
        names.sort_unstable();
        names
    });
    hidden.sort_by_key(Value::to_string);
    unreadable.sort_unstable();
    json!({"hidden": hidden, "only": only, "unreadable": unreadable, "readable": readable})
}

/// What both lists have.
fn both(before: Option<&Value>, whitelist: &[String]) -> Value {
    match before.and_then(Value::as_array) {
        None => json!(whitelist),
        Some(before) => before
            .iter()
            .filter(|name| whitelist.iter().any(|other| *name == other))
            .cloned()
            .collect(),
    }
}

/// What is hidden of `model` through other fields. It depends on the restrictions and on what fields are made of alone,
/// and is kept for both.
///
/// # Errors
/// What PostgreSQL refuses.
pub fn read(policy: &Policy, model: &str) -> Result<Rc<Hidden>> {
    let seeds = seeds(policy);
    let key = json!([model, policy.rows.facts, seeds]).to_string();
    kept::get_or_make(&KEPT, key, || {
        let params = [Param::from(model), (&seeds).into()];
        let mut hidden: Hidden = read_json(policy.db, HIDDEN, &params)?;
        let by_name = |row: &Restriction| row.has_fields();
        hidden.matters = policy.access.values().any(by_name)
            || policy.lines.values().any(by_name)
            || seeds["unreadable"] != json!([])
            || !seeds["readable"].is_null();
        Ok(hidden)
    })
}

impl Hidden {
    pub fn is_empty(&self) -> bool {
        self.fields.iter().all(|field| field == NAMES) && (self.is_known || !self.matters)
    }

    /// Whether finding records by their names looks at nothing hidden, as far as is known.
    pub fn are_names_searchable(&self) -> bool {
        !self.fields.contains(NAMES) && (self.is_known || !self.matters)
    }

    pub fn is_searched_by_method(&self, field: &str) -> bool {
        self.searched.contains(field)
    }

    /// Why a field is hidden, if it is. Where dependencies are not known, whatever may be computed is.
    pub fn refusal(&self, field: &Field) -> Option<Refusal> {
        if self.fields.contains(&field.name) {
            return Some(Refusal::new(
                Layer::HiddenField,
                "It comes from a field or a model that is hidden.",
            ));
        }
        let plain = field.store && !field.readonly;
        let is_known = self.is_known || !self.matters;
        let may_tell = !is_known && !plain && field.name != "id";
        may_tell.then(|| {
            Refusal::new(
                Layer::HiddenField,
                "What it is computed from is not known, and something is hidden. An administrator restarts Odoo or \
                 updates the app MCP Server, which makes it known.",
            )
        })
    }
}
