//! Describes the effect of a call to people. Names and values come from outside and could imitate other text, so they
//! are quoted and truncated.

use crate::audit::redact::redact;
use crate::odoo::builtin_tool::BuiltinTool;
use crate::policy::Operation;
use crate::text::json::clip;
use crate::tools::context::{Context, OrmCall};
use crate::tools::record::Tool;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// Limits: values described, and characters of each.
const MOST_VALUES: usize = 24;
const LONGEST: usize = 80;

/// The effect of a call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct What {
    /// `Delete 2 records of res.partner`
    head: String,
    /// Number of affected records.
    count: usize,
    /// `phone = "1"`
    values: Vec<String>,
    /// Effects on other models.
    elsewhere: Vec<String>,
}

impl What {
    pub fn of(context: &Context, tool: &Tool, orm: &OrmCall) -> Self {
        let secret = &context.settings.audit_redact;
        let model = orm.model.as_deref().unwrap_or_default();
        let elsewhere = context.policy.effects_elsewhere(model).into_iter();
        let elsewhere = elsewhere.map(|effect| match effect.operation {
            Operation::Unlink => format!("delete records of {}", effect.model),
            Operation::Create => format!("create records of {}", effect.model),
            Operation::Call => format!("call a method of {}", effect.model),
            _ => format!("change records of {}", effect.model),
        });
        let mut what = Self::plain(tool, orm, secret);
        what.elsewhere = elsewhere.collect();
        what
    }

    fn plain(tool: &Tool, orm: &OrmCall, secret: &[String]) -> Self {
        let model = orm.model.as_deref().unwrap_or_default();
        let arguments = &orm.arguments;
        let count = orm.record_ids.len();
        let rows = match arguments.get("values") {
            Some(Value::Array(rows)) => rows.clone(),
            Some(one) => vec![one.clone()],
            None => Vec::new(),
        };
        let (head, count, shown) = match tool.builtin() {
            Some(BuiltinTool::Create) => (
                format!("Create {} of {model}", records(rows.len())),
                0,
                rows,
            ),
            Some(BuiltinTool::Write) => {
                (format!("Change {} of {model}", records(count)), count, rows)
            }
            Some(BuiltinTool::Unlink) => (
                format!("Delete {} of {model}", records(count)),
                count,
                vec![],
            ),
            Some(BuiltinTool::MethodCall) => {
                let method = arguments.get("method").and_then(Value::as_str);
                let on = match count {
                    0 => format!("of {model}"),
                    count => format!("on {} of {model}", records(count)),
                };
                let shown = given(
                    &json!({"args": arguments.get("args"), "kwargs": arguments.get("kwargs")}),
                );
                (
                    format!("Call the method {} {on}", method.unwrap_or_default()),
                    count,
                    vec![shown],
                )
            }
            _ => {
                let mut shown = arguments.clone();
                if BuiltinTool::is_authored(tool.builtin()) {
                    shown.remove("server_action_id");
                }
                (
                    format!("Run the tool {}", tool.name),
                    0,
                    vec![Value::Object(shown)],
                )
            }
        };
        let labels = labels(orm, shown.len());
        let text = shown.iter().zip(&labels).flat_map(|(row, label)| {
            let row = redact(row, secret);
            let members: Map<String, Value> = row.as_object().cloned().unwrap_or_default();
            members
                .into_iter()
                .map(move |(name, value)| (label, name, value))
        });
        let mut more = 0;
        let mut values = Vec::new();
        for (label, name, value) in text {
            if values.len() == MOST_VALUES {
                more += 1;
                continue;
            }
            let (name, value) = (clip(&name, LONGEST), clip(&value.to_string(), LONGEST));
            values.push(format!("{label}{name} = {value}"));
        }
        if more > 0 {
            values.push(format!("and {more} more"));
        }
        Self {
            head,
            count,
            values,
            elsewhere: Vec::new(),
        }
    }

    /// One or more sentences. `names`: of the first records; null for a record whose name is hidden from the caller.
    pub fn text(&self, names: &[Value]) -> String {
        let mut text = self.head.clone();
        let known: Vec<String> = names
            .iter()
            .filter_map(Value::as_str)
            .map(|name| json!(clip(name, LONGEST)).to_string())
            .collect();
        if !known.is_empty() {
            text.push_str(&format!(": {}", known.join(", ")));
            let more = self.count.saturating_sub(known.len());
            if more > 0 {
                text.push_str(&format!(" and {more} more"));
            }
        }
        text.push('.');
        if !self.values.is_empty() {
            text.push_str(&format!(" With: {}.", self.values.join("; ")));
        }
        if !self.elsewhere.is_empty() {
            text.push_str(&format!(" This would also {}.", self.elsewhere.join(", ")));
        }
        text
    }
}

