//! The state machine of one exchange: request, steps, reply (docs/exchange.md). Its only I/O is SQL.

mod batch;
mod durability;
mod limits;
mod outcome;
mod record;
mod response;
mod stream_resumption;

use crate::audit::{self, Entry};
use crate::error::{Error, Result, code};
use crate::gate::session::{self, Session};
use crate::gate::{self, Verdict};
use crate::methods::mrtr::input_requests::InputRequests;
use crate::methods::pending_call::PendingCall;
use crate::methods::request::Call;
use crate::methods::{answer, cancel, modern_client, resume};
use crate::pg::{Database, limited};
use crate::wire::answer::{Answered, ExchangeAnswer};
use crate::wire::auth_context::AuthContext;
use crate::wire::http::{Reply, Request};
use crate::wire::json_rpc::{self, Message};
use crate::wire::state::State;
use crate::wire::version::{Era, HANDSHAKE, META_VERSION, Version, era};
use crate::wire::{log_level, v2026_07_28};
use response::{Response, SideEffect};
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// Time limit in milliseconds for work of the core itself.
const CORE_MS: u64 = 10_000;

/// Time limit in milliseconds for the gate: it reads a few rows, and waits only for the lock of an upgrade.
const GATE_MS: u64 = 2_000;

/// SQLSTATE of a statement that was cancelled by its time limit.
const QUERY_CANCELED: &str = "57014";

/// `mcp_gate`: authenticates a request, and refuses or admits it.
///
/// # Errors
/// Errors from PostgreSQL, and a request outside the contract.
pub fn gate(db: &dyn Database, request: &Value) -> Result<Answered> {
    let started = audit::now();
    let request = Request::deserialize(request).map_err(malformed)?;
    pass_gate(db, || gate::enter(db, &request, started))
}

/// Converts the gate's verdict to an answer. A missing table or column means that the addon is not installed or has
/// another version, and the answer says so.
fn pass_gate(db: &dyn Database, decide: impl FnMut() -> Result<Verdict>) -> Result<Answered> {
    match limited(db, GATE_MS, decide) {
        Ok(decided) => Ok(verdict(decided)),
        Err(Error::Database { sqlstate, .. })
            if ["42P01", "42703"].contains(&sqlstate.as_str()) =>
        {
            Ok(refusal(&gate::readiness::incomplete()))
        }
        // A standby cannot access unlogged tables.
        Err(Error::Database { sqlstate, .. }) if sqlstate == "0A000" => {
            Ok(refusal(&gate::readiness::standby()))
        }
        Err(Error::Database { sqlstate, .. }) if sqlstate == QUERY_CANCELED => Ok(refusal(&busy())),
        Err(error) => Err(error),
    }
}

fn refusal(error: &Error) -> Answered {
    ExchangeAnswer::Reply(Reply::error(&Value::Null, error)).into()
}

fn busy() -> Error {
    Error::protocol(
        503,
        code::REFUSED,
        "The database is busy: a module may be being installed or updated. Try again in a moment.",
    )
}

fn verdict(verdict: Verdict) -> Answered {
    match verdict {
        Verdict::Enter(auth, remember) => Answered {
            answer: ExchangeAnswer::Authenticated(auth),
            remember,
        },
        Verdict::Refuse(reply) => ExchangeAnswer::Reply(reply).into(),
        Verdict::Verify { step, state } => ExchangeAnswer::Step { step, state }.into(),
        Verdict::Ordinary => ExchangeAnswer::Ordinary.into(),
    }
}

/// `mcp_handle(request)`: gate and message in one statement.
///
/// # Errors
/// As [`gate`] and [`handle`].
pub fn gate_and_handle(db: &dyn Database, request: &Value) -> Result<Answered> {
    let answered = gate(db, request)?;
    let ExchangeAnswer::Authenticated(auth) = &answered.answer else {
        return Ok(answered);
    };
    let request = Request::deserialize(request).map_err(malformed)?;
    let answer = behind_gate(db, auth, &request, Statement::Own)?;
    Ok(Answered { answer, ..answered })
}

