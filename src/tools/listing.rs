//! `tools/list` as text: joins the rows of `sql/tools_list.sql`, and leaves out those that are not valid JSON.

use crate::error::{Error, Result};
use serde::de::IgnoredAny;
use serde_json::Value;

#[cfg(test)]
mod tests;

/// Between tools, and between the parts of one.
const RECORD: char = '\u{1e}';
const PART: char = '\u{1f}';

const NO_PARAMETERS: &str = r#"{"type":"object","properties":{},"additionalProperties":false}"#;

/// One page of the list.
#[derive(Debug, PartialEq)]
pub struct Page {
    /// A JSON list.
    pub tools: String,
    /// Tools in it.
    pub count: i64,
    /// The key after which the next page begins.
    pub next: Option<Value>,
}

/// Put a page together. A tool whose schemas are no JSON objects (written around Odoo's own check) is left out, so that
/// clients can read the others; `mcp_status` names it.
///
/// # Errors
/// [`Error::Internal`] when the rows are not of that statement.
pub fn page(rows: &str) -> Result<Page> {
    let broken = |what: &str| Error::Internal(format!("the list of tools has {what}"));
    let mut records = rows.split(RECORD);
    let next = match records.next() {
        None | Some("") => None,
        Some(key) => Some(serde_json::from_str(key).map_err(|_| broken("no key"))?),
    };
    let mut page = Page {
        tools: String::with_capacity(rows.len() + rows.len() / 8 + 2),
        count: 0,
        next,
    };
    page.tools.push('[');
    for record in records {
        let parts: Vec<&str> = record.split(PART).collect();
        let [beginning, parameters, output, annotations] = parts.as_slice() else {
            return Err(broken("a record of another form"));
        };
        let parameters = match parameters.trim() {
            "" => NO_PARAMETERS,
            text => text,
        };
        if !is_object(parameters) || !(output.trim().is_empty() || is_object(output)) {
            continue;
        }
        if page.count > 0 {
            page.tools.push(',');
        }
        page.count += 1;
        let mut push = |parts: &[&str]| parts.iter().for_each(|part| page.tools.push_str(part));
        push(&[beginning, ",\"inputSchema\":", parameters]);
        if !output.trim().is_empty() {
            push(&[",\"outputSchema\":", output.trim()]);
        }
        if !annotations.is_empty() {
            push(&[",\"annotations\":", annotations]);
        }
        push(&["}"]);
    }
    page.tools.push(']');
    Ok(page)
}

/// Whether a text is a JSON object that every client can read.
pub fn is_object(text: &str) -> bool {
    let text = text.trim();
    if !text.starts_with('{') {
        return false;
    }
    // Escapes can stand for half a character, which only reading them shows.
    if text.contains("\\u") {
        serde_json::from_str::<Value>(text).is_ok()
    } else {
        serde_json::from_str::<IgnoredAny>(text).is_ok()
    }
}

/// Whether it is a key that such a page ends with: sequence, name and id.
pub fn is_key(key: &Value) -> bool {
    match key.as_array().map(Vec::as_slice) {
        Some([sequence, Value::String(_), id]) => [sequence, id].iter().all(|number| {
            number
                .as_i64()
                .is_some_and(|number| i32::try_from(number).is_ok())
        }),
        _ => false,
    }
}
