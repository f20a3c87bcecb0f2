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
use crate::tools::MethodMemo;
use crate::tools::context::kept;
use crate::wire::http::Reply;
use crate::wire::state::State;
use crate::wire::version::Version;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// The recipient of a call's result.
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
    /// The client that sent this request.
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

    /// The input context of the caller, if it can be asked.
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

    /// None for a caller in SQL, which has no protocol.
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
    /// The record to call it on; none for a method of the model.
    pub record_id: Option<i64>,
    pub method: &'a str,
    pub arguments: Map<String, Value>,
    /// Whether the method may commit by itself.
    pub commits: bool,
    /// A model with hidden data: Odoo's own messages about it are withheld from the caller.
    pub withheld_model: Option<String>,
    /// Whether this is a dry run: Odoo reports the changes and rolls them back.
    pub dry_run: bool,
    /// Whether the call may change how users sign in.
    pub may_change_users: bool,
    /// Whether the caller may change nothing: PostgreSQL then rejects every write.
    pub read_only: bool,
    /// Whether the method is meant only to read, so that a failure leaves nothing to undo.
    pub only_reads: bool,
}

impl<'a> OdooCall<'a> {
    /// A call that may write, commits only at its end, and hides nothing; callers set the other fields by name.
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
            withheld_model: None,
            dry_run: false,
            may_change_users: false,
            read_only: false,
            only_reads: false,
        }
    }
}

/// How the result of a call is processed.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Continuation {
    Tool {
        method: String,
        memo: Value,
        zone: String,
        /// Whether the tool has an output schema.
        #[serde(default)]
        has_schema: bool,
        /// The output schema of a result that an addon's tool makes.
        #[serde(default)]
        schema: Option<String>,
        /// The idempotency claims of the call.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        claims: Option<Box<IdempotencyClaim>>,
    },
    /// A call that needs a confirmation: the step reads record names.
    Confirm {
        ask: Box<ConfirmationRequest>,
    },
    Resource {
        memo: Box<Memo>,
    },
    Prompt {
        description: Option<String>,
    },
    /// A prompt whose resources Odoo reads.
    Embedded {
        description: Option<String>,
        slots: Vec<Slot>,
        room: usize,
    },
    /// A completion.
    Completion {
        value: String,
    },
}

/// The state with which a call resumes after Odoo has run its step.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PendingCall {
    pub entry: Entry,
    pub(super) to: ReplyTo,
    pub(super) finish: Continuation,
    pub read_only: bool,
    pub(super) max_answer_bytes: i64,
    pub call_ms: i64,
    #[serde(default)]
    pub withheld_model: Option<String>,
    #[serde(default)]
    pub dry_run: bool,
    /// The step, if it may have to run again with responses that came with the request.
    #[serde(default)]
    pub(super) repeat: Option<Value>,
}

/// Makes the step for Odoo and the state that resumes it.
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
        // The method cannot ask for input, so the state does not need the request to store.
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
    } else if !call.only_reads {
        step["check_users"] = json!(true);
    }
    if matches!(&to, ReplyTo::Client { version, .. } if version.is_modern()) {
        // In 2026-07-28 a client cancels by closing the connection; in older versions closing has no such meaning.
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
        withheld_model: call.withheld_model,
        dry_run: call.dry_run,
        repeat,
    };
    Ok((step, pending.into_state()?))
}

/// [`start_call`] for the client that sent this message.
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
/// When an answer of `size` bytes exceeds `most`, the server's limit.
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
    /// Whether the client may have to be asked for input after the step: by another author's method, or to confirm.
    pub(super) fn may_ask(&self) -> bool {
        match self {
            Self::Tool { method, .. } => BuiltinTool::is_authored(BuiltinTool::of(method)),
            Self::Resource { memo } => memo.resource == "method",
            Self::Confirm { .. } | Self::Prompt { .. } | Self::Embedded { .. } => true,
            Self::Completion { .. } => false,
        }
    }

    /// Whether a failure becomes a tool result rather than a JSON-RPC error.
    pub(super) fn fails_as_result(&self) -> bool {
        matches!(self, Self::Tool { .. } | Self::Confirm { .. })
    }
    /// The idempotency claims of the call.
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

    /// The method that `method_call` has called.
    pub fn method_called(&self) -> Option<MethodMemo> {
        match &self.finish {
            Continuation::Tool { method, memo, .. }
                if BuiltinTool::of(method) == Some(BuiltinTool::MethodCall) =>
            {
                kept(memo).ok()
            }
            _ => None,
        }
    }

    /// The operation of a built-in tool on records.
    pub fn operation(&self) -> Option<&'static str> {
        let Continuation::Tool { method, .. } = &self.finish else {
            return None;
        };
        BuiltinTool::of(method)?.operation()
    }

    /// Whether the client has resumed the stream of its request.
    pub(super) fn takes_events_only(&self) -> bool {
        self.entry.http_method == "GET"
    }

    /// The notifications for the client that precede the result.
    pub(super) fn hear(&self, outcome: &Value) -> Result<Vec<String>> {
        match (self.to.sink(), outcome.get("notifications")) {
            (Some(sink), Some(described)) => sink.hear(described, self.max_answer_bytes),
            _ => Ok(Vec::new()),
        }
    }
}
