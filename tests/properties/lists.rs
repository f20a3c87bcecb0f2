//! The list of tools, for any contents of their records.

use odoo_mcp::pg::Row;
use odoo_mcp::tools::listing::{is_object, page};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::Value;
use std::rc::Rc;

use crate::inputs::{damaged, json, text};
use crate::runner::Suite;

/// The columns of the statement. A missing value is NULL.
const COLUMNS: [&str; 10] = [
    "name",
    "description",
    "parameters",
    "output_schema",
    "title",
    "read_only_hint",
    "destructive_hint",
    "idempotent_hint",
    "open_world_hint",
    "key",
];

/// Possible contents of a schema column.
fn schema() -> impl Strategy<Value = String> {
    let schema = Just(r#"{"type": "object", "properties": {"a": {"type": "string"}}}"#.to_owned());
    prop_oneof![
        4 => damaged(schema),
        1 => json().prop_map(|value| value.to_string()),
        1 => text(),
        1 => Just(String::new()),
    ]
}

pub fn properties(suite: &mut Suite) {
    suite.property(
        "list: whatever the records hold, it is a list of those that are right",
        vec((text(), schema(), schema()), 0..5),
        |tools| {
            let names: Rc<[String]> = COLUMNS.map(str::to_owned).into();
            let rows = tools.iter().map(|(name, parameters, output)| {
                let text = |text: &str| Some(text.to_owned());
                let mut values = vec![text(name), text(name), text(parameters), text(output)];
                values.resize(COLUMNS.len(), None);
                Row::new(Rc::clone(&names), values)
            });
            let page = page(rows.collect(), tools.len())
                .map_err(|error| TestCaseError::fail(error.to_string()))?;
            let list: Vec<Value> = serde_json::from_str(page.tools.get())
                .map_err(|error| TestCaseError::fail(format!("{error}: {}", page.tools)))?;
            prop_assert_eq!(list.len() as i64, page.count);
            let right = |text: &str| text.trim().is_empty() || is_object(text);
            let expected: Vec<&String> = tools
                .iter()
                .filter(|(_, parameters, output)| right(parameters) && right(output))
                .map(|(name, _, _)| name)
                .collect();
            let names: Vec<&str> = list
                .iter()
                .filter_map(|tool| tool["name"].as_str())
                .collect();
            prop_assert_eq!(names, expected);
            prop_assert!(list.iter().all(|tool| tool["inputSchema"].is_object()));
            Ok(())
        },
    );
}
