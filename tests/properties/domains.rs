//! Search domains, as JSON, as JSON in a text and as a Python literal: parsing never widens a domain.

use odoo_mcp::odoo::domain::{self, Operator};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::inputs::{damaged, json, json_of, name, repeated, text};
use crate::runner::Suite;

const LONGEST: usize = 2_500;

fn path() -> impl Strategy<Value = String> {
    vec(name(), 1..4).prop_map(|names| names.join("."))
}

/// Values that are valid with any operator, without NUL and within 64 bits.
fn plain() -> impl Strategy<Value = Value> {
    prop_oneof![
        any::<i64>().prop_map(Value::from),
        (-1e15..1e15_f64).prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        text()
            .prop_filter("NUL", |text| !text.contains('\0'))
            .prop_map(Value::from),
        Just(Value::Null),
    ]
}

fn word() -> impl Strategy<Value = Value> {
    text()
        .prop_filter("NUL", |text| !text.contains('\0'))
        .prop_map(Value::from)
}

fn simple_leaf() -> impl Strategy<Value = Value> {
    use Operator::*;
    let equal = prop::sample::select(vec!["=", "!=", "=?", "<>"]);
    let lists = prop::sample::select(vec![In, NotIn]).prop_map(Operator::as_str);
    let order = prop::sample::select(vec![Less, Greater, LessOrEqual, GreaterOrEqual]);
    let likes = prop::sample::select(vec![
        Like,
        Ilike,
        EqualLike,
        EqualIlike,
        NotLike,
        NotIlike,
        NotEqualLike,
        NotEqualIlike,
    ]);
    let trees = prop::sample::select(vec![ChildOf, ParentOf]);
    prop_oneof![
        (path(), equal, plain()).prop_map(|(path, operator, value)| json!([path, operator, value])),
        (path(), lists, vec(plain(), 0..5))
            .prop_map(|(path, operator, items)| json!([path, operator, items])),
        (
            path(),
            order,
            prop_oneof![word(), any::<i64>().prop_map(Value::from)]
        )
            .prop_map(|(path, operator, value)| json!([path, operator.as_str(), value])),
        (path(), likes, word()).prop_map(|(path, operator, value)| json!([
            path,
            operator.as_str(),
            value
        ])),
        (path(), trees, vec(any::<i64>(), 0..4)).prop_map(|(path, operator, ids)| json!([
            path,
            operator.as_str(),
            ids
        ])),
        any::<bool>().prop_map(|truth| json!([i32::from(truth), "=", 1])),
    ]
}

/// Terms in Odoo's prefix notation.
fn terms(leaf: impl Strategy<Value = Value> + 'static) -> BoxedStrategy<Vec<Value>> {
    leaf.prop_map(|leaf| vec![leaf])
        .prop_recursive(4, 20, 2, |inner| {
            let joined = prop::sample::select(vec!["&", "|"]);
            prop_oneof![
                (joined, inner.clone(), inner.clone()).prop_map(|(operator, left, right)| {
                    std::iter::once(json!(operator))
                        .chain(left)
                        .chain(right)
                        .collect()
                }),
                inner
                    .clone()
                    .prop_map(|term| std::iter::once(json!("!")).chain(term).collect()),
                // Terms side by side are joined by "&".
                (inner.clone(), inner).prop_map(|(mut left, right)| {
                    left.extend(right);
                    left
                }),
            ]
        })
        .boxed()
}

fn leaf() -> BoxedStrategy<Value> {
    let leaf = simple_leaf().boxed();
    leaf.clone()
        .prop_recursive(2, 12, 3, |inner| {
            let any = prop::sample::select(vec!["any", "not any"]);
            (path(), any, vec(inner, 0..3))
                .prop_map(|(path, operator, inner)| json!([path, operator, inner]))
        })
        .boxed()
}

fn right() -> BoxedStrategy<Value> {
    prop_oneof![
        9 => terms(leaf()).prop_map(Value::Array),
        1 => Just(json!([])),
    ]
    .boxed()
}

/// The domain that Odoo gets: `null` is `false` and `<>` is `!=`, and nothing else differs.
fn written(domain: &Value) -> Value {
    let terms = domain.as_array().cloned().unwrap_or_default();
    terms
        .into_iter()
        .map(|term| match term {
            Value::Array(parts) => {
                let operator = parts
                    .get(1)
                    .and_then(Value::as_str)
                    .unwrap_or_default()
                    .to_owned();
                let parts = parts
                    .into_iter()
                    .enumerate()
                    .map(|(at, part)| match (at, part) {
                        (1, part) if part == "<>" => json!("!="),
                        (2, Value::Null) => json!(false),
                        (2, part @ Value::Array(_)) if operator.ends_with("any") => written(&part),
                        (2, Value::Array(items)) => items
                            .into_iter()
                            .map(|item| if item.is_null() { json!(false) } else { item })
                            .collect(),
                        (_, part) => part,
                    });
                parts.collect()
            }
            other => other,
        })
        .collect()
}

/// The value in Python syntax.
fn python(value: &Value, tuples: bool) -> String {
    match value {
        Value::Null => "None".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::String(text) => {
            let mut shown = String::from("'");
            for letter in text.chars() {
                match letter {
                    '\\' => shown.push_str("\\\\"),
                    '\'' => shown.push_str("\\'"),
                    '\n' => shown.push_str("\\n"),
                    '\r' => shown.push_str("\\r"),
                    '\t' => shown.push_str("\\t"),
                    control if u32::from(control) < 0x20 => {
                        shown.push_str(&format!("\\x{:02x}", u32::from(control)))
                    }
                    other => shown.push(other),
                }
            }
            shown + "'"
        }
        Value::Array(items) => {
            let inner: Vec<String> = items.iter().map(|item| python(item, true)).collect();
            match (tuples, inner.as_slice()) {
                (true, [one]) => format!("({one},)"),
                (true, _) => format!("({})", inner.join(", ")),
                (false, _) => format!("[{}]", inner.join(" , ")),
            }
        }
        other => other.to_string(),
    }
}

