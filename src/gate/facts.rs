//! What the gate asks the database, in one statement.

use crate::error::Result;
use crate::odoo::settings::{NAMES, Settings};
use crate::pg::{Database, Param, read_json};
use crate::wire::http::{Claim, Credential, Request};
use serde::Deserialize;
use serde_json::{Map, Value, json};

const GATE_FACTS: &str = include_str!("../../sql/gate_facts.sql");

/// The rows behind a request, as they are now.
#[derive(Debug)]
pub struct Facts {
    /// Whether this is a standby, where nothing can be recorded.
    pub recovery: bool,
    pub isolation: String,
    /// Version that `CREATE EXTENSION` or `ALTER EXTENSION` installed.
    pub extension: Option<String>,
    pub module: Option<Module>,
    pub settings: Settings,
    /// Usable API keys with the index of the credential.
    pub keys: Vec<Key>,
    /// Their owners, and the user whose password was proven.
    pub users: Vec<Subject>,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Module {
    pub state: String,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Key {
    pub id: i64,
    pub user_id: i64,
    pub name: String,
    #[serde(default)]
    pub scope: Option<String>,
    pub hash: String,
    pub digest: String,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Subject {
    pub id: i64,
    pub login: String,
    pub active: bool,
    /// Which of the groups of this addon the user holds.
    pub groups: Vec<String>,
    /// Digest of what the session token depends on; only of the user whose password was proven.
    #[serde(default)]
    pub digest: Option<String>,
}

#[derive(Deserialize)]
struct Row {
    recovery: bool,
    isolation: String,
    extension: Option<String>,
    module: Option<Module>,
    settings: Option<Map<String, Value>>,
    keys: Vec<Key>,
    users: Vec<Subject>,
}

impl Facts {
    /// Read them for this request and what it claims.
    ///
    /// # Errors
    /// What PostgreSQL refuses; 42P01 and 42703 where the addon's tables are missing.
    pub fn read(db: &dyn Database, request: &Request, claim: Option<&Claim>) -> Result<Self> {
        let index = match &request.credential {
            Some(Credential::Bearer { index, .. } | Credential::Basic { index, .. }) => {
                index.as_deref()
            }
            _ => None,
        };
        let (uid, fields) = match claim {
            Some(Claim::Password { uid, fields, .. }) => (Some(*uid), json!(fields)),
            _ => (None, json!([])),
        };
        let names = json!(NAMES);
        let params = [
            Param::from(&names),
            index.into(),
            uid.into(),
            (&fields).into(),
        ];
        let row: Row = read_json(db, GATE_FACTS, &params)?;
        Ok(Self {
            recovery: row.recovery,
            isolation: row.isolation,
            extension: row.extension,
            module: row.module,
            settings: Settings::from_parameters(&row.settings.unwrap_or_default()),
            keys: row.keys,
            users: row.users,
        })
    }

    pub fn user(&self, id: i64) -> Option<&Subject> {
        self.users.iter().find(|user| user.id == id)
    }
}
