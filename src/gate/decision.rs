//! The checks of the gate in their order. The first that fails decides the response.

use super::credential::{self, CredentialDecision};
use super::lockout::Attempt;
use super::origin::{self, with_cors};
use super::snapshot::{self, ApiKey, Snapshot, UserRow};
use super::verdict::{RefusedRequest, Verdict};
use super::verification::PendingVerification;
use super::{address, rate_limit, readiness};
use crate::error::{Error, Result, code};
use crate::odoo::settings::Settings;
use crate::pg::Database;
use crate::wire::address::is_within;
use crate::wire::auth_context::AuthContext;
use crate::wire::http::{Claim, Credential, Reply, Request};
use crate::wire::principal::Principal;
use serde_json::Value;
use std::rc::Rc;

/// The progress of a credential.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Its claim may have been verified in an earlier request.
    Claimed,
    /// A key was verified in this exchange; its attempt is taken.
    Verified,
    /// Odoo verified a password in this exchange; the user row is checked again.
    Accepted,
}

/// Why the checks stop: a verdict, or an error from PostgreSQL.
enum Stop {
    Verdict(Box<Verdict>),
    Error(Error),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

impl From<Verdict> for Stop {
    fn from(verdict: Verdict) -> Self {
        Self::Verdict(Box::new(verdict))
    }
}

type Checked<T> = std::result::Result<T, Stop>;

/// The user of a credential, and the API key unless it was a password.
struct Authenticated {
    user: Box<UserRow>,
    key: Option<Box<ApiKey>>,
}

/// Decide on a request. Ignores its body.
///
/// # Errors
/// Only errors from PostgreSQL; a refusal is a verdict.
pub fn decide(
    db: &dyn Database,
    request: &Request,
    started: i64,
    claim: Option<Claim>,
    stage: Stage,
) -> Result<Verdict> {
    match check(db, request, started, claim, stage) {
        Ok(verdict) => Ok(verdict),
        Err(Stop::Verdict(verdict)) => Ok(*verdict),
        Err(Stop::Error(error)) => Err(error),
    }
}

fn check(
    db: &dyn Database,
    request: &Request,
    started: i64,
    claim: Option<Claim>,
    stage: Stage,
) -> Checked<Verdict> {
    let attempt = Attempt::of(request);
    let mut snapshot = Snapshot::read(db, request, attempt.as_ref())?;
    require_read_committed(&snapshot.isolation)?;
    let configuration = Rc::clone(&snapshot.configuration);
    let settings = &configuration.settings;
    let origin = origin::check(request, settings);
    let cors = origin.as_ref().ok().and_then(Option::as_deref);
    if let Err(error) = readiness::check(&snapshot, request) {
        // A standby cannot write, and the audit table may not exist yet.
        let reply = Reply::error(&Value::Null, &error);
        return Ok(Verdict::Refuse(with_cors(reply, cors)));
    }
    if request.door == "fast" && !settings.fast_door {
        return Ok(Verdict::Ordinary);
    }
    let names_login = snapshot.lockouts.names_logins(settings);
    let refusal = RefusedRequest::new(request, started, cors, names_login);
    let checks = Checks {
        db,
        request,
        started,
        claim,
        stage,
        attempt,
        refusal,
    };
    checks.or_refuse(open_for(request, settings))?;
    if let Err(error) = &origin {
        return checks.refuse(error.clone());
    }
    if request.http_method == "OPTIONS" {
        return Ok(Verdict::Refuse(origin::preflight(request, cors)));
    }
    let authenticated = checks.authenticate(&mut snapshot)?;
    checks.admit(authenticated, snapshot)
}

/// What all checks of one request need.
struct Checks<'a> {
    db: &'a dyn Database,
    request: &'a Request,
    started: i64,
    claim: Option<Claim>,
    stage: Stage,
    attempt: Option<Attempt>,
    refusal: RefusedRequest<'a>,
}

