//! A call that Odoo runs: its step, and what its outcome becomes.

use super::{Cache, Call, cancel, complete, completion, prompts, resources};
use crate::audit::{End, Entry};
use crate::error::{Error, Result, ToolError, code};
use crate::gate::with_cors;
use crate::odoo::settings::Settings;
use crate::odoo::user::User;
use crate::pg::Database;
use crate::resources::Memo;
use crate::resources::contents::Contents;
use crate::tools::answer::{self, Content, failure};
use crate::wire::answer::Answer;
use crate::wire::http::Reply;
use crate::wire::json_rpc;
use crate::wire::version::Version;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// Who gets the result of a call.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum To {
    Client {
        id: Value,
        version: Version,
        cors: Option<String>,
    },
    /// A caller of `mcp_dispatch_tool`.
    Sql,
}

impl To {
    /// Whoever sent this request.
    pub fn client(call: &Call) -> Self {
        Self::Client {
            id: call.id.clone(),
            version: call.version,
            cors: call.pass.cors.clone(),
        }
    }

    /// None is a caller without a protocol.
    fn version(&self) -> Option<Version> {
        match self {
            Self::Client { version, .. } => Some(*version),
            Self::Sql => None,
        }
    }
}

/// A method of one of the addon's models that Odoo must call (docs/exchange.md, "Steps").
pub struct OdooCall<'a> {
    pub model: &'a str,
    /// The record to call it on; none: on the model.
    pub record_id: Option<i64>,
    pub method: &'a str,
    pub arguments: Map<String, Value>,
    /// It may commit by itself.
    pub commits: bool,
}

/// What the result of a call is made into.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Finish {
    Tool {
        method: String,
        memo: Value,
        zone: String,
    },
    Resource {
        memo: Box<Memo>,
    },
    Prompt {
        description: Option<String>,
    },
    /// Of what was typed.
    Completion {
        value: String,
    },
}

/// A result in the protocol's form.
struct Finished {
    result: Map<String, Value>,
    /// Bytes that reach the model.
    size: usize,
    /// In its place when it is too long and the work cannot be taken back.
    too_long: Option<Map<String, Value>>,
    row_count: Option<i64>,
    record_ids: Vec<i64>,
    /// Why the client does not get it.
    refused: Option<Error>,
}

impl Finished {
    fn plain(result: Map<String, Value>, rows: Option<usize>) -> Self {
        Self {
            size: json!(result).to_string().len(),
            result,
            too_long: None,
            row_count: rows.and_then(|count| i64::try_from(count).ok()),
            record_ids: Vec::new(),
            refused: None,
        }
    }
}

impl Finish {
    fn finish(&self, outcome: &mut Value, version: Option<Version>) -> Result<Finished> {
        match self {
            Self::Tool { method, memo, zone } => {
                let result = outcome["result"].take();
                let finished = crate::tools::finish(method, memo, result, zone)?;
                let too_long = answer::Answer {
                    content: Content::Text(
                        "Done and saved. The result is longer than this server gives at once; read what you need of \
                         it."
                        .into(),
                    ),
                    row_count: None,
                    record_ids: Vec::new(),
                };
                Ok(Finished {
                    result: finished.to_result(version),
                    size: finished.size(),
                    too_long: Some(too_long.to_result(version)),
                    row_count: finished.row_count,
                    record_ids: finished.record_ids,
                    refused: None,
                })
            }
            // The resource has a limit of its own.
            Self::Resource { memo } => {
                let (contents, refused) = match crate::resources::finish(memo, outcome) {
                    Ok(contents) => (Some(contents), None),
                    Err(error @ Error::Tool { .. }) => (None, Some(error)),
                    Err(error) => return Err(error),
                };
                let result = contents.as_ref().map(Contents::to_result);
                Ok(Finished {
                    result: result.unwrap_or_default(),
                    size: 0,
                    too_long: None,
                    row_count: contents.as_ref().and_then(|contents| contents.row_count),
                    record_ids: contents.map_or_else(Vec::new, |contents| contents.record_ids),
                    refused,
                })
            }
            Self::Prompt { description } => {
                let result = outcome["result"].take();
                let messages = crate::prompts::message::of_result(result, version)?;
                let result = prompts::result(description.as_deref(), messages);
                Ok(Finished::plain(result, None))
            }
            Self::Completion { value } => {
                let result = outcome["result"].take();
                let values = completion::finish(value, result)?;
                Ok(Finished::plain(
                    values.to_result(),
                    Some(values.values.len()),
                ))
            }
        }
    }

