//! Dry runs: the argument `dry_run`, the methods that support it, and the answer with the changes. The policy applies
//! to the answer as to any read.

use super::answer::Answer;
use super::context::{Context, ModelMemo, kept};
use super::method_call;
use super::record::Tool;
use crate::error::{Error, Result};
use crate::odoo::builtin_tool::BuiltinTool;
use crate::odoo::values::present;
use crate::pg::{Database, Param, read_json};
use crate::policy::Operation;
use crate::text::suggest::did_you_mean;
use chrono_tz::Tz;
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// The name of the argument, reserved in these tools.
pub const DRY_RUN: &str = "dry_run";
const SEQUENCE: &str = "ir.sequence";

/// Removes `dry_run` from the arguments of a tool that supports it; they fit its schema.
///
/// # Errors
/// Bad arguments for a value other than true and false.
pub fn take(tool: &Tool, arguments: &mut Map<String, Value>) -> Result<bool> {
    if !tool.builtin().is_some_and(BuiltinTool::does_what_it_names) {
        return Ok(false);
    }
    match arguments.shift_remove(DRY_RUN) {
        None | Some(Value::Null) => Ok(false),
        Some(Value::Bool(on)) => Ok(on),
        Some(_) => Err(Error::bad_arguments("dry_run: must be true or false.")),
    }
}

/// Checks that a call supports a dry run. The tools that create, change and delete records always do. A method does if
/// an administrator has listed it.
///
/// # Errors
/// Bad arguments, with the model's methods that support it.
pub fn check(db: &dyn Database, tool: &Tool, arguments: &Map<String, Value>) -> Result<()> {
    const LISTED: &str = sql!("tools/dry_run_methods");
    if tool.builtin() != Some(BuiltinTool::MethodCall) {
        return Ok(());
    }
    let text = |name: &str| arguments.get(name).and_then(Value::as_str).unwrap_or("");
    let (model, method) = (text("model"), text("method"));
    let listed: Vec<String> = read_json(db, LISTED, &[Param::from(model)])?;
    if listed.iter().any(|known| known == method) {
        return Ok(());
    }
    let known = match listed.is_empty() {
        true => format!("No method of {model} can be tried."),
        false => format!(
            "Of {model} these can be tried: {}.{}",
            listed.join(", "),
            did_you_mean(method, listed.iter().map(String::as_str))
        ),
    };
    Err(Error::bad_arguments(format!(
        "dry_run: {model}.{method} is not on the list of methods that can be tried, since it may do what cannot be taken back. \
         {known} An MCP administrator extends the list in MCP > Configuration > Dry Runs. Nothing was run."
    )))
}

/// Odoo's report of a dry run.
#[derive(Debug, Deserialize)]
struct Report {
    records: Vec<Record>,
    /// Number of records left out of the report.
    more: i64,
    /// Number of records that Odoo does not let the user read.
    others: i64,
    mails: i64,
    /// Sequences: name, and how many numbers were used up.
    sequences: Vec<Value>,
    /// The result of the tool's method.
    #[serde(default)]
    result: Value,
}

/// A created, changed or deleted record.
#[derive(Debug, Deserialize)]
struct Record {
    model: String,
    id: i64,
    change: String,
    #[serde(default)]
    name: Value,
    #[serde(default)]
    before: Map<String, Value>,
    #[serde(default)]
    after: Map<String, Value>,
    /// Ids added to and removed from x2many fields.
    #[serde(default)]
    links: Map<String, Value>,
}

