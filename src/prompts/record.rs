//! Prompt records (`mcp.prompt`).

use crate::error::{Error, Result};
use crate::pg::{Database, Param, read_json};
use crate::text::json::clip;
use crate::text::suggest::did_you_mean;
use crate::wire::version::Version;
use serde::Deserialize;
use serde_json::{Map, Value, json};

const PROMPTS: &str = sql!("fragments/held_groups", "prompts/prompts");
const MESSAGES: &str = sql!("prompts/prompt_messages");
/// Maximum characters of a prompt's name, with the prefix that keeps it apart from a global one.
const LONGEST_NAME: usize = 80;

/// A record of `mcp.prompt`.
#[derive(Debug, Clone, Deserialize)]
pub struct Prompt {
    pub id: i64,
    pub sequence: i64,
    /// The name that clients use.
    pub name: String,
    pub title: Option<String>,
    pub description: Option<String>,
    /// The method of `mcp.prompt` that makes the messages in place of the record's lines.
    pub method: Option<String>,
    pub arguments: Vec<Argument>,
}

/// One argument of a prompt.
#[derive(Debug, Clone, Deserialize)]
pub struct Argument {
    pub name: String,
    #[serde(default)]
    pub title: Option<String>,
    #[serde(default)]
    pub description: Option<String>,
    #[serde(default)]
    pub required: bool,
    /// The kind of completion.
    #[serde(default)]
    pub completion: Option<String>,
    /// Values for completion, one a line.
    #[serde(default)]
    pub completion_values: Option<String>,
    #[serde(default)]
    pub completion_model: Option<String>,
    /// The argument whose value is the model.
    #[serde(default)]
    pub completion_argument: Option<String>,
}

/// A stored message of a prompt.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Line {
    pub role: String,
    /// `text`, `image` or `resource`.
    pub kind: String,
    pub text: Option<String>,
    pub uri: Option<String>,
    /// In base64.
    pub image: Option<String>,
    pub image_mimetype: Option<String>,
}

/// The prompts that the user can see, in order: at most `most`, after the one whose [`Prompt::key`] is `after`.
///
/// # Errors
/// Errors from PostgreSQL.
pub fn list(
    db: &dyn Database,
    uid: i64,
    after: Option<&Value>,
    most: usize,
) -> Result<Vec<Prompt>> {
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let after = after.map_or(Param::Text(None), Param::from);
    read_json(
        db,
        PROMPTS,
        &[uid.into(), Param::Text(None), after, most.into()],
    )
}

/// Finds the prompt of this name.
///
/// # Errors
/// -32602, with the most similar names of prompts that this user can see.
pub fn find(db: &dyn Database, uid: i64, name: &str) -> Result<Prompt> {
    if name.len() <= LONGEST_NAME {
        let params = [uid.into(), name.into(), Param::Text(None), Param::Int(None)];
        let found: Vec<Prompt> = read_json(db, PROMPTS, &params)?;
        if let Some(prompt) = found.into_iter().next() {
            return Ok(prompt);
        }
    }
    let params = [
        uid.into(),
        Param::Text(None),
        Param::Text(None),
        Param::Int(None),
    ];
    let visible: Vec<Prompt> = read_json(db, PROMPTS, &params)?;
    let names = visible.iter().map(|prompt| prompt.name.as_str());
    Err(Error::invalid_params(format!(
        "Unknown prompt {:?}.{}",
        clip(name, 64),
        did_you_mean(name, names)
    )))
}

impl Prompt {
    /// The prompt's key in the order of the list.
    pub fn key(&self) -> Value {
        json!([self.sequence, self.name, self.id])
    }

    /// The stored messages, in order.
    ///
    /// # Errors
    /// Errors from PostgreSQL.
    pub fn lines(&self, db: &dyn Database) -> Result<Vec<Line>> {
        read_json(db, MESSAGES, &[self.id.into()])
    }

    /// The entry in `prompts/list` (specification: server, "Prompts", "Data types").
    pub fn listed(&self, version: Version) -> Value {
        let titles = version >= Version::V2025_06_18;
        let mut listed = Map::new();
        listed.insert("name".into(), json!(self.name));
        let title = self.title.as_deref().filter(|_| titles);
        insert(&mut listed, "title", title);
        let description = self.description.as_deref().or(self.title.as_deref());
        insert(&mut listed, "description", description.or(Some(&self.name)));
        if !self.arguments.is_empty() {
            let arguments = self
                .arguments
                .iter()
                .map(|argument| argument.listed(titles));
            listed.insert("arguments".into(), arguments.collect());
        }
        Value::Object(listed)
    }
}

impl Argument {
    fn listed(&self, titles: bool) -> Value {
        let mut listed = Map::new();
        listed.insert("name".into(), json!(self.name));
        insert(
            &mut listed,
            "title",
            self.title.as_deref().filter(|_| titles),
        );
        let description = self.description.as_deref().or(self.title.as_deref());
        insert(&mut listed, "description", description);
        listed.insert("required".into(), json!(self.required));
        Value::Object(listed)
    }
}

fn insert(listed: &mut Map<String, Value>, key: &str, text: Option<&str>) {
    if let Some(text) = text {
        listed.insert(key.to_owned(), json!(text));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prompt(title: Option<&str>, description: Option<&str>) -> Prompt {
        serde_json::from_value(json!({
            "id": 1, "sequence": 5, "name": "overdue", "title": title, "description": description, "method": null,
            "arguments": [{"name": "customer", "title": "Customer", "required": true}, {"name": "day"}],
        }))
        .unwrap()
    }

    #[test]
    fn titles_are_for_the_versions_that_know_them() {
        let full = prompt(Some("Overdue"), Some("Which invoices are late"));
        assert_eq!(
            full.listed(Version::V2025_06_18),
            json!({"name": "overdue", "title": "Overdue", "description": "Which invoices are late", "arguments": [
                {"name": "customer", "title": "Customer", "description": "Customer", "required": true},
                {"name": "day", "required": false}]})
        );
        let old = full.listed(Version::V2025_03_26);
        assert_eq!(old.get("title"), None);
        assert_eq!(old["arguments"][0].get("title"), None);
    }

    #[test]
    fn every_prompt_has_a_description() {
        let of = |title, description| {
            prompt(title, description).listed(Version::V2024_11_05)["description"].clone()
        };
        assert_eq!(of(None, Some("x")), "x");
        assert_eq!(of(Some("Title"), None), "Title");
        assert_eq!(of(None, None), "overdue");
    }
}
