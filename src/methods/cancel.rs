//! Cancels a running call.
//!
//! Whoever writes the audit row of a call first has settled it. So the audit row `cancelled` cancels the call: the running
//! transaction can no longer write its own row, and rolls back. Cancelling its statement only shortens the wait.

use crate::audit::{End, Entry};
use crate::error::{Error, Result, code};
use crate::pg::{Database, Param, read_json};
use serde_json::{Map, Value, json};

/// What the row of a cancelled call says.
const BY_NOTIFICATION: &str = "Cancelled by its client: notifications/cancelled.";
const BY_CLOSING: &str = "Cancelled by its client: it closed the connection.";

/// `notifications/cancelled`: the running call with that id. `entry` is the notification's own; the call must be of the
/// same user, credential and session, and, where there is no session, come from the same program at the same address.
/// The inner error is a note for the audit that there is nothing to stop.
///
/// # Errors
/// What PostgreSQL refuses.
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
    const FIND: &str = sql!("cancel_find");
    let mut calls: Vec<Entry> = read_json(db, FIND, &[Param::from(&wanted)])?;
    match (calls.pop(), calls.len()) {
        (Some(call), 0) => Ok(Ok(call)),
        (None, _) => Ok(Err("No call of this client with that id is running.".into())),
        // Without a session two programs of one user may use the same ids.
        (_, more) => Ok(Err(format!(
            "{} calls with that id are running; none was cancelled.",
            more + 1
        ))),
    }
}

/// Cancel a call because of a notification; false when it had ended.
///
/// # Errors
/// What PostgreSQL refuses.
pub fn stop(db: &dyn Database, call: &Entry) -> Result<bool> {
    settle(db, call, BY_NOTIFICATION)
}

/// Cancel a call whose client has gone, where that means that it does not want the answer.
///
/// # Errors
/// What PostgreSQL refuses.
pub fn closed(db: &dyn Database, call: &Entry) -> Result<()> {
    settle(db, call, BY_CLOSING).map(drop)
}

fn settle(db: &dyn Database, call: &Entry, why: &str) -> Result<bool> {
    const HOLD: &str = sql!("cancel_hold");
    const STOP: &str = sql!("cancel_backend");
    let id = call.call_id.to_string();
    let params = [Param::from(id.as_str())];
    db.write(HOLD, &params)?;
    if !call.insert_once(db, &End::cancelled(why))? {
        return Ok(false);
    }
    // From here on the call can end in one way only: it fails, and then waits for the lock. So whoever is found to hold
    // the call's own lock is running it still when the signal comes.
    db.write(STOP, &params)?;
    Ok(true)
}

/// What the client of a cancelled call hears, if it still listens.
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