impl Checks<'_> {
    fn refuse<T>(&self, error: Error) -> Checked<T> {
        Err(self.refusal.write(self.db, error, None)?.into())
    }

    /// The result of a check. An error for the client becomes a refusal.
    fn or_refuse<T>(&self, result: Result<T>) -> Checked<T> {
        match result {
            Ok(value) => Ok(value),
            Err(error @ Error::Protocol { .. }) => self.refuse(error),
            Err(error) => Err(error.into()),
        }
    }

    fn authenticate(&self, snapshot: &mut Snapshot) -> Checked<Authenticated> {
        let is_first = self.stage == Stage::Claimed;
        // Before the credential is checked, and for a valid one too: an attacker must not learn that it is valid.
        if is_first {
            self.or_refuse(snapshot.lockouts.check())?;
        }
        let keys = std::mem::take(&mut snapshot.keys);
        let (claim, settings) = (self.claim.as_ref(), &snapshot.configuration.settings);
        let fresh = self.stage == Stage::Accepted;
        let decided = credential::decide(self.db, self.request, keys, claim, settings, fresh);
        let is_remembered_key =
            matches!(&decided, Ok(CredentialDecision::Known { key: Some(_), .. }));
        if is_first && self.attempt.is_some() && !is_remembered_key {
            self.or_refuse(snapshot.lockouts.check_address())?;
        }
        match decided {
            Ok(CredentialDecision::Known { user, key }) => {
                self.give_attempt_back(settings)?;
                Ok(Authenticated { user, key })
            }
            Ok(CredentialDecision::Verify { step, expected }) => {
                self.take_attempt(settings)?;
                Err(self.pending(settings, expected).ask(step)?.into())
            }
            Err(error @ Error::Protocol { .. }) => {
                self.count_failure(settings)?;
                self.refuse(error)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// A verified credential took an attempt that did not fail.
    fn give_attempt_back(&self, settings: &Settings) -> Result<()> {
        match &self.attempt {
            Some(attempt) if self.stage != Stage::Claimed => attempt.give_back(self.db, settings),
            _ => Ok(()),
        }
    }

    fn take_attempt(&self, settings: &Settings) -> Checked<()> {
        match &self.attempt {
            Some(attempt) => self.or_refuse(attempt.take(self.db, settings)),
            None => Ok(()),
        }
    }

    fn count_failure(&self, settings: &Settings) -> Checked<()> {
        // A verified credential took its attempt before.
        if self.stage == Stage::Claimed {
            self.take_attempt(settings)?;
        }
        match &self.attempt {
            Some(attempt) => Ok(attempt.failed(self.db, settings)?),
            None => Ok(()),
        }
    }

    fn pending(&self, settings: &Settings, expected: Vec<Claim>) -> PendingVerification {
        PendingVerification {
            request: Request {
                body: None,
                ..self.request.clone()
            },
            started: self.started,
            cors: self.refusal.cors.map(str::to_owned),
            expected,
            settings: settings.clone(),
            names_login: self.refusal.names_login,
        }
    }

    /// Check what an authenticated caller still needs, and build its authentication context.
    fn admit(&self, authenticated: Authenticated, snapshot: Snapshot) -> Checked<Verdict> {
        let Authenticated { user, key } = authenticated;
        let remember = self.remember(&user, key.as_deref());
        let member = snapshot::is_member(self.db, &user)?;
        let own = key.as_ref().and_then(|key| key.own.clone());
        let principal = Principal {
            user_id: user.id,
            api_key_id: key.as_ref().map(|key| key.id),
        };
        let settings = snapshot.configuration.settings.clone();
        let mut auth = AuthContext {
            principal,
            buckets: rate_limit::buckets(principal, own.as_ref(), &settings),
            login: user.login,
            api_key_name: key.map(|key| key.name),
            max_body_bytes: settings.max_body_bytes,
            settings,
            cors: self.refusal.cors.map(str::to_owned),
            started: self.started,
            catalogue: snapshot.catalogue,
            scoped: own.is_some(),
            secret: snapshot.configuration.secret.clone(),
        };
        let mut fits = true;
        if let Some(own) = &own {
            if own.max_concurrent > 0 {
                auth.settings.max_concurrent = own.max_concurrent;
            }
            fits = is_within(&own.networks, &self.request.remote_addr);
        }
        let refused = if !fits {
            "This API key may not be used from this address. An MCP administrator can change the networks in its \
             scope."
        } else if !member {
            "This user is in neither group MCP User nor MCP Administrator. An Odoo administrator adds it in the \
             user's access rights."
        } else {
            return Ok(Verdict::Enter(Box::new(auth), remember));
        };
        let error = Error::protocol(403, code::REFUSED, refused);
        Ok(self.refusal.write(self.db, error, Some(&auth))?)
    }

    /// The claim for the addon's cache.
    fn remember(&self, user: &UserRow, key: Option<&ApiKey>) -> Option<Value> {
        let fields: &[String] = match &self.claim {
            Some(Claim::Password { fields, .. }) => fields,
            _ => &[],
        };
        let credential = self.request.credential.as_ref();
        let known = credential.and_then(Credential::claim);
        credential::remember(user, key, fields, known.as_ref())
    }
}

fn require_read_committed(isolation: &str) -> Result<()> {
    if isolation == "read committed" {
        return Ok(());
    }
    Err(Error::Internal(format!(
        "mcp_gate needs the isolation level read committed, not {isolation}"
    )))
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
