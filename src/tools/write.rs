//! `write`: writes the same values to all given records, or separate values to each.

use super::answer::Answer;
use super::arguments::Arguments;
use super::columns;
use super::context::{Context, ModelMemo, OrmCall, Prepared};
use super::write_rules::{model_of, only_to_change};
use crate::error::{Error, Result};
use crate::odoo::selection;
use crate::odoo::values::prepare_values;
use crate::policy::Operation;
use crate::policy::values::{self, Within};
use crate::text::json::{brief, kind};
use serde_json::{Map, Value, json};
use std::collections::HashMap;

pub fn prepare(context: &Context, arguments: Map<String, Value>) -> Result<Prepared> {
    let mut arguments = Arguments::new(arguments);
    let name = arguments.required_text("model")?;
    context.require(&name, Operation::Write)?;
    let given = arguments.json("values");
    let model = model_of(context, &name, &given)?;
    let ids = arguments.ids(context)?;
    let given = given?;
    arguments.done()?;
    let mut within = Within::default();
    let mut checked = |mut values: Map<String, Value>, at: &str| -> Result<Value> {
        if values.is_empty() {
            return Err(Error::bad_arguments(format!(
                "{at}: names no field to write."
            )));
        }
        prepare_values(
            &mut values,
            at,
            &model.fields,
            &|model| context.models.fields(model),
            context.user.zone(),
        )?;
        let (policy, models) = (context.policy, &context.models);
        values::check(policy, models, &name, &values, at, &mut within)?;
        selection::check_values(models, &name, &values, at)?;
        Ok(Value::Object(values))
    };
    let (ids, values, runs) = match given {
        Some(Value::Object(values)) => {
            if ids.is_empty() {
                return Err(Error::bad_arguments(
                    "ids: give at least one record id, or values as a list of objects, each with its id.",
                ));
            }
            (ids, checked(values, "values")?, None)
        }
        Some(Value::Array(items)) => {
            if !ids.is_empty() {
                return Err(Error::bad_arguments(
                    "ids: leave it out when values is a list: each of its objects has its own id.",
                ));
            }
            let (ids, items) = with_ids(items, context.settings.max_records)?;
            let mut runs: Vec<(Value, usize)> = Vec::new();
            for (at, values) in items.into_iter().enumerate() {
                let values = checked(values, &format!("values[{at}]"))?;
                match runs.last_mut() {
                    Some((before, length)) if *before == values => *length += 1,
                    _ => runs.push((values, 1)),
                }
            }
            let (values, lengths): (Vec<Value>, Vec<usize>) = runs.into_iter().unzip();
            (ids, Value::Array(values), Some(lengths))
        }
        _ => {
            return Err(Error::bad_arguments(
                "values: must be an object of field values, written to every id, or a list of such objects, each with \
                 its id.",
            ));
        }
    };
    let mut call = json!({"model": name, "ids": ids, "values": values});
    if let Some(runs) = runs {
        call["runs"] = json!(runs);
    }
    only_to_change(context, &mut call, &name);
    within.restrict_changes(context.policy, &name);
    let (within, named) = within.into_argument();
    if let Some(within) = within {
        call["within"] = within;
    }
    let memo = ModelMemo {
        model: name.clone(),
    };
    Ok(Prepared::Orm(
        OrmCall::new(call, &memo)?
            .on(&name)
            .naming(named)
            .records(ids),
    ))
}

/// The values for one record.
type WriteValues = Map<String, Value>;

/// Splits objects of values into the ids and the values without them.
fn with_ids(items: Vec<Value>, most: i64) -> Result<(Vec<i64>, Vec<WriteValues>)> {
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    if items.is_empty() || items.len() > most {
        return Err(Error::bad_arguments(format!(
            "values: give 1 to {most} objects, one for each record, not {}.",
            items.len()
        )));
    }
    let mut places: HashMap<i64, usize> = HashMap::with_capacity(items.len());
    let mut ids = Vec::with_capacity(items.len());
    let mut rest = Vec::with_capacity(items.len());
    for (at, item) in items.into_iter().enumerate() {
        let Value::Object(mut values) = item else {
            return Err(Error::bad_arguments(format!(
                "values[{at}]: must be an object of field values with its id, not {}.",
                kind(&item)
            )));
        };
        let id = values.shift_remove("id").ok_or_else(|| {
            Error::bad_arguments(format!(
                "values[{at}].id: is missing: which record these values are for."
            ))
        })?;
        let id = id
            .as_i64()
            .filter(|id| *id > 0 && *id <= i64::from(i32::MAX))
            .ok_or_else(|| {
                Error::bad_arguments(format!(
                    "values[{at}].id: {} is no record id (a positive integer).",
                    brief(&id)
                ))
            })?;
        if let Some(before) = places.insert(id, at) {
            return Err(Error::bad_arguments(format!(
                "values[{at}].id: {id} is also that of values[{before}]. Put all that is to be written to a record \
                 into one object."
            )));
        }
        ids.push(id);
        rest.push(values);
    }
    Ok((ids, rest))
}

/// The answer of `write` and `unlink`: the affected records.
pub fn finish(memo: &ModelMemo, mut result: Value) -> Result<Answer> {
    let ids: Vec<i64> = columns::member(&mut result, "ids")?;
    let count = ids.len();
    Ok(Answer::object(json!({"model": memo.model, "ids": ids}))
        .rows(count)
        .records(ids))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(items: Value) -> String {
        let items = items.as_array().cloned().unwrap();
        with_ids(items, 3).unwrap_err().to_string()
    }

    #[test]
    fn each_object_says_which_record_it_is_for() {
        let items = json!([{"id": 7, "a": 1}, {"b": 2, "id": 5}]);
        let (ids, values) = with_ids(items.as_array().cloned().unwrap(), 3).unwrap();
        assert_eq!(ids, [7, 5]);
        assert_eq!(json!(values), json!([{"a": 1}, {"b": 2}]));
    }

    #[test]
    fn what_is_no_list_of_records_is_told_with_its_place() {
        for (items, said) in [
            (json!([]), "1 to 3 objects"),
            (json!([{"id": 1}, {"id": 2}, {"id": 3}, {"id": 4}]), "not 4"),
            (json!([{"id": 1}, 5]), "values[1]: must be an object"),
            (json!([{"id": 1}, {"a": 5}]), "values[1].id: is missing"),
            (json!([{"id": "1"}]), "values[0].id: \"1\" is no record id"),
            (json!([{"id": 0}]), "values[0].id: 0 is no"),
            (
                json!([{"id": 1}, {"id": 2}, {"id": 1}]),
                "values[2].id: 1 is also that of values[0]",
            ),
        ] {
            let text = refusal(items);
            assert!(text.contains(said), "{text}");
        }
    }
}
