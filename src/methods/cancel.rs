//! Cancels a running call.
//!
//! Every call has one audit row, and the first transaction that writes it decides how the call ends. A row with the
//! status `cancelled` therefore cancels a running call: the call's own transaction can no longer write the row, and
//! rolls back. Signalling the backend only shortens the wait.

use crate::audit::{End, Entry};
use crate::error::{Error, Result, code};
use crate::pg::{Database, Param, read_json};
use serde_json::{Map, Value, json};

/// Message of the audit row of a cancelled call.
const BY_NOTIFICATION: &str = "Cancelled by its client: notifications/cancelled.";
const BY_CLOSING: &str = "Cancelled by its client: it closed the connection.";

/// Finds the running call that a `notifications/cancelled` names. `entry` is the notification's own audit entry. The
/// call must have the same user, credential and session. Without a session, it must have the same user agent and
/// address. The inner error is a note for the audit: there is no single such call.
///
/// # Errors
/// Errors from PostgreSQL.
pub fn find(
    db: &dyn Database,
    entry: &Entry,
    params: &Map<String, Value>,
) -> Result<Result<Entry, String>> {
    let id = match params.get("requestId") {
        Some(id @ (Value::String(_) | Value::Number(_))) => id,
        _ => return Ok(Err("params.requestId is no id.".into())),
    };
    let mut wanted = json!({
        "request_id": id, "user_id": entry.user_id, "api_key_id": entry.api_key_id, "session_id": entry.session_id,
    });
    if entry.session_id.is_none() {
        wanted["user_agent"] = json!(entry.user_agent);
        wanted["remote_addr"] = json!(entry.remote_addr);
    }
    const FIND: &str = sql!("methods/cancel_find");
    let mut calls: Vec<Entry> = read_json(db, FIND, &[Param::from(&wanted)])?;
    match (calls.pop(), calls.len()) {
        (Some(call), 0) => Ok(Ok(call)),
        (None, _) => Ok(Err("No call of this client with that id is running.".into())),
        // Two programs of one user without sessions may use the same ids.
        (_, more) => Ok(Err(format!(
            "{} calls with that id are running; none was cancelled.",
            more + 1
        ))),
    }
}

/// Cancels a call on its client's notification. Returns false when the call has already ended.
///
/// # Errors
/// Errors from PostgreSQL.
pub fn stop(db: &dyn Database, call: &Entry) -> Result<bool> {
    settle(db, call, BY_NOTIFICATION)
}

/// Cancels a call whose client has closed the connection, in versions where that means a cancellation.
///
/// # Errors
/// Errors from PostgreSQL.
pub fn closed(db: &dyn Database, call: &Entry) -> Result<()> {
    settle(db, call, BY_CLOSING).map(drop)
}

fn settle(db: &dyn Database, call: &Entry, why: &str) -> Result<bool> {
    const HOLD: &str = sql!("methods/cancel_hold");
    const STOP: &str = sql!("methods/cancel_backend");
    let id = call.call_id.to_string();
    let params = [Param::from(id.as_str())];
    db.write(HOLD, &params)?;
    if !call.insert_once(db, &End::cancelled(why))? {
        return Ok(false);
    }
    // From here on the call can only fail, and then waits for the lock. A backend that holds the call's own lock is
    // therefore still running it when the signal arrives.
    db.write(STOP, &params)?;
    Ok(true)
}

/// The error for the client of a cancelled call, if it still listens. `kept`: some changes stay, because the method has
/// committed them itself.
pub fn answer(kept: bool) -> Error {
    let what = if kept {
        "What the method had saved by itself before that stays saved."
    } else {
        "Nothing was changed."
    };
    Error::protocol(
        200,
        code::CANCELLED,
        format!("The call was cancelled by its client. {what}"),
    )
}