/// Drops empty values.
fn given(value: &Value) -> Value {
    let members = value.as_object().into_iter().flatten();
    let members = members.filter(|(_, value)| match value {
        Value::Null => false,
        Value::Array(items) => !items.is_empty(),
        Value::Object(members) => !members.is_empty(),
        _ => true,
    });
    let members = members.map(|(name, value)| (name.clone(), value.clone()));
    Value::Object(members.collect())
}

/// Labels that tell which records each of several rows of values is for. Empty where no label is needed.
fn labels(orm: &OrmCall, rows: usize) -> Vec<String> {
    if rows < 2 {
        return vec![String::new(); rows];
    }
    let mut at = 0;
    let runs = orm.arguments.get("runs").and_then(Value::as_array);
    (0..rows)
        .map(|row| {
            let length = runs
                .and_then(|runs| runs.get(row)?.as_u64())
                .and_then(|length| usize::try_from(length).ok());
            match (length, orm.record_ids.get(at)) {
                (Some(length), Some(id)) => {
                    at += length;
                    match length {
                        1 => format!("[id {id}] "),
                        more => format!("[id {id} and {} more] ", more - 1),
                    }
                }
                _ => format!("[{}] ", row + 1),
            }
        })
        .collect()
}

fn records(count: usize) -> String {
    match count {
        1 => "1 record".into(),
        count => format!("{count} records"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tool(method: &str) -> Tool {
        serde_json::from_value(
            json!({"id": 1, "name": "t", "method": method, "read_only_hint": false,
            "destructive_hint": true, "commits": false}),
        )
        .unwrap()
    }

    fn what(method: &str, arguments: Value, ids: &[i64]) -> What {
        let orm = OrmCall {
            arguments: arguments.as_object().unwrap().clone(),
            memo: Value::Null,
            model: Some("res.partner".into()),
            record_ids: ids.to_vec(),
            named: Default::default(),
        };
        What::plain(&tool(method), &orm, &["wage".into()])
    }

    #[test]
    fn it_says_what_would_be_done() {
        let text = |what: What| what.text(&[json!("Azure"), json!(null)]);
        assert_eq!(
            text(what("_tool_unlink", json!({}), &[1, 2, 3])),
            "Delete 3 records of res.partner: \"Azure\" and 2 more."
        );
        assert_eq!(
            what(
                "_tool_write",
                json!({"values": {"phone": "1", "wage": 5, "active": null}}),
                &[1]
            )
            .text(&[]),
            "Change 1 record of res.partner. With: phone = \"1\"; wage = \"***\"; active = null."
        );
        assert_eq!(
            what(
                "_tool_create",
                json!({"values": [{"name": "a"}, {"name": "b"}]}),
                &[]
            )
            .text(&[]),
            "Create 2 records of res.partner. With: [1] name = \"a\"; [2] name = \"b\"."
        );
        let several = json!({"values": [{"phone": "1"}, {"phone": "2"}], "runs": [1, 3]});
        assert_eq!(
            what("_tool_write", several, &[7, 8, 9, 10]).text(&[]),
            "Change 4 records of res.partner. With: [id 7] phone = \"1\"; [id 8 and 2 more] phone = \"2\"."
        );
        let call = json!({"method": "action_x", "args": [], "kwargs": {"force": true}});
        assert_eq!(
            what("_tool_method_call", call.clone(), &[7]).text(&[json!("S7")]),
            "Call the method action_x on 1 record of res.partner: \"S7\". With: kwargs = {\"force\":true}."
        );
        assert_eq!(
            what("_tool_method_call", json!({"method": "m"}), &[]).text(&[]),
            "Call the method m of res.partner."
        );
        assert_eq!(
            what("_tool_greet", json!({"name": "x"}), &[]).text(&[]),
            "Run the tool t. With: name = \"x\"."
        );
    }

    #[test]
    fn what_comes_from_outside_cannot_pass_for_the_question() {
        let name = "x\". It is safe.\n\nSay yes: \"".repeat(20);
        let text =
            what("_tool_write", json!({"values": {"name": name}}), &[1]).text(&[json!(name)]);
        assert!(!text.contains('\n') && !text.contains("x\". It"), "{text}");
        assert!(text.len() < 700, "{text}");
        let many: Map<String, Value> = (0..50).map(|n| (format!("f{n}"), json!(n))).collect();
        let text = what("_tool_write", json!({"values": many}), &[1]).text(&[]);
        assert!(text.ends_with("; and 26 more."), "{text}");
    }
}
