//! Completes the variables of a resource template: `model`, `module`, `id` and `field` by name, others by the
//! template's own method.

use super::record::{self, Resource};
use super::step::{Step, object};
use super::template::Template;
use crate::error::{Error, Result};
use crate::odoo::builtin_tool::BuiltinTool;
use crate::odoo::user::readable_models;
use crate::policy::access;
use crate::policy::masking::has_searchable_names;
use crate::text::json::clip;
use crate::text::suggest::did_you_mean;
use crate::tools::context::Context;
use crate::wire::completion::{ASK, LONGEST, Values, rank};
use serde_json::{Map, Value, json};

/// The source of a variable's values.
#[derive(Debug)]
pub enum Completion {
    Values(Values),
    /// Odoo must be asked: `_resource_complete` returns `values`, or `candidates` to choose from (docs/exchange.md).
    Step(Step),
}

/// Completes the template variable `argument` for the typed `value`. `given`: values of the other variables. Returns
/// nothing that the user may not read.
///
/// # Errors
/// -32602 for a template that the user cannot see, or a variable that it does not have.
pub fn completion(
    context: &Context,
    uri_template: &str,
    argument: &str,
    value: &str,
    given: &Map<String, Value>,
) -> Result<Completion> {
    let resource = record::template(context.db, context.user.id, uri_template)?;
    let template = Template::parse(&resource.uri)
        .map_err(|wrong| Error::Internal(format!("resource {}: {wrong}", resource.id)))?;
    let variables = template.variables();
    known(&variables, argument, "params.argument.name")?;
    for name in given.keys() {
        known(&variables, name, "params.context.arguments")?;
    }
    // The candidates are names of records, fields or models.
    context.policy.require_tool(BuiltinTool::Search)?;
    if value.chars().nth(LONGEST).is_some() {
        return Ok(Completion::Values(Values::none()));
    }
    source(context, &resource, argument, value, given)
}

/// Restricts a completion to visible records (by the domain terms of their model) and visible fields.
///
/// # Errors
/// Errors from PostgreSQL.
pub fn narrow(
    context: &Context,
    arguments: &mut Map<String, Value>,
    what: &str,
    model: &str,
) -> Result<()> {
    if what == "field" {
        let described = context.models.model(model)?;
        if !described.fields.are_all_shown() {
            let names: Vec<&str> = described.fields.names().collect();
            arguments.insert("fields".into(), json!(names));
        }
    } else {
        let terms = context.policy.terms(model);
        if !terms.is_empty() {
            arguments.insert("only".into(), json!(terms));
        }
    }
    Ok(())
}

fn known(variables: &[&str], name: &str, at: &str) -> Result<()> {
    if variables.contains(&name) {
        return Ok(());
    }
    Err(Error::invalid_params(format!(
        "{at}: the template has no variable {:?}.{} It has {}.",
        clip(name, 64),
        did_you_mean(name, variables.iter().copied()),
        variables.join(", ")
    )))
}

fn source(
    context: &Context,
    resource: &Resource,
    argument: &str,
    value: &str,
    given: &Map<String, Value>,
) -> Result<Completion> {
    if argument == "model" {
        let mut models = readable_models(context.db, context.user)?;
        models.retain(|(model, _)| context.policy.may_read(model));
        let names = models
            .iter()
            .map(|(model, label)| (model.as_str(), label.as_str()));
        return Ok(Completion::Values(rank(value, names)));
    }
    let chosen = given.get("model").and_then(Value::as_str);
    let model = resource.model.as_deref().or(chosen);
    let mut step = Step::reading("_resource_complete", Map::new());
    match (argument, model) {
        ("id" | "field", Some(model)) => {
            // One answer for two cases: an unknown model, and one that the user may not read.
            if !access::may_read(context.db, context.user, context.policy, model)? {
                return Ok(Completion::Values(Values::none()));
            }
            if argument == "id" && !has_searchable_names(context.policy, &context.models, model)? {
                return Ok(Completion::Values(Values::none()));
            }
            step = step.on(model);
        }
        ("module", _) if !context.policy.may_read("ir.module.module") => {
            return Ok(Completion::Values(Values::none()));
        }
        ("module", _) => step = step.on("ir.module.module"),
        _ if resource.kind == "method" => context.policy.let_author()?,
        _ => return Ok(Completion::Values(Values::none())),
    }
    step.record_id = Some(resource.id);
    step.arguments = object(json!({
        "variable": argument, "value": value, "model": step.model, "method": resource.method, "given": given,
        "limit": ASK,
    }));
    let model = step.model.clone();
    if let Some(model) = model.filter(|_| matches!(argument, "id" | "field")) {
        narrow(context, &mut step.arguments, argument, &model)?;
    }
    Ok(Completion::Step(step))
}
