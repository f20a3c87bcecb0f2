//! Tools as records (`mcp.tool`): which a user sees, and how they are listed.

use crate::error::{Error, Result};
use crate::odoo::json_text::clip;
use crate::odoo::nearest::did_you_mean;
use crate::odoo::user::User;
use crate::pg::{Database, Param, read_json};
use crate::wire::version::Version;
use serde::Deserialize;
use serde_json::{Value, json};

const TOOLS: &str = include_str!("../../sql/tools.sql");

/// One record.
#[derive(Debug, Clone, Deserialize)]
pub struct Tool {
    pub id: i64,
    pub name: String,
    #[serde(default)]
    pub title: Option<String>,
    #[serde(default)]
    pub description: Option<String>,
    /// JSON Schema of the arguments, as text: the order of its members is the author's.
    #[serde(default)]
    pub parameters: Option<String>,
    #[serde(default)]
    pub output_schema: Option<String>,
    pub method: String,
    #[serde(default)]
    pub server_action_id: Option<i64>,
    pub read_only_hint: bool,
    pub destructive_hint: bool,
    pub idempotent_hint: bool,
    pub open_world_hint: bool,
    /// Its method may commit by itself.
    pub commits: bool,
}

/// The active tools that the user's groups may see, in their order.
pub fn visible(db: &dyn Database, user: &User) -> Result<Vec<Tool>> {
    read_json(db, TOOLS, &[user.id.into(), Param::Text(None)])
}

/// The tool of this name.
///
/// # Errors
/// -32602 with the nearest names of tools that this user sees.
pub fn find(db: &dyn Database, user: &User, name: &str) -> Result<Tool> {
    let found: Vec<Tool> = read_json(db, TOOLS, &[user.id.into(), name.into()])?;
    if let Some(tool) = found.into_iter().next() {
        return Ok(tool);
    }
    let visible = visible(db, user)?;
    let names = visible.iter().map(|tool| tool.name.as_str());
    Err(Error::invalid_params(format!(
        "Unknown tool {:?}.{}",
        clip(name, 64),
        did_you_mean(name, names)
    )))
}

impl Tool {
    /// Its schema; a record without one takes no arguments.
    ///
    /// # Errors
    /// [`Error::Internal`] for a record that was written around Odoo's own check.
    pub fn schema(&self) -> Result<Value> {
        match self.parameters.as_deref().map(str::trim) {
            None | Some("") => {
                Ok(json!({"type": "object", "properties": {}, "additionalProperties": false}))
            }
            Some(text) => serde_json::from_str(text)
                .map_err(|error| Error::Internal(format!("schema of tool {}: {error}", self.name))),
        }
    }

    /// What `tools/list` says of it in this version.
    pub fn describe(&self, version: Version) -> Result<Value> {
        let mut tool = json!({"name": self.name});
        if version.has_structured_content()
            && let Some(title) = &self.title
        {
            tool["title"] = json!(title);
        }
        tool["description"] = json!(self.description.as_deref().unwrap_or(&self.name));
        tool["inputSchema"] = self.schema()?;
        if version.has_structured_content()
            && let Some(text) = self
                .output_schema
                .as_deref()
                .filter(|text| !text.trim().is_empty())
            && let Ok(schema) = serde_json::from_str::<Value>(text)
        {
            tool["outputSchema"] = schema;
        }
        if version.has_annotations() {
            tool["annotations"] = json!({
                "readOnlyHint": self.read_only_hint,
                "destructiveHint": self.destructive_hint,
                "idempotentHint": self.idempotent_hint,
                "openWorldHint": self.open_world_hint,
            });
        }
        Ok(tool)
    }
}
