//! Who may enter: a refusal, a credential to verify, or a pass.

mod credential;
pub mod origin;
pub mod readiness;
pub mod session;
mod state;

pub use origin::with_cors;

use crate::audit;
use crate::error::{Error, Result, code};
use crate::pg::Database;
use crate::wire::http::{Claim, Credential, Reply, Request};
use crate::wire::pass::Pass;
use credential::Decision;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use state::State;

/// The number of docs/exchange.md that this core speaks.
pub const CONTRACT: i64 = 3;

/// What the gate decided.
pub enum Verdict {
    /// Enter; and what the addon may remember of the credential.
    Pass(Box<Pass>, Option<Value>),
    /// Stay out: this is the response, already noted in the audit.
    Refuse(Reply),
    /// A credential must be verified first.
    Verify { step: Value, state: Value },
    /// The fast door is closed: Odoo's ordinary route serves this request.
    Ordinary,
}

/// What the gate keeps while a credential is verified.
#[derive(Debug, Serialize, Deserialize)]
struct Waiting {
    request: Request,
    started: i64,
    cors: Option<String>,
    #[serde(default)]
    expected: Vec<Claim>,
}

/// Decide on a request (its body is not looked at).
///
/// # Errors
/// Only what PostgreSQL refuses; a refusal of ours is a verdict.
pub fn enter(db: &dyn Database, request: &Request, started: i64) -> Result<Verdict> {
    let claim = match &request.credential {
        Some(credential) => credential.claim(),
        None => None,
    };
    decide(db, request, started, claim, false)
}

/// Go on after a credential was verified.
///
/// # Errors
/// What PostgreSQL refuses, or a state that is not the gate's.
pub fn resume(db: &dyn Database, state: &Value, outcome: &Value) -> Result<Verdict> {
    let waiting =
        Waiting::deserialize(state).map_err(|error| Error::Internal(format!("state: {error}")))?;
    let claim = credential::proven(outcome, &waiting.expected);
    let Some(claim) = claim else {
        return refuse(
            db,
            &waiting.request,
            waiting.started,
            credential::wrong(),
            None,
            waiting.cors.as_deref(),
        );
    };
    // The password was checked by Odoo just now; the digest binds what is remembered to the rows of now.
    let fresh = matches!(claim, Claim::Password { .. });
    decide(db, &waiting.request, waiting.started, Some(claim), fresh)
}

fn decide(
    db: &dyn Database,
    request: &Request,
    started: i64,
    claim: Option<Claim>,
    fresh: bool,
) -> Result<Verdict> {
    let index = request.credential.as_ref().and_then(Credential::index);
    let state = State::read(db, index)?;
    if state.isolation != "read committed" {
        return Err(Error::Internal(format!(
            "mcp_gate needs the isolation level read committed, not {}",
            state.isolation
        )));
    }
    if let Err(error) = readiness::check(&state, request) {
        // Nothing can be written on a standby, and the audit table may not be there yet.
        return Ok(Verdict::Refuse(Reply::error(&Value::Null, &error)));
    }
    let State { settings, keys, .. } = state;
    if request.door == "fast" && !settings.fast_door {
        return Ok(Verdict::Ordinary);
    }
    if !settings.enabled {
        let error = Error::protocol(
            503,
            code::REFUSED,
            "MCP is switched off in this database. An Odoo administrator enables it in Settings > General Settings > \
             MCP Server.",
        );
        return refuse(db, request, started, error, None, None);
    }
    let cors = match origin::check(request, &settings) {
        Ok(cors) => cors,
        Err(error) => return refuse(db, request, started, error, None, None),
    };
    if request.http_method == "OPTIONS" {
        return Ok(Verdict::Refuse(origin::preflight(cors.as_deref())));
    }
    let fields = match &claim {
        Some(Claim::Password { fields, .. }) => fields.clone(),
        _ => Vec::new(),
    };
    let (user, key) = match credential::decide(db, request, keys, claim.as_ref(), &settings, fresh)
    {
        Ok(Decision::Known { user, key }) => (user, key),
        Ok(Decision::Verify { step, expected }) => {
            // The body comes with the next statement.
            let request = Request {
                body: None,
                ..request.clone()
            };
            let state =
                json!({"at": "gate", "waiting": Waiting { request, started, cors, expected }});
            return Ok(Verdict::Verify { step, state });
        }
        Err(error @ Error::Protocol { .. }) => {
            return refuse(db, request, started, error, None, cors.as_deref());
        }
        Err(error) => return Err(error),
    };
    let known = request.credential.as_ref().and_then(Credential::claim);
    let remember = credential::remember(&user, key.as_ref(), &fields, known.as_ref());
    let member = state::is_member(db, &user)?;
    let pass = Pass {
        uid: user.id,
        login: user.login,
        api_key_id: key.as_ref().map(|key| key.id),
        api_key_name: key.map(|key| key.name),
        max_body_bytes: settings.max_body_bytes,
        settings,
        cors,
        started,
    };
    if !member {
        let error = Error::protocol(
            403,
            code::REFUSED,
            "This user is in neither group MCP User nor MCP Administrator. An Odoo administrator adds it in the \
             user's access rights.",
        );
        return refuse(
            db,
            request,
            started,
            error,
            Some(&pass),
            pass.cors.as_deref(),
        );
    }
    Ok(Verdict::Pass(Box::new(pass), remember))
}

/// A refusal: its response, and its share of an audit row.
fn refuse(
    db: &dyn Database,
    request: &Request,
    started: i64,
    error: Error,
    pass: Option<&Pass>,
    cors: Option<&str>,
) -> Result<Verdict> {
    let mut reply = Reply::error(&Value::Null, &error);
    if reply.status == 401 {
        let challenge = if request.credential.is_some() {
            "Bearer realm=\"Odoo\", error=\"invalid_token\""
        } else {
            "Bearer realm=\"Odoo\""
        };
        reply = reply.header("WWW-Authenticate", challenge);
    }
    audit::refusal(db, request, pass, &reply, &error, started)?;
    Ok(Verdict::Refuse(with_cors(reply, cors)))
}
