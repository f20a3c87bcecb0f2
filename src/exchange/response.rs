//! The result of handling one message: the reply or the step, how the call ended, and the side effects to write.

use crate::audit::{End, Entry};
use crate::methods::mrtr::stateful::{self, Reaction};
use crate::wire::http::Reply;
use serde_json::Value;

/// The result of handling a message, to be recorded and sent.
pub struct Response {
    pub reply: Reply,
    /// A step in place of the reply, with its state.
    pub step: Option<(Value, Value)>,
    /// Whether the step only reads.
    pub read_only: bool,
    pub end: End,
    pub also: SideEffect,
}

/// A change to write together with the message's audit row.
pub enum SideEffect {
    Nothing,
    /// Open a session with this client information (`initialize`).
    Open(Value),
    /// End the session.
    Close,
    /// Set the session's log level.
    LogLevel(String),
    /// Cancel a running call.
    Cancel(Box<Entry>),
    /// Take a stored request, given by its stream.
    Take(String),
    /// Store a client's response to an input request.
    React(Box<Reaction>),
    /// Delete a stored request that its client has cancelled, given by its id.
    Forget(Value),
    /// Write nothing, not even an audit row: there was no message.
    Poll,
}

impl Response {
    /// Whether this is the step of a batch.
    pub fn is_batch(&self) -> bool {
        self.step
            .as_ref()
            .is_some_and(|(step, _)| step["kind"] == "batch")
    }

    /// A successful response without side effects.
    pub fn reply(reply: Reply, row_count: Option<i64>) -> Self {
        Self {
            end: End::ok(&reply, row_count),
            reply,
            step: None,
            read_only: false,
            also: SideEffect::Nothing,
        }
    }

    /// The reply to a poll of this stream while nothing new has happened.
    pub fn again(stream: &str) -> Self {
        Self {
            also: SideEffect::Poll,
            ..Self::reply(stateful::again(stream), None)
        }
    }
}
