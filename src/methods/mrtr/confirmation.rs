//! The input request by which a person confirms a call. The server asks; the method does not know of it.

use super::context::{InputContext, InputOutcome};
use super::input_requests::{Confirmation, InputRequests};
use super::request_kinds;
use crate::error::Result;
use crate::pg::Database;
use serde_json::{Map, json};

/// The key of the input request, and of the field of its form.
const CONFIRM: &str = "confirm";

/// What somebody said who was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PersonAnswer {
    /// Yes: the number of the confirmation.
    Yes(String),
    No,
}

impl InputRequests {
    /// Whether a call is to be done. `number`: of this confirmation.
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

    /// Keep in mind that the call was confirmed, while its method asks something else.
    pub fn carry(&mut self, input_context: &InputContext) {
        self.confirmation = input_context.confirmed.clone().map(Confirmation::Given);
    }
}

impl InputContext {
    /// Whether somebody can be asked by a form.
    pub fn asks_people(&self) -> bool {
        let question = InputRequests::to_confirm("?", String::new());
        request_kinds::undeclared(&question.requests, &self.capabilities).is_none()
    }

    /// What was said to the question whether this call is to be done: only with proof that it was asked.
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

    /// Ask what nobody can have answered yet.
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
