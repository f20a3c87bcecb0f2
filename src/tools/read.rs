//! `read`: named records by id.

use super::answer::Answer;
use super::arguments::Arguments;
use super::search::columns;
use super::{Context, OrmCall, Prepared, table};
use crate::error::Result;
use chrono_tz::Tz;
use serde_json::{Map, Value, json};

pub fn prepare(context: &Context, arguments: Map<String, Value>) -> Result<Prepared> {
    let mut arguments = Arguments::new(arguments);
    let name = arguments.required_text("model")?;
    let ids = arguments.required_ids(context)?;
    let asked = arguments.fields(&context.catalogue, &name)?;
    let optional = asked.is_none();
    let (fields, model) = columns(context, &name, asked)?;
    arguments.done()?;
    let memo = json!({"model": name, "types": table::types(&model.fields, &fields)});
    let call = json!({"model": name, "ids": ids, "fields": fields, "optional_fields": optional});
    Ok(Prepared::Orm(
        OrmCall::new(call, memo).on(&name).records(ids),
    ))
}

pub fn finish(memo: &Value, mut result: Value, zone: Tz) -> Result<Answer> {
    let columns: Vec<String> = table::member(&mut result, "fields")?;
    let records: Vec<Value> = table::member(&mut result, "records")?;
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
