//! The part of `mcp_status` about the audit log.

use crate::error::Result;
use crate::pg::{Database, limited};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

const AUDIT: &str = sql!("status/audit");
/// The time limit of one statement of `mcp_status`, in milliseconds.
pub const MILLISECONDS: u64 = 5_000;
/// Hours without a seal before a warning. Odoo's scheduler runs maintenance every hour.
const MOST_UNSEALED_HOURS: f64 = 3.0;

/// The extent of the sealed audit log.
#[derive(Debug, Deserialize, Serialize)]
pub struct Audit {
    seals: i64,
    last_seal: Option<String>,
    head: Option<String>,
    /// Age in hours of the oldest row without a seal.
    unsealed_hours: Option<f64>,
    #[serde(skip_serializing)]
    copy: bool,
}

/// The audit status, none without a secret, and its problems.
///
/// # Errors
/// Errors from PostgreSQL.
pub fn audit(db: &dyn Database) -> Result<(Value, Vec<Value>)> {
    let Some(text) = limited(db, MILLISECONDS, || db.read(AUDIT, &[]))? else {
        let warning = json!({
            "message": "The audit log has no secret, so no call can be recorded.",
            "hint": "Update the module odoo_mcp in Odoo."});
        return Ok((Value::Null, vec![warning]));
    };
    let audit: Audit = serde_json::from_str(&text)
        .map_err(|error| crate::error::Error::Internal(format!("audit state: {error}")))?;
    let warnings = audit.warnings();
    Ok((json!(audit), warnings))
}

impl Audit {
    fn warnings(&self) -> Vec<Value> {
        let mut warnings = Vec::new();
        if let Some(hours) = self
            .unsealed_hours
            .filter(|hours| *hours > MOST_UNSEALED_HOURS)
        {
            warnings.push(json!({
                "message": format!("Maintenance has not sealed the audit log for {hours} hours: what is deleted from it \
                                 meanwhile leaves no trace, and old rows and sessions stay."),
                "hint": "Let Odoo's scheduled action \"MCP: expire sessions, settle calls, tidy the audit log\" run every \
                         hour (it needs max_cron_threads above 0), and look for its errors in Odoo's log. \
                         SELECT mcp_maintain() says what stands in the way."}));
        }
        if self.copy {
            warnings.push(json!({
                "message": "This database is a copy, and still has the secrets of the one that it was copied from.",
                "hint": "Maintenance renews them: let Odoo's scheduled action run, or run SELECT mcp_maintain() until its \
                         answer does not say \"more\"."}));
        }
        warnings
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maintenance_that_does_not_run_is_told() {
        let with = |unsealed_hours, copy| Audit {
            seals: 1,
            last_seal: None,
            head: None,
            unsealed_hours,
            copy,
        };
        assert!(with(None, false).warnings().is_empty());
        assert!(with(Some(2.9), false).warnings().is_empty());
        assert_eq!(with(Some(3.1), false).warnings().len(), 1);
        assert_eq!(with(Some(3.1), true).warnings().len(), 2);
    }
}
