//! The gate's verdict on a request, and the response and audit row of a refusal.

use super::origin::with_cors;
use crate::audit;
use crate::error::{Error, Result};
use crate::pg::Database;
use crate::wire::auth_context::AuthContext;
use crate::wire::http::{Reply, Request};
use serde_json::Value;

/// The decision of the gate.
pub enum Verdict {
    /// Accepted, with the claim for the addon's cache.
    Enter(Box<AuthContext>, Option<Value>),
    /// Refused: the response. Its audit row is written.
    Refuse(Reply),
    /// The addon must first verify a credential.
    Verify { step: Value, state: Value },
    /// The fast path is switched off: Odoo's ordinary route serves this request.
    Ordinary,
}

/// A refusal to be written: its caller, and the details that it may reveal.
pub struct RefusedRequest<'a> {
    request: &'a Request,
    started: i64,
    /// The allowed Origin of the page that may read the response.
    pub cors: Option<&'a str>,
    /// Whether the audit row records the attempted login.
    pub names_login: bool,
}

impl<'a> RefusedRequest<'a> {
    /// A refusal of an unauthenticated request that arrived at `started` (microseconds since 1970). `names_login`:
    /// whether the audit row records the attempted login.
    pub fn new(
        request: &'a Request,
        started: i64,
        cors: Option<&'a str>,
        names_login: bool,
    ) -> Self {
        Self {
            request,
            started,
            cors,
            names_login,
        }
    }

    /// A refusal of an authenticated caller.
    pub fn behind(request: &'a Request, auth: &'a AuthContext) -> Self {
        Self::new(request, auth.started, auth.cors.as_deref(), false)
    }

    /// Write the refusal of a request whose message is not read.
    ///
    /// # Errors
    /// Errors from PostgreSQL.
    pub fn write(
        &self,
        db: &dyn Database,
        error: Error,
        auth: Option<&AuthContext>,
    ) -> Result<Verdict> {
        self.reply(db, &Value::Null, error, auth)
            .map(Verdict::Refuse)
    }

    /// Build the response to the message `id` and count it in an audit row. `auth`: the caller, if known.
    ///
    /// # Errors
    /// Errors from PostgreSQL.
    pub fn reply(
        &self,
        db: &dyn Database,
        id: &Value,
        error: Error,
        auth: Option<&AuthContext>,
    ) -> Result<Reply> {
        let mut reply = Reply::error(id, &error);
        if reply.status == 401 {
            let challenge = if self.request.credential.is_some() {
                "Bearer realm=\"Odoo\", error=\"invalid_token\""
            } else {
                "Bearer realm=\"Odoo\""
            };
            reply = reply.header("WWW-Authenticate", challenge);
        }
        let refused = (&reply, &error);
        audit::refusal(
            db,
            self.request,
            auth,
            refused,
            self.started,
            self.names_login,
        )?;
        Ok(with_cors(reply, self.cors))
    }
}
