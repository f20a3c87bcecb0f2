//! `prompts/list` and `prompts/get`.

use super::running::{Finish, OdooCall, To, to_step};
use super::{Cache, Call, Outcome, complete};
use crate::audit::Entry;
use crate::error::{Error, Result};
use crate::odoo::user::User;
use crate::prompts::message::{Filling, of_lines};
use crate::prompts::{arguments, record};
use crate::wire::paging::{self, PAGE};
use serde_json::{Map, Value, json};

pub fn list(call: &Call) -> Result<Outcome> {
    const LIST: &str = "prompts/list";
    let uid = call.pass.uid;
    let after = paging::after(call.db, LIST, uid, &call.params)?;
    let mut prompts = record::list(call.db, uid, after.as_ref(), PAGE + 1)?;
    let more = prompts.len() > PAGE;
    prompts.truncate(PAGE);
    let mut result = Map::new();
    let listed = prompts.iter().map(|prompt| prompt.listed(call.version));
    result.insert("prompts".into(), listed.collect());
    if more && let Some(last) = prompts.last() {
        let cursor = paging::next(call.db, LIST, uid, &last.key())?;
        result.insert("nextCursor".into(), json!(cursor));
    }
    // An edit counts at the next list: nothing may be kept.
    let result = complete(result, call.version, Some(Cache { ttl_ms: 0 }));
    Ok(Outcome::Result(result, i64::try_from(prompts.len()).ok()))
}

pub fn get(call: &mut Call, entry: &mut Entry) -> Result<Outcome> {
    let Some(Value::String(name)) = call.params.get("name") else {
        return Err(Error::invalid_params(
            "params.name must be the name of a prompt.",
        ));
    };
    entry.prompt = Some(name.chars().take(128).collect());
    let prompt = record::find(call.db, call.pass.uid, name)?;
    let given = arguments::check(&prompt.arguments, call.params.get("arguments"))?;
    if let Some(method) = prompt.method {
        let user = User::read(call.db, call.pass.uid)?;
        let method = OdooCall {
            model: "mcp.prompt",
            record_id: Some(prompt.id),
            method: &method,
            arguments: given,
            commits: false,
        };
        let finish = Finish::Prompt {
            description: prompt.description,
        };
        let (step, state) = to_step(
            &user,
            &call.pass.settings,
            method,
            finish,
            false,
            To::client(call),
            entry,
        )?;
        return Ok(Outcome::Step {
            step,
            state,
            read_only: false,
        });
    }
    let filling = Filling {
        prompt: &prompt.name,
        known: prompt
            .arguments
            .iter()
            .map(|argument| argument.name.as_str())
            .collect(),
        given: &given,
        room: usize::try_from(call.pass.settings.max_answer_bytes).unwrap_or(0),
    };
    let messages = of_lines(&prompt.lines(call.db)?, &filling)?;
    let result = result(prompt.description.as_deref(), messages);
    Ok(Outcome::Result(complete(result, call.version, None), None))
}

/// The `GetPromptResult`.
pub fn result(description: Option<&str>, messages: Vec<Value>) -> Map<String, Value> {
    let mut result = Map::new();
    if let Some(description) = description {
        result.insert("description".into(), json!(description));
    }
    result.insert("messages".into(), Value::Array(messages));
    result
}
