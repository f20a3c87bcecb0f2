//! The input context: the data of a request that the server needs to ask its client for input. A 2026-07-28 client
//! retries its request with the responses and a signed `requestState`. The server stores nothing between the two.

use super::input_requests::{InputRequests, SECONDS};
use super::request_kinds;
use super::stateful::ParkedRequest;
use crate::error::{Error, Result, code};
use crate::pg::Database;
use crate::signed_token::{AssociatedData, MOST_BYTES, TokenCodec};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// The part of a request that its input requests depend on.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct InputContext {
    /// The associated data of a `requestState`: method, user, credential, subject and arguments.
    pub(super) purpose: String,
    pub(super) bounds: Vec<String>,
    pub(super) capabilities: Map<String, Value>,
    /// Responses without proof that the server has asked for them.
    pub(super) answers: Map<String, Value>,
    /// The method's previous input requests with all responses.
    pub(super) answered: Option<InputRequests>,
    /// The request to store, if the client does not retry (2025-11-25).
    #[serde(default)]
    pub(super) waiter: Option<ParkedRequest>,
    /// Nonce of the given confirmation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) confirmed: Option<String>,
}

/// The next step for a request that may ask for input.
#[derive(Debug)]
pub enum InputOutcome {
    /// Run it.
    Run(Box<InputContext>),
    /// Responses are missing: the result that asks for them.
    InputRequired(Map<String, Value>),
}

impl InputContext {
    /// The request to store. None if the client retries itself, or has not declared the needed capabilities.
    pub fn waiter(&self, question: &InputRequests) -> Option<&ParkedRequest> {
        let undeclared = request_kinds::undeclared(&question.requests, &self.capabilities);
        self.waiter.as_ref().filter(|_| undeclared.is_none())
    }

    /// Whether the client retries its request with the responses (2026-07-28).
    pub fn retries(&self) -> bool {
        self.waiter.is_none()
    }

    pub(super) fn open(&self, sealer: &TokenCodec, state: &str, now: i64) -> Result<InputRequests> {
        let bounds: Vec<&str> = self.bounds.iter().map(String::as_str).collect();
        let binding = AssociatedData {
            purpose: &self.purpose,
            bounds: &bounds,
        };
        let payload = sealer.open(&binding, state, now).ok_or_else(|| {
            Error::invalid_params(format!(
                "params.requestState is none that this server gave for this very request, or it is older than {} \
                 minutes. Send the request again without requestState and inputResponses.",
                SECONDS / 60
            ))
        })?;
        serde_json::from_value(payload)
            .map_err(|error| Error::Internal(format!("a sealed question: {error}")))
    }

    /// Merges the responses into the input requests of a `requestState`. Asks again unless all are answered.
    pub(super) fn weigh(
        mut self,
        sealer: &TokenCodec,
        mut question: InputRequests,
        answers: &Map<String, Value>,
        now: i64,
    ) -> Result<InputOutcome> {
        let wrong = question.take(answers);
        if question.is_answered() {
            self.answered = Some(question);
            return Ok(InputOutcome::Run(Box::new(self)));
        }
        self.ask(sealer, question, &wrong, now)
            .map(InputOutcome::InputRequired)
    }

    /// Adds capabilities, responses and state to the step, for the method.
    pub fn tell(&self, step: &mut Value) {
        if !self.capabilities.is_empty() {
            step["capabilities"] = json!(self.capabilities);
        }
        if let Some(question) = &self.answered {
            step["inputs"] = json!(question.kept);
            step["input_state"] = question.state.clone();
        }
    }

    /// Whether responses came with the first request, so that the same step may have to run again with them.
    pub fn foresees(&self) -> bool {
        self.answered.is_none() && !self.answers.is_empty()
    }

    /// Handles the input requests of a method that has just run. If the client has sent the responses already, without
    /// proof of having been asked, the method runs again with them. Otherwise the client is asked.
    ///
    /// # Errors
    /// 400 with -32021 when the client has not declared a needed capability; a failure when the questions are too long.
    pub fn asked(
        mut self,
        db: &dyn Database,
        mut question: InputRequests,
        now: i64,
    ) -> Result<InputOutcome> {
        let answers = std::mem::take(&mut self.answers);
        if self.answered.is_none() && !answers.is_empty() {
            let wrong = question.take(&answers);
            if question.is_answered() {
                self.answered = Some(question);
                return Ok(InputOutcome::Run(Box::new(self)));
            }
            return self
                .ask(&TokenCodec::read(db)?, question, &wrong, now)
                .map(InputOutcome::InputRequired);
        }
        self.ask(&TokenCodec::read(db)?, question, &Map::new(), now)
            .map(InputOutcome::InputRequired)
    }

    /// The result with the open input requests. `wrong`: why a response was rejected, by key.
    fn ask(
        &self,
        sealer: &TokenCodec,
        mut question: InputRequests,
        wrong: &Map<String, Value>,
        now: i64,
    ) -> Result<Map<String, Value>> {
        let mut open = question.open();
        if let Some(needed) = request_kinds::undeclared(&open, &self.capabilities) {
            return Err(Error::protocol(
                400,
                code::MISSING_CAPABILITY,
                format!(
                    "This needs an answer from the client, which has not declared the capabilities for it: {needed}."
                ),
            )
            .with_data(json!({"requiredCapabilities": needed})));
        }
        let mut state = self.seal(sealer, &question, now);
        if state.len() > MOST_BYTES && !question.kept.is_empty() {
            // The state is too long with the responses so far: ask everything again.
            question.kept.clear();
            open = question.open();
            state = self.seal(sealer, &question, now);
        }
        if state.len() > MOST_BYTES {
            return Err(Error::unusable(format!(
                "its question and the state that goes with it have {} bytes, more than {MOST_BYTES}",
                state.len()
            )));
        }
        for (key, why) in wrong {
            if let Some(Value::String(message)) = open
                .get_mut(key)
                .and_then(|request| request["params"].get_mut("message"))
            {
                message.push_str(&format!(
                    "\n(The answer before could not be taken: {}.)",
                    why.as_str().unwrap_or_default()
                ));
            }
        }
        let mut result = Map::new();
        result.insert("resultType".into(), json!("input_required"));
        if !open.is_empty() {
            result.insert("inputRequests".into(), Value::Object(open));
        }
        result.insert("requestState".into(), json!(state));
        Ok(result)
    }

    fn seal(&self, sealer: &TokenCodec, question: &InputRequests, now: i64) -> String {
        let bounds: Vec<&str> = self.bounds.iter().map(String::as_str).collect();
        let binding = AssociatedData {
            purpose: &self.purpose,
            bounds: &bounds,
        };
        sealer.seal(&binding, &json!(question), Some(now + SECONDS))
    }
}

#[cfg(test)]
mod tests;
