//! The catalogue version: a text that changes with the settings, the tools, the resources and the access policy. Caches
//! of these use it as their key. Triggers of the addon record the changes (`catalogue.sql`).

use crate::error::Result;
use crate::pg::Database;

const VERSION: &str = sql!("fragments/catalogue_version", "odoo/catalogue_version");

/// The version that this statement sees. It never repeats, not even after a rollback.
///
/// # Errors
/// Errors from PostgreSQL.
pub fn read(db: &dyn Database) -> Result<String> {
    Ok(db.read(VERSION, &[])?.unwrap_or_default())
}
