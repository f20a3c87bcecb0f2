//! URIs of resources and their templates.

use odoo_mcp::resources::template::{LONGEST, Template, is_uri};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::inputs::{damaged, name, repeated, text};
use crate::runner::Suite;

/// The characters of a value that RFC 6570 leaves unencoded (3.2.2, simple expansion).
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

fn encoded(value: &str) -> String {
    utf8_percent_encode(value, RESERVED).to_string()
}

/// A possible value of a variable.
fn value() -> impl Strategy<Value = String> {
    text().prop_filter("empty or with control characters", |value| {
        !value.is_empty() && !value.contains(char::is_control)
    })
}

/// A template with this many variables, and values for them. A slash separates the variables. No encoded value contains
/// one, so only one parse is possible.
fn expanded() -> impl Strategy<Value = (String, Vec<String>)> {
    let between = "[a-z.=-]{0,4}/[a-z.=-]{0,4}";
    vec((between, value()), 0..5).prop_map(|parts| {
        let template = parts
            .iter()
            .enumerate()
            .map(|(at, (between, _))| format!("{between}{{v{at}}}"))
            .collect::<String>();
        let values = parts.into_iter().map(|(_, value)| value).collect();
        (format!("odoo://x{template}"), values)
    })
}

fn uri(template: &str, values: &[String]) -> String {
    values
        .iter()
        .enumerate()
        .fold(template.to_owned(), |uri, (at, value)| {
            uri.replace(&format!("{{v{at}}}"), &encoded(value))
        })
}

pub fn properties(suite: &mut Suite) {
    suite.property(
        "URI: a template gives back the values it was expanded with",
        expanded(),
        |(template, values)| {
            let parsed = Template::parse(&template).map_err(TestCaseError::fail)?;
            let names: Vec<String> = (0..values.len()).map(|at| format!("v{at}")).collect();
            prop_assert_eq!(parsed.variables(), names);
            prop_assert_eq!(parsed.values(&uri(&template, &values)), Some(values));
            Ok(())
        },
    );
    suite.property(
        "URI: any address is made of a template or not, and of nothing but what stands in it",
        expanded().prop_flat_map(|(template, values)| {
            let uri = uri(&template, &values);
            (Just(template), prop_oneof![damaged(Just(uri)), text()])
        }),
        |(template, given)| {
            let parsed = Template::parse(&template).map_err(TestCaseError::fail)?;
            if let Some(values) = parsed.values(&given) {
                prop_assert_eq!(values.len(), parsed.variables().len());
                for value in &values {
                    prop_assert!(!value.is_empty() && !value.contains(char::is_control));
                }
                prop_assume!(!values.iter().any(|value| value.contains('{')));
                // Decoding the URI gives the template with these values, whichever characters it leaves unencoded.
                let again = values
                    .iter()
                    .enumerate()
                    .fold(template, |uri, (at, value)| {
                        uri.replacen(&format!("{{v{at}}}"), value, 1)
                    });
                let decoded = percent_decode_str(&given).decode_utf8_lossy();
                prop_assert_eq!(decoded, again);
            }
            Ok(())
        },
    );
    suite.property(
        "URI: any text is a template with its variables once each, or refused",
        prop_oneof![
            damaged(expanded().prop_map(|(template, _)| template)),
            text(),
            (text(), name(), text()).prop_map(|(a, b, c)| format!("odoo://{a}{{{b}}}{c}")),
        ],
        |given| {
            match Template::parse(&given) {
                Ok(parsed) => {
                    let names = parsed.variables();
                    for (at, name) in names.iter().enumerate() {
                        prop_assert!(!names[..at].contains(name) && !name.is_empty());
                    }
                    if names.is_empty() {
                        prop_assert!(is_uri(&given));
                        prop_assert_eq!(parsed.values(&given), Some(Vec::new()));
                    }
                    prop_assert!(parsed.fixed() <= given.len());
                }
                Err(why) => prop_assert!(!why.is_empty()),
            }
            if is_uri(&given) {
                prop_assert!(
                    given.len() <= LONGEST
                        && given.is_ascii()
                        && !given.contains(char::is_whitespace)
                );
            }
            Ok(())
        },
    );
    let record = Template::parse("odoo://record/{model}/{id}").expect("a template");
    let odd = Template::parse("odoo://{a}aaaaaaaa{b}aaaaaaaab").expect("a template");
    suite.growth(
        "URI",
        &[
            ("letters", |n| format!("odoo://record/{}", "a".repeat(n))),
            ("letters of a text", |n| format!("odoo://{}", "a".repeat(n))),
            ("slashes", |n| format!("odoo://record/{}", "/".repeat(n))),
            ("escapes", |n| {
                format!("odoo://record/{}", repeated("%41", n))
            }),
            ("broken escapes", |n| {
                format!("odoo://record/{}", "%".repeat(n))
            }),
            ("not ASCII", |n| {
                format!("odoo://record/{}", "ä".repeat(n / 2))
            }),
        ],
        |given: String| {
            let _ = is_uri(&given);
            let _ = record.values(&given);
            let _ = odd.values(&given);
        },
    );
    suite.growth(
        "URI templates",
        &[
            ("braces", |n| format!("odoo://{}", "{".repeat(n))),
            ("variables", |n| format!("odoo://{}", repeated("{a}/", n))),
            ("a long name", |n| format!("odoo://{{{}}}", "a".repeat(n))),
            ("a long text", |n| format!("odoo://{}", "a".repeat(n))),
        ],
        |given: String| {
            let _ = Template::parse(&given);
        },
    );
}
