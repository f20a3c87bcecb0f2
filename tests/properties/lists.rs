//! The list of tools, whatever stands in their records.

use odoo_mcp::tools::listing::{is_object, page};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::Value;

use crate::inputs::{damaged, json, text};
use crate::runner::Suite;

/// What may stand where a schema should.
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
            // As the statement makes them: the separators are taken out of what is not made by PostgreSQL.
            let clean = |text: &str| text.replace(['\u{1e}', '\u{1f}'], "");
            let rows: String = tools
                .iter()
                .map(|(name, parameters, output)| {
                    let name = Value::from(name.as_str());
                    let (parameters, output) = (clean(parameters), clean(output));
                    format!("\u{1e}{{\"name\":{name}\u{1f}{parameters}\u{1f}{output}\u{1f}")
                })
                .collect();
            let page = page(&rows).map_err(|error| TestCaseError::fail(error.to_string()))?;
            let list: Vec<Value> = serde_json::from_str(&page.tools)
                .map_err(|error| TestCaseError::fail(format!("{error}: {}", page.tools)))?;
            prop_assert_eq!(list.len() as i64, page.count);
            let right = |text: &str| clean(text).trim().is_empty() || is_object(&clean(text));
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
