//! The authentication context: the gate's facts about the caller. The addon passes it from one statement to the next.

use super::principal::Principal;
use crate::error::{Error, Result};
use crate::odoo::settings::Settings;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Goes to the addon and back within one exchange. It contains no secret, and a client never sees it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AuthContext {
    pub principal: Principal,
    pub login: String,
    pub api_key_name: Option<String>,
    pub settings: Settings,
    /// The allowed Origin of the request.
    pub cors: Option<String>,
    /// Arrival of the request, in microseconds since 1970.
    pub started: i64,
    /// Maximum number of body bytes that the addon may read.
    pub max_body_bytes: i64,
    /// The buckets that the message must still take a token from. Empty after that, or without a limit.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub buckets: Vec<Bucket>,
    /// The catalogue version; only within the statement in which the gate has read it.
    #[serde(skip)]
    pub catalogue: Option<String>,
    /// Whether the key has a scope; only valid if the catalogue is known.
    #[serde(skip)]
    pub scoped: bool,
    /// The HMAC secret of the audit; only within the statement in which the gate has read it.
    #[serde(skip)]
    pub secret: Option<Secret>,
}

/// A secret that cannot be printed or serialized by accident.
#[derive(Clone)]
pub struct Secret(pub String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret")
    }
}

/// A token bucket; each message takes one token.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Bucket {
    pub holder: String,
    /// Tokens added per minute.
    pub per_minute: i64,
    /// Maximum number of tokens.
    pub burst: i64,
}

impl AuthContext {
    /// Parse an authentication context that the addon has returned.
    ///
    /// # Errors
    /// [`Error::Internal`] if it is malformed.
    pub fn from_json(value: &Value) -> Result<Self> {
        Self::deserialize(value).map_err(|error| Error::Internal(format!("pass: {error}")))
    }
}
