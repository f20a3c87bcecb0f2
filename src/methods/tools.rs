//! `tools/list` and `tools/call`.

use super::{Cache, Call, Outcome, complete};
use crate::audit::{End, Entry};
use crate::error::{Error, Result, ToolError};
use crate::odoo::catalogue::Catalogue;
use crate::odoo::settings::Settings;
use crate::odoo::user::User;
use crate::pg::{Database, Param};
use crate::tools::answer::{Answer, failure};
use crate::tools::call::begin;
use crate::tools::record::Tool;
use crate::tools::{Context, OrmCall, Prepared, finish};
use crate::wire::http::Reply;
use crate::wire::version::Version;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

pub fn list(call: &mut Call) -> Result<Outcome> {
    const LIST: &str = include_str!("../../sql/tools_list.sql");
    if let Some(cursor) = call.params.get("cursor").filter(|cursor| !cursor.is_null()) {
        return Err(Error::invalid_params(format!(
            "params.cursor: {cursor} is not a cursor of this list, which has one page."
        )));
    }
    let flag = |on: bool| Param::from(if on { "true" } else { "false" });
    let params = [
        call.pass.uid.into(),
        flag(call.version.has_annotations()),
        flag(call.version.has_structured_content()),
    ];
    let text = call.db.read(LIST, &params)?.unwrap_or_default();
    let (count, tools) = text
        .split_once(' ')
        .ok_or_else(|| Error::Internal("the list of tools has no count".into()))?;
    // An administrator's edit counts at the next list: nothing may be kept.
    let rest = complete(Map::new(), call.version, Some(Cache { ttl_ms: 0 }));
    let rest = Value::Object(rest).to_string();
    let result = match rest.strip_prefix('{') {
        Some(members) if members.len() > 1 => format!("{{\"tools\":{tools},{members}"),
        _ => format!("{{\"tools\":{tools}}}"),
    };
    Ok(Outcome::Text(result, count.parse().ok()))
}

pub fn call(call: &mut Call, entry: &mut Entry) -> Result<Outcome> {
    let name = match call.params.get("name") {
        Some(Value::String(name)) => name.clone(),
        _ => {
            return Err(Error::invalid_params(
                "params.name must be the name of a tool.",
            ));
        }
    };
    entry.tool = Some(name.chars().take(128).collect());
    let arguments = match call.params.remove("arguments") {
        None | Some(Value::Null) => Map::new(),
        Some(Value::Object(arguments)) => arguments,
        Some(_) => return Err(Error::invalid_params("params.arguments must be an object.")),
    };
    let user = User::read(call.db, call.pass.uid)?;
    let to = To::Client {
        id: call.id.clone(),
        version: call.version,
        cors: call.pass.cors.clone(),
    };
    match start(
        call.db,
        &user,
        &call.pass.settings,
        &name,
        arguments,
        to,
        entry,
    ) {
        Ok(Started::Answer(answer)) => {
            let result = complete(answer.to_result(Some(call.version)), call.version, None);
            Ok(Outcome::Result(result, answer.row_count))
        }
        Ok(Started::Step {
            step,
            state,
            read_only,
        }) => Ok(Outcome::Step {
            step,
            state,
            read_only,
        }),
        Err(error @ Error::Tool { .. }) => Ok(Outcome::Failed(error)),
        Err(error) => Err(error),
    }
}

/// Who gets the result of a call.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum To {
    Client {
        id: Value,
        version: Version,
        cors: Option<String>,
    },
    /// A caller of `mcp_dispatch_tool`.
    Sql,
}

/// What a call needs to go on after Odoo has run it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Running {
    pub entry: Entry,
    to: To,
    method: String,
    memo: Value,
    zone: String,
    read_only: bool,
    max_answer_bytes: i64,
    call_ms: i64,
}

pub enum Started {
    Answer(Answer),
    Step {
        step: Value,
        state: Value,
        read_only: bool,
    },
}

