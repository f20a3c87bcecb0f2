//! Tool records (`mcp.tool`).

use crate::error::{Error, Result};
use crate::odoo::builtin_tool::BuiltinTool;
use crate::odoo::user::User;
use crate::pg::{Database, Param, read_json};
use crate::policy::Policy;
use crate::text::json::clip;
use crate::text::suggest::did_you_mean;
use serde::Deserialize;
use serde_json::{Value, json};

const TOOLS: &str = sql!(
    "fragments/held_groups",
    "fragments/visible_tools",
    "tools/tool"
);

/// A record of `mcp.tool`.
#[derive(Debug, Clone, Deserialize)]
pub struct Tool {
    pub id: i64,
    pub name: String,
    /// JSON Schema of the arguments, as text, which keeps the author's order of members.
    #[serde(default)]
    pub parameters: Option<String>,
    /// JSON Schema of the structured result, as text; read only for a tool that is requested by name.
    #[serde(default)]
    pub output_schema: Option<String>,
    pub method: String,
    #[serde(default)]
    pub server_action_id: Option<i64>,
    pub read_only_hint: bool,
    pub destructive_hint: bool,
    /// Whether its method may commit by itself.
    pub commits: bool,
}

/// Finds the tool with this name.
///
/// # Errors
/// -32602, with the most similar names of tools that this user can see.
pub fn find(db: &dyn Database, user: &User, policy: &Policy, name: &str) -> Result<Tool> {
    let read = |name: Param<'_>| -> Result<Vec<Tool>> {
        let [key, read_only, unscoped] = policy.caller();
        read_json(db, TOOLS, &[user.id.into(), key, read_only, unscoped, name])
    };
    let found = read(name.into())?;
    if let Some(tool) = found.into_iter().next() {
        return Ok(tool);
    }
    let visible = read(Param::Text(None))?;
    let names = visible.iter().map(|tool| tool.name.as_str());
    Err(Error::invalid_params(format!(
        "Unknown tool {:?}.{}",
        clip(name, 64),
        did_you_mean(name, names)
    )))
}

impl Tool {
    /// The built-in tool of this method; none for a tool of another addon.
    pub fn builtin(&self) -> Option<BuiltinTool> {
        BuiltinTool::of(&self.method)
    }

    /// Its input schema; a record without one takes no arguments.
    ///
    /// # Errors
    /// A failure when the stored schema is invalid (stored without Odoo's own check).
    pub fn schema(&self) -> Result<Value> {
        match self.parameters.as_deref().map(str::trim) {
            None | Some("") => {
                Ok(json!({"type": "object", "properties": {}, "additionalProperties": false}))
            }
            Some(text) => serde_json::from_str(text).map_err(|_| {
                Error::failed(format!(
                    "The parameters of the tool {} are no JSON. An administrator must fix its record.",
                    self.name
                ))
            }),
        }
    }
}
