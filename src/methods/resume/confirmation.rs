//! Builds the confirmation request from the record names that Odoo returned.

use super::render::{Rendered, render, render_failure};
use crate::audit::{self, End};
use crate::error::{Error, Result};
use crate::methods::confirmation::ConfirmationRequest;
use crate::methods::mrtr::context::{InputContext, InputOutcome};
use crate::methods::mrtr::input_requests::InputRequests;
use crate::methods::pending_call::PendingCall;
use crate::pg::Database;
use crate::signed_token::TokenCodec;
use crate::wire::answer::ExchangeAnswer;
use serde_json::Value;

impl PendingCall {
    /// Asks for the confirmation, in the transaction that read the names.
    ///
    /// # Errors
    /// When the audit row cannot be written.
    pub(super) fn ask_to_confirm(
        mut self,
        db: &dyn Database,
        ask: &ConfirmationRequest,
        outcome: &Value,
    ) -> Result<ExchangeAnswer> {
        let now = audit::now() / 1_000_000;
        let names = outcome["result"]["names"].as_array();
        let names = names.map(Vec::as_slice).unwrap_or_default();
        let asked = match self
            .to
            .input_context()
            .filter(|input_context| input_context.asks_people())
        {
            Some(input_context) => {
                Self::ask_a_person(db, (**input_context).clone(), ask.question(names), now)
            }
            None => Ok(None),
        };
        let (sent, end) = match asked {
            Ok(Some(Prompted::Result(result))) => {
                let sent = render(&self.to, result, None);
                let end = End::asked(&sent.reply);
                (sent, end)
            }
            Ok(Some(Prompted::Waits(reply))) => {
                let sent = Rendered {
                    reply: self.to.cors(reply),
                    sql: None,
                };
                let end = End::asked(&sent.reply);
                (sent, end)
            }
            Ok(None) => match ask.token(&TokenCodec::read(db)?, names, now) {
                Ok(described) => {
                    let sent = render_failure(&self, &described);
                    let end = End::asked(&sent.reply);
                    (sent, end)
                }
                Err(refused) => self.refused(&refused),
            },
            Err(refused @ (Error::Tool { .. } | Error::Protocol { .. })) => self.refused(&refused),
            Err(error) => return Err(error),
        };
        let sent = sent.after(&[], self.takes_events_only());
        self.entry.settle(db, &end)?;
        Ok(sent.into_answer())
    }

    fn refused(&self, error: &Error) -> (Rendered, End) {
        let sent = render_failure(self, error);
        let end = End::of_error(error, &sent.reply);
        (sent, end)
    }

    /// None where the client cannot be asked by form.
    fn ask_a_person(
        db: &dyn Database,
        input_context: InputContext,
        message: String,
        now: i64,
    ) -> Result<Option<Prompted>> {
        let number = uuid::Uuid::new_v4().to_string();
        let question = InputRequests::to_confirm(&message, number);
        if input_context.retries() {
            return match input_context.ask_first(db, question, now)? {
                InputOutcome::InputRequired(result) => Ok(Some(Prompted::Result(result))),
                InputOutcome::Run(_) => Err(Error::Internal("nobody was asked".into())),
            };
        }
        match input_context.waiter(&question) {
            Some(waiter) => Ok(Some(Prompted::Waits(waiter.ask(db, &question, &[])?))),
            None => Ok(None),
        }
    }
}

enum Prompted {
    Result(serde_json::Map<String, Value>),
    Waits(crate::wire::http::Reply),
}
