//! Reads the state of this database and the API keys with a credential's index, in one statement.

use super::configuration::Configuration;
use super::lockout::{Attempt, Lockout, Lockouts};
use super::rate_limit::Limits;
use crate::error::{Error, Result};
use crate::pg::{Database, Param, Row};
use crate::wire::address::counted_as;
use crate::wire::http::{Credential, Request};
use serde::Deserialize;
use serde_json::json;
use sha2::{Digest, Sha256};
use std::cell::RefCell;
use std::rc::Rc;

/// The statement for an addon in Odoo 18 or later, where API keys have an expiration date. Naming the column is cheaper
/// than searching the row for it.
const DATED: &str = concat!(
    sql!("fragments/catalogue_version", "gate/state"),
    "AND coalesce(k.expiration_date >= pg_catalog.timezone('UTC', pg_catalog.clock_timestamp()), true)"
);
/// The statement for versions without that column.
const STATE: &str = concat!(
    sql!("fragments/catalogue_version", "gate/state"),
    "AND coalesce((pg_catalog.to_jsonb(k) ->> 'expiration_date')::timestamp",
    " >= pg_catalog.timezone('UTC', pg_catalog.clock_timestamp()), true)"
);
const LOCKOUTS: &str = sql!("gate/lockouts");
const GROUPS: &str = sql!("gate/groups");
const USER: &str = sql!("gate/user");

/// The state and configuration of this database, and the possible users of the request.
#[derive(Debug)]
pub struct Snapshot {
    /// Whether this is a standby, which cannot write.
    pub recovery: bool,
    pub isolation: String,
    /// Version installed by `CREATE EXTENSION` or `ALTER EXTENSION`.
    pub extension: Option<String>,
    pub configuration: Rc<Configuration>,
    /// The catalogue version.
    pub catalogue: Option<String>,
    /// Failed attempts with the request's credential and from its address.
    pub lockouts: Lockouts,
    /// Usable keys with the index of the request's credential.
    pub keys: Vec<ApiKey>,
}

/// A usable API key.
#[derive(Debug, Clone)]
pub struct ApiKey {
    pub id: i64,
    pub name: String,
    pub scope: Option<String>,
    pub hash: String,
    /// Distinguishes this hash from others in a claim.
    pub digest: String,
    /// Limits set in its scope; none: it has no scope.
    pub own: Option<Limits>,
    pub user: UserRow,
}

/// A possible user of a credential.
#[derive(Debug, Clone, Deserialize)]
pub struct UserRow {
    pub id: i64,
    pub login: String,
    pub active: bool,
    /// Digest of the fields that the session token depends on; only for a user with a verified password.
    #[serde(default)]
    pub digest: Option<String>,
    /// Whether the user has a direct membership in one of this addon's groups.
    #[serde(default)]
    pub member: bool,
}

fn statement(request: &Request) -> &'static str {
    let series = request.addon.series.split('.').next();
    match series.and_then(|major| major.parse::<u32>().ok()) {
        Some(major) if major >= 18 => DATED,
        _ => STATE,
    }
}

