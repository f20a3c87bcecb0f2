//! Resources, and the dispatch to each kind.

mod access;
mod complete;
pub mod contents;
mod field;
mod models;
pub mod record;
mod single;
pub mod step;
mod system;
pub mod template;

pub use complete::{Completion, completion, narrow};

use crate::error::{Error, Result};
use crate::odoo::builtin_tool::BuiltinTool;
use crate::odoo::settings::Settings;
use crate::pg::Param;
use crate::policy::Operation;
use crate::tools::answer::{Answer, Content};
use crate::tools::context::{Context, OrmCall, Prepared, kept};
use crate::tools::{describe_model, list_modules};
use contents::Contents;
use record::Resource;
use serde_json::{Map, Value, json};
use step::{Made, object};
pub use step::{Memo, Step};

/// The outcome of opening a resource.
pub enum Opened {
    /// The contents, made by the core.
    Contents(Contents),
    Step(Step, Box<Memo>),
}

/// The variables of a template, by name.
pub(crate) struct Variables(Map<String, Value>);

impl Variables {
    /// # Errors
    /// [`Error::Internal`] when the record's template lacks it (stored without Odoo's own check).
    fn get(&self, name: &str) -> Result<&str> {
        self.0
            .get(name)
            .and_then(Value::as_str)
            .ok_or_else(|| Error::Internal(format!("the template has no variable {name}")))
    }

    /// The id of a record.
    ///
    /// # Errors
    /// Bad arguments for a value that is not an id.
    fn id(&self) -> Result<i64> {
        let text = self.get("id")?;
        let plain = text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0');
        text.parse::<i32>()
            .ok()
            .filter(|_| plain)
            .map(i64::from)
            .ok_or_else(|| {
                let shown = crate::text::json::clip(text, 64);
                Error::bad_arguments(format!("{shown:?} is no record id (a positive integer)."))
            })
    }
}

/// Maximum size in bytes of a resource's content.
fn most_bytes(resource: &Resource, settings: &Settings) -> i64 {
    resource
        .most_kb
        .map_or(settings.max_answer_bytes, |most| most.saturating_mul(1_000))
}

/// The tool with the same result as a kind of resource, if there is one.
fn tool_of(kind: &str) -> Option<BuiltinTool> {
    match kind {
        "record" | "value" | "field" => Some(BuiltinTool::Read),
        "schema" => Some(BuiltinTool::DescribeModel),
        "models" => Some(BuiltinTool::ListModels),
        "modules" | "module" => Some(BuiltinTool::ListModules),
        "access" => Some(BuiltinTool::ExplainAccess),
        _ => None,
    }
}

/// Opens the resource that `uri` names, for the context's user. Sets `model` to the model in the address.
///
/// # Errors
/// Bad arguments for an unknown resource; refusals of its kind.
pub fn open(context: &Context, uri: &str, model: &mut Option<String>) -> Result<Opened> {
    let (resource, variables) = record::find(context.db, context.user.id, uri)?;
    let named = variables.get("model").and_then(Value::as_str);
    *model = named
        .or(resource.model.as_deref())
        .map(|name| name.chars().take(128).collect());
    let most = most_bytes(&resource, context.settings);
    let variables = Variables(variables);
    if let Some(tool) = tool_of(&resource.kind) {
        context.policy.require_tool(tool)?;
    }
    let opened = match resource.kind.as_str() {
        "text" => content(context, &resource, uri, true).map(Made::Contents),
        "binary" => content(context, &resource, uri, false).map(Made::Contents),
        "system" => system::read(context, uri).map(Made::Contents),
        "models" => models::read(context, uri).map(Made::Contents),
        "access" => access::read(context, uri, variables.get("model")?).map(Made::Contents),
        "schema" => of_tool("_resource_schema", {
            let model = json!({"model": variables.get("model")?, "detail": "full"});
            describe_model::prepare(context, object(model))?
        }),
        "modules" => of_tool("_resource_modules", {
            let most = json!({"limit": context.settings.max_records});
            list_modules::prepare(context, object(most))?
        }),
        "module" => {
            context
                .policy
                .require("ir.module.module", Operation::Read)?;
            let arguments = json!({"module": variables.get("module")?});
            let step = Step::reading("_resource_module", object(arguments));
            Ok(Made::Step(step.on("ir.module.module"), Value::Null))
        }
        "record" => single::prepare(context, variables.get("model")?, variables.id()?),
        "value" => field::prepare(
            context,
            field::FieldAddress {
                model: variables.get("model")?,
                record_id: variables.id()?,
                field: variables.get("field")?,
                most_bytes: most,
            },
        ),
        "field" => {
            let set = |text: &Option<String>| text.clone().unwrap_or_default();
            let (model, name) = (set(&resource.model), set(&resource.field));
            field::prepare(
                context,
                field::FieldAddress {
                    model: &model,
                    record_id: resource.record_id.map_or_else(|| variables.id(), Ok)?,
                    field: &name,
                    most_bytes: most,
                },
            )
        }
        "method" => {
            context.policy.let_author()?;
            method(&resource, variables.0)
        }
        other => Err(Error::Internal(format!(
            "resource {}: kind {other}",
            resource.id
        ))),
    }?;
    match opened {
        Made::Contents(contents) => contents.within(most).map(Opened::Contents),
        Made::Step(step, kept) => {
            let memo = Memo {
                uri: uri.to_owned(),
                resource: resource.kind,
                mime_type: resource.mime_type,
                most_bytes: most,
                kept,
                zone: context.user.zone().name().to_owned(),
            };
            Ok(Opened::Step(step, Box::new(memo)))
        }
    }
}

