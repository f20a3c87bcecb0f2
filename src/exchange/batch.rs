//! JSON-RPC batches (MCP 2025-03-26 and before). The addon handles each message like a separate request, with its own
//! authentication, audit row and transaction. This module joins the replies.

use crate::audit::{self, End, Entry};
use crate::error::{Error, Result, code};
use crate::gate::with_cors;
use crate::pg::Database;
use crate::wire::answer::ExchangeAnswer;
use crate::wire::auth_context::AuthContext;
use crate::wire::event_stream::{Event, is_stream};
use crate::wire::http::{Reply, Request};
use crate::wire::json_rpc::{self, Message};
use crate::wire::state::State;
use crate::wire::version::{HANDSHAKE, Version};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Maximum number of messages in one body.
const MOST: usize = 50;

/// The state of a batch while its messages are handled.
#[derive(Serialize, Deserialize)]
struct PendingBatch {
    /// The audit entry of the batch, from which the rows of unhandled messages are derived.
    entry: Entry,
    cors: Option<String>,
    seconds: i64,
    messages: Vec<BatchMessage>,
}

/// The part of a message that its reply depends on.
#[derive(Serialize, Deserialize)]
struct BatchMessage {
    id: Value,
    method: Option<String>,
    /// Whether the client expects a reply.
    answered: bool,
}

fn refused(message: impl Into<String>) -> Error {
    Error::protocol(400, code::INVALID_REQUEST, message)
}

/// # Errors
/// -32600 for a nested, empty or too long batch, and where the version header excludes batches.
pub fn acceptable(request: &Request, count: usize) -> Result<()> {
    if request.in_batch {
        return Err(refused("A batch cannot hold another batch."));
    }
    let header = request.header("mcp-protocol-version")?;
    match header {
        Some(name) if !HANDSHAKE.contains(&name) => return Err(without_batches(name)),
        Some(name) => Version::parse(name).map_or(Ok(()), allowed_in)?,
        None => {}
    }
    match count {
        0 => Err(refused("The batch is empty. Send one JSON-RPC message.")),
        1..=MOST => Ok(()),
        _ => Err(refused(format!(
            "The batch has {count} messages; at most {MOST} are accepted at once."
        ))),
    }
}

/// # Errors
/// -32600 for a version without batches.
pub fn allowed_in(version: Version) -> Result<()> {
    if version.has_batches() {
        return Ok(());
    }
    Err(without_batches(version.name()))
}

fn without_batches(version: &str) -> Error {
    let version: String = version.chars().take(32).collect();
    refused(format!(
        "A body with several messages is not accepted in {version}. Send one message in each POST."
    ))
}

/// Makes the step that handles the messages, and the state that resumes it. The batch is registered in flight like a
/// call, but has no audit row of its own. Only when its process dies does maintenance write one, for the messages that
/// were not begun.
///
/// # Errors
/// None that a client could cause.
pub fn begin(entry: &Entry, auth: &AuthContext, messages: Vec<Value>) -> Result<(Value, Value)> {
    let texts: Vec<String> = messages.iter().map(Value::to_string).collect();
    // With one long call at the end, the batch stays within Odoo's time limit for a request.
    let seconds = auth.settings.call_ms / 1_000;
    let waiting = PendingBatch {
        entry: entry.clone(),
        cors: auth.cors.clone(),
        seconds,
        messages: messages.into_iter().map(BatchMessage::of).collect(),
    };
    let waiting = serde_json::to_value(waiting)
        .map_err(|error| Error::Internal(format!("state: {error}")))?;
    Ok((
        json!({"kind": "batch", "messages": texts, "seconds": seconds}),
        State::Batch { batch: waiting }.to_json()?,
    ))
}

impl BatchMessage {
    fn of(message: Value) -> Self {
        let (id, method, answered) = match json_rpc::classify(message) {
            Ok(Message::Request { id, method, .. }) => (id, Some(method), true),
            Ok(Message::Notification { method, .. }) => (Value::Null, Some(method), false),
            Ok(Message::ClientResponse(_)) => (Value::Null, None, false),
            Ok(Message::Batch(_)) => (Value::Null, None, true),
            Err(malformed) => (malformed.id, None, true),
        };
        let method = method.map(|method| method.chars().take(128).collect());
        Self {
            id,
            method,
            answered,
        }
    }
}

