//! Prompt templates, their arguments, and completion of an argument.

use std::borrow::Cow;

use odoo_mcp::prompts::arguments;
use odoo_mcp::prompts::record::Argument;
use odoo_mcp::prompts::template::{Fault, fill, is_name, only_place};
use odoo_mcp::wire::completion::{MOST, rank};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::inputs::{damaged, json, name, repeated, text};
use crate::runner::Suite;

const PLENTY: usize = 1_000_000;

/// A part of a template: a literal text, or the name of an argument.
#[derive(Debug, Clone)]
enum Piece {
    Text(String),
    Place(String),
}

fn pieces() -> impl Strategy<Value = Vec<Piece>> {
    let piece = prop_oneof![
        text().prop_map(Piece::Text),
        "[a-zA-Z_][a-zA-Z0-9_-]{0,9}".prop_map(Piece::Place),
    ];
    vec(piece, 0..6)
}

fn written(pieces: &[Piece]) -> String {
    let piece = |piece: &Piece| match piece {
        Piece::Text(text) => text.replace('{', "{{").replace('}', "}}"),
        Piece::Place(name) => format!("{{{name}}}"),
    };
    pieces.iter().map(piece).collect()
}

fn filled(pieces: &[Piece], value: &str) -> String {
    let piece = |piece: &Piece| match piece {
        Piece::Text(text) => text.clone(),
        Piece::Place(_) => value.to_owned(),
    };
    pieces.iter().map(piece).collect()
}

fn declared() -> Vec<Argument> {
    serde_json::from_value(json!([
        {"name": "customer", "required": true, "description": "Whose invoices"}, {"name": "due_date"}]))
    .expect("arguments")
}

pub fn properties(suite: &mut Suite) {
    suite.property(
        "prompt: a template is filled with what is meant, values unread",
        (pieces(), text()),
        |(pieces, value)| {
            let made = fill(&written(&pieces), PLENTY, |_| {
                Some(Cow::from(value.as_str()))
            });
            prop_assert_eq!(made, Ok(filled(&pieces, &value)));
            Ok(())
        },
    );
    suite.property(
        "prompt: any template is filled, or its fault told with its place",
        (
            damaged(pieces().prop_map(|pieces| written(&pieces))),
            0_usize..200,
        ),
        |(template, room)| {
            let letters: Vec<char> = template.chars().collect();
            let at = |position: usize| letters.get(position - 1).copied();
            match fill(&template, room, |name| {
                (name != "x").then_some("[value]".into())
            }) {
                Ok(made) => prop_assert!(made.len() <= room),
                Err(Fault::TooLong(most)) => prop_assert_eq!(most, room),
                Err(Fault::Brace(position)) => {
                    let is_brace = matches!(at(position), Some('{' | '}'));
                    prop_assert!(is_brace, "{}", position);
                }
                Err(Fault::Unknown { name, position }) => {
                    prop_assert_eq!(name, "x");
                    prop_assert_eq!(at(position), Some('{'));
                }
            }
            if let Some(name) = only_place(&template) {
                prop_assert!(is_name(name));
                prop_assert_eq!(&template, &format!("{{{name}}}"));
            }
            Ok(())
        },
    );
    suite.property(
        "prompt: any arguments are taken as they are or refused by name, not at length",
        prop_oneof![
            json(),
            (
                prop_oneof![Just("customer".to_owned()), name(), text()],
                json(),
                text()
            )
                .prop_map(
                    |(name, value, due)| json!({"customer": "A", "due_date": due, name: value})
                ),
        ],
        |given| {
            match arguments::check(&declared(), Some(&given)) {
                Ok(values) => {
                    let all = given.as_object().expect("it was taken");
                    prop_assert!(
                        values
                            .iter()
                            .all(|(name, value)| all.get(name) == Some(value))
                    );
                    let unset = all.values().filter(|value| value.is_null()).count();
                    prop_assert_eq!(values.len() + unset, all.len());
                    prop_assert!(values.contains_key("customer"));
                }
                Err(error) => {
                    let (status, object) = error.to_json_rpc();
                    prop_assert_eq!((status, object["code"].as_i64()), (200, Some(-32602)));
                    prop_assert!(error.to_string().chars().count() < 1_000, "{}", error);
                }
            }
            Ok(())
        },
    );
    suite.property(
        "completion: only candidates, each once, a hundred at most, beginnings first",
        (text(), vec((prop_oneof![name(), text()], text()), 0..12)),
        |(typed, candidates)| {
            let pairs = candidates
                .iter()
                .map(|(value, label)| (value.as_str(), label.as_str()));
            let ranked = rank(&typed, pairs).values;
            prop_assert!(ranked.len() <= MOST);
            for (at, value) in ranked.iter().enumerate() {
                prop_assert!(candidates.iter().any(|(known, _)| known == value));
                prop_assert!(!ranked[..at].contains(value));
            }
            let begins = |value: &&String| {
                value
                    .to_lowercase()
                    .starts_with(&typed.trim().to_lowercase())
            };
            let first = ranked.iter().take_while(begins).count();
            prop_assert_eq!(first, ranked.iter().filter(begins).count());
            Ok(())
        },
    );
    suite.growth(
        "prompt",
        &[
            ("open braces", |n| "{".repeat(n)),
            ("double braces", |n| "{{".repeat(n / 2)),
            ("places", |n| repeated("{a}", n)),
            ("an open name", |n| format!("{{{}", "a".repeat(n))),
            ("long names", |n| {
                repeated(&format!("{{{}}}", "a".repeat(60)), n)
            }),
            ("a place at the end", |n| {
                format!("{}{{x y}}", "ä".repeat(n / 2))
            }),
        ],
        |template: String| {
            let _ = fill(&template, 10 * PLENTY, |_| Some("value".into()));
            let _ = only_place(&template);
        },
    );
    suite.growth(
        "prompt arguments",
        &[
            ("many unknown", |n| {
                Value::Object(
                    (0..n / 10)
                        .map(|at| (format!("x{at}"), json!("a")))
                        .collect(),
                )
            }),
            (
                "a long name",
                |n| json!({"customer": "A", "a".repeat(n): "b"}),
            ),
            ("a long value", |n| json!({"customer": "A".repeat(n)})),
            ("a long list", |n| json!({"customer": vec!["A"; n / 4]})),
        ],
        |given: Value| {
            let _ = arguments::check(&declared(), Some(&given));
            let typed = given["customer"].as_str().unwrap_or_default();
            let _ = rank(typed, [("res.partner", "Contact")].into_iter());
        },
    );
}
