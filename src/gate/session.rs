//! Sessions of the handshake versions. `initialize` opens one; it belongs to a user and a credential, and ends by
//! `DELETE` or after a time.

use crate::error::{Error, Result, code};
use crate::pg::{Database, Param};
use crate::wire::auth_context::AuthContext;
use crate::wire::http::Request;
use crate::wire::version::Version;
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// A living session.
#[derive(Debug, Clone, Deserialize)]
pub struct Session {
    #[serde(skip)]
    pub id: String,
    pub protocol_version: Version,
    pub client_name: Option<String>,
    pub client_version: Option<String>,
    /// The least severe log messages that the client wants, if it has said so.
    #[serde(default)]
    pub log_level: Option<String>,
    /// What the client has declared that it can be asked.
    #[serde(default)]
    pub capabilities: Map<String, Value>,
    touch: bool,
}

/// The session that the request names; none where it names none and none is required.
///
/// # Errors
/// 404 when it does not exist, is over, or is another user's or credential's (the client starts over, as the
/// specification says); 400 when the administrator requires sessions.
pub fn find(db: &dyn Database, request: &Request, auth: &AuthContext) -> Result<Option<Session>> {
    const FIND: &str = sql!("session_find");
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
        auth.uid.into(),
        auth.api_key_id.into(),
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

/// Begin a session; gives its id.
pub fn open(
    db: &dyn Database,
    request: &Request,
    auth: &AuthContext,
    version: Version,
    client: &Value,
) -> Result<String> {
    const OPEN: &str = sql!("session_open");
    let id = uuid::Uuid::new_v4().to_string();
    let row = json!({
        "session_id": id, "user_id": auth.uid, "api_key_id": auth.api_key_id,
        "protocol_version": version, "client_name": client["name"], "client_version": client["version"],
        "capabilities": client["capabilities"],
        "remote_addr": request.remote_addr, "user_agent": request.note("user-agent"),
        "seconds": auth.settings.session_seconds,
    });
    db.write(OPEN, &[Param::from(&row)])?;
    Ok(id)
}

/// Keep which log messages the client wants.
pub fn set_log_level(db: &dyn Database, session: &Session, level: &str) -> Result<()> {
    const SET: &str = sql!("session_log_level");
    db.write(SET, &[Param::from(session.id.as_str()), level.into()])?;
    Ok(())
}

/// Live on, from now. Written at most once a minute, so that a busy session costs no write of its own.
pub fn touch(db: &dyn Database, session: &Session, auth: &AuthContext) -> Result<()> {
    const TOUCH: &str = sql!("session_touch");
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
    const CLOSE: &str = sql!("session_close");
    db.write(CLOSE, &[Param::from(session.id.as_str())])?;
    Ok(())
}