/// Makes a resource from a call that a tool has prepared.
fn of_tool(method: &str, prepared: Prepared) -> Result<Made> {
    match prepared {
        Prepared::Orm(OrmCall {
            arguments,
            memo,
            model,
            record_ids,
            ..
        }) => {
            let mut step = Step::reading(method, arguments);
            step.model = model;
            step.record_ids = record_ids;
            Ok(Made::Step(step, memo))
        }
        Prepared::Answer(_) => Err(Error::Internal(format!("{method}: no call"))),
    }
}

/// Static content.
fn content(context: &Context, resource: &Resource, uri: &str, is_text: bool) -> Result<Contents> {
    const CONTENT: &str = sql!("resources/resource_content");
    let most = most_bytes(resource, context.settings);
    if let Some(size) = resource.size.filter(|size| *size > most) {
        return Err(contents::too_large(size, most));
    }
    let flag = if is_text { "true" } else { "false" };
    let params = [Param::from(resource.id), flag.into()];
    let found = context.db.read(CONTENT, &params)?;
    let found = found.ok_or_else(|| Error::bad_arguments("The resource has no content."))?;
    let mime_type = resource.mime_type.as_deref();
    if is_text {
        Ok(Contents::text(uri, mime_type, found))
    } else {
        Contents::blob(uri, mime_type, found)
    }
}

/// A resource made by a method of `mcp.resource`.
fn method(resource: &Resource, variables: Map<String, Value>) -> Result<Made> {
    let name = resource.method.as_deref().unwrap_or_default();
    let mut step = Step::reading(
        "_resource_call",
        object(json!({"method": name, "variables": variables})),
    );
    step.record_id = Some(resource.id);
    step.read_only = false;
    Ok(Made::Step(step, Value::Null))
}

/// The tool's memo, with the size limit of the resource in place of the tool's.
fn within(memo: &Memo) -> Value {
    let mut kept = memo.kept.clone();
    kept["most"] = json!(memo.most_bytes);
    kept
}

/// Makes the contents from Odoo's result: `outcome` has `result`, or `content` blocks.
///
/// # Errors
/// [`Error::Internal`] when it does not have the shape of docs/exchange.md; a failure when it is too large.
pub fn finish(memo: &Memo, outcome: &mut Value) -> Result<Contents> {
    let result = outcome["result"].take();
    let zone = crate::time_zone::zone(&memo.zone).unwrap_or(chrono_tz::Tz::UTC);
    let contents = match memo.resource.as_str() {
        "schema" => of_answer(
            &memo.uri,
            describe_model::finish(&kept(&within(memo))?, result)?,
        ),
        "modules" => of_answer(
            &memo.uri,
            list_modules::finish(&kept(&within(memo))?, result)?,
        ),
        "module" => Contents::json(&memo.uri, &result).rows(Some(1)),
        "record" => single::finish(memo, result, zone)?,
        "value" | "field" => field::finish(memo, result, zone)?,
        "method" => of_method(memo, outcome, result)?,
        other => return Err(Error::Internal(format!("no resource of kind {other}"))),
    };
    contents.within(memo.most_bytes)
}

fn of_answer(uri: &str, answer: Answer) -> Contents {
    let contents = match answer.content {
        Content::Object(value) => Contents::json(uri, &value),
        Content::Text(text) => Contents::text(uri, None, text),
        // No tool behind a resource returns content blocks; they would be shown as JSON.
        Content::Parts { parts, .. } => Contents::json(uri, &Value::Array(parts)),
    };
    contents.rows(answer.row_count).records(answer.record_ids)
}

/// Makes the contents from a method's result: content blocks, or one of `text`, `blob` and `json`.
fn of_method(memo: &Memo, outcome: &mut Value, result: Value) -> Result<Contents> {
    let uri = &memo.uri;
    let mime_type = memo.mime_type.as_deref();
    if let Value::Array(parts) = outcome["content"].take() {
        return Contents::of_parts(uri, mime_type, parts);
    }
    let mut result = object(result);
    match (
        result.remove("text"),
        result.remove("blob"),
        result.remove("json"),
    ) {
        (Some(Value::String(text)), None, None) => Ok(Contents::text(uri, mime_type, text)),
        (None, Some(Value::String(blob)), None) => {
            let guessed = result.remove("mime_type");
            let guessed = guessed.as_ref().and_then(Value::as_str);
            Contents::blob(uri, mime_type.or(guessed), blob)
        }
        (None, None, Some(value)) => {
            let text = value.to_string();
            Ok(Contents::text(
                uri,
                mime_type.or(Some(contents::JSON)),
                text,
            ))
        }
        _ => Err(Error::Internal("the result of _resource_call".into())),
    }
}
