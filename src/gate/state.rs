//! The state of this database, and the rows behind a credential, as they are now.

use crate::error::{Error, Result};
use crate::odoo::settings::Settings;
use crate::pg::{Database, Param, read_json};
use serde::Deserialize;
use serde_json::{Map, Value, json};

const STATE: &str = include_str!("../../sql/gate_state.sql");
const KEYS: &str = include_str!("../../sql/gate_keys.sql");
const USER: &str = include_str!("../../sql/gate_user.sql");
const GROUPS: &str = include_str!("../../sql/gate_groups.sql");

/// Whether and how this database serves.
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
}

#[derive(Deserialize)]
struct Row {
    recovery: bool,
    isolation: String,
    extension: Option<String>,
    module: Option<String>,
    settings: Option<Map<String, Value>>,
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
}

impl State {
    /// Read it.
    ///
    /// # Errors
    /// What PostgreSQL refuses; 42P01 and 42703 where this is no database of Odoo.
    pub fn read(db: &dyn Database) -> Result<Self> {
        let row: Row = read_json(db, STATE, &[])?;
        Ok(Self {
            recovery: row.recovery,
            isolation: row.isolation,
            extension: row.extension,
            module: row.module,
            settings: Settings::from_parameters(&row.settings.unwrap_or_default()),
        })
    }
}

/// Usable keys with this index.
pub fn keys(db: &dyn Database, index: &str) -> Result<Vec<Key>> {
    read_json(db, KEYS, &[Param::from(index)])
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

/// Which of this addon's groups the user holds.
pub fn groups(db: &dyn Database, uid: i64) -> Result<Vec<String>> {
    read_json(db, GROUPS, &[uid.into()])
}