/// An accepted domain is equal to the input. A refusal names the place and is short.
fn never_wider(value: &Value) -> Result<(), TestCaseError> {
    let read = match value {
        Value::String(text) => serde_json::from_str(text).ok(),
        other => Some(other.clone()),
    };
    match domain::parse(value) {
        Ok(domain) => {
            let given = domain.to_json();
            if let Some(read) = read {
                prop_assert_eq!(&given, &written(&read));
            }
            if domain.is_empty() {
                let text = match value {
                    Value::String(text) => text.clone(),
                    other => other.to_string(),
                };
                let bare: String = text.split_ascii_whitespace().collect();
                prop_assert!(
                    bare == "[]" || bare == "()",
                    "{:?} became all records",
                    text
                );
            }
            prop_assert_eq!(
                domain::parse(&given).map(|again| again.to_json()),
                Ok(given)
            );
        }
        Err(error) => {
            let said = error.to_string();
            prop_assert!(said.starts_with("domain"), "{}", said);
            prop_assert!(said.chars().count() < LONGEST, "{}", said);
        }
    }
    Ok(())
}

pub fn properties(suite: &mut Suite) {
    suite.property(
        "domain: a right one comes out as it was written",
        right(),
        |value| {
            let domain = domain::parse(&value);
            prop_assert!(domain.is_ok(), "{} {:?}", value, domain);
            never_wider(&value)
        },
    );
    suite.property(
        "domain: as text and as a Python literal it is the same",
        (right(), any::<bool>()),
        |(value, tuples)| {
            let expected = domain::parse(&value).map(|domain| domain.to_json());
            for text in [
                value.to_string(),
                python(&value, tuples),
                python(&value, false),
            ] {
                let read = domain::parse(&json!(text)).map(|domain| domain.to_json());
                prop_assert_eq!(&read, &expected, "{}", text);
            }
            Ok(())
        },
    );
    suite.property(
        "domain: any JSON is refused with its place or taken as it is written",
        prop_oneof![
            json(),
            json_of(name(), prop_oneof![plain(), simple_leaf()]),
            vec(json(), 0..4).prop_map(Value::Array),
        ],
        |value| never_wider(&value),
    );
    suite.property(
        "domain: any text is refused with its place or taken as it is written",
        text(),
        |text| never_wider(&json!(text)),
    );
    suite.property(
        "domain: damage never widens it",
        damaged(prop_oneof![
            right().prop_map(|value| value.to_string()),
            right().prop_map(|value| python(&value, true)),
        ]),
        |text| never_wider(&json!(text)),
    );
    suite.property(
        "domain: an unknown operator is refused where it stands",
        (
            vec(simple_leaf(), 0..4),
            path(),
            "[a-z#%]{1,12}",
            vec(path(), 0..3),
        ),
        |(before, wrong, operator, around)| {
            prop_assume!(Operator::read(&operator, "x").is_err());
            let bad = json!([wrong, operator, 1]);
            let position = format!("domain[{}]", before.len());
            let mut items = before;
            items.push(
                around
                    .iter()
                    .fold(bad, |inner, path| json!([path, "any", [inner]])),
            );
            let position = around.iter().fold(position, |place, _| place + "[2][0]") + "[1]:";
            let said = match domain::parse(&json!(items)) {
                Err(error) => error.to_string(),
                Ok(_) => String::new(),
            };
            prop_assert!(said.starts_with(&position), "{} {}", position, said);
            prop_assert!(said.contains(&operator), "{}", said);
            Ok(())
        },
    );
    suite.growth(
        "domain",
        &[
            ("brackets", |n| "[".repeat(n)),
            ("tuples", |n| "(".repeat(n)),
            ("empty lists", |n| format!("[{}[]]", repeated("[],", n))),
            ("leaves", |n| format!("[{}]", repeated("['a','=',1],", n))),
            ("operators", |n| {
                format!("[{}['a','=',1]]", repeated("\"|\",", n))
            }),
            ("a list of values", |n| {
                format!("[[\"a\",\"in\",[{}1]]]", repeated("1,", n))
            }),
            ("a long text", |n| {
                format!("[['a','=','{}']]", "x".repeat(n))
            }),
            ("a text not closed", |n| {
                format!("[['a','=','{}", "x".repeat(n))
            }),
            ("escapes", |n| {
                format!("[['a','=','{}']]", repeated("\\x41", n))
            }),
            ("backslashes", |n| format!("['{}", "\\".repeat(n))),
            ("a long number", |n| format!("[{}]", "1".repeat(n))),
            ("a long word", |n| format!("[{}]", "x".repeat(n))),
            ("a long path", |n| {
                format!("[['{}','=',1]]", repeated("a.", n))
            }),
            ("a long operator", |n| {
                format!("[['a','{}',1]]", repeated("not ", n))
            }),
            ("lines", |n| "\n".repeat(n)),
            ("commas", |n| format!("[{}", ",".repeat(n))),
        ],
        |text: String| {
            let _ = domain::parse(&json!(text));
        },
    );
}
