//! `search`: records of a model that match a domain, as columns and rows.

use super::answer::Answer;
use super::arguments::{Arguments, order};
use super::{Context, OrmCall, Prepared, table};
use crate::error::Result;
use crate::odoo::catalogue::Model;
use crate::odoo::field::default_fields;
use crate::policy::Operation;
use crate::policy::names::veil;
use crate::policy::order::own_order_is_shown;
use chrono_tz::Tz;
use serde_json::{Map, Value, json};
use std::rc::Rc;

/// How many columns a caller gets who names none.
const DEFAULT_COLUMNS: usize = 12;

/// The columns of an answer: `id` and those asked for, or sensible ones; and the model, which has them.
pub fn columns(
    context: &Context,
    model: &str,
    asked: Option<Vec<String>>,
) -> Result<(Vec<String>, Rc<Model>)> {
    match asked {
        Some(fields) => {
            let names: Vec<&str> = fields.iter().map(String::as_str).collect();
            let model = context.catalogue.model_with(model, &names)?;
            Ok((table::with_id(fields), model))
        }
        None => {
            let model = context.catalogue.model(model)?;
            let fields = default_fields(model.fields.all(), DEFAULT_COLUMNS);
            Ok((table::with_id(fields), model))
        }
    }
}

/// An argument for Odoo that most calls do without.
pub fn bind(call: &mut Value, name: &str, argument: Map<String, Value>) {
    if !argument.is_empty() {
        call[name] = Value::Object(argument);
    }
}

pub fn prepare(context: &Context, arguments: Map<String, Value>) -> Result<Prepared> {
    let mut arguments = Arguments::new(arguments);
    let name = arguments.required_text("model")?;
    context.require(&name, Operation::Read)?;
    let domain = arguments.domain(context, &name)?;
    let asked = arguments.fields(&context.catalogue, &name)?;
    let optional = asked.is_none();
    let (fields, model) = columns(context, &name, asked)?;
    let order = match arguments
        .text("order")?
        .filter(|text| !text.trim().is_empty())
    {
        Some(text) => json!(order(context, &name, &text)?),
        // Odoo's own order would tell something.
        None if !own_order_is_shown(context.policy, &context.catalogue, &name)? => json!("id"),
        None => Value::Null,
    };
    let limit = arguments.limit(context)?;
    let offset = arguments.number("offset", 0)?.unwrap_or(0);
    arguments.done()?;
    let (veil, bounds) = veil(context.policy, &context.catalogue, &model.fields, &fields)?;
    let mut memo =
        json!({"model": name, "types": table::types(&model.fields, &fields), "offset": offset});
    veil.keep(&mut memo);
    let mut call = json!({"model": name, "domain": domain, "fields": fields, "optional_fields": optional,
                          "order": order, "limit": limit, "offset": offset});
    bind(&mut call, "bounds", bounds);
    Ok(Prepared::Orm(OrmCall::new(call, memo).on(&name)))
}

pub fn finish(memo: &Value, mut result: Value, zone: Tz) -> Result<Answer> {
    let columns: Vec<String> = table::member(&mut result, "fields")?;
    let records = table::records(&mut result, memo)?;
    let total: i64 = table::member(&mut result, "total")?;
    let ids = records
        .iter()
        .filter_map(|record| record["id"].as_i64())
        .collect();
    let rows = table::rows(records, &columns, &memo["types"], zone)?;
    let offset = memo["offset"].as_i64().unwrap_or(0);
    let count = rows.len();
    let shown = offset + i64::try_from(count).unwrap_or(0);
    Ok(Answer::object(json!({
        "model": memo["model"], "columns": columns, "rows": rows,
        "total": total, "offset": offset, "has_more": shown < total && count > 0,
    }))
    .rows(count)
    .records(ids))
}
