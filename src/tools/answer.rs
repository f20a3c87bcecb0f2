//! A tool's answer, and its form in each version of the protocol.

use crate::error::{Error, Result};
use crate::wire::content;
use crate::wire::version::Version;
use serde_json::{Map, Value, json};

/// The result of a tool.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    pub content: Content,
    /// Number of rows or records, for the audit.
    pub row_count: Option<i64>,
    /// Ids of the records that the tool created, read or changed, for the audit.
    pub record_ids: Vec<i64>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// A JSON object: structured content, and the same as text for clients without structured content.
    Object(Value),
    Text(String),
    /// Content blocks chosen by an author, and any JSON value as structured content.
    Parts {
        parts: Vec<Value>,
        structured: Option<Value>,
    },
}

impl Answer {
    fn of(content: Content) -> Self {
        Self {
            content,
            row_count: None,
            record_ids: Vec::new(),
        }
    }

    /// An object that matches the tool's output schema.
    pub fn object(value: Value) -> Self {
        Self::of(Content::Object(value))
    }

    pub fn text(text: String) -> Self {
        Self::of(Content::Text(text))
    }

    /// Content blocks made by the core, and an object that matches the tool's output schema.
    pub fn with_parts(parts: Vec<Value>, structured: Value) -> Self {
        Self::of(Content::Parts {
            parts,
            structured: Some(structured),
        })
    }

    /// The result of a method that used the addon's content API (docs/exchange.md, "Outcomes").
    ///
    /// # Errors
    /// A failure that names the first invalid part.
    pub fn of_outcome(outcome: &mut Value) -> Result<Self> {
        let parts = parts(outcome["content"].take())?;
        let structured = outcome.get_mut("structured").map(Value::take);
        Ok(Self::parts(parts, structured))
    }

    /// Content blocks with an optional structured value.
    pub fn parts(parts: Vec<Value>, structured: Option<Value>) -> Self {
        Self::of(Content::Parts { parts, structured })
    }

    pub fn rows(mut self, count: usize) -> Self {
        self.row_count = i64::try_from(count).ok();
        self
    }

    pub fn records(mut self, ids: Vec<i64>) -> Self {
        self.record_ids = ids;
        self
    }

    /// The `CallToolResult`. Without a version, for a caller without a protocol, it is complete.
    pub fn to_result(&self, version: Option<Version>) -> Map<String, Value> {
        let text = |text: String| json!({"type": "text", "text": text});
        let (blocks, structured) = match &self.content {
            Content::Text(plain) => (vec![text(plain.clone())], None),
            Content::Object(value) => (vec![text(value.to_string())], Some(value)),
            Content::Parts { parts, structured } => {
                let parts = parts.iter().cloned();
                let mut blocks: Vec<Value> =
                    parts.map(|block| content::render(block, version)).collect();
                // A client without structured content, or with no block beside it, reads the value as text.
                if let Some(value) = structured
                    && (blocks.is_empty() || !carries(version, value))
                {
                    blocks.push(text(value.to_string()));
                }
                (blocks, structured.as_ref())
            }
        };
        let mut result = Map::new();
        result.insert("content".into(), Value::Array(blocks));
        if let Some(value) = structured.filter(|value| carries(version, value)) {
            result.insert("structuredContent".into(), value.clone());
        }
        result.insert("isError".into(), json!(false));
        result
    }

    /// The structured content, before any version limits it.
    pub fn structured(&self) -> Option<&Value> {
        match &self.content {
            Content::Text(_) => None,
            Content::Object(value) => Some(value),
            Content::Parts { structured, .. } => structured.as_ref(),
        }
    }

    /// Size in bytes of the text for the model.
    pub fn size(&self) -> usize {
        match &self.content {
            Content::Text(text) => text.len(),
            Content::Object(value) => value.to_string().len(),
            Content::Parts { parts, structured } => {
                let parts: usize = parts.iter().map(|part| part.to_string().len()).sum();
                parts
                    + structured
                        .as_ref()
                        .map_or(0, |value| value.to_string().len())
            }
        }
    }

