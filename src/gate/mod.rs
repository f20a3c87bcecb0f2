//! Authentication: decides whether a request is refused, needs its credential verified by Odoo, or gets an
//! authentication context.

pub mod address;
pub mod concurrency;
mod credential;
mod lockout;
pub mod origin;
pub mod rate_limit;
pub mod readiness;
pub mod session;
mod snapshot;

pub use origin::with_cors;

use crate::audit;
use crate::error::{Error, Result, code};
use crate::odoo::settings::Settings;
use crate::pg::Database;
use crate::wire::address::is_within;
use crate::wire::auth_context::AuthContext;
use crate::wire::http::{Claim, Credential, Reply, Request};
use crate::wire::state::State;
use credential::CredentialDecision;
use lockout::Attempt;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use snapshot::Snapshot;

/// The decision of the gate.
pub enum Verdict {
    /// Accepted, with the claim for the addon's cache.
    Enter(Box<AuthContext>, Option<Value>),
    /// Refused: the response. Its audit row is written.
    Refuse(Reply),
    /// The addon must first verify a credential.
    Verify { step: Value, state: Value },
    /// The fast door is closed: Odoo's ordinary route serves this request.
    Ordinary,
}

/// The state of the gate while a credential is verified.
#[derive(Debug, Serialize, Deserialize)]
struct PendingVerification {
    request: Request,
    started: i64,
    cors: Option<String>,
    #[serde(default)]
    expected: Vec<Claim>,
    /// The lockout settings at the time of the attempt.
    settings: Settings,
    names_login: bool,
}

/// The progress of a credential.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Its claim may have been verified in an earlier request.
    Claimed,
    /// A key was verified in this exchange; its attempt is taken.
    Verified,
    /// Odoo verified a password in this exchange; the user row is checked again.
    Accepted,
}

/// Decide on a request. Ignores its body.
///
/// # Errors
/// Only errors from PostgreSQL; a refusal is a verdict.
pub fn enter(db: &dyn Database, request: &Request, started: i64) -> Result<Verdict> {
    let claim = match &request.credential {
        Some(credential) => credential.claim(),
        None => None,
    };
    decide(db, request, started, claim, Stage::Claimed)
}

/// Continue after the verification of a credential.
///
/// # Errors
/// Errors from PostgreSQL; a state that is not the gate's.
pub fn resume(db: &dyn Database, state: &Value, outcome: &Value) -> Result<Verdict> {
    let waiting = PendingVerification::deserialize(state)
        .map_err(|error| Error::Internal(format!("state: {error}")))?;
    let (request, started) = (&waiting.request, waiting.started);
    let claim = credential::proven(outcome, &waiting.expected);
    let Some(claim) = claim else {
        let error = unproven(db, &waiting, outcome)?;
        let refusal = RefusedRequest {
            cors: waiting.cors.as_deref(),
            names_login: waiting.names_login,
            ..RefusedRequest::of(request, started)
        };
        return refusal.write(db, error, None);
    };
    let stage = match claim {
        Claim::Password { .. } => Stage::Accepted,
        Claim::Key { .. } => Stage::Verified,
    };
    decide(db, request, started, Some(claim), stage)
}

/// Settle the attempt of an unproven credential; returns the refusal. A password that Odoo did not check was not wrong,
/// so its attempt is returned.
fn unproven(db: &dyn Database, waiting: &PendingVerification, outcome: &Value) -> Result<Error> {
    let attempt = Attempt::of(&waiting.request);
    if let Some(seconds) = outcome.get("wait").and_then(Value::as_i64) {
        if let Some(attempt) = attempt {
            attempt.give_back(db, &waiting.settings)?;
        }
        return Ok(lockout::paused(seconds));
    }
    if let Some(attempt) = attempt {
        attempt.failed(db, &waiting.settings)?;
    }
    Ok(credential::wrong())
}

