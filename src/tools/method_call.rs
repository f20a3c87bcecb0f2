//! `method_call`: calls a public method of a model, as a button or another module would.

use super::answer::Answer;
use super::arguments::Arguments;
use super::columns;
use super::context::{Context, OrmCall, Prepared};
use super::write_rules::only_to_change;
use crate::error::{Error, Result};
use crate::odoo::values::undeclared;
use crate::policy::Operation;
use crate::policy::values::Within;
use crate::text::json::clip;
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// Methods of the ORM that read, write, search or change the effective user's rights. They have tools of their own,
/// where policy and audit see the affected data. As a method call they would bypass both.
const ORM_METHODS: [(&str, &str); 68] = [
    ("search", "search"),
    ("search_read", "search"),
    ("search_fetch", "search"),
    ("web_search_read", "search"),
    ("search_count", "count"),
    ("read", "read"),
    ("web_read", "read"),
    ("fetch", "read"),
    ("browse", "read"),
    ("exists", "read"),
    ("export_data", "read"),
    ("copy_data", "read"),
    ("name_get", "read"),
    ("mapped", "read"),
    ("filtered", "search"),
    ("filtered_domain", "search"),
    ("sorted", "search"),
    ("name_search", "search"),
    ("web_name_search", "search"),
    ("read_group", "search"),
    ("formatted_read_group", "search"),
    ("formatted_read_grouping_sets", "search"),
    ("web_read_group", "search"),
    ("read_progress_bar", "search"),
    ("search_panel_select_range", "search"),
    ("search_panel_select_multi_range", "search"),
    ("hierarchy_read", "search"),
    ("get_property_definition", "describe_model"),
    ("get_external_id", "read"),
    ("copy_translations", "write"),
    ("web_resequence", "write"),
    ("web_override_translations", "write"),
    ("update_field_translations", "write"),
    ("get_field_translations", "read"),
    ("resequence", "write"),
    ("fields_get", "describe_model"),
    ("get_view", "describe_model"),
    ("get_views", "describe_model"),
    ("fields_view_get", "describe_model"),
    ("load_views", "describe_model"),
    ("get_metadata", "read"),
    ("onchange", "default_get"),
    ("default_get", "default_get"),
    ("create", "create"),
    ("name_create", "create"),
    ("web_create", "create"),
    ("load", "create"),
    ("copy", "create"),
    ("new", "create"),
    ("write", "write"),
    ("update", "write"),
    ("web_save", "write"),
    ("web_save_multi", "write"),
    ("unlink", "unlink"),
    ("toggle_active", "write"),
    ("action_archive", "write"),
    ("action_unarchive", "write"),
    ("sudo", ""),
    ("with_user", ""),
    ("with_env", ""),
    ("with_context", ""),
    ("grouped", "read"),
    ("get_access_action", "describe_model"),
    ("get_xml_id", "read"),
    ("web_search_readgroup", "search"),
    ("user_has_groups", "explain_access"),
    ("web_unlink", "unlink"),
    ("web_write", "write"),
];

/// The note on datetimes that a method returned as text.
const UNZONED: &str = "Times without an offset are as the method wrote them; Odoo's own are UTC.";

/// Prefixes of methods that change the effective rights or data, or run another method by name.
const PREFIXES: [&str; 2] = ["with_", "execute"];

/// Prefixes of methods that post on records. Posting requires the right to write them.
const POSTING: [&str; 6] = [
    "message_post",
    "message_notify",
    "message_mail",
    "activity_schedule",
    "activity_feedback",
    "action_feedback",
];

pub fn prepare(context: &Context, arguments: Map<String, Value>) -> Result<Prepared> {
    let mut arguments = Arguments::new(arguments);
    let name = arguments.required_text("model")?;
    context.models.model_with(&name, &[])?;
    let method = arguments.required_text("method")?;
    check_method(&method)?;
    context.policy.require_method(&name, &method)?;
    if POSTING.iter().any(|start| method.starts_with(start)) {
        context.require(&name, Operation::Write)?;
    }
    let ids = arguments.ids(context)?;
    let mut args = match arguments.json("args")? {
        None => Vec::new(),
        Some(Value::Array(args)) => args,
        Some(_) => {
            return Err(Error::bad_arguments(
                "args: must be a list of positional arguments.",
            ));
        }
    };
    let mut kwargs = match arguments.json("kwargs")? {
        None => Map::new(),
        Some(Value::Object(kwargs)) => kwargs,
        Some(_) => {
            return Err(Error::bad_arguments(
                "kwargs: must be an object of named arguments.",
            ));
        }
    };
    if kwargs.contains_key("context") {
        return Err(Error::bad_arguments(
            "kwargs.context: the context cannot be set here. The argument context takes lang and company_ids.",
        ));
    }
    arguments.done()?;
    let mut within = Within::default();
    context
        .policy
        .check_arguments(&name, &method, &args, &kwargs, &mut within)?;
    let zone = context.user.zone();
    for (at, value) in args.iter_mut().enumerate() {
        undeclared::accept(value, &format!("args[{at}]"), zone)?;
    }
    for (name, value) in &mut kwargs {
        undeclared::accept(value, &format!("kwargs.{}", clip(name, 80)), zone)?;
    }
    let memo = MethodMemo {
        model: name.clone(),
        method: method.clone(),
        restricted: context.policy.model(&name).restricts_methods(),
        linkless: context.policy.something_hidden(),
    };
    let mut call =
        json!({"model": name, "method": method, "ids": ids, "args": args, "kwargs": kwargs});
    only_to_change(context, &mut call, &name);
    let (within, named) = within.into_argument();
    if let Some(within) = within {
        call["within"] = within;
    }
    Ok(Prepared::Orm(
        OrmCall::new(call, &memo)?
            .on(&name)
            .naming(named)
            .records(ids),
    ))
}

