//! Content blocks of tools and prompts (specification: schema, `ContentBlock`): validated, and adapted to each version.

use super::version::Version;
use crate::text::json::{brief, clip, kind};
use base64::{Engine, engine::general_purpose::STANDARD};
use fluent_uri::Uri;
use serde_json::{Map, Value, json};

/// Validate a block from Odoo; `place` is its name in error texts.
///
/// # Errors
/// The error, worded for the author of the method that returned the block.
pub fn check(block: &Value, place: &str) -> Result<(), String> {
    let object = object(block, place)?;
    let names: &[&str] = match object.get("type").and_then(Value::as_str) {
        Some("text") => {
            text(object, "text", place)?;
            &["text"]
        }
        Some(family @ ("image" | "audio")) => {
            base64(object, "data", place)?;
            let media = media_type(object, place)?.ok_or(format!("{place}.mimeType is missing"))?;
            if media.type_() != family {
                return Err(format!("{place}.mimeType is {media}, which is no {family}"));
            }
            &["data", "mimeType"]
        }
        Some("resource") => {
            let resource = object.get("resource").unwrap_or(&Value::Null);
            contents(resource, &format!("{place}.resource"))?;
            &["resource"]
        }
        Some("resource_link") => {
            uri(object, place)?;
            if text(object, "name", place)?.is_empty() {
                return Err(format!("{place}.name is empty"));
            }
            optional_text(object, "title", place)?;
            optional_text(object, "description", place)?;
            media_type(object, place)?;
            match object.get("size") {
                None => {}
                Some(size) if size.is_u64() => {}
                Some(size) => return Err(format!("{place}.size is {}", brief(size))),
            }
            &["uri", "name", "title", "description", "mimeType", "size"]
        }
        _ => {
            return Err(format!(
                "{place}.type is {}, which is no kind of content",
                brief(object.get("type").unwrap_or(&Value::Null))
            ));
        }
    };
    no_others(object, names, place)
}

/// Validate resource contents: a URI, and text or base64.
fn contents(value: &Value, place: &str) -> Result<(), String> {
    let object = object(value, place)?;
    uri(object, place)?;
    media_type(object, place)?;
    match (object.contains_key("text"), object.contains_key("blob")) {
        (true, false) => text(object, "text", place).map(drop)?,
        (false, true) => base64(object, "blob", place)?,
        _ => return Err(format!("{place} needs either text or blob")),
    }
    no_others(object, &["uri", "mimeType", "text", "blob"], place)
}

fn object<'a>(value: &'a Value, place: &str) -> Result<&'a Map<String, Value>, String> {
    value
        .as_object()
        .ok_or_else(|| format!("{place} is {}, not an object", kind(value)))
}

fn text<'a>(object: &'a Map<String, Value>, key: &str, place: &str) -> Result<&'a str, String> {
    match object.get(key) {
        Some(Value::String(text)) => Ok(text),
        None => Err(format!("{place}.{key} is missing")),
        Some(other) => Err(format!("{place}.{key} is {}, not a text", kind(other))),
    }
}

fn optional_text(object: &Map<String, Value>, key: &str, place: &str) -> Result<(), String> {
    if object.contains_key(key) {
        text(object, key, place)?;
    }
    Ok(())
}

fn base64(object: &Map<String, Value>, key: &str, place: &str) -> Result<(), String> {
    let data = text(object, key, place)?;
    if data.is_empty() {
        return Err(format!("{place}.{key} is empty"));
    }
    let wrong = |error| format!("{place}.{key} is not base64: {error}");
    STANDARD.decode(data).map(drop).map_err(wrong)
}

/// Require a URI with a scheme (RFC 3986).
fn uri(object: &Map<String, Value>, place: &str) -> Result<(), String> {
    let uri = text(object, "uri", place)?;
    Uri::parse(uri)
        .map(drop)
        .map_err(|_| format!("{place}.uri is {:?}, which is no URI", clip(uri, 100)))
}

/// The MIME type, if present.
fn media_type(object: &Map<String, Value>, place: &str) -> Result<Option<mime::Mime>, String> {
    if !object.contains_key("mimeType") {
        return Ok(None);
    }
    let media = text(object, "mimeType", place)?;
    media.parse().map(Some).map_err(|_| {
        let shown = clip(media, 100);
        format!("{place}.mimeType is {shown:?}, which is no MIME type")
    })
}

/// Besides the members of its type, a block may have those of every block.
fn no_others(object: &Map<String, Value>, names: &[&str], place: &str) -> Result<(), String> {
    const ALL: [&str; 3] = ["type", "annotations", "_meta"];
    match object
        .keys()
        .find(|key| !names.contains(&key.as_str()) && !ALL.contains(&key.as_str()))
    {
        None => Ok(()),
        Some(other) => Err(format!("{place} has no member {:?}", clip(other, 64))),
    }
}

