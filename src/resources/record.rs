//! Resource records (`mcp.resource`), and their form in each version of the protocol.

use super::template::{Template, is_uri};
use crate::error::{Error, Result};
use crate::pg::{Database, Param, read_json};
use crate::text::json::clip;
use crate::text::suggest::did_you_mean;
use crate::wire::version::Version;
use serde::Deserialize;
use serde_json::{Map, Value, json};

const RESOURCES: &str = sql!("fragments/held_groups", "resources/resources");

/// A record of `mcp.resource`.
#[derive(Debug, Clone, Deserialize)]
pub struct Resource {
    pub id: i64,
    pub sequence: i64,
    pub name: String,
    pub title: Option<String>,
    pub description: Option<String>,
    /// A URI or a URI template.
    pub uri: String,
    pub mime_type: Option<String>,
    pub kind: String,
    /// Size in bytes, if known.
    pub size: Option<i64>,
    /// `user`, `assistant` or `both`.
    pub audience: Option<String>,
    pub priority: Option<f64>,
    /// When the content was last changed, if known.
    pub modified: Option<String>,
    /// For the kind `method`: the method of `mcp.resource`.
    pub method: Option<String>,
    /// For the kind `field`: the field's model. Without a record the template has the variable `id`.
    pub model: Option<String>,
    pub record_id: Option<i64>,
    pub field: Option<String>,
    /// Maximum size of its content in kilobytes, where it differs from the general limit.
    pub most_kb: Option<i64>,
}

/// The kind of address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// Single URIs: `resources/list`.
    Single,
    /// Templates: `resources/templates/list`.
    Templates,
}

/// The resources that the user can see, in order.
pub fn list(
    db: &dyn Database,
    uid: i64,
    which: Which,
    after: Option<&Value>,
    most: Option<usize>,
) -> Result<Vec<Resource>> {
    read(db, uid, which, None, after, most)
}

/// Finds the resource with exactly this URI or template.
fn named(db: &dyn Database, uid: i64, which: Which, uri: &str) -> Result<Option<Resource>> {
    let found = read(db, uid, which, Some(uri), None, None)?;
    Ok(found.into_iter().next())
}

fn read(
    db: &dyn Database,
    uid: i64,
    which: Which,
    uri: Option<&str>,
    after: Option<&Value>,
    most: Option<usize>,
) -> Result<Vec<Resource>> {
    let templates = match which {
        Which::Single => "false",
        Which::Templates => "true",
    };
    let params = [
        uid.into(),
        templates.into(),
        uri.into(),
        after.map_or(Param::Text(None), Param::from),
        most.and_then(|most| i64::try_from(most).ok()).into(),
    ];
    read_json(db, RESOURCES, &params)
}

/// Finds the resource of a URI, with the variables of its template. A single URI takes precedence over templates; of
/// these, the one with the most fixed text, then the first.
///
/// # Errors
/// Bad arguments for an unknown URI, with the most similar ones.
pub fn find(db: &dyn Database, uid: i64, uri: &str) -> Result<(Resource, Map<String, Value>)> {
    if !is_uri(uri) {
        return Err(Error::bad_arguments(format!(
            "{:?} is no URI. Letters other than ASCII, blanks and the like are percent-encoded in one.",
            clip(uri, 128)
        )));
    }
    if let Some(resource) = named(db, uid, Which::Single, uri)? {
        return Ok((resource, Map::new()));
    }
    let templates = list(db, uid, Which::Templates, None, None)?;
    let mut best: Option<(usize, &Resource, Map<String, Value>)> = None;
    for resource in &templates {
        // An invalid template (stored without Odoo's own check) matches nothing.
        let Ok(template) = Template::parse(&resource.uri) else {
            continue;
        };
        let Some(values) = template.values(uri) else {
            continue;
        };
        let fixed = template.fixed();
        if best.as_ref().is_none_or(|(most, ..)| fixed > *most) {
            let names = template.variables().into_iter().map(str::to_owned);
            let variables = names.zip(values.into_iter().map(Value::String)).collect();
            best = Some((fixed, resource, variables));
        }
    }
    if let Some((_, resource, variables)) = best {
        return Ok((resource.clone(), variables));
    }
    let single = list(db, uid, Which::Single, None, None)?;
    let known = single.iter().chain(&templates);
    Err(Error::bad_arguments(format!(
        "There is no resource {:?}.{}",
        clip(uri, 128),
        did_you_mean(uri, known.map(|resource| resource.uri.as_str()))
    )))
}

