//! What the gate gives to those who may enter, carried by the addon from one function to the next.

use crate::error::{Error, Result};
use crate::odoo::settings::Settings;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Handed to the addon and back within one exchange; it holds no secret, and a client never sees it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Pass {
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
}

impl Pass {
    /// Read a pass back.
    ///
    /// # Errors
    /// [`Error::Internal`] when it is not one.
    pub fn from_json(value: &Value) -> Result<Self> {
        Self::deserialize(value).map_err(|error| Error::Internal(format!("pass: {error}")))
    }
}
