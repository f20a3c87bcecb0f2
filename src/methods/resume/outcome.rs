//! How a call ended that Odoo has run.

use crate::error::Error;
use crate::methods::idempotency::Replay;
use crate::tools::answer;
use crate::wire::http::Reply;
use serde_json::{Map, Value, json};

/// A result in the protocol's form.
pub struct Finished {
    pub result: Map<String, Value>,
    /// Bytes that reach the model.
    pub size: usize,
    /// In its place when it is too long and the work cannot be taken back.
    pub too_long: Option<Map<String, Value>>,
    pub row_count: Option<i64>,
    pub record_ids: Vec<i64>,
    /// Why the client does not get it.
    pub refused: Option<Error>,
    /// The answer of a tool, to be kept under its key.
    pub answer: Option<answer::Answer>,
}

impl Finished {
    pub(super) fn plain(result: Map<String, Value>, rows: Option<usize>) -> Self {
        Self {
            size: json!(result).to_string().len(),
            result,
            too_long: None,
            row_count: rows.and_then(|count| i64::try_from(count).ok()),
            record_ids: Vec::new(),
            refused: None,
            answer: None,
        }
    }

    pub(super) fn refused(error: Error) -> Self {
        Self {
            refused: Some(error),
            ..Self::plain(Map::new(), None)
        }
    }
}

/// How a call ended that changed nothing.
pub enum Ended {
    /// By a failure.
    Failed(Error),
    /// By a result that its author calls an error; as an error it is for the audit.
    Told(Map<String, Value>, Error),
    /// By being taken back, as it was meant to.
    Tried(Map<String, Value>, Option<i64>),
    /// By another call that has done it.
    Repeated(Replay),
    /// By a question to the client, as a result.
    Asks(Map<String, Value>),
    /// By a question to the client, on a stream that it takes up again.
    Waits(Reply),
}
