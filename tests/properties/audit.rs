//! The audit log's copy of a request contains no secret and is limited in size.

use odoo_mcp::audit::redact::{cap, redact};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::inputs::{as_text, damaged, json, json_of, name, object_of, repeated, scalar, text};
use crate::runner::Suite;

/// Stands for a secret. No strategy generates it by chance.
const SECRET: &str = "hunter2-correct-horse";

fn secret_name() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "password",
        "new_password",
        "API_KEY",
        "oauthAccessToken",
        "smtp_pass",
        "user_id.password",
        "x-api-key",
        "client_secret",
    ])
    .prop_map(str::to_owned)
}

/// Names that do not indicate a secret.
fn plain_name() -> impl Strategy<Value = String> {
    "[bdfgh]{1,8}"
}

/// The ways in which a request can contain a secret.
fn planted() -> impl Strategy<Value = Value> {
    let operator = prop::sample::select(vec!["=", "ilike", "not in", "<>", "=LIKE"]);
    prop_oneof![
        secret_name().prop_map(|name| json!({name: SECRET})),
        secret_name().prop_map(|name| json!({name: {"deep": [SECRET]}})),
        (secret_name(), operator).prop_map(|(name, operator)| json!([name, operator, SECRET])),
        secret_name().prop_map(|name| json!({"key": name, "value": SECRET})),
        secret_name().prop_map(|name| json!({"name": name, "value": [SECRET]})),
        Just(
            json!({"method": "change_password", "args": ["old", SECRET], "kwargs": {"new": SECRET}})
        ),
        // A duplicate name: the last one counts, but the text contains both.
        secret_name()
            .prop_map(|name| json!(format!("{{\"{name}\":\"{SECRET}\",\"{name}\":\"***\"}}"))),
        secret_name()
            .prop_map(|name| json!(format!("{{\"a\":{{\"{name}\":\"{SECRET}\"}},\"a\":1}}"))),
        // Broken JSON and Python.
        secret_name().prop_map(|name| json!(format!("{{'{name}': '{SECRET}'}}"))),
        secret_name().prop_map(|name| json!(format!(" [{{\"{name}\": \"{SECRET}\""))),
    ]
}

/// A request with a secret in it, in nested texts and among other values.
fn with_secret() -> impl Strategy<Value = Value> {
    let step = (plain_name(), scalar(), 0_usize..2, any::<bool>());
    (planted(), prop::collection::vec(step, 0..6)).prop_map(|(planted, steps)| {
        steps
            .into_iter()
            .fold(planted, |inner, (name, other, texts, list)| {
                let inner = as_text(&inner, texts);
                if list {
                    json!([other, inner])
                } else {
                    json!({"z": other, name: inner})
                }
            })
    })
}

fn size(value: &Value) -> usize {
    value.to_string().len()
}

pub fn properties(suite: &mut Suite) {
    suite.property(
        "audit: a secret is redacted wherever it stands",
        with_secret(),
        |request| {
            let kept = redact(&request, &[]).to_string();
            prop_assert!(!kept.contains(SECRET), "{}", kept);
            Ok(())
        },
    );
    suite.property(
        "audit: what was redacted once stays as it is",
        prop_oneof![
            with_secret(),
            json(),
            json_of(prop_oneof![secret_name(), name()].boxed(), scalar())
                .prop_map(|value| as_text(&value, 2)),
            damaged(with_secret().prop_map(|value| value.to_string())).prop_map(Value::from),
        ],
        |request| {
            let once = redact(&request, &[]);
            prop_assert_eq!(redact(&once, &[]), once);
            Ok(())
        },
    );
    suite.property(
        "audit: what names no secret is kept to the letter",
        json_of(
            plain_name(),
            prop_oneof![
                any::<i64>().prop_map(Value::from),
                "[bdfgh\\[{( ]{0,9}".prop_map(Value::from)
            ],
        ),
        |request| {
            prop_assert_eq!(redact(&request, &[]), request);
            Ok(())
        },
    );
    suite.property(
        "audit: further names are redacted too",
        (plain_name(), object_of(plain_name(), scalar())),
        |(extra, mut request)| {
            request.insert(extra.to_uppercase(), json!(SECRET));
            let kept = redact(&Value::Object(request), &[extra]).to_string();
            prop_assert!(!kept.contains(SECRET), "{}", kept);
            Ok(())
        },
    );
    suite.property(
        "audit: what is cut fits, and is cut once",
        (
            prop_oneof![json(), object_of(name(), json()).prop_map(Value::Object)],
            0_usize..400,
        ),
        |(value, most)| {
            let cut = cap(value.clone(), most);
            prop_assert!(
                size(&cut) <= most.max(4),
                "{} in {}: {}",
                size(&cut),
                most,
                cut
            );
            if size(&value) <= most {
                prop_assert_eq!(&cut, &value);
            }
            prop_assert_eq!(cap(cut.clone(), most.max(4)), cut);
            Ok(())
        },
    );
    suite.property("audit: any text is kept or redacted", text(), |given| {
        let _ = redact(&json!(given), &["x".to_owned()]);
        Ok(())
    });
    suite.growth(
        "audit",
        &[
            ("members", |n| {
                Value::Object(
                    (0..n / 10)
                        .map(|at| (format!("a{at}"), json!(at)))
                        .collect(),
                )
            }),
            ("items", |n| json!(vec!["x"; n / 4])),
            ("a text of brackets", |n| json!("[".repeat(n))),
            ("a text of words", |n| {
                json!("(".to_owned() + &repeated("word ", n))
            }),
            ("texts in texts", |n| {
                as_text(&json!({"a": vec!["x"; n / 16]}), 3)
            }),
            ("a broken text in a text", |n| {
                as_text(&json!(format!("[{}", repeated("1,", n / 4))), 2)
            }),
            ("a long name", |n| json!({"a".repeat(n): 1})),
            ("lists in lists", |n| {
                (0..100).fold(json!("x".repeat(n / 101)), |inner, _| {
                    json!([inner, "x".repeat(n / 101)])
                })
            }),
            ("a domain", |n| {
                json!(vec![json!(["password", "=", "x"]); n / 20])
            }),
        ],
        |request: Value| {
            let kept = redact(&request, &["secretive".to_owned()]);
            for most in [100, 1_000, 16_384] {
                let _ = cap(kept.clone(), most);
            }
        },
    );
}