impl Snapshot {
    /// Read the snapshot in one statement. `attempt`: the key by which failed attempts with the request's credential
    /// are counted.
    ///
    /// # Errors
    /// Errors from PostgreSQL; 42P01 and 42703 if this is not an Odoo database.
    pub fn read(db: &dyn Database, request: &Request, attempt: Option<&Attempt>) -> Result<Self> {
        let index = request.credential.as_ref().and_then(Credential::index);
        let address = counted_as(&request.remote_addr);
        let [kind, name, address] = [
            Param::from(attempt.map(|attempt| attempt.kind)),
            Param::from(attempt.map(|attempt| attempt.name.as_str())),
            Param::from(address.as_str()),
        ];
        let groups = Groups::cached();
        let ids = groups.as_ref().map_or([None; 2], |groups| groups.ids);
        let [one, other] = ids.map(Param::from);
        let params = [Param::from(index), kind, name, address, one, other];
        let mut rows = db.rows(statement(request), &params)?.into_iter();
        let mut first = rows.next().ok_or_else(|| unexpected("no row"))?;
        let catalogue: Option<String> = first.take("catalogue")?;
        let configuration = Configuration::at(db, catalogue.as_deref())?;
        let lockouts: Vec<Lockout> = match first.is_true("has_failed")? {
            true => {
                let [_, kind, name, address, ..] = params;
                let failed = db.read(LOCKOUTS, &[kind, name, address])?;
                serde_json::from_str(failed.as_deref().unwrap_or("[]")).map_err(unexpected)?
            }
            false => Vec::new(),
        };
        let mut keys: Vec<ApiKey> = ApiKey::read(&mut first)?.into_iter().collect();
        for mut row in rows {
            keys.extend(ApiKey::read(&mut row)?);
        }
        if groups.is_none_or(|groups| groups.catalogue != catalogue) {
            // Memberships in outdated groups are meaningless; `is_member` queries again.
            for key in &mut keys {
                key.user.member = false;
            }
            Groups::cache(db, catalogue.clone())?;
        }
        Ok(Self {
            recovery: first.is_true("recovery")?,
            isolation: first.text("isolation")?,
            extension: first.take("extension")?,
            lockouts: Lockouts::new(lockouts, &configuration.settings),
            configuration,
            catalogue,
            keys,
        })
    }
}

thread_local! {
    static GROUPS_CACHE: RefCell<Option<Rc<Groups>>> = RefCell::default();
}

/// This addon's groups as this backend last read them. They change only when the addon is reinstalled.
struct Groups {
    /// The catalogue version at that time.
    catalogue: Option<String>,
    ids: [Option<i64>; 2],
}

impl Groups {
    fn cached() -> Option<Rc<Self>> {
        GROUPS_CACHE.with_borrow(Clone::clone)
    }

    /// Read the groups, and cache them for this catalogue version.
    fn cache(db: &dyn Database, catalogue: Option<String>) -> Result<()> {
        let mut ids = [None; 2];
        for (id, mut row) in ids.iter_mut().zip(db.rows(GROUPS, &[])?) {
            *id = Some(row.number("id")?);
        }
        GROUPS_CACHE.set(Some(Rc::new(Self { catalogue, ids })));
        Ok(())
    }
}

impl ApiKey {
    /// Read the columns of a key; `None` for a row without a key.
    fn read(row: &mut Row) -> Result<Option<Self>> {
        let Some(id) = row.json("key_id")? else {
            return Ok(None);
        };
        let hash = row.text("hash")?;
        Ok(Some(Self {
            id,
            name: row.text("key_name")?,
            scope: row.take("key_scope")?,
            digest: hex::encode(Sha256::digest(&hash)),
            hash,
            own: row.json("own")?,
            user: UserRow {
                id: row.number("user_id")?,
                login: row.text("login")?,
                active: row.is_true("active")?,
                digest: None,
                member: row.is_true("member")?,
            },
        }))
    }
}

fn unexpected(problem: impl std::fmt::Display) -> Error {
    Error::Internal(format!("the state of the database: {problem}"))
}

/// The user with a verified password; `fields` are the fields that the claim depends on.
///
/// # Errors
/// Errors from PostgreSQL.
pub fn user(db: &dyn Database, uid: i64, fields: &[String]) -> Result<Option<UserRow>> {
    let fields = json!(fields);
    match db.read(USER, &[uid.into(), Param::from(&fields)])? {
        None => Ok(None),
        Some(text) => serde_json::from_str(&text)
            .map(Some)
            .map_err(|error| Error::Internal(format!("user row: {error}"))),
    }
}

/// Whether the user is in one of this addon's groups, directly or implied.
///
/// # Errors
/// Errors from PostgreSQL.
pub fn is_member(db: &dyn Database, user: &UserRow) -> Result<bool> {
    const MEMBER: &str = sql!("gate/member");
    // Most users are direct members, which saves a query.
    Ok(user.member || db.read(MEMBER, &[user.id.into()])?.as_deref() == Some("true"))
}
