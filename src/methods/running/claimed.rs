//! What becomes of a call whose key another call has claimed: it has been rolled back before its method ran.

use super::{Ended, Finish, Running};
use crate::error::{Error, Result};
use crate::methods::once::{Claims, Shape};
use crate::pg::Database;

impl Finish {
    /// What the call is done once under.
    pub(super) fn claims(&self) -> Option<&Claims> {
        match self {
            Self::Tool { claims, .. } => claims.as_deref(),
            _ => None,
        }
    }

    /// How an answer in short is made.
    fn shape(&self) -> Option<Shape<'_>> {
        match self {
            Self::Tool {
                method,
                memo,
                has_schema,
                ..
            } => Some(Shape {
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

impl Running {
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
            Err(told @ Error::Tool { .. }) => Ok(Ended::Failed(told)),
            Err(error) => Err(error),
        }
    }
}
