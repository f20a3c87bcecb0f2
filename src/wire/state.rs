//! The state of a suspended request, which the addon carries while Odoo runs a step. Its tag names the part that
//! resumes.

use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The part that resumes with the outcome of a step, and its state.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "at", rename_all = "lowercase")]
pub enum State {
    /// The gate, after the addon has verified a credential.
    Gate { waiting: Value },
    /// A batch, after its messages have been answered.
    Batch { batch: Value },
    /// A call, after its method has run.
    Call { call: Value },
}

impl State {
    /// As JSON for the addon.
    ///
    /// # Errors
    /// None that a caller could cause.
    pub fn to_json(&self) -> Result<Value> {
        serde_json::to_value(self).map_err(|error| Error::Internal(format!("state: {error}")))
    }

    /// Parse a state that the addon has returned.
    ///
    /// # Errors
    /// [`Error::Internal`] if it is malformed.
    pub fn from_json(state: &Value) -> Result<Self> {
        Self::deserialize(state)
            .map_err(|error| Error::Internal(format!("this is no state of mcp_exchange: {error}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_state_says_who_goes_on() {
        let state = State::Call { call: json!([1]) };
        assert_eq!(state.to_json().unwrap(), json!({"at": "call", "call": [1]}));
        let back = State::from_json(&json!({"at": "gate", "waiting": {}})).unwrap();
        assert!(matches!(back, State::Gate { .. }));
        for wrong in [json!({}), json!({"at": "door"}), json!({"at": "call"})] {
            assert!(State::from_json(&wrong).is_err(), "{wrong}");
        }
    }
}
