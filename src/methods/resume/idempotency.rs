//! Handles a call whose idempotency key belongs to an earlier call. Odoo has rolled it back before its method ran.

use super::outcome::Ended;
use crate::error::{Error, Result};
use crate::methods::idempotency::ReplayContext;
use crate::methods::pending_call::{Continuation, PendingCall};
use crate::pg::Database;

impl Continuation {
    /// How an answer in short is made.
    fn shape(&self) -> Option<ReplayContext<'_>> {
        match self {
            Self::Tool {
                method,
                memo,
                has_schema,
                ..
            } => Some(ReplayContext {
                method,
                memo,
                has_schema: *has_schema,
                // It was asked at the same time by the same caller.
                may_read: true,
            }),
            _ => None,
        }
    }
}

impl PendingCall {
    /// The answer of the call that was first.
    ///
    /// # Errors
    /// What PostgreSQL refuses.
    pub(super) fn claimed(&self, db: &dyn Database) -> Result<Ended> {
        let (Some(claims), Some(shape)) = (self.finish.claims(), self.finish.shape()) else {
            return Err(Error::Internal("nothing was claimed".into()));
        };
        match claims.done(db, shape) {
            Ok(Some(repeat)) => Ok(Ended::Repeated(repeat)),
            // Then it was the confirmation that somebody had used.
            Ok(None) => Ok(Ended::Failed(Error::bad_arguments(
                "This confirmation was used already: it is good for one call. Nothing was run now. Look whether it was done; \
                 to do it once more, call again without `confirmation`.",
            ))),
            Err(described @ Error::Tool { .. }) => Ok(Ended::Failed(described)),
            Err(error) => Err(error),
        }
    }
}
