//! `aggregate`: groups of records with their counts and measures.

use super::answer::Answer;
use super::arguments::Arguments;
use super::columns::{self, ColumnTypes};
use super::context::{Context, OrmCall, Prepared};
use super::search::bind;
use crate::error::{Error, Result};
use crate::odoo::field::FieldType;
use crate::policy::Operation;
use crate::policy::groups::{By, mask};
use crate::policy::masking::Mask;
use crate::policy::order::tells_nothing;
use crate::time_zone::{accept_datetime, present_datetime};
use chrono_tz::Tz;
use group::{Group, Shown, Unsure};
use measure::{COUNT, Measure};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

mod group;
mod having;
mod measure;
mod order;

/// Maximum number of groupings of one call; a model cannot use more.
const MOST_GROUPS: usize = 8;
const MOST_MEASURES: usize = 32;

pub fn prepare(context: &Context, arguments: Map<String, Value>) -> Result<Prepared> {
    let mut arguments = Arguments::new(arguments);
    let name = arguments.required_text("model")?;
    context.require(&name, Operation::Read)?;
    context.models.model_with(&name, &[])?;
    let domain = arguments.domain(context, &name)?;
    let mut unsure = Unsure::new();
    let groups = groups(context, &name, &arguments.names("groupby")?, &mut unsure)?;
    let measures = measures(context, &name, &arguments.names("measures")?, &mut unsure)?;
    let having = arguments.list("having", having::EXAMPLE)?;
    let having = having::read(context, &name, &having, &groups, &mut unsure)?;
    let order = arguments.text("order")?.unwrap_or_default();
    let order = order::read(context, &name, &order, &groups, &mut unsure)?;
    let limit = arguments.limit(context)?;
    let offset = arguments.number("offset", 0)?.unwrap_or(0);
    arguments.done()?;

    let by: Vec<By> = groups
        .iter()
        .enumerate()
        .map(|(at, group)| By {
            spec: &group.spec,
            at: format!("groupby[{at}]"),
            field: &group.field,
        })
        .collect();
    let (mask, bounds) = mask(context.policy, &context.models, &by)?;
    let order = whole_order(context, &name, order, &groups)?;
    let groupby: Vec<&str> = groups.iter().map(|group| group.spec.as_str()).collect();
    let mut measured: Vec<&str> = measures
        .iter()
        .map(|measure| measure.spec.as_str())
        .collect();
    measured.push(COUNT);
    let columns = [groupby.as_slice(), measured.as_slice()].concat();
    let memo = AggregateMemo {
        model: name.clone(),
        columns: columns.iter().map(|&spec| spec.to_owned()).collect(),
        shown: shown(&groups),
        types: types(&groups, &measures),
        limit,
        offset,
        most: context.settings.max_answer_bytes,
        mask,
    };
    // One extra row shows whether more groups follow.
    let mut call = json!({"model": name, "domain": domain, "groupby": groupby, "measures": measured,
        "order": order, "limit": limit + 1, "offset": offset});
    if !having.is_empty() {
        call["having"] = Value::Array(having);
    }
    bind(&mut call, "bounds", bounds);
    bind(&mut call, "unsure", unsure);
    Ok(Prepared::Orm(OrmCall::new(call, &memo)?.on(&name)))
}

fn groups(
    context: &Context,
    model: &str,
    texts: &[String],
    unsure: &mut Unsure,
) -> Result<Vec<Group>> {
    at_most("groupby", texts, MOST_GROUPS)?;
    let mut groups: Vec<Group> = Vec::with_capacity(texts.len());
    for (at, text) in texts.iter().enumerate() {
        let at = format!("groupby[{at}]");
        let group = group::read(context, model, text, &at, unsure)?;
        if groups.iter().any(|other| other.spec == group.spec) {
            return Err(twice(&at, &group.spec));
        }
        groups.push(group);
    }
    Ok(groups)
}

fn measures(
    context: &Context,
    model: &str,
    texts: &[String],
    unsure: &mut Unsure,
) -> Result<Vec<Measure>> {
    at_most("measures", texts, MOST_MEASURES)?;
    let mut measures: Vec<Measure> = Vec::with_capacity(texts.len());
    for (at, text) in texts.iter().enumerate() {
        let at = format!("measures[{at}]");
        let measure = measure::read(context, model, text, &at, unsure)?;
        if measures.iter().any(|other| other.spec == measure.spec) {
            return Err(twice(&at, &measure.spec));
        }
        // The record count is always included.
        if measure.spec != COUNT {
            measures.push(measure);
        }
    }
    Ok(measures)
}

fn at_most(name: &str, texts: &[String], most: usize) -> Result<()> {
    if texts.len() > most {
        return Err(Error::bad_arguments(format!(
            "{name}: {} are asked for; at most {most} at once. Ask for fewer, in several calls.",
            texts.len()
        )));
    }
    Ok(())
}

