//! `default_get`: what a new record would start with.

use super::answer::Answer;
use super::arguments::Arguments;
use super::{Context, OrmCall, Prepared, table};
use crate::error::Result;
use crate::odoo::field::FieldType;
use crate::odoo::values::present;
use chrono_tz::Tz;
use serde_json::{Map, Value, json};

pub fn prepare(context: &Context, arguments: Map<String, Value>) -> Result<Prepared> {
    let mut arguments = Arguments::new(arguments);
    let name = arguments.required_text("model")?;
    let model = context.catalogue.model(&name)?;
    let fields = arguments
        .fields(&context.catalogue, &name)?
        .unwrap_or_else(|| {
            let writable = model.fields.all().iter().filter(|field| !field.readonly);
            writable.map(|field| field.name.clone()).collect()
        });
    arguments.done()?;
    let memo = json!({"model": name, "types": table::types(&model.fields, &fields)});
    let call = json!({"model": name, "fields": fields});
    Ok(Prepared::Orm(OrmCall::new(call, memo).on(&name)))
}

pub fn finish(memo: &Value, mut result: Value, zone: Tz) -> Result<Answer> {
    let values: Map<String, Value> = table::member(&mut result, "values")?;
    let values: Map<String, Value> = values
        .into_iter()
        .map(|(name, value)| {
            let ttype =
                serde_json::from_value(memo["types"][&name].clone()).unwrap_or(FieldType::Other);
            let value = present(&value, ttype, zone);
            (name, value)
        })
        .collect();
    Ok(Answer::object(
        json!({"model": memo["model"], "values": values}),
    ))
}
