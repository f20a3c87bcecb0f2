//! `default_get`: the default values of a new record.

use super::answer::Answer;
use super::arguments::Arguments;
use super::columns::{self, ColumnTypes};
use super::context::{Context, OrmCall, Prepared};
use crate::error::{Error, Result};
use crate::odoo::field::{Field, FieldType};
use crate::odoo::values::present;
use crate::policy::Operation;
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

pub fn prepare(context: &Context, arguments: Map<String, Value>) -> Result<Prepared> {
    let mut arguments = Arguments::new(arguments);
    let name = arguments.required_text("model")?;
    let create = context.policy.refusal(&name, Operation::Create)?;
    if create.is_some() {
        context.require(&name, Operation::Read)?;
    }
    let model = context.models.model(&name)?;
    let fields = match arguments.fields(&context.models, &name)? {
        Some(asked) => {
            for field in asked.iter().filter_map(|name| model.fields.get(name)) {
                shown(context, field)?;
            }
            asked
        }
        None => {
            let writable = model.fields.all().iter().filter(|field| !field.readonly);
            let shown = writable.filter(|field| shown(context, field).is_ok());
            shown.map(|field| field.name.clone()).collect()
        }
    };
    arguments.done()?;
    let memo = DefaultsMemo {
        model: name.clone(),
        types: columns::types(&model.fields, &fields),
    };
    let call = json!({"model": name, "fields": fields});
    Ok(Prepared::Orm(OrmCall::new(call, &memo)?.on(&name)))
}

/// Checks access to the default of a relational list: it holds values of the other model's fields.
fn shown(context: &Context, field: &Field) -> Result<()> {
    let relation = field
        .relation
        .as_deref()
        .filter(|_| field.ttype.is_x2many());
    let Some(relation) = relation else {
        return Ok(());
    };
    if context.policy.may_read(relation) && !context.policy.hides_fields(relation)? {
        return Ok(());
    }
    Err(Error::denied(format!(
        "fields: the defaults of {:?} are records of {relation}, and data of these is hidden from this caller. Leave \
         the field out.",
        field.name
    )))
}

/// Converts the datetime at a place such as `["order_line", 0, 2, "scheduled_date"]` to the user's time zone.
fn present_within(values: &mut Value, place: &[Value], zone: Tz) {
    let mut value = Some(values);
    for step in place {
        value = value.and_then(|value| match step {
            Value::String(name) => value.get_mut(name.as_str()),
            step => value.get_mut(usize::try_from(step.as_u64()?).ok()?),
        });
    }
    if let Some(value) = value {
        *value = present(value, FieldType::Datetime, zone);
    }
}

/// The state between `prepare` and `finish`, while Odoo computes the defaults.
#[derive(Debug, Serialize, Deserialize)]
pub struct DefaultsMemo {
    model: String,
    types: ColumnTypes,
}

pub fn finish(memo: &DefaultsMemo, mut result: Value, zone: Tz) -> Result<Answer> {
    let places: Vec<Vec<Value>> = match result.get("datetimes") {
        Some(_) => columns::member(&mut result, "datetimes")?,
        None => Vec::new(),
    };
    if let Some(values) = result.get_mut("values") {
        for place in &places {
            present_within(values, place, zone);
        }
    }
    let values: Map<String, Value> = columns::member(&mut result, "values")?;
    let values: Map<String, Value> = values
        .into_iter()
        // Odoo may return more fields than requested.
        .filter_map(|(name, value)| {
            let value = present(&value, *memo.types.get(&name)?, zone);
            Some((name, value))
        })
        .collect();
    Ok(Answer::object(
        json!({"model": memo.model, "values": values}),
    ))
}
