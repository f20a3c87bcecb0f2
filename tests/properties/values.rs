//! Values for records, with the commands of x2many fields.

use std::sync::Arc;

use chrono_tz::Tz;
use odoo_mcp::error::{Error, Result};
use odoo_mcp::odoo::field::{FieldType, Fields};
use odoo_mcp::odoo::values::{prepare_values, present};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::inputs::{json, name, number, object_of, scalar, text};
use crate::runner::Suite;

fn fields(model: &str) -> Result<Arc<Fields>> {
    let rows = match model {
        "res.partner" => json!([
            {"name": "id", "ttype": "integer"}, {"name": "name", "ttype": "char"}, {"name": "active", "ttype": "boolean"},
            {"name": "color", "ttype": "integer"}, {"name": "credit", "ttype": "float"}, {"name": "debit", "ttype": "monetary"},
            {"name": "date", "ttype": "date"}, {"name": "met", "ttype": "datetime"}, {"name": "create_date", "ttype": "datetime"},
            {"name": "kind", "ttype": "selection"}, {"name": "comment", "ttype": "html"}, {"name": "photo", "ttype": "image"},
            {"name": "parent_id", "ttype": "many2one", "relation": "res.partner"}, {"name": "ref", "ttype": "reference"},
            {"name": "res_id", "ttype": "many2one_reference"}, {"name": "extra", "ttype": "json"},
            {"name": "child_ids", "ttype": "one2many", "relation": "res.partner"},
            {"name": "tag_ids", "ttype": "many2many", "relation": "res.tag"},
            {"name": "a_ids", "ttype": "one2many", "relation": "res.partner"},
            {"name": "b_ids", "ttype": "one2many", "relation": "res.partner"},
            {"name": "c_ids", "ttype": "one2many", "relation": "res.partner"}
        ]),
        "res.tag" => json!([{"name": "label", "ttype": "char"}]),
        _ => return Err(Error::Internal(format!("no fields of {model}"))),
    };
    let rows = serde_json::from_value(rows).map_err(|error| Error::Internal(error.to_string()))?;
    Ok(Arc::new(Fields::new(model, rows)))
}

fn prepare(values: &Map<String, Value>) -> Result<Map<String, Value>> {
    let mut values = values.clone();
    prepare_values(
        &mut values,
        "values",
        &*fields("res.partner")?,
        &fields,
        Tz::UTC,
    )?;
    Ok(values)
}

fn field_name() -> impl Strategy<Value = String> {
    let known: Vec<String> = fields("res.partner")
        .map(|fields| fields.names().map(str::to_owned).collect())
        .unwrap_or_default();
    prop_oneof![12 => prop::sample::select(known), 1 => name(), 1 => text()]
}

fn value() -> impl Strategy<Value = Value> {
    let id = 1..i32::MAX;
    prop_oneof![
        scalar(),
        json(),
        number().prop_map(|number| json!(number.to_string())),
        id.clone().prop_map(Value::from),
        Just(json!("2026-11-22 14:30:00")),
        Just(json!("2026-11-22")),
        Just(json!("aGVsbG8=")),
        vec(id.prop_map(|id| json!([4, id])), 0..3).prop_map(Value::Array),
    ]
}

fn record() -> BoxedStrategy<Value> {
    object_of(field_name(), value())
        .prop_map(Value::Object)
        .prop_recursive(3, 24, 3, |inner| {
            let command = prop_oneof![
                inner.clone().prop_map(|values| json!([0, 0, values])),
                inner
                    .clone()
                    .prop_map(|values| json!([0, "virtual_1", values])),
                (any::<i32>(), inner).prop_map(|(id, values)| json!([1, id, values])),
                (2..8, any::<i32>()).prop_map(|(code, id)| json!([code, id])),
                vec(any::<i32>(), 0..3).prop_map(|ids| json!([6, 0, ids])),
                Just(json!([5])),
                json(),
            ];
            (
                object_of(field_name(), value()),
                vec(command, 0..3),
                any::<bool>(),
            )
                .prop_map(|(mut record, commands, children)| {
                    let name = if children { "child_ids" } else { "tag_ids" };
                    record.insert(name.to_owned(), Value::Array(commands));
                    Value::Object(record)
                })
        })
        .boxed()
}

