//! Measures of a group: a field and an aggregate function.

use super::group::{Unsure, is_stored};
use crate::error::{Error, Result};
use crate::odoo::field::{Field, FieldType};
use crate::odoo::models::known;
use crate::text::json::clip;
use crate::text::suggest::{did_you_mean, nearest};
use crate::tools::context::Context;
use serde_json::json;

/// The record count's name in Odoo and in answers.
pub const COUNT: &str = "__count";
const RECORDS: &str = "count";

const FUNCTIONS: [&str; 6] = ["sum", "avg", "min", "max", "count", "count_distinct"];
/// Names of the functions in other languages and libraries.
const ELSEWHERE: [(&str, &str); 9] = [
    ("average", "avg"),
    ("mean", "avg"),
    ("total", "sum"),
    ("minimum", "min"),
    ("maximum", "max"),
    ("distinct", "count_distinct"),
    ("countd", "count_distinct"),
    ("unique", "count_distinct"),
    ("number", "count"),
];

/// One measure.
#[derive(Debug, Clone)]
pub struct Measure {
    /// In Odoo's syntax: `amount_total:sum`.
    pub spec: String,
    /// The type of the result.
    pub result: FieldType,
}

/// The column name of the record count. A grouping field of the same name takes precedence.
pub fn records_name(columns: &[String]) -> &'static str {
    let taken = columns.iter().any(|column| column == RECORDS);
    if taken { COUNT } else { RECORDS }
}

/// Whether the text names the record count.
pub fn is_count(text: &str) -> bool {
    matches!(text, COUNT | RECORDS)
}

/// Reads one measure; `at` is its position, for errors.
///
/// # Errors
/// Bad arguments for an invalid measure; denied for a hidden field.
pub fn read(
    context: &Context,
    model: &str,
    text: &str,
    at: &str,
    unsure: &mut Unsure,
) -> Result<Measure> {
    let text = text.trim();
    if is_count(text) {
        return Ok(Measure {
            spec: COUNT.to_owned(),
            result: FieldType::Integer,
        });
    }
    let (name, function) = match text.split_once(':') {
        Some((name, function)) => (name.trim(), Some(function.trim())),
        None => (text, None),
    };
    if let Some(turned) = turned_round(text) {
        return Err(Error::bad_arguments(format!(
            "{at}: a measure is a field, a colon and a function. Write {turned:?}."
        )));
    }
    if name.contains('.') {
        return Err(Error::bad_arguments(format!(
            "{at}: {:?} is a path; only fields of {model} itself are measured. Aggregate the other model instead.",
            clip(name, 60)
        )));
    }
    let described = context.models.model_with(model, &[name])?;
    let field = known(&described.fields, name, at)?.clone();
    let able = functions(&field);
    if able.is_empty() {
        let advice = match (&field.relation, field.ttype) {
            (Some(relation), FieldType::One2many) => {
                format!(" Aggregate {relation} instead, grouped by its own fields.")
            }
            (Some(_), FieldType::Many2many) => " Group by it, and take count.".to_owned(),
            _ => near(context, model, &field)?,
        };
        return Err(Error::bad_arguments(format!(
            "{at}: {name:?} of {model} is a {} field, which cannot be measured.{advice}",
            field.ttype
        )));
    }
    let Some(function) = function else {
        let usual = able.first().copied().unwrap_or_default();
        return Err(Error::bad_arguments(format!(
            "{at}: say what to measure of {name:?}. Write \"{name}:{usual}\"; there are: {}.",
            able.join(", ")
        )));
    };
    if !able.contains(&function) {
        return Err(no_function(&field, function, able, at));
    }
    let spec = format!("{name}:{function}");
    if !field.store {
        let near = near(context, model, &field)?;
        let name = format!(
            "{at}: {name:?} of {model} is computed and not stored, so Odoo cannot measure it.{near}"
        );
        unsure.insert(spec.clone(), json!(name));
    }
    let result = match function {
        "count" | "count_distinct" => FieldType::Integer,
        "avg" => FieldType::Float,
        // Functions that return a record return its id.
        _ if field.ttype == FieldType::Many2one => FieldType::Integer,
        _ => field.ttype,
    };
    Ok(Measure { spec, result })
}

/// Aggregate functions for the field's type, the default first.
fn functions(field: &Field) -> &'static [&'static str] {
    use FieldType::*;
    match field.ttype {
        Integer | Float | Monetary => &FUNCTIONS,
        Date | Datetime => &["max", "min", "count", "count_distinct"],
        Char | Text | Html | Selection | Many2one | Many2oneReference | Reference => {
            &["count_distinct", "count", "min", "max"]
        }
        Boolean => &["count_distinct", "count"],
        One2many | Many2many | Binary | Image | Json | Properties | PropertiesDefinition
        | Serialized | Other => &[],
    }
}

fn no_function(field: &Field, function: &str, able: &[&str], at: &str) -> Error {
    let name = &field.name;
    let meant = ELSEWHERE
        .iter()
        .find(|(other, _)| *other == function.to_lowercase())
        .map(|(_, ours)| *ours)
        .or_else(|| nearest(function, FUNCTIONS.into_iter(), 1).first().copied());
    let advice = match meant {
        Some(meant) if able.contains(&meant) => format!(" Write \"{name}:{meant}\"."),
        _ => String::new(),
    };
    Error::bad_arguments(format!(
        "{at}: {:?} cannot be taken of {name:?}, a {} field.{advice} There are: {}.",
        clip(function, 40),
        field.ttype,
        able.join(", ")
    ))
}

/// Corrects `sum(amount_total)` and `sum:amount_total`.
fn turned_round(text: &str) -> Option<String> {
    let (function, name) = match text.strip_suffix(')') {
        Some(call) => call.split_once('(')?,
        None => text.split_once(':')?,
    };
    let (function, name) = (function.trim().to_lowercase(), name.trim());
    let is_name = |text: &str| {
        !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    let function = match function.as_str() {
        "count" if text.ends_with(')') && matches!(name, "" | "*") => {
            return Some(RECORDS.to_owned());
        }
        known if FUNCTIONS.contains(&known) => known,
        _ => return None,
    };
    (is_name(name) && !FUNCTIONS.contains(&name)).then(|| format!("{name}:{function}"))
}

/// Suggests measurable fields with similar names.
fn near(context: &Context, model: &str, field: &Field) -> Result<String> {
    let model = context.models.model(model)?;
    let all = model.fields.all().iter();
    let able = all.filter(|other| {
        is_stored(other) && functions(other).first() == functions(field).first().or(Some(&"sum"))
    });
    Ok(did_you_mean(
        &field.name,
        able.map(|other| other.name.as_str()),
    ))
}
