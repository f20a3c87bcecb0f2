//! Signed tokens: cursors of lists, and other state that a client carries.

use odoo_mcp::error::{Error, Result};
use odoo_mcp::methods::paging;
use odoo_mcp::pg::{Database, Param, Row};
use odoo_mcp::signed_token::{AssociatedData, TokenCodec};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::inputs::{damaged, json, repeated, text};
use crate::runner::Suite;

/// A database that contains only the secret.
pub struct Secret(pub &'static str);

impl Database for Secret {
    fn read(&self, _: &'static str, _: &[Param]) -> Result<Option<String>> {
        Ok(Some(self.0.to_owned()))
    }

    fn write(&self, _: &'static str, _: &[Param]) -> Result<Option<String>> {
        Err(Error::Internal("nothing is written here".into()))
    }

    fn rows(&self, _: &'static str, _: &[Param]) -> Result<Vec<Row>> {
        Ok(Vec::new())
    }

    fn change(&self, _: &'static str, _: &[Param]) -> Result<usize> {
        Ok(0)
    }

    fn relax(&self) -> Result<()> {
        Ok(())
    }

    fn limited(&self, _: u64, step: &mut dyn FnMut() -> Result<()>) -> Result<()> {
        step()
    }
}

fn sealer() -> TokenCodec {
    TokenCodec::new("secret").expect("a key")
}

fn given(cursor: Value) -> Map<String, Value> {
    Map::from_iter([("cursor".to_owned(), cursor)])
}

fn refused(result: Result<Option<Value>>) -> bool {
    result.is_err_and(|error| {
        let (status, error) = error.to_json_rpc();
        status == 200 && error["code"] == -32602 && error.to_string().len() < 300
    })
}

pub fn properties(suite: &mut Suite) {
    let bounds = || vec(text(), 0..4);
    suite.property(
        "sealed: what was sealed opens until its time, and only as it was bound",
        (json(), text(), bounds(), text(), bounds(), any::<u32>()),
        |(payload, purpose, bounds, other_purpose, other_bounds, now)| {
            let now = i64::from(now);
            let as_texts = |texts: &[String]| texts.iter().map(String::clone).collect::<Vec<_>>();
            let (one, other) = (as_texts(&bounds), as_texts(&other_bounds));
            let one: Vec<&str> = one.iter().map(String::as_str).collect();
            let other: Vec<&str> = other.iter().map(String::as_str).collect();
            let binding = AssociatedData {
                purpose: &purpose,
                bounds: &one,
            };
            let text = sealer().seal(&binding, &payload, Some(now + 1));
            prop_assert_eq!(sealer().open(&binding, &text, now), Some(payload));
            prop_assert_eq!(sealer().open(&binding, &text, now + 1), None);
            let elsewhere = AssociatedData {
                purpose: &other_purpose,
                bounds: &other,
            };
            if (&other_purpose, &other) != (&purpose, &one) {
                prop_assert_eq!(sealer().open(&elsewhere, &text, now), None);
            }
            prop_assert_eq!(
                TokenCodec::new("other")
                    .expect("a key")
                    .open(&binding, &text, now),
                None
            );
            prop_assert!(
                text.bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
            );
            Ok(())
        },
    );
    suite.property(
        "sealed: two bindings whose parts run together are not the same",
        (text(), text(), 0_usize..40),
        |(left, right, at)| {
            let whole = format!("{left}{right}");
            let cut = whole.floor_char_boundary(at.min(whole.len()));
            let (first, second) = whole.split_at(cut);
            prop_assume!(first != left);
            let sealed = sealer().seal(
                &AssociatedData {
                    purpose: "p",
                    bounds: &[&left, &right],
                },
                &json!(1),
                None,
            );
            let other = AssociatedData {
                purpose: "p",
                bounds: &[first, second],
            };
            prop_assert_eq!(sealer().open(&other, &sealed, 0), None);
            Ok(())
        },
    );
    suite.property(
        "sealed: any change makes it nobody's",
        {
            let sealed = json().prop_map(|payload| {
                sealer().seal(
                    &AssociatedData {
                        purpose: "p",
                        bounds: &["7"],
                    },
                    &payload,
                    None,
                )
            });
            sealed.prop_flat_map(|sealed| (damaged(Just(sealed.clone())), Just(sealed)))
        },
        |(changed, sealed)| {
            let binding = AssociatedData {
                purpose: "p",
                bounds: &["7"],
            };
            let opened = sealer().open(&binding, &changed, 0).is_some();
            prop_assert_eq!(opened, changed == sealed);
            Ok(())
        },
    );
    suite.property(
        "cursor: the next page's is read back, by the same user in the same list",
        (json(), any::<i64>(), any::<i64>()),
        |(key, uid, other)| {
            let db = Secret("secret");
            let cursor = json!(paging::next(&db, "tools/list", uid, &key).expect("a cursor"));
            prop_assert_eq!(
                paging::after(&db, "tools/list", uid, &given(cursor.clone())),
                Ok(Some(key))
            );
            prop_assert!(refused(paging::after(
                &db,
                "prompts/list",
                uid,
                &given(cursor.clone())
            )));
            prop_assert!(refused(paging::after(
                &Secret("renewed"),
                "tools/list",
                uid,
                &given(cursor.clone())
            )));
            if uid != other {
                prop_assert!(refused(paging::after(
                    &db,
                    "tools/list",
                    other,
                    &given(cursor)
                )));
            }
            Ok(())
        },
    );
    suite.property(
        "cursor: anything else is refused",
        prop_oneof![json(), text().prop_map(Value::from)],
        |cursor| {
            let db = Secret("secret");
            let result = paging::after(&db, "tools/list", 7, &given(cursor.clone()));
            if cursor.is_null() {
                prop_assert_eq!(result, Ok(None));
            } else {
                prop_assert!(refused(result));
            }
            Ok(())
        },
    );
    suite.growth(
        "sealed",
        &[
            ("letters", |n| "a".repeat(n)),
            ("dots", |n| ".".repeat(n)),
            ("two long parts", |n| {
                repeated("YWFh", n / 2) + "." + &repeated("YWFh", n / 2)
            }),
        ],
        |text: String| {
            let _ = sealer().open(
                &AssociatedData {
                    purpose: "p",
                    bounds: &[],
                },
                &text,
                0,
            );
            let _ = paging::after(&Secret("secret"), "tools/list", 7, &given(json!(text)));
        },
    );
}
