//! The gate: authenticates a request, and refuses or admits it. An admitted request gets an authentication context. The
//! addon may have to verify a credential in between. This folder also has the sessions, the rate limit and the
//! concurrency limit.

pub mod address;
pub mod concurrency;
mod configuration;
mod credential;
mod decision;
mod lockout;
pub mod origin;
pub mod rate_limit;
pub mod readiness;
pub mod session;
mod snapshot;
mod verdict;
mod verification;

pub use origin::with_cors;
pub use verdict::{RefusedRequest, Verdict};

use crate::error::Result;
use crate::pg::Database;
use crate::wire::http::{Claim, Request};
use decision::{Stage, decide};
use serde_json::Value;
use verification::PendingVerification;

/// Decide on a request. Ignores its body.
///
/// # Errors
/// Only errors from PostgreSQL; a refusal is a verdict.
pub fn enter(db: &dyn Database, request: &Request, started: i64) -> Result<Verdict> {
    let claim = match &request.credential {
        Some(credential) => credential.claim(),
        None => None,
    };
    decide(db, request, started, claim, Stage::Claimed)
}

/// Continue after the verification of a credential.
///
/// # Errors
/// Errors from PostgreSQL; a state that is not the gate's.
pub fn resume(db: &dyn Database, state: &Value, outcome: &Value) -> Result<Verdict> {
    let waiting = PendingVerification::from_json(state)?;
    let Some(claim) = credential::proven(outcome, &waiting.expected) else {
        return waiting.refuse(db, outcome);
    };
    let stage = match claim {
        Claim::Password { .. } => Stage::Accepted,
        Claim::Key { .. } => Stage::Verified,
    };
    decide(db, &waiting.request, waiting.started, Some(claim), stage)
}
