//! Streams of 2025-11-25 clients that are asked for input: the `GET` with `Last-Event-ID` that resumes a stream, and
//! the client's responses to input requests.

use super::response::{Response, SideEffect};
use super::{Calling, Exchange};
use crate::error::{Error, Result, code};
use crate::gate::session;
use crate::methods::mrtr::stateful::{self, Over, StreamState};
use crate::methods::mrtr::subject;
use crate::methods::request::Outcome;
use crate::pg::Database;
use crate::wire::auth_context::AuthContext;
use crate::wire::http::{Reply, Request};
use crate::wire::json_rpc::ClientResponse;

impl Exchange {
    /// `GET`: only resumes an existing stream, and returns at once.
    pub(super) fn get(
        &mut self,
        db: &dyn Database,
        request: &Request,
        auth: &AuthContext,
    ) -> Result<Response> {
        let named = stateful::named(request)?;
        let (Some((stream, seen)), Some(_)) = (named, request.header("mcp-session-id")?) else {
            return Err(Error::protocol(
                405,
                code::INVALID_REQUEST,
                "This server holds no streams. Send each message by POST.",
            ));
        };
        self.set_session(session::find(db, request, auth)?);
        let found = match &self.session {
            Some(session) => stateful::take_up(db, session, &stream, seen)?,
            None => None,
        };
        match found {
            None => Err(Error::protocol(
                400,
                code::INVALID_REQUEST,
                "Last-Event-ID names no stream of this session that can be taken up.",
            )),
            // A poll is not a message and has no audit row.
            Some(StreamState::Poll(reply)) => Ok(Response {
                also: SideEffect::Poll,
                ..Response::reply(reply, None)
            }),
            Some(StreamState::Over(over)) => {
                let Over { id, request, error } = *over;
                self.id = id.clone();
                self.entry.request_id = Some(id);
                let Some((method, params)) = request else {
                    return Err(error);
                };
                self.entry.method = Some(method.clone());
                let named = subject(&method).and_then(|key| params.get(key)?.as_str());
                self.entry.set_subject(&method, named);
                // As a tool result, so that the model can react.
                match method.as_str() {
                    "tools/call" => Ok(self.served(Outcome::Failed(error))),
                    _ => Err(error),
                }
            }
            Some(StreamState::Run(taken)) => {
                self.id = taken.id.clone();
                self.entry.request_id = Some(taken.id);
                self.entry.method = Some(taken.method.clone());
                let calling = Calling {
                    method: taken.method,
                    params: taken.params,
                    log_level: self.session.as_ref().and_then(|s| s.log_level.clone()),
                    answered: Some(taken.question),
                };
                let served = match self.call(db, request, auth, calling) {
                    Err(error @ (Error::Protocol { .. } | Error::Tool { .. })) => {
                        self.failed(error)
                    }
                    served => served?,
                };
                Ok(Response {
                    also: SideEffect::Take(stream),
                    ..served
                })
            }
        }
    }

    /// Handles a client's response to an input request. One without a known request is accepted, too.
    pub(super) fn response(
        &mut self,
        db: &dyn Database,
        request: &Request,
        auth: &AuthContext,
        response: &ClientResponse,
    ) -> Result<Response> {
        self.entry.method = Some("response".into());
        let mut served = Response::reply(Reply::empty(202), None);
        if request.header("mcp-session-id")?.is_some() {
            self.set_session(session::find(db, request, auth)?);
        }
        if let Some(session) = &self.session
            && let Some(reaction) = stateful::react(db, session, response)?
        {
            served.also = SideEffect::React(Box::new(reaction));
        }
        Ok(served)
    }
}
