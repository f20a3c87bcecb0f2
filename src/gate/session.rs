//! Sessions of the handshake protocol versions. `initialize` opens a session for a user and a credential; it ends with
//! `DELETE` or after a timeout.

use crate::error::{Error, Result, code};
use crate::pg::{Database, Param};
use crate::wire::auth_context::AuthContext;
use crate::wire::http::Request;
use crate::wire::version::Version;
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// A live session.
#[derive(Debug, Clone, Deserialize)]
pub struct Session {
    #[serde(skip)]
    pub id: String,
    pub protocol_version: Version,
    pub client_name: Option<String>,
    pub client_version: Option<String>,
    /// The minimum log level set by the client, if any.
    #[serde(default)]
    pub log_level: Option<String>,
    /// The client capabilities declared in `initialize`.
    #[serde(default)]
    pub capabilities: Map<String, Value>,
    touch: bool,
}

/// The session named by the request; `None` if it names none and none is required.
///
/// # Errors
/// 404 if the session does not exist, has ended, or belongs to another user or credential (the client starts over, as
/// the specification says); 400 if the administrator requires sessions.
pub fn find(db: &dyn Database, request: &Request, auth: &AuthContext) -> Result<Option<Session>> {
    const FIND: &str = sql!("gate/session_find");
    let Some(id) = request.header("mcp-session-id")? else {
        if auth.settings.require_session {
            return Err(Error::protocol(
                400,
                code::REFUSED,
                "Mcp-Session-Id is missing: this server requires the session that initialize gave.",
            ));
        }
        return Ok(None);
    };
    let params = [
        Param::from(id),
        auth.principal.user_id.into(),
        auth.principal.api_key_id.into(),
        auth.settings.session_seconds.into(),
    ];
    let Some(text) = db.read(FIND, &params)? else {
        return Err(Error::protocol(
            404,
            code::REFUSED,
            "There is no such session, or it is over. Send initialize again.",
        ));
    };
    let mut session: Session = serde_json::from_str(&text)
        .map_err(|error| Error::Internal(format!("session row: {error}")))?;
    session.id = id.to_owned();
    Ok(Some(session))
}

/// Open a session; returns its id.
pub fn open(
    db: &dyn Database,
    request: &Request,
    auth: &AuthContext,
    version: Version,
    client: &Value,
) -> Result<String> {
    const OPEN: &str = sql!("gate/session_open");
    let id = uuid::Uuid::new_v4().to_string();
    let row = json!({
        "session_id": id, "user_id": auth.principal.user_id, "api_key_id": auth.principal.api_key_id,
        "protocol_version": version, "client_name": client["name"], "client_version": client["version"],
        "capabilities": client["capabilities"],
        "remote_addr": request.remote_addr, "user_agent": request.note("user-agent"),
        "seconds": auth.settings.session_seconds,
    });
    db.write(OPEN, &[Param::from(&row)])?;
    Ok(id)
}

/// Store the minimum log level set by the client.
pub fn set_log_level(db: &dyn Database, session: &Session, level: &str) -> Result<()> {
    const SET: &str = sql!("gate/session_log_level");
    db.write(SET, &[Param::from(session.id.as_str()), level.into()])?;
    Ok(())
}

/// Restart the timeout. Written at most once a minute, so that a busy session costs no extra write per message.
pub fn touch(db: &dyn Database, session: &Session, auth: &AuthContext) -> Result<()> {
    const TOUCH: &str = sql!("gate/session_touch");
    if session.touch {
        let params = [
            Param::from(session.id.as_str()),
            auth.settings.session_seconds.into(),
        ];
        db.write(TOUCH, &params)?;
    }
    Ok(())
}

/// End a session.
pub fn close(db: &dyn Database, session: &Session) -> Result<()> {
    const CLOSE: &str = sql!("gate/session_close");
    db.write(CLOSE, &[Param::from(session.id.as_str())])?;
    Ok(())
}
