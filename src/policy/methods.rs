//! Methods that a restricted caller may call: methods that an access record or a scope line allows by name, a short
//! list of methods without effects beyond their arguments, and buttons of unrestricted models. The effect of any other
//! method is unknown beforehand.

use super::chatter;
use super::model::ModelPolicy;
use super::restrictions::Policy;
use super::values::Within;
use super::verdict::{Layer, Operation, Refusal};
use crate::error::{Error, Result};
use crate::odoo::view_buttons;
use crate::pg::{Param, read_json};
use crate::text::suggest::did_you_mean;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

const BUTTONS: &str = sql!("policy/view_buttons");
const MODELS: &str = sql!("policy/models_among");

/// A method without effects beyond its arguments.
struct Plain {
    /// Empty: any model.
    model: &'static str,
    name: &'static str,
    /// The allowed named arguments.
    arguments: &'static [&'static str],
}

/// Posting on a record, and planning or completing its activities. These need the right to write the record
/// (tools/method_call.rs). The list has no arguments that add other records: files could be any.
const PLAIN: [Plain; 4] = [
    Plain {
        model: "",
        name: "message_post",
        arguments: &[
            "body",
            "body_is_html",
            "subject",
            "message_type",
            "subtype_xmlid",
            "subtype_id",
            "parent_id",
        ],
    },
    Plain {
        model: "",
        name: "activity_schedule",
        arguments: &[
            "act_type_xmlid",
            "activity_type_id",
            "date_deadline",
            "summary",
            "note",
            "user_id",
        ],
    },
    Plain {
        model: "",
        name: "activity_feedback",
        arguments: &["act_type_xmlids", "user_id", "feedback"],
    },
    Plain {
        model: "mail.activity",
        name: "action_feedback",
        arguments: &["feedback"],
    },
];

/// Names of arguments with ids of a record; another argument names its model.
const IDS: [&str; 6] = ["id", "ids", "res_id", "res_ids", "record_id", "thread_id"];

#[derive(Deserialize)]
struct Views {
    views: Vec<String>,
    groups: Vec<String>,
}

/// Arguments that name an activity type. Odoo copies the texts of the type into the activity.
const TYPES_OF_ACTIVITIES: [&str; 3] = ["activity_type_id", "act_type_xmlid", "act_type_xmlids"];
const ACTIVITY_TYPE: &str = "mail.activity.type";
/// Models with code that no method changes for a caller who never writes code.
const CODE: [&str; 7] = [
    "ir.actions.report",
    "ir.actions.server",
    "ir.asset",
    "ir.default",
    "ir.rule",
    "ir.ui.view",
    "mail.template",
];

fn button(method: &str) -> Refusal {
    let reason = format!(
        "This caller is restricted and may call {method} only as a button: leave args and kwargs out. An MCP \
         administrator can allow the method by name."
    );
    Refusal::new(Layer::BlockedMethod, reason)
}

fn plain(model: &str, method: &str) -> Option<&'static Plain> {
    PLAIN
        .iter()
        .find(|plain| plain.name == method && (plain.model.is_empty() || plain.model == model))
}

