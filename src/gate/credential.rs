//! Which user a credential stands for (docs/exchange.md, "The request" and "Steps").

use super::facts::{Facts, Key, Subject};
use crate::error::{Error, Result, code};
use crate::wire::http::{Claim, Credential, Request};
use serde_json::{Value, json};

/// Seconds for which a proven password is believed, if nothing that Odoo's session token depends on changes.
const PASSWORD_SECONDS: i64 = 300;

/// The outcome of looking at a credential.
pub enum Decision {
    Known {
        user: Subject,
        key: Option<Key>,
    },
    /// Ask the addon to verify; `expected` are the only claims that may come back.
    Verify {
        step: Value,
        expected: Vec<Claim>,
    },
}

impl Credential {
    /// What was proven before.
    pub fn claim(&self) -> Option<Claim> {
        match self {
            Self::Bearer { claim, .. } | Self::Basic { claim, .. } => claim.clone(),
            Self::Malformed { .. } => None,
        }
    }
}

/// Find the user of a claim among the rows of now, or say what must be verified.
///
/// # Errors
/// 400 for a malformed header, 401 for the rest.
pub fn decide(
    request: &Request,
    claim: Option<Claim>,
    facts: &Facts,
    fresh: bool,
) -> Result<Decision> {
    let (index, basic_login) = match &request.credential {
        None => return Err(missing()),
        Some(Credential::Malformed { reason }) => return Err(malformed(reason)),
        Some(Credential::Bearer { index, .. }) => (index, None),
        Some(Credential::Basic { login, index, .. }) => (index, Some(login.as_str())),
    };
    let usable: Vec<&Key> = facts
        .keys
        .iter()
        .filter(|key| facts.settings.accept_plain_keys || key.scope.as_deref() == Some("mcp"))
        .filter(|key| facts.user(key.user_id).is_some_and(|user| user.active))
        .filter(|key| {
            // Basic names the user too: the key must be that user's own.
            basic_login.is_none_or(|login| {
                facts
                    .user(key.user_id)
                    .is_some_and(|user| user.login == login)
            })
        })
        .collect();
    match claim {
        Some(Claim::Key { id, digest }) => {
            let key = usable
                .iter()
                .find(|key| key.id == id && key.digest == digest);
            if let Some(key) = key
                && let Some(user) = facts.user(key.user_id)
            {
                return Ok(Decision::Known {
                    user: user.clone(),
                    key: Some((*key).clone()),
                });
            }
        }
        Some(Claim::Password { uid, digest, .. }) => {
            let user = facts.user(uid).filter(|user| user.active);
            if let Some(user) = user
                && basic_login.is_some()
                && (fresh || user.digest.as_deref() == Some(digest.as_str()))
            {
                return Ok(Decision::Known {
                    user: user.clone(),
                    key: None,
                });
            }
        }
        None => {}
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
        return Ok(Decision::Verify {
            step: json!({"kind": "verify_key", "candidates": candidates}),
            expected,
        });
    }
    match basic_login {
        Some(login) if index.is_none() => Ok(Decision::Verify {
            step: json!({"kind": "verify_password", "login": login}),
            expected: Vec::new(),
        }),
        _ => Err(wrong()),
    }
}

/// The claim that the addon's verification amounts to.
pub fn proven(outcome: &Value, expected: &[Claim]) -> Option<Claim> {
    if let Some(id) = outcome.get("key_id").and_then(Value::as_i64) {
        return expected
            .iter()
            .find(|claim| matches!(claim, Claim::Key { id: known, .. } if *known == id))
            .cloned();
    }
    // Keys were to be verified: a password may not come back in their place.
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

/// What the addon may remember, so that the next request need not verify again. `fields` are those that the proof of a
/// password depends on; there are none where the password is not Odoo's own.
pub fn remember(user: &Subject, key: Option<&Key>, fields: &[String]) -> Option<Value> {
    if let Some(key) = key {
        let claim = Claim::Key {
            id: key.id,
            digest: key.digest.clone(),
        };
        return Some(json!({"seconds": null, "claim": claim}));
    }
    let claim = Claim::Password {
        uid: user.id,
        fields: fields.to_vec(),
        digest: user.digest.clone()?,
    };
    Some(json!({"seconds": PASSWORD_SECONDS, "claim": claim}))
}

fn missing() -> Error {
    Error::protocol(
        401,
        code::REFUSED,
        "Authentication is required: send \"Authorization: Bearer <Odoo API key>\".",
    )
}

/// One text for whatever is wrong: who guesses learns nothing.
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
