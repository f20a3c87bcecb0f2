//! Groupings: a field, a path of many2one fields, or a date by granularity.

use crate::error::{Error, Result};
use crate::odoo::field::{Field, FieldType};
use crate::odoo::models::{FieldVisibility, known};
use crate::policy::{Layer, Refusal};
use crate::text::json::clip;
use crate::text::suggest::{did_you_mean, nearest};
use crate::tools::context::Context;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// Specifications that only Odoo can check (groups and measures by computed fields), each with the error message for a
/// refusal.
pub type Unsure = Map<String, Value>;

/// Whether a field's values are stored in the database, for suggestions.
pub fn is_stored(field: &Field) -> bool {
    field.store
}

/// Time granularities (`READ_GROUP_TIME_GRANULARITY` in odoo/orm/utils.py); `hour` applies to datetimes only.
const GRANULARITIES: [&str; 6] = ["day", "week", "month", "quarter", "year", "hour"];
/// Numeric date parts (`READ_GROUP_NUMBER_GRANULARITY`); the last three apply to datetimes only.
const PARTS: [&str; 10] = [
    "year_number",
    "quarter_number",
    "month_number",
    "iso_week_number",
    "day_of_year",
    "day_of_month",
    "day_of_week",
    "hour_number",
    "minute_number",
    "second_number",
];
const OF_DATETIMES: [&str; 4] = ["hour", "hour_number", "minute_number", "second_number"];
/// Odoo's first versions with numeric date parts, and with paths.
const SERIES_WITH_PARTS: i64 = 18;
const SERIES_WITH_PATHS: i64 = 19;
const LONGEST: usize = 300;

/// One grouping.
#[derive(Debug, Clone)]
pub struct Group {
    /// In Odoo's syntax: `partner_id`, `date_order:month`.
    pub spec: String,
    /// The specification without the granularity.
    pub path: String,
    /// The field at the end of the path.
    pub field: Field,
    pub shown: Shown,
}

/// How the values of a group are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shown {
    /// Like the field's own values.
    Plain,
    /// The first day of a date granularity; for datetimes, in the user's time zone.
    Day,
    LocalDay,
    /// The start of an hour.
    Hour,
    /// A number.
    Part,
    LocalPart,
}

impl Shown {
    /// Whether the value depends on the user's time zone without naming it.
    pub fn is_in_zone(self) -> bool {
        matches!(self, Self::LocalDay | Self::LocalPart)
    }
}

/// Reads one entry of `groupby`; `at` is its position, for errors.
///
/// # Errors
/// Bad arguments for an invalid entry; denied for a hidden field or record.
pub fn read(
    context: &Context,
    model: &str,
    text: &str,
    at: &str,
    unsure: &mut Unsure,
) -> Result<Group> {
    let text = text.trim();
    let (path, granularity) = match text.split_once(':') {
        Some((path, granularity)) => (path, Some(granularity)),
        None => (text, None),
    };
    if path.is_empty() || path.len() > LONGEST {
        return Err(Error::bad_arguments(format!(
            "{at}: {:?} names no field. Example: [\"partner_id\", \"create_date:month\"].",
            clip(text, 60)
        )));
    }
    let (owner, field, stored) = walk(context, model, path, at)?;
    let shown = match field.ttype {
        FieldType::Date | FieldType::Datetime => {
            let is_day = field.ttype == FieldType::Date;
            read_granularity(context, path, granularity, is_day, at)?
        }
        _ => {
            if granularity.is_some() {
                return Err(Error::bad_arguments(format!(
                    "{at}: {path:?} is a {} field, and only dates are grouped by stretches of time. Write {path:?}.",
                    field.ttype
                )));
            }
            Shown::Plain
        }
    };
    if !is_groupable(&field) {
        return Err(not_groupable(context, &owner, &field, at)?);
    }
    if !stored {
        let near = near(context, &owner, &field)?;
        let described = format!(
            "{at}: {path:?} of {model} is computed and not stored, so Odoo cannot group by it.{near}"
        );
        unsure.insert(text.to_owned(), json!(described));
    }
    Ok(Group {
        spec: text.to_owned(),
        path: path.to_owned(),
        field,
        shown,
    })
}

