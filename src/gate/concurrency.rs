//! Concurrency limit: the calls of one API key or user that Odoo may run at the same time.

use crate::audit::Entry;
use crate::error::{Error, Result, code};
use crate::odoo::settings::Settings;
use crate::pg::Database;

/// Note the call unless its holder has as many running as it may. Until the transaction ends nobody else can note one of
/// the same holder.
///
/// # Errors
/// 429.
pub fn take(db: &dyn Database, entry: &Entry, holder: &str, settings: &Settings) -> Result<()> {
    let most = settings.max_concurrent;
    if most == 0 {
        return entry.begin_call(db);
    }
    // A call that lives may wait as long as this for a connection, or between two tries, without its lock.
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