/// Begin a tool call for `user`.
///
/// # Errors
/// An unknown tool, or what is wrong with the arguments.
pub fn start(
    db: &dyn Database,
    user: &User,
    settings: &Settings,
    name: &str,
    arguments: Map<String, Value>,
    to: To,
    entry: &mut Entry,
) -> Result<Started> {
    entry.model = match arguments.get("model") {
        Some(Value::String(model)) => Some(model.chars().take(128).collect()),
        _ => None,
    };
    entry.set_request(&json!(arguments), settings.audit_request_bytes);
    let context = Context {
        db,
        user,
        settings,
        catalogue: Catalogue::new(db, user),
    };
    let (tool, prepared) = begin(&context, name, arguments)?;
    match prepared {
        Prepared::Answer(answer) => {
            within(&answer, settings.max_answer_bytes).map(|()| Started::Answer(answer))
        }
        Prepared::Orm(orm) => {
            let read_only = tool.read_only_hint;
            let (step, state) = to_step(user, settings, tool, orm, to, entry)?;
            Ok(Started::Step {
                step,
                state,
                read_only,
            })
        }
    }
}

fn to_step(
    user: &User,
    settings: &Settings,
    tool: Tool,
    orm: OrmCall,
    to: To,
    entry: &mut Entry,
) -> Result<(Value, Value)> {
    entry.path = "orm".into();
    entry.model = orm.model.or_else(|| entry.model.take());
    entry.set_records(&orm.record_ids);
    let step = json!({
        "kind": "call", "call_id": entry.call_id, "uid": user.id, "context": user.context(), "tool_id": tool.id,
        "method": tool.method, "arguments": orm.arguments, "timeout_ms": settings.call_ms, "commits": tool.commits,
    });
    let running = Running {
        entry: entry.clone(),
        to,
        method: tool.method,
        memo: orm.memo,
        zone: user.zone().name().to_owned(),
        read_only: tool.read_only_hint,
        max_answer_bytes: settings.max_answer_bytes,
        call_ms: settings.call_ms,
    };
    let state = serde_json::to_value(running)
        .map_err(|error| Error::Internal(format!("state: {error}")))?;
    Ok((step, json!({"at": "call", "call": state})))
}

fn within(answer: &Answer, most: i64) -> Result<()> {
    let size = i64::try_from(answer.size()).unwrap_or(i64::MAX);
    if size <= most {
        return Ok(());
    }
    Err(Error::failed(format!(
        "The answer would have {size} bytes, more than the {most} this server gives at once. Ask for fewer fields or \
         records (fields, limit, ids)."
    )))
}

/// Finish a call that Odoo has run: called in Odoo's transaction, as its last statement. The audit row commits, or not,
/// with the change.
///
/// # Errors
/// Whatever makes the transaction unfit to commit.
pub fn succeed(db: &dyn Database, mut running: Running, result: Value) -> Result<Value> {
    let mut answer = finish(&running.method, &running.memo, result, &running.zone)?;
    let mut failed = None;
    if let Err(error) = within(&answer, running.max_answer_bytes) {
        if running.read_only {
            failed = Some(error);
        } else {
            // The work is done and stays done; only its result is too long to show.
            answer.content = crate::tools::answer::Content::Text(
                "Done and saved. The result is longer than this server gives at once; read what you need of it.".into(),
            );
        }
    }
    if !answer.record_ids.is_empty() {
        running.entry.set_records(&answer.record_ids);
    }
    let row_count = answer.row_count;
    let (reply, sql) = match &failed {
        None => render(&running.to, answer.to_result(version_of(&running.to))),
        Some(error) => render(&running.to, failure(error)),
    };
    let end = match &failed {
        None => End::ok(&reply, row_count),
        Some(error) => End::of_error(error, &reply),
    };
    running.entry.settle(db, &end)?;
    Ok(sql.unwrap_or_else(|| reply.into_answer()))
}

