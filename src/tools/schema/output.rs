//! Output schemas: of a tool's structured result, and of an elicitation form.

use super::LARGEST_PATTERN;
use super::explain::place;
use crate::error::{Error, Result};
use crate::text::json::clip;
use jsonschema::{PatternOptions, Validator};
use serde_json::Value;
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

thread_local! {
    /// Compiled schemas of this backend by source text. An administrator's edit is a new key.
    static VALIDATORS: RefCell<HashMap<String, Rc<Validator>>> = RefCell::default();
}

const MOST_VALIDATORS: usize = 256;

/// Validates a structured result against its tool's output schema.
///
/// # Errors
/// A failure that names the problem in the schema, or the invalid part of the result.
pub fn check(schema: &str, structured: Option<&Value>) -> Result<()> {
    let broken = |why: &str| {
        Err(Error::unusable(format!(
            "the tool's output schema does not hold: {why}"
        )))
    };
    let Some(structured) = structured else {
        return broken("it must give a structured result");
    };
    let validator = match validator(schema) {
        Ok(validator) => validator,
        Err(why) => return broken(&why),
    };
    match first_wrong(&validator, structured) {
        None => Ok(()),
        Some(wrong) => broken(&wrong),
    }
}

fn validator(text: &str) -> Result<Rc<Validator>, String> {
    if let Some(found) = VALIDATORS.with_borrow(|kept| kept.get(text).cloned()) {
        return Ok(found);
    }
    let schema: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let compiled = Rc::new(compile(&schema, false)?);
    VALIDATORS.with_borrow_mut(|kept| {
        if kept.len() >= MOST_VALIDATORS {
            kept.clear();
        }
        kept.insert(text.to_owned(), Rc::clone(&compiled));
    });
    Ok(compiled)
}

/// Compiles the schema of a form; `format` is validated.
///
/// # Errors
/// The problem in the schema.
pub fn form(schema: &Value) -> Result<Validator, String> {
    compile(schema, true)
}

/// Compiles JSON Schema 2020-12. Nothing is fetched, and patterns take linear time.
fn compile(schema: &Value, formats: bool) -> Result<Validator, String> {
    jsonschema::draft202012::options()
        .offline()
        .should_validate_formats(formats)
        .with_pattern_options(
            PatternOptions::regex()
                .size_limit(LARGEST_PATTERN)
                .dfa_size_limit(LARGEST_PATTERN),
        )
        .build(schema)
        .map_err(|error| {
            format!(
                "this schema cannot be used: {}",
                clip(&error.to_string(), 300)
            )
        })
}

/// The first problem, with its position and without the value.
pub fn first_wrong(validator: &Validator, value: &Value) -> Option<String> {
    let error = validator.validate(value).err()?;
    let text = clip(&error.masked_with("what is given").to_string(), 300);
    Some(match place(&error).as_str() {
        "" => text,
        place => format!("`{place}`: {text}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const SCHEMA: &str = r#"{"type": "object", "properties": {"count": {"type": "integer"},
        "lines": {"type": "array", "items": {"type": "string"}}}, "required": ["count"]}"#;

    #[test]
    fn a_result_is_what_its_schema_says_or_an_error() {
        let ok = |value: Value| check(SCHEMA, Some(&value));
        assert_eq!(
            ok(json!({"count": 1, "lines": ["a"], "more": true})),
            Ok(())
        );
        for (value, text) in [
            (json!({}), "count"),
            (json!({"count": "secret value"}), "`count`"),
            (json!({"count": 1, "lines": ["a", 5]}), "`lines[1]`"),
            (json!([]), "object"),
        ] {
            let error = ok(value).unwrap_err().to_string();
            assert!(
                error.contains("output schema") && error.contains(text),
                "{error}"
            );
            assert!(!error.contains("secret value"), "{error}");
        }
        assert!(
            check(SCHEMA, None)
                .unwrap_err()
                .to_string()
                .contains("structured")
        );
        // Cached validators give the same results.
        assert!(ok(json!({})).is_err() && ok(json!({"count": 5})).is_ok());
    }

    #[test]
    fn a_schema_that_cannot_be_used_is_told() {
        for schema in [
            "{",
            r#"{"type": "objekt"}"#,
            r#"{"$ref": "https://example.com/x"}"#,
        ] {
            let error = check(schema, Some(&json!({}))).unwrap_err();
            assert!(error.to_string().contains("output schema"), "{error}");
        }
    }
}