fn twice(at: &str, spec: &str) -> Error {
    Error::bad_arguments(format!(
        "{at}: {spec:?} is asked for twice. Leave one of them out."
    ))
}

/// The requested order, then the groups, so that pages do not overlap. Where an order by a group would reveal hidden
/// data, the first record id of each group breaks ties; without a requested order, Odoo orders by plain values.
fn whole_order(
    context: &Context,
    model: &str,
    mut order: Vec<(String, String)>,
    groups: &[Group],
) -> Result<Option<String>> {
    let mut open = true;
    for group in groups {
        open = open && tells_nothing(context.policy, &context.models, model, &group.path)?;
    }
    if open {
        for group in groups {
            if !order.iter().any(|(spec, _)| *spec == group.spec) {
                order.push((group.spec.clone(), group.spec.clone()));
            }
        }
    } else if !order.is_empty() {
        order.push(("id:min".to_owned(), "id:min".to_owned()));
    }
    let terms: Vec<String> = order.into_iter().map(|(_, term)| term).collect();
    Ok((!terms.is_empty() && !groups.is_empty()).then(|| terms.join(", ")))
}

/// How to show the values of these groups, by specification.
fn shown(groups: &[Group]) -> BTreeMap<String, Shown> {
    let special = groups.iter().filter(|group| group.shown != Shown::Plain);
    special
        .map(|group| (group.spec.clone(), group.shown))
        .collect()
}

/// As [`columns::types`].
fn types(groups: &[Group], measures: &[Measure]) -> ColumnTypes {
    let of_group = |group: &Group| match group.shown {
        Shown::Plain => group.field.ttype,
        _ => FieldType::Date,
    };
    let groups = groups
        .iter()
        .map(|group| (group.spec.clone(), of_group(group)));
    let measures = measures
        .iter()
        .map(|measure| (measure.spec.clone(), measure.result));
    groups.chain(measures).collect()
}

/// The state between `prepare` and `finish`, while Odoo groups records.
#[derive(Debug, Serialize, Deserialize)]
pub struct AggregateMemo {
    model: String,
    columns: Vec<String>,
    /// The columns whose values are not those of a field.
    shown: BTreeMap<String, Shown>,
    types: ColumnTypes,
    limit: i64,
    offset: i64,
    /// Maximum size in bytes of the answer.
    most: i64,
    #[serde(default, skip_serializing_if = "Mask::is_empty")]
    mask: Mask,
}

pub fn finish(memo: &AggregateMemo, mut result: Value, zone: Tz) -> Result<Answer> {
    let mut records = columns::records(&mut result, &memo.mask)?;
    let mut specs = memo.columns.clone();
    let most = usize::try_from(memo.limit).unwrap_or(usize::MAX);
    let has_more = records.len() > most;
    records.truncate(most);
    let mut in_zone = false;
    for (spec, &shown) in &memo.shown {
        in_zone = in_zone || shown.is_in_zone();
        for value in records.iter_mut().filter_map(|record| record.get_mut(spec)) {
            *value = bucket(value, shown, zone);
        }
    }
    let rows = columns::rows(records, &specs, &memo.types, zone)?;
    let read = rows.len();
    let rows = columns::within(rows, memo.most);
    let count = rows.len();
    let has_more = has_more || count < read;
    if let Some(last) = specs.last_mut() {
        *last = measure::records_name(&memo.columns).to_owned();
    }
    let offset = memo.offset;
    let mut answer = json!({"model": memo.model, "columns": specs, "rows": rows,
        "offset": offset, "has_more": has_more});
    // Beyond the last page the total is unknown.
    if !has_more && (count > 0 || offset == 0) {
        answer["total"] = json!(offset + count as i64);
    }
    if in_zone {
        answer["time_zone"] = json!(zone.name());
    }
    Ok(Answer::object(answer).rows(count))
}

/// The value of a date group: the local time of its start, or a number.
fn bucket(value: &Value, shown: Shown, zone: Tz) -> Value {
    match (shown, value) {
        (_, Value::Bool(false)) => Value::Null,
        (Shown::Day | Shown::LocalDay, Value::String(text)) => {
            json!(text.get(..10).unwrap_or(text))
        }
        (Shown::Hour, Value::String(local)) => accept_datetime(local, zone)
            .ok()
            .and_then(|utc| present_datetime(&utc, zone))
            .map_or_else(|| value.clone(), Value::String),
        (Shown::Part | Shown::LocalPart, Value::Number(number)) => match number.as_f64() {
            Some(float) if float.fract() == 0.0 && float.abs() < 1e15 => json!(float as i64),
            _ => value.clone(),
        },
        _ => value.clone(),
    }
}

#[cfg(test)]
mod tests;
