//! Seals: an HMAC chain over ranges of finished audit rows. The HMAC of a row reveals an altered row; a seal reveals a
//! row deleted or inserted later.

use super::clock::{now, timestamp};
use super::key::Key;
use crate::error::{Error, Result};
use crate::pg::{Database, Param};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::HashSet;

const BEGIN: &str = sql!("audit/seal_begin");
const LAST: &str = sql!("audit/seal_last");
const HORIZON: &str = sql!("audit/seal_horizon");
const WRITERS: &str = sql!("audit/seal_writers");
const WAIT: &str = sql!("audit/seal_wait");
const NEXT: &str = sql!("audit/seal_next");
const INSERT: &str = sql!("audit/seal_insert");

/// Maximum number of rows in one seal.
const MOST_ROWS: i64 = 5_000;
/// Maximum number of seals in one run; the next run continues.
const MOST_SEALS: usize = 20;
/// Seconds after which the row of a refusal is final: requests that began in its minute still increase its count.
const REFUSALS_OPEN_SECONDS: i64 = 180;
/// Seconds of one wait for the transactions that were writing at the start; a run waits at most 100 times.
const WAIT_SECONDS: &str = "0.02";
const MOST_WAITS: usize = 100;

/// A row of the table `mcp_audit_seal`; the addon's `schema.sql` describes the columns.
#[derive(Debug, Clone, Deserialize)]
pub struct Seal {
    pub id: i64,
    pub create_date: String,
    pub first_id: i64,
    pub last_id: i64,
    pub row_count: i64,
    pub ids: String,
    pub counts: String,
    pub digest: String,
    pub newest: String,
    pub since: i64,
    pub previous: Option<String>,
    #[serde(default)]
    pub mac: String,
    #[serde(default)]
    pub retired_at: Option<String>,
    #[serde(default)]
    pub retired_mac: Option<String>,
}

impl Seal {
    /// The columns in the order of the insert statement, without the seal's HMAC.
    fn texts(&self) -> [Option<String>; 11] {
        [
            Some(self.id.to_string()),
            Some(self.create_date.clone()),
            Some(self.first_id.to_string()),
            Some(self.last_id.to_string()),
            Some(self.row_count.to_string()),
            Some(self.ids.clone()),
            Some(self.counts.clone()),
            Some(self.digest.clone()),
            Some(self.newest.clone()),
            Some(self.since.to_string()),
            self.previous.clone(),
        ]
    }

    /// The expected `mac`.
    pub fn made_by(&self, key: &Key) -> String {
        let mut texts = vec![Some("seal".to_owned())];
        texts.extend(self.texts());
        key.mac(&texts)
    }

    /// The expected `retired_mac`.
    pub fn retired_by(&self, key: &Key, at: &str) -> String {
        key.mac(&[
            Some("retired".to_owned()),
            Some(self.mac.clone()),
            Some(at.to_owned()),
        ])
    }

    /// The expected head HMAC while this is the last seal.
    pub fn as_head(&self, key: &Key) -> String {
        key.mac(&[
            Some("head".to_owned()),
            Some(self.id.to_string()),
            Some(self.mac.clone()),
        ])
    }
}

#[derive(Deserialize)]
struct Last {
    id: i64,
    last_id: i64,
    mac: String,
}

#[derive(Deserialize)]
struct SealRange {
    last_id: i64,
    row_count: i64,
    ids: String,
    counts: String,
    digest: String,
    newest: String,
}

/// The result of a sealing run.
#[derive(Debug, Default)]
pub struct Sealed {
    pub seals: usize,
    pub rows: i64,
    /// More rows are ready to seal.
    pub more: bool,
    /// The reason why nothing could be sealed.
    pub put_off: Option<&'static str>,
}

/// The reason why this transaction may not seal and retire, or `None`.
///
/// # Errors
/// Errors from PostgreSQL.
pub fn begin(db: &dyn Database) -> Result<Option<&'static str>> {
    Ok(match db.write(BEGIN, &[])?.as_deref() {
        Some("go") => None,
        Some("isolation") => Some("the transaction's isolation is not READ COMMITTED"),
        _ => Some("another maintenance is running"),
    })
}

