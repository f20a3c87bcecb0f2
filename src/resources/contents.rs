//! The contents of a resource, and their size limit.

use crate::error::{Error, Result};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// The MIME type of JSON contents.
pub const JSON: &str = "application/json";

/// The contents of a resource.
#[derive(Debug, Clone, PartialEq)]
pub struct Contents {
    /// At least one, in the protocol's form: `uri`, `mimeType`, and `text` or `blob`.
    pub parts: Vec<Value>,
    /// Size in bytes of the content itself, before base64.
    pub size: usize,
    /// Number of rows or records, for the audit.
    pub row_count: Option<i64>,
    pub record_ids: Vec<i64>,
}

impl Contents {
    /// Text contents.
    pub fn text(uri: &str, mime_type: Option<&str>, text: String) -> Self {
        let size = text.len();
        Self::part(uri, mime_type, "text", json!(text), size)
    }

    /// JSON contents.
    pub fn json(uri: &str, value: &Value) -> Self {
        Self::text(uri, Some(JSON), value.to_string())
    }

    /// Binary contents, in base64.
    ///
    /// # Errors
    /// [`Error::Internal`] for invalid base64.
    pub fn blob(uri: &str, mime_type: Option<&str>, blob: String) -> Result<Self> {
        let bytes = STANDARD
            .decode(&blob)
            .map_err(|error| Error::Internal(format!("binary data of {uri}: {error}")))?;
        Ok(Self::part(uri, mime_type, "blob", json!(blob), bytes.len()))
    }

    fn part(uri: &str, mime_type: Option<&str>, key: &str, content: Value, size: usize) -> Self {
        let mut part = Map::new();
        part.insert("uri".into(), json!(uri));
        if let Some(mime_type) = mime_type {
            part.insert("mimeType".into(), json!(mime_type));
        }
        part.insert(key.into(), content);
        Self {
            parts: vec![Value::Object(part)],
            size,
            row_count: None,
            record_ids: Vec::new(),
        }
    }

    pub fn rows(mut self, count: Option<i64>) -> Self {
        self.row_count = count;
        self
    }

    pub fn records(mut self, ids: Vec<i64>) -> Self {
        self.record_ids = ids;
        self
    }

    /// The `ReadResourceResult`.
    pub fn to_result(&self) -> Map<String, Value> {
        let mut result = Map::new();
        result.insert("contents".into(), json!(self.parts));
        result
    }

    /// # Errors
    /// When the size exceeds `most` bytes.
    pub fn within(self, most: i64) -> Result<Self> {
        let size = i64::try_from(self.size).unwrap_or(i64::MAX);
        if size <= most {
            return Ok(self);
        }
        Err(too_large(size, most))
    }

    /// Makes contents from a method's content blocks, as tools return them. An embedded resource stays as it is; other
    /// blocks become contents of `uri`.
    ///
    /// # Errors
    /// [`Error::Internal`] for blocks of another shape; a failure for a block that a resource cannot contain, and for
    /// an empty list.
    pub fn of_parts(uri: &str, mime_type: Option<&str>, parts: Vec<Value>) -> Result<Self> {
        let mut contents = Self {
            parts: Vec::new(),
            size: 0,
            row_count: None,
            record_ids: Vec::new(),
        };
        for part in parts {
            let part: ContentPart = serde_json::from_value(part)
                .map_err(|error| Error::Internal(format!("content of {uri}: {error}")))?;
            let one = match part {
                ContentPart::Text { text } => Self::text(uri, mime_type, text),
                ContentPart::Image { data, mime_type } | ContentPart::Audio { data, mime_type } => {
                    Self::blob(uri, Some(&mime_type), data)?
                }
                ContentPart::Resource { resource } => {
                    let at = resource.uri.as_deref().unwrap_or(uri);
                    let mime_type = resource.mime_type.as_deref().or(mime_type);
                    match (resource.text, resource.blob) {
                        (Some(text), None) => Self::text(at, mime_type, text),
                        (None, Some(blob)) => Self::blob(at, mime_type, blob)?,
                        _ => {
                            return Err(Error::Internal(format!(
                                "a resource within {uri} has not exactly one of text and blob"
                            )));
                        }
                    }
                }
                ContentPart::Other => {
                    return Err(Error::failed(
                        "The method of this resource made something that a resource cannot hold, such as a link. Its \
                         author must fix it.",
                    ));
                }
            };
            contents.size += one.size;
            contents.parts.extend(one.parts);
        }
        if contents.parts.is_empty() {
            return Err(Error::failed(
                "The method of this resource made no content at all. Its author must fix it.",
            ));
        }
        Ok(contents)
    }
}

