//! Takes the rate-limit tokens of a message and its place under the concurrency limit.
//!
//! Both are taken as late as possible, so that nobody waits while another message is read. In an exchange of two
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

/// Bodies up to this size are read for the id of a message that is refused unread.
const SMALL: usize = 65_536;

impl Exchange {
    /// A refusal where there is no token, as not long ago: nothing else is done for the message then.
    pub(super) fn look(
        &mut self,
        db: &dyn Database,
        request: &Request,
        auth: &AuthContext,
    ) -> Result<Option<ExchangeAnswer>> {
        if request.http_method == "GET" {
            // Perhaps it only looks whether there is something new on a stream, which is no message.
            return Ok(None);
        }
        let call_id = request.call_id.to_string();
        match rate_limit::look(db, &auth.buckets, &call_id) {
            Ok(()) => Ok(None),
            Err(error @ (Error::Database { .. } | Error::Internal(_))) => Err(error),
            Err(error) => self.refuse(db, request, auth, error).map(Some),
        }
    }

    /// Take what the message needs, or refuse it. A batch needs nothing itself: its messages come one by one; nor does a
    /// client that only looks whether a stream goes on, as it does every half second.
    /// `served`: what came of it, none where that is for the next statement; then only the tokens are taken.
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
        let holder = auth.holder();
        let call_id = request.call_id.to_string();
        let taken = limited(db, GATE_MS, || {
            // The place first: whoever gives one to the same holder may be waiting for the disk, and the buckets
            // must not wait along.
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
                self.noted = is_call;
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

/// Of the message that the request brings, if it is easily read.
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
