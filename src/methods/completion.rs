//! `completion/complete`: values for an argument of a prompt or of a resource template.

use super::pending_call::{Continuation, OdooCall, start_for_client};
use super::request::{Call, Outcome, complete};
use crate::audit::Entry;
use crate::error::{Error, Result};
use crate::odoo::builtin_tool::BuiltinTool;
use crate::odoo::user::readable_models;
use crate::policy::access;
use crate::policy::masking::has_searchable_names;
use crate::prompts::arguments;
use crate::prompts::record::{self, Argument, Prompt};
use crate::resources::{Completion, completion, narrow};
use crate::text::json::{brief, kind};
use crate::tools::context::Context;
use crate::tools::list_companies;
use crate::wire::completion::{ASK, LONGEST, Values, rank};
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// A parsed `completion/complete` request.
struct CompletionRequest {
    name: String,
    value: String,
    /// Values of the other arguments, where already chosen.
    given: Map<String, Value>,
}

pub fn answer(call: &Call, entry: &mut Entry) -> Result<Outcome> {
    let reference = &call.params.get("ref").unwrap_or(&Value::Null);
    let text = |key: &str| {
        reference[key]
            .as_str()
            .ok_or_else(|| Error::invalid_params(format!("params.ref.{key} must be a string.")))
    };
    match reference["type"].as_str() {
        Some("ref/prompt") => {
            let name = text("name")?;
            entry.prompt = Some(name.chars().take(128).collect());
            let prompt = record::find(call.db, call.auth.principal.user_id, name)?;
            let asked = asked(&call.params)?;
            complete_prompt(call, entry, &prompt, asked)
        }
        Some("ref/resource") => {
            let uri = text("uri")?;
            entry.resource_uri = Some(uri.chars().take(2_000).collect());
            let asked = asked(&call.params)?;
            let (user, policy) = call.enter()?;
            let context = Context::new(call.db, &user, &call.auth.settings, &policy);
            complete_resource(call, entry, &context, uri, asked)
        }
        _ => Err(Error::invalid_params(format!(
            "params.ref.type must be \"ref/prompt\" or \"ref/resource\", not {}.",
            brief(&reference["type"])
        ))),
    }
}

fn asked(params: &Map<String, Value>) -> Result<CompletionRequest> {
    let argument = params.get("argument").unwrap_or(&Value::Null);
    let text = |key: &str| {
        let text = argument[key].as_str().map(str::to_owned);
        text.ok_or_else(|| {
            Error::invalid_params(format!("params.argument.{key} must be a string."))
        })
    };
    let context = params.get("context").unwrap_or(&Value::Null);
    let given = match (context, context.get("arguments")) {
        (Value::Null, _) | (Value::Object(_), None | Some(Value::Null)) => Map::new(),
        (Value::Object(_), Some(Value::Object(given))) => given.clone(),
        (Value::Object(_), Some(_)) => {
            return Err(Error::invalid_params(
                "params.context.arguments must be an object of strings.",
            ));
        }
        _ => return Err(Error::invalid_params("params.context must be an object.")),
    };
    if let Some((name, value)) = given.iter().find(|(_, value)| !value.is_string()) {
        return Err(Error::invalid_params(format!(
            "params.context.arguments: {:?} must be a string, not {}.",
            name.chars().take(64).collect::<String>(),
            kind(value)
        )));
    }
    Ok(CompletionRequest {
        name: text("name")?,
        value: text("value")?,
        given,
    })
}

fn outcome(call: &Call, values: &Values) -> Outcome {
    let count = i64::try_from(values.values.len()).ok();
    Outcome::Result(complete(values.to_result(), call.version, None), count)
}

/// Completes a variable of a resource template.
fn complete_resource(
    call: &Call,
    entry: &mut Entry,
    context: &Context,
    uri: &str,
    asked: CompletionRequest,
) -> Result<Outcome> {
    let CompletionRequest { name, value, given } = asked;
    let step = match completion(context, uri, &name, &value, &given)? {
        Completion::Values(values) => return Ok(outcome(call, &values)),
        Completion::Step(step) => step,
    };
    entry.model = step.model;
    let odoo = OdooCall {
        withheld_model: context.policy.withheld_model(entry.model.as_deref())?,
        read_only: context.policy.read_only().is_some(),
        only_reads: true,
        ..OdooCall::new("mcp.resource", step.record_id, &step.method, step.arguments)
    };
    let finish = Continuation::Completion { value };
    let (step, state) = start_for_client(call, context.user, odoo, finish, entry)?;
    Ok(Outcome::Step {
        step,
        state,
        read_only: true,
    })
}

