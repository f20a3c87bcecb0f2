//! A call that Odoo runs: its step, and what its outcome becomes.

mod about;
mod asking;
mod claimed;
mod confirming;
mod sent;
mod tried;

use super::confirm::Ask;
use super::failure::{explain, undone};
use super::input::{Asker, Begun};
use super::listener::Listener;
use super::once::{Claims, Repeat};
use super::{Cache, Call, cancel, completion, prompts, resources};
use crate::audit::{self, End, Entry};
use crate::error::{Error, Result};
use crate::gate::with_cors;
use crate::odoo::settings::Settings;
use crate::odoo::user::User;
use crate::pg::Database;
use crate::prompts::embed::{self, Slot};
use crate::resources::Memo;
use crate::resources::contents::Contents;
use crate::tools::answer;
use crate::tools::schema::output;
use crate::wire::answer::Answer;
use crate::wire::http::Reply;
use crate::wire::version::Version;
use asking::Asked;
use sent::{Sent, render, render_failure};
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
        #[serde(default)]
        listener: Option<Box<Listener>>,
        #[serde(default)]
        asker: Option<Box<Asker>>,
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
            listener: call.listener.clone().map(Box::new),
            asker: call.asker.clone(),
        }
    }

    fn listener(&self) -> Option<&Listener> {
        match self {
            Self::Client { listener, .. } => listener.as_deref(),
            Self::Sql => None,
        }
    }

    /// What it takes to ask whoever made the call.
    pub fn asker(&mut self) -> Option<&mut Box<Asker>> {
        match self {
            Self::Client { asker, .. } => asker.as_mut(),
            Self::Sql => None,
        }
    }

    fn cors(&self, reply: Reply) -> Reply {
        match self {
            Self::Client { cors, .. } => with_cors(reply, cors.as_deref()),
            Self::Sql => reply,
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
    /// A model of which something is hidden from the caller: what Odoo says of it is not passed on.
    pub veiled: Option<String>,
    /// Whether it is only tried: Odoo reports what would change and takes it back.
    pub dry_run: bool,
    /// Whether the caller may change nothing: PostgreSQL then refuses whatever the method writes.
    pub read_only: bool,
}

/// What the result of a call is made into.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Finish {
    Tool {
        method: String,
        memo: Value,
        zone: String,
        /// Whether clients expect a structured result.
        #[serde(default)]
        has_schema: bool,
        /// What it must be, where it is not made here.
        #[serde(default)]
        schema: Option<String>,
        /// What it is done once under.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        claims: Option<Box<Claims>>,
    },
    /// Of a call that is to be confirmed first: names of its records.
    Confirm {
        ask: Box<Ask>,
    },
    Resource {
        memo: Box<Memo>,
    },
    Prompt {
        description: Option<String>,
    },
    /// Of a prompt whose resources Odoo reads.
    Embedded {
        description: Option<String>,
        slots: Vec<Slot>,
        room: usize,
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
    /// The answer of a tool, to be kept under its key.
    answer: Option<answer::Answer>,
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
            answer: None,
        }
    }

    fn refused(error: Error) -> Self {
        Self {
            refused: Some(error),
            ..Self::plain(Map::new(), None)
        }
    }
}

impl Finish {
    fn finish(
        &self,
        db: &dyn Database,
        outcome: &mut Value,
        version: Option<Version>,
    ) -> Result<Finished> {
        match self {
            Self::Tool {
                method,
                memo,
                zone,
                has_schema,
                schema,
                ..
            } => {
                let finished = if outcome.get("content").is_some() {
                    answer::Answer::of_outcome(outcome)?
                } else {
                    crate::tools::finish(db, method, memo, outcome["result"].take(), zone)?
                };
                if let Some(schema) = schema {
                    output::check(schema, finished.structured())?;
                }
                let too_long = answer::Answer::text(
                    "Done and saved. The result is longer than this server gives at once; read what you need of it."
                        .into(),
                );
                let mut too_long = too_long.to_result(version);
                // Clients take no other result without the structured content that the schema promises.
                too_long.insert("isError".into(), json!(*has_schema));
                Ok(Finished {
                    result: finished.to_result(version),
                    size: finished.size(),
                    too_long: Some(too_long),
                    row_count: finished.row_count,
                    record_ids: finished.record_ids.clone(),
                    refused: None,
                    answer: self.claims().is_some().then_some(finished),
                })
            }
            Self::Confirm { .. } => Err(Error::Internal("a question is no result".into())),
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
                    answer: None,
                })
            }
            Self::Prompt { description } => {
                let given = match outcome.get_mut("content") {
                    Some(content) => content.take(),
                    None => outcome["result"].take(),
                };
                let messages = crate::prompts::message::of_result(given, version)?;
                let result = prompts::result(description.as_deref(), messages);
                Ok(Finished::plain(result, None))
            }
            Self::Embedded {
                description,
                slots,
                room,
            } => {
                let (made, refused) = match embed::finish(slots, outcome["result"].take(), *room) {
                    Ok(made) => (made, None),
                    Err(error @ Error::Tool { .. }) => (Default::default(), Some(error)),
                    Err(error) => return Err(error),
                };
                let (messages, record_ids) = made;
                Ok(Finished {
                    record_ids,
                    refused,
                    // The room was its measure.
                    size: 0,
                    ..Finished::plain(prompts::result(description.as_deref(), messages), None)
                })
            }
            Self::Completion { value } => {
                let values = completion::finish(value, outcome["result"].take())?;
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
            Self::Resource { .. } => Some(resources::CACHE),
            _ => None,
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

    /// Whether a method of another author runs, who may ask the client something.
    fn may_ask(&self) -> bool {
        match self {
            Self::Tool { method, .. } => crate::tools::is_authored(method),
            Self::Resource { memo } => memo.resource == "method",
            Self::Confirm { .. } | Self::Prompt { .. } | Self::Embedded { .. } => true,
            Self::Completion { .. } => false,
        }
    }

    /// Whether a failure is a result of its own (tools) or a JSON-RPC error.
    fn fails_as_result(&self) -> bool {
        matches!(self, Self::Tool { .. } | Self::Confirm { .. })
    }
}

