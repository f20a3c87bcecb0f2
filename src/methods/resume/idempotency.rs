//! Handles a call whose idempotency key belongs to an earlier call: answers with the earlier result. Odoo has rolled
//! the new call back before its method ran.

use super::outcome::Ended;
use crate::error::{Error, Result};
use crate::methods::idempotency::ReplayContext;
use crate::methods::pending_call::{Continuation, PendingCall};
use crate::pg::Database;

impl PendingCall {
    /// The answer of the earlier call.
    ///
    /// # Errors
    /// Errors from PostgreSQL.
    pub(super) fn claimed(&self, db: &dyn Database) -> Result<Ended> {
        let Continuation::Tool {
            method,
            has_schema,
            claims: Some(claims),
            ..
        } = &self.finish
        else {
            return Err(Error::Internal("nothing was claimed".into()));
        };
        let called = self.method_called().map(|called| called.method);
        let shape = ReplayContext {
            method,
            model: self.entry.model.as_deref(),
            called: called.as_deref(),
            has_schema: *has_schema,
            // The same caller sent it at the same time.
            may_read: true,
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
