//! Parses JSON, or a text with JSON or a Python literal, into a well-formed domain.

use serde_json::{Value, json};

use super::{
    Domain, Leaf, MOST_DEPTH, MOST_ITEMS, MOST_LEAVES, Operand, Operator, Term, python, value,
};
use crate::error::{Error, Result};
use crate::text::json::{self, brief, clip, kind};

const LONGEST_PATH: usize = 300;
const EXAMPLE: &str = r#"[["name", "ilike", "x"]]"#;

/// Parse a search domain: a JSON array, or a text with one. A text may also be a Python literal of lists, tuples,
/// texts, numbers, True, False and None. Everything else is refused with its position, the expected form and an
/// example; no error results in a domain.
///
/// `null` in a leaf becomes `false`, Odoo's "not set", and `<>` becomes `!=`; the rest is unchanged.
pub fn parse(value: &Value) -> Result<Domain> {
    parse_for(value, &[])
}

/// As [`parse`]. In a Python literal the `variables` have these values, such as `uid` that of the caller.
pub fn parse_for(value: &Value, variables: &[(&str, Value)]) -> Result<Domain> {
    let mut leaves = 0;
    match value {
        Value::Array(items) => read_terms(items, "domain", 0, &mut leaves),
        Value::String(text) => match literal_for(text, "domain", EXAMPLE, variables)? {
            Value::Array(items) => read_terms(&items, "domain", 0, &mut leaves),
            other => Err(not_a_list(&other)),
        },
        other => Err(not_a_list(other)),
    }
}

fn not_a_list(value: &Value) -> Error {
    let mut message = format!(
        "domain: expected a list of terms such as {EXAMPLE}, not {} ({}).",
        kind(value),
        brief(value)
    );
    if let Value::Object(object) = value
        && let Some((field, value)) = object.iter().next()
    {
        let term = json!([[field, "=", value]]);
        message.push_str(&format!(" Write {}.", brief(&term)));
    }
    Error::bad_arguments(message)
}

/// The value of a text that is JSON or a Python literal; `at` names the argument, `example` is a valid value.
///
/// # Errors
/// Bad arguments, with the first character that fits neither.
pub fn literal(text: &str, at: &str, example: &str) -> Result<Value> {
    literal_for(text, at, example, &[])
}

fn literal_for(text: &str, at: &str, example: &str, variables: &[(&str, Value)]) -> Result<Value> {
    if text.trim().is_empty() {
        return Err(Error::bad_arguments(format!(
            "{at}: the text is empty. Write {example}, or [] for all records."
        )));
    }
    let bad_json = match json::parse(text) {
        Ok(Value::String(inner)) => {
            return Err(Error::bad_arguments(format!(
                "{at}: the JSON text holds another text ({}): it was encoded twice. Give the list itself, {example}.",
                brief(&Value::String(inner))
            )));
        }
        Ok(value) => return Ok(value),
        Err(bad_json) => bad_json,
    };
    let names: Vec<&str> = variables.iter().map(|(name, _)| *name).collect();
    let terms = python::parse_with(text, &names).map_err(|bad_python| {
        let message = if bad_python.offset > bad_json.offset {
            bad_python.message
        } else {
            bad_json.message
        };
        Error::bad_arguments(format!(
            "{at}: {message} Expected a list such as {example}."
        ))
    })?;
    with_values(&terms, variables)
}

/// The terms of a literal with the values of its variables. Only an operand can be one: a field or an operator that is a
/// variable, and a variable beside a constant such as `(1, '=', uid)`, would make a term that is always true.
pub(super) fn with_values(terms: &Value, variables: &[(&str, Value)]) -> Result<Value> {
    let is_variable = Value::is_object;
    match terms {
        Value::Object(variable) => {
            let name = variable
                .get("var")
                .and_then(Value::as_str)
                .unwrap_or_default();
            let known = variables.iter().find(|(known, _)| *known == name);
            Ok(known.map_or(Value::Null, |(_, value)| value.clone()))
        }
        Value::Array(items) => {
            let is_wrong = match items.as_slice() {
                [path, operator, value] if operator.is_string() => {
                    is_variable(path) || path.is_number() && is_variable(value)
                }
                [path, operator, _] => path.is_string() && is_variable(operator),
                _ => false,
            };
            if is_wrong {
                return Err(Error::bad_arguments(
                    "domain: a name such as uid can only be the value of a term. Write the field in quotation marks, as in \
                     [('user_id', '=', uid)].",
                ));
            }
            items
                .iter()
                .map(|item| with_values(item, variables))
                .collect()
        }
        other => Ok(other.clone()),
    }
}