/// `mcp_handle`: handles a message after the gate.
///
/// # Errors
/// Only when even the audit row cannot be written.
pub fn handle(db: &dyn Database, auth: &Value, request: &Value) -> Result<Answered> {
    let auth = AuthContext::from_json(auth)?;
    let request = Request::deserialize(request).map_err(malformed)?;
    behind_gate(db, &auth, &request, Statement::Own).map(Into::into)
}

/// `mcp_exchange`: gate and message for the addon, in as few statements as possible. Without `auth` the gate decides
/// first. With a body the same statement then handles the message, unless its audit row must be durable before the
/// reply. Such a message needs a second statement, so that the gate's locks are not held during the flush.
///
/// # Errors
/// As [`gate`] and [`handle`].
pub fn exchange(
    db: &dyn Database,
    request: &str,
    body: Option<&str>,
    auth: Option<&str>,
) -> Result<Answered> {
    let started = audit::now();
    let mut request: Request = serde_json::from_str(request).map_err(malformed)?;
    if let Some(auth) = auth {
        let auth: AuthContext = serde_json::from_str(auth)
            .map_err(|error| Error::Internal(format!("pass: {error}")))?;
        if let Some(body) = body {
            request.body = Some(body.to_owned());
        }
        // Taking the tokens commits on its own, like the gate. The exchange begins after that.
        let statement = match auth.buckets.is_empty() {
            true => Statement::Own,
            false => Statement::WithGate,
        };
        return behind_gate(db, &auth, &request, statement).map(Into::into);
    }
    let answered = pass_gate(db, || gate::enter(db, &request, started))?;
    match (&answered.answer, body) {
        (ExchangeAnswer::Authenticated(auth), Some(body)) => {
            request.body = Some(body.to_owned());
            let answer = behind_gate(db, auth, &request, Statement::WithGate)?;
            Ok(Answered { answer, ..answered })
        }
        _ => Ok(answered),
    }
}

/// Whether the current statement only handles the message, or also runs the gate or takes tokens.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Statement {
    Own,
    WithGate,
}

fn behind_gate(
    db: &dyn Database,
    auth: &AuthContext,
    request: &Request,
    statement: Statement,
) -> Result<ExchangeAnswer> {
    let mut exchange = Exchange::new(request, auth);
    if let Some(refused) = exchange.look(db, request, auth)? {
        return Ok(refused);
    }
    if statement == Statement::WithGate && durability::expects_durable_row(db, request, auth) {
        let refused = exchange.admit(db, request, auth, None)?;
        return Ok(refused.unwrap_or_else(|| {
            // With the tokens taken, the addon sends the same message again.
            ExchangeAnswer::Authenticated(Box::new(AuthContext {
                buckets: Vec::new(),
                ..auth.clone()
            }))
        }));
    }
    let served = limited(db, CORE_MS, || exchange.serve(db, request, auth));
    let served = served.unwrap_or_else(|error| exchange.failed(error));
    if let Some(refused) = exchange.admit(db, request, auth, Some(&served))? {
        return Ok(refused);
    }
    exchange.record(db, request, auth, served)
}

/// `mcp_continue`: [`resume`] with JSON texts.
///
/// # Errors
/// As [`resume`].
pub fn resume_text(db: &dyn Database, state: &str, outcome: &str) -> Result<Answered> {
    let parse = |text: &str| {
        serde_json::from_str::<Value>(text)
            .map_err(|error| Error::Internal(format!("state or outcome: {error}")))
    };
    resume(db, &parse(state)?, parse(outcome)?)
}

/// `mcp_resume`: resumes an exchange with the outcome of a step.
///
/// # Errors
/// Errors that must roll the transaction back, and an invalid state.
pub fn resume(db: &dyn Database, state: &Value, outcome: Value) -> Result<Answered> {
    match State::from_json(state)? {
        State::Gate { waiting } => pass_gate(db, || gate::resume(db, &waiting, &outcome)),
        State::Batch { batch } => batch::finish(db, &batch, &outcome).map(Into::into),
        State::Call { call } => {
            let waiting = PendingCall::deserialize(call)
                .map_err(|error| Error::Internal(format!("state: {error}")))?;
            match outcome.get("error") {
                None => resume::succeed(db, waiting, outcome),
                Some(error) if error["type"] == "closed" => {
                    limited(db, CORE_MS, || cancel::closed(db, &waiting.entry))?;
                    Ok(ExchangeAnswer::Reply(Reply::empty(204)))
                }
                Some(_) => resume::fail(db, waiting, &outcome),
            }
            .map(Into::into)
        }
    }
}

