//! The state of this database, and the rows behind a credential, as they are now.

use crate::error::{Error, Result};
use crate::odoo::settings::Settings;
use crate::pg::{Database, Param, read_json};
use serde::Deserialize;
use serde_json::{Map, Value, json};

const STATE: &str = include_str!("../../sql/gate_state.sql");
const USER: &str = include_str!("../../sql/gate_user.sql");

/// Whether and how this database serves, and who may be behind the request.
#[derive(Debug)]
pub struct State {
    /// Whether this is a standby, where nothing can be recorded.
    pub recovery: bool,
    pub isolation: String,
    /// Version that `CREATE EXTENSION` or `ALTER EXTENSION` installed.
    pub extension: Option<String>,
    /// State of the Odoo module.
    pub module: Option<String>,
    pub settings: Settings,
    /// Usable keys with the index of the request's credential.
    pub keys: Vec<Key>,
}

#[derive(Deserialize)]
struct Row {
    recovery: bool,
    isolation: String,
    extension: Option<String>,
    module: Option<String>,
    settings: Option<Map<String, Value>>,
    keys: Option<Vec<Key>>,
}

/// A usable API key.
#[derive(Debug, Clone, Deserialize)]
pub struct Key {
    pub id: i64,
    pub name: String,
    #[serde(default)]
    pub scope: Option<String>,
    pub hash: String,
    pub digest: String,
    pub user: Subject,
}

/// A user who may be behind a credential.
#[derive(Debug, Clone, Deserialize)]
pub struct Subject {
    pub id: i64,
    pub login: String,
    pub active: bool,
    /// Digest of what the session token depends on; only of a user whose password was proven.
    #[serde(default)]
    pub digest: Option<String>,
    /// Whether a membership of the user's own in one of this addon's groups was seen.
    #[serde(default)]
    pub member: bool,
}

impl State {
    /// Read it, all in one statement. `index`: of the API key that the request was made with, if it was.
    ///
    /// # Errors
    /// What PostgreSQL refuses; 42P01 and 42703 where this is no database of Odoo.
    pub fn read(db: &dyn Database, index: Option<&str>) -> Result<Self> {
        let row: Row = read_json(db, STATE, &[Param::from(index)])?;
        Ok(Self {
            recovery: row.recovery,
            isolation: row.isolation,
            extension: row.extension,
            module: row.module,
            settings: Settings::from_parameters(&row.settings.unwrap_or_default()),
            keys: row.keys.unwrap_or_default(),
        })
    }
}

/// The user of a proven password; `fields` are those that the proof depends on.
pub fn user(db: &dyn Database, uid: i64, fields: &[String]) -> Result<Option<Subject>> {
    let fields = json!(fields);
    match db.read(USER, &[uid.into(), Param::from(&fields)])? {
        None => Ok(None),
        Some(text) => serde_json::from_str(&text)
            .map(Some)
            .map_err(|error| Error::Internal(format!("user row: {error}"))),
    }
}

/// Whether the user is in one of this addon's groups, by whatever implies it.
///
/// # Errors
/// What PostgreSQL refuses.
pub fn is_member(db: &dyn Database, user: &Subject) -> Result<bool> {
    const MEMBER: &str = include_str!("../../sql/gate_member.sql");
    // Most users are so directly, which costs no statement of its own.
    Ok(user.member || db.read(MEMBER, &[user.id.into()])?.as_deref() == Some("true"))
}