/// Completes an argument of a prompt. Kinds unknown to the core go to the method `_prompt_complete_<kind>` of
/// `mcp.prompt`, so that other addons can add kinds.
fn complete_prompt(
    call: &Call,
    entry: &mut Entry,
    prompt: &Prompt,
    asked: CompletionRequest,
) -> Result<Outcome> {
    let argument = arguments::find(&prompt.arguments, &asked.name)?;
    for name in asked.given.keys() {
        arguments::find(&prompt.arguments, name)?;
    }
    // No name is this long.
    if asked.value.chars().nth(LONGEST).is_some() {
        return Ok(outcome(call, &Values::none()));
    }
    let kind = match argument.completion.as_deref() {
        None => return Ok(outcome(call, &Values::none())),
        Some("values") => {
            let lines = argument.completion_values.as_deref().unwrap_or_default();
            let lines = lines.lines().map(|line| (line.trim(), ""));
            return Ok(outcome(call, &rank(&asked.value, lines)));
        }
        Some(kind) => kind,
    };
    let (user, policy) = call.enter()?;
    // The candidates are names of records, fields or models.
    policy.require_tool(match kind {
        "model" => BuiltinTool::ListModels,
        "field" => BuiltinTool::DescribeModel,
        "module" => BuiltinTool::ListModules,
        "company" => BuiltinTool::ListCompanies,
        _ => BuiltinTool::Search,
    })?;
    let context = Context::new(call.db, &user, &call.auth.settings, &policy);
    if kind == "model" {
        let mut models = readable_models(call.db, &user)?;
        models.retain(|(model, _)| policy.may_read(model));
        let models = models
            .iter()
            .map(|(model, label)| (model.as_str(), label.as_str()));
        return Ok(outcome(call, &rank(&asked.value, models)));
    }
    let model = model_of(argument, &asked.given);
    if matches!(kind, "field" | "record") {
        // One answer for three cases: no model yet, an unknown model, and one that the user may not read.
        let Some(model) = model else {
            return Ok(outcome(call, &Values::none()));
        };
        let shown = access::may_read(call.db, &user, &policy, model)?
            && (kind == "field" || has_searchable_names(&policy, &context.models, model)?);
        if !shown {
            return Ok(outcome(call, &Values::none()));
        }
        entry.model = Some(model.chars().take(128).collect());
    }
    let arguments =
        json!({"value": asked.value, "model": model, "arguments": asked.given, "limit": ASK});
    let Value::Object(mut arguments) = arguments else {
        return Err(Error::Internal("no object".into()));
    };
    if let Some(model) = model.filter(|_| matches!(kind, "field" | "record")) {
        narrow(&context, &mut arguments, kind, model)?;
    }
    if kind == "module" && !policy.may_read("ir.module.module") {
        return Ok(outcome(call, &Values::none()));
    }
    if kind == "company" {
        match list_companies::shown(&context, "name")? {
            None => return Ok(outcome(call, &Values::none())),
            Some(terms) if !terms.is_empty() => {
                arguments.insert("only".into(), json!(terms));
            }
            Some(_) => {}
        }
    }
    let method = format!("_prompt_complete_{kind}");
    let odoo = OdooCall {
        withheld_model: policy.withheld_model(model)?,
        read_only: policy.read_only().is_some(),
        only_reads: true,
        ..OdooCall::new("mcp.prompt", Some(prompt.id), &method, arguments)
    };
    let finish = Continuation::Completion { value: asked.value };
    let (step, state) = start_for_client(call, &user, odoo, finish, entry)?;
    Ok(Outcome::Step {
        step,
        state,
        read_only: true,
    })
}

