//! Builds the answer of a dry run, which Odoo has rolled back.

use super::outcome::Ended;
use crate::error::{Error, Result};
use crate::methods::failure::undone;
use crate::methods::pending_call::{Continuation, PendingCall};
use crate::odoo::settings::Settings;
use crate::pg::Database;
use crate::policy;
use crate::tools::context::Context;
use crate::tools::dry_run;
use crate::wire::principal::Principal;
use chrono_tz::Tz;
use serde_json::Value;

impl PendingCall {
    /// Ends a dry run with its answer, or with a refusal for a caller who has lost access.
    ///
    /// # Errors
    /// Errors from PostgreSQL, and an invalid report.
    pub(super) fn tried(&self, db: &dyn Database, report: &Value) -> Result<Ended> {
        match self.report(db, report) {
            Err(refused @ (Error::Tool { .. } | Error::Protocol { .. })) => {
                Ok(Ended::Failed(undone(self, &Value::Null, refused)))
            }
            ended => ended,
        }
    }

    /// The answer, under the caller's current rights.
    fn report(&self, db: &dyn Database, report: &Value) -> Result<Ended> {
        let (
            Continuation::Tool {
                method, memo, zone, ..
            },
            Some(uid),
        ) = (&self.finish, self.entry.user_id)
        else {
            return Err(Error::Internal("a dry run of no tool".into()));
        };
        let caller = Principal {
            user_id: uid,
            api_key_id: self.entry.api_key_id,
        };
        let settings = Settings::read(db)?;
        let (user, policy) = policy::enter(db, caller, (&settings).into())?;
        let context = Context::new(db, &user, &settings, &policy);
        let zone = crate::time_zone::zone(zone).unwrap_or(Tz::UTC);
        let answer = dry_run::finish(&context, method, memo, report, zone)?;
        let result = answer.to_result(self.to.version());
        Ok(Ended::Tried(result, answer.row_count))
    }
}
