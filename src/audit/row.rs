//! An audit row as its columns' texts, and the HMAC over them: it shows a row that was altered, or put in by somebody
//! without the secret.

use super::key::Key;
use crate::error::Result;
use crate::pg::{Database, Param};
use crate::wire::pass::Secret;
use serde_json::Value;

/// The columns in the order of the insert statements. Columns of a later version come at the end.
pub const COLUMNS: [&str; 32] = [
    "call_id",
    "create_date",
    "user_id",
    "login",
    "api_key_id",
    "api_key_name",
    "session_id",
    "client_name",
    "client_version",
    "protocol_version",
    "http_method",
    "method",
    "tool",
    "resource_uri",
    "prompt",
    "model",
    "record_ids",
    "request",
    "status",
    "http_status",
    "error_code",
    "error",
    "row_count",
    "response_bytes",
    "remote_addr",
    "user_agent",
    "duration_ms",
    "path",
    "door",
    "refusal",
    "forwarded",
    "changes",
];

/// Insert a row with its HMAC by one of the insert statements. Its members are named like the columns; the others
/// are left out. Gives what the statement returns.
///
/// # Errors
/// What PostgreSQL refuses: without its HMAC no row is written.
pub fn write(
    db: &dyn Database,
    insert: &'static str,
    row: &Value,
    key: Option<&Secret>,
) -> Result<Option<String>> {
    let texts: Vec<Option<String>> = COLUMNS.iter().map(|name| text(&row[name])).collect();
    let key = match key {
        Some(Secret(secret)) => Key::new(secret)?,
        None => Key::read(db)?,
    };
    let mac = key.mac(&texts);
    let mut params: Vec<Param> = texts
        .iter()
        .map(|text| Param::from(text.as_deref()))
        .collect();
    params.push(Param::from(mac.as_str()));
    db.write(insert, &params)
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}
