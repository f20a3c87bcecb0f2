//! What the kinds of resources share: the step for Odoo, and the state kept for finishing.

use super::contents::Contents;
use crate::error::Result;
use crate::pg::read_json;
use crate::tools::context::Context;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A method of `mcp.resource` that Odoo must run.
#[derive(Debug)]
pub struct Step {
    /// The record to call it on; none: on the model.
    pub record_id: Option<i64>,
    pub method: String,
    pub arguments: Map<String, Value>,
    /// Whether it can change nothing.
    pub read_only: bool,
    /// For the audit.
    pub model: Option<String>,
    pub record_ids: Vec<i64>,
}

/// What finishing wants to know again.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Memo {
    pub uri: String,
    pub resource: String,
    pub mime_type: Option<String>,
    pub most_bytes: i64,
    /// What the kind itself keeps.
    pub kept: Value,
    /// The user's time zone.
    pub zone: String,
}

/// What a kind makes of a request.
pub(super) enum Made {
    Contents(Contents),
    /// With what the kind keeps for finishing.
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

    /// Which model the audit names.
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

/// A statement's row as JSON, for a user.
pub(super) fn row(context: &Context, sql: &'static str) -> Result<Value> {
    read_json(context.db, sql, &[context.user.id.into()])
}
