//! Records a handled message: its side effects, then its audit row. If Odoo must run a step first, registers the call
//! as in flight instead of the row.

use super::response::{Response, SideEffect};
use super::{CORE_MS, Exchange, QUERY_CANCELED};
use crate::audit::Entry;
use crate::error::{Error, Result};
use crate::gate::{session, with_cors};
use crate::methods::cancel;
use crate::methods::mrtr::stateful;
use crate::pg::{Database, limited};
use crate::wire::answer::ExchangeAnswer;
use crate::wire::auth_context::AuthContext;
use crate::wire::event_stream;
use crate::wire::http::Request;
use crate::wire::version::HANDSHAKE;

impl Exchange {
    /// Whether the audit row must be durable before the reply.
    pub(super) fn waits_for_disk(&self, served: &Response) -> bool {
        match served.step {
            // A call that only reads reveals nothing before its own row is durable.
            Some(_) => !served.read_only,
            None => {
                self.entry.is_about_data()
                    || matches!(served.also, SideEffect::Close | SideEffect::Cancel(_))
            }
        }
    }

    /// Cancels a running call. Returns the note for the notification's row when it was too late.
    fn cancel(&self, db: &dyn Database, call: &Entry) -> Result<Option<String>> {
        // This may wait for a call that is committing.
        match limited(db, CORE_MS, || cancel::stop(db, call)) {
            Ok(true) => Ok(None),
            Ok(false) => Ok(Some("The call had ended.".into())),
            Err(Error::Database { sqlstate, .. }) if sqlstate == QUERY_CANCELED => Ok(Some(
                "The call was about to end and could not be cancelled.".into(),
            )),
            Err(error) => Err(error),
        }
    }

    /// Writes the side effects and the audit row, and makes the answer for the addon.
    pub(super) fn record(
        &mut self,
        db: &dyn Database,
        request: &Request,
        auth: &AuthContext,
        mut served: Response,
    ) -> Result<ExchangeAnswer> {
        if !self.waits_for_disk(&served) {
            db.relax()?;
        }
        if let SideEffect::Take(stream) = &served.also
            && !stateful::take(db, stream)?
        {
            if self.is_registered {
                self.entry.end_call(db)?;
            }
            served = Response::again(stream);
        }
        let mut reply = served.reply;
        let header = request.header("mcp-protocol-version").ok().flatten();
        if reply.status == 405 && header.is_some_and(|name| !HANDSHAKE.contains(&name)) {
            // Versions without a handshake have no sessions to end.
            reply = reply.header("Allow", "POST");
        }
        match (&served.also, &self.session) {
            (SideEffect::Open(client), _) => {
                let id = session::open(db, request, auth, self.version, client)?;
                self.entry.session_id = Some(id.clone());
                reply = reply.header("Mcp-Session-Id", &id);
            }
            (SideEffect::Close, Some(session)) => session::close(db, session)?,
            (SideEffect::LogLevel(level), Some(session)) => {
                session::set_log_level(db, session, level)?
            }
            (SideEffect::Cancel(call), _) => served.end.error = self.cancel(db, call)?,
            (SideEffect::Forget(id), Some(session)) if stateful::forget(db, session, id)? => {
                served.end.error = None;
            }
            (SideEffect::React(reaction), _) => reaction.keep(db)?,
            _ => {}
        }
        if let Some(session) = &self.session
            && !matches!(served.also, SideEffect::Close)
        {
            session::touch(db, session, auth)?;
        }
        if let Some((step, state)) = served.step {
            if !self.is_registered {
                self.entry.begin_call(db)?;
            }
            return Ok(ExchangeAnswer::Step { step, state });
        }
        if !matches!(served.also, SideEffect::Poll) {
            // Another process may have settled a call that was registered in flight.
            if request.first_try && !self.is_registered {
                self.entry.insert(db, &served.end)?;
            } else {
                self.entry.insert_once(db, &served.end)?;
            }
        }
        if request.http_method == "GET" {
            reply = event_stream::last(&[], reply);
        }
        Ok(ExchangeAnswer::Reply(with_cors(
            reply,
            auth.cors.as_deref(),
        )))
    }
}
