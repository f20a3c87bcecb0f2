//! `read`: named records by id.

use super::answer::Answer;
use super::arguments::Arguments;
use super::search::{bind, columns};
use super::{Context, OrmCall, Prepared, table};
use crate::error::Result;
use crate::policy::Operation;
use crate::policy::names::veil;
use chrono_tz::Tz;
use serde_json::{Map, Value, json};

/// The terms that records named by their ids must fulfil, as an argument for Odoo.
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
    let asked = arguments.fields(&context.catalogue, &name)?;
    let optional = asked.is_none();
    let (fields, model) = columns(context, &name, asked)?;
    arguments.done()?;
    let (veil, bounds) = veil(context.policy, &context.catalogue, &model.fields, &fields)?;
    let mut memo = json!({"model": name, "types": table::types(&model.fields, &fields)});
    veil.keep(&mut memo);
    let mut call =
        json!({"model": name, "ids": ids, "fields": fields, "optional_fields": optional});
    bind(&mut call, "bounds", bounds);
    only(context, &mut call, &name);
    Ok(Prepared::Orm(
        OrmCall::new(call, memo).on(&name).records(ids),
    ))
}

pub fn finish(memo: &Value, mut result: Value, zone: Tz) -> Result<Answer> {
    let columns: Vec<String> = table::member(&mut result, "fields")?;
    let records = table::records(&mut result, memo)?;
    let missing: Vec<i64> = table::member(&mut result, "missing")?;
    let ids = records
        .iter()
        .filter_map(|record| record["id"].as_i64())
        .collect();
    let rows = table::rows(records, &columns, &memo["types"], zone)?;
    let count = rows.len();
    Ok(Answer::object(json!({
        "model": memo["model"], "columns": columns, "rows": rows, "missing": missing,
    }))
    .rows(count)
    .records(ids))
}
