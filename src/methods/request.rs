//! One JSON-RPC request, and the outcome of answering it.

use super::idempotency::Replay;
use super::mrtr::context::InputContext;
use super::mrtr::input_requests::InputRequests;
use super::notifications::NotificationSink;
use crate::error::{Error, Result};
use crate::gate::session::Session;
use crate::odoo::user::User;
use crate::pg::{Database, Param};
use crate::policy::{self, Caller, Policy};
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
    /// What came over HTTP.
    pub request: &'a Request,
    /// The least severe log messages that the client wants: in 2026-07-28 none without a level, before that the server
    /// chooses.
    pub log_level: Option<String>,
    /// Who hears what a method of Odoo's tells beside its result; set by [`answer`], as is the next.
    pub sink: Option<NotificationSink>,
    /// What it takes to ask the client something; none where it cannot be asked.
    pub input_context: Option<Box<InputContext>>,
    /// Of the handshake versions.
    pub session: Option<&'a Session>,
    /// All that the client was asked and has answered, where this request has waited for that.
    pub answered: Option<InputRequests>,
}

impl Call<'_> {
    /// Its user, and what they may do with the key they came with.
    ///
    /// # Errors
    /// A user or a key that may do nothing.
    pub fn enter(&self) -> Result<(User, Policy<'_>)> {
        let caller = Caller {
            uid: self.auth.uid,
            api_key_id: self.auth.api_key_id,
        };
        policy::enter(self.db, caller, (&self.auth.settings).into())
    }
}

/// What a method gives.
pub enum Outcome {
    /// The result, and how many rows it has.
    Result(Map<String, Value>, Option<i64>),
    /// The same as JSON text.
    Text(String, Option<i64>),
    /// A tool that failed: a result for the client, an error for the audit.
    Failed(Error),
    /// A call that a person did not want done: as a tool that failed.
    Declined(Error),
    /// The answer of an earlier call, as a result.
    Repeated(Map<String, Value>, Replay),
    /// `initialize`: a result and a session to open.
    Open(Map<String, Value>, Value),
    /// The client must answer something first.
    InputRequired(Map<String, Value>),
    /// Nothing to tell, and which log messages the client of this session wants from now on.
    LogLevel(String),
    /// Odoo must run something: the step and the state to go on with.
    Step {
        step: Value,
        state: Value,
        read_only: bool,
    },
}

/// Who answers, in the few words that go with every result of 2026-07-28.
pub fn server_info(version: Version) -> Value {
    let mut info = json!({"name": "odoo-mcp", "version": env!("CARGO_PKG_VERSION")});
    if version.has_titles() {
        info["title"] = json!("Odoo");
    }
    info
}

/// The parameters by which statements that list tools know a caller who has passed the gate ([`policy::of_caller`]).
pub fn caller_params(auth: &AuthContext) -> [Param<'static>; 3] {
    policy::of_caller(auth.api_key_id, (&auth.settings).into())
}

/// Make a result complete for its version: 2026-07-28 wants its type and who answers, and for lists how long they may
/// be kept.
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

/// How long a client may keep a result. The scope is always `private`: what a user sees depends on the user.
#[derive(Debug, Clone, Copy)]
pub struct CacheHint {
    pub ttl_ms: u64,
}
