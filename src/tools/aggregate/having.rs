//! Filters groups by conditions on their measures.

use super::group::{Group, Unsure};
use super::measure;
use crate::error::{Error, Result};
use crate::odoo::field::FieldType;
use crate::text::json::{brief, clip, kind};
use crate::text::suggest::nearest;
use crate::time_zone::{accept_datetime, is_date};
use crate::tools::context::Context;
use serde_json::{Value, json};

pub const EXAMPLE: &str = r#"[["amount_total:sum", ">", 1000]]"#;
const OPERATORS: [&str; 6] = ["=", "!=", "<", ">", "<=", ">="];
const MOST: usize = 32;
const SERIES_WITH_HAVING: i64 = 17;

/// Reads the conditions into Odoo's syntax.
///
/// # Errors
/// Bad arguments with the position of the error, or denied.
pub fn read(
    context: &Context,
    model: &str,
    items: &[Value],
    groups: &[Group],
    unsure: &mut Unsure,
) -> Result<Vec<Value>> {
    if items.is_empty() {
        return Ok(Vec::new());
    }
    if groups.is_empty() {
        // Odoo would ignore it.
        return Err(Error::bad_arguments(
            "having: there are no groups to choose from without groupby. Use domain to choose records.",
        ));
    }
    if !context.policy.is_from(SERIES_WITH_HAVING) {
        return Err(Error::bad_arguments(
            "having: before Odoo 17 groups cannot be chosen by their measures. Leave it out, and look at the measures.",
        ));
    }
    if items.len() > MOST {
        return Err(Error::bad_arguments(format!(
            "having: {} conditions; at most {MOST} are taken.",
            items.len()
        )));
    }
    if let [Value::String(first), Value::String(_), _] = items
        && !is_prefix(first)
    {
        return Err(Error::bad_arguments(format!(
            "having: a single condition must stand in a list of conditions. Write [{}].",
            brief(&Value::from(items))
        )));
    }
    arity(items)?;
    let read = items.iter().enumerate().map(|(at, item)| match item {
        Value::String(prefix) => Ok(json!(prefix)),
        other => condition(
            context,
            model,
            other,
            groups,
            &format!("having[{at}]"),
            unsure,
        ),
    });
    read.collect()
}

fn is_prefix(text: &str) -> bool {
    matches!(text, "&" | "|" | "!")
}

/// Checks that each prefix operator `&`, `|` and `!` has its operands.
fn arity(items: &[Value]) -> Result<()> {
    let mut right = 0_usize;
    for (at, item) in items.iter().enumerate().rev() {
        let needs = match item {
            Value::String(text) => match text.as_str() {
                "&" | "|" => 2,
                "!" => 1,
                other => {
                    return Err(Error::bad_arguments(format!(
                        "having[{at}]: unexpected text {:?}. Expected a condition such as [\"amount_total:sum\", \">\", \
                         1000], or one of \"&\", \"|\", \"!\" before its conditions.",
                        clip(other, 60)
                    )));
                }
            },
            _ => {
                right += 1;
                continue;
            }
        };
        if right < needs {
            return Err(Error::bad_arguments(format!(
                "having[{at}]: {item} stands before the {needs} conditions it joins, and {right} follow."
            )));
        }
        right = right - needs + 1;
    }
    Ok(())
}

fn condition(
    context: &Context,
    model: &str,
    item: &Value,
    groups: &[Group],
    at: &str,
    unsure: &mut Unsure,
) -> Result<Value> {
    let Some([name, operator, value]) = item.as_array().map(Vec::as_slice) else {
        return Err(Error::bad_arguments(format!(
            "{at}: expected a condition of measure, operator and value, such as [\"amount_total:sum\", \">\", 1000], \
             not {} ({}).",
            kind(item),
            brief(item)
        )));
    };
    let Some(name) = name.as_str() else {
        return Err(Error::bad_arguments(format!(
            "{at}[0]: expected a measure such as \"amount_total:sum\" or \"count\", not {} ({}).",
            kind(name),
            brief(name)
        )));
    };
    let place = format!("{at}[0]");
    if !measure::is_count(name)
        && let Some(group) = groups.iter().find(|group| group.spec == name)
    {
        return Err(Error::bad_arguments(format!(
            "{place}: {:?} is what the records are grouped by; having compares measures. Put it into domain: [[{:?}, …]].",
            group.spec, group.path
        )));
    }
    let measure = measure::read(context, model, name, &place, unsure)?;
    let operator = operator.as_str().unwrap_or_default();
    let operator = if operator == "<>" { "!=" } else { operator };
    if !OPERATORS.contains(&operator) {
        let near = match nearest(operator, OPERATORS.into_iter(), 1).first() {
            Some(near) => format!(" Use `{near}`."),
            None => String::new(),
        };
        return Err(Error::bad_arguments(format!(
            "{at}[1]: unknown operator `{}`.{near} Measures are compared by: {}.",
            clip(operator, 40),
            OPERATORS.join("  ")
        )));
    }
    let value = compared(context, &measure, name, value, &format!("{at}[2]"))?;
    Ok(json!([measure.spec, operator, value]))
}

/// The operand of a measure's condition, in a type that PostgreSQL accepts.
fn compared(
    context: &Context,
    measure: &measure::Measure,
    name: &str,
    value: &Value,
    at: &str,
) -> Result<Value> {
    let wrong = |expected: &str, example: Value| {
        Error::bad_arguments(format!(
            "{at}: {name:?} is compared with {expected}, not {} ({}). Example: [{name:?}, \">\", {example}]",
            kind(value),
            brief(value)
        ))
    };
    let text = value.as_str().filter(|text| !text.contains('\0'));
    match measure.result {
        FieldType::Integer
        | FieldType::Float
        | FieldType::Monetary
        | FieldType::Many2oneReference => match value.as_f64() {
            Some(number) if number.abs() < i64::MAX as f64 => Ok(value.clone()),
            _ => Err(wrong("a number", json!(1000))),
        },
        FieldType::Date => match text.filter(|text| is_date(text)) {
            Some(text) => Ok(json!(text)),
            None => Err(wrong("a date", json!("2026-01-31"))),
        },
        FieldType::Datetime => match text {
            Some(text) => accept_datetime(text, context.user.zone())
                .map(Value::String)
                .map_err(|error| Error::bad_arguments(format!("{at}: {error}"))),
            None => Err(wrong("a datetime", json!("2026-01-31 14:30:00"))),
        },
        _ => match text {
            Some(text) => Ok(json!(text)),
            None => Err(wrong("a text", json!("m"))),
        },
    }
}
