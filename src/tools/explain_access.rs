//! `explain_access`: whether a user may do something, and the first reason for a refusal.

use super::answer::Answer;
use super::arguments::Arguments;
use super::context::{Context, OrmCall, Prepared};
use super::{columns, method_call};
use crate::error::{Error, Result};
use crate::odoo::user::User;
use crate::pg::{Param, read_json};
use crate::policy::{Operation, Policy, access};
use serde::Deserialize;
use serde_json::{Map, Value, json};

const SUBJECT: &str = sql!("fragments/held_groups", "tools/explain_subject");

#[derive(Deserialize)]
struct Subject {
    administrator: bool,
    id: Option<i64>,
}

/// The id of the user to explain; none for the calling user.
///
/// # Errors
/// Denied to callers other than MCP administrators, whether or not there is such a user; bad arguments for an unknown
/// user.
fn subject(context: &Context, who: &str) -> Result<Option<i64>> {
    let user = context.user;
    if who == user.login || who == user.id.to_string() {
        return Ok(None);
    }
    let found: Subject = read_json(context.db, SUBJECT, &[user.id.into(), Param::from(who)])?;
    if !found.administrator {
        return Err(Error::denied(
            "user: only MCP administrators may ask about others. Leave it out to ask about yourself.",
        ));
    }
    match found.id {
        Some(id) => Ok(Some(id)),
        None => Err(Error::bad_arguments(format!(
            "user: there is no user with the login or id {who:?}."
        ))),
    }
}

pub fn prepare(context: &Context, arguments: Map<String, Value>) -> Result<Prepared> {
    let mut arguments = Arguments::new(arguments);
    let name = arguments.required_text("model")?;
    let method = arguments
        .text("method")?
        .filter(|method| !method.is_empty());
    let operation = arguments.text("operation")?.unwrap_or_else(|| {
        let operation = if method.is_some() {
            Operation::Call
        } else {
            Operation::Read
        };
        operation.as_str().to_owned()
    });
    let fields = arguments.names("fields")?;
    let record = arguments.number("id", 1)?;
    let who = arguments.text("user")?.filter(|who| !who.is_empty());
    arguments.done()?;
    if method.is_some() && operation != Operation::Call.as_str() {
        return Err(Error::bad_arguments(
            "method: goes with the operation call only.",
        ));
    }
    let other = match who {
        Some(who) => subject(context, &who)?,
        None => None,
    };
    match other {
        None => explain(
            context,
            context.user,
            context.policy,
            &Question {
                model: &name,
                operation: &operation,
                fields: &fields,
                method: method.as_deref(),
                record,
            },
        ),
        Some(id) => {
            let mut user = match User::read(context.db, id) {
                Ok(user) => user,
                Err(Error::Tool { message, .. }) => {
                    let verdict = json!({"allowed": false, "layer": "user", "reason": message});
                    return Ok(Prepared::Answer(Answer::object(verdict)));
                }
                Err(error) => return Err(error),
            };
            // Without an API key: the limits that apply to all keys of that user.
            let policy = Policy::load(context.db, &mut user, None, context.settings.into())?;
            let question = Question {
                model: &name,
                operation: &operation,
                fields: &fields,
                method: method.as_deref(),
                record,
            };
            explain(context, &user, &policy, &question)
        }
    }
}

struct Question<'a> {
    model: &'a str,
    operation: &'a str,
    fields: &'a [String],
    method: Option<&'a str>,
    record: Option<i64>,
}

fn explain(
    context: &Context,
    user: &User,
    policy: &Policy,
    question: &Question,
) -> Result<Prepared> {
    let Question {
        model,
        operation,
        fields,
        method,
        record,
    } = question;
    let mut verdict = access::verdict(context.db, user, policy, model, operation, fields)?;
    if let (Some(method), true) = (method, verdict["allowed"] == true) {
        let refused =
            method_call::check_method(method).and_then(|()| policy.require_method(model, method));
        if let Err(error) = refused {
            verdict =
                json!({"allowed": false, "layer": "blocked_method", "reason": error.to_string()});
        } else if !policy.is_to_confirm(model, Operation::Call, Some(method))
            && let Some(described) = verdict.as_object_mut()
        {
            described.shift_remove("confirmation");
        }
    }
    // Only the number: the names are for users who may read the rules.
    if let Some(Value::Array(rules)) = verdict.get("record_rules") {
        verdict["record_rules"] = json!(rules.len());
    }
    if let Some(object) = verdict.as_object_mut()
        && let Some(Value::Array(terms)) = object.remove("record_domain")
    {
        object.insert("record_domain".into(), json!(json!(terms).to_string()));
    }
    let Some(record) = record.filter(|_| verdict["allowed"] == true) else {
        return Ok(Prepared::Answer(Answer::object(verdict)));
    };
    let terms = policy.terms(model);
    let mut call =
        json!({"model": model, "operation": operation, "record_id": record, "user_id": user.id});
    if !terms.is_empty() {
        call["only"] = json!(terms);
    }
    call["allowed_company_ids"] = json!(user.company_ids);
    Ok(Prepared::Orm(
        OrmCall::new(call, &verdict)?
            .on(model)
            .records(vec![record]),
    ))
}

/// Adds Odoo's verdict on the record.
pub fn finish(memo: &Value, mut result: Value) -> Result<Answer> {
    let layer: Option<String> = columns::member(&mut result, "layer")?;
    let reason: String = columns::member(&mut result, "reason")?;
    let mut verdict = memo.clone();
    verdict["reason"] = json!(reason);
    if let Some(layer) = layer {
        verdict = json!({"allowed": false, "layer": layer, "reason": reason});
    }
    Ok(Answer::object(verdict))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_odoo_says_of_the_record_decides() {
        let memo = json!({"allowed": true, "layer": "acl", "reason": "general", "record_rules": 2});
        let described = |result: Value| {
            finish(&memo, result)
                .unwrap()
                .structured()
                .cloned()
                .unwrap()
        };
        assert_eq!(
            described(json!({"layer": "record_rule", "reason": "By a rule."})),
            json!({"allowed": false, "layer": "record_rule", "reason": "By a rule."})
        );
        let allowed = described(json!({"layer": null, "reason": "Allowed."}));
        assert_eq!(
            (&allowed["allowed"], &allowed["reason"]),
            (&json!(true), &json!("Allowed."))
        );
    }
}