fn malformed(error: serde_json::Error) -> Error {
    Error::Internal(format!("request: {error}"))
}

/// A request in the form that methods get.
struct Calling {
    method: String,
    params: Map<String, Value>,
    log_level: Option<String>,
    /// The answered input requests of a stored request.
    answered: Option<InputRequests>,
}

/// The state of one exchange while its message is handled.
struct Exchange {
    entry: Entry,
    /// The message's id, once known.
    id: Value,
    version: Version,
    session: Option<Session>,
    /// Whether the call is registered as in flight.
    is_registered: bool,
}

impl Exchange {
    fn new(request: &Request, auth: &AuthContext) -> Self {
        Self {
            entry: Entry::begin(request, Some(auth), auth.started),
            id: Value::Null,
            // The version of a request without a version header (specification 2025-06-18: transports).
            version: Version::V2025_03_26,
            session: None,
            is_registered: false,
        }
    }

    fn serve(
        &mut self,
        db: &dyn Database,
        request: &Request,
        auth: &AuthContext,
    ) -> Result<Response> {
        match request.http_method.as_str() {
            "POST" => self.post(db, request, auth),
            "DELETE" => self.delete(db, request, auth),
            _ => self.get(db, request, auth),
        }
    }

    /// Ends a session.
    fn delete(
        &mut self,
        db: &dyn Database,
        request: &Request,
        auth: &AuthContext,
    ) -> Result<Response> {
        let header = request.header("mcp-protocol-version")?;
        if header.is_some_and(|name| !HANDSHAKE.contains(&name)) {
            return Err(Error::protocol(
                405,
                code::INVALID_REQUEST,
                "This version has no sessions to end.",
            ));
        }
        if request.header("mcp-session-id")?.is_none() {
            return Err(Error::protocol(
                400,
                code::INVALID_REQUEST,
                "Mcp-Session-Id is missing.",
            ));
        }
        self.set_session(session::find(db, request, auth)?);
        Ok(Response {
            also: SideEffect::Close,
            ..Response::reply(Reply::empty(204), None)
        })
    }

    fn set_session(&mut self, session: Option<Session>) {
        if let Some(session) = &session {
            self.entry.session_id = Some(session.id.clone());
            self.entry.client_name = session.client_name.clone();
            self.entry.client_version = session.client_version.clone();
            self.entry.protocol_version = Some(session.protocol_version.name().into());
            self.version = session.protocol_version;
        }
        self.session = session;
    }

    fn post(
        &mut self,
        db: &dyn Database,
        request: &Request,
        auth: &AuthContext,
    ) -> Result<Response> {
        let body = request.body_text()?;
        let message = json_rpc::parse(&body).map_err(|malformed| {
            self.id = malformed.id;
            malformed.error
        })?;
        let header = request.header("mcp-protocol-version")?;
        let (id, method, params) = match message {
            Message::Request { id, method, params } => (Some(id), method, params),
            Message::Notification { method, params } => (None, method, params),
            Message::ClientResponse(response) => {
                return self.response(db, request, auth, &response);
            }
            Message::Batch(messages) => return self.batch(db, request, auth, messages),
        };
        self.entry.method = Some(method.chars().take(128).collect());
        self.id = id.clone().unwrap_or(Value::Null);
        self.entry.request_id = id.clone();
        let mut log_level = None;
        match era(header, &params) {
            Era::Modern => {
                self.note_modern(header, &params);
                self.version = Version::V2026_07_28;
                if id.is_none() {
                    v2026_07_28::check_notification(request, &method, &params)?;
                } else {
                    self.version = v2026_07_28::check(request, &method, &params)?;
                    log_level = log_level::of_meta(&params)?;
                }
            }
            Era::Handshake => {
                if request.in_batch && method == "initialize" {
                    return Err(Error::protocol(
                        400,
                        code::INVALID_REQUEST,
                        "initialize must be sent alone, not in a batch.",
                    ));
                }
                self.join_session(db, request, auth, method != "initialize")?;
                if let Some(session) = &self.session {
                    log_level = session.log_level.clone();
                }
            }
        }
        if id.is_none() {
            self.entry.set_request(&json!(params), &auth.settings);
            return self.notified(db, &method, &params);
        }
        let calling = Calling {
            method,
            params,
            log_level,
            answered: None,
        };
        self.call(db, request, auth, calling)
    }