    /// How long a client may keep the result, where the protocol wants that said.
    fn cache(&self) -> Option<Cache> {
        match self {
            Self::Tool { .. } | Self::Prompt { .. } | Self::Completion { .. } => None,
            Self::Resource { .. } => Some(resources::CACHE),
        }
    }

    /// An error of Odoo's as the method's own: what does not exist there is no resource.
    fn error(&self, kind: &str, error: Error, version: Option<Version>) -> Error {
        match (self, version) {
            (Self::Resource { memo }, Some(version)) if kind == "missing_error" => {
                resources::not_found(error.to_string(), &memo.uri, version)
            }
            _ => error,
        }
    }

    /// Whether a failure is a result of its own (tools) or a JSON-RPC error.
    fn fails_as_result(&self) -> bool {
        matches!(self, Self::Tool { .. })
    }
}

/// What a call needs to go on after Odoo has run it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Running {
    pub entry: Entry,
    to: To,
    finish: Finish,
    read_only: bool,
    max_answer_bytes: i64,
    call_ms: i64,
}

/// The step for Odoo, and the state to go on with.
///
/// # Errors
/// None that a caller could cause.
pub fn to_step(
    user: &User,
    settings: &Settings,
    call: OdooCall,
    finish: Finish,
    read_only: bool,
    to: To,
    entry: &mut Entry,
) -> Result<(Value, Value)> {
    entry.path = "orm".into();
    let mut step = json!({
        "kind": "call", "call_id": entry.call_id, "uid": user.id, "context": user.context(), "model": call.model,
        "record_id": call.record_id, "method": call.method, "arguments": call.arguments,
        "timeout_ms": settings.call_ms, "commits": call.commits,
    });
    if matches!(&to, To::Client { version, .. } if version.is_modern()) {
        // In 2026-07-28 a client cancels by closing the connection; before, that says nothing.
        step["cancel_on_close"] = json!(true);
    }
    let running = Running {
        entry: entry.clone(),
        to,
        finish,
        read_only,
        max_answer_bytes: settings.max_answer_bytes,
        call_ms: settings.call_ms,
    };
    let state = serde_json::to_value(running)
        .map_err(|error| Error::Internal(format!("state: {error}")))?;
    Ok((step, json!({"at": "call", "call": state})))
}

/// # Errors
/// When an answer of `size` bytes is more than the server gives at once.
pub fn within(size: usize, most: i64) -> Result<()> {
    let size = i64::try_from(size).unwrap_or(i64::MAX);
    if size <= most {
        return Ok(());
    }
    Err(Error::failed(format!(
        "The answer would have {size} bytes, more than the {most} this server gives at once. Ask for fewer fields or \
         records (fields, limit, ids)."
    )))
}

/// Finish a call that Odoo has run: called in Odoo's transaction, as its last statement. The audit row commits, or not,
/// with the change.
///
/// # Errors
/// Whatever makes the transaction unfit to commit.
pub fn succeed(db: &dyn Database, mut running: Running, mut outcome: Value) -> Result<Answer> {
    let finished = running.finish.finish(&mut outcome, running.to.version())?;
    let mut result = finished.result;
    let mut failed = finished.refused;
    if let Err(error) = within(finished.size, running.max_answer_bytes) {
        match finished.too_long.filter(|_| !running.read_only) {
            // The work is done and stays done; only its result is too long to show.
            Some(shorter) => result = shorter,
            None => failed = Some(error),
        }
    }
    if !finished.record_ids.is_empty() {
        running.entry.set_records(&finished.record_ids);
    }
    let (reply, sql) = match &failed {
        None => render(&running.to, result, running.finish.cache()),
        Some(error) => render_failure(&running, error),
    };
    let end = match &failed {
        None => End::ok(&reply, finished.row_count),
        Some(error) => End::of_error(error, &reply),
    };
    running.entry.settle(db, &end)?;
    Ok(sql.map_or_else(|| Answer::Reply(reply), Answer::Sql))
}

