//! `render_report`: renders a report of records as text or PDF.

use super::answer::Answer;
use super::arguments::Arguments;
use super::columns;
use super::context::{Context, OrmCall, Prepared};
use super::read::only;
use super::read_file::{MOST_CHARACTERS, TextMemo, add_text};
use crate::error::{Error, Result};
use crate::odoo::html::Form;
use crate::policy::Operation;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// Maximum number of records in one report.
const MOST_RECORDS: usize = 20;
const FRAME_BYTES: i64 = 2_000;

pub fn prepare(context: &Context, arguments: Map<String, Value>) -> Result<Prepared> {
    let mut arguments = Arguments::new(arguments);
    let model = arguments.required_text("model")?;
    context.require(&model, Operation::Read)?;
    context.models.model_with(&model, &[])?;
    let ids = arguments.ids(context)?;
    let report = arguments.text("report")?.filter(|name| !name.is_empty());
    let pdf = arguments.flag("pdf")?;
    arguments.done()?;
    if let Some(report) = &report {
        context.policy.require_report(&model, report)?;
        if ids.is_empty() || ids.len() > MOST_RECORDS {
            return Err(Error::bad_arguments(format!(
                "ids: give 1 to {MOST_RECORDS} records to print."
            )));
        }
    }
    let room = (context.settings.max_answer_bytes - FRAME_BYTES).max(1_000);
    let mut call = json!({
        "model": model, "ids": ids, "report": report, "pdf": pdf,
        "most_bytes": room / 4 * 3,
    });
    only(context, &mut call, &model);
    let memo = ReportMemo {
        model: model.clone(),
        ids: ids.clone(),
        report,
        text: TextMemo { room, offset: 0 },
    };
    Ok(Prepared::Orm(
        OrmCall::new(call, &memo)?.on(&model).records(ids),
    ))
}

/// The state between `prepare` and `finish`, while Odoo renders a report.
#[derive(Debug, Serialize, Deserialize)]
pub struct ReportMemo {
    model: String,
    ids: Vec<i64>,
    report: Option<String>,
    #[serde(flatten)]
    text: TextMemo,
}

/// Makes the answer from the result of `_tool_render_report`: the available reports, a text, or a file.
pub fn finish(memo: &ReportMemo, mut result: Value) -> Result<Answer> {
    let mut facts = Map::new();
    facts.insert("model".into(), json!(memo.model));
    if let Some(reports) = result.get_mut("reports") {
        facts.insert("reports".into(), reports.take());
        return Ok(Answer::object(Value::Object(facts)));
    }
    let ids = memo.ids.clone();
    facts.insert("report".into(), json!(memo.report));
    facts.insert("ids".into(), json!(ids));
    let answer = match printed(&result) {
        Some(text) => {
            let length = text.chars().count();
            let most = usize::try_from(MOST_CHARACTERS).unwrap_or(0);
            let shown: String = text.chars().take(most).collect();
            add_text(&mut facts, memo.text, &shown, &json!(length));
            // The tool has no argument to request the rest.
            facts.remove("next_offset");
            Answer::object(Value::Object(facts))
        }
        None => {
            let pdf: String = columns::member(&mut result, "pdf")?;
            facts.insert("mimetype".into(), json!("application/pdf"));
            facts.insert("size".into(), result["size"].take());
            let name = memo.report.as_deref().unwrap_or_default();
            let listed: Vec<String> = ids.iter().map(i64::to_string).collect();
            let uri = format!("odoo://report/{name}/{}", listed.join(","));
            let parts = vec![
                json!({"type": "resource", "resource": {"uri": uri, "mimeType": "application/pdf", "blob": pdf}}),
                json!({"type": "text", "text": json!(facts).to_string()}),
            ];
            Answer::with_parts(parts, Value::Object(facts))
        }
    };
    Ok(answer.rows(ids.len()).records(ids))
}

/// The rendered text, if the result is text.
fn printed(result: &Value) -> Option<String> {
    let text = |name: &str| result.get(name).and_then(Value::as_str);
    let html = || text("html").map(|html| Form::Text.of(html).0);
    text("text").map(str::to_owned).or_else(html)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tools::context::kept;

    #[test]
    fn reports_texts_and_files_come_in_their_form() {
        let memo = json!({"model": "sale.order", "ids": [3, 4], "report": "sale.report", "room": 8, "offset": 0});
        let facts = |result: Value| {
            let answer = finish(&kept(&memo).unwrap(), result).unwrap();
            let structured = answer.structured().cloned().unwrap();
            (
                structured,
                answer.to_result(None)["content"].clone(),
                answer.record_ids,
            )
        };
        let (listed, _, _) = facts(json!({"reports": [{"report": "a.b", "name": "A"}]}));
        assert_eq!(
            listed,
            json!({"model": "sale.order", "reports": [{"report": "a.b", "name": "A"}]})
        );
        let (text, _, ids) = facts(json!({"text": "Order 3 and 4"}));
        assert_eq!(
            text,
            json!({"model": "sale.order", "report": "sale.report", "ids": [3, 4], "text": "Order ", "length": 13})
        );
        assert_eq!(ids, [3, 4]);
        let page = "<html><head><title>no</title></head><body><p>Order</p><script>no()</script></body></html>";
        let (text, _, _) = facts(json!({"html": page}));
        assert_eq!(
            (&text["text"], &text["length"]),
            (&json!("Order"), &json!(5))
        );
        let (file, parts, _) = facts(json!({"pdf": "aGk=", "size": 2}));
        assert_eq!(file["size"], 2);
        assert_eq!(
            parts[0]["resource"],
            json!({"uri": "odoo://report/sale.report/3,4", "mimeType": "application/pdf", "blob": "aGk="})
        );
    }
}
