//! Dispatches the methods of the protocol, for each version.

pub mod cancel;
mod completion;
mod confirmation;
mod failure;
pub mod idempotency;
mod instructions;
mod lifecycle;
pub mod mrtr;
mod notifications;
pub mod paging;
pub mod pending_call;
mod prompts;
pub mod request;
mod resources;
pub mod resume;
pub mod tools;
mod tools_list;

pub use lifecycle::modern_client;

use crate::audit::{self, Entry};
use crate::error::{Error, Result, code};
use crate::text::json::clip;
use crate::text::suggest::did_you_mean;
use crate::wire::version::Version;
use mrtr::context::InputOutcome;
use notifications::NotificationSink;
use request::{Call, Outcome, complete};
use serde_json::{Map, Value};

/// Answers one request.
///
/// # Errors
/// A JSON-RPC error.
pub fn answer(call: &mut Call, method: &str, entry: &mut Entry) -> Result<Outcome> {
    let modern = call.version.is_modern();
    if let Some(key) = mrtr::subject(method) {
        entry.set_subject(method, call.params.get(key).and_then(Value::as_str));
        let level = call.log_level.as_deref();
        call.sink = NotificationSink::of(call.request, &call.params, level, call.version)?;
        if modern {
            match mrtr::begin(call, method, audit::now() / 1_000_000) {
                Ok(InputOutcome::Run(input_context)) => call.input_context = Some(input_context),
                ended => {
                    if method == "tools/call" {
                        entry.set_request(&tools::for_audit(&call.params), &call.auth.settings);
                    }
                    if let InputOutcome::InputRequired(result) = ended? {
                        let result = complete(result, call.version, None);
                        return Ok(Outcome::InputRequired(result));
                    }
                }
            }
        } else {
            call.input_context = mrtr::of_stream(call, method);
        }
    }
    match method {
        "server/discover" if modern => lifecycle::discover(call),
        "initialize" if !modern => lifecycle::initialize(call, entry),
        "ping" if !modern => Ok(Outcome::Result(Map::new(), None)),
        "logging/setLevel" if !modern => lifecycle::set_level(call),
        "resources/subscribe" | "resources/unsubscribe" if !modern => lifecycle::subscribe(call),
        "tools/list" => tools_list::list(call),
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
    // 2026-07-28 requires 404; older clients expect an ordinary JSON-RPC response.
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
