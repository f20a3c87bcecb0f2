//! `write`: the same values into named records.

use super::answer::Answer;
use super::arguments::Arguments;
use super::changing::only_to_change;
use super::{Context, OrmCall, Prepared, table};
use crate::error::{Error, Result};
use crate::odoo::values::prepare_values;
use crate::policy::Operation;
use crate::policy::values::{self, Within};
use serde_json::{Map, Value, json};

pub fn prepare(context: &Context, arguments: Map<String, Value>) -> Result<Prepared> {
    let mut arguments = Arguments::new(arguments);
    let name = arguments.required_text("model")?;
    context.require(&name, Operation::Write)?;
    let model = context.catalogue.model(&name)?;
    let ids = arguments.required_ids(context)?;
    let values = arguments.json("values")?;
    arguments.done()?;
    let Some(Value::Object(mut values)) = values else {
        return Err(Error::bad_arguments(
            "values: must be an object of field values, written to every id.",
        ));
    };
    if values.is_empty() {
        return Err(Error::bad_arguments("values: names no field to write."));
    }
    prepare_values(
        &mut values,
        "values",
        &model.fields,
        &|model| context.catalogue.fields(model),
        context.user.zone(),
    )?;
    let mut within = Within::default();
    let (policy, catalogue) = (context.policy, &context.catalogue);
    values::check(policy, catalogue, &name, &values, "values", &mut within)?;
    let mut call = json!({"model": name, "ids": ids, "values": values});
    only_to_change(context, &mut call, &name);
    if let Some(within) = within.into_argument() {
        call["within"] = within;
    }
    Ok(Prepared::Orm(
        OrmCall::new(call, json!({"model": name}))
            .on(&name)
            .records(ids),
    ))
}

/// Of `write` and of `unlink`: which records it was.
pub fn finish(memo: &Value, mut result: Value) -> Result<Answer> {
    let ids: Vec<i64> = table::member(&mut result, "ids")?;
    let count = ids.len();
    Ok(Answer::object(json!({"model": memo["model"], "ids": ids}))
        .rows(count)
        .records(ids))
}
