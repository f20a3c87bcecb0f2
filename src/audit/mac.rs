//! The HMAC of an audit row: it shows a row that was altered, or put in by somebody without the secret.

use crate::error::{Error, Result};
use crate::pg::{Database, Param, read_json};
use hmac::{Hmac, KeyInit, Mac};
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::Sha256;

const CANONICAL: &str = include_str!("../../sql/audit_canonical.sql");
const VERIFY: &str = include_str!("../../sql/audit_verify.sql");
/// Rows that `verify` holds at a time.
const BATCH: i64 = 5_000;

#[derive(Deserialize)]
struct Canonical {
    secret: String,
    canonical: String,
}

/// Insert a row with its HMAC by one of the insert statements.
///
/// # Errors
/// What PostgreSQL refuses: without its HMAC no row is written.
pub fn write(db: &dyn Database, insert: &'static str, row: &Value) -> Result<()> {
    let Canonical { secret, canonical } = read_json(db, CANONICAL, &[Param::from(row)])?;
    let mac = hex(&keyed(&secret, &canonical)?.finalize().into_bytes());
    db.write(insert, &[Param::from(row), Param::from(mac.as_str())])
        .map(drop)
}

fn keyed(secret: &str, canonical: &str) -> Result<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes())
        .map_err(|_| Error::Internal("the audit secret is no HMAC key".into()))?;
    mac.update(canonical.as_bytes());
    Ok(mac)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[derive(Deserialize)]
struct Batch {
    secret: String,
    rows: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    id: i64,
    call_id: String,
    mac: Option<String>,
    canonical: String,
}

/// `mcp_audit_verify`: `{"ok": true, "rows": n}`, or `{"ok": false, "rows": n, "id", "call_id", "what"}` for the first row,
/// in the order of ids, that is not as it was written. It cannot see that a whole row was deleted.
///
/// # Errors
/// What PostgreSQL refuses.
pub fn verify(db: &dyn Database) -> Result<Value> {
    let mut last = 0;
    let mut checked = 0;
    loop {
        let batch: Batch = read_json(db, VERIFY, &[last.into(), BATCH.into()])?;
        for row in &batch.rows {
            let what = match &row.mac {
                None => Some("inserted"),
                Some(mac)
                    if *mac
                        != hex(&keyed(&batch.secret, &row.canonical)?
                            .finalize()
                            .into_bytes()) =>
                {
                    Some("altered")
                }
                Some(_) => None,
            };
            if let Some(what) = what {
                return Ok(json!({
                    "ok": false, "rows": checked, "id": row.id, "call_id": row.call_id, "what": what}));
            }
            checked += 1;
            last = row.id;
        }
        if batch.rows.is_empty() {
            return Ok(json!({"ok": true, "rows": checked}));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hmac_is_that_of_rfc_4231() {
        // Test case 2.
        let mac = keyed("Jefe", "what do ya want for nothing?").unwrap();
        let expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(hex(&mac.finalize().into_bytes()), expected);
    }
}
