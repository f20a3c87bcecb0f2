//! Shared types of the tools: their context, the call that they prepare for Odoo, and its memo, which is the state that
//! `finish` needs after the call.

use super::answer::Answer;
use crate::error::{Error, Result};
use crate::odoo::models::Models;
use crate::odoo::settings::Settings;
use crate::odoo::user::User;
use crate::pg::Database;
use crate::policy::{Operation, Policy};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// The environment in which a tool prepares a call.
pub struct Context<'a> {
    pub db: &'a dyn Database,
    pub user: &'a User,
    pub settings: &'a Settings,
    pub models: Models<'a>,
    pub policy: &'a Policy<'a>,
}

impl<'a> Context<'a> {
    pub fn new(
        db: &'a dyn Database,
        user: &'a User,
        settings: &'a Settings,
        policy: &'a Policy<'a>,
    ) -> Self {
        Self {
            db,
            user,
            settings,
            models: Models::new(db, user, policy),
            policy,
        }
    }

    /// Checks that the policy allows an operation on a model. An unknown model is reported first.
    ///
    /// # Errors
    /// Bad arguments for an unknown model; denied otherwise.
    pub fn require(&self, model: &str, operation: Operation) -> Result<()> {
        match self.policy.require(model, operation) {
            Err(denied) => {
                self.models.model_with(model, &[])?;
                Err(denied)
            }
            allowed => allowed,
        }
    }
}

/// A call that Odoo must run.
#[derive(Debug)]
pub struct OrmCall {
    /// Keyword arguments of the method on `mcp.tool`.
    pub arguments: Map<String, Value>,
    /// What `finish` needs while Odoo runs the call: the tool's own memo as JSON.
    pub memo: Value,
    /// Model for the audit.
    pub model: Option<String>,
    pub record_ids: Vec<i64>,
    /// Models of the records that the arguments name.
    pub named: BTreeSet<String>,
}

impl OrmCall {
    /// `memo`: what the tool's `finish` needs.
    ///
    /// # Errors
    /// [`Error::Internal`] for a memo that is no JSON.
    pub(super) fn new(arguments: Value, memo: &impl Serialize) -> Result<Self> {
        let memo = serde_json::to_value(memo)
            .map_err(|error| Error::Internal(format!("memo: {error}")))?;
        Ok(Self::with_memo(arguments, memo))
    }

    /// A call of a tool without a memo.
    pub(super) fn without_memo(arguments: Value) -> Self {
        Self::with_memo(arguments, Value::Null)
    }

    fn with_memo(arguments: Value, memo: Value) -> Self {
        let arguments = match arguments {
            Value::Object(arguments) => arguments,
            _ => Map::new(),
        };
        Self {
            arguments,
            memo,
            model: None,
            record_ids: Vec::new(),
            named: BTreeSet::new(),
        }
    }

    /// Sets the model for the audit.
    pub(super) fn on(mut self, model: &str) -> Self {
        self.model = Some(model.to_owned());
        self
    }

    /// Sets the models of the records that the arguments name. Odoo's message about a refusal may quote their names.
    pub(super) fn naming(mut self, models: BTreeSet<String>) -> Self {
        self.named = models;
        self
    }

    /// Sets the record ids for the audit, before Odoo has run.
    pub(super) fn records(mut self, ids: Vec<i64>) -> Self {
        self.record_ids = ids;
        self
    }
}

/// The memo of a tool, parsed from its JSON.
///
/// # Errors
/// [`Error::Internal`] for the memo of another tool.
pub fn kept<T: DeserializeOwned>(memo: &Value) -> Result<T> {
    T::deserialize(memo).map_err(|error| Error::Internal(format!("memo: {error}")))
}

/// The memo of tools that only need the model.
#[derive(Debug, Serialize, Deserialize)]
pub struct ModelMemo {
    pub model: String,
}

/// The outcome of preparing a call.
pub enum Prepared {
    /// The answer, without a call of Odoo.
    Answer(Answer),
    Orm(OrmCall),
}
