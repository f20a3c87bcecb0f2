//! SQL functions without an HTTP request: tool calls of SQL users, the maintenance that Odoo's scheduler runs, and
//! audit rows from the addon.

use crate::audit::{self, End, Entry};
use crate::error::{Error, Result};
use crate::methods::pending_call::ReplyTo;
use crate::methods::tools::{Started, ToolRequest, start};
use crate::odoo::settings::Settings;
use crate::odoo::user_context;
use crate::pg::{Database, limited};
use crate::policy;
use crate::tools::answer::failure;
use crate::tools::context::Context;
use crate::wire::http::{Reply, Request};
use crate::wire::principal::Principal;
use serde::Deserialize;
use serde_json::{Value, json};

const MAINTAIN: &str = sql!("maintain");
const CORE_MS: u64 = 10_000;
/// Maximum number of idempotency keys that one run deletes.
const MOST_KEYS: i64 = 5_000;

/// `mcp_dispatch_tool`: one tool call as user `uid`. Returns `{"result": CallToolResult}`, or the step that Odoo must
/// run.
///
/// # Errors
/// If not even the audit row can be written.
pub fn dispatch_tool(
    db: &dyn Database,
    uid: i64,
    tool: &str,
    arguments: Value,
    context: &Value,
) -> Result<Value> {
    let request: Request = serde_json::from_value(json!({
        "call_id": uuid::Uuid::new_v4(), "door": "sql", "http_method": "SQL"}))
    .map_err(|error| Error::Internal(format!("request: {error}")))?;
    let mut entry = Entry::begin(&request, None, audit::now());
    entry.user_id = Some(uid);
    entry.method = Some("tools/call".into());
    entry.tool = Some(tool.chars().take(128).collect());
    let started = limited(db, CORE_MS, || {
        let settings = Settings::read(db)?;
        let caller = Principal {
            user_id: uid,
            api_key_id: None,
        };
        let (mut user, policy) = policy::enter(db, caller, (&settings).into())?;
        entry.login = Some(user.login.clone());
        user_context::apply(db, &mut user, context)?;
        let Value::Object(arguments) = arguments.clone() else {
            return Err(Error::bad_arguments("arguments must be an object."));
        };
        let asked = ToolRequest {
            name: tool,
            kept: json!(arguments),
            arguments,
            request: None,
        };
        let context = Context::new(db, &user, &settings, &policy);
        start(&context, asked, ReplyTo::Sql, &mut entry)
    });
    let (result, end) = match started {
        Ok(Started::Step { step, state, .. }) => {
            entry.begin_call(db)?;
            return Ok(json!({"step": step, "state": state}));
        }
        Ok(Started::Declined(error)) => {
            let result = json!({"result": failure(&error)});
            let end = End::declined(&Reply::json(200, &result));
            (result, end)
        }
        Ok(Started::Replay(repeat)) => {
            let result = json!({"result": repeat.to_result(None)});
            let reply = Reply::json(200, &result);
            let end = End::repeated(&reply, repeat.answer.row_count, &repeat.call_id);
            (result, end)
        }
        Ok(Started::Answer(answer)) => {
            let result = json!({"result": answer.to_result(None)});
            let end = End::ok(&Reply::json(200, &result), answer.row_count);
            (result, end)
        }
        Err(error) => {
            let result = json!({"result": failure(&error)});
            let end = End::of_error(&error, &Reply::json(200, &result));
            (result, end)
        }
    };
    entry.insert_once(db, &end)?;
    Ok(result)
}

/// `mcp_maintain`: returns what it has deleted, settled and sealed; `more` if another run has work left.
///
/// # Errors
/// Errors from PostgreSQL.
pub fn maintain(db: &dyn Database) -> Result<Value> {
    let settings = Settings::read(db)?;
    // A call cannot exceed its time limit, retries included, by much.
    let seconds = settings.call_ms / 1_000 * 10 + 60;
    let text = db.write(MAINTAIN, &[seconds.into(), MOST_KEYS.into()])?;
    let done: Maintained = serde_json::from_str(&text.unwrap_or_default())
        .map_err(|error| Error::Internal(format!("maintenance row: {error}")))?;
    let mut calls_died = 0;
    for mut row in done.dead.iter().cloned() {
        row["status"] = json!("died");
        // Only the in-flight row of a batch has no method.
        row["error"] = if row["method"].is_null() {
            json!(
                "The process that handled this batch ended before it did; its messages without a row were not begun."
            )
        } else if row["commits"] == true {
            json!(
                "The process that ran this call ended before it did; what its method had saved by itself until then stays saved."
            )
        } else {
            json!("The process that ran this call ended before it did; the call changed nothing.")
        };
        calls_died += i64::from(audit::insert_foreign(db, &row)?);
    }
    let mut report = json!({"calls_died": calls_died, "sessions_deleted": done.sessions_deleted});
    audit::retain::maintain(db, settings.audit_days, &mut report)?;
    if done.keys_deleted > 0 {
        report["keys_deleted"] = json!(done.keys_deleted);
    }
    if done.keys_deleted == MOST_KEYS {
        report["more"] = json!(true);
    }
    Ok(report)
}

#[derive(Deserialize)]
struct Maintained {
    /// Audit rows, as far as known, of calls that are no longer running.
    dead: Vec<Value>,
    sessions_deleted: i64,
    /// Expired idempotency keys.
    keys_deleted: i64,
}

/// `mcp_audit_insert`: a row made by the addon when a statement of the core failed.
///
/// # Errors
/// An entry without call id or status; errors from PostgreSQL.
pub fn audit_insert(db: &dyn Database, entry: &Value) -> Result<()> {
    audit::insert_foreign(db, entry).map(drop)
}