pub fn check_method(method: &str) -> Result<()> {
    let well_formed = method
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || c == '_')
        && !method.starts_with(|c: char| c.is_ascii_digit());
    if !well_formed {
        return Err(Error::bad_arguments(format!(
            "method: {method:?} is no method name."
        )));
    }
    if method.starts_with('_') {
        return Err(Error::denied(format!(
            "method: {method:?} is private. Odoo lets nobody call a method that begins with an underscore."
        )));
    }
    if PREFIXES.iter().any(|prefix| method.starts_with(prefix)) {
        return Err(Error::denied(format!(
            "method: {method:?} would run with other rights or run another method, and cannot be called. Call the \
             method of the business document itself."
        )));
    }
    match ORM_METHODS.iter().find(|(name, _)| *name == method) {
        None => Ok(()),
        Some((_, "")) => Err(Error::denied(format!(
            "method: {method:?} changes whose rights count and cannot be called."
        ))),
        Some((_, tool)) => Err(Error::denied(format!(
            "method: {method:?} is not called through method_call. Use the tool {tool}."
        ))),
    }
}

/// The state between `prepare` and `finish`, while Odoo runs a method.
#[derive(Debug, Serialize, Deserialize)]
pub struct MethodMemo {
    pub model: String,
    pub method: String,
    /// Whether the policy allows only some methods of the model.
    pub restricted: bool,
    /// Whether tokens are removed from links in the result.
    linkless: bool,
}

pub fn finish(memo: &MethodMemo, result: Value, zone: Tz) -> Result<Answer> {
    object(memo, result, zone).map(Answer::object)
}

/// The part of the answer that describes the method's result.
///
/// # Errors
/// As for every `finish`.
pub fn object(memo: &MethodMemo, mut result: Value, zone: Tz) -> Result<Value> {
    let result: Value = columns::member(&mut result, "result")?;
    let mut result = present_result(result);
    if memo.linkless {
        without_tokens(&mut result);
    }
    let unzoned = undeclared::present(&mut result, zone);
    let mut answer = json!({"model": memo.model, "method": memo.method, "result": result});
    if unzoned {
        answer["note"] = json!(UNZONED);
    }
    Ok(answer)
}

/// A shortened result of a method: an action is named, not carried out.
pub fn present_result(result: Value) -> Value {
    let Value::Object(object) = &result else {
        return result;
    };
    let is_action = object
        .get("type")
        .and_then(Value::as_str)
        .is_some_and(|kind| kind.starts_with("ir.actions."));
    if !is_action {
        return result;
    }
    let mut action = Map::new();
    for key in ["type", "name", "res_model", "res_id", "url", "report_name"] {
        if let Some(value) = object.get(key).filter(|value| **value != json!(false)) {
            action.insert(key.into(), value.clone());
        }
    }
    json!({"action": action, "note": "The method asked for this action; it is not executed here."})
}

/// Removes tokens from URLs: such a URL opens the record for everybody, and its page shows any field.
fn without_tokens(value: &mut Value) {
    match value {
        Value::String(text) if text.contains("access_token=") => {
            *text = text.split('?').next().unwrap_or_default().to_owned();
        }
        Value::Array(items) => items.iter_mut().for_each(without_tokens),
        Value::Object(members) => members.values_mut().for_each(without_tokens),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_and_orm_methods_are_refused() {
        for (method, hint) in [
            ("_write", "private"),
            ("__init__", "private"),
            ("write", "tool write"),
            ("export_data", "tool read"),
            ("sudo", "rights"),
            ("a.b", "no method name"),
            ("1a", "no method name"),
            ("", "no method name"),
        ] {
            match check_method(method) {
                Err(error) => assert!(error.to_string().contains(hint), "{method}: {error}"),
                Ok(()) => assert!(method.is_empty(), "{method}"),
            }
        }
        assert!(check_method("action_confirm").is_ok());
    }

    #[test]
    fn addresses_with_a_token_are_cut() {
        let mut result =
            json!({"action": {"url": "/my/orders/3?access_token=abc&x=1"}, "list": ["/my?x=1", 5]});
        without_tokens(&mut result);
        assert_eq!(
            result,
            json!({"action": {"url": "/my/orders/3"}, "list": ["/my?x=1", 5]})
        );
    }

    #[test]
    fn an_action_is_named_and_not_executed() {
        let action = json!({"type": "ir.actions.act_window", "res_model": "sale.order", "res_id": 3,
                            "name": "Order", "views": [[false, "form"]], "url": false});
        let shown = present_result(action);
        assert_eq!(shown["action"]["res_id"], 3);
        assert!(shown["action"].get("views").is_none() && shown["action"].get("url").is_none());
        assert_eq!(
            present_result(json!({"type": "out_invoice"})),
            json!({"type": "out_invoice"})
        );
    }
}