/// Resolves a path: the model of the last field, that field, and whether all fields on the path are stored.
fn walk(context: &Context, model: &str, path: &str, at: &str) -> Result<(String, Field, bool)> {
    let mut owner = model.to_owned();
    let mut stored = true;
    let mut steps = path.split('.').peekable();
    while let Some(step) = steps.next() {
        let described = context.models.model_with(&owner, &[step])?;
        let field = known(&described.fields, step, at)?.clone();
        stored = stored && field.store;
        if steps.peek().is_none() {
            return Ok((owner, field, stored));
        }
        let relation = match (&field.relation, field.ttype) {
            (Some(relation), FieldType::Many2one) => relation.clone(),
            (_, FieldType::Properties) => return Err(of_properties(step, at)),
            _ => {
                return Err(Error::bad_arguments(format!(
                    "{at}: {step:?} of {owner} is no many2one field, so {path:?} cannot go on after it."
                )));
            }
        };
        if !context.policy.is_from(SERIES_WITH_PATHS) {
            return Err(Error::bad_arguments(format!(
                "{at}: {path:?} is a path, and before Odoo 19 records are grouped by fields of their own only. Group by \
                 {step:?}."
            )));
        }
        context.policy.walk(&relation, at)?;
        // Odoo would show values of records that the policy hides.
        if !context.policy.terms(&relation).is_empty() {
            return Err(Refusal::new(
                Layer::RecordDomain,
                format!(
                    "some records of {relation} are out of reach for this caller, so what lies behind {step:?} cannot \
                     be grouped by. Group by {step:?}."
                ),
            )
            .at(at));
        }
        owner = relation;
    }
    Err(Error::bad_arguments(format!("{at}: empty field name.")))
}

/// Reads the granularity of a date grouping.
fn read_granularity(
    context: &Context,
    path: &str,
    granularity: Option<&str>,
    is_day: bool,
    at: &str,
) -> Result<Shown> {
    let parts: &[&str] = if context.policy.is_from(SERIES_WITH_PARTS) {
        &PARTS
    } else {
        &[]
    };
    let all = GRANULARITIES.iter().chain(parts).copied();
    let fits = |name: &&str| !(is_day && OF_DATETIMES.contains(name));
    let all: Vec<&str> = all.filter(fits).collect();
    let Some(wanted) = granularity else {
        return Err(Error::bad_arguments(format!(
            "{at}: {path:?} is a date: say by which stretch of time. Write \"{path}:month\", or one of: {}.",
            all.join(", ")
        )));
    };
    if !all.contains(&wanted) {
        let near = match nearest(wanted, all.iter().copied(), 1).first() {
            Some(near) => format!(" Write \"{path}:{near}\"."),
            None => String::new(),
        };
        return Err(Error::bad_arguments(format!(
            "{at}: {path:?} cannot be grouped by {:?}.{near} There are: {}.",
            clip(wanted, 40),
            all.join(", ")
        )));
    }
    Ok(match (wanted, is_day) {
        ("hour", _) => Shown::Hour,
        (part, true) if PARTS.contains(&part) => Shown::Part,
        (part, false) if PARTS.contains(&part) => Shown::LocalPart,
        (_, true) => Shown::Day,
        (_, false) => Shown::LocalDay,
    })
}

/// Whether Odoo can group by fields of this type.
fn is_groupable(field: &Field) -> bool {
    use FieldType::{
        Binary, Image, Json, One2many, Other, Properties, PropertiesDefinition, Serialized,
    };
    !matches!(
        field.ttype,
        Binary | Image | Json | One2many | Other | Properties | PropertiesDefinition | Serialized
    )
}

fn not_groupable(context: &Context, owner: &str, field: &Field, at: &str) -> Result<Error> {
    if field.ttype == FieldType::Properties {
        return Ok(of_properties(&field.name, at));
    }
    let name = &field.name;
    if let (FieldType::One2many, Some(relation)) = (field.ttype, &field.relation) {
        return Ok(Error::bad_arguments(format!(
            "{at}: {name:?} of {owner} is a list of records. Aggregate {relation} instead, grouped by its own fields."
        )));
    }
    Ok(Error::bad_arguments(format!(
        "{at}: {name:?} of {owner} is a {} field, which Odoo does not group by.{}",
        field.ttype,
        near(context, owner, field)?
    )))
}

fn of_properties(name: &str, at: &str) -> Error {
    Error::bad_arguments(format!(
        "{at}: {name:?} holds properties, which cannot be grouped by here. Count with a domain on each value, such as \
         [[\"{name}.property\", \"=\", value]]."
    ))
}

/// Suggests groupable fields with similar names.
fn near(context: &Context, owner: &str, field: &Field) -> Result<String> {
    let model = context.models.model(owner)?;
    let all = model.fields.all().iter();
    let able = all.filter(|other| is_stored(other) && is_groupable(other));
    Ok(did_you_mean(
        &field.name,
        able.map(|other| other.name.as_str()),
    ))
}
