//! Finds the user of a credential (docs/exchange.md, "The request" and "Steps").

use super::snapshot::{self, ApiKey, UserRow};
use crate::error::{Error, Result, code};
use crate::odoo::settings::Settings;
use crate::pg::Database;
use crate::wire::http::{Claim, Credential, Request};
use serde_json::{Value, json};

/// Validity in seconds of a verified password, while everything that Odoo's session token depends on stays the same.
const PASSWORD_SECONDS: i64 = 300;

/// The decision on a credential.
pub enum CredentialDecision {
    Known {
        user: Box<UserRow>,
        key: Option<Box<ApiKey>>,
    },
    /// The addon must verify the credential; it may only return one of the `expected` claims.
    Verify { step: Value, expected: Vec<Claim> },
}

impl Credential {
    /// The index of an API key: its first characters.
    pub fn index(&self) -> Option<&str> {
        match self {
            Self::Bearer { index, .. } | Self::Basic { index, .. } => index.as_deref(),
            Self::Malformed { .. } => None,
        }
    }

    /// The claim verified in an earlier request.
    pub fn claim(&self) -> Option<Claim> {
        match self {
            Self::Bearer { claim, .. } | Self::Basic { claim, .. } => claim.clone(),
            Self::Malformed { .. } => None,
        }
    }
}

/// Find the user of a claim in the current rows, or decide which verification is needed. `keys` are those with the
/// credential's index. `fresh`: Odoo verified the password in this exchange.
///
/// # Errors
/// 400 for a malformed header, 401 for other bad credentials; errors from PostgreSQL.
pub fn decide(
    db: &dyn Database,
    request: &Request,
    keys: Vec<ApiKey>,
    claim: Option<&Claim>,
    settings: &Settings,
    fresh: bool,
) -> Result<CredentialDecision> {
    let (index, basic_login) = match &request.credential {
        None => return Err(missing()),
        Some(Credential::Malformed { reason }) => return Err(malformed(reason)),
        Some(Credential::Bearer { index, .. }) => (index, None),
        Some(Credential::Basic { login, index, .. }) => (index, Some(login.as_str())),
    };
    if let (
        Some(Claim::Password {
            uid,
            fields,
            digest,
        }),
        Some(login),
    ) = (claim, basic_login)
    {
        let user = snapshot::user(db, *uid, fields)?;
        let user = user.filter(|user| user.active && (fresh || user.login == login));
        if let Some(user) = user
            && (fresh || user.digest.as_deref() == Some(digest.as_str()))
        {
            return Ok(CredentialDecision::Known {
                user: Box::new(user),
                key: None,
            });
        }
    }
    if fresh {
        // The user of the accepted password does not exist in this database, or no longer.
        return Err(wrong());
    }
    let mut usable = keys;
    usable.retain(|key| {
        let scope_fits = settings.accept_plain_keys || key.scope.as_deref() == Some("mcp");
        // Basic authentication also names the user: the key must belong to that user.
        let user_fits = basic_login.is_none_or(|login| key.user.login == login);
        scope_fits && user_fits && key.user.active
    });
    if let Some(Claim::Key { id, digest }) = claim
        && let Some(at) = usable
            .iter()
            .position(|key| key.id == *id && key.digest == *digest)
    {
        let key = usable.swap_remove(at);
        return Ok(CredentialDecision::Known {
            user: Box::new(key.user.clone()),
            key: Some(Box::new(key)),
        });
    }
    if index.is_some() && !usable.is_empty() {
        let candidates: Vec<Value> = usable
            .iter()
            .map(|key| json!({"id": key.id, "hash": key.hash}))
            .collect();
        let expected = usable
            .iter()
            .map(|key| Claim::Key {
                id: key.id,
                digest: key.digest.clone(),
            })
            .collect();
        return Ok(CredentialDecision::Verify {
            step: json!({"kind": "verify_key", "candidates": candidates}),
            expected,
        });
    }
    match basic_login {
        Some(login) if index.is_none() => Ok(CredentialDecision::Verify {
            step: json!({"kind": "verify_password", "login": login}),
            expected: Vec::new(),
        }),
        _ => Err(wrong()),
    }
}

/// The claim proven by the addon's verification.
pub fn proven(outcome: &Value, expected: &[Claim]) -> Option<Claim> {
    if let Some(id) = outcome.get("key_id").and_then(Value::as_i64) {
        return expected
            .iter()
            .find(|claim| matches!(claim, Claim::Key { id: known, .. } if *known == id))
            .cloned();
    }
    // The addon was asked to verify keys: a password cannot be accepted instead.
    if !expected.is_empty() {
        return None;
    }
    let uid = outcome.get("uid").and_then(Value::as_i64)?;
    let local = outcome
        .get("local")
        .and_then(Value::as_bool)
        .unwrap_or(false);
    let fields = outcome
        .get("fields")
        .and_then(Value::as_array)
        .filter(|_| local);
    let fields = fields.map(|fields| {
        fields
            .iter()
            .filter_map(|field| field.as_str().map(str::to_owned))
            .collect()
    });
    Some(Claim::Password {
        uid,
        fields: fields.unwrap_or_default(),
        digest: String::new(),
    })
}

/// The claim for the addon's cache, so that the next request needs no verification; `None` if the request came with it.
/// `fields` are the fields that a password claim depends on; empty for a password that is not Odoo's own.
pub fn remember(
    user: &UserRow,
    key: Option<&ApiKey>,
    fields: &[String],
    known: Option<&Claim>,
) -> Option<Value> {
    let (seconds, claim) = match key {
        Some(key) => {
            let (id, digest) = (key.id, key.digest.clone());
            (None, Claim::Key { id, digest })
        }
        None => {
            let (uid, fields, digest) = (user.id, fields.to_vec(), user.digest.clone()?);
            (
                Some(PASSWORD_SECONDS),
                Claim::Password {
                    uid,
                    fields,
                    digest,
                },
            )
        }
    };
    (known != Some(&claim)).then(|| json!({"seconds": seconds, "claim": claim}))
}

fn missing() -> Error {
    Error::protocol(
        401,
        code::REFUSED,
        "Authentication is required: send \"Authorization: Bearer <Odoo API key>\".",
    )
}

/// One text for all causes, so that an attacker learns nothing.
pub fn wrong() -> Error {
    Error::protocol(
        401,
        code::REFUSED,
        "The credential is not valid here: unknown, expired or revoked, or its user is not active. Users with \
         two-factor authentication need an API key.",
    )
}

fn malformed(reason: &str) -> Error {
    let (status, message) = match reason {
        "several" => (400, "Send one Authorization header, not several."),
        "unsupported" => (
            401,
            "Use Authorization: Bearer with an Odoo API key, or Basic.",
        ),
        _ => (400, "The Authorization header is malformed."),
    };
    Error::protocol(status, code::REFUSED, message)
}
