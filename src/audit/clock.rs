//! Timestamps of the audit log: microseconds since 1970, and their text in PostgreSQL.

use chrono::format::{Item, StrftimeItems};
use std::sync::LazyLock;
use std::time::{SystemTime, UNIX_EPOCH};

/// The current time in microseconds since 1970.
pub fn now() -> i64 {
    let elapsed = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    i64::try_from(elapsed.as_micros()).unwrap_or(i64::MAX)
}

/// An instant in the format of the audit log.
pub(super) fn written(instant: &chrono::NaiveDateTime) -> String {
    // Parses the format only once.
    static ITEMS: LazyLock<Vec<Item<'static>>> =
        LazyLock::new(|| StrftimeItems::new("%Y-%m-%d %H:%M:%S%.6f").collect());
    instant.format_with_items(ITEMS.iter()).to_string()
}

/// PostgreSQL's text of an instant, UTC.
pub fn timestamp(microseconds: i64) -> Option<String> {
    let instant = chrono::DateTime::from_timestamp_micros(microseconds)?;
    Some(written(&instant.naive_utc()))
}
