//! The result of serving one message: the reply or the step, how the call ended, and the side effects to write.

use crate::audit::{End, Entry};
use crate::methods::mrtr::stateful::{self, Reaction};
use crate::wire::http::Reply;
use serde_json::Value;

/// What serving gave, to be recorded and sent.
pub struct Response {
    pub reply: Reply,
    /// The step in place of the reply, with its state.
    pub step: Option<(Value, Value)>,
    /// Whether that step only reads.
    pub read_only: bool,
    pub end: End,
    pub also: SideEffect,
}

/// What is to be written beside the message's own row.
pub enum SideEffect {
    Nothing,
    /// A session that `initialize` begins for this client.
    Open(Value),
    /// The end of the session.
    Close,
    /// Which log messages the session's client wants.
    LogLevel(String),
    /// A running call that its client does not want any more.
    Cancel(Box<Entry>),
    /// A request that is taken up, by its stream.
    Take(String),
    /// What the client answers to a question.
    React(Box<Reaction>),
    /// A request that waits and that its client does not want any more, by its id.
    Forget(Value),
    /// Nothing, not even that row: no message has come.
    Poll,
}

impl Response {
    /// Whether it is a step that brings the messages of a batch.
    pub fn is_batch(&self) -> bool {
        self.step
            .as_ref()
            .is_some_and(|(step, _)| step["kind"] == "batch")
    }

    /// A response that is what was asked for, and nothing to write beside its row.
    pub fn reply(reply: Reply, row_count: Option<i64>) -> Self {
        Self {
            end: End::ok(&reply, row_count),
            reply,
            step: None,
            read_only: false,
            also: SideEffect::Nothing,
        }
    }

    /// Nothing new on this stream.
    pub fn again(stream: &str) -> Self {
        Self {
            also: SideEffect::Poll,
            ..Self::reply(stateful::again(stream), None)
        }
    }
}
