//! `mcp_audit_verify`: checks that audit rows and seals are unchanged.

use super::key::{Key, Keys};
use super::seal::Seal;
use crate::error::Result;
use crate::pg::{Database, Param, read_json};
use serde::Deserialize;
use serde_json::{Value, json};

const LOCK: &str = sql!("audit/verify_lock");
const ROWS: &str = sql!("audit/verify");
const SEALS: &str = sql!("audit/seals");
const CHECK: &str = sql!("audit/seal_check");
/// Maximum number of rows in memory.
const BATCH: i64 = 5_000;
const BATCH_OF_SEALS: i64 = 100;

/// A difference from the state at writing.
#[derive(Debug, Clone, PartialEq)]
pub struct Discrepancy {
    /// `altered`, `missing` or `inserted`.
    pub what: &'static str,
    /// The id of the row.
    pub id: Option<i64>,
    pub call_id: Option<String>,
    /// The seal itself, or the seal of the row.
    pub seal: Option<i64>,
    pub detail: &'static str,
}

impl Discrepancy {
    fn row(what: &'static str, id: i64, seal: Option<i64>, detail: &'static str) -> Self {
        Self {
            what,
            id: Some(id),
            call_id: None,
            seal,
            detail,
        }
    }

    fn seal(what: &'static str, seal: i64, detail: &'static str) -> Self {
        Self {
            what,
            id: None,
            call_id: None,
            seal: Some(seal),
            detail,
        }
    }
}

#[derive(Deserialize)]
struct AuditRow {
    id: i64,
    call_id: String,
    mac: Option<String>,
    columns: Vec<Option<String>>,
}

/// The current rows of a sealed range.
#[derive(Deserialize)]
struct RangeState {
    /// The first id with a row.
    first: Option<i64>,
    counts: String,
    digest: String,
    /// The first id that had a row when the range was sealed and has none now.
    missing: Option<i64>,
    /// The first id that had no row then and has one now.
    inserted: Option<i64>,
}

/// Check the HMACs of rows with ids after `after`, up to `last`. Returns the number of valid rows and the first
/// discrepancy. Rows up to `since` came with a copied database; only their seals protect them.
fn rows(
    db: &dyn Database,
    key: &Key,
    (after, last): (i64, i64),
    since: i64,
    seal: Option<i64>,
) -> Result<(i64, Option<Discrepancy>)> {
    let mut seen = after;
    let mut count = 0;
    loop {
        let params = [Param::from(seen), last.into(), BATCH.into()];
        let batch: Vec<AuditRow> = read_json(db, ROWS, &params)?;
        for row in &batch {
            let what = match &row.mac {
                _ if row.id <= since && row.id > 0 => None,
                None => Some(("inserted", "the row has no HMAC")),
                Some(stored) if *stored != key.mac(&row.columns) => {
                    Some(("altered", "the row's HMAC is not that of its columns"))
                }
                Some(_) => None,
            };
            if let Some((what, detail)) = what {
                let mut found = Discrepancy::row(what, row.id, seal, detail);
                found.call_id = Some(row.call_id.clone());
                return Ok((count, Some(found)));
            }
            count += 1;
            seen = row.id;
        }
        if i64::try_from(batch.len()).unwrap_or(BATCH) < BATCH {
            return Ok((count, None));
        }
    }
}

/// Check the rows of the seal's range. The seal itself must be valid. Returns the number of rows and the first
/// discrepancy.
///
/// # Errors
/// Errors from PostgreSQL.
pub fn check_range(
    db: &dyn Database,
    key: &Key,
    seal: &Seal,
) -> Result<(i64, Option<Discrepancy>)> {
    let number = Some(seal.id);
    let params = [
        Param::from(seal.first_id),
        seal.last_id.into(),
        seal.ids.as_str().into(),
    ];
    let now: RangeState = read_json(db, CHECK, &params)?;
    if seal.retired_at.is_some() {
        let found = now.first.map(|id| {
            let detail = "the seal's rows were deleted as too old, and a row is there";
            Discrepancy::row("inserted", id, number, detail)
        });
        return Ok((0, found));
    }
    let range = (seal.first_id - 1, seal.last_id);
    let (count, altered) = rows(db, key, range, seal.since, number)?;
    let missing = now
        .missing
        .map(|id| Discrepancy::row("missing", id, number, "the row was sealed and is not there"));
    let inserted = now.inserted.map(|id| {
        Discrepancy::row(
            "inserted",
            id,
            number,
            "the row is there and was not sealed",
        )
    });
    let recounted = first_difference(&seal.counts, &now.counts).map(|id| {
        Discrepancy::row(
            "altered",
            id,
            number,
            "the row's count is not what was sealed",
        )
    });
    // Both checks report a row inserted without an HMAC.
    let first = [altered, missing, inserted, recounted]
        .into_iter()
        .flatten()
        .min_by_key(|found| found.id);
    let first = first.or_else(|| {
        (now.digest != seal.digest).then(|| {
            Discrepancy::seal(
                "altered",
                seal.id,
                "its rows are not those that were sealed: one stands in another's place",
            )
        })
    });
    Ok((count, first))
}

