//! A tool's answer, and how each version of the protocol carries it.

use crate::error::Error;
use crate::wire::version::Version;
use serde_json::{Map, Value, json};

/// What a tool gives.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    pub content: Content,
    /// Rows or records in it, for the audit.
    pub row_count: Option<i64>,
    /// Records it made or touched, for the audit.
    pub record_ids: Vec<i64>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// A JSON object: structured content, and the same as text for clients that know no structured content.
    Object(Value),
    Text(String),
}

impl Answer {
    /// An object that the tool's output schema describes.
    pub fn object(value: Value) -> Self {
        Self {
            content: Content::Object(value),
            row_count: None,
            record_ids: Vec::new(),
        }
    }

    pub fn text(text: String) -> Self {
        Self {
            content: Content::Text(text),
            row_count: None,
            record_ids: Vec::new(),
        }
    }

    pub fn rows(mut self, count: usize) -> Self {
        self.row_count = i64::try_from(count).ok();
        self
    }

    pub fn records(mut self, ids: Vec<i64>) -> Self {
        self.record_ids = ids;
        self
    }

    /// The `CallToolResult`. None as version is a caller without a protocol, who gets everything.
    pub fn to_result(&self, version: Option<Version>) -> Map<String, Value> {
        let mut result = Map::new();
        match &self.content {
            Content::Text(text) => {
                result.insert("content".into(), json!([{"type": "text", "text": text}]));
            }
            Content::Object(value) => {
                result.insert(
                    "content".into(),
                    json!([{"type": "text", "text": value.to_string()}]),
                );
                if version.is_none_or(Version::has_structured_content) {
                    result.insert("structuredContent".into(), value.clone());
                }
            }
        }
        result.insert("isError".into(), json!(false));
        result
    }

    /// Bytes of the text that reaches the model.
    pub fn size(&self) -> usize {
        match &self.content {
            Content::Text(text) => text.len(),
            Content::Object(value) => value.to_string().len(),
        }
    }
}

/// The `CallToolResult` of a tool that failed.
pub fn failure(error: &Error) -> Map<String, Value> {
    let mut result = Map::new();
    let content = json!([{"type": "text", "text": error.to_string()}]);
    result.insert("content".into(), content);
    result.insert("isError".into(), json!(true));
    result
}
