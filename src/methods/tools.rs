//! `tools/call`: checks a call, asks for its confirmation if needed, and makes the step that Odoo runs.

use super::confirmation::{self, ConfirmationRequest, Decision};
use super::idempotency::{IdempotencyClaim, Replay, ReplayContext};
use super::pending_call::{Continuation, OdooCall, ReplyTo, start_call, within};
use super::request::{Call, Outcome, complete};
use crate::audit::Entry;
use crate::audit::changes::watch;
use crate::error::{Error, Result};
use crate::odoo::builtin_tool::BuiltinTool;
use crate::odoo::field::FieldType;
use crate::odoo::user::User;
use crate::policy::access::odoo_lets_read;
use crate::policy::masking::has_names;
use crate::tools::answer::Answer;
use crate::tools::call::begin;
use crate::tools::context::{Context, OrmCall, Prepared};
use crate::tools::control_arguments::ControlArguments;
use crate::tools::dry_run;
use crate::tools::record::Tool;
use crate::tools::write_rules::named;
use crate::wire::http::Request;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

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
    let kept = for_audit(&call.params);
    let arguments = match call.params.remove("arguments") {
        None | Some(Value::Null) => Map::new(),
        Some(Value::Object(arguments)) => arguments,
        Some(_) => return Err(Error::invalid_params("params.arguments must be an object.")),
    };
    let (user, policy) = match call.enter() {
        Err(denied @ Error::Tool { .. }) => {
            entry.set_request(&kept, &call.auth.settings);
            return Ok(Outcome::Failed(denied));
        }
        entered => entered?,
    };
    let asked = ToolRequest {
        name: &name,
        arguments,
        // Only 2026-07-28 repeats arguments in headers.
        request: Some(call.request).filter(|_| call.version.is_modern()),
        kept,
    };
    let to = ReplyTo::client(call);
    let context = Context::new(call.db, &user, &call.auth.settings, &policy);
    match start(&context, asked, to, entry) {
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
        Ok(Started::Declined(error)) => Ok(Outcome::Declined(error)),
        Ok(Started::Replay(repeat)) => {
            let result = complete(repeat.to_result(Some(call.version)), call.version, None);
            Ok(Outcome::Repeated(result, repeat))
        }
        Err(error @ Error::Tool { .. }) => Ok(Outcome::Failed(error)),
        Err(error) => Err(error),
    }
}

pub enum Started {
    Answer(Answer),
    /// A person declined it.
    Declined(Error),
    /// An earlier call with the same key has made the change.
    Replay(Replay),
    Step {
        step: Value,
        state: Value,
        read_only: bool,
    },
}

/// A requested tool call.
pub struct ToolRequest<'a> {
    pub name: &'a str,
    pub arguments: Map<String, Value>,
    /// The HTTP request, in versions whose headers repeat arguments.
    pub request: Option<&'a Request>,
    /// The arguments for the audit.
    pub kept: Value,
}

/// The part of a call that the audit stores: its arguments, and the client's input responses.
pub fn for_audit(params: &Map<String, Value>) -> Value {
    let mut kept = match params.get("arguments") {
        Some(Value::Object(arguments)) => arguments.clone(),
        _ => Map::new(),
    };
    if let Some(answers) = params.get("inputResponses") {
        kept.insert("inputResponses".into(), answers.clone());
    }
    Value::Object(kept)
}

/// Begins a tool call for the context's user.
///
/// # Errors
/// An unknown tool, or invalid arguments.
pub fn start(
    context: &Context,
    asked: ToolRequest,
    to: ReplyTo,
    entry: &mut Entry,
) -> Result<Started> {
    let settings = context.settings;
    let ToolRequest {
        name,
        arguments,
        request,
        kept,
    } = asked;
    entry.model = match arguments.get("model") {
        Some(Value::String(model)) => Some(model.chars().take(128).collect()),
        _ => None,
    };
    entry.set_request(&kept, settings);
    let begun = begin(context, name, arguments, request)?;
    match begun.prepared {
        Prepared::Answer(answer) => {
            within(answer.size(), settings.max_answer_bytes).map(|()| Started::Answer(answer))
        }
        Prepared::Orm(orm) => OdooStart {
            context,
            user: begun.user.as_ref().unwrap_or(context.user),
            tool: begun.tool,
            orm,
            dry_run: begun.dry_run,
            kept,
            to,
            entry,
        }
        .start(begun.once),
    }
}

/// A tool call that Odoo must run, before its step is made.
struct OdooStart<'a> {
    context: &'a Context<'a>,
    /// The user as the argument `context` of the call wants them.
    user: &'a User,
    tool: Tool,
    orm: OrmCall,
    dry_run: bool,
    /// The part of the request that the audit stores.
    kept: Value,
    to: ReplyTo,
    entry: &'a mut Entry,
}

