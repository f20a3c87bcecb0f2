//! The question whether a call is to be done. It is the server's, not the method's, and the method does not hear of it.

use super::{Asker, Begun, Question, questions};
use crate::error::Result;
use crate::pg::Database;
use serde::{Deserialize, Serialize};
use serde_json::{Map, json};

/// The key of the question, and of its field.
const CONFIRM: &str = "confirm";

/// What a question has to do with the confirmation of its call. Each has a number, which is used up by the call that is
/// done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Confirmation {
    /// It is what this question asks for.
    Asks(String),
    /// It was given before the method asked this.
    Given(String),
}

/// What somebody said who was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// Yes: the number of the confirmation.
    Yes(String),
    No,
}

impl Question {
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
    pub fn carry(&mut self, asker: &Asker) {
        self.confirmation = asker.confirmed.clone().map(Confirmation::Given);
    }
}

impl Asker {
    /// Whether somebody can be asked by a form.
    pub fn asks_people(&self) -> bool {
        let question = Question::to_confirm("?", String::new());
        questions::undeclared(&question.requests, &self.capabilities).is_none()
    }

    /// What was said to the question whether this call is to be done: only with proof that it was asked.
    pub fn said(&mut self) -> Option<Said> {
        let said = match self.answered.as_ref()?.confirmation.clone()? {
            Confirmation::Given(number) => Said::Yes(number),
            Confirmation::Asks(number) => {
                let question = self.answered.take()?;
                let answer = question.kept.get(CONFIRM);
                let yes = answer.is_some_and(|answer| {
                    answer["action"] == "accept" && answer["content"][CONFIRM] == true
                });
                if yes { Said::Yes(number) } else { Said::No }
            }
        };
        if let Said::Yes(number) = &said {
            self.confirmed = Some(number.clone());
        }
        Some(said)
    }

    /// Ask what nobody can have answered yet.
    ///
    /// # Errors
    /// As [`Self::asked`].
    pub fn ask_first(mut self, db: &dyn Database, question: Question, now: i64) -> Result<Begun> {
        self.answers.clear();
        self.asked(db, question, now)
    }
}
