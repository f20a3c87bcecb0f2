//! Renders a result or a failure as an HTTP reply, or as JSON for a caller in SQL.

use crate::error::Error;
use crate::gate::with_cors;
use crate::methods::pending_call::{PendingCall, ReplyTo};
use crate::methods::request::{CacheHint, complete};
use crate::tools::answer::failure;
use crate::wire::answer::ExchangeAnswer;
use crate::wire::event_stream;
use crate::wire::http::Reply;
use crate::wire::json_rpc;
use serde_json::{Map, Value, json};

/// The output: an HTTP reply, or JSON for a caller in SQL.
pub(super) struct Rendered {
    pub(super) reply: Reply,
    pub(super) sql: Option<Value>,
}

impl Rendered {
    /// The same output, after the notifications.
    pub(super) fn after(self, messages: &[String], events_only: bool) -> Self {
        let reply = match events_only {
            true => event_stream::last(messages, self.reply),
            false => event_stream::before(messages, self.reply),
        };
        Self { reply, ..self }
    }

    pub(super) fn into_answer(self) -> ExchangeAnswer {
        match self.sql {
            None => ExchangeAnswer::Reply(self.reply),
            Some(result) => ExchangeAnswer::Sql(result),
        }
    }
}

pub(super) fn render(
    to: &ReplyTo,
    result: Map<String, Value>,
    cache: Option<CacheHint>,
) -> Rendered {
    match to {
        ReplyTo::Client {
            id, version, cors, ..
        } => {
            let result = complete(result, *version, cache);
            let reply = Reply::json(200, &json_rpc::result(id, result));
            Rendered {
                reply: with_cors(reply, cors.as_deref()),
                sql: None,
            }
        }
        ReplyTo::Sql => {
            let result = json!({"result": result});
            Rendered {
                reply: Reply::json(200, &result),
                sql: Some(result),
            }
        }
    }
}

pub(super) fn render_failure(pending: &PendingCall, error: &Error) -> Rendered {
    match &pending.to {
        ReplyTo::Client { id, cors, .. }
            if matches!(error, Error::Protocol { .. }) || !pending.finish.fails_as_result() =>
        {
            Rendered {
                reply: with_cors(Reply::error(id, error), cors.as_deref()),
                sql: None,
            }
        }
        to => render(to, failure(error), None),
    }
}
