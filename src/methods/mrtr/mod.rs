//! Requests that need input from the client (specification: basic patterns, "Multi Round-Trip Requests"). The result
//! contains the input requests. In 2026-07-28 the client then retries the request with the responses. In 2025-11-25 the
//! server stores the request (`stateful.rs`).

pub mod confirmation;
pub mod context;
pub mod input_requests;
pub mod request_kinds;
pub mod stateful;

use super::request::Call;
use crate::error::{Error, Result};
use crate::signed_token::TokenCodec;
use crate::text::canonical_json;
use crate::wire::event_stream;
use crate::wire::version::{META_CAPABILITIES, Version};
use context::{InputContext, InputOutcome};
use serde_json::{Map, Value, json};
use stateful::ParkedRequest;

/// The methods that may ask (specification, "Supported Requests"), and the parameter that names their subject.
const SUBJECTS: [(&str, &str); 3] = [
    ("tools/call", "name"),
    ("prompts/get", "name"),
    ("resources/read", "uri"),
];

/// The parameter that names a method's subject; none for methods that run no code of addons.
pub fn subject(method: &str) -> Option<&'static str> {
    let found = SUBJECTS.iter().find(|(name, _)| *name == method);
    found.map(|(_, key)| *key)
}

/// Reads `inputResponses` and `requestState` of a 2026-07-28 request.
///
/// # Errors
/// -32602 for a wrong type, and for a `requestState` that is not this server's, belongs to another request or has
/// expired; 400 with -32021 when the client no longer declares the needed capabilities.
pub fn begin(call: &Call, method: &str, now: i64) -> Result<InputOutcome> {
    let params = &call.params;
    let input_context = of_request(call, method);
    let answers = match params.get("inputResponses") {
        None => Map::new(),
        Some(Value::Object(answers)) => answers.clone(),
        Some(_) => {
            return Err(Error::invalid_params(
                "params.inputResponses must be an object.",
            ));
        }
    };
    let state = match params.get("requestState") {
        None => {
            return Ok(InputOutcome::Run(Box::new(InputContext {
                answers,
                ..input_context
            })));
        }
        Some(Value::String(state)) => state,
        Some(_) => {
            return Err(Error::invalid_params(
                "params.requestState must be a string.",
            ));
        }
    };
    let sealer = TokenCodec::read(call.db)?;
    let question = input_context.open(&sealer, state, now)?;
    input_context.weigh(&sealer, question, &answers, now)
}

/// The input context of a request of 2026-07-28. A `requestState` is bound to user, credential, subject and arguments.
fn of_request(call: &Call, method: &str) -> InputContext {
    let params = &call.params;
    let named = subject(method).and_then(|key| params.get(key)?.as_str());
    let arguments = params.get("arguments").unwrap_or(&Value::Null);
    let capabilities = params
        .get("_meta")
        .and_then(|meta| meta.get(META_CAPABILITIES)?.as_object());
    InputContext {
        purpose: method.to_owned(),
        bounds: vec![
            call.auth.principal.user_id.to_string(),
            call.auth.principal.credential(),
            named.unwrap_or_default().to_owned(),
            digest(arguments),
        ],
        capabilities: capabilities.cloned().unwrap_or_default(),
        answers: Map::new(),
        answered: None,
        waiter: None,
        confirmed: None,
    }
}

/// The input context of a client that is asked on the response stream of its request (2025-11-25); none if it cannot be
/// asked.
pub fn of_stream(call: &mut Call, method: &str) -> Option<Box<InputContext>> {
    let capabilities = stateful_capabilities(call)?.clone();
    let waiter = parked(call, method);
    Some(Box::new(InputContext {
        purpose: method.to_owned(),
        bounds: Vec::new(),
        capabilities,
        answers: Map::new(),
        answered: call.answered.take(),
        waiter,
        confirmed: None,
    }))
}

/// The declared input capabilities of this session's client. None where it cannot be asked: in other versions, without
/// a session, or without `text/event-stream` in `Accept`.
fn stateful_capabilities<'a>(call: &'a Call) -> Option<&'a Map<String, Value>> {
    let session = call.session?;
    let accept = call.request.header("accept").ok().flatten();
    (call.version == Version::V2025_11_25
        && session.protocol_version == Version::V2025_11_25
        && !session.capabilities.is_empty()
        && event_stream::is_accepted(accept))
    .then_some(&session.capabilities)
}

/// The request to store while the client is asked.
fn parked(call: &Call, method: &str) -> Option<ParkedRequest> {
    let session = call.session?;
    Some(ParkedRequest {
        session_id: session.id.clone(),
        id: call.id.clone(),
        method: method.to_owned(),
        params: call.params.clone(),
    })
}

/// Digest of the arguments, independent of member order.
fn digest(arguments: &Value) -> String {
    match arguments {
        // Missing arguments equal an empty object.
        Value::Null => canonical_json::digest(&json!({})),
        arguments => canonical_json::digest(arguments),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_the_same_in_any_order() {
        let one: Value =
            serde_json::from_str(r#"{"a": [1, {"x": null, "y": "z"}], "b": 2}"#).unwrap();
        let two: Value =
            serde_json::from_str(r#"{"b": 2, "a": [1, {"y": "z", "x": null}]}"#).unwrap();
        assert_eq!(digest(&one), digest(&two));
        assert_eq!(digest(&Value::Null), digest(&json!({})));
        for other in [
            json!({"a": [1, {"x": null, "y": "z"}], "b": 3}),
            json!({"b": 2}),
            json!({"b": "2"}),
            json!({}),
        ] {
            assert_ne!(digest(&one), digest(&other));
        }
    }
}