/// Finds the template with exactly this text.
///
/// # Errors
/// -32602 for an unknown template, with the most similar ones.
pub fn template(db: &dyn Database, uid: i64, uri_template: &str) -> Result<Resource> {
    if let Some(resource) = named(db, uid, Which::Templates, uri_template)? {
        return Ok(resource);
    }
    let templates = list(db, uid, Which::Templates, None, None)?;
    let known = templates.iter().map(|resource| resource.uri.as_str());
    Err(Error::invalid_params(format!(
        "params.ref.uri: there is no resource template {:?}.{}",
        clip(uri_template, 128),
        did_you_mean(uri_template, known)
    )))
}

impl Resource {
    /// Whether the address is valid: lists omit one that was stored without Odoo's own check.
    pub fn is_sound(&self, which: Which) -> bool {
        let variables = Template::parse(&self.uri).map(|template| template.variables().len());
        variables.is_ok_and(|count| (count > 0) == (which == Which::Templates))
    }

    /// The resource's key in the order of the list.
    pub fn key(&self) -> Value {
        json!([self.sequence, self.name, self.id])
    }

    /// The entry in the list. Titles and modification times exist since 2025-06-18.
    pub fn listed(&self, which: Which, version: Version) -> Value {
        let mut listed = Map::new();
        let uri = match which {
            Which::Single => "uri",
            Which::Templates => "uriTemplate",
        };
        listed.insert(uri.into(), json!(self.uri));
        listed.insert("name".into(), json!(self.name));
        let named = version >= Version::V2025_06_18;
        if let Some(title) = self.title.as_ref().filter(|_| named) {
            listed.insert("title".into(), json!(title));
        }
        if let Some(description) = &self.description {
            listed.insert("description".into(), json!(description));
        }
        if let Some(mime_type) = &self.mime_type {
            listed.insert("mimeType".into(), json!(mime_type));
        }
        if let Some(size) = self.size.filter(|_| which == Which::Single) {
            listed.insert("size".into(), json!(size));
        }
        let mut annotations = Map::new();
        let audience = match self.audience.as_deref() {
            Some("both") => json!(["user", "assistant"]),
            Some(one) => json!([one]),
            None => Value::Null,
        };
        if !audience.is_null() {
            annotations.insert("audience".into(), audience);
        }
        if let Some(priority) = self.priority {
            annotations.insert("priority".into(), json!(priority.clamp(0.0, 1.0)));
        }
        if let Some(modified) = self.modified.as_ref().filter(|_| named) {
            annotations.insert("lastModified".into(), json!(modified));
        }
        if !annotations.is_empty() {
            listed.insert("annotations".into(), Value::Object(annotations));
        }
        Value::Object(listed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resource() -> Resource {
        serde_json::from_value(json!({
            "id": 5, "sequence": 10, "name": "handbook", "title": "Handbook", "uri": "docs://handbook", "kind": "text",
            "mime_type": "text/markdown", "size": 7, "audience": "both", "priority": 0.8,
            "modified": "2026-01-02T03:04:05Z"}))
        .unwrap()
    }

    #[test]
    fn each_version_hears_what_it_knows() {
        let all = json!({"uri": "docs://handbook", "name": "handbook", "title": "Handbook", "mimeType": "text/markdown",
            "size": 7, "annotations": {"audience": ["user", "assistant"], "priority": 0.8,
                                       "lastModified": "2026-01-02T03:04:05Z"}});
        let mut early = all.clone();
        early.as_object_mut().unwrap().remove("title");
        early["annotations"]
            .as_object_mut()
            .unwrap()
            .remove("lastModified");
        for version in [Version::V2024_11_05, Version::V2025_03_26] {
            assert_eq!(resource().listed(Which::Single, version), early);
        }
        for version in [Version::V2025_06_18, Version::V2026_07_28] {
            assert_eq!(resource().listed(Which::Single, version), all);
        }
    }

    #[test]
    fn a_template_has_no_size_and_nothing_is_null() {
        let mut plain = resource();
        plain.uri = "docs://{name}".into();
        plain.title = None;
        plain.mime_type = None;
        plain.audience = None;
        plain.priority = None;
        plain.modified = None;
        assert_eq!(
            plain.listed(Which::Templates, Version::V2026_07_28),
            json!({"uriTemplate": "docs://{name}", "name": "handbook"})
        );
        assert_eq!(plain.key(), json!([10, "handbook", 5]));
    }
}
