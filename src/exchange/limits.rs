//! Takes a message's rate-limit tokens and its slot under the concurrency limit.
//!
//! It takes both as late as possible, so that no other message waits while this one is handled. In an exchange of two
//! statements the first one takes the tokens, so that no bucket is locked during a flush to disk.

use super::response::{Response, SideEffect};
use super::{Exchange, GATE_MS, QUERY_CANCELED, busy};
use crate::error::{Error, Result};
use crate::gate::{RefusedRequest, concurrency, rate_limit};
use crate::pg::{Database, limited};
use crate::wire::answer::ExchangeAnswer;
use crate::wire::auth_context::AuthContext;
use crate::wire::http::Request;
use crate::wire::json_rpc::{self, Message};
use serde_json::Value;

/// Maximum size of a refused body that is still parsed for the message id.
const SMALL: usize = 65_536;

impl Exchange {
    /// Refuses a message early when a bucket is known to be empty, before any other work.
    pub(super) fn look(
        &mut self,
        db: &dyn Database,
        request: &Request,
        auth: &AuthContext,
    ) -> Result<Option<ExchangeAnswer>> {
        if request.http_method == "GET" {
            // It may be a poll of a stream, which is not a message.
            return Ok(None);
        }
        let call_id = request.call_id.to_string();
        match rate_limit::look(db, &auth.buckets, &call_id) {
            Ok(()) => Ok(None),
            Err(error @ (Error::Database { .. } | Error::Internal(_))) => Err(error),
            Err(error) => self.refuse(db, request, auth, error).map(Some),
        }
    }

    /// Takes the tokens and the concurrency slot of a message, or refuses it. A batch takes nothing itself: each of its
    /// messages does. A poll of a stream takes nothing either, since clients repeat it every half second. `served`: the
    /// response, or none if the next statement makes it. Without a response only tokens are taken.
    pub(super) fn admit(
        &mut self,
        db: &dyn Database,
        request: &Request,
        auth: &AuthContext,
        served: Option<&Response>,
    ) -> Result<Option<ExchangeAnswer>> {
        if served.is_some_and(|served| served.is_batch() || matches!(served.also, SideEffect::Poll))
        {
            return Ok(None);
        }
        let is_call = served.is_some_and(|served| served.step.is_some());
        if !is_call && auth.buckets.is_empty() {
            return Ok(None);
        }
        let holder = auth.principal.holder();
        let call_id = request.call_id.to_string();
        let taken = limited(db, GATE_MS, || {
            // The slot comes first: another transaction that reserves one for the same holder may wait for a flush, and
            // the buckets must not be locked meanwhile.
            if is_call {
                concurrency::take(db, &self.entry, &holder, &auth.settings)?;
            }
            if !auth.buckets.is_empty() {
                rate_limit::take(db, &auth.buckets, &call_id)?;
            }
            Ok(())
        });
        let error = match taken {
            Ok(()) => {
                self.is_registered = is_call;
                return Ok(None);
            }
            Err(Error::Database { sqlstate, .. }) if sqlstate == QUERY_CANCELED => busy(),
            Err(error @ Error::Protocol { .. }) if error == rate_limit::empty() => {
                rate_limit::explain(db, &auth.buckets)?
            }
            Err(error @ Error::Protocol { .. }) => error,
            Err(error) => return Err(error),
        };
        self.refuse(db, request, auth, error).map(Some)
    }

    fn refuse(
        &mut self,
        db: &dyn Database,
        request: &Request,
        auth: &AuthContext,
        error: Error,
    ) -> Result<ExchangeAnswer> {
        if self.id.is_null() {
            self.id = id_of(request);
        }
        let refusal = RefusedRequest::behind(request, auth);
        let reply = refusal.reply(db, &self.id, error, Some(auth))?;
        Ok(ExchangeAnswer::Reply(reply))
    }
}

/// The id of the request's message, if the body is small.
fn id_of(request: &Request) -> Value {
    let Some(body) = request.body.as_deref().filter(|body| body.len() <= SMALL) else {
        return Value::Null;
    };
    match json_rpc::parse(body) {
        Ok(Message::Request { id, .. }) => id,
        Ok(_) => Value::Null,
        Err(malformed) => malformed.id,
    }
}
