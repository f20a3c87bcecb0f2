//! `create`: creates one record or several, all or none.

use super::answer::Answer;
use super::arguments::Arguments;
use super::columns;
use super::context::{Context, OrmCall, Prepared};
use super::write_rules::{model_of, only_to_change};
use crate::error::{Error, Result};
use crate::odoo::selection;
use crate::odoo::values::prepare_values;
use crate::policy::Operation;
use crate::policy::masking::has_names;
use crate::policy::values::{self, Within};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

pub fn prepare(context: &Context, arguments: Map<String, Value>) -> Result<Prepared> {
    let mut arguments = Arguments::new(arguments);
    let name = arguments.required_text("model")?;
    context.require(&name, Operation::Create)?;
    let given = arguments.json("values");
    let model = model_of(context, &name, &given)?;
    let given = given?.ok_or_else(|| Error::bad_arguments("values: is missing."))?;
    arguments.done()?;
    let single = given.is_object();
    let list = match given {
        Value::Object(_) => vec![given],
        Value::Array(items) => items,
        _ => {
            return Err(Error::bad_arguments(
                "values: must be an object, or a list of objects.",
            ));
        }
    };
    let most = usize::try_from(context.settings.max_records).unwrap_or(usize::MAX);
    if list.is_empty() || list.len() > most {
        return Err(Error::bad_arguments(format!(
            "values: give 1 to {most} objects, one for each record."
        )));
    }
    let mut prepared = Vec::with_capacity(list.len());
    let mut within = Within::default();
    for (at, item) in list.into_iter().enumerate() {
        let at = if single {
            "values".to_owned()
        } else {
            format!("values[{at}]")
        };
        let Value::Object(mut item) = item else {
            return Err(Error::bad_arguments(format!(
                "{at}: must be an object of field values."
            )));
        };
        prepare_values(
            &mut item,
            &at,
            &model.fields,
            &|model| context.models.fields(model),
            context.user.zone(),
        )?;
        let (policy, models) = (context.policy, &context.models);
        values::check(policy, models, &name, &item, &at, &mut within)?;
        selection::check_values(models, &name, &item, &at)?;
        prepared.push(Value::Object(item));
    }
    let mut call = json!({"model": name, "values": prepared});
    only_to_change(context, &mut call, &name);
    within.restrict_changes(context.policy, &name);
    let (within, named) = within.into_argument();
    if let Some(within) = within {
        call["within"] = within;
    }
    let has_names = has_names(context.policy, &context.models, &name)?;
    let memo = CreateMemo {
        model: name.clone(),
        nameless: !has_names,
    };
    Ok(Prepared::Orm(
        OrmCall::new(call, &memo)?.on(&name).naming(named),
    ))
}

/// The state between `prepare` and `finish`, while Odoo creates records.
#[derive(Debug, Serialize, Deserialize)]
pub struct CreateMemo {
    model: String,
    /// Whether the caller may not see names of this model.
    nameless: bool,
}

pub fn finish(memo: &CreateMemo, mut result: Value) -> Result<Answer> {
    let ids: Vec<i64> = columns::member(&mut result, "ids")?;
    let mut names: Vec<Value> = columns::member(&mut result, "names")?;
    for name in &mut names {
        // Odoo returns false for a record without a name.
        if memo.nameless || !name.is_string() {
            *name = Value::Null;
        }
    }
    let count = ids.len();
    Ok(
        Answer::object(json!({"model": memo.model, "ids": ids, "names": names}))
            .rows(count)
            .records(ids),
    )
}