/// A content block of a method.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum ContentPart {
    Text {
        text: String,
    },
    Image {
        data: String,
        #[serde(rename = "mimeType")]
        mime_type: String,
    },
    Audio {
        data: String,
        #[serde(rename = "mimeType")]
        mime_type: String,
    },
    Resource {
        resource: EmbeddedResource,
    },
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
struct EmbeddedResource {
    uri: Option<String>,
    #[serde(rename = "mimeType")]
    mime_type: Option<String>,
    text: Option<String>,
    blob: Option<String>,
}

/// The error for a resource that is too large.
pub fn too_large(size: i64, most: i64) -> Error {
    Error::failed(format!(
        "The resource has {size} bytes, more than the {most} this server gives of it at once. An administrator can set \
         another limit for it."
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_size_is_that_of_the_content_itself() {
        let blob = Contents::blob("a:b", Some("image/png"), "aGVsbG8=".into()).unwrap();
        assert_eq!(blob.size, 5);
        assert_eq!(
            json!(blob.to_result()),
            json!({"contents": [{"uri": "a:b", "mimeType": "image/png", "blob": "aGVsbG8="}]})
        );
        assert!(blob.clone().within(5).is_ok());
        let error = blob.within(4).unwrap_err().to_string();
        assert!(
            error.contains("5 bytes") && error.contains("the 4 "),
            "{error}"
        );
        assert!(Contents::blob("a:b", None, "aGVsbG8".into()).is_err());
        assert_eq!(Contents::text("a:b", None, "é".into()).size, 2);
    }

    #[test]
    fn parts_of_a_method_become_contents() {
        let parts = vec![
            json!({"type": "text", "text": "hi"}),
            json!({"type": "image", "data": "aGk=", "mimeType": "image/gif", "annotations": {}}),
            json!({"type": "resource", "resource": {"uri": "c:d", "mimeType": "text/csv", "text": "a,b"}}),
            json!({"type": "resource", "resource": {"blob": "aGk="}}),
        ];
        let contents = Contents::of_parts("a:b", Some("text/plain"), parts).unwrap();
        assert_eq!(
            contents.parts,
            [
                json!({"uri": "a:b", "mimeType": "text/plain", "text": "hi"}),
                json!({"uri": "a:b", "mimeType": "image/gif", "blob": "aGk="}),
                json!({"uri": "c:d", "mimeType": "text/csv", "text": "a,b"}),
                json!({"uri": "a:b", "mimeType": "text/plain", "blob": "aGk="}),
            ]
        );
        assert_eq!(contents.size, 2 + 2 + 3 + 2);
        for bad in [
            json!([]),
            json!([{"type": "resource_link", "uri": "c:d", "name": "x"}]),
            json!([{"type": "resource", "resource": {"uri": "c:d"}}]),
            json!([{"type": "resource", "resource": {"uri": "c:d", "text": "", "blob": ""}}]),
            json!([{"type": "image", "data": "aGk="}]),
            json!(["text"]),
        ] {
            let parts = bad.as_array().unwrap().clone();
            assert!(Contents::of_parts("a:b", None, parts).is_err(), "{bad}");
        }
    }
}
