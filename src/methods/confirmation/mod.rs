//! Calls that need a confirmation before they run. A person confirms if the client can ask one. Otherwise the model
//! gets a description of the effect and a token, and repeats the call with the token.
//!
//! The question contains record names, which only Odoo can compute. A separate read-only step therefore reads them.

mod message;
mod token;

use super::mrtr::confirmation::PersonAnswer;
use super::mrtr::context::InputContext;
use crate::audit;
use crate::error::{Error, Result};
use crate::odoo::builtin_tool::BuiltinTool;
use crate::policy::masking::has_names;
use crate::signed_token::TokenCodec;
use crate::tools::context::{Context, OrmCall};
use crate::tools::control_arguments::{CONFIRMATION, ControlArguments};
use crate::tools::record::Tool;
use crate::wire::principal::Principal;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use token::{TokenScope, Wrong};

/// Maximum number of record names in a question.
const MOST_NAMES: usize = 10;
/// Reads the record names for a question (docs/exchange.md, "Tool methods").
pub const METHOD: &str = "_tool_confirmation";

/// Whether a call may run.
pub enum Decision {
    /// Run it. The nonce of its confirmation, if it has one.
    Go(Option<String>),
    /// A person declined it.
    Declined(Error),
    /// Ask first: the arguments of the step that reads the names, and the question.
    Ask(Map<String, Value>, Box<ConfirmationRequest>),
}

/// A confirmation question without the record names.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ConfirmationRequest {
    principal: Principal,
    tool: String,
    /// Digest of the call's arguments.
    digest: String,
    /// Whether only a person may confirm.
    person: bool,
    /// The effect, without the record names.
    what: message::What,
}

/// Decides whether a call may run now.
///
/// # Errors
/// Bad arguments for an invalid or expired token; denied for a token where only a person may confirm.
pub fn weigh(
    context: &Context,
    tool: &Tool,
    once: &ControlArguments,
    orm: &OrmCall,
    input: Option<&mut Box<InputContext>>,
) -> Result<Decision> {
    match input.and_then(|input| input.said()) {
        Some(PersonAnswer::Yes(number)) => return Ok(Decision::Go(Some(number))),
        Some(PersonAnswer::No) => {
            return Ok(Decision::Declined(Error::denied(
                "The person was asked, and does not want this to be done. Nothing was changed. Do not try it another way; ask \
                 what they want instead.",
            )));
        }
        None => {}
    }
    let person = context.settings.confirm_person;
    let needed = context.policy.call_is_to_confirm(
        tool.builtin().is_some_and(BuiltinTool::does_what_it_names),
        tool.destructive_hint,
    );
    if let Some(token) = &once.confirmation {
        return spend(context, tool, once, token, needed, person);
    }
    if !needed {
        return Ok(Decision::Go(None));
    }
    let model = orm.model.as_deref();
    let mut names = match model {
        Some(model) => has_names(context.policy, &context.models, model)?,
        None => false,
    };
    names &= !orm.record_ids.is_empty();
    let mut call = json!({"model": null, "ids": [], "most": 0});
    if names {
        call = json!({"model": model, "ids": orm.record_ids, "most": MOST_NAMES});
        if let Some(only) = orm.arguments.get("only") {
            call["only"] = only.clone();
        }
    }
    let ask = ConfirmationRequest {
        principal: context.policy.principal(),
        tool: tool.name.clone(),
        digest: once.digest.clone(),
        person,
        what: message::What::of(context, tool, orm),
    };
    let arguments = match call {
        Value::Object(arguments) => arguments,
        _ => Map::new(),
    };
    Ok(Decision::Ask(arguments, Box::new(ask)))
}

/// Checks the token that came with a call.
fn spend(
    context: &Context,
    tool: &Tool,
    once: &ControlArguments,
    token: &str,
    needed: bool,
    person: bool,
) -> Result<Decision> {
    let refused = |why: &str| Err(Error::bad_arguments(format!("`{CONFIRMATION}`: {why}")));
    if needed && person {
        return Err(only_by_a_person());
    }
    let wanted = TokenScope {
        principal: context.policy.principal(),
        tool: &tool.name,
        digest: &once.digest,
    };
    let opened = wanted.open(
        &TokenCodec::read(context.db)?,
        token,
        audit::now() / 1_000_000,
    );
    match opened {
        Ok(number) => Ok(Decision::Go(Some(number))),
        Err(_) if !needed => refused("this call needs none. Leave it out."),
        Err(Wrong::Late) => refused(
            "this token is older than 10 minutes. Nothing was run. Call again without it to get a new one.",
        ),
        Err(Wrong::NotForThis) => refused(
            "this token was not given for exactly this call: a token is for one tool with one set of arguments, and not one \
             of them may be changed. Nothing was run. Call again without it to learn what these arguments would do, and to \
             get a token for them.",
        ),
    }
}

fn only_by_a_person() -> Error {
    Error::denied(
        "This call must be confirmed by a person, whom this client cannot ask: for that it must declare the capability \
         elicitation (in 2025-11-25 in a session, accepting text/event-stream). Nothing was changed. An MCP administrator \
         decides what must be confirmed, in the settings and the access record of the model.",
    )
}

impl ConfirmationRequest {
    /// The question for a person. `names`: of the first records.
    pub fn question(&self, names: &[Value]) -> String {
        format!(
            "An AI client wants to do this in Odoo: {}",
            self.what.text(names)
        )
    }

    /// The message for the model where no person can be asked, with the token that confirms the call.
    ///
    /// # Errors
    /// Denied where only a person may confirm.
    pub fn token(&self, sealer: &TokenCodec, names: &[Value], now: i64) -> Result<Error> {
        if self.person {
            return Err(only_by_a_person());
        }
        let wanted = TokenScope {
            principal: self.principal,
            tool: &self.tool,
            digest: &self.digest,
        };
        let token = wanted.seal(sealer, uuid::Uuid::new_v4().as_bytes(), now);
        Ok(Error::failed(format!(
            "Nothing was changed yet: this call must be confirmed. It would do this: {}\nIf that is what the user wants (ask \
             them unless they have said so), call {} again with exactly the same arguments and \"{CONFIRMATION}\": \
             \"{token}\". The token is good for one call within {} minutes.",
            self.what.text(names),
            self.tool,
            token::SECONDS / 60
        )))
    }
}