/// Joins the replies of all messages; null stands for a message that was not begun in time.
///
/// # Errors
/// When a row cannot be written; replies outside the contract.
pub fn finish(db: &dyn Database, state: &Value, outcome: &Value) -> Result<ExchangeAnswer> {
    let waiting = PendingBatch::deserialize(state)
        .map_err(|error| Error::Internal(format!("state: {error}")))?;
    let replies: Vec<Option<Reply>> = Deserialize::deserialize(&outcome["replies"])
        .map_err(|error| Error::Internal(format!("replies: {error}")))?;
    if replies.len() != waiting.messages.len() {
        return Err(Error::Internal("not one reply for each message".into()));
    }
    let mut complete = Vec::with_capacity(replies.len());
    for (sent, reply) in waiting.messages.iter().zip(replies) {
        complete.push(match reply {
            Some(reply) => reply,
            None => not_begun(db, &waiting, sent)?,
        });
    }
    waiting.entry.end_call(db)?;
    let reply = join(&waiting.messages, complete)?;
    Ok(ExchangeAnswer::Reply(with_cors(
        reply,
        waiting.cors.as_deref(),
    )))
}

/// Writes the audit row of a message that was not begun, and makes its reply.
fn not_begun(db: &dyn Database, waiting: &PendingBatch, sent: &BatchMessage) -> Result<Reply> {
    let error = Error::protocol(
        503,
        code::REFUSED,
        format!(
            "Not begun: the messages before it in the batch took longer than {} seconds. Send it again.",
            waiting.seconds
        ),
    );
    let reply = Reply::error(&sent.id, &error);
    let mut entry = waiting.entry.clone();
    entry.call_id = uuid::Uuid::new_v4();
    entry.started = audit::now();
    entry.method.clone_from(&sent.method);
    entry.insert_once(db, &End::of_error(&error, &reply))?;
    Ok(reply)
}

/// Joins the replies: an array, or an event stream where one of them is one; empty where no client expects a reply.
fn join(messages: &[BatchMessage], replies: Vec<Reply>) -> Result<Reply> {
    let shut_out = shut_out(&replies);
    let stream = replies.iter().find(|reply| is_stream(reply));
    let stream = stream.map(|reply| reply.headers.clone());
    let mut parts = Vec::new();
    let mut unheard = None;
    for (sent, reply) in messages.iter().zip(replies) {
        let events = is_stream(&reply);
        if !sent.answered {
            // Notifications have no reply; a refusal is reported only where nothing else is.
            if reply.status >= 400 {
                unheard.get_or_insert(reply);
            }
        } else if events || stream.is_none() {
            parts.push(named(reply, &sent.id)?);
        } else {
            let named = named(reply, &sent.id)?;
            parts.push(Event::message(&named).to_string());
        }
    }
    let mut joined = match (parts.is_empty(), stream) {
        (true, _) => return Ok(unheard.unwrap_or_else(|| Reply::empty(202))),
        (false, None) => Reply::json_text(200, format!("[{}]", parts.join(","))),
        (false, Some(headers)) => Reply {
            status: 200,
            headers,
            body: parts.concat(),
        },
    };
    if let Some((status, headers)) = shut_out {
        joined.status = status;
        joined.headers = headers;
    }
    Ok(joined)
}

/// The status and headers of a batch whose messages were all refused by the gate.
fn shut_out(replies: &[Reply]) -> Option<(u16, serde_json::Map<String, Value>)> {
    let first = replies.first()?;
    let gate = [401, 403, 429, 503].contains(&first.status);
    let all = replies.iter().all(|reply| reply.status == first.status);
    (gate && all).then(|| (first.status, first.headers.clone()))
}

