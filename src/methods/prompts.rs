//! `prompts/list` and `prompts/get`.

use super::paging::{self, PAGE};
use super::pending_call::{Continuation, OdooCall, start_for_client};
use super::request::{CacheHint, Call, Outcome, complete};
use crate::audit::Entry;
use crate::error::{Error, Result};
use crate::odoo::user::User;
use crate::prompts::message::{Filling, PromptContent, PromptMessage, of_lines};
use crate::prompts::{arguments, embed, record};
use crate::tools::context::Context;
use serde_json::{Map, Value, json};

pub fn list(call: &Call) -> Result<Outcome> {
    const LIST: &str = "prompts/list";
    let uid = call.auth.principal.user_id;
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
    // An edit takes effect at the next list, so clients must not cache it.
    let result = complete(result, call.version, Some(CacheHint { ttl_ms: 0 }));
    Ok(Outcome::Result(result, i64::try_from(prompts.len()).ok()))
}

pub fn get(call: &mut Call, entry: &mut Entry) -> Result<Outcome> {
    let Some(Value::String(name)) = call.params.get("name") else {
        return Err(Error::invalid_params(
            "params.name must be the name of a prompt.",
        ));
    };
    entry.prompt = Some(name.chars().take(128).collect());
    let prompt = record::find(call.db, call.auth.principal.user_id, name)?;
    let given = arguments::check(&prompt.arguments, call.params.get("arguments"))?;
    let (user, policy) = call.enter()?;
    let settings = &call.auth.settings;
    let description = prompt.description.clone();
    let read_only = policy.read_only().is_some();
    if let Some(method) = &prompt.method {
        policy.let_author()?;
        let odoo = OdooCall {
            read_only,
            ..OdooCall::new("mcp.prompt", Some(prompt.id), method, given)
        };
        let finish = Continuation::Prompt { description };
        return step(call, &user, odoo, finish, entry);
    }
    let known = prompt.arguments.iter().map(|known| known.name.as_str());
    let filling = Filling {
        prompt: &prompt.name,
        known: known.collect(),
        given: &given,
        room: usize::try_from(settings.max_answer_bytes).unwrap_or(0),
    };
    let (messages, room) = of_lines(&prompt.lines(call.db)?, &filling)?;
    entry.resource_uri = uris(&messages);
    let context = Context::new(call.db, &user, settings, &policy);
    let embedded = embed::open(&context, messages, room)?;
    entry.set_records(&embedded.record_ids);
    if embedded.calls.is_empty() {
        let (messages, _) = embed::finish(&embedded.slots, json!([]), embedded.room)?;
        let result = result(description.as_deref(), messages);
        return Ok(Outcome::Result(complete(result, call.version, None), None));
    }
    let odoo = OdooCall {
        withheld_model: policy.withheld_model(embedded.models.iter().map(String::as_str))?,
        read_only,
        only_reads: embedded.read_only,
        ..OdooCall::new(
            "mcp.prompt",
            Some(prompt.id),
            embed::METHOD,
            embedded.arguments(),
        )
    };
    entry.model = embedded.models.into_iter().next();
    let finish = Continuation::Embedded {
        description,
        slots: embedded.slots,
        room: embedded.room,
    };
    step(call, &user, odoo, finish, entry)
}

fn step(
    call: &Call,
    user: &User,
    odoo: OdooCall,
    finish: Continuation,
    entry: &mut Entry,
) -> Result<Outcome> {
    let read_only = odoo.only_reads;
    let (step, state) = start_for_client(call, user, odoo, finish, entry)?;
    Ok(Outcome::Step {
        step,
        state,
        read_only,
    })
}

/// The resources of a prompt, for the audit.
fn uris(messages: &[PromptMessage]) -> Option<String> {
    let mut uris = messages.iter().filter_map(|message| match &message.piece {
        PromptContent::Resource(uri) => Some(uri.as_str()),
        PromptContent::Content(_) => None,
    });
    let mut text: String = uris.next()?.chars().take(2_000).collect();
    for uri in uris {
        text.push(' ');
        text.extend(uri.chars().take(2_000usize.saturating_sub(text.len())));
    }
    Some(text)
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
