//! A call that Odoo runs: its step, and the state with which the exchange resumes afterwards.

use super::confirmation::ConfirmationRequest;
use super::idempotency::IdempotencyClaim;
use super::mrtr::context::InputContext;
use super::notifications::NotificationSink;
use super::request::Call;
use crate::audit::Entry;
use crate::error::{Error, Result};
use crate::gate::with_cors;
use crate::odoo::builtin_tool::BuiltinTool;
use crate::odoo::settings::Settings;
use crate::odoo::user::User;
use crate::prompts::embed::Slot;
use crate::resources::Memo;
use crate::wire::http::Reply;
use crate::wire::state::State;
use crate::wire::version::Version;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// Who gets the result of a call.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ReplyTo {
    Client {
        id: Value,
        version: Version,
        cors: Option<String>,
        #[serde(default)]
        sink: Option<Box<NotificationSink>>,
        #[serde(default)]
        input_context: Option<Box<InputContext>>,
    },
    /// A caller of `mcp_dispatch_tool`.
    Sql,
}

impl ReplyTo {
    /// Whoever sent this request.
    pub fn client(call: &Call) -> Self {
        Self::Client {
            id: call.id.clone(),
            version: call.version,
            cors: call.auth.cors.clone(),
            sink: call.sink.clone().map(Box::new),
            input_context: call.input_context.clone(),
        }
    }

    pub(super) fn sink(&self) -> Option<&NotificationSink> {
        match self {
            Self::Client { sink, .. } => sink.as_deref(),
            Self::Sql => None,
        }
    }

    /// What it takes to ask whoever made the call.
    pub fn input_context(&mut self) -> Option<&mut Box<InputContext>> {
        match self {
            Self::Client { input_context, .. } => input_context.as_mut(),
            Self::Sql => None,
        }
    }

    pub(super) fn cors(&self, reply: Reply) -> Reply {
        match self {
            Self::Client { cors, .. } => with_cors(reply, cors.as_deref()),
            Self::Sql => reply,
        }
    }

    /// None is a caller without a protocol.
    pub(super) fn version(&self) -> Option<Version> {
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
    /// Whether the call may change how users sign in.
    pub may_change_users: bool,
    /// Whether the caller may change nothing: PostgreSQL then refuses whatever the method writes.
    pub read_only: bool,
    /// Whether the method only reads by what it is for, so that a failure leaves nothing to undo.
    pub only_reads: bool,
}

impl<'a> OdooCall<'a> {
    /// A call that may write, commits only at its end, and hides nothing; the other fields are set by name.
    pub fn new(
        model: &'a str,
        record_id: Option<i64>,
        method: &'a str,
        arguments: Map<String, Value>,
    ) -> Self {
        Self {
            model,
            record_id,
            method,
            arguments,
            commits: false,
            veiled: None,
            dry_run: false,
            may_change_users: false,
            read_only: false,
            only_reads: false,
        }
    }
}

/// What the result of a call is made into.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Continuation {
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
        claims: Option<Box<IdempotencyClaim>>,
    },
    /// Of a call that is to be confirmed first: names of its records.
    Confirm {
        ask: Box<ConfirmationRequest>,
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

/// What a call needs to go on after Odoo has run it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PendingCall {
    pub entry: Entry,
    pub(super) to: ReplyTo,
    pub(super) finish: Continuation,
    pub read_only: bool,
    pub(super) max_answer_bytes: i64,
    pub call_ms: i64,
    #[serde(default)]
    pub veiled: Option<String>,
    #[serde(default)]
    pub dry_run: bool,
    /// The step, where it may have to be run once more with answers that came with the request.
    #[serde(default)]
    pub(super) repeat: Option<Value>,
}

/// The step for Odoo, and the state to go on with.
///
/// # Errors
/// None that a caller could cause.
pub fn start_call(
    user: &User,
    settings: &Settings,
    call: OdooCall,
    finish: Continuation,
    mut to: ReplyTo,
    entry: &mut Entry,
) -> Result<(Value, Value)> {
    if let ReplyTo::Client { input_context, .. } = &mut to
        && !finish.may_ask()
    {
        // What would wait is not carried along for nothing.
        input_context.take_if(|input_context| !input_context.retries());
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
    if call.may_change_users {
        step["may_change_users"] = json!(true);
    }
    if matches!(&to, ReplyTo::Client { version, .. } if version.is_modern()) {
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
    if let ReplyTo::Client {
        sink,
        input_context,
        ..
    } = &to
    {
        if sink.is_some() {
            step["listening"] = json!(true);
        }
        if let Some(input_context) = input_context {
            input_context.tell(&mut step);
            repeat = input_context.foresees().then(|| step.clone());
        }
    }
    let pending = PendingCall {
        entry: entry.clone(),
        to,
        finish,
        read_only: call.only_reads,
        max_answer_bytes: settings.max_answer_bytes,
        call_ms: settings.call_ms,
        veiled: call.veiled,
        dry_run: call.dry_run,
        repeat,
    };
    Ok((step, pending.into_state()?))
}

/// The same for the client whose message this is.
///
/// # Errors
/// None that a caller could cause.
pub fn start_for_client(
    call: &Call,
    user: &User,
    odoo: OdooCall,
    finish: Continuation,
    entry: &mut Entry,
) -> Result<(Value, Value)> {
    let to = ReplyTo::client(call);
    start_call(user, &call.auth.settings, odoo, finish, to, entry)
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

impl Continuation {
    /// Whether a method of another author runs, who may ask the client something.
    pub(super) fn may_ask(&self) -> bool {
        match self {
            Self::Tool { method, .. } => BuiltinTool::is_authored(BuiltinTool::of(method)),
            Self::Resource { memo } => memo.resource == "method",
            Self::Confirm { .. } | Self::Prompt { .. } | Self::Embedded { .. } => true,
            Self::Completion { .. } => false,
        }
    }

    /// Whether a failure is a result of its own (tools) or a JSON-RPC error.
    pub(super) fn fails_as_result(&self) -> bool {
        matches!(self, Self::Tool { .. } | Self::Confirm { .. })
    }
    /// What the call is done once under.
    pub(super) fn claims(&self) -> Option<&IdempotencyClaim> {
        match self {
            Self::Tool { claims, .. } => claims.as_deref(),
            _ => None,
        }
    }
}

impl PendingCall {
    pub(super) fn into_state(self) -> Result<Value> {
        let call = serde_json::to_value(self)
            .map_err(|error| Error::Internal(format!("state: {error}")))?;
        State::Call { call }.to_json()
    }

    /// What the tool keeps of the call, if it is one.
    pub fn memo(&self) -> Option<&Value> {
        match &self.finish {
            Continuation::Tool { memo, .. } => Some(memo),
            _ => None,
        }
    }

    /// What a built-in tool does with records.
    pub fn operation(&self) -> Option<&'static str> {
        let Continuation::Tool { method, .. } = &self.finish else {
            return None;
        };
        BuiltinTool::of(method)?.operation()
    }

    /// Whether the client has taken up the stream of its request.
    pub(super) fn takes_events_only(&self) -> bool {
        self.entry.http_method == "GET"
    }

    /// What the client hears beside the result.
    pub(super) fn hear(&self, outcome: &Value) -> Result<Vec<String>> {
        match (self.to.sink(), outcome.get("notifications")) {
            (Some(sink), Some(described)) => sink.hear(described, self.max_answer_bytes),
            _ => Ok(Vec::new()),
        }
    }
}