/// The body of a reply; an error that was made without the message gets its id.
fn named(reply: Reply, id: &Value) -> Result<String> {
    if reply.status < 400 || id.is_null() {
        return Ok(reply.body);
    }
    let mut response: Value = serde_json::from_str(&reply.body)
        .map_err(|error| Error::Internal(format!("reply: {error}")))?;
    if response["id"].is_null() {
        response["id"] = id.clone();
    }
    Ok(response.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(text: &str) -> BatchMessage {
        BatchMessage::of(serde_json::from_str(text).unwrap())
    }

    fn reply(status: u16, body: &str) -> Reply {
        Reply::json_text(status, body.to_owned())
    }

    fn events(body: &str) -> Reply {
        let mut reply = Reply::empty(200)
            .header("Content-Type", "text/event-stream")
            .header("X-Accel-Buffering", "no");
        reply.body = body.to_owned();
        reply
    }

    const ONE: &str = r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#;
    const TWO: &str = r#"{"jsonrpc":"2.0","id":"two","method":"ping"}"#;
    const NOTE: &str = r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#;

    #[test]
    fn answers_become_an_array_and_notifications_have_none() {
        let messages = [sent(ONE), sent(NOTE), sent(TWO)];
        let replies = vec![
            reply(200, "{\"id\":1}"),
            Reply::empty(202),
            reply(200, "{\"id\":\"two\"}"),
        ];
        let joined = join(&messages, replies).unwrap();
        assert_eq!(joined.status, 200);
        assert_eq!(joined.body, "[{\"id\":1},{\"id\":\"two\"}]");
        let response = r#"{"jsonrpc":"2.0","id":5,"result":{}}"#;
        let silent = join(
            &[sent(NOTE), sent(response)],
            vec![Reply::empty(202), Reply::empty(202)],
        );
        let silent = silent.unwrap();
        assert_eq!((silent.status, silent.body.as_str()), (202, ""));
        assert!(silent.headers.is_empty());
    }

    #[test]
    fn errors_keep_the_id_of_their_message() {
        let wrong = r#"{"jsonrpc":"2.0","id":9,"method":7}"#;
        let messages = [sent(ONE), sent(wrong), sent("[]"), sent("5")];
        let error = |id: &str| {
            reply(
                400,
                &format!("{{\"jsonrpc\":\"2.0\",\"id\":{id},\"error\":{{}}}}"),
            )
        };
        let replies = vec![error("null"), error("9"), error("null"), error("null")];
        let joined: Value = serde_json::from_str(&join(&messages, replies).unwrap().body).unwrap();
        let ids: Vec<&Value> = joined
            .as_array()
            .unwrap()
            .iter()
            .map(|one| &one["id"])
            .collect();
        assert_eq!(ids, [&json!(1), &json!(9), &Value::Null, &Value::Null]);
    }

    #[test]
    fn one_stream_makes_a_stream_of_all() {
        let messages = [sent(ONE), sent(NOTE), sent(TWO)];
        let stream = "event: message\ndata: {\"id\":\"two\"}\n\n";
        let replies = vec![
            reply(200, "{\"id\":\n1}"),
            Reply::empty(202),
            events(stream),
        ];
        let joined = join(&messages, replies).unwrap();
        assert_eq!(joined.headers["Content-Type"], "text/event-stream");
        assert_eq!(joined.headers["X-Accel-Buffering"], "no");
        let first = "event: message\ndata: {\"id\":\ndata: 1}\n\n";
        assert_eq!(joined.body, format!("{first}{stream}"));
    }

    #[test]
    fn who_is_not_let_in_at_all_sees_the_status() {
        let busy = || reply(429, "{\"id\":null}").header("Retry-After", "3");
        let messages = [sent(ONE), sent(TWO)];
        let joined = join(&messages, vec![busy(), busy()]).unwrap();
        assert_eq!(joined.status, 429);
        assert_eq!(joined.headers["Retry-After"], "3");
        assert_eq!(joined.body, "[{\"id\":1},{\"id\":\"two\"}]");
        let some = join(&messages, vec![reply(200, "{\"id\":1}"), busy()]).unwrap();
        assert_eq!(some.status, 200);
        let noted = join(&[sent(NOTE)], vec![busy()]).unwrap();
        assert_eq!((noted.status, noted.body.as_str()), (429, "{\"id\":null}"));
    }

    #[test]
    fn which_bodies_are_batches() {
        let request = |headers: Value, in_batch: bool| -> Request {
            serde_json::from_value(json!({"call_id": "6f1f9d4e-7a55-4a7a-9a7e-0c8f9c1f0a11",
                "headers": headers, "in_batch": in_batch}))
            .unwrap()
        };
        let old = request(json!({"mcp-protocol-version": "2025-03-26"}), false);
        assert!(acceptable(&old, 1).is_ok() && acceptable(&old, MOST).is_ok());
        assert!(acceptable(&request(json!({}), false), 2).is_ok());
        assert!(acceptable(&old, 0).is_err() && acceptable(&old, MOST + 1).is_err());
        assert!(acceptable(&request(json!({}), true), 2).is_err());
        for version in ["2025-06-18", "2025-11-25", "2026-07-28", "1.0"] {
            let headers = json!({"mcp-protocol-version": version});
            let error = acceptable(&request(headers, false), 2).unwrap_err();
            assert!(error.to_string().contains(version), "{error}");
        }
    }
}