fn members(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

/// A tree of records of approximately this many bytes. The fields of its leaves do not exist.
fn wrong_everywhere(bytes: usize) -> Map<String, Value> {
    const FIELDS: [&str; 4] = ["a_ids", "b_ids", "c_ids", "child_ids"];
    if bytes < 200 {
        return (0..6).map(|at| (format!("x{at}"), json!(1))).collect();
    }
    let branch = |name: &str| {
        let inner = wrong_everywhere(bytes / FIELDS.len());
        (name.to_owned(), json!([[0, 0, inner]]))
    };
    FIELDS.iter().map(|name| branch(name)).collect()
}

pub fn properties(suite: &mut Suite) {
    suite.property(
        "values: what was prepared is right, and prepared again the same",
        record(),
        |record| {
            let record = members(record);
            match prepare(&record) {
                Ok(prepared) => {
                    prop_assert!(prepared.keys().eq(record.keys()), "a field came or went");
                    prop_assert_eq!(prepare(&prepared), Ok(prepared));
                }
                Err(error) => {
                    let said = error.to_string();
                    prop_assert!(said.lines().count() <= 5, "{}", said);
                    prop_assert!(
                        said.lines().all(|line| line.starts_with("values.")),
                        "{}",
                        said
                    );
                    prop_assert!(said.chars().count() < 5_000, "{}", said);
                }
            }
            Ok(())
        },
    );
    suite.property(
        "values: a wrong one deep in commands is named with its place",
        (vec(0_usize..4, 0..6), name()),
        |(places, wrong)| {
            let wrong = format!("zz_{wrong}");
            let bad = json!({&wrong: 1});
            let (record, place) =
                places
                    .into_iter()
                    .fold((bad, format!(".{wrong}: ")), |(inner, place), before| {
                        let mut commands = vec![json!([5]); before];
                        commands.push(json!([0, 0, inner]));
                        (
                            json!({"child_ids": commands}),
                            format!(".child_ids[{before}][2]{place}"),
                        )
                    });
            let said = prepare(&members(record)).map_err(|error| error.to_string());
            prop_assert!(
                said.as_ref()
                    .is_err_and(|said| said.starts_with(&format!("values{place}"))),
                "{:?}",
                said
            );
            Ok(())
        },
    );
    suite.property(
        "values: what read() gives is shown without a panic",
        (value(), 0_usize..22),
        |(value, at)| {
            use FieldType::*;
            const TYPES: [FieldType; 22] = [
                Boolean,
                Integer,
                Float,
                Monetary,
                Char,
                Text,
                Html,
                Date,
                Datetime,
                Selection,
                Many2one,
                One2many,
                Many2many,
                Many2oneReference,
                Reference,
                Binary,
                Image,
                Json,
                Properties,
                PropertiesDefinition,
                Serialized,
                Other,
            ];
            let shown = present(&value, TYPES[at], Tz::Europe__Brussels);
            prop_assert!(shown == value || shown.is_null() || TYPES[at] == Datetime);
            Ok(())
        },
    );
    suite.growth(
        "values",
        &[
            ("unknown fields", |n| {
                (0..n / 8).map(|at| (format!("x{at}"), json!(1))).collect()
            }),
            ("wrong records in records", wrong_everywhere),
            ("right records in records", |n| {
                let commands =
                    vec![json!([0, 0, {"name": "x", "child_ids": [[5]]}]); n.min(400_000) / 40];
                members(json!({"child_ids": commands}))
            }),
            ("ids where commands belong", |n| {
                members(json!({"tag_ids": vec![7; n / 2]}))
            }),
            ("a long text", |n| members(json!({"name": "x".repeat(n)}))),
            ("a long text for a date", |n| {
                members(json!({"met": "2".repeat(n), "date": "2".repeat(n)}))
            }),
            ("a long text for bytes", |n| {
                members(json!({"photo": "!".repeat(n)}))
            }),
            ("a long number", |n| {
                members(json!({"color": "1".repeat(n), "credit": "1".repeat(n)}))
            }),
            ("records deep in records", |n| {
                let deep = (0..15).fold(
                    json!({"name": "x".repeat(n / 16)}),
                    |inner, _| json!({"name": "x".repeat(n / 16), "child_ids": [[0, 0, inner]]}),
                );
                members(deep)
            }),
        ],
        |record: Map<String, Value>| {
            let _ = prepare(&record);
        },
    );
}
