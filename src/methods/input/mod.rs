//! Requests that need an answer before they can be done (2026-07-28, basic patterns, "Multi Round-Trip Requests"): the
//! result tells what is asked, and the client sends the same request once more with the answers and a sealed state.
//! Nothing is kept here meanwhile.

pub mod confirming;
pub mod polled;
pub mod questions;

use super::Call;
use crate::error::{Error, Result, code};
use crate::pg::Database;
use crate::tools::once::digest_of;
use crate::wire::sealed::{Binding, MOST_BYTES, Sealer};
use crate::wire::version::META_CAPABILITIES;
use confirming::Confirmation;
use polled::Waiter;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// How long a client may take to answer.
const SECONDS: i64 = 600;

/// The methods that may ask (specification, "Supported Requests"), and what names their subject.
const SUBJECTS: [(&str, &str); 3] = [
    ("tools/call", "name"),
    ("prompts/get", "name"),
    ("resources/read", "uri"),
];

/// The parameter that names what a method is about; none for methods that run nothing of Odoo's authors.
pub fn subject(method: &str) -> Option<&'static str> {
    let found = SUBJECTS.iter().find(|(name, _)| *name == method);
    found.map(|(_, key)| *key)
}

/// What is asked, and what the method wants to know again.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Question {
    #[serde(rename = "r")]
    pub requests: Map<String, Value>,
    /// Answers that there are already.
    #[serde(rename = "k", default)]
    kept: Map<String, Value>,
    #[serde(rename = "s", default)]
    pub state: Value,
    /// What it has to do with the confirmation of the call.
    #[serde(rename = "c", default, skip_serializing_if = "Option::is_none")]
    confirmation: Option<Confirmation>,
}

/// A request that may be answered with a question, as far as that depends on it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Asker {
    /// What a state is bound to: the method, and user, credential, subject, arguments.
    purpose: String,
    bounds: Vec<String>,
    capabilities: Map<String, Value>,
    /// What came as answers to what we have not proof to have asked.
    answers: Map<String, Value>,
    /// What the method has asked before, with all answers to it.
    answered: Option<Question>,
    /// What waits meanwhile, where the client does not send its request again.
    #[serde(default)]
    waiter: Option<Waiter>,
    /// The number of the confirmation that was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    confirmed: Option<String>,
}

/// How a request begins.
#[derive(Debug)]
pub enum Begun {
    /// It can be run.
    Run(Box<Asker>),
    /// Answers are missing still: the result that asks for them.
    Ask(Map<String, Value>),
}

/// Read answers and state of a request of 2026-07-28.
///
/// # Errors
/// -32602 for answers or a state of another shape, and for a state that is not ours, was given for something else or is
/// too old; 400 with -32021 when the client cannot be asked any more.
pub fn begin(call: &Call, method: &str, now: i64) -> Result<Begun> {
    let params = &call.params;
    let asker = Asker::new(call, method);
    let answers = match params.get("inputResponses") {
        None => Map::new(),
        Some(Value::Object(answers)) => answers.clone(),
        Some(_) => {
            return Err(Error::invalid_params(
                "params.inputResponses must be an object.",
            ));
        }
    };
    let state = match params.get("requestState") {
        None => return Ok(Begun::Run(Box::new(Asker { answers, ..asker }))),
        Some(Value::String(state)) => state,
        Some(_) => {
            return Err(Error::invalid_params(
                "params.requestState must be a string.",
            ));
        }
    };
    let sealer = Sealer::read(call.db)?;
    let question = asker.open(&sealer, state, now)?;
    asker.weigh(&sealer, question, &answers, now)
}

impl Asker {
    fn new(call: &Call, method: &str) -> Self {
        let params = &call.params;
        let named = subject(method).and_then(|key| params.get(key)?.as_str());
        let credential = match call.pass.api_key_id {
            Some(key) => format!("key {key}"),
            None => "password".into(),
        };
        let arguments = params.get("arguments").unwrap_or(&Value::Null);
        let capabilities = params
            .get("_meta")
            .and_then(|meta| meta.get(META_CAPABILITIES)?.as_object());
        Self {
            purpose: method.to_owned(),
            bounds: vec![
                call.pass.uid.to_string(),
                credential,
                named.unwrap_or_default().to_owned(),
                digest(arguments),
            ],
            capabilities: capabilities.cloned().unwrap_or_default(),
            answers: Map::new(),
            answered: None,
            waiter: None,
            confirmed: None,
        }
    }

    /// For a client that is asked on the stream of its request.
    pub fn polled(call: &mut Call, method: &str) -> Option<Box<Self>> {
        let capabilities = polled::capabilities(call)?.clone();
        let waiter = Waiter::of(call, method);
        Some(Box::new(Self {
            purpose: method.to_owned(),
            bounds: Vec::new(),
            capabilities,
            answers: Map::new(),
            answered: call.answered.take(),
            waiter,
            confirmed: None,
        }))
    }

