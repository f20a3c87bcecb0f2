//! The administrator's settings: system parameters of Odoo.

use crate::error::Result;
use crate::pg::{Database, Param, read_json};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

const SETTINGS: &str = sql!("settings");

/// The parameters that the core reads.
pub const NAMES: [&str; 30] = [
    "web.base.url",
    "odoo_mcp.enabled",
    "odoo_mcp.fast_door",
    "odoo_mcp.allowed_origins",
    "odoo_mcp.session_hours",
    "odoo_mcp.require_session",
    "odoo_mcp.accept_plain_keys",
    "odoo_mcp.max_records",
    "odoo_mcp.default_records",
    "odoo_mcp.call_seconds",
    "odoo_mcp.max_body_mb",
    "odoo_mcp.max_answer_kb",
    "odoo_mcp.max_file_mb",
    "odoo_mcp.audit_days",
    "odoo_mcp.audit_request_kb",
    "odoo_mcp.audit_values",
    "odoo_mcp.audit_redact",
    "odoo_mcp.rate_per_minute",
    "odoo_mcp.rate_burst",
    "odoo_mcp.max_concurrent",
    "odoo_mcp.lockout_failures",
    "odoo_mcp.lockout_minutes",
    "odoo_mcp.ip_strategy",
    "odoo_mcp.ip_networks",
    "odoo_mcp.read_only",
    "odoo_mcp.default_access",
    "odoo_mcp.unscoped_keys",
    "odoo_mcp.confirm",
    "odoo_mcp.confirm_person",
    "odoo_mcp.instructions",
];

/// Their values, with defaults for unset or malformed ones.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    pub base_url: String,
    pub enabled: bool,
    pub fast_door: bool,
    pub allowed_origins: Vec<String>,
    pub session_seconds: i64,
    pub require_session: bool,
    /// Whether the server accepts keys that Odoo's own RPC accepts, too.
    pub accept_plain_keys: bool,
    pub max_records: i64,
    pub default_records: i64,
    pub call_ms: i64,
    pub max_body_bytes: i64,
    pub max_answer_bytes: i64,
    /// Maximum size of a file that a client attaches to a record.
    #[serde(default)]
    pub max_file_bytes: i64,
    pub audit_days: i64,
    pub audit_request_bytes: i64,
    /// Whether audit rows keep the values before and after a change.
    pub audit_values: bool,
    /// Further names whose values the audit redacts.
    pub audit_redact: Vec<String>,
    /// Rate limit of each user and each API key: requests per minute (0: no limit), and at once.
    pub rate_per_minute: i64,
    pub rate_burst: i64,
    /// In-flight calls per API key; 0: no limit.
    pub max_concurrent: i64,
    /// Failed attempts within the minutes that lock out an address; 0: no lockout.
    pub lockout_failures: i64,
    pub lockout_minutes: i64,
    /// The IP filter. Only the gate uses both settings, and the networks can be many.
    #[serde(skip)]
    pub ip_strategy: String,
    #[serde(skip)]
    pub ip_networks: String,
    /// Changes are refused.
    pub read_only: bool,
    /// Models without an access record are closed.
    pub default_none: bool,
    /// API keys without a scope are refused everything.
    pub unscoped_none: bool,
    /// The calls that need confirmation, and whether only a person may confirm.
    #[serde(default)]
    pub confirm: Confirm,
    #[serde(default)]
    pub confirm_person: bool,
    /// The administrator's instructions to the AI model.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub instructions: String,
}

/// The calls that need confirmation, whatever the access record of their model says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Confirm {
    #[default]
    None,
    /// Overwriting, deleting, and methods.
    Destructive,
    /// All changes.
    All,
}

impl Confirm {
    /// An unknown value counts as the strictest one.
    fn parse(text: &str) -> Self {
        match text {
            "" | "none" => Self::None,
            "destructive" => Self::Destructive,
            _ => Self::All,
        }
    }
}

impl Settings {
    /// Read the current settings.
    ///
    /// # Errors
    /// Errors from PostgreSQL.
    pub fn read(db: &dyn Database) -> Result<Self> {
        let names = json!(NAMES);
        let parameters: Map<String, Value> = read_json(db, SETTINGS, &[Param::from(&names)])?;
        Ok(Self::from_parameters(&parameters))
    }

