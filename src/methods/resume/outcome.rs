//! The end of a call that Odoo has run: a result ([`Finished`]), or an end that changes nothing ([`Ended`]).

use crate::error::Error;
use crate::methods::idempotency::Replay;
use crate::tools::answer;
use crate::wire::http::Reply;
use serde_json::{Map, Value, json};

/// A result in the protocol's form.
pub struct Finished {
    pub result: Map<String, Value>,
    /// Size in bytes of the text for the model.
    pub size: usize,
    /// A replacement for a result that is too long, where the change cannot be rolled back.
    pub too_long: Option<Map<String, Value>>,
    pub row_count: Option<i64>,
    pub record_ids: Vec<i64>,
    /// The reason to withhold the result from the client.
    pub refused: Option<Error>,
    /// A tool's answer, to be stored under its idempotency key.
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

/// The end of a call that changed nothing.
pub enum Ended {
    /// A failure.
    Failed(Error),
    /// A result that its author marked as an error, and the error for the audit.
    Told(Map<String, Value>, Error),
    /// A dry run that was rolled back.
    Tried(Map<String, Value>, Option<i64>),
    /// The answer of the earlier call with the same key.
    Repeated(Replay),
    /// An input-required result.
    Asks(Map<String, Value>),
    /// Input requests on a stream that the client resumes.
    Waits(Reply),
}