/// The model whose names complete an argument: named by the argument itself, or by the value of another argument.
fn model_of<'a>(argument: &'a Argument, given: &'a Map<String, Value>) -> Option<&'a str> {
    let said = argument.completion_model.as_deref();
    let named = || {
        given
            .get(argument.completion_argument.as_deref()?)?
            .as_str()
    };
    said.or_else(named).filter(|model| !model.is_empty())
}

/// The result of a `_prompt_complete_<kind>` method.
#[derive(Deserialize)]
#[serde(untagged)]
enum Completed {
    /// Values in order, at most the requested number.
    Values { values: Vec<String> },
    /// All values with their labels; the core selects those that match.
    Candidates { candidates: Vec<(String, String)> },
}

/// Selects the values for the typed text from Odoo's `result`.
///
/// # Errors
/// [`Error::Internal`] when `result` has none of the shapes in docs/exchange.md.
pub fn finish(typed: &str, result: Value) -> Result<Values> {
    let completed: Completed = serde_json::from_value(result)
        .map_err(|error| Error::Internal(format!("a completion: {error}")))?;
    Ok(match completed {
        Completed::Values { values } => Values::of(values),
        Completed::Candidates { candidates } => rank(
            typed,
            candidates
                .iter()
                .map(|(value, label)| (value.as_str(), label.as_str())),
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_has_a_shape() {
        let of = |params: Value| asked(params.as_object().unwrap());
        let good = of(
            json!({"argument": {"name": "a", "value": ""}, "context": {"arguments": {"b": "c"}}}),
        )
        .unwrap();
        assert_eq!((good.name.as_str(), good.value.as_str()), ("a", ""));
        assert_eq!(json!(good.given), json!({"b": "c"}));
        for plain in [json!(null), json!({}), json!({"arguments": null})] {
            assert!(
                of(json!({"argument": {"name": "a", "value": "x"}, "context": plain}))
                    .unwrap()
                    .given
                    .is_empty()
            );
        }
        for (params, place) in [
            (json!({}), "params.argument.name"),
            (json!({"argument": {"name": "a"}}), "params.argument.value"),
            (
                json!({"argument": {"name": "a", "value": 5}}),
                "params.argument.value",
            ),
            (json!({"argument": ["a", "b"]}), "params.argument.name"),
            (
                json!({"argument": {"name": "a", "value": "x"}, "context": []}),
                "params.context ",
            ),
            (
                json!({"argument": {"name": "a", "value": "x"}, "context": {"arguments": "x"}}),
                "params.context.arguments ",
            ),
            (
                json!({"argument": {"name": "a", "value": "x"}, "context": {"arguments": {"b": 5}}}),
                "\"b\" must be a string",
            ),
        ] {
            let error = of(params).map(|_| ()).unwrap_err().to_string();
            assert!(error.contains(place), "{error}");
        }
    }

    #[test]
    fn the_model_is_the_records_or_an_arguments() {
        let given = json!({"model": "res.partner", "empty": ""});
        let given = given.as_object().unwrap();
        let of = |argument: Value| {
            let argument: Argument = serde_json::from_value(argument).unwrap();
            model_of(&argument, given).map(str::to_owned)
        };
        assert_eq!(
            of(json!({"name": "f", "completion_argument": "model"})).as_deref(),
            Some("res.partner")
        );
        assert_eq!(
            of(json!({"name": "f", "completion_model": "res.users", "completion_argument": "model"})).as_deref(),
            Some("res.users")
        );
        for none in [
            json!({"name": "f"}),
            json!({"name": "f", "completion_argument": "empty"}),
            json!({"name": "f", "completion_argument": "other"}),
        ] {
            assert_eq!(of(none), None);
        }
    }

    #[test]
    fn what_odoo_gives_is_kept_in_order_or_chosen_from() {
        let values = finish("b", json!({"values": ["x", "b"]})).unwrap();
        assert_eq!(values.values, ["x", "b"]);
        let chosen = finish(
            "b",
            json!({"candidates": [["a", "Ab"], ["ba", ""], ["c", "C"]]}),
        )
        .unwrap();
        assert_eq!(chosen.values, ["ba", "a"]);
        assert!(finish("b", json!(["x"])).is_err());
    }
}