impl OdooStart<'_> {
    /// Check the control arguments, then make the step: of the call, or of the question that must be answered first.
    fn start(mut self, once: Option<ControlArguments>) -> Result<Started> {
        let context = self.context;
        let once = match self.dry_run {
            false => once,
            true => {
                dry_run::check(context.db, &self.tool, &self.orm.arguments)?;
                refuse_in_dry_run(once)?;
                None
            }
        };
        let caller = (context.policy.principal(), self.tool.name.as_str());
        let made = json!([self.tool.method, self.orm.arguments, self.orm.memo]);
        let claim = |once: &ControlArguments, number| {
            IdempotencyClaim::new(caller, once, number, &made, context.settings)
        };
        let mut claims = once.as_ref().and_then(|once| claim(once, None));
        if let Some(claims) = &claims
            && let Some(repeat) = repeat(context, claims, &self.tool, &self.orm)?
        {
            return Ok(Started::Replay(repeat));
        }
        self.entry.model = self.orm.model.clone().or_else(|| self.entry.model.take());
        self.entry.set_records(&self.orm.record_ids);
        if let Some(once) = once {
            let input = self.to.input_context();
            match confirmation::weigh(context, &self.tool, &once, &self.orm, input)? {
                Decision::Go(None) => {}
                Decision::Go(number) => claims = claim(&once, number),
                Decision::Declined(error) => return Ok(Started::Declined(error)),
                Decision::Ask(arguments, ask) => return self.ask(arguments, ask),
            }
        }
        self.call(claims)
    }

    /// The step that reads the names for the question.
    fn ask(self, arguments: Map<String, Value>, ask: Box<ConfirmationRequest>) -> Result<Started> {
        let policy = self.context.policy;
        let call = OdooCall {
            withheld_model: policy.withheld_model(self.entry.model.as_deref())?,
            read_only: true,
            only_reads: true,
            ..tool_call(&self.tool, confirmation::METHOD, arguments)
        };
        let settings = self.context.settings;
        let finish = Continuation::Confirm { ask };
        let (step, state) = start_call(self.user, settings, call, finish, self.to, self.entry)?;
        Ok(Started::Step {
            step,
            state,
            read_only: true,
        })
    }

    /// The step of the call itself.
    fn call(self, claims: Option<IdempotencyClaim>) -> Result<Started> {
        let Self {
            context,
            user,
            tool,
            orm,
            dry_run,
            kept,
            to,
            entry,
        } = self;
        let (policy, settings) = (context.policy, context.settings);
        let files = files(context, &tool.method, &orm.arguments)?;
        if !files.is_empty() {
            entry.set_request_of(&kept, settings, &files);
        }
        entry.commits = tool.commits && !dry_run;
        if !dry_run {
            entry.watch = watch(&context.models, &tool.method, &orm.arguments, settings)?;
        }
        let withheld_model = match policy.withheld_model(entry.model.as_deref())? {
            None => nameless(context, &orm.named)?,
            model => model,
        };
        let read_only = tool.read_only_hint;
        let call = OdooCall {
            commits: entry.commits,
            dry_run,
            may_change_users: policy.may_change_users(),
            withheld_model,
            read_only: policy.read_only().is_some(),
            only_reads: read_only,
            ..tool_call(&tool, &tool.method, orm.arguments)
        };
        let is_authored = BuiltinTool::is_authored(tool.builtin());
        let finish = Continuation::Tool {
            method: tool.method.clone(),
            memo: orm.memo,
            zone: user.zone().name().to_owned(),
            has_schema: tool.output_schema.is_some(),
            schema: tool.output_schema.filter(|_| is_authored),
            claims: claims.map(Box::new),
        };
        let (step, state) = start_call(user, settings, call, finish, to, entry)?;
        Ok(Started::Step {
            step,
            state,
            read_only,
        })
    }
}

/// Refuse control arguments together with `dry_run`.
///
/// # Errors
/// Bad arguments, naming the first of them.
fn refuse_in_dry_run(once: Option<ControlArguments>) -> Result<()> {
    let sent = once.and_then(|once| match (once.key, once.confirmation) {
        (Some(_), _) => Some("idempotency_key"),
        (_, Some(_)) => Some("confirmation"),
        _ => None,
    });
    match sent {
        None => Ok(()),
        Some(name) => Err(Error::bad_arguments(format!(
            "{name}: leave it out of a dry run, which changes nothing and can be repeated."
        ))),
    }
}

fn tool_call<'a>(tool: &Tool, method: &'a str, arguments: Map<String, Value>) -> OdooCall<'a> {
    OdooCall::new("mcp.tool", Some(tool.id), method, arguments)
}

/// The first of these models whose record names are hidden. Odoo's messages may quote names of the records in the call.
fn nameless(context: &Context, models: &BTreeSet<String>) -> Result<Option<String>> {
    if !context.policy.something_hidden() {
        return Ok(None);
    }
    for model in models {
        if !has_names(context.policy, &context.models, model)? {
            return Ok(Some(model.clone()));
        }
    }
    Ok(None)
}

/// The answer of an earlier call with the same key, if there is one and the caller may still call the tool in this way.
fn repeat(
    context: &Context,
    claims: &IdempotencyClaim,
    tool: &Tool,
    orm: &OrmCall,
) -> Result<Option<Replay>> {
    let may_read = match &orm.model {
        Some(model) => odoo_lets_read(context.db, context.user, model)?,
        None => true,
    };
    let shape = ReplayContext {
        method: &tool.method,
        model: orm.model.as_deref(),
        called: orm.arguments.get("method").and_then(Value::as_str),
        has_schema: tool.output_schema.is_some(),
        may_read,
    };
    claims.done(context.db, shape)
}

/// The binary fields among the values to write. Their model has already been looked up.
fn files(context: &Context, method: &str, arguments: &Map<String, Value>) -> Result<Vec<String>> {
    match BuiltinTool::of(method) {
        Some(BuiltinTool::AttachFile) => return Ok(vec!["base64".into()]),
        Some(BuiltinTool::Create | BuiltinTool::Write) => {}
        _ => return Ok(Vec::new()),
    }
    let (Some(Value::String(model)), Some(values)) =
        (arguments.get("model"), arguments.get("values"))
    else {
        return Ok(Vec::new());
    };
    let names = named(values);
    let model = context.models.model_with(model, &names)?;
    let is_file = |name: &str| {
        let field = model.fields.get(name);
        field.is_some_and(|field| matches!(field.ttype, FieldType::Binary | FieldType::Image))
    };
    let files = names.into_iter().filter(|name| is_file(name));
    Ok(files.map(str::to_owned).collect())
}
