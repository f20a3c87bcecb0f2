//! The input requests of one round, and the valid responses to them.

use super::request_kinds;
use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// Seconds that a client may take to respond.
pub const SECONDS: i64 = 600;

/// What is asked, and what the method wants to know again.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct InputRequests {
    #[serde(rename = "r")]
    pub requests: Map<String, Value>,
    /// Answers that there are already.
    #[serde(rename = "k", default)]
    pub(super) kept: Map<String, Value>,
    #[serde(rename = "s", default)]
    pub state: Value,
    /// What it has to do with the confirmation of the call.
    #[serde(rename = "c", default, skip_serializing_if = "Option::is_none")]
    pub(super) confirmation: Option<Confirmation>,
}

/// What a question has to do with the confirmation of its call. Each has a number, which is used up by the call that is
/// done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Confirmation {
    /// It is what this question asks for.
    Asks(String),
    /// It was given before the method asked this.
    Given(String),
}

impl InputRequests {
    /// What a method of Odoo's raised (docs/exchange.md, "Outcomes").
    ///
    /// # Errors
    /// A failure that tells the author what cannot be asked.
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

    /// Take the answers that are right; why the others are not.
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

    /// Take an answer that is known to be right.
    pub(super) fn keep(&mut self, key: &str, answer: Value) {
        self.kept.insert(key.to_owned(), answer);
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.kept.contains_key(key)
    }

    pub(super) fn is_answered(&self) -> bool {
        self.requests.keys().all(|key| self.kept.contains_key(key))
    }

    /// What it asks people, in short.
    pub fn messages(&self) -> Vec<&str> {
        let messages = self.requests.values();
        messages
            .filter_map(|request| request["params"]["message"].as_str())
            .collect()
    }
}