impl Policy<'_> {
    /// Check that the caller may call a method.
    ///
    /// # Errors
    /// Denied, with the first reason.
    pub fn require_method(&self, model: &str, method: &str) -> Result<()> {
        if let Some(refusal) = self.refusal(model, Operation::Call)? {
            return Err(refusal.at("model"));
        }
        let policy = self.model(model);
        if let Some(refusal) = policy.method_refusal(method) {
            return Err(refusal.at("method"));
        }
        let listed = !self.restricts()
            || policy.names_method(method)
            || plain(model, method).is_some()
            || self.open_buttons(model, &policy, method)?.contains(method);
        if !listed {
            return Err(self.unlisted(model, &policy, method)?.at("method"));
        }
        self.note(model, Operation::Call, Some(method));
        Ok(())
    }

    /// The refusal of a method that no list allows, with the nearest callable names.
    fn unlisted(&self, model: &str, policy: &ModelPolicy, method: &str) -> Result<Refusal> {
        let buttons = self.open_buttons(model, policy, "")?;
        let plain = PLAIN.iter().map(|plain| plain.name);
        let plain = plain.filter(|name| self::plain(model, name).is_some());
        let callable = policy.named_methods().chain(plain);
        let callable = callable.chain(buttons.iter().map(String::as_str));
        Ok(Refusal::new(
            Layer::BlockedMethod,
            format!(
                "This caller is restricted. It may call the methods that an MCP access record or the key's scope \
                 allows by name, and buttons of models that nothing restricts; {method} of {model} is neither. An MCP \
                 administrator can allow it by name.{}",
                did_you_mean(method, callable)
            ),
        ))
    }

    /// The methods for which the user has buttons in views that contain this text. Empty if a restriction applies to
    /// the model.
    fn open_buttons(
        &self,
        model: &str,
        policy: &ModelPolicy,
        text: &str,
    ) -> Result<BTreeSet<String>> {
        if policy.has_field_restrictions() || !policy.terms().is_empty() || self.narrows(model) {
            return Ok(BTreeSet::new());
        }
        let groups = json!(self.group_ids);
        let params = [Param::from(model), text.into(), (&groups).into()];
        let Views { views, groups } = read_json(self.db, BUTTONS, &params)?;
        let holds = |name: &str| groups.iter().any(|group| group == name);
        let methods = views
            .iter()
            .flat_map(|arch| view_buttons::methods(arch, &holds));
        Ok(methods.collect())
    }

    /// Check the models that the arguments of a method name: the caller must have the right to write them. Adds the
    /// records named beside them to `within`.
    ///
    /// # Errors
    /// Denied for the first model that may not be written, and for an argument that [`PLAIN`] does not allow.
    pub fn check_arguments(
        &self,
        model: &str,
        method: &str,
        args: &[Value],
        kwargs: &Map<String, Value>,
        within: &mut Within,
    ) -> Result<()> {
        self.check_plain(model, method, args, kwargs)?;
        if self.is_contained() {
            for model in CODE {
                within.keep(model);
            }
        }
        for (place, value) in (0..).map(|at| format!("args[{at}]")).zip(args) {
            self.check_code(model, value, &place)?;
        }
        for (name, value) in kwargs {
            self.check_code(model, value, &format!("kwargs.{name}"))?;
        }
        let mut named = BTreeMap::new();
        args.iter().for_each(|value| models_in(value, &mut named));
        beside(args.iter().map(|value| (None, value)), &mut named);
        for value in kwargs.values() {
            models_in(value, &mut named);
        }
        beside(
            kwargs
                .iter()
                .map(|(name, value)| (Some(name.as_str()), value)),
            &mut named,
        );
        if named.is_empty() {
            return Ok(());
        }
        let names = json!(named.keys().collect::<Vec<_>>());
        let models: Vec<String> = read_json(self.db, MODELS, &[Param::from(&names)])?;
        for name in models {
            self.require_named(&name, &named[&name], within)?;
        }
        Ok(())
    }

    fn check_plain(
        &self,
        model: &str,
        method: &str,
        args: &[Value],
        kwargs: &Map<String, Value>,
    ) -> Result<()> {
        if !self.restricts() || self.model(model).names_method(method) {
            return Ok(());
        }
        let Some(plain) = plain(model, method) else {
            // A button calls its method without arguments.
            return match (args.is_empty(), kwargs.keys().next()) {
                (true, None) => Ok(()),
                (false, _) => Err(button(method).at("args")),
                (_, Some(name)) => Err(button(method).at(&format!("kwargs.{name}"))),
            };
        };
        if let Some(name) = TYPES_OF_ACTIVITIES
            .iter()
            .find(|name| kwargs.contains_key(**name))
        {
            self.walk_to(ACTIVITY_TYPE, &format!("kwargs.{name}"))?;
        }
        let other = kwargs
            .keys()
            .find(|name| !plain.arguments.contains(&name.as_str()));
        let place = match other {
            Some(name) => format!("kwargs.{name}"),
            None if !args.is_empty() => "args".to_owned(),
            None => return Ok(()),
        };
        let reason = format!(
            "Something is restricted for this caller, who may give {method} these named arguments only: {}. An MCP \
             administrator can allow the method by name.",
            plain.arguments.join(", ")
        );
        Err(Refusal::new(Layer::BlockedMethod, reason).at(&place))
    }

    /// Check that no object in an argument holds code as a value of the model, such as `[{"context": …}]` for
    /// `create_filter` of `ir.filters`.
    fn check_code(&self, model: &str, value: &Value, place: &str) -> Result<()> {
        match value {
            Value::Array(items) => {
                for (at, item) in items.iter().enumerate() {
                    self.check_code(model, item, &format!("{place}[{at}]"))?;
                }
            }
            Value::Object(members) => {
                for (name, member) in members {
                    let place = format!("{place}.{name}");
                    if name == "url" && chatter::is_code_url(member) {
                        let reason = "Browsers run such a file as code of Odoo.";
                        return Err(Refusal::new(Layer::Closed, reason).at(&place));
                    }
                    if let Some(refusal) = self.code_refusal(model, name) {
                        return Err(refusal.at(&place));
                    }
                    self.check_code(model, member, &place)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn require_named(&self, model: &str, ids: &[i64], within: &mut Within) -> Result<()> {
        let policy = self.model(model);
        for operation in [Operation::Read, Operation::Write] {
            let by_name = policy.refusal(operation).cloned();
            // An argument may name a model for any purpose, so an unrestricted caller is refused only models refused by
            // name.
            let refusal = match by_name {
                None if self.restricts() => self.refusal(model, operation)?,
                by_name => by_name,
            };
            if let Some(refusal) = refusal {
                return Err(refusal.at(&format!("the arguments name {model}")));
            }
        }
        let terms = self.terms_to_change(model);
        if !terms.is_empty() && ids.is_empty() {
            let reason = format!(
                "The policy hides records of {model}, so arguments that name the model also need the ids of its \
                 records."
            );
            return Err(Error::from(Refusal::new(Layer::RecordDomain, reason)));
        }
        within.add_within(model, ids, terms);
        Ok(())
    }
}

/// Collect possible model names anywhere in a value, each with the ids beside it.
fn models_in(value: &Value, named: &mut BTreeMap<String, Vec<i64>>) {
    match value {
        Value::Array(items) => {
            items.iter().for_each(|item| models_in(item, named));
            beside(items.iter().map(|item| (None, item)), named);
        }
        Value::Object(members) => {
            members.values().for_each(|member| models_in(member, named));
            beside(
                members
                    .iter()
                    .map(|(name, value)| (Some(name.as_str()), value)),
                named,
            );
        }
        _ => {}
    }
}

/// The possible model names among sibling values, each with the ids among them. Without argument names, every number
/// counts as an id.
fn beside<'v>(
    values: impl Iterator<Item = (Option<&'v str>, &'v Value)> + Clone,
    named: &mut BTreeMap<String, Vec<i64>>,
) {
    let holds_ids = |name: &Option<&str>| name.is_none_or(|name| IDS.contains(&name));
    let with_ids = values.clone().filter(|(name, _)| holds_ids(name));
    let ids: Vec<i64> = with_ids.flat_map(|(_, value)| ids_in(value)).collect();
    for text in values.filter_map(|(_, value)| value.as_str()) {
        // A reference: `res.partner,5`.
        let (model, id) = match text.split_once(',') {
            Some((model, id)) => (model, id.parse().ok()),
            None => (text, None),
        };
        if may_name_a_model(model) {
            let known = named.entry(model.to_owned()).or_default();
            known.extend(id.map_or_else(|| ids.clone(), |id| vec![id]));
        }
    }
}

fn ids_in(value: &Value) -> Vec<i64> {
    match value {
        Value::Array(items) => items.iter().filter_map(Value::as_i64).collect(),
        value => value.as_i64().into_iter().collect(),
    }
}

fn may_name_a_model(text: &str) -> bool {
    let part_of_name =
        |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '.';
    text.contains('.') && text.len() <= 128 && text.chars().all(part_of_name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(value: &Value) -> BTreeMap<String, Vec<i64>> {
        let mut named = BTreeMap::new();
        models_in(value, &mut named);
        named
    }

    #[test]
    fn models_are_found_at_any_depth_with_the_ids_beside_them() {
        let found = named(
            &json!({"a": [{"model": "res.partner", "res_id": 7, "color": 3}],
            "b": ["crm.lead", [1, 2], 5], "c": "product.product,9", "d": "Some text. More", "e": 4}),
        );
        let expected = [
            ("crm.lead", vec![5, 1, 2]),
            ("product.product", vec![9]),
            ("res.partner", vec![7]),
        ];
        assert_eq!(found.len(), 3);
        for (model, mut ids) in expected {
            let mut seen = found[model].clone();
            seen.sort_unstable();
            ids.sort_unstable();
            assert_eq!(seen, ids, "{model}");
        }
    }

    #[test]
    fn plain_methods_are_those_of_the_list() {
        assert!(plain("crm.lead", "message_post").is_some());
        assert!(plain("mail.activity", "action_feedback").is_some());
        assert!(plain("crm.lead", "action_feedback").is_none());
        assert!(plain("crm.lead", "message_subscribe").is_none());
    }
}
