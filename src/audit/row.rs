//! An audit row as its columns' texts, and the HMAC over them: it shows a row that was altered, or put in by somebody
//! without the secret.

use crate::error::{Error, Result};
use crate::pg::{Database, Param, read_json};
use hmac::{Hmac, KeyInit, Mac};
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::Sha256;

const SECRET: &str = include_str!("../../sql/audit_secret.sql");
const VERIFY: &str = include_str!("../../sql/audit_verify.sql");
/// Rows that `verify` holds at a time.
const BATCH: i64 = 5_000;

/// The columns in the order of the insert statements.
pub const COLUMNS: [&str; 31] = [
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
];

/// Insert a row with its HMAC by one of the insert statements. Its members are named like the columns; the others
/// are left out. Gives what the statement returns.
///
/// # Errors
/// What PostgreSQL refuses: without its HMAC no row is written.
pub fn write(db: &dyn Database, insert: &'static str, row: &Value) -> Result<Option<String>> {
    let texts: Vec<Option<String>> = COLUMNS.iter().map(|name| text(&row[name])).collect();
    let mac = mac(&key(db)?, &texts);
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

/// HMAC-SHA256 over the columns, each with its number and length, so that no text can pass for two. Columns without a
/// value do not count: a column of a later version leaves old rows as they were.
fn mac(key: &Hmac<Sha256>, texts: &[Option<String>]) -> String {
    let mut mac = key.clone();
    for (number, text) in texts.iter().enumerate() {
        if let Some(text) = text {
            mac.update(format!("{number}:{}:", text.len()).as_bytes());
            mac.update(text.as_bytes());
        }
    }
    let bytes = mac.finalize().into_bytes();
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Read anew for each row: reinstalling the addon makes a new secret, and backends outlive that.
fn key(db: &dyn Database) -> Result<Hmac<Sha256>> {
    let secret = db
        .read(SECRET, &[])?
        .ok_or_else(|| Error::Internal("the audit has no secret: update the addon".into()))?;
    Hmac::<Sha256>::new_from_slice(secret.as_bytes())
        .map_err(|_| Error::Internal("the audit secret is no HMAC key".into()))
}

#[derive(Deserialize)]
struct Stored {
    id: i64,
    call_id: String,
    mac: Option<String>,
    columns: Vec<Option<String>>,
}

/// `mcp_audit_verify`: `{"ok": true, "rows": n}`, or `{"ok": false, "rows": n, "id", "call_id", "what"}` for the first row,
/// in the order of ids, that is not as it was written. It cannot see that a whole row was deleted.
///
/// # Errors
/// What PostgreSQL refuses.
pub fn verify(db: &dyn Database) -> Result<Value> {
    let key = key(db)?;
    let mut last = 0;
    let mut checked = 0;
    loop {
        let batch: Vec<Stored> = read_json(db, VERIFY, &[Param::from(last), BATCH.into()])?;
        for row in &batch {
            let what = match &row.mac {
                None => Some("inserted"),
                Some(stored) if *stored != mac(&key, &row.columns) => Some("altered"),
                Some(_) => None,
            };
            if let Some(what) = what {
                return Ok(json!({
                    "ok": false, "rows": checked, "id": row.id, "call_id": row.call_id, "what": what}));
            }
            checked += 1;
            last = row.id;
        }
        if batch.is_empty() {
            return Ok(json!({"ok": true, "rows": checked}));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_cannot_change_places_or_columns() {
        let key = Hmac::<Sha256>::new_from_slice(b"secret").unwrap();
        let text = |text: &str| Some(text.to_owned());
        let rows = [
            [text("ab"), text("c"), None],
            [text("a"), text("bc"), None],
            [text("ab"), None, text("c")],
            [text("ab"), text("c"), text("")],
            [text("ab1:1:c"), None, None],
        ];
        let macs: Vec<String> = rows.iter().map(|row| mac(&key, row)).collect();
        for (at, one) in macs.iter().enumerate() {
            assert!(!macs[..at].contains(one), "{:?}", rows[at]);
        }
        assert_eq!(mac(&key, &rows[0]), macs[0]);
    }
}
