//! Operations, and the results of policy checks: a refusal with its layer and reason, or an allowed effect.

use crate::error::Error;
use serde::Serialize;
use std::fmt;

/// Operations on a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Operation {
    Read,
    Write,
    Create,
    Unlink,
    Call,
}

impl Operation {
    pub const ALL: [Self; 5] = [
        Self::Read,
        Self::Write,
        Self::Create,
        Self::Unlink,
        Self::Call,
    ];

    /// The name that Odoo and tool arguments use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Create => "create",
            Self::Unlink => "unlink",
            Self::Call => "call",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|operation| operation.as_str() == text)
    }

    pub(super) fn index(self) -> usize {
        match self {
            Self::Read => 0,
            Self::Write => 1,
            Self::Create => 2,
            Self::Unlink => 3,
            Self::Call => 4,
        }
    }
}

/// The refusing layers, in the order of the checks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Layer {
    /// The key's scope is not in force, or the key lacks a required scope.
    ApiKey,
    ReadOnly,
    /// Closed unless an access record opens it.
    Closed,
    /// The model's access record, or the lack of one.
    AccessRecord,
    KeyScope,
    HiddenField,
    BlockedMethod,
    RecordDomain,
}

impl Layer {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ApiKey => "api_key",
            Self::ReadOnly => "read_only",
            Self::Closed => "closed",
            Self::AccessRecord => "access_record",
            Self::KeyScope => "key_scope",
            Self::HiddenField => "hidden_field",
            Self::BlockedMethod => "blocked_method",
            Self::RecordDomain => "record_domain",
        }
    }
}

/// A refusal by the policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub layer: Layer,
    pub reason: String,
}

impl Refusal {
    pub fn new(layer: Layer, reason: impl Into<String>) -> Self {
        Self {
            layer,
            reason: reason.into(),
        }
    }

    /// The tool error for this refusal, with the position of the refused item. The text includes the layer, for the
    /// audit.
    pub fn at(&self, place: &str) -> Error {
        match place {
            "" => Error::denied(self.to_string()),
            place => Error::denied(format!("{place}: {self}")),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} [{}]", self.reason, self.layer.as_str())
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        refusal.at("")
    }
}

/// An effect that the policy has allowed in a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Effect {
    pub model: String,
    pub operation: Operation,
    /// The called method.
    pub method: Option<String>,
}