    /// Parse the parameters. Odoo stores a boolean as `True` and deletes the row for false. Settings that default to
    /// true are therefore stored as `False` when switched off.
    pub fn from_parameters(parameters: &Map<String, Value>) -> Self {
        let text = |name: &str| {
            parameters
                .get(name)
                .and_then(Value::as_str)
                .unwrap_or("")
                .trim()
        };
        let flag = |name: &str, default: bool| match text(name).to_ascii_lowercase().as_str() {
            "" => default,
            "false" | "0" | "no" | "off" => false,
            _ => true,
        };
        let number = |name: &str, default: i64, least: i64, most: i64| {
            text(name)
                .parse::<i64>()
                .unwrap_or(default)
                .clamp(least, most)
        };
        let max_records = number("odoo_mcp.max_records", 1_000, 1, 100_000);
        Self {
            base_url: text("web.base.url").to_owned(),
            enabled: flag("odoo_mcp.enabled", true),
            fast_door: flag("odoo_mcp.fast_door", true),
            allowed_origins: text("odoo_mcp.allowed_origins")
                .split([',', ' ', '\n'])
                .filter(|origin| !origin.is_empty())
                .map(str::to_owned)
                .collect(),
            session_seconds: number("odoo_mcp.session_hours", 24, 1, 24 * 365) * 3_600,
            require_session: flag("odoo_mcp.require_session", false),
            accept_plain_keys: flag("odoo_mcp.accept_plain_keys", true),
            max_records,
            default_records: number("odoo_mcp.default_records", 80, 1, max_records),
            call_ms: number("odoo_mcp.call_seconds", 30, 1, 3_600) * 1_000,
            max_body_bytes: number("odoo_mcp.max_body_mb", 10, 1, 128) * 1_000_000,
            max_answer_bytes: number("odoo_mcp.max_answer_kb", 200, 10, 100_000) * 1_000,
            max_file_bytes: number("odoo_mcp.max_file_mb", 5, 1, 100) * 1_000_000,
            audit_days: number("odoo_mcp.audit_days", 90, 1, 36_500),
            audit_request_bytes: number("odoo_mcp.audit_request_kb", 10, 1, 1_000) * 1_000,
            audit_values: flag("odoo_mcp.audit_values", false),
            audit_redact: text("odoo_mcp.audit_redact")
                .split([',', ' ', '\n'])
                .filter(|name| !name.is_empty())
                .map(str::to_owned)
                .collect(),
            rate_per_minute: number("odoo_mcp.rate_per_minute", 120, 0, 1_000_000),
            rate_burst: number("odoo_mcp.rate_burst", 60, 1, 1_000_000),
            max_concurrent: number("odoo_mcp.max_concurrent", 8, 0, 10_000),
            lockout_failures: number("odoo_mcp.lockout_failures", 10, 0, 1_000),
            lockout_minutes: number("odoo_mcp.lockout_minutes", 15, 1, 1_440),
            ip_strategy: text("odoo_mcp.ip_strategy").to_ascii_lowercase(),
            ip_networks: text("odoo_mcp.ip_networks").to_owned(),
            read_only: flag("odoo_mcp.read_only", false),
            // An unknown value counts as the stricter one.
            default_none: !["", "odoo"].contains(&text("odoo_mcp.default_access")),
            unscoped_none: !["", "user"].contains(&text("odoo_mcp.unscoped_keys")),
            confirm: Confirm::parse(text("odoo_mcp.confirm")),
            confirm_person: flag("odoo_mcp.confirm_person", false),
            instructions: text("odoo_mcp.instructions").to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(parameters: Value) -> Settings {
        Settings::from_parameters(parameters.as_object().unwrap())
    }

    #[test]
    fn unset_and_unreadable_values_take_the_defaults() {
        let defaults = settings(json!({}));
        assert!(defaults.enabled && defaults.fast_door && !defaults.require_session);
        assert_eq!(defaults.max_records, 1_000);
        let odd = settings(json!({"odoo_mcp.max_records": "many", "odoo_mcp.call_seconds": "-4"}));
        assert_eq!((odd.max_records, odd.call_ms), (1_000, 1_000));
    }

    #[test]
    fn what_restricts_is_off_unless_set_and_on_when_unclear() {
        let of = |value: &str| {
            let set = settings(
                json!({"odoo_mcp.read_only": value, "odoo_mcp.default_access": value, "odoo_mcp.unscoped_keys": value}),
            );
            (set.read_only, set.default_none, set.unscoped_none)
        };
        assert_eq!(of(""), (false, false, false));
        assert_eq!(of("none"), (true, true, true));
        assert_eq!(of("odoo"), (true, false, true));
        assert_eq!(of("user"), (true, true, false));
        assert!(!of("False").0);
    }

    #[test]
    fn what_is_to_be_confirmed_is_all_when_unclear() {
        let of = |value: &str| settings(json!({"odoo_mcp.confirm": value})).confirm;
        assert_eq!(of(""), Confirm::None);
        assert_eq!(of("none"), Confirm::None);
        assert_eq!(of("destructive"), Confirm::Destructive);
        assert_eq!(of("all"), Confirm::All);
        assert_eq!(of("some"), Confirm::All);
    }

    #[test]
    fn what_is_set_counts() {
        let set = settings(
            json!({"odoo_mcp.enabled": "False", "odoo_mcp.require_session": "True",
            "odoo_mcp.default_records": "5000", "odoo_mcp.allowed_origins": "https://a.example, https://b.example"}),
        );
        assert!(!set.enabled && set.require_session);
        assert_eq!(set.default_records, 1_000);
        assert_eq!(
            set.allowed_origins,
            ["https://a.example", "https://b.example"]
        );
    }
}
