//! `mcp_check_access`: whether a user may do an operation, and the first reason for a refusal.

use crate::error::{Error, Result};
use crate::odoo::models::{Models, known};
use crate::odoo::settings::Settings;
use crate::odoo::user::User;
use crate::pg::{Database, Param, read_json};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::restrictions::{Policy, Switches};
use super::verdict::{Layer, Operation, Refusal};

const ACL: &str = sql!("fragments/held_groups", "policy/acl");
const FIELD_GROUPS: &str = sql!("fragments/held_groups", "policy/field_groups");
const API_KEY: &str = sql!("policy/api_key");
/// The text for an operation that needs confirmation.
pub const TO_CONFIRM: &str =
    "Each call must be confirmed before it is done: by a person where the client can ask one.";
/// Operations on records.
pub const OPERATIONS: [&str; 4] = ["read", "write", "create", "unlink"];

#[derive(Deserialize)]
struct KeyOwner {
    user_id: i64,
    scope: Option<String>,
    expired: bool,
}

#[derive(Deserialize)]
struct Acl {
    allowed: bool,
    /// Groups that grant the operation.
    groups: Vec<String>,
    /// Record rules that restrict the operation for this user.
    rules: Vec<String>,
}

/// Whether user `uid` may do `operation` (`read`, `write`, `create`, `unlink`, `call`) on `model` and use its `fields`.
/// Returns `{"allowed", "layer", "reason"}` and, where allowed, the record rules that select the records. With
/// `api_key_id`, the verdict is for calls with that key of the user.
///
/// # Errors
/// An unknown operation; errors from PostgreSQL.
pub fn check(
    db: &dyn Database,
    uid: i64,
    model: &str,
    operation: &str,
    fields: &[String],
    api_key_id: Option<i64>,
) -> Result<Value> {
    known_operation(operation)?;
    let mut user = match User::read(db, uid) {
        Ok(user) => user,
        Err(Error::Tool { message, .. }) => return Ok(refused("user", message)),
        Err(error) => return Err(error),
    };
    if let Some(id) = api_key_id
        && let Some(reason) = refused_key(db, uid, id)?
    {
        return Ok(refused("api_key", reason));
    }
    let switches = switches(db)?;
    let policy = Policy::load(db, &mut user, api_key_id, switches)?;
    verdict(db, &user, &policy, model, operation, fields)
}

fn known_operation(operation: &str) -> Result<Operation> {
    Operation::parse(operation).ok_or_else(|| {
        Error::bad_arguments(format!(
            "operation: {operation:?} is none of {}.",
            Operation::ALL.map(Operation::as_str).join(", ")
        ))
    })
}

fn refused(layer: &str, reason: String) -> Value {
    json!({"allowed": false, "layer": layer, "reason": reason})
}

fn refused_by(refusal: &Refusal) -> Value {
    refused(refusal.layer.as_str(), refusal.reason.clone())
}

/// The current values of the settings that affect a verdict.
fn switches(db: &dyn Database) -> Result<Switches> {
    Ok((&Settings::read(db)?).into())
}

/// The verdict for a user whose policy is loaded, in the format of [`check`].
///
/// # Errors
/// An unknown operation; errors from PostgreSQL.
pub fn verdict(
    db: &dyn Database,
    user: &User,
    policy: &Policy,
    model: &str,
    operation: &str,
    fields: &[String],
) -> Result<Value> {
    let wanted = known_operation(operation)?;
    if let Some(dead) = policy.dead() {
        return Ok(refused_by(dead));
    }
    let models = Models::new(db, user, policy);
    let described = match models.model(model) {
        Ok(described) => described,
        Err(Error::Tool { message, .. }) => return Ok(refused("model", message)),
        Err(error) => return Err(error),
    };
    // A closed model stays closed whatever Odoo grants.
    let refusal = policy.refusal(model, wanted)?;
    if let Some(refusal) = &refusal
        && refusal.layer == Layer::Closed
    {
        return Ok(refused_by(refusal));
    }
    // Odoo has no access right for calling a method.
    let acl = match wanted {
        Operation::Call => None,
        _ => Some(acl(db, user, model, operation)?),
    };
    // Odoo's superuser passes every check (Environment: uid 1 is always su).
    if let Some(acl) = &acl
        && !acl.allowed
        && user.id != 1
    {
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
    if let Some(refusal) = &refusal {
        return Ok(refused_by(refusal));
    }
    let groups: Map<String, Value> = match fields {
        [] => Map::new(),
        fields => {
            let names = json!(fields);
            let params = [user.id.into(), model.into(), Param::from(&names)];
            read_json(db, FIELD_GROUPS, &params)?
        }
    };
    for field in fields {
        if let Some(names) = groups.get(field).filter(|_| user.id != 1) {
            let names = names.as_str().unwrap_or_default();
            return Ok(refused(
                "field_group",
                format!("The field {field:?} of {model} is for these groups only: {names}."),
            ));
        }
        if let Some(reason) = described.fields.withheld(field) {
            return Ok(refused("hidden_field", format!("{field:?}: {reason}")));
        }
        if let Err(error) = known(&described.fields, field, "fields") {
            return Ok(refused("field", error.to_string()));
        }
    }
    let rules = acl.map(|acl| acl.rules).unwrap_or_default();
    let terms = policy.terms(model);
    let reason = match (wanted, rules.is_empty()) {
        (Operation::Call, _) => "Public methods may be called; each decides what it needs.",
        (_, true) => "Odoo's model access grants it, for every record.",
        (_, false) => {
            "Odoo's model access grants it, for the records that these record rules admit."
        }
    };
    let mut facts =
        json!({"allowed": true, "layer": "acl", "reason": reason, "record_rules": rules});
    if !terms.is_empty() {
        facts["record_domain"] = json!(terms);
    }
    if policy.is_to_confirm(model, wanted, None) {
        facts["confirmation"] = json!(TO_CONFIRM);
    }
    Ok(facts)
}

fn acl(db: &dyn Database, user: &User, model: &str, operation: &str) -> Result<Acl> {
    read_json(db, ACL, &[user.id.into(), model.into(), operation.into()])
}

/// Whether Odoo's model access lets the user read a model. Ignores the policy.
///
/// # Errors
/// Errors from PostgreSQL.
pub fn odoo_lets_read(db: &dyn Database, user: &User, model: &str) -> Result<bool> {
    Ok(user.id == 1 || acl(db, user, model, "read")?.allowed)
}

/// Odoo's model access of a user for an operation on a model; `None` for an operation without such a right.
///
/// # Errors
/// Errors from PostgreSQL.
pub fn odoo_lets(
    db: &dyn Database,
    uid: i64,
    model: &str,
    operation: &str,
) -> Result<Option<bool>> {
    if !OPERATIONS.contains(&operation) {
        return Ok(None);
    }
    let acl: Acl = read_json(db, ACL, &[uid.into(), model.into(), operation.into()])?;
    Ok(Some(acl.allowed))
}

/// Whether Odoo's model access and the policy let the user read a model. False for a model that does not exist.
///
/// # Errors
/// Errors from PostgreSQL.
pub fn may_read(db: &dyn Database, user: &User, policy: &Policy, model: &str) -> Result<bool> {
    Ok(policy.may_read(model) && odoo_lets_read(db, user, model)?)
}

/// The reason why this user cannot use this key, or `None`.
fn refused_key(db: &dyn Database, uid: i64, id: i64) -> Result<Option<String>> {
    let Some(text) = db.read(API_KEY, &[id.into()])? else {
        return Ok(Some(format!("There is no API key with id {id}.")));
    };
    let key: KeyOwner = serde_json::from_str(&text)
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
