//! Maintenance of the audit log: seals finished rows and deletes expired ones. In a copied database it makes new
//! secrets and starts a new chain of seals.

use super::key::Keys;
use super::seal::{self, Seal, fresh};
use super::{now, timestamp, verify};
use crate::error::{Error, Result};
use crate::pg::{Database, Param, limited};
use serde_json::{Value, json};

const DUE: &str = sql!("audit/seals_due");
const RETIRE: &str = sql!("audit/retire");
const FLAG: &str = sql!("audit/retention_flag");
const RENEW_LOCK: &str = sql!("audit/renew_lock");
const RENEW: &str = sql!("audit/renew");
const ADOPT: &str = sql!("audit/adopt");
/// Maximum number of seal ranges that one run deletes.
const MOST_RETIRED: usize = 5;
/// Maximum wait, in milliseconds, of a renewal for transactions that have read the key.
const RENEWAL_MS: u64 = 5_000;

/// Seal finished rows and delete expired ones, a limited number of each. Writes the results into `report`; its `more`
/// says that another run has work left.
///
/// # Errors
/// Errors from PostgreSQL.
pub fn maintain(db: &dyn Database, days: i64, report: &mut Value) -> Result<()> {
    report["audit_rows_deleted"] = json!(0);
    report["more"] = json!(false);
    if let Some(why) = seal::begin(db)? {
        report["sealing_put_off"] = json!(why);
        return Ok(());
    }
    let mut keys = Keys::read(db, true)?;
    if keys.database_uuid.is_none() && keys.current_uuid.is_some() {
        db.write(ADOPT, &[])?;
        keys.database_uuid.clone_from(&keys.current_uuid);
    }
    if keys.are_of_another_database() {
        report["copy"] = json!(true);
        if renew(db, &keys)? {
            report["more"] = json!(true);
        } else {
            report["sealing_put_off"] =
                json!("this database is a copy, and others are using the secrets it has to renew");
        }
        return Ok(());
    }
    let key = keys.key()?;
    let sealed = seal::seal(db, &key, keys.since, keys.current_uuid.as_deref())?;
    sealed.add_to(report);
    let (rows, more) = retire(db, &keys, days, report)?;
    report["audit_rows_deleted"] = json!(rows);
    report["more"] = json!(sealed.more || more);
    Ok(())
}

/// Create new secrets for a copied database. False if other transactions hold the key.
fn renew(db: &dyn Database, keys: &Keys) -> Result<bool> {
    // With this lock no other transaction reads the key until the end of this one, which does nothing else.
    let locked = limited(db, RENEWAL_MS, || db.write(RENEW_LOCK, &[]));
    match locked {
        Ok(_) => {}
        Err(Error::Database { .. }) => return Ok(false),
        Err(error) => return Err(error),
    }
    with_retention(db, || db.write(RENEW, &[]))?;
    db.log(&format!(
        "odoo_mcp: this database was copied from {} and is now {}: new secrets, and a new chain of audit seals",
        keys.database_uuid.as_deref().unwrap_or_default(),
        keys.current_uuid.as_deref().unwrap_or_default()
    ));
    Ok(true)
}

/// Run `step` while the setting `odoo_mcp.audit_retention` makes the triggers of the audit tables allow changes. After
/// an error the setting stays until the transaction rolls back.
fn with_retention<R>(db: &dyn Database, step: impl FnOnce() -> Result<R>) -> Result<R> {
    db.write(FLAG, &["on".into()])?;
    let done = step()?;
    db.write(FLAG, &["off".into()])?;
    Ok(done)
}

/// Delete the rows of expired seal ranges, each as a whole. A range that differs from its seal stays, as evidence.
fn retire(db: &dyn Database, keys: &Keys, days: i64, report: &mut Value) -> Result<(i64, bool)> {
    let key = keys.key()?;
    let most = i64::try_from(MOST_RETIRED).unwrap_or(1) + 1;
    let mut seen = 0;
    let mut retired = 0;
    let mut deleted = 0;
    let mut kept = Vec::new();
    loop {
        let due: Vec<Seal> =
            fresh(db, DUE, &[days.into(), most.into(), Param::from(seen)])?.unwrap_or_default();
        if due.is_empty() {
            break;
        }
        for seal in due {
            if retired == MOST_RETIRED {
                return Ok((deleted, true));
            }
            seen = seal.id;
            if seal.mac != seal.made_by(&key) || verify::check_range(db, &key, &seal)?.1.is_some() {
                db.log(&format!(
                    "odoo_mcp: audit seal {} is not as it was made, or its rows are not: they are kept",
                    seal.id
                ));
                kept.push(seal.id);
                continue;
            }
            let at = timestamp(now()).unwrap_or_default();
            let mac = seal.retired_by(&key, &at);
            let params = [
                seal.id.into(),
                seal.first_id.into(),
                seal.last_id.into(),
                at.as_str().into(),
                mac.as_str().into(),
            ];
            let count = with_retention(db, || db.write(RETIRE, &params))?;
            deleted += count.and_then(|text| text.parse::<i64>().ok()).unwrap_or(0);
            retired += 1;
        }
    }
    if !kept.is_empty() {
        report["kept_as_evidence"] = json!(kept);
    }
    Ok((deleted, false))
}
