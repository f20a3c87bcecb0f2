//! Checks that a value fits its operator.

use serde_json::{Value, json};

use super::{MOST_ITEMS, Operator};
use crate::error::{Error, Result};
use crate::text::json::{brief, kind};

/// Check the value of a leaf, and convert null to `false`, which means "not set" in Odoo.
pub fn check(value: &Value, path: &str, operator: Operator, position: &str) -> Result<Value> {
    use Operator::*;
    let wrong = |expected: &str, example: Value| {
        Error::bad_arguments(format!(
            "{position}: `{}` takes {expected}, not {} ({}). Example: [\"{path}\", {}, {example}]",
            operator.as_str(),
            kind(value),
            brief(value),
            json!(operator.as_str()),
        ))
    };
    if let Value::Array(items) = value
        && items.len() > MOST_ITEMS
    {
        return Err(Error::bad_arguments(format!(
            "{position}: {} items in one list; at most {MOST_ITEMS} are taken.",
            items.len()
        )));
    }
    match operator {
        In | NotIn => match value {
            Value::Array(items) => items
                .iter()
                .enumerate()
                .map(|(index, item)| scalar(item, || format!("{position}[{index}]")))
                .collect(),
            Value::Object(_) => Err(wrong("a list of values", json!([1, 2]))),
            single => Err(wrong("a list of values", json!([single]))),
        },
        Equal | NotEqual | EqualIfSet => match value {
            Value::Array(_) if operator == EqualIfSet => Err(wrong("a single value", json!(1))),
            Value::Array(_) => {
                let list = if operator == Equal { "in" } else { "not in" };
                Err(Error::bad_arguments(format!(
                    "{position}: `{}` takes a single value, not an array. For a list write [\"{path}\", \"{list}\", {}].",
                    operator.as_str(),
                    brief(value)
                )))
            }
            _ => scalar(value, || position.to_owned()),
        },
        Less | Greater | LessOrEqual | GreaterOrEqual => match value {
            Value::Number(_) | Value::String(_) => scalar(value, || position.to_owned()),
            Value::Null | Value::Bool(false) => Err(Error::bad_arguments(format!(
                "{position}: `{}` takes a number, a date or a text, not {}. For empty fields write [\"{path}\", \"=\", false].",
                operator.as_str(),
                brief(value)
            ))),
            _ => Err(wrong("a number, a date or a text", json!(10))),
        },
        Like | Ilike | EqualLike | EqualIlike | NotLike | NotIlike | NotEqualLike
        | NotEqualIlike => match value {
            Value::String(_) => scalar(value, || position.to_owned()),
            Value::Number(number) => Err(wrong("a text", json!(number.to_string()))),
            _ => Err(wrong("a text", json!("x"))),
        },
        ChildOf | ParentOf => {
            let fits = |item: &Value| item.is_string() || item.is_i64() || item.is_u64();
            match value {
                Value::Array(items) if items.iter().all(fits) => items
                    .iter()
                    .enumerate()
                    .map(|(index, item)| scalar(item, || format!("{position}[{index}]")))
                    .collect(),
                single if fits(single) => scalar(single, || position.to_owned()),
                _ => Err(wrong("an id, a list of ids or a name", json!(7))),
            }
        }
        Any | NotAny => Err(wrong("a domain", json!([["name", "=", "x"]]))),
    }
}

/// Check a single value that Odoo and PostgreSQL can represent.
fn scalar(value: &Value, position: impl Fn() -> String) -> Result<Value> {
    match value {
        Value::Null => Ok(Value::Bool(false)),
        Value::Array(_) | Value::Object(_) => Err(Error::bad_arguments(format!(
            "{}: expected a text, number, true or false, not {} ({}).",
            position(),
            kind(value),
            brief(value)
        ))),
        Value::String(text) if text.contains('\0') => Err(Error::bad_arguments(format!(
            "{}: the text contains a NUL character, which PostgreSQL cannot store.",
            position()
        ))),
        // The parser has converted a JSON integer beyond u64 to a float.
        Value::Number(number)
            if number.as_i64().is_none()
                && number
                    .as_f64()
                    .is_none_or(|float| float.abs() >= i64::MAX as f64) =>
        {
            Err(Error::bad_arguments(format!(
                "{}: the number {number} does not fit in 64 bits.",
                position()
            )))
        }
        _ => Ok(value.clone()),
    }
}
