//! Resources within a prompt's messages.

use crate::error::Result;
use serde_json::{Value, json};

/// The contents of the resource `uri`, as the user reads it: the `resource` member of an embedded resource.
///
/// # Errors
/// None yet.
pub fn read(uri: &str) -> Result<Value> {
    Ok(json!({"uri": uri, "mimeType": "text/plain", "text": uri}))
}
