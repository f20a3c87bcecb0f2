//! The methods of the protocol: what each answers, in each version.

pub mod cancel;
mod completion;
mod confirm;
mod failure;
pub mod input;
mod instructions;
mod lifecycle;
mod listener;
pub mod once;
mod prompts;
mod resources;
pub mod running;
mod tool_list;
pub mod tools;

pub use lifecycle::modern_client;

use crate::audit::{self, Entry};
use crate::error::{Error, Result, code};
use crate::gate::session::Session;
use crate::odoo::json_text::clip;
use crate::odoo::nearest::did_you_mean;
use crate::odoo::user::User;
use crate::pg::Database;
use crate::policy::{self, Caller, Policy};
use crate::wire::http::Request;
use crate::wire::pass::Pass;
use crate::wire::version::{META_SERVER, Version};
use input::{Asker, Begun, Question};
use listener::Listener;
use once::Repeat;
use serde_json::{Map, Value, json};

/// One request within an exchange.
pub struct Call<'a> {
    pub db: &'a dyn Database,
    pub pass: &'a Pass,
    pub version: Version,
    pub id: Value,
    pub params: Map<String, Value>,
    /// What came over HTTP.
    pub request: &'a Request,
    /// The least severe log messages that the client wants: in 2026-07-28 none without a level, before that the server
    /// chooses.
    pub log_level: Option<String>,
    /// Who hears what a method of Odoo's tells beside its result; set by [`answer`], as is the next.
    pub listener: Option<Listener>,
    /// What it takes to ask the client something; none where it cannot be asked.
    pub asker: Option<Box<Asker>>,
    /// Of the handshake versions.
    pub session: Option<&'a Session>,
    /// All that the client was asked and has answered, where this request has waited for that.
    pub answered: Option<Question>,
}

impl Call<'_> {
    /// Its user, and what they may do with the key they came with.
    ///
    /// # Errors
    /// A user or a key that may do nothing.
    pub fn enter(&self) -> Result<(User, Policy<'_>)> {
        let caller = Caller {
            uid: self.pass.uid,
            api_key_id: self.pass.api_key_id,
        };
        policy::enter(self.db, caller, (&self.pass.settings).into())
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
    Repeated(Map<String, Value>, Repeat),
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

/// Answer one request.
///
/// # Errors
/// A JSON-RPC error.
pub fn answer(call: &mut Call, method: &str, entry: &mut Entry) -> Result<Outcome> {
    let modern = call.version.is_modern();
    if let Some(key) = input::subject(method) {
        entry.set_subject(method, call.params.get(key).and_then(Value::as_str));
        let level = call.log_level.as_deref();
        call.listener = Listener::of(call.request, &call.params, level, call.version)?;
        if modern {
            match input::begin(call, method, audit::now() / 1_000_000) {
                Ok(Begun::Run(asker)) => call.asker = Some(asker),
                ended => {
                    if method == "tools/call" {
                        entry.set_request(&tools::for_audit(&call.params), &call.pass.settings);
                    }
                    if let Begun::Ask(result) = ended? {
                        let result = complete(result, call.version, None);
                        return Ok(Outcome::InputRequired(result));
                    }
                }
            }
        } else {
            call.asker = Asker::polled(call, method);
        }
    }
    match method {
        "server/discover" if modern => lifecycle::discover(call),
        "initialize" if !modern => lifecycle::initialize(call, entry),
        "ping" if !modern => Ok(Outcome::Result(Map::new(), None)),
        "logging/setLevel" if !modern => lifecycle::set_level(call),
        "resources/subscribe" | "resources/unsubscribe" if !modern => lifecycle::subscribe(call),
        "tools/list" => tool_list::list(call),
        "tools/call" => tools::call(call, entry),
        "resources/list" => resources::list(call),
        "resources/templates/list" => resources::list_templates(call),
        "resources/read" => resources::read(call, entry),
        "prompts/list" => prompts::list(call),
        "prompts/get" => prompts::get(call, entry),
        "completion/complete" => completion::answer(call, entry),
        _ => Err(unknown(method, call.version)),
    }
}

fn unknown(method: &str, version: Version) -> Error {
    const BOTH: [&str; 8] = [
        "tools/list",
        "tools/call",
        "resources/list",
        "resources/templates/list",
        "resources/read",
        "prompts/list",
        "prompts/get",
        "completion/complete",
    ];
    let own: &[&str] = if version.is_modern() {
        &["server/discover"]
    } else {
        &[
            "initialize",
            "ping",
            "logging/setLevel",
            "resources/subscribe",
            "resources/unsubscribe",
        ]
    };
    let known: Vec<&str> = own.iter().chain(&BOTH).copied().collect();
    // 404 is what 2026-07-28 asks for; older clients expect an ordinary JSON-RPC response.
    let status = if version.is_modern() { 404 } else { 200 };
    Error::protocol(
        status,
        code::METHOD_NOT_FOUND,
        format!(
            "Method {:?} is not known in {}.{}",
            clip(method, 64),
            version.name(),
            did_you_mean(method, known.iter().copied())
        ),
    )
}

/// Make a result complete for its version: 2026-07-28 wants its type and who answers, and for lists how long they may
/// be kept.
pub fn complete(
    result: Map<String, Value>,
    version: Version,
    cache: Option<Cache>,
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
        let server = || lifecycle::server_info(version);
        meta.entry(META_SERVER).or_insert_with(server);
    }
    complete
}

/// How long a client may keep a result. The scope is always `private`: what a user sees depends on the user.
pub struct Cache {
    pub ttl_ms: u64,
}
