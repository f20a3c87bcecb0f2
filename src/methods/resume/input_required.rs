//! Handles a method that asks the client for input.

use crate::error::{Error, Result};
use crate::methods::mrtr::context::{InputContext, InputOutcome};
use crate::methods::mrtr::input_requests::InputRequests;
use crate::methods::pending_call::PendingCall;
use crate::pg::Database;
use crate::wire::answer::ExchangeAnswer;
use crate::wire::http::Reply;
use crate::wire::version::Version;
use serde_json::Value;

/// How the client is asked.
pub enum AskOutcome {
    Input(InputOutcome),
    /// The request is stored, and this reply asks the client.
    Waits(Reply),
}

impl PendingCall {
    /// Asks the client for the method's input, if it can be asked.
    pub(super) fn ask(
        &mut self,
        db: &dyn Database,
        outcome: &Value,
        now: i64,
    ) -> Result<AskOutcome> {
        let error = &outcome["error"];
        let mut question = InputRequests::of_outcome(error)?;
        if let Some(input_context) = self.to.input_context() {
            question.carry(input_context);
        }
        let described = self.hear(outcome)?;
        let Some(input_context) = self.to.input_context() else {
            return Err(self.cannot_ask(&question));
        };
        if input_context.retries() {
            return (**input_context)
                .clone()
                .asked(db, question, now)
                .map(AskOutcome::Input);
        }
        match input_context.waiter(&question) {
            Some(waiter) => waiter.ask(db, &question, &described).map(AskOutcome::Waits),
            None => Err(self.cannot_ask(&question)),
        }
    }

    /// The failure where nobody can be asked. Before 2025-11-25 the server would have to keep the stream open; a caller
    /// in SQL has no client.
    fn cannot_ask(&self, question: &InputRequests) -> Error {
        let version = match self.to.version() {
            Some(version @ Version::V2025_11_25) => format!(
                " with the protocol version {}: for that it needs a session, the capability to answer (elicitation, \
                 sampling, roots), and to accept text/event-stream",
                version.name()
            ),
            Some(version) => format!(" with the protocol version {}", version.name()),
            None => String::new(),
        };
        let asked = match question.messages().as_slice() {
            [] => String::new(),
            messages => format!(" It asks: {}", messages.join(" / ")),
        };
        Error::failed(format!(
            "This needs an answer from the person or the program that uses the client, and this client cannot be \
             asked{version}.{asked}"
        ))
    }

    /// Runs the same step again with the responses.
    pub(super) fn again(mut self, input_context: Box<InputContext>) -> Result<ExchangeAnswer> {
        let no_step = || Error::Internal("there is no step to run again".into());
        let mut step = self.repeat.take().ok_or_else(no_step)?;
        input_context.tell(&mut step);
        if let Some(kept) = self.to.input_context() {
            *kept = input_context;
        }
        Ok(ExchangeAnswer::Step {
            step,
            state: self.into_state()?,
        })
    }
}