/// The first id with a different count in two lists `id:count,id:count`, ordered by id.
fn first_difference(sealed: &str, now: &str) -> Option<i64> {
    let items = |text: &str| -> Vec<(i64, String)> {
        let parts = text.split(',').filter_map(|part| part.split_once(':'));
        parts
            .filter_map(|(id, count)| Some((id.parse().ok()?, count.to_owned())))
            .collect()
    };
    let (sealed, now) = (items(sealed), items(now));
    let only = |one: &[(i64, String)], other: &[(i64, String)]| {
        one.iter()
            .find(|item| !other.contains(item))
            .map(|item| item.0)
    };
    only(&sealed, &now)
        .into_iter()
        .chain(only(&now, &sealed))
        .min()
}

/// Check a seal against the previous one.
fn chained(key: &Key, seal: &Seal, before: Option<&Seal>, since: i64) -> Option<Discrepancy> {
    let expected = before.map_or(1, |before| before.id + 1);
    if seal.id != expected {
        return Some(Discrepancy::seal(
            "missing",
            expected,
            "the seal is not there",
        ));
    }
    let follows = seal.previous.as_deref() == before.map(|before| before.mac.as_str())
        && seal.first_id == before.map_or(1, |before| before.last_id + 1);
    if seal.mac != seal.made_by(key) || seal.since != since || !follows {
        return Some(Discrepancy::seal(
            "altered",
            seal.id,
            "the seal's HMAC is not that of its columns, or it does not follow the one before",
        ));
    }
    let retired = match (&seal.retired_at, &seal.retired_mac) {
        (None, None) => true,
        (Some(at), Some(mac)) => *mac == seal.retired_by(key, at),
        _ => false,
    };
    (!retired).then(|| {
        Discrepancy::seal(
            "altered",
            seal.id,
            "that its rows were deleted as too old was written by somebody else",
        )
    })
}

/// Check all rows and seals. Returns `{"ok", "rows", "unsealed", "rows_retired", "seals", "head", "copied_up_to"}` and,
/// with `ok` false, `{"what", "id", "call_id", "seal", "detail"}` of the first discrepancy. The counts cover the part
/// checked until then.
///
/// # Errors
/// Errors from PostgreSQL.
pub fn verify(db: &dyn Database) -> Result<Value> {
    db.read(LOCK, &[])?;
    let keys = Keys::read(db, false)?;
    let key = keys.key()?;
    let mut report =
        json!({"ok": true, "rows": 0, "unsealed": 0, "rows_retired": 0, "seals": 0, "head": null});
    if keys.since > 0 {
        report["copied_up_to"] = json!(keys.since);
    }
    let found = walk(db, &keys, &key, &mut report)?;
    if let Some(found) = found {
        report["ok"] = json!(false);
        report["what"] = json!(found.what);
        for (name, value) in [
            ("id", json!(found.id)),
            ("call_id", json!(found.call_id)),
            ("seal", json!(found.seal)),
            ("detail", json!(found.detail)),
        ] {
            if !value.is_null() {
                report[name] = value;
            }
        }
    }
    Ok(report)
}

fn add(report: &mut Value, name: &str, count: i64) {
    report[name] = json!(report[name].as_i64().unwrap_or(0) + count);
}