    /// How the request waits where the client is asked on its stream, if it has declared that it can be asked this.
    pub fn waiter(&self, question: &Question) -> Option<&Waiter> {
        let undeclared = questions::undeclared(&question.requests, &self.capabilities);
        self.waiter.as_ref().filter(|_| undeclared.is_none())
    }

    /// Whether the client sends its request again with the answers.
    pub fn retries(&self) -> bool {
        self.waiter.is_none()
    }

    fn open(&self, sealer: &Sealer, state: &str, now: i64) -> Result<Question> {
        let bounds: Vec<&str> = self.bounds.iter().map(String::as_str).collect();
        let binding = Binding {
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

    /// What a state was sealed with, and what has been answered now: all, or not.
    fn weigh(
        mut self,
        sealer: &Sealer,
        mut question: Question,
        answers: &Map<String, Value>,
        now: i64,
    ) -> Result<Begun> {
        let wrong = question.take(answers);
        if question.is_answered() {
            self.answered = Some(question);
            return Ok(Begun::Run(Box::new(self)));
        }
        self.ask(sealer, question, &wrong, now).map(Begun::Ask)
    }

    /// What the step tells the method.
    pub fn tell(&self, step: &mut Value) {
        if !self.capabilities.is_empty() {
            step["capabilities"] = json!(self.capabilities);
        }
        if let Some(question) = &self.answered {
            step["inputs"] = json!(question.kept);
            step["input_state"] = question.state.clone();
        }
    }

    /// Whether answers came with the first request, so that the same step may have to be run once more with them.
    pub fn foresees(&self) -> bool {
        self.answered.is_none() && !self.answers.is_empty()
    }

    /// What a method asks that has just been run. Where the client has answered it already, without proof of having
    /// been asked, the method is run again with the answers; else the client is asked.
    ///
    /// # Errors
    /// 400 with -32021 when the client has not declared what it takes; a failure when the question is too long.
    pub fn asked(mut self, db: &dyn Database, mut question: Question, now: i64) -> Result<Begun> {
        let answers = std::mem::take(&mut self.answers);
        if self.answered.is_none() && !answers.is_empty() {
            let wrong = question.take(&answers);
            if question.is_answered() {
                self.answered = Some(question);
                return Ok(Begun::Run(Box::new(self)));
            }
            return self
                .ask(&Sealer::read(db)?, question, &wrong, now)
                .map(Begun::Ask);
        }
        self.ask(&Sealer::read(db)?, question, &Map::new(), now)
            .map(Begun::Ask)
    }

    /// The result that asks for what is not answered yet. `wrong`: why an answer was not taken, by key.
    fn ask(
        &self,
        sealer: &Sealer,
        mut question: Question,
        wrong: &Map<String, Value>,
        now: i64,
    ) -> Result<Map<String, Value>> {
        let mut open = question.open();
        if let Some(needed) = questions::undeclared(&open, &self.capabilities) {
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
            // No room to remember what there is: everything is asked again.
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

    fn seal(&self, sealer: &Sealer, question: &Question, now: i64) -> String {
        let bounds: Vec<&str> = self.bounds.iter().map(String::as_str).collect();
        let binding = Binding {
            purpose: &self.purpose,
            bounds: &bounds,
        };
        sealer.seal(&binding, &json!(question), Some(now + SECONDS))
    }
}

impl Question {
    /// What a method of Odoo's raised (docs/exchange.md, "Outcomes").
    ///
    /// # Errors
    /// A failure that tells the author what cannot be asked.
    pub fn of_outcome(error: &Value) -> Result<Self> {
        let requests = error["requests"].as_object().cloned().unwrap_or_default();
        let state = error["state"].clone();
        let wrong = match questions::check(&requests) {
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
    fn take(&mut self, answers: &Map<String, Value>) -> Map<String, Value> {
        let mut wrong = Map::new();
        for (key, request) in &self.requests {
            match answers
                .get(key)
                .map(|answer| questions::answer(request, answer))
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

    fn open(&self) -> Map<String, Value> {
        let open = self
            .requests
            .iter()
            .filter(|(key, _)| !self.kept.contains_key(*key));
        open.map(|(key, request)| (key.clone(), request.clone()))
            .collect()
    }

    /// Take an answer that is known to be right.
    fn keep(&mut self, key: &str, answer: Value) {
        self.kept.insert(key.to_owned(), answer);
    }

    fn has(&self, key: &str) -> bool {
        self.kept.contains_key(key)
    }

    fn is_answered(&self) -> bool {
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

/// The same for the same arguments, in whatever order their members come.
fn digest(arguments: &Value) -> String {
    match arguments {
        // No arguments are the same as an empty object of them.
        Value::Null => digest_of(&json!({})),
        arguments => digest_of(arguments),
    }
}

#[cfg(test)]
mod tests;
