//! A time limit for a part of a statement, by PostgreSQL's own timer for `statement_timeout`.

use std::time::{Duration, Instant};

/// PostgreSQL's timer of `statement_timeout` (utils/timeout.h, `TimeoutId`). pgrx has no binding for that header.
const STATEMENT_TIMEOUT: i32 = 3;

unsafe extern "C-unwind" {
    fn enable_timeout_after(id: i32, delay_ms: i32);
    fn disable_timeout(id: i32, keep_indicator: bool);
    fn get_timeout_active(id: i32) -> bool;
    fn get_timeout_finish_time(id: i32) -> pgrx::pg_sys::TimestampTz;
}

/// Run `step` with at most `limit`. It receives a function that returns whether the limit interrupted it.
///
/// PostgreSQL arms `statement_timeout` once per statement from the client. Once it has fired and been caught, the rest
/// of the statement would have no limit. The timer is therefore armed here, never later than the caller's own, and
/// afterwards the caller's is armed again with its remaining time.
pub fn with_timeout<R>(limit: Duration, step: impl FnOnce(&dyn Fn() -> bool) -> R) -> R {
    let before = remaining();
    let started = Instant::now();
    let own = before.map_or(limit, |left| left.min(limit));
    let limited_by_us = own == limit;
    arm(own);
    let result = step(&|| limited_by_us && started.elapsed() >= own);
    // SAFETY: stops a timer that is armed or has fired; both are allowed.
    unsafe { disable_timeout(STATEMENT_TIMEOUT, false) };
    if let Some(left) = before {
        arm(left
            .saturating_sub(started.elapsed())
            .max(Duration::from_millis(1)));
    }
    result
}

/// The remaining time of the caller's `statement_timeout`.
fn remaining() -> Option<Duration> {
    // SAFETY: both only read this backend's timers.
    let left = unsafe {
        if !get_timeout_active(STATEMENT_TIMEOUT) {
            return None;
        }
        get_timeout_finish_time(STATEMENT_TIMEOUT) - pgrx::pg_sys::GetCurrentTimestamp()
    };
    Some(Duration::from_micros(u64::try_from(left).unwrap_or(0)).max(Duration::from_millis(1)))
}

fn arm(limit: Duration) {
    let milliseconds = i32::try_from(limit.as_millis()).unwrap_or(i32::MAX).max(1);
    // SAFETY: PostgreSQL registers the timer in every backend at its start.
    unsafe {
        disable_timeout(STATEMENT_TIMEOUT, false);
        enable_timeout_after(STATEMENT_TIMEOUT, milliseconds);
    }
}
