//! Concurrency limit: the number of calls per API key or user that Odoo may run at the same time.

use crate::audit::Entry;
use crate::error::{Error, Result, code};
use crate::odoo::settings::Settings;
use crate::pg::Database;

/// Register the in-flight call, unless its holder has reached the limit. Other calls of the same holder wait for the
/// end of this transaction.
///
/// # Errors
/// 429 at the limit.
pub fn take(db: &dyn Database, entry: &Entry, holder: &str, settings: &Settings) -> Result<()> {
    let most = settings.max_concurrent;
    if most == 0 {
        return entry.begin_call(db);
    }
    // A live call may be without its lock for this long: while it waits for a connection or between two attempts.
    let old = settings.call_ms / 1_000 + 60;
    if entry.reserve_call(db, holder, most, old)? {
        return Ok(());
    }
    Err(Error::protocol(
        429,
        code::REFUSED,
        format!(
            "Too many concurrent calls: {most} calls of this API key or user are running, as many as may. Wait until one \
             of them has its answer, then send this again."
        ),
    )
    .after(1))
}
