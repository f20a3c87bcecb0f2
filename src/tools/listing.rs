//! Makes a page of `tools/list` as JSON text from the rows of `sql/methods/tools_list.sql`. Omits tools with invalid
//! schemas.

use crate::error::{Error, Result};
use crate::pg::Row;
use serde::Serialize;
use serde::de::IgnoredAny;
use serde_json::Value;
use serde_json::value::RawValue;

#[cfg(test)]
mod tests;

const NO_PARAMETERS: &str = r#"{"type":"object","properties":{},"additionalProperties":false}"#;

/// One page of the list.
#[derive(Debug)]
pub struct Page {
    /// The tools as a JSON array.
    pub tools: Box<RawValue>,
    /// Number of tools in it.
    pub count: i64,
    /// The key of the next page's cursor.
    pub next: Option<Value>,
}

/// One tool in the protocol's form. Schemas stay as their authors wrote them.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Listed {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    description: String,
    input_schema: Box<RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    output_schema: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    annotations: Option<Annotations>,
}

/// `ToolAnnotations` of the protocol.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Annotations {
    read_only_hint: bool,
    destructive_hint: bool,
    idempotent_hint: bool,
    open_world_hint: bool,
}

/// Builds a page of at most `size` tools; one extra row means that another page follows. Omits a tool with a schema
/// that is no JSON object (stored without Odoo's own check), so that clients can read the others; `mcp_status` names
/// it.
///
/// # Errors
/// [`Error::Internal`] for rows of another shape.
pub fn page(rows: Vec<Row>, size: usize) -> Result<Page> {
    let is_last = rows.len() <= size;
    let mut key = None;
    let mut tools = Vec::with_capacity(rows.len().min(size));
    for mut row in rows.into_iter().take(size) {
        key = row.json("key")?;
        tools.extend(listed(row)?);
    }
    let list = serde_json::value::to_raw_value(&tools);
    Ok(Page {
        count: i64::try_from(tools.len()).unwrap_or(i64::MAX),
        tools: list.map_err(|error| Error::Internal(format!("the list of tools: {error}")))?,
        next: key.filter(|_| !is_last),
    })
}

fn listed(mut row: Row) -> Result<Option<Listed>> {
    let parameters = row.take("parameters")?.unwrap_or_default();
    let output = row.take("output_schema")?.unwrap_or_default();
    let (parameters, output) = (parameters.trim(), output.trim());
    let parameters = match parameters {
        "" => NO_PARAMETERS,
        text => text,
    };
    let Some(input_schema) = schema(parameters) else {
        return Ok(None);
    };
    let output_schema = match output {
        "" => None,
        text => match schema(text) {
            None => return Ok(None),
            schema => schema,
        },
    };
    let annotations = match row.take("read_only_hint")? {
        None => None,
        Some(read_only) => Some(Annotations {
            read_only_hint: read_only == "true",
            destructive_hint: row.is_true("destructive_hint")?,
            idempotent_hint: row.is_true("idempotent_hint")?,
            open_world_hint: row.is_true("open_world_hint")?,
        }),
    };
    Ok(Some(Listed {
        name: row.text("name")?,
        title: row.take("title")?,
        description: row.text("description")?,
        input_schema,
        output_schema,
        annotations,
    }))
}

fn schema(text: &str) -> Option<Box<RawValue>> {
    is_object(text)
        .then(|| RawValue::from_string(text.to_owned()).ok())
        .flatten()
}

/// Whether a text is a JSON object that every client can parse.
pub fn is_object(text: &str) -> bool {
    let text = text.trim();
    if !text.starts_with('{') {
        return false;
    }
    // Escapes may contain lone surrogates, which only parsing detects.
    if text.contains("\\u") {
        serde_json::from_str::<Value>(text).is_ok()
    } else {
        serde_json::from_str::<IgnoredAny>(text).is_ok()
    }
}

/// Whether a value is a page key: sequence, name and id.
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
