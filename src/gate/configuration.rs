//! The settings, the state of the Odoo module and the secret of the audit log. They rarely change, so each backend
//! caches them by the catalogue version.

use crate::error::{Error, Result};
use crate::odoo::settings::Settings;
use crate::pg::Database;
use crate::wire::auth_context::Secret;
use serde_json::{Map, Value};
use std::cell::RefCell;
use std::rc::Rc;

const CONFIGURATION: &str = sql!("gate/configuration");

/// The part of the configuration that the gate needs.
#[derive(Debug)]
pub struct Configuration {
    /// State of the Odoo module.
    pub module: Option<String>,
    pub settings: Settings,
    /// The secret for the HMACs of the audit.
    pub secret: Option<Secret>,
}

thread_local! {
    static CACHE: RefCell<Option<(String, Rc<Configuration>)>> = RefCell::default();
}

impl Configuration {
    /// The configuration at a catalogue version, cached. Without the triggers that record its changes it is read each
    /// time.
    ///
    /// # Errors
    /// Errors from PostgreSQL.
    pub fn at(db: &dyn Database, version: Option<&str>) -> Result<Rc<Self>> {
        let cached = CACHE.with_borrow(|cached| {
            let (of, configuration) = cached.as_ref()?;
            (Some(of.as_str()) == version).then(|| Rc::clone(configuration))
        });
        if let Some(configuration) = cached {
            return Ok(configuration);
        }
        let (read, is_watched) = Self::read(db)?;
        let read = Rc::new(read);
        if let Some(version) = version.filter(|_| is_watched) {
            CACHE.set(Some((version.to_owned(), Rc::clone(&read))));
        }
        Ok(read)
    }

    fn read(db: &dyn Database) -> Result<(Self, bool)> {
        let mut rows = db.rows(CONFIGURATION, &[])?.into_iter();
        let mut row = rows.next().ok_or_else(|| unexpected("no row"))?;
        let parameters = row.take("settings")?.unwrap_or_else(|| "{}".into());
        let parameters: Map<String, Value> =
            serde_json::from_str(&parameters).map_err(unexpected)?;
        let configuration = Self {
            module: row.take("module")?,
            settings: Settings::from_parameters(&parameters),
            secret: row.take("secret")?.map(Secret),
        };
        Ok((configuration, row.is_true("is_watched")?))
    }
}

fn unexpected(problem: impl std::fmt::Display) -> Error {
    Error::Internal(format!("the configuration: {problem}"))
}
