//! The version of what caches are made from: settings, tools, resources, and the access policy. The addon's triggers
//! count their changes (`catalogue.sql`).

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
