//! Shared types of the resource kinds: the step that Odoo runs, and the memo, which is the state that `finish` needs.

use super::contents::Contents;
use crate::error::Result;
use crate::pg::read_json;
use crate::tools::context::Context;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A method of `mcp.resource` that Odoo must run.
#[derive(Debug)]
pub struct Step {
    /// The record to call it on; none for a method of the model.
    pub record_id: Option<i64>,
    pub method: String,
    pub arguments: Map<String, Value>,
    /// Whether the method only reads.
    pub read_only: bool,
    /// Model for the audit.
    pub model: Option<String>,
    pub record_ids: Vec<i64>,
}

/// The state that `finish` needs.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Memo {
    pub uri: String,
    pub resource: String,
    pub mime_type: Option<String>,
    pub most_bytes: i64,
    /// The state of the kind itself.
    pub kept: Value,
    /// The user's time zone.
    pub zone: String,
}

/// The outcome of a kind's preparation.
pub(super) enum Made {
    Contents(Contents),
    /// A step, and the kind's state for `finish`.
    Step(Step, Value),
}

impl Step {
    pub(super) fn reading(method: &str, arguments: Map<String, Value>) -> Self {
        Self {
            record_id: None,
            method: method.to_owned(),
            arguments,
            read_only: true,
            model: None,
            record_ids: Vec::new(),
        }
    }

    /// Sets the model for the audit.
    pub(super) fn on(mut self, model: &str) -> Self {
        self.model = Some(model.to_owned());
        self
    }
}

pub(super) fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(object) => object,
        _ => Map::new(),
    }
}

/// Runs a statement with the user's id, and returns its row as JSON.
pub(super) fn row(context: &Context, sql: &'static str) -> Result<Value> {
    read_json(context.db, sql, &[context.user.id.into()])
}