fn read_terms(items: &[Value], place: &str, depth: usize, leaves: &mut usize) -> Result<Domain> {
    if depth >= MOST_DEPTH {
        return Err(Error::bad_arguments(format!(
            "{place}: nested more than {MOST_DEPTH} levels deep."
        )));
    }
    if items.len() > MOST_ITEMS {
        return Err(Error::bad_arguments(format!(
            "{place}: {} terms; at most {MOST_ITEMS} are taken.",
            items.len()
        )));
    }
    refuse_bare_leaf(items, place)?;
    let terms = items
        .iter()
        .enumerate()
        .map(|(index, item)| read_term(item, &format!("{place}[{index}]"), depth, leaves))
        .collect::<Result<Vec<_>>>()?;
    check_arity(&terms, items, place)?;
    Ok(Domain { terms })
}

/// Refuse `["name", "=", "x"]` in place of `[["name", "=", "x"]]`.
fn refuse_bare_leaf(items: &[Value], place: &str) -> Result<()> {
    let bare = match items {
        [Value::String(first), Value::String(_), _] => prefix_operator(first).is_none(),
        [Value::Number(_), Value::String(_), _] => true,
        _ => false,
    };
    if bare {
        let leaf = Value::from(items);
        return Err(Error::bad_arguments(format!(
            "{place}: a single term must stand in a list of terms. Write [{}].",
            brief(&leaf)
        )));
    }
    Ok(())
}

fn prefix_operator(text: &str) -> Option<Term> {
    match text {
        "&" => Some(Term::And),
        "|" => Some(Term::Or),
        "!" => Some(Term::Not),
        _ => None,
    }
}

fn read_term(item: &Value, position: &str, depth: usize, leaves: &mut usize) -> Result<Term> {
    match item {
        Value::String(text) => prefix_operator(text).ok_or_else(|| {
            let advice = match text.to_lowercase().as_str() {
                "and" | "&&" => "Use \"&\", before its two terms; terms side by side are joined by it anyway.",
                "or" | "||" => "Use \"|\", before its two terms.",
                "not" => "Use \"!\", before its term.",
                _ => "Expected a term such as [\"name\", \"=\", \"x\"], or one of \"&\", \"|\", \"!\" before its terms.",
            };
            Error::bad_arguments(format!("{position}: unexpected text \"{}\". {advice}", clip(text, 60)))
        }),
        Value::Array(parts) => read_leaf(parts, position, depth, leaves),
        other => Err(Error::bad_arguments(format!(
            "{position}: expected a term such as [\"name\", \"=\", \"x\"], not {} ({}).",
            kind(other),
            brief(other)
        ))),
    }
}

fn read_leaf(parts: &[Value], position: &str, depth: usize, leaves: &mut usize) -> Result<Term> {
    *leaves += 1;
    if *leaves > MOST_LEAVES {
        return Err(Error::bad_arguments(format!(
            "{position}: more than {MOST_LEAVES} terms in all. Use \"in\" with a list of values."
        )));
    }
    refuse_group(parts, position)?;
    let [field, operator, value] = parts else {
        return Err(Error::bad_arguments(format!(
            "{position}: a term has three items, field, operator and value, and this one has {} ({}). Example: \
             [\"name\", \"=\", \"x\"]",
            parts.len(),
            brief(&Value::from(parts))
        )));
    };
    if let Value::Number(number) = field {
        let truth = number.as_i64().filter(|truth| matches!(truth, 0 | 1));
        return match (truth, operator.as_str(), value.as_i64()) {
            (Some(truth), Some("="), Some(1)) => Ok(Term::Constant(truth == 1)),
            _ => Err(Error::bad_arguments(format!(
                "{position}[0]: a field name is expected, not a number. The only terms without a field are [1, \"=\", 1] \
                 (all records) and [0, \"=\", 1] (none)."
            ))),
        };
    }
    let path = field.as_str().ok_or_else(|| {
        Error::bad_arguments(format!(
            "{position}[0]: expected a field name such as \"name\" or \"partner_id.name\", not {} ({}).",
            kind(field),
            brief(field)
        ))
    })?;
    check_path(path, &format!("{position}[0]"))?;
    let operator = operator.as_str().ok_or_else(|| {
        Error::bad_arguments(format!(
            "{position}[1]: expected an operator such as \"=\", not {} ({}).",
            kind(operator),
            brief(operator)
        ))
    })?;
    let operator = Operator::read(operator, &format!("{position}[1]"))?;
    let value_position = format!("{position}[2]");
    let operand = match value {
        Value::Array(items) if operator.takes_domain() => {
            Operand::Domain(read_terms(items, &value_position, depth + 1, leaves)?)
        }
        _ => Operand::Value(value::check(value, path, operator, &value_position)?),
    };
    Ok(Term::Leaf(Leaf {
        position: position.to_owned(),
        path: path.to_owned(),
        operator,
        operand,
    }))
}

