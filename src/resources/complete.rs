//! What completes the variables of a resource template, by their names: `model`, `module`, `id`, `field`; others by the
//! method that the template belongs to.

use super::record::{self, Resource};
use super::template::Template;
use super::{Step, object};
use crate::error::{Error, Result};
use crate::odoo::json_text::clip;
use crate::odoo::nearest::did_you_mean;
use crate::odoo::user::readable_models;
use crate::policy::access;
use crate::tools::Context;
use crate::wire::completion::{ASK, LONGEST, Values, rank};
use serde_json::{Map, Value, json};

/// What completes a variable.
#[derive(Debug)]
pub enum Completion {
    Values(Values),
    /// Odoo must be asked: `_resource_complete` gives `values`, or `candidates` to choose from (docs/exchange.md).
    Step(Step),
}

/// What the variable `argument` of a template may become, after `value` has been typed and with the variables that are
/// `given`: nothing that the user may not read.
///
/// # Errors
/// -32602 for a template that the user does not see, or a variable that it does not have.
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
    if value.chars().nth(LONGEST).is_some() {
        return Ok(Completion::Values(Values::none()));
    }
    source(context, &resource, argument, value, given)
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
        let models = readable_models(context.db, context.user)?;
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
            // Told apart by nothing: a model that does not exist, and one that the user may not read.
            let (db, uid) = (context.db, context.user.id);
            if access::check(db, uid, model, "read", &[], None)?["allowed"] != true {
                return Ok(Completion::Values(Values::none()));
            }
            step = step.on(model);
        }
        ("module", _) => step = step.on("ir.module.module"),
        _ if resource.kind == "method" => {}
        _ => return Ok(Completion::Values(Values::none())),
    }
    step.record_id = Some(resource.id);
    step.arguments = object(json!({
        "variable": argument, "value": value, "model": step.model, "method": resource.method, "given": given,
        "limit": ASK,
    }));
    Ok(Completion::Step(step))
}