    /// Answers a request.
    fn call(
        &mut self,
        db: &dyn Database,
        request: &Request,
        auth: &AuthContext,
        calling: Calling,
    ) -> Result<Response> {
        let Calling {
            method,
            params,
            log_level,
            answered,
        } = calling;
        if method != "tools/call" {
            self.entry.set_request(&json!(params), &auth.settings);
        }
        let mut call = Call {
            db,
            auth,
            version: self.version,
            id: self.id.clone(),
            params,
            request,
            log_level,
            sink: None,
            input_context: None,
            session: self.session.as_ref(),
            answered,
        };
        let outcome = answer(&mut call, &method, &mut self.entry)?;
        self.version = call.version;
        Ok(self.served(outcome))
    }

    /// Determines version and session of a handshake-version message. The session's version overrides the version
    /// header.
    fn join_session(
        &mut self,
        db: &dyn Database,
        request: &Request,
        auth: &AuthContext,
        has_session: bool,
    ) -> Result<()> {
        let header = request.header("mcp-protocol-version")?;
        if let Some(version) = header.and_then(Version::parse) {
            self.version = version;
        }
        if has_session {
            self.set_session(session::find(db, request, auth)?);
        }
        self.entry.protocol_version = Some(self.version.name().into());
        Ok(())
    }

    /// Accepts every notification, even an unknown one, as JSON-RPC requires.
    fn notified(
        &mut self,
        db: &dyn Database,
        method: &str,
        params: &Map<String, Value>,
    ) -> Result<Response> {
        let mut served = Response::reply(Reply::empty(202), None);
        if method == "notifications/cancelled" {
            match cancel::find(db, &self.entry, params)? {
                Ok(call) => served.also = SideEffect::Cancel(Box::new(call)),
                Err(nothing) => {
                    served.end.error = Some(nothing);
                    // It may name a stored request that waits for responses.
                    served.also =
                        SideEffect::Forget(params.get("requestId").cloned().unwrap_or_default());
                }
            }
        }
        Ok(served)
    }

    /// A batch: a step that handles each message like a separate request.
    fn batch(
        &mut self,
        db: &dyn Database,
        request: &Request,
        auth: &AuthContext,
        messages: Vec<Value>,
    ) -> Result<Response> {
        batch::acceptable(request, messages.len())?;
        self.join_session(db, request, auth, true)?;
        batch::allowed_in(self.version)?;
        let (step, state) = batch::begin(&self.entry, auth, messages)?;
        Ok(Response {
            step: Some((step, state)),
            // Nothing has been done yet that must be durable.
            read_only: true,
            ..Response::reply(Reply::empty(200), None)
        })
    }

    /// Records version and client of a 2026-07-28 request in the audit entry.
    fn note_modern(&mut self, header: Option<&str>, params: &Map<String, Value>) {
        let version = params
            .get("_meta")
            .and_then(|meta| meta.get(META_VERSION))
            .and_then(Value::as_str);
        let version = version
            .or(header)
            .map(|name| name.chars().take(32).collect());
        self.entry.protocol_version = version;
        if let Some(client) = modern_client(params) {
            self.entry.client_name = client["name"].as_str().map(str::to_owned);
            self.entry.client_version = client["version"].as_str().map(str::to_owned);
        }
    }
}