/// Answer for a call that Odoo could not run or that was rolled back.
///
/// # Errors
/// When not even the audit row can be written.
pub fn fail(db: &dyn Database, running: Running, outcome: &Value) -> Result<Answer> {
    let kind = outcome["type"].as_str().unwrap_or("internal");
    let version = running.to.version();
    let error = running
        .finish
        .error(kind, explain(&running, outcome), version);
    let (mut reply, mut sql) = render_failure(&running, &error);
    let end = End::of_error(&error, &reply);
    let written = running.entry.insert_once(db, &end)?;
    if !written && running.entry.settled_as(db)?.as_deref() == Some("cancelled") {
        let error = cancel::answer(outcome["committed"] == true);
        (reply, sql) = render_failure(&running, &error);
    }
    running.entry.end_call(db)?;
    Ok(sql.map_or_else(|| Answer::Reply(reply), Answer::Sql))
}

fn render(to: &To, result: Map<String, Value>, cache: Option<Cache>) -> (Reply, Option<Value>) {
    match to {
        To::Client { id, version, cors } => {
            let result = complete(result, *version, cache);
            let reply = Reply::json(200, &json_rpc::result(id, result));
            (with_cors(reply, cors.as_deref()), None)
        }
        To::Sql => {
            let result = json!({"result": result});
            let reply = Reply::json(200, &result);
            (reply, Some(result))
        }
    }
}

fn render_failure(running: &Running, error: &Error) -> (Reply, Option<Value>) {
    match &running.to {
        To::Client { id, cors, .. }
            if matches!(error, Error::Protocol { .. }) || !running.finish.fails_as_result() =>
        {
            (with_cors(Reply::error(id, error), cors.as_deref()), None)
        }
        to => render(to, failure(error), None),
    }
}

/// Odoo's failure in words that say what happened and what to do (docs/exchange.md, "Steps").
fn explain(running: &Running, outcome: &Value) -> Error {
    let message = outcome["message"].as_str().unwrap_or_default().trim();
    let or = |default: &str| match message {
        "" => default.to_owned(),
        text if text.ends_with(char::is_alphanumeric) => format!("{text}."),
        text => text.to_owned(),
    };
    let unchanged = if outcome["committed"] == true {
        " What the method had saved by itself before that stays saved."
    } else if running.read_only {
        ""
    } else {
        " Nothing was changed."
    };
    let kind = outcome["type"].as_str().unwrap_or("internal");
    let failed = |text: String| Error::Tool {
        kind: ToolError::Failed,
        message: text,
    };
    match kind {
        "access_error" | "access_denied" => Error::denied(format!(
            "{}{unchanged}",
            or("Odoo does not allow this to the user.")
        )),
        "user_error" | "validation_error" | "redirect_warning" => {
            failed(format!("{}{unchanged}", or("Odoo refused this.")))
        }
        "missing_error" => failed(format!("{}{unchanged}", or("A record does not exist."))),
        "constraint" => failed(format!(
            "{}{unchanged}",
            or("A database constraint forbids this.")
        )),
        "bad_arguments" => {
            Error::bad_arguments(format!("{}{unchanged}", or("The arguments do not fit.")))
        }
        "no_method" => Error::bad_arguments(or("There is no such method.")),
        "private_method" => Error::denied(or("This method is private.")),
        "serialization" => failed(format!(
            "Others kept changing the same records at the same time.{unchanged} Try again."
        )),
        "timeout" => failed(format!(
            "The call took longer than {} seconds and was stopped.{unchanged} Narrow it: fewer records, a more \
             selective domain.",
            running.call_ms / 1_000
        )),
        "not_json" => failed(format!(
            "The method gave something that cannot be shown as JSON, so it was undone.{unchanged}"
        )),
        "commits" => Error::denied(format!(
            "This method commits by itself, which would escape the audit. It was stopped.{unchanged} An administrator \
             can make a tool for it that is marked so."
        )),
        "died" => failed(format!(
            "The call was declared dead while it ran.{unchanged} Try again."
        )),
        "pool_full" | "module_state" => Error::protocol(
            503,
            code::REFUSED,
            or("Odoo is too busy to run this now. Nothing was changed. Try again in a moment."),
        ),
        _ => Error::Tool {
            kind: ToolError::Internal,
            message: format!(
                "Odoo failed with an internal error.{unchanged} The administrator finds it in Odoo's log under call {}.",
                running.entry.call_id
            ),
        },
    }
}