/// Seal finished rows. `key` and `since` come from the secret's row, `uuid` is the database's.
///
/// # Errors
/// Errors from PostgreSQL.
pub fn seal(db: &dyn Database, key: &Key, since: i64, uuid: Option<&str>) -> Result<Sealed> {
    let mut sealed = Sealed::default();
    let mut last: Option<Last> = fresh(db, LAST, &[])?;
    let done = last.as_ref().map_or(0, |last| last.last_id);
    let horizon = db.write(HORIZON, &[done.into(), REFUSALS_OPEN_SECONDS.into()])?;
    let horizon: i64 = horizon.and_then(|text| text.parse().ok()).unwrap_or(0);
    if horizon <= done {
        return Ok(sealed);
    }
    if !writers_are_gone(db)? {
        sealed.put_off = Some("a transaction that writes the audit log is still open");
        return Ok(sealed);
    }
    loop {
        let first_id = last.as_ref().map_or(1, |last| last.last_id + 1);
        let params = [first_id.into(), horizon.into(), MOST_ROWS.into()];
        let Some(range) = fresh::<SealRange>(db, NEXT, &params)? else {
            return Ok(sealed);
        };
        if sealed.seals == MOST_SEALS {
            sealed.more = true;
            return Ok(sealed);
        }
        let mut made = Seal {
            id: last.as_ref().map_or(1, |last| last.id + 1),
            create_date: timestamp(now()).unwrap_or_default(),
            first_id,
            last_id: range.last_id,
            row_count: range.row_count,
            ids: range.ids,
            counts: range.counts,
            digest: range.digest,
            newest: range.newest,
            since,
            previous: last.take().map(|last| last.mac),
            mac: String::new(),
            retired_at: None,
            retired_mac: None,
        };
        made.mac = made.made_by(key);
        insert(db, key, &made)?;
        db.log(&format!(
            "odoo_mcp: audit seal {} of database {}: {} rows with ids {} to {}, head {}",
            made.id,
            uuid.unwrap_or("without uuid"),
            made.row_count,
            made.first_id,
            made.last_id,
            made.mac
        ));
        sealed.seals += 1;
        sealed.rows += made.row_count;
        last = Some(Last {
            id: made.id,
            last_id: made.last_id,
            mac: made.mac,
        });
    }
}

fn insert(db: &dyn Database, key: &Key, seal: &Seal) -> Result<()> {
    let texts = seal.texts();
    let head = seal.as_head(key);
    let mut params: Vec<Param> = texts
        .iter()
        .map(|text| Param::from(text.as_deref()))
        .collect();
    params.extend([Param::from(seal.mac.as_str()), Param::from(head.as_str())]);
    db.write(INSERT, &params).map(drop)
}

/// Wait until every transaction has ended that was writing the audit log at the start. Only then can no further row
/// appear with an id that the sequence had issued by then. (The age of transaction ids cannot show that: a transaction
/// takes an id from the sequence before it gets a transaction id.)
fn writers_are_gone(db: &dyn Database) -> Result<bool> {
    let writers = || -> Result<HashSet<String>> {
        Ok(fresh::<HashSet<String>>(db, WRITERS, &[])?.unwrap_or_default())
    };
    let mut waited_for = writers()?;
    for _ in 0..MOST_WAITS {
        if waited_for.is_empty() {
            return Ok(true);
        }
        db.write(WAIT, &[WAIT_SECONDS.into()])?;
        let still = writers()?;
        waited_for.retain(|writer| still.contains(writer));
    }
    Ok(waited_for.is_empty())
}

/// The JSON row of a statement, read with a newer snapshot than that of the running statement. None without a row.
///
/// # Errors
/// Errors from PostgreSQL.
pub fn fresh<T: serde::de::DeserializeOwned>(
    db: &dyn Database,
    sql: &'static str,
    params: &[Param],
) -> Result<Option<T>> {
    let Some(text) = db.write(sql, params)? else {
        return Ok(None);
    };
    serde_json::from_str(&text)
        .map(Some)
        .map_err(|error| Error::Internal(format!("audit seals: {error}")))
}

impl Sealed {
    /// Add the result to the maintenance report.
    pub fn add_to(&self, report: &mut Value) {
        report["seals"] = json!(self.seals);
        report["rows_sealed"] = json!(self.rows);
        if let Some(why) = self.put_off {
            report["sealing_put_off"] = json!(why);
        }
    }
}
