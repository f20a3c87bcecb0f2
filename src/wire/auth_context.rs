//! The authentication context: what the gate found out about the caller. The addon carries it from one statement to the
//! next.

use crate::error::{Error, Result};
use crate::odoo::settings::Settings;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Handed to the addon and back within one exchange; it holds no secret, and a client never sees it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AuthContext {
    pub uid: i64,
    pub login: String,
    /// Null: signed in with the password.
    pub api_key_id: Option<i64>,
    pub api_key_name: Option<String>,
    pub settings: Settings,
    /// The allowed Origin of the request.
    pub cors: Option<String>,
    /// When the request came in, microseconds since 1970.
    pub started: i64,
    /// How much of the body the addon may read.
    pub max_body_bytes: i64,
    /// What a message still has to take a token from; none: it has, or there is no limit.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub buckets: Vec<Bucket>,
    /// Version of the catalogue of tools and resources, while the statement lasts in which the gate has read it.
    #[serde(skip)]
    pub catalogue: Option<String>,
    /// Whether the key has a scope; it counts where the catalogue is known.
    #[serde(skip)]
    pub scoped: bool,
    /// What HMACs of the audit are made with, while the statement lasts in which the gate has read it.
    #[serde(skip)]
    pub secret: Option<Secret>,
}

/// A secret that nobody prints by accident, nor hands on as JSON.
#[derive(Clone)]
pub struct Secret(pub String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret")
    }
}

/// A bucket of tokens: one for each message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Bucket {
    pub holder: String,
    /// Tokens that come in a minute.
    pub per_minute: i64,
    /// Tokens that it holds.
    pub burst: i64,
}

/// The name of a user's limits.
pub fn holder_of_user(id: i64) -> String {
    format!("user {id}")
}

/// The name of an API key's limits.
pub fn holder_of_key(id: i64) -> String {
    format!("key {id}")
}

impl AuthContext {
    /// Whose calls at a time are counted: the API key's, or the user's who came with the password.
    pub fn holder(&self) -> String {
        match self.api_key_id {
            Some(id) => holder_of_key(id),
            None => holder_of_user(self.uid),
        }
    }

    /// Read a pass back.
    ///
    /// # Errors
    /// [`Error::Internal`] when it is not one.
    pub fn from_json(value: &Value) -> Result<Self> {
        Self::deserialize(value).map_err(|error| Error::Internal(format!("pass: {error}")))
    }
}
