//! `read`: reads records by id.

use super::answer::Answer;
use super::arguments::Arguments;
use super::columns;
use super::context::{Context, OrmCall, Prepared};
use super::rows::{self, RowsMemo};
use super::search::{bind, columns, style};
use crate::error::Result;
use crate::policy::Operation;
use crate::policy::masking::mask;
use chrono_tz::Tz;
use serde_json::{Map, Value, json};

/// Maximum characters shown of a text.
const LETTERS: usize = 10_000;

/// Adds the domain terms that records given by id must match, as an argument for Odoo.
pub fn only(context: &Context, call: &mut Value, model: &str) {
    let terms = context.policy.terms(model);
    if !terms.is_empty() {
        call["only"] = json!(terms);
    }
}

pub fn prepare(context: &Context, arguments: Map<String, Value>) -> Result<Prepared> {
    let mut arguments = Arguments::new(arguments);
    let name = arguments.required_text("model")?;
    context.require(&name, Operation::Read)?;
    let ids = arguments.required_ids(context)?;
    let asked = arguments.fields(&context.models, &name)?;
    let optional = asked.is_none();
    let (fields, model) = columns(context, &name, asked)?;
    // Space for the ids that are missing or unread.
    let named = json!(ids).to_string().len();
    let style = style(context, &mut arguments, LETTERS, &fields, named)?;
    arguments.done()?;
    let (mask, bounds) = mask(context.policy, &context.models, &model.fields, &fields)?;
    let memo = RowsMemo {
        model: name.clone(),
        types: columns::types(&model.fields, &fields),
        style,
        mask,
    };
    let mut call = json!({"model": name, "ids": ids, "fields": fields, "optional_fields": optional,
                          "most_bytes": style.bytes});
    if style.whole {
        call["whole"] = json!(true);
    }
    bind(&mut call, "bounds", bounds);
    only(context, &mut call, &name);
    Ok(Prepared::Orm(
        OrmCall::new(call, &memo)?.on(&name).records(ids),
    ))
}

pub fn finish(memo: &RowsMemo, mut result: Value, zone: Tz) -> Result<Answer> {
    let missing: Vec<i64> = columns::member(&mut result, "missing")?;
    let (sheet, left_out) = rows::of_result(&mut result, memo, zone)?;
    let count = sheet.rows.len();
    let mut answer = json!({
        "model": memo.model, "columns": sheet.columns(), "rows": sheet.rows, "missing": missing,
    });
    let mut cut = Vec::new();
    if !left_out.is_empty() {
        cut.push("The answer is full: read the ids in not_read next, or fewer fields.".to_owned());
        answer["not_read"] = json!(left_out);
    }
    cut.extend(sheet.shortened());
    if !cut.is_empty() {
        answer["cut"] = json!(cut.join(" "));
    }
    Ok(Answer::object(answer).rows(count).records(sheet.ids))
}