/// Answer for a call that Odoo could not run or that was rolled back.
pub fn fail(db: &dyn Database, running: Running, outcome: &Value) -> Result<Value> {
    let error = explain(&running, outcome);
    let (reply, sql) = match (&error, &running.to) {
        (Error::Protocol { .. }, To::Client { id, cors, .. }) => (
            crate::gate::with_cors(Reply::error(id, &error), cors.as_deref()),
            None,
        ),
        _ => render(&running.to, failure(&error)),
    };
    let end = End::of_error(&error, &reply);
    running.entry.insert_once(db, &end)?;
    running.entry.end_call(db)?;
    Ok(sql.unwrap_or_else(|| reply.into_answer()))
}

fn version_of(to: &To) -> Option<Version> {
    match to {
        To::Client { version, .. } => Some(*version),
        To::Sql => None,
    }
}

fn render(to: &To, result: Map<String, Value>) -> (Reply, Option<Value>) {
    match to {
        To::Client { id, version, cors } => {
            let result = complete(result, *version, None);
            let reply = Reply::json(200, &crate::wire::json_rpc::result(id, result));
            (crate::gate::with_cors(reply, cors.as_deref()), None)
        }
        To::Sql => {
            let result = json!({"result": result});
            let reply = Reply::json(200, &result);
            (reply, Some(result))
        }
    }
}

/// Odoo's failure in words that say what happened and what to do (docs/exchange.md, "Steps").
fn explain(running: &Running, outcome: &Value) -> Error {
    let message = outcome["message"].as_str().unwrap_or_default().trim();
    let or = |default: &str| match message {
        "" => default.to_owned(),
        text if text.ends_with(char::is_alphanumeric) => format!("{text}."),
        text => text.to_owned(),
    };
    let unchanged = if outcome["committed"] == true {
        " What the method had saved by itself before that stays saved."
    } else if running.read_only {
        ""
    } else {
        " Nothing was changed."
    };
    let kind = outcome["type"].as_str().unwrap_or("internal");
    let failed = |text: String| Error::Tool {
        kind: ToolError::Failed,
        message: text,
    };
    match kind {
        "access_error" | "access_denied" => Error::denied(format!(
            "{}{unchanged}",
            or("Odoo does not allow this to the user.")
        )),
        "user_error" | "validation_error" | "redirect_warning" => {
            failed(format!("{}{unchanged}", or("Odoo refused this.")))
        }
        "missing_error" => failed(format!("{}{unchanged}", or("A record does not exist."))),
        "constraint" => failed(format!(
            "{}{unchanged}",
            or("A database constraint forbids this.")
        )),
        "bad_arguments" => {
            Error::bad_arguments(format!("{}{unchanged}", or("The arguments do not fit.")))
        }
        "no_method" => Error::bad_arguments(or("There is no such method.")),
        "private_method" => Error::denied(or("This method is private.")),
        "serialization" => failed(format!(
            "Others kept changing the same records at the same time.{unchanged} Try again."
        )),
        "timeout" => failed(format!(
            "The call took longer than {} seconds and was stopped.{unchanged} Narrow it: fewer records, a more \
             selective domain.",
            running.call_ms / 1_000
        )),
        "not_json" => failed(format!(
            "The method gave something that cannot be shown as JSON, so it was undone.{unchanged}"
        )),
        "commits" => Error::denied(format!(
            "This method commits by itself, which would escape the audit. It was stopped.{unchanged} An administrator \
             can make a tool for it that is marked so."
        )),
        "died" => failed(format!(
            "The call was declared dead while it ran.{unchanged} Try again."
        )),
        "pool_full" | "module_state" => Error::protocol(
            503,
            crate::error::code::REFUSED,
            or("Odoo is too busy to run this now. Nothing was changed. Try again in a moment."),
        ),
        _ => Error::Tool {
            kind: ToolError::Internal,
            message: format!(
                "Odoo failed with an internal error.{unchanged} The administrator finds it in Odoo's log under call {}.",
                running.entry.call_id
            ),
        },
    }
}
