//! Runs a step in a subtransaction, so that its failure does not abort the surrounding statement.

use crate::error::{Error, Result};
use pgrx::pg_sys::{self, panic::CaughtError};
use pgrx::{PgSqlErrorCode, PgTryBuilder};
use std::panic::AssertUnwindSafe;

/// Run `step` in a subtransaction. An error or a panic inside rolls it back and becomes an [`Error`], and the statement
/// continues.
///
/// Serialization failures, deadlocks and cancellations are passed on unchanged: Odoo's retry loop and the canceller
/// must see them. The one exception is a cancellation by our own timer (see [`super::with_timeout`]), which `timed_out`
/// recognises.
pub fn guarded<R>(timed_out: impl Fn() -> bool, step: impl FnOnce() -> Result<R>) -> Result<R> {
    // SAFETY: this is what PL/pgSQL does for a block with an exception clause: remember memory context and resource
    // owner, begin an internal subtransaction, and on either way out release or roll it back and restore both. An
    // error without a subtransaction would leave buffer pins and cache references behind.
    unsafe {
        let context = pg_sys::CurrentMemoryContext;
        let owner = pg_sys::CurrentResourceOwner;
        pg_sys::BeginInternalSubTransaction(std::ptr::null());
        pg_sys::MemoryContextSwitchTo(context);
        let outcome = PgTryBuilder::new(AssertUnwindSafe(|| Ok(step())))
            .catch_others(|caught: CaughtError| Err(Box::new(caught)))
            .execute();
        pg_sys::MemoryContextSwitchTo(context);
        if matches!(outcome, Ok(Ok(_))) {
            pg_sys::ReleaseCurrentSubTransaction();
        } else {
            pg_sys::RollbackAndReleaseCurrentSubTransaction();
        }
        pg_sys::MemoryContextSwitchTo(context);
        pg_sys::CurrentResourceOwner = owner;
        outcome.unwrap_or_else(|caught| Err(translate(*caught, timed_out())))
    }
}

fn translate(caught: CaughtError, timed_out: bool) -> Error {
    let report = match &caught {
        CaughtError::PostgresError(report) | CaughtError::ErrorReport(report) => report,
        CaughtError::RustPanic { ereport, .. } => {
            return Error::Internal(format!("panic: {}", ereport.message()));
        }
    };
    match report.sql_error_code() {
        PgSqlErrorCode::ERRCODE_QUERY_CANCELED if !timed_out => caught.rethrow(),
        PgSqlErrorCode::ERRCODE_T_R_SERIALIZATION_FAILURE
        | PgSqlErrorCode::ERRCODE_T_R_DEADLOCK_DETECTED
        | PgSqlErrorCode::ERRCODE_ADMIN_SHUTDOWN
        | PgSqlErrorCode::ERRCODE_CRASH_SHUTDOWN => caught.rethrow(),
        code => Error::Database {
            sqlstate: sqlstate(code),
            message: report.message().to_owned(),
        },
    }
}

/// The five characters of a SQLSTATE: PostgreSQL packs each into six bits of an integer (utils/elog.h).
fn sqlstate(code: PgSqlErrorCode) -> String {
    let packed = code as i32 as u32;
    (0..5)
        .map(|at| char::from((((packed >> (6 * at)) & 0x3f) as u8).wrapping_add(b'0')))
        .collect()
}
