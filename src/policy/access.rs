//! The verdict on an operation, with the first reason: what `mcp_check_access` gives.

use crate::error::{Error, Result};
use crate::odoo::catalogue::{Catalogue, known};
use crate::odoo::user::User;
use crate::pg::{Database, Param, read_json};
use serde::Deserialize;
use serde_json::{Value, json};

const ACL: &str = include_str!("../../sql/acl.sql");
const API_KEY: &str = include_str!("../../sql/api_key.sql");
/// What can be done with records.
pub const OPERATIONS: [&str; 4] = ["read", "write", "create", "unlink"];

#[derive(Deserialize)]
struct ApiKey {
    user_id: i64,
    scope: Option<String>,
    expired: bool,
}

#[derive(Deserialize)]
struct Acl {
    allowed: bool,
    /// Groups that grant the operation.
    groups: Vec<String>,
    /// Record rules that narrow it for this user.
    rules: Vec<String>,
}

/// Whether user `uid` may do `operation` (`read`, `write`, `create`, `unlink`) on `model` and use `fields` of it:
/// `{"allowed", "layer", "reason"}` and, where allowed, the record rules that decide which records. With `api_key_id`,
/// whether that key of the user's may be used for it.
///
/// # Errors
/// An unknown operation; what PostgreSQL refuses.
pub fn check(
    db: &dyn Database,
    uid: i64,
    model: &str,
    operation: &str,
    fields: &[String],
    api_key_id: Option<i64>,
) -> Result<Value> {
    if !OPERATIONS.contains(&operation) {
        return Err(Error::bad_arguments(format!(
            "operation: {operation:?} is none of {}.",
            OPERATIONS.join(", ")
        )));
    }
    let refused =
        |layer: &str, reason: String| json!({"allowed": false, "layer": layer, "reason": reason});
    let user = match User::read(db, uid) {
        Ok(user) => user,
        Err(Error::Tool { message, .. }) => return Ok(refused("user", message)),
        Err(error) => return Err(error),
    };
    if let Some(id) = api_key_id
        && let Some(reason) = refused_key(db, uid, id)?
    {
        return Ok(refused("api_key", reason));
    }
    let catalogue = Catalogue::new(db, &user);
    let described = match catalogue.model(model) {
        Ok(described) => described,
        Err(Error::Tool { message, .. }) => return Ok(refused("model", message)),
        Err(error) => return Err(error),
    };
    for field in fields {
        if let Err(error) = known(&described.fields, field, "fields") {
            return Ok(refused("field", error.to_string()));
        }
    }
    let params = [Param::from(uid), model.into(), operation.into()];
    let acl: Acl = read_json(db, ACL, &params)?;
    // Odoo's superuser passes every check (Environment: uid 1 is always su).
    if !acl.allowed && uid != 1 {
        let reason = if acl.groups.is_empty() {
            format!("No group may {operation} {model}.")
        } else {
            format!(
                "To {operation} {model} takes one of the groups: {}.",
                acl.groups.join(", ")
            )
        };
        return Ok(refused("acl", reason));
    }
    let reason = if acl.rules.is_empty() {
        "Odoo's model access grants it, for every record.".to_owned()
    } else {
        "Odoo's model access grants it, for the records that these record rules admit.".to_owned()
    };
    Ok(json!({"allowed": true, "layer": "acl", "reason": reason, "record_rules": acl.rules}))
}

/// Why this key cannot be used by this user, if it cannot.
fn refused_key(db: &dyn Database, uid: i64, id: i64) -> Result<Option<String>> {
    let Some(text) = db.read(API_KEY, &[id.into()])? else {
        return Ok(Some(format!("There is no API key with id {id}.")));
    };
    let key: ApiKey = serde_json::from_str(&text)
        .map_err(|error| Error::Internal(format!("key row: {error}")))?;
    Ok(if key.user_id != uid {
        Some(format!("The API key {id} belongs to another user."))
    } else if key.expired {
        Some(format!("The API key {id} has expired."))
    } else {
        key.scope
            .filter(|scope| !["rpc", "mcp"].contains(&scope.as_str()))
            .map(|scope| format!("The API key {id} is for {scope:?} only."))
    })
}