fn walk(
    db: &dyn Database,
    keys: &Keys,
    key: &Key,
    report: &mut Value,
) -> Result<Option<Discrepancy>> {
    // Ids begin with 1; a lower one was inserted by hand.
    let (_, found) = rows(db, key, (i64::MIN, 0), 0, None)?;
    if found.is_some() {
        return Ok(found);
    }
    let mut before: Option<Seal> = None;
    loop {
        let last = before.as_ref().map_or(0, |seal| seal.id);
        // A number below 1 was inserted by hand.
        let after = if last == 0 { i64::MIN } else { last };
        let batch: Vec<Seal> = read_json(db, SEALS, &[after.into(), BATCH_OF_SEALS.into()])?;
        if batch.is_empty() {
            break;
        }
        for seal in batch {
            if seal.id < 1 {
                return Ok(Some(Discrepancy::seal(
                    "inserted",
                    seal.id,
                    "seals begin with 1",
                )));
            }
            if let Some(found) = chained(key, &seal, before.as_ref(), keys.since) {
                return Ok(Some(found));
            }
            let (count, found) = check_range(db, key, &seal)?;
            add(report, "rows", count);
            if found.is_some() {
                return Ok(found);
            }
            if seal.retired_at.is_some() {
                add(report, "rows_retired", seal.row_count);
            }
            add(report, "seals", 1);
            report["head"] = json!(seal.mac);
            before = Some(seal);
        }
    }
    let head = before.as_ref().map(|seal| seal.as_head(key));
    if head != keys.head {
        let next = before.as_ref().map_or(1, |seal| seal.id + 1);
        return Ok(Some(Discrepancy::seal(
            "missing",
            next,
            "the last seals are not there, or what is kept beside them was altered",
        )));
    }
    let sealed = before.as_ref().map_or(0, |seal| seal.last_id);
    let (count, found) = rows(db, key, (sealed, i64::MAX), keys.since, None)?;
    add(report, "rows", count);
    report["unsealed"] = json!(count);
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seal(key: &Key, id: i64, before: Option<&Seal>) -> Seal {
        let mut seal = Seal {
            id,
            create_date: "2026-01-01 00:00:00.000000".into(),
            first_id: before.map_or(1, |seal| seal.last_id + 1),
            last_id: before.map_or(0, |seal| seal.last_id) + 10,
            row_count: 9,
            ids: "{[1,11)}".into(),
            counts: "4:2".into(),
            digest: "00".into(),
            newest: "2026-01-01 00:00:00.000000".into(),
            since: 0,
            previous: before.map(|seal| seal.mac.clone()),
            mac: String::new(),
            retired_at: None,
            retired_mac: None,
        };
        seal.mac = seal.made_by(key);
        seal
    }

    #[test]
    fn each_part_of_a_seal_counts() {
        let key = Key::new("secret").unwrap();
        let first = seal(&key, 1, None);
        let second = seal(&key, 2, Some(&first));
        assert_eq!(chained(&key, &first, None, 0), None);
        assert_eq!(chained(&key, &second, Some(&first), 0), None);
        let changes: [fn(&mut Seal); 11] = [
            |seal| seal.create_date.push('1'),
            |seal| seal.first_id += 1,
            |seal| seal.last_id -= 1,
            |seal| seal.row_count -= 1,
            |seal| seal.ids = "{[1,10)}".into(),
            |seal| seal.counts = "4:1".into(),
            |seal| seal.digest = "01".into(),
            |seal| seal.newest = "2025-01-01 00:00:00.000000".into(),
            |seal| seal.since = 5,
            |seal| seal.previous = None,
            |seal| seal.retired_at = Some("2026-01-01 00:00:00.000000".into()),
        ];
        for (at, change) in changes.iter().enumerate() {
            let mut altered = second.clone();
            change(&mut altered);
            let found = chained(&key, &altered, Some(&first), 0);
            assert_eq!(found.unwrap().what, "altered", "{at}");
        }
        assert_eq!(chained(&key, &second, None, 0).unwrap().what, "missing");
        // One seal rebuilt without the secret, and one rebuilt at another position of the chain.
        let other = seal(&Key::new("guess").unwrap(), 2, Some(&first));
        assert_eq!(
            chained(&key, &other, Some(&first), 0).unwrap().what,
            "altered"
        );
        let mut moved = seal(&key, 2, None);
        moved.first_id = second.first_id;
        moved.mac = moved.made_by(&key);
        assert_eq!(
            chained(&key, &moved, Some(&first), 0).unwrap().what,
            "altered"
        );
    }

    #[test]
    fn that_rows_were_retired_is_signed() {
        let key = Key::new("secret").unwrap();
        let mut made = seal(&key, 1, None);
        let at = "2026-02-01 00:00:00.000000";
        made.retired_at = Some(at.into());
        made.retired_mac = Some(made.retired_by(&key, at));
        assert_eq!(chained(&key, &made, None, 0), None);
        made.retired_at = Some("2026-03-01 00:00:00.000000".into());
        assert!(chained(&key, &made, None, 0).is_some());
    }

    #[test]
    fn the_first_count_that_differs_is_named() {
        assert_eq!(first_difference("", ""), None);
        assert_eq!(first_difference("3:2,9:4", "3:2,9:4"), None);
        assert_eq!(first_difference("3:2,9:4", "3:2,9:5"), Some(9));
        assert_eq!(first_difference("3:2,9:4", "3:2"), Some(9));
        assert_eq!(first_difference("9:4", "3:2,9:4"), Some(3));
    }
}
