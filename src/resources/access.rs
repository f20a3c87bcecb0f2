//! Resource `access`: what the user may do with a model, and why.

use super::contents::Contents;
use crate::error::Result;
use crate::policy::access::{OPERATIONS, odoo_lets_read, verdict};
use crate::tools::context::Context;
use serde_json::{Map, Value, json};

pub fn read(context: &Context, uri: &str, model: &str) -> Result<Contents> {
    let described = context.models.model(model)?;
    let (db, user, policy) = (context.db, context.user, context.policy);
    // The names of record rules are only for users who may read the rules in Odoo.
    let names = odoo_lets_read(db, user, "ir.rule")?;
    let mut operations = Map::new();
    for operation in OPERATIONS {
        let mut verdict = verdict(db, user, policy, model, operation, &[])?;
        let rules = verdict["record_rules"].take();
        let mut facts = json!({"allowed": verdict["allowed"], "reason": verdict["reason"]});
        if let Value::Array(rules) = rules
            && !rules.is_empty()
        {
            facts["record_rules"] = if names {
                json!(rules)
            } else {
                json!(rules.len())
            };
        }
        operations.insert(operation.to_owned(), facts);
    }
    let access = json!({"model": model, "name": described.label, "operations": operations});
    Ok(Contents::json(uri, &access))
}
