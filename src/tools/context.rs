//! What the tools share: their context, and the call for Odoo that they prepare.

use super::answer::Answer;
use crate::error::Result;
use crate::odoo::models::Models;
use crate::odoo::settings::Settings;
use crate::odoo::user::User;
use crate::pg::Database;
use crate::policy::{Operation, Policy};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// What a tool may use while it prepares a call.
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

    /// Let an operation on a model through, or say why not: whether there is such a model goes first.
    ///
    /// # Errors
    /// Bad arguments for a model that does not exist, else denied.
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
    /// What `finish` wants to know again.
    pub memo: Value,
    /// For the audit.
    pub model: Option<String>,
    pub record_ids: Vec<i64>,
    /// Models of records that the arguments name.
    pub named: BTreeSet<String>,
}

impl OrmCall {
    pub(super) fn new(arguments: Value, memo: Value) -> Self {
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

    /// Which model the audit names.
    pub(super) fn on(mut self, model: &str) -> Self {
        self.model = Some(model.to_owned());
        self
    }

    /// Models of records that the arguments name: what Odoo says of a refusal may quote these by their names.
    pub(super) fn naming(mut self, models: BTreeSet<String>) -> Self {
        self.named = models;
        self
    }

    /// Which records the audit names before Odoo has run.
    pub(super) fn records(mut self, ids: Vec<i64>) -> Self {
        self.record_ids = ids;
        self
    }
}

/// What preparing gives.
pub enum Prepared {
    /// The answer is there already.
    Answer(Answer),
    Orm(OrmCall),
}
