//! Checks that extension and addon have matching versions and that the database can serve.

use super::snapshot::Snapshot;
use crate::error::{Error, Result, code};
use crate::wire::http::Request;

/// The version of the contract between extension and addon (docs/exchange.md) that this library implements.
pub const CONTRACT: i64 = 5;

/// The library's version; the SQL functions must have the same.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// # Errors
/// 503 with the hint for the administrator.
pub fn check(state: &Snapshot, request: &Request) -> Result<()> {
    if state.recovery {
        return Err(standby());
    }
    match state.extension.as_deref() {
        None => {
            return Err(unavailable(
                "The extension odoo_mcp is not installed in this database. The database's owner runs: CREATE \
                 EXTENSION odoo_mcp;",
            ));
        }
        Some(installed) if installed != VERSION => {
            return Err(unavailable(&format!(
                "The extension's files are version {VERSION}, this database has {installed}. The database's owner \
                 runs: ALTER EXTENSION odoo_mcp UPDATE;"
            )));
        }
        Some(_) => {}
    }
    match state.configuration.module.as_deref() {
        Some("installed") => {}
        Some(module) if module.starts_with("to ") => {
            return Err(unavailable(&format!(
                "The Odoo module odoo_mcp is marked {module:?}. Try again when Odoo has finished."
            )));
        }
        _ => return Err(incomplete()),
    }
    if request.addon.contract != 0 && request.addon.contract != CONTRACT {
        let hint = if request.addon.contract < CONTRACT {
            "The Odoo addon odoo_mcp is too old for this extension: install the addon of the same release and \
             update the module."
        } else {
            "The Odoo addon odoo_mcp is newer than this extension: install the extension's files of the same \
             release, then run ALTER EXTENSION odoo_mcp UPDATE;"
        };
        return Err(unavailable(hint));
    }
    Ok(())
}

/// A standby cannot write the audit.
pub fn standby() -> Error {
    unavailable(
        "This database is a standby, where nothing can be recorded. Use the primary server.",
    )
}

/// The addon is missing or has another version.
pub fn incomplete() -> Error {
    unavailable(
        "The Odoo module odoo_mcp is not installed in this database, or was not updated with the extension. Install \
         or update it in Odoo; SELECT mcp_status() names what is missing.",
    )
}

fn unavailable(message: &str) -> Error {
    Error::protocol(503, code::REFUSED, message)
}
