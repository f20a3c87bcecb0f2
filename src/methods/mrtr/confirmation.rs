//! The input request that asks a person to confirm a call. The server makes it; the tool's method is not involved.

use super::context::{InputContext, InputOutcome};
use super::input_requests::{Confirmation, InputRequests};
use super::request_kinds;
use crate::error::Result;
use crate::pg::Database;
use serde_json::{Map, json};

/// Key of the input request and of its form field.
const CONFIRM: &str = "confirm";

/// A person's answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PersonAnswer {
    /// Yes, with the nonce of the confirmation.
    Yes(String),
    No,
}

impl InputRequests {
    /// The input request that asks for a confirmation. `number`: its nonce.
    pub fn to_confirm(message: &str, number: String) -> Self {
        let form = json!({
            "type": "object",
            "properties": {CONFIRM: {"type": "boolean", "title": "Do it"}},
            "required": [CONFIRM],
        });
        let params = json!({"message": message, "requestedSchema": form});
        let request = json!({"method": "elicitation/create", "params": params});
        Self {
            requests: Map::from_iter([(CONFIRM.to_owned(), request)]),
            confirmation: Some(Confirmation::Asks(number)),
            ..Self::default()
        }
    }

    /// Carries a given confirmation along while the method asks something else.
    pub fn carry(&mut self, input_context: &InputContext) {
        self.confirmation = input_context.confirmed.clone().map(Confirmation::Given);
    }
}

impl InputContext {
    /// Whether the client supports elicitation by form.
    pub fn asks_people(&self) -> bool {
        let question = InputRequests::to_confirm("?", String::new());
        request_kinds::undeclared(&question.requests, &self.capabilities).is_none()
    }

    /// The answer to the confirmation question. Counts only with proof that the server has asked it.
    pub fn said(&mut self) -> Option<PersonAnswer> {
        let said = match self.answered.as_ref()?.confirmation.clone()? {
            Confirmation::Given(number) => PersonAnswer::Yes(number),
            Confirmation::Asks(number) => {
                let question = self.answered.take()?;
                let answer = question.kept.get(CONFIRM);
                let yes = answer.is_some_and(|answer| {
                    answer["action"] == "accept" && answer["content"][CONFIRM] == true
                });
                if yes {
                    PersonAnswer::Yes(number)
                } else {
                    PersonAnswer::No
                }
            }
        };
        if let PersonAnswer::Yes(number) = &said {
            self.confirmed = Some(number.clone());
        }
        Some(said)
    }

    /// Asks a question that cannot have been answered yet.
    ///
    /// # Errors
    /// As [`Self::asked`].
    pub fn ask_first(
        mut self,
        db: &dyn Database,
        question: InputRequests,
        now: i64,
    ) -> Result<InputOutcome> {
        self.answers.clear();
        self.asked(db, question, now)
    }
}