/// What a call needs to go on after Odoo has run it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Running {
    pub entry: Entry,
    to: To,
    finish: Finish,
    pub read_only: bool,
    max_answer_bytes: i64,
    pub call_ms: i64,
    #[serde(default)]
    pub veiled: Option<String>,
    #[serde(default)]
    pub dry_run: bool,
    /// The step, where it may have to be run once more with answers that came with the request.
    #[serde(default)]
    repeat: Option<Value>,
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
    mut to: To,
    entry: &mut Entry,
) -> Result<(Value, Value)> {
    if let To::Client { asker, .. } = &mut to
        && !finish.may_ask()
    {
        // What would wait is not carried along for nothing.
        asker.take_if(|asker| !asker.retries());
    }
    entry.path = "orm".into();
    let mut step = json!({
        "kind": "call", "call_id": entry.call_id, "uid": user.id, "context": user.context(), "model": call.model,
        "record_id": call.record_id, "method": call.method, "arguments": call.arguments,
        "timeout_ms": settings.call_ms, "commits": call.commits && !call.read_only,
    });
    if call.dry_run {
        step["dry_run"] = json!(true);
    }
    if call.read_only {
        step["read_only"] = json!(true);
    }
    if matches!(&to, To::Client { version, .. } if version.is_modern()) {
        // In 2026-07-28 a client cancels by closing the connection; before, that says nothing.
        step["cancel_on_close"] = json!(true);
    }
    if let Some(watch) = &entry.watch {
        step["changes"] = watch.asked.clone();
    }
    if let Some(claims) = finish.claims() {
        step["claims"] = claims.rows(&entry.call_id.to_string());
    }
    let mut repeat = None;
    if let To::Client {
        listener, asker, ..
    } = &to
    {
        if listener.is_some() {
            step["listening"] = json!(true);
        }
        if let Some(asker) = asker {
            asker.tell(&mut step);
            repeat = asker.foresees().then(|| step.clone());
        }
    }
    let running = Running {
        entry: entry.clone(),
        to,
        finish,
        read_only,
        max_answer_bytes: settings.max_answer_bytes,
        call_ms: settings.call_ms,
        veiled: call.veiled,
        dry_run: call.dry_run,
        repeat,
    };
    Ok((step, running.into_state()?))
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
/// with the change. What cannot be sent is undone, and comes again as an error.
///
/// # Errors
/// Whatever makes the transaction unfit to commit.
pub fn succeed(db: &dyn Database, mut running: Running, mut outcome: Value) -> Result<Answer> {
    if let Finish::Confirm { ask } = &running.finish {
        let ask = ask.clone();
        return running.ask_to_confirm(db, &ask, &outcome);
    }
    let messages = running.hear(&outcome)?;
    let version = running.to.version();
    let finished = match running.finish.finish(db, &mut outcome, version) {
        // What was only read need not be undone.
        Err(error @ Error::Tool { .. }) if running.read_only && !running.finish.may_ask() => {
            Finished::refused(error)
        }
        Err(Error::Tool { message, .. }) => {
            return Ok(Answer::Undo(
                json!({"type": "unusable", "message": message}),
            ));
        }
        finished => finished?,
    };
    let mut result = finished.result;
    let mut failed = finished.refused;
    if let Err(error) = within(finished.size, running.max_answer_bytes) {
        match finished.too_long.filter(|_| !running.read_only) {
            // The work is done and stays done; only its result is too long to show.
            Some(shorter) => result = shorter,
            None => failed = Some(error),
        }
    }
    running.entry.set_changes(outcome["changes"].take());
    if !finished.record_ids.is_empty() {
        running.entry.set_records(&finished.record_ids);
    }
    if let (Some(claims), Some(answer)) = (running.finish.claims(), &finished.answer) {
        claims.keep(db, &running.entry.call_id.to_string(), answer)?;
    }
    let sent = match &failed {
        None => render(&running.to, result, running.finish.cache()),
        Some(error) => render_failure(&running, error),
    };
    let sent = sent.after(&messages, running.takes_events_only());
    let end = match &failed {
        None => End::ok(&sent.reply, finished.row_count),
        Some(error) => End::of_error(error, &sent.reply),
    };
    running.entry.settle(db, &end)?;
    Ok(sent.into_answer())
}

/// How a call ended that changed nothing.
enum Ended {
    /// By a failure.
    Failed(Error),
    /// By a result that its author calls an error; as an error it is for the audit.
    Told(Map<String, Value>, Error),
    /// By being taken back, as it was meant to.
    Tried(Map<String, Value>, Option<i64>),
    /// By another call that has done it.
    Repeated(Repeat),
    /// By a question to the client, as a result.
    Asks(Map<String, Value>),
    /// By a question to the client, on a stream that it takes up again.
    Waits(Reply),
}

/// Answer for a call that Odoo could not run or that was rolled back. A step comes where the client has answered already
/// what the method asks.
///
/// # Errors
/// When not even the audit row can be written.
pub fn fail(db: &dyn Database, mut running: Running, outcome: &Value) -> Result<Answer> {
    let error = &outcome["error"];
    let ended = match error["type"].as_str() {
        Some("input_required") => match running.ask(db, outcome, audit::now() / 1_000_000) {
            Ok(Asked::Begun(Begun::Run(asker))) => return running.again(asker),
            Ok(Asked::Begun(Begun::Ask(result))) => Ended::Asks(result),
            Ok(Asked::Waits(stream)) => Ended::Waits(stream),
            Err(failed @ Error::Tool { .. }) => Ended::Failed(undone(&running, error, failed)),
            Err(failed @ Error::Protocol { .. }) => Ended::Failed(failed),
            Err(failed) => return Err(failed),
        },
        Some("error_result") => running.told(error),
        Some("claimed") => running.claimed(db)?,
        Some("dry_run") => running.tried(db, &error["report"])?,
        kind => {
            let kind = kind.unwrap_or("internal");
            let version = running.to.version();
            let explained = explain(db, &running, error);
            Ended::Failed(running.finish.error(kind, explained, version))
        }
    };
    let sent = match &ended {
        Ended::Failed(error) => render_failure(&running, error),
        Ended::Told(result, _) if running.finish.fails_as_result() => {
            render(&running.to, result.clone(), None)
        }
        Ended::Told(_, error) => render_failure(&running, error),
        Ended::Repeated(repeat) => {
            let result = repeat.to_result(running.to.version());
            render(&running.to, result, None)
        }
        Ended::Asks(result) | Ended::Tried(result, _) => render(&running.to, result.clone(), None),
        Ended::Waits(stream) => Sent {
            reply: running.to.cors(stream.clone()),
            sql: None,
        },
    };
    let mut sent = match &ended {
        Ended::Waits(_) => sent,
        _ => sent.after(&running.hear(outcome)?, running.takes_events_only()),
    };
    let end = match &ended {
        Ended::Failed(error) | Ended::Told(_, error) => End::of_error(error, &sent.reply),
        Ended::Repeated(repeat) => {
            End::repeated(&sent.reply, repeat.answer.row_count, &repeat.call_id)
        }
        Ended::Tried(_, rows) => End::dry_run(&sent.reply, *rows),
        Ended::Asks(_) | Ended::Waits(_) => End::input_required(&sent.reply),
    };
    let written = running.entry.insert_once(db, &end)?;
    if !written && running.entry.settled_as(db)?.as_deref() == Some("cancelled") {
        let error = cancel::answer(error["committed"] == true);
        sent = render_failure(&running, &error);
    }
    running.entry.end_call(db)?;
    Ok(sent.into_answer())
}

impl Running {
    fn into_state(self) -> Result<Value> {
        let state = serde_json::to_value(self)
            .map_err(|error| Error::Internal(format!("state: {error}")))?;
        Ok(json!({"at": "call", "call": state}))
    }

    /// Whether the client has taken up the stream of its request.
    fn takes_events_only(&self) -> bool {
        self.entry.http_method == "GET"
    }

    /// What the client hears beside the result.
    fn hear(&self, outcome: &Value) -> Result<Vec<String>> {
        match (self.to.listener(), outcome.get("notifications")) {
            (Some(listener), Some(told)) => listener.hear(told, self.max_answer_bytes),
            _ => Ok(Vec::new()),
        }
    }

    /// The result that an author calls an error.
    fn told(&self, error: &Value) -> Ended {
        let told = answer::Answer::of_outcome(&mut error.clone())
            .and_then(|told| within(told.size(), self.max_answer_bytes).map(|()| told));
        match told {
            Ok(told) => {
                let mut result = told.to_result(self.to.version());
                result.insert("isError".into(), json!(true));
                Ended::Told(result, Error::failed(told.texts()))
            }
            Err(failed) => Ended::Failed(undone(self, error, failed)),
        }
    }
}
