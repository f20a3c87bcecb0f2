//! The verification of a credential by the addon: the gate's state meanwhile, and the refusal of a wrong credential.

use super::credential;
use super::lockout::{self, Attempt};
use super::verdict::{RefusedRequest, Verdict};
use crate::error::{Error, Result};
use crate::odoo::settings::Settings;
use crate::pg::Database;
use crate::wire::http::{Claim, Request};
use crate::wire::state::State;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The state of the gate while a credential is verified.
#[derive(Debug, Serialize, Deserialize)]
pub struct PendingVerification {
    /// Without its body, which comes with the next statement.
    pub request: Request,
    /// Arrival of the request, in microseconds since 1970.
    pub started: i64,
    pub cors: Option<String>,
    /// The claims that the addon may return.
    #[serde(default)]
    pub expected: Vec<Claim>,
    /// The lockout settings at the time of the attempt.
    pub settings: Settings,
    pub names_login: bool,
}

impl PendingVerification {
    /// Parse the state that the addon has returned.
    ///
    /// # Errors
    /// [`Error::Internal`] if it is malformed.
    pub fn from_json(state: &Value) -> Result<Self> {
        Self::deserialize(state).map_err(|error| Error::Internal(format!("state: {error}")))
    }

    /// Ask the addon for the verification.
    ///
    /// # Errors
    /// [`Error::Internal`] if the state cannot be serialized.
    pub fn ask(self, step: Value) -> Result<Verdict> {
        let waiting = serde_json::to_value(self)
            .map_err(|error| Error::Internal(format!("state: {error}")))?;
        let state = State::Gate { waiting }.to_json()?;
        Ok(Verdict::Verify { step, state })
    }

    /// Refuse the request of an unproven credential, and settle its attempt. A password that Odoo did not check was not
    /// wrong, so its attempt is returned.
    ///
    /// # Errors
    /// Errors from PostgreSQL.
    pub fn refuse(&self, db: &dyn Database, outcome: &Value) -> Result<Verdict> {
        let attempt = Attempt::of(&self.request);
        let paused = outcome.get("wait").and_then(Value::as_i64);
        if let Some(attempt) = attempt {
            match paused {
                Some(_) => attempt.give_back(db, &self.settings)?,
                None => attempt.failed(db, &self.settings)?,
            }
        }
        let cors = self.cors.as_deref();
        let refusal = RefusedRequest::new(&self.request, self.started, cors, self.names_login);
        let error = paused.map_or_else(credential::wrong, lockout::paused);
        refusal.write(db, error, None)
    }
}
