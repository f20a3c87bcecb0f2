//! An audit row as the texts of its columns, and the HMAC over them. The HMAC reveals an altered or forged row.

use super::key::Key;
use crate::error::Result;
use crate::pg::{Database, Param};
use crate::wire::auth_context::Secret;
use serde_json::Value;
use std::borrow::Cow;

/// The columns in the order of the insert statements. Append columns of later versions.
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

/// The column texts of a row, in the order of [`COLUMNS`]; `None` is NULL.
pub type Texts<'a> = [Option<Cow<'a, str>>; COLUMNS.len()];

/// The column texts of an object with column names as keys; ignores other keys.
pub fn of_object(row: &Value) -> Texts<'_> {
    COLUMNS.map(|name| text(&row[name]))
}

/// The column text of a value.
pub fn text(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.into()),
        other => Some(other.to_string().into()),
    }
}

/// Insert a row and its HMAC with one of the insert statements. Returns the result of the statement.
///
/// # Errors
/// Errors from PostgreSQL; a missing key. No row is written without its HMAC.
pub fn write(
    db: &dyn Database,
    insert: &'static str,
    row: &Texts,
    key: Option<&Secret>,
) -> Result<Option<String>> {
    let key = match key {
        Some(Secret(secret)) => Key::new(secret)?,
        None => Key::read(db)?,
    };
    let mac = key.mac(row);
    let texts = row.iter().map(|text| Param::from(text.as_deref()));
    let params: Vec<Param> = texts.chain([Param::from(mac.as_str())]).collect();
    db.write(insert, &params)
}
