//! The input requests of one round, and the valid responses to them.

use super::request_kinds;
use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// Seconds that a client has to respond.
pub const SECONDS: i64 = 600;

/// The input requests of one round, and the method's state for the next.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct InputRequests {
    #[serde(rename = "r")]
    pub requests: Map<String, Value>,
    /// Responses received so far.
    #[serde(rename = "k", default)]
    pub(super) kept: Map<String, Value>,
    #[serde(rename = "s", default)]
    pub state: Value,
    /// Set when this round takes part in the confirmation of the call.
    #[serde(rename = "c", default, skip_serializing_if = "Option::is_none")]
    pub(super) confirmation: Option<Confirmation>,
}

/// The relation of input requests to the confirmation of their call. Each confirmation has a nonce that the confirmed
/// call uses up.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Confirmation {
    /// These input requests ask for the confirmation.
    Asks(String),
    /// The confirmation was given before the method asked.
    Given(String),
}

impl InputRequests {
    /// Reads the input requests that a method in Odoo raised (docs/exchange.md, "Outcomes").
    ///
    /// # Errors
    /// A failure that tells the method's author what is invalid.
    pub fn of_outcome(error: &Value) -> Result<Self> {
        let requests = error["requests"].as_object().cloned().unwrap_or_default();
        let state = error["state"].clone();
        let wrong = match request_kinds::check(&requests) {
            Err(wrong) => wrong,
            Ok(()) if requests.is_empty() && state.is_null() => "nothing is asked".into(),
            Ok(()) => {
                return Ok(Self {
                    requests,
                    kept: Map::new(),
                    state,
                    confirmation: None,
                });
            }
        };
        Err(Error::unusable(format!("what it asks the client: {wrong}")))
    }

    /// Keeps the valid responses. Returns why the others are invalid, by key.
    pub(super) fn take(&mut self, answers: &Map<String, Value>) -> Map<String, Value> {
        let mut wrong = Map::new();
        for (key, request) in &self.requests {
            match answers
                .get(key)
                .map(|answer| request_kinds::answer(request, answer))
            {
                None => {}
                Some(Ok(answer)) => {
                    self.kept.insert(key.clone(), answer);
                }
                Some(Err(why)) => {
                    wrong.insert(key.clone(), json!(why));
                }
            }
        }
        wrong
    }

    pub(super) fn open(&self) -> Map<String, Value> {
        let open = self
            .requests
            .iter()
            .filter(|(key, _)| !self.kept.contains_key(*key));
        open.map(|(key, request)| (key.clone(), request.clone()))
            .collect()
    }

    /// Keeps a response that was validated before.
    pub(super) fn keep(&mut self, key: &str, answer: Value) {
        self.kept.insert(key.to_owned(), answer);
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.kept.contains_key(key)
    }

    pub(super) fn is_answered(&self) -> bool {
        self.requests.keys().all(|key| self.kept.contains_key(key))
    }

    /// The messages of the input requests.
    pub fn messages(&self) -> Vec<&str> {
        let messages = self.requests.values();
        messages
            .filter_map(|request| request["params"]["message"].as_str())
            .collect()
    }
}
