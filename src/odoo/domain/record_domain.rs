//! The record domain of an access record or a key's rule, as an administrator writes it: a Python literal with variables.

use super::{python, read};
use crate::error::{Error, Result};
use serde_json::{Value, json};

/// Names that stand for values of the calling user.
const VARIABLES: [&str; 3] = ["uid", "company_id", COMPANIES];
/// The one that is a list.
const COMPANIES: &str = "company_ids";
const LONGEST: usize = 10_000;

/// The terms of a domain, with `{"var": name}` in place of a variable. Whether the fields exist is not checked.
///
/// # Errors
/// A text that is no literal or no domain, with the position.
pub fn parse(text: &str) -> Result<Value> {
    if text.chars().count() > LONGEST {
        return Err(Error::bad_arguments(format!(
            "The domain has more than {LONGEST} characters."
        )));
    }
    let terms = python::parse_with(text.trim(), &VARIABLES)
        .map_err(|error| Error::bad_arguments(error.message))?;
    if !terms.is_array() {
        return Err(Error::bad_arguments(
            "A domain is a list, such as [('active', '=', True)].",
        ));
    }
    let any = |name| {
        if name == COMPANIES {
            json!([1])
        } else {
            json!(1)
        }
    };
    let variables = VARIABLES.map(|name| (name, any(name)));
    read::parse(&read::with_values(&terms, &variables)?)?;
    Ok(terms)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_stand_for_values_of_the_caller() {
        for (text, terms) in [
            ("[]", json!([])),
            (
                "[('user_id', '=', uid)]",
                json!([["user_id", "=", {"var": "uid"}]]),
            ),
            (
                "[('company_id', 'in', company_ids)]",
                json!([["company_id", "in", {"var": "company_ids"}]]),
            ),
            (
                "[('company_id', 'in', [company_id, False])]",
                json!([["company_id", "in", [{"var": "company_id"}, false]]]),
            ),
            (
                "['|', ('a', '=', None), ('b.c', '!=', -1)]",
                json!(["|", ["a", "=", null], ["b.c", "!=", -1]]),
            ),
        ] {
            assert_eq!(parse(text).unwrap(), terms, "{text}");
        }
    }

    #[test]
    fn what_is_no_domain_is_refused_with_the_reason() {
        for (text, reason) in [
            ("uid", "is a list"),
            ("{'a': 1}", "dicts"),
            (
                "[('a', '=', user.id)]",
                "but for uid, company_id, company_ids",
            ),
            ("[('a', '=', company_ids + [1])]", "expected here"),
            ("[('a', '=', __import__('os'))]", "but for uid"),
            ("[(uid, '=', 1)]", "quotation marks"),
            ("[(company_id, '=', 1)]", "quotation marks"),
            ("[(1, '=', company_id)]", "quotation marks"),
            ("['|', (uid, '=', 1), ('a', '=', 1)]", "quotation marks"),
            ("[('a', 'any', [(uid, '=', 1)])]", "quotation marks"),
            ("[('a', uid, 1)]", "quotation marks"),
            ("[('a', '==', 1)]", "domain[0]"),
            ("[('a', 'in', [company_ids, 3])]", "domain[0]"),
            ("[('a', '=', 'x'), '&']", "domain"),
            ("('a', '=', 'x')", "single term"),
            ("[('a', '=', 1e999)]", "number"),
            (&"[".repeat(5_000), "nested"),
            (
                &format!("[('a', '=', '{}')]", "x".repeat(10_000)),
                "10000 characters",
            ),
        ] {
            let error = parse(text).unwrap_err().to_string();
            assert!(error.contains(reason), "{text}: {error}");
        }
    }
}
