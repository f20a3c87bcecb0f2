//! Digests of JSON values that do not depend on the order of members.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;
use sha2::{Digest, Sha256};

/// The SHA-256 of a JSON value with its members sorted by name, as base64url. Equal values have equal digests.
pub fn digest(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(sorted(value).to_string()))
}

fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(object) => {
            let mut members: Vec<_> = object.iter().collect();
            members.sort_by_key(|(key, _)| *key);
            let members = members.into_iter();
            Value::Object(members.map(|(k, v)| (k.clone(), sorted(v))).collect())
        }
        Value::Array(items) => items.iter().map(sorted).collect(),
        other => other.clone(),
    }
}
