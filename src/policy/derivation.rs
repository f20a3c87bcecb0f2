//! Finds the fields of a model that derive from hidden ones (sql/policy/hidden.sql).

use super::derived_fields::DerivedFields;
use super::restrictions::Policy;
use super::rules::Restriction;
use super::verdict::Operation;
use crate::cache::{self, Cache};
use crate::error::Result;
use crate::pg::{Param, read_json};
use serde_json::{Map, Value, json};
use std::rc::Rc;

thread_local! {
    static DERIVED: Cache<DerivedFields> = Cache::default();
}

const HIDDEN: &str = sql!("policy/hidden");

/// The fields and models hidden by name, as input of the query.
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
        // A value that comes through another model may come from any of its records.
        if merged.refusal(Operation::Read).is_some() || !merged.terms().is_empty() {
            unreadable.push(model);
        }
        for row in [
            policy.rules.access.get(model),
            policy.rules.lines().get(model),
        ]
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

/// The intersection of both lists.
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

/// The fields of `model` that derive from hidden ones. They depend only on the restrictions and on the dependencies of
/// fields, so the cache key consists of both.
///
/// # Errors
/// Errors from PostgreSQL.
pub fn read(policy: &Policy, model: &str) -> Result<Rc<DerivedFields>> {
    let seeds = seeds(policy);
    let key = json!([model, policy.rules.facts, seeds]).to_string();
    cache::get_or_insert_with(&DERIVED, key, || {
        let params = [Param::from(model), (&seeds).into()];
        let mut hidden: DerivedFields = read_json(policy.db, HIDDEN, &params)?;
        let by_name = |row: &Restriction| row.has_fields();
        hidden.matters = policy.rules.access.values().any(by_name)
            || policy.rules.lines().values().any(by_name)
            || seeds["unreadable"] != json!([])
            || !seeds["readable"].is_null();
        Ok(hidden)
    })
}