/// A validated block in the format of this version: content that the version does not support becomes text. Without a
/// version the block stays as it is.
pub fn render(block: Value, version: Option<Version>) -> Value {
    let Some(version) = version else {
        return block;
    };
    let member = |key: &str| block[key].as_str().unwrap_or_default();
    let text = match member("type") {
        "audio" if !version.has_audio() => format!("[audio, {}]", member("mimeType")),
        "resource_link" if !version.has_resource_links() => {
            let about = match member("description") {
                "" => String::new(),
                description => format!(" ({description})"),
            };
            format!("{}: {}{about}", member("name"), member("uri"))
        }
        _ => return block,
    };
    json!({"type": "text", "text": text})
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link() -> Value {
        json!({"type": "resource_link", "uri": "odoo://record/res.partner/7", "name": "Azure", "title": "Azure Interior",
               "description": "A customer", "mimeType": "application/json", "size": 5})
    }

    fn good() -> [Value; 6] {
        [
            json!({"type": "text", "text": "", "annotations": {"audience": ["user"]}, "_meta": {}}),
            json!({"type": "image", "data": "aGk=", "mimeType": "image/png"}),
            json!({"type": "audio", "data": "aGk=", "mimeType": "audio/wav"}),
            json!({"type": "resource", "resource": {"uri": "a:b", "mimeType": "text/plain; charset=utf-8", "text": "x"}}),
            json!({"type": "resource", "resource": {"uri": "https://example.com/%C3%A9?x=1", "blob": "aGk="}}),
            link(),
        ]
    }

    #[test]
    fn what_is_well_formed_is_taken() {
        for block in good() {
            assert_eq!(check(&block, "content[0]"), Ok(()), "{block}");
        }
    }

    #[test]
    fn what_is_not_names_its_place() {
        for (block, place) in [
            (json!("text"), "content[0] is a string"),
            (json!({}), "content[0].type is null"),
            (json!({"type": "video", "data": "aGk="}), "\"video\""),
            (json!({"type": "text"}), "content[0].text is missing"),
            (
                json!({"type": "text", "text": 5}),
                "content[0].text is an integer",
            ),
            (
                json!({"type": "text", "text": "x", "txet": "y"}),
                "no member \"txet\"",
            ),
            (
                json!({"type": "image", "data": "aGk", "mimeType": "image/png"}),
                "content[0].data is not base64",
            ),
            (
                json!({"type": "image", "data": "aG k=", "mimeType": "image/png"}),
                "content[0].data is not base64",
            ),
            (
                json!({"type": "image", "data": "", "mimeType": "image/png"}),
                "content[0].data is empty",
            ),
            (
                json!({"type": "image", "data": "aGk="}),
                "content[0].mimeType is missing",
            ),
            (
                json!({"type": "image", "data": "aGk=", "mimeType": "png"}),
                "no MIME type",
            ),
            (
                json!({"type": "image", "data": "aGk=", "mimeType": "image/png\r\nX: y"}),
                "no MIME type",
            ),
            (
                json!({"type": "image", "data": "aGk=", "mimeType": "audio/wav"}),
                "which is no image",
            ),
            (json!({"type": "resource"}), "content[0].resource is null"),
            (
                json!({"type": "resource", "resource": {"uri": "a:b"}}),
                "either text or blob",
            ),
            (
                json!({"type": "resource", "resource": {"uri": "a:b", "text": "", "blob": "aGk="}}),
                "either text or blob",
            ),
            (
                json!({"type": "resource", "resource": {"uri": "no uri", "text": ""}}),
                "content[0].resource.uri",
            ),
            (
                json!({"type": "resource", "resource": {"uri": "/relative", "text": ""}}),
                "which is no URI",
            ),
            (
                json!({"type": "resource", "resource": {"uri": "a:é", "text": ""}}),
                "which is no URI",
            ),
            (
                json!({"type": "resource_link", "uri": "a:b"}),
                "content[0].name is missing",
            ),
            (
                json!({"type": "resource_link", "uri": "a:b", "name": ""}),
                "content[0].name is empty",
            ),
            (
                json!({"type": "resource_link", "uri": "a:b", "name": "x", "size": -1}),
                "content[0].size is -1",
            ),
            (
                json!({"type": "resource_link", "uri": "a:b", "name": "x", "title": null}),
                "content[0].title",
            ),
        ] {
            let error = check(&block, "content[0]").unwrap_err();
            assert!(error.contains(place), "{block}: {error}");
        }
    }

    #[test]
    fn each_version_gets_what_it_knows() {
        let types = |version: Option<Version>| {
            let kind = |block: Value| render(block, version)["type"].as_str().unwrap().to_owned();
            good().map(kind).join(" ")
        };
        let all = "text image audio resource resource resource_link";
        assert_eq!(types(None), all);
        assert_eq!(types(Some(Version::V2026_07_28)), all);
        assert_eq!(types(Some(Version::V2025_11_25)), all);
        assert_eq!(types(Some(Version::V2025_06_18)), all);
        assert_eq!(
            types(Some(Version::V2025_03_26)),
            "text image audio resource resource text"
        );
        assert_eq!(
            types(Some(Version::V2024_11_05)),
            "text image text resource resource text"
        );
        let known = render(link(), Some(Version::V2024_11_05));
        assert_eq!(
            known["text"],
            "Azure: odoo://record/res.partner/7 (A customer)"
        );
    }
}