/// The answer of a dry run.
///
/// # Errors
/// [`Error::Internal`] when the report does not have the shape of docs/exchange.md.
pub fn finish(
    context: &Context,
    method: &str,
    memo: &Value,
    report: &Value,
    zone: Tz,
) -> Result<Answer> {
    let report = Report::deserialize(report)
        .map_err(|error| Error::Internal(format!("the report of a dry run: {error}")))?;
    let mut others = report.others;
    let mut changes = Vec::new();
    for record in report.records {
        match described(context, record, zone)? {
            Some(change) => changes.push(change),
            None => others += 1,
        }
    }
    let most = usize::try_from(context.settings.max_answer_bytes).unwrap_or(usize::MAX) / 2;
    let mut size = 0;
    let all = changes.len();
    changes.retain(|change| {
        // A change that is too long leaves the space to the others.
        let longer = size + change.to_string().len() + 1;
        let fits = longer <= most;
        if fits {
            size = longer;
        }
        fits
    });
    let more = report.more + i64::try_from(all - changes.len()).unwrap_or(0);
    let count = changes.len();
    let mut trial = json!({"changes": changes});
    for (name, number) in [
        ("not_shown", more),
        ("others", others),
        ("mails", report.mails),
    ] {
        if number > 0 {
            trial[name] = json!(number);
        }
    }
    let mut note = "Nothing was changed: this was tried and taken back.".to_owned();
    if !report.sequences.is_empty() {
        let mut sequences = report.sequences;
        if context.policy.hides_some(SEQUENCE)? || !context.policy.may_read(SEQUENCE) {
            for sequence in &mut sequences {
                sequence["name"] = Value::Null;
            }
        }
        trial["sequences"] = json!(sequences);
        note.push_str(
            " Numbers of these sequences are used up all the same, by this or by others meanwhile.",
        );
    }
    if others > 0 {
        note.push_str(" Others are records of which this caller may see nothing.");
    }
    trial["note"] = json!(note);
    let mut answer = match BuiltinTool::of(method) {
        // The result is often an action, such as a wizard that asks for input first.
        Some(BuiltinTool::MethodCall) => method_call::object(&kept(memo)?, report.result, zone)?,
        Some(BuiltinTool::Create) => {
            json!({"model": kept::<ModelMemo>(memo)?.model, "ids": [], "names": []})
        }
        _ => json!({"model": kept::<ModelMemo>(memo)?.model, "ids": []}),
    };
    answer["dry_run"] = trial;
    Ok(Answer::object(answer).rows(count))
}

/// The part of a change that the caller may see; none where nothing is visible.
fn described(context: &Context, record: Record, zone: Tz) -> Result<Option<Value>> {
    let policy = context.policy;
    let model = record.model.as_str();
    if policy.require(model, Operation::Read).is_err() || !policy.terms(model).is_empty() {
        // A record that no longer exists cannot be matched against a domain.
        return Ok(None);
    }
    let Ok(known) = context.models.model(model) else {
        return Ok(None);
    };
    let shown = |values: &Map<String, Value>| -> Map<String, Value> {
        values
            .iter()
            .filter_map(|(name, value)| {
                let field = known.fields.get(name)?;
                let value = present(value, field.ttype, zone);
                Some((name.clone(), value))
            })
            .collect()
    };
    let links: Map<String, Value> = record
        .links
        .into_iter()
        .filter(|(name, _)| {
            // Reads omit hidden records from lists. The report does not say which ids these are, so such lists are left
            // out.
            let relation = known
                .fields
                .get(name)
                .and_then(|field| field.relation.as_deref());
            relation.is_some_and(|model| policy.may_read(model) && policy.terms(model).is_empty())
        })
        .collect();
    let (before, after) = (shown(&record.before), shown(&record.after));
    if record.change == "changed" && before.is_empty() && links.is_empty() {
        return Ok(None);
    }
    let mut change = json!({"model": model, "id": record.id, "change": record.change});
    if !policy.something_hidden() && record.name.is_string() {
        change["name"] = record.name;
    }
    let unset = |values: &Map<String, Value>| -> Map<String, Value> {
        // For a created or deleted record only set values are informative.
        let set = values.iter().filter(|(_, value)| !value.is_null());
        set.map(|(name, value)| (name.clone(), value.clone()))
            .collect()
    };
    match record.change.as_str() {
        "created" => change["after"] = Value::Object(unset(&after)),
        "deleted" => change["before"] = Value::Object(unset(&before)),
        _ => {
            change["before"] = Value::Object(before);
            change["after"] = Value::Object(after);
        }
    }
    if !links.is_empty() {
        change["links"] = Value::Object(links);
    }
    Ok(Some(change))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tool(method: &str) -> Tool {
        serde_json::from_value(
            json!({"id": 1, "name": "x", "method": method, "parameters": "{}",
            "read_only_hint": false, "destructive_hint": false, "commits": false}),
        )
        .unwrap()
    }

    fn taken(method: &str, arguments: Value) -> (Result<bool>, Value) {
        let mut arguments = arguments.as_object().cloned().unwrap();
        let taken = take(&tool(method), &mut arguments);
        (taken, Value::Object(arguments))
    }

    #[test]
    fn it_is_taken_out_of_what_can_be_tried() {
        let (on, rest) = taken("_tool_write", json!({"dry_run": true, "ids": [1]}));
        assert!(on.unwrap());
        assert_eq!(rest, json!({"ids": [1]}));
        assert!(!taken("_tool_create", json!({"dry_run": false})).0.unwrap());
        assert!(!taken("_tool_create", json!({})).0.unwrap());
        assert!(taken("_tool_unlink", json!({"dry_run": "yes"})).0.is_err());
        // In an addon's tool, the name is the tool's own argument.
        let (on, rest) = taken("_tool_mine", json!({"dry_run": true}));
        assert!(!on.unwrap());
        assert_eq!(rest, json!({"dry_run": true}));
    }
}