fn decide(
    db: &dyn Database,
    request: &Request,
    started: i64,
    claim: Option<Claim>,
    stage: Stage,
) -> Result<Verdict> {
    let attempt = Attempt::of(request);
    let state = Snapshot::read(db, request, attempt.as_ref())?;
    if state.isolation != "read committed" {
        return Err(Error::Internal(format!(
            "mcp_gate needs the isolation level read committed, not {}",
            state.isolation
        )));
    }
    let origin = origin::check(request, &state.settings);
    let cors = origin.as_ref().ok().and_then(Option::as_deref);
    if let Err(error) = readiness::check(&state, request) {
        // A standby cannot write, and the audit table may not exist yet.
        let reply = Reply::error(&Value::Null, &error);
        return Ok(Verdict::Refuse(with_cors(reply, cors)));
    }
    let Snapshot {
        settings,
        keys,
        lockouts,
        secret,
        catalogue,
        ..
    } = state;
    if request.door == "fast" && !settings.fast_door {
        return Ok(Verdict::Ordinary);
    }
    let names_login = lockouts.names_logins(&settings);
    let refusal = RefusedRequest {
        cors,
        names_login,
        ..RefusedRequest::of(request, started)
    };
    if let Err(error) = open_for(request, &settings) {
        return refusal.write(db, error, None);
    }
    if let Err(error) = &origin {
        return refusal.write(db, error.clone(), None);
    }
    if request.http_method == "OPTIONS" {
        return Ok(Verdict::Refuse(origin::preflight(request, cors)));
    }
    // Before the credential is checked, and for a valid one too: an attacker must not learn that it is valid.
    if stage == Stage::Claimed
        && let Err(error) = lockouts.check()
    {
        return refusal.write(db, error, None);
    }
    let fields = match &claim {
        Some(Claim::Password { fields, .. }) => fields.clone(),
        _ => Vec::new(),
    };
    let fresh = stage == Stage::Accepted;
    let decided = credential::decide(db, request, keys, claim.as_ref(), &settings, fresh);
    let is_remembered_key = matches!(&decided, Ok(CredentialDecision::Known { key: Some(_), .. }));
    if stage == Stage::Claimed
        && attempt.is_some()
        && !is_remembered_key
        && let Err(error) = lockouts.check_address()
    {
        return refusal.write(db, error, None);
    }
    let (user, key) = match (decided, &attempt) {
        (Ok(CredentialDecision::Known { user, key }), attempt) => {
            if let Some(attempt) = attempt
                && stage != Stage::Claimed
            {
                attempt.give_back(db, &settings)?;
            }
            (user, key)
        }
        (Ok(CredentialDecision::Verify { step, expected }), attempt) => {
            if let Some(attempt) = attempt {
                match attempt.take(db, &settings) {
                    Err(error @ Error::Protocol { .. }) => {
                        return refusal.write(db, error, None);
                    }
                    taken => taken?,
                }
            }
            let waiting = PendingVerification {
                // The body comes with the next statement.
                request: Request {
                    body: None,
                    ..request.clone()
                },
                started,
                cors: cors.map(str::to_owned),
                expected,
                settings,
                names_login,
            };
            let waiting = serde_json::to_value(waiting)
                .map_err(|error| Error::Internal(format!("state: {error}")))?;
            let state = State::Gate { waiting }.to_json()?;
            return Ok(Verdict::Verify { step, state });
        }
        (Err(error @ Error::Protocol { .. }), attempt) => {
            if let Some(attempt) = attempt {
                // A verified credential took its attempt before.
                if stage == Stage::Claimed {
                    match attempt.take(db, &settings) {
                        Err(error @ Error::Protocol { .. }) => {
                            return refusal.write(db, error, None);
                        }
                        taken => taken?,
                    }
                }
                attempt.failed(db, &settings)?;
            }
            return refusal.write(db, error, None);
        }
        (Err(error), _) => return Err(error),
    };
    let known = request.credential.as_ref().and_then(Credential::claim);
    let remember = credential::remember(&user, key.as_deref(), &fields, known.as_ref());
    let member = snapshot::is_member(db, &user)?;
    let own = key.as_ref().and_then(|key| key.own.clone());
    let limits = key.as_ref().map(|key| (key.id, own.as_ref()));
    let mut auth = AuthContext {
        uid: user.id,
        api_key_id: key.as_ref().map(|key| key.id),
        buckets: rate_limit::buckets(user.id, limits, &settings),
        login: user.login,
        api_key_name: key.map(|key| key.name),
        max_body_bytes: settings.max_body_bytes,
        settings,
        cors: cors.map(str::to_owned),
        started,
        catalogue,
        scoped: own.is_some(),
        secret,
    };
    if let Some(own) = &own {
        if own.max_concurrent > 0 {
            auth.settings.max_concurrent = own.max_concurrent;
        }
        if !is_within(&own.networks, &request.remote_addr) {
            let error = Error::protocol(
                403,
                code::REFUSED,
                "This API key may not be used from this address.",
            );
            return refusal.write(db, error, Some(&auth));
        }
    }
    if !member {
        let error = Error::protocol(
            403,
            code::REFUSED,
            "This user is in neither group MCP User nor MCP Administrator. An Odoo administrator adds it in the \
             user's access rights.",
        );
        return refusal.write(db, error, Some(&auth));
    }
    Ok(Verdict::Enter(Box::new(auth), remember))
}

/// Check that the server is enabled and open to this address.
fn open_for(request: &Request, settings: &Settings) -> Result<()> {
    if !settings.enabled {
        return Err(Error::protocol(
            503,
            code::REFUSED,
            "MCP is switched off in this database. An Odoo administrator enables it in Settings > General Settings > \
             MCP Server.",
        ));
    }
    address::check(settings, &request.remote_addr)
}

/// A refusal to be written: its caller, and the details that it may reveal.
pub struct RefusedRequest<'a> {
    request: &'a Request,
    started: i64,
    /// The allowed Origin of the page that may read the response.
    cors: Option<&'a str>,
    /// Whether the audit row records the attempted login.
    names_login: bool,
}

impl<'a> RefusedRequest<'a> {
    /// A refusal of an unauthenticated request that arrived at `started`.
    fn of(request: &'a Request, started: i64) -> Self {
        Self {
            request,
            started,
            cors: None,
            names_login: false,
        }
    }

    /// A refusal of an authenticated caller.
    pub fn behind(request: &'a Request, auth: &'a AuthContext) -> Self {
        Self {
            cors: auth.cors.as_deref(),
            ..Self::of(request, auth.started)
        }
    }

    fn write(
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