    /// All texts, concatenated.
    pub fn texts(&self) -> String {
        match &self.content {
            Content::Text(text) => text.clone(),
            Content::Object(value) => value.to_string(),
            Content::Parts { parts, .. } => {
                let texts = parts.iter().filter_map(|part| part["text"].as_str());
                texts.collect::<Vec<_>>().join("\n")
            }
        }
    }
}

/// Whether a version supports this structured content: an object from 2025-06-18, any value in 2026-07-28.
fn carries(version: Option<Version>, value: &Value) -> bool {
    version.is_none_or(|version| {
        version.is_modern() || (version.has_structured_content() && value.is_object())
    })
}

/// Validates content blocks.
///
/// # Errors
/// A failure that names the first invalid one.
pub fn parts(parts: Value) -> Result<Vec<Value>> {
    let Value::Array(parts) = parts else {
        return Err(Error::unusable("its content is no list"));
    };
    for (at, part) in parts.iter().enumerate() {
        content::check(part, &format!("content[{at}]")).map_err(Error::unusable)?;
    }
    Ok(parts)
}

/// The `CallToolResult` of a failed tool.
pub fn failure(error: &Error) -> Map<String, Value> {
    let mut result = Map::new();
    let content = json!([{"type": "text", "text": error.to_string()}]);
    result.insert("content".into(), content);
    result.insert("isError".into(), json!(true));
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(outcome: Value, version: Version) -> Value {
        let answer = Answer::of_outcome(&mut outcome.clone()).unwrap();
        Value::Object(answer.to_result(Some(version)))
    }

    #[test]
    fn structured_content_goes_where_it_is_known_and_else_as_text() {
        let text = |text: &str| json!({"type": "text", "text": text});
        let object = json!({"content": [text("one")], "structured": {"n": 1}});
        for version in [
            Version::V2026_07_28,
            Version::V2025_11_25,
            Version::V2025_06_18,
        ] {
            let whole =
                json!({"content": [text("one")], "structuredContent": {"n": 1}, "isError": false});
            assert_eq!(shown(object.clone(), version), whole);
        }
        for version in [Version::V2025_03_26, Version::V2024_11_05] {
            let whole = json!({"content": [text("one"), text("{\"n\":1}")], "isError": false});
            assert_eq!(shown(object.clone(), version), whole);
        }
        let list = json!({"content": [], "structured": [1, 2]});
        let new = shown(list.clone(), Version::V2026_07_28);
        assert_eq!(new["structuredContent"], json!([1, 2]));
        assert_eq!(new["content"], json!([text("[1,2]")]));
        let old = shown(list, Version::V2025_11_25);
        assert!(old.get("structuredContent").is_none());
        assert_eq!(old["content"], json!([text("[1,2]")]));
    }

    #[test]
    fn a_plain_object_is_structured_content_and_text() {
        let answer = Answer::object(json!({"a": 1}));
        let new = answer.to_result(Some(Version::V2025_06_18));
        assert_eq!(new["structuredContent"], json!({"a": 1}));
        assert_eq!(new["content"][0]["text"], "{\"a\":1}");
        let old = answer.to_result(Some(Version::V2025_03_26));
        assert!(!old.contains_key("structuredContent"));
        assert_eq!(answer.size(), 7);
    }

    #[test]
    fn a_part_that_cannot_be_sent_is_named() {
        let mut outcome = json!({"content": [{"type": "text", "text": "x"}, {"type": "image", "data": "?", "mimeType": "image/png"}]});
        let error = Answer::of_outcome(&mut outcome).unwrap_err().to_string();
        assert!(error.contains("content[1].data"), "{error}");
        assert!(Answer::of_outcome(&mut json!({"content": "x"})).is_err());
    }

    #[test]
    fn all_that_is_sent_counts() {
        let mut outcome = json!({"content": [{"type": "image", "data": "aGVsbG8=", "mimeType": "image/png"}], "structured": "xyz"});
        let answer = Answer::of_outcome(&mut outcome).unwrap();
        let sent: usize = [
            r#"{"type":"image","data":"aGVsbG8=","mimeType":"image/png"}"#,
            r#""xyz""#,
        ]
        .map(str::len)
        .iter()
        .sum();
        assert_eq!(answer.size(), sent);
    }
}
