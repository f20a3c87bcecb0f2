//! One JSON-RPC request, and the outcome of answering it.

use super::idempotency::Replay;
use super::mrtr::context::InputContext;
use super::mrtr::input_requests::InputRequests;
use super::notifications::NotificationSink;
use crate::error::{Error, Result};
use crate::gate::session::Session;
use crate::odoo::user::User;
use crate::pg::{Database, Param};
use crate::policy::{self, Policy};
use crate::wire::auth_context::AuthContext;
use crate::wire::http::Request;
use crate::wire::version::{META_SERVER, Version};
use serde_json::{Map, Value, json};

/// One request within an exchange.
pub struct Call<'a> {
    pub db: &'a dyn Database,
    pub auth: &'a AuthContext,
    pub version: Version,
    pub id: Value,
    pub params: Map<String, Value>,
    /// The HTTP request.
    pub request: &'a Request,
    /// The minimum severity of log messages for the client. Without a level: none in 2026-07-28, the server's default
    /// in older versions.
    pub log_level: Option<String>,
    /// Receives the progress and log messages of a method in Odoo. [`answer`] sets this and the next field.
    pub sink: Option<NotificationSink>,
    /// The context for input requests; none where the client cannot be asked.
    pub input_context: Option<Box<InputContext>>,
    /// Only in the handshake versions.
    pub session: Option<&'a Session>,
    /// The answered input requests of a stored request.
    pub answered: Option<InputRequests>,
}

impl Call<'_> {
    /// The request's user, and the policy for that user and API key.
    ///
    /// # Errors
    /// Denied for a user or key without access.
    pub fn enter(&self) -> Result<(User, Policy<'_>)> {
        policy::enter(self.db, self.auth.principal, (&self.auth.settings).into())
    }
}

/// The outcome of a method.
pub enum Outcome {
    /// The result and its number of rows.
    Result(Map<String, Value>, Option<i64>),
    /// The result as JSON text, and its number of rows.
    Text(String, Option<i64>),
    /// A failed tool: a result for the client, an error in the audit.
    Failed(Error),
    /// A call that a person declined; sent as a failed tool.
    Declined(Error),
    /// The replayed answer of an earlier call, as a result.
    Repeated(Map<String, Value>, Replay),
    /// `initialize`: a result, and the session to open.
    Open(Map<String, Value>, Value),
    /// The client must answer input requests first.
    InputRequired(Map<String, Value>),
    /// An empty result, and the session's new log level.
    LogLevel(String),
    /// Odoo must run a step: the step, and the state that resumes it.
    Step {
        step: Value,
        state: Value,
        read_only: bool,
    },
}

/// The short server information in every 2026-07-28 result.
pub fn server_info(version: Version) -> Value {
    let mut info = json!({"name": "odoo-mcp", "version": env!("CARGO_PKG_VERSION")});
    if version.has_titles() {
        info["title"] = json!("Odoo");
    }
    info
}

/// The parameters that identify a caller who has passed the gate in statements that list tools ([`policy::of_caller`]).
pub fn caller_params(auth: &AuthContext) -> [Param<'static>; 3] {
    policy::of_caller(auth.principal.api_key_id, (&auth.settings).into())
}

/// Completes a result for its version: 2026-07-28 requires a result type and server information, and cache hints for
/// lists.
pub fn complete(
    result: Map<String, Value>,
    version: Version,
    cache: Option<CacheHint>,
) -> Map<String, Value> {
    if !version.is_modern() {
        return result;
    }
    let mut complete = Map::new();
    complete.insert("resultType".into(), json!("complete"));
    complete.extend(result);
    if let Some(cache) = cache {
        complete.insert("ttlMs".into(), json!(cache.ttl_ms));
        complete.insert("cacheScope".into(), json!("private"));
    }
    if let Some(meta) = complete
        .entry("_meta")
        .or_insert_with(|| json!({}))
        .as_object_mut()
    {
        let server = || server_info(version);
        meta.entry(META_SERVER).or_insert_with(server);
    }
    complete
}

/// How long a client may cache a result. The scope is always `private`: the content depends on the user.
#[derive(Debug, Clone, Copy)]
pub struct CacheHint {
    pub ttl_ms: u64,
}
