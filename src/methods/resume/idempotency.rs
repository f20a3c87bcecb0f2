//! Handles a call whose idempotency key belongs to an earlier call. Odoo has rolled it back before its method ran.

use super::outcome::Ended;
use crate::error::{Error, Result};
use crate::methods::idempotency::ReplayContext;
use crate::methods::pending_call::{Continuation, PendingCall};
use crate::pg::Database;

impl Continuation {
    /// The facts needed to replay the earlier answer.
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
                // The same caller sent it at the same time.
                may_read: true,
            }),
            _ => None,
        }
    }
}

impl PendingCall {
    /// The answer of the earlier call.
    ///
    /// # Errors
    /// Errors from PostgreSQL.
    pub(super) fn claimed(&self, db: &dyn Database) -> Result<Ended> {
        let (Some(claims), Some(shape)) = (self.finish.claims(), self.finish.shape()) else {
            return Err(Error::Internal("nothing was claimed".into()));
        };
        match claims.done(db, shape) {
            Ok(Some(repeat)) => Ok(Ended::Repeated(repeat)),
            // Without a stored answer, the used claim is that of the confirmation.
            Ok(None) => Ok(Ended::Failed(Error::bad_arguments(
                "This confirmation was used already: it is good for one call. Nothing was run now. Look whether it was done; \
                 to do it once more, call again without `confirmation`.",
            ))),
            Err(described @ Error::Tool { .. }) => Ok(Ended::Failed(described)),
            Err(error) => Err(error),
        }
    }
}
