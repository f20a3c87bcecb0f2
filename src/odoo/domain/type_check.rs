//! Type-checks the operands of domains: rejects values that Odoo would silently convert or never match.

use crate::error::{Error, Result};
use crate::odoo::domain::{Domain, Operator};
use crate::odoo::field::FieldType;
use crate::odoo::models::Models;
use crate::odoo::selection;
use crate::text::json::{brief, clip};
use serde_json::Value;

/// Refuse texts that are not numbers for numeric fields, not booleans for boolean fields, and not one of the values of
/// a selection. Requires resolved paths.
///
/// # Errors
/// Bad arguments, with the position and the expected value.
pub fn check(models: &Models, model: &str, domain: &Domain) -> Result<()> {
    for leaf in domain.leaves() {
        let texts: Vec<(String, &str)> = match leaf.value {
            Some(Value::String(text)) => vec![(format!("{}[2]", leaf.position), text)],
            Some(Value::Array(items)) => items
                .iter()
                .enumerate()
                .filter_map(|(at, item)| {
                    Some((format!("{}[2][{at}]", leaf.position), item.as_str()?))
                })
                .collect(),
            _ => continue,
        };
        if texts.is_empty() {
            continue;
        }
        let (owner, field) = models.resolve_owned(model, &leaf.path, leaf.position)?;
        let choices = match field.ttype {
            FieldType::Selection if compares_whole(leaf.operator) => {
                models.choices(&owner, &field.name)?
            }
            _ => Vec::new(),
        };
        for (at, text) in texts {
            match field.ttype {
                FieldType::Selection => selection::check(&at, &owner, &field.name, text, &choices)?,
                ttype => check_plain(&at, &field.name, ttype, leaf.operator, text)?,
            }
        }
    }
    Ok(())
}

/// Whether the operand must be one of the field's values.
fn compares_whole(operator: Operator) -> bool {
    use Operator::{Equal, EqualIfSet, In, NotEqual, NotIn};
    matches!(operator, Equal | NotEqual | EqualIfSet | In | NotIn)
}

fn check_plain(
    at: &str,
    name: &str,
    ttype: FieldType,
    operator: Operator,
    text: &str,
) -> Result<()> {
    use Operator::{Greater, GreaterOrEqual, Less, LessOrEqual};
    let compares = compares_whole(operator)
        || matches!(operator, Less | Greater | LessOrEqual | GreaterOrEqual);
    let expected = match ttype {
        FieldType::Integer | FieldType::Float | FieldType::Monetary
            if compares && text.trim().parse::<f64>().is_err() =>
        {
            "a number"
        }
        FieldType::Boolean if compares => "true or false, without quotes",
        _ => return Ok(()),
    };
    Err(Error::bad_arguments(format!(
        "{at}: {name:?} is a {ttype} field and is compared with {expected}, not with the text {}.",
        brief(&Value::String(clip(text, 60)))
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_are_no_numbers_or_truths_are_refused() {
        let described = |ttype, operator, text: &str| {
            check_plain("domain[0][2]", "f", ttype, operator, text).is_err()
        };
        assert!(described(FieldType::Monetary, Operator::Greater, "much"));
        assert!(described(FieldType::Integer, Operator::In, "1a"));
        assert!(described(FieldType::Boolean, Operator::Equal, "true"));
        assert!(!described(FieldType::Float, Operator::Equal, "12.5"));
        assert!(!described(FieldType::Integer, Operator::Ilike, "much"));
        assert!(!described(FieldType::Char, Operator::Equal, "much"));
        assert!(!described(FieldType::Many2one, Operator::Equal, "much"));
    }
}