/// Refuse `["|", [a], [b]]` and `[[a], [b]]` as a term: other query languages nest, Odoo does not.
fn refuse_group(parts: &[Value], position: &str) -> Result<()> {
    let grouped = match parts.first() {
        Some(Value::Array(_)) => true,
        Some(Value::String(first)) => prefix_operator(first).is_some(),
        _ => false,
    };
    if grouped {
        return Err(Error::bad_arguments(format!(
            "{position}: terms are not grouped in a list of their own. Write \"|\" or \"&\" before its two terms in the one \
             list: [\"|\", [\"name\", \"=\", \"x\"], [\"email\", \"=\", \"x\"], [\"active\", \"=\", true]]"
        )));
    }
    Ok(())
}

/// Check a path of field names separated by dots. After the first dot, a property may follow, with a name that may
/// begin with a digit.
fn check_path(path: &str, position: &str) -> Result<()> {
    let word = |name: &str| {
        !name.is_empty()
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    let well_formed = path.len() <= LONGEST_PATH
        && path.split('.').all(word)
        && path.split('.').count() <= MOST_DEPTH
        && !path.starts_with(|first: char| first.is_ascii_digit());
    if well_formed {
        return Ok(());
    }
    let advice = if path.contains('/') && path.replace('/', ".").split('.').all(word) {
        format!(" Write \"{}\".", path.replace('/', "."))
    } else {
        String::new()
    };
    Err(Error::bad_arguments(format!(
        "{position}: \"{}\" is not a field path. Expected names with dots between them, such as \"name\" or \
         \"partner_id.country_id.code\".{advice}",
        clip(path, 60)
    )))
}

/// Check that each prefix operator has its terms and that groups are not too deep. Reads from the end, as Odoo does.
fn check_arity(terms: &[Term], items: &[Value], place: &str) -> Result<()> {
    // The terms to the right, nearest last: the joining operator and the nesting depth of each.
    let mut right: Vec<(Option<&Term>, usize)> = Vec::new();
    for (index, term) in terms.iter().enumerate().rev() {
        let needs = match term {
            Term::And | Term::Or => 2,
            Term::Not => 1,
            Term::Constant(_) | Term::Leaf(_) => {
                right.push((None, 0));
                continue;
            }
        };
        if right.len() < needs {
            return Err(too_few(items, place, index, needs, right.len()));
        }
        let joined = right.split_off(right.len() - needs);
        // Odoo treats a long chain of the same operator as one flat group.
        let level = |(operator, depth): &(Option<&Term>, usize)| match operator {
            Some(Term::Not) => depth + 1,
            Some(operator) if *operator == term => *depth,
            Some(_) => depth + 1,
            None => 1,
        };
        let depth = joined.iter().map(level).max().unwrap_or(0);
        if depth > MOST_DEPTH {
            return Err(Error::bad_arguments(format!(
                "{place}[{index}]: operators nested more than {MOST_DEPTH} levels deep."
            )));
        }
        right.push((Some(term), depth));
    }
    Ok(())
}

fn too_few(items: &[Value], place: &str, index: usize, needs: usize, found: usize) -> Error {
    let operator = items.get(index).and_then(Value::as_str).unwrap_or_default();
    let example = match (
        index.checked_sub(1).and_then(|i| items.get(i)),
        items.get(index + 1),
    ) {
        (Some(left @ Value::Array(_)), Some(right @ Value::Array(_))) if needs == 2 => {
            format!("[\"{operator}\", {}, {}]", brief(left), brief(right))
        }
        _ if needs == 2 => {
            format!("[\"{operator}\", [\"name\", \"=\", \"x\"], [\"email\", \"=\", \"x\"]]")
        }
        _ => "[\"!\", [\"name\", \"=\", \"x\"]]".to_owned(),
    };
    let terms = if needs == 1 {
        "the term"
    } else {
        "the two terms"
    };
    Error::bad_arguments(format!(
        "{place}[{index}]: \"{operator}\" stands before {terms} it applies to, and {found} of {needs} follow: {} missing. \
         Example: {example}",
        needs - found
    ))
}
