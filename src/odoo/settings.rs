//! The administrator's settings: system parameters of Odoo.

use crate::error::Result;
use crate::pg::{Database, Param, read_json};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::sync::LazyLock;

const SETTINGS: &str = sql!("odoo/settings");
/// Prefix of the keys.
const PREFIX: &str = "odoo_mcp.";
const BASE_URL: &str = "web.base.url";

/// The default of each setting, the range of numbers, the choices of selections. The addon reads the same file.
const FILE: &str = include_str!("../../odoo_addon/odoo_mcp/settings.json");

/// What `settings.json` says of one setting.
#[derive(Debug, Deserialize)]
struct Spec {
    default: Value,
    /// The least and the greatest number.
    #[serde(default)]
    range: Option<[i64; 2]>,
    /// The last one applies to an unknown stored value.
    #[serde(default)]
    choices: Vec<String>,
}

static SPECS: LazyLock<BTreeMap<String, Spec>> =
    LazyLock::new(|| serde_json::from_str(FILE).unwrap_or_default());

/// The keys of the parameters that the core reads.
pub fn parameter_names() -> Vec<String> {
    let ours = SPECS.keys().map(|name| format!("{PREFIX}{name}"));
    ours.chain([BASE_URL.to_owned()]).collect()
}

/// Stored parameters, by the names of their settings.
struct Stored<'a>(&'a Map<String, Value>);

impl Stored<'_> {
    fn text(&self, name: &str) -> &str {
        let value = self.0.get(&format!("{PREFIX}{name}"));
        value.and_then(Value::as_str).unwrap_or_default().trim()
    }

    fn flag(&self, name: &str) -> bool {
        match self.text(name).to_ascii_lowercase().as_str() {
            "" => SPECS.get(name).is_some_and(|spec| spec.default == true),
            "false" | "0" | "no" | "off" => false,
            _ => true,
        }
    }

    fn number(&self, name: &str) -> i64 {
        let spec = SPECS.get(name);
        let default = || spec.and_then(|spec| spec.default.as_i64());
        let [least, most] = spec.and_then(|spec| spec.range).unwrap_or([0, i64::MAX]);
        let stored = self.text(name).parse::<i64>().ok();
        stored.or_else(default).unwrap_or(least).clamp(least, most)
    }

    fn choice(&self, name: &str) -> &str {
        let spec = SPECS.get(name);
        let stored = match self.text(name) {
            "" => spec.and_then(|spec| spec.default.as_str()).unwrap_or(""),
            stored => stored,
        };
        let choices = spec.map_or(&[][..], |spec| &spec.choices);
        match choices.iter().any(|choice| choice == stored) {
            true => stored,
            false => choices.last().map_or("", String::as_str),
        }
    }

    /// A list separated by commas, spaces or line breaks.
    fn list(&self, name: &str) -> Vec<String> {
        let parts = self.text(name).split([',', ' ', '\n']);
        parts
            .filter(|part| !part.is_empty())
            .map(str::to_owned)
            .collect()
    }
}

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
    fn parse(text: &str) -> Self {
        match text {
            "none" => Self::None,
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
        let names = json!(parameter_names());
        let parameters: Map<String, Value> = read_json(db, SETTINGS, &[Param::from(&names)])?;
        Ok(Self::from_parameters(&parameters))
    }

    /// Parse the parameters. Odoo stores a boolean as `True` and deletes the row for false. Settings that default to
    /// true are therefore stored as `False` when switched off.
    pub fn from_parameters(parameters: &Map<String, Value>) -> Self {
        let stored = Stored(parameters);
        let base_url = parameters.get(BASE_URL).and_then(Value::as_str);
        let max_records = stored.number("max_records");
        Self {
            base_url: base_url.unwrap_or_default().trim().to_owned(),
            enabled: stored.flag("enabled"),
            fast_door: stored.flag("fast_door"),
            allowed_origins: stored.list("allowed_origins"),
            session_seconds: stored.number("session_hours") * 3_600,
            require_session: stored.flag("require_session"),
            accept_plain_keys: stored.flag("accept_plain_keys"),
            max_records,
            default_records: stored.number("default_records").min(max_records),
            call_ms: stored.number("call_seconds") * 1_000,
            max_body_bytes: stored.number("max_body_mb") * 1_000_000,
            max_answer_bytes: stored.number("max_answer_kb") * 1_000,
            max_file_bytes: stored.number("max_file_mb") * 1_000_000,
            audit_days: stored.number("audit_days"),
            audit_request_bytes: stored.number("audit_request_kb") * 1_000,
            audit_values: stored.flag("audit_values"),
            audit_redact: stored.list("audit_redact"),
            rate_per_minute: stored.number("rate_per_minute"),
            rate_burst: stored.number("rate_burst"),
            max_concurrent: stored.number("max_concurrent"),
            lockout_failures: stored.number("lockout_failures"),
            lockout_minutes: stored.number("lockout_minutes"),
            ip_strategy: stored.text("ip_strategy").to_ascii_lowercase(),
            ip_networks: stored.text("ip_networks").to_owned(),
            read_only: stored.flag("read_only"),
            default_none: stored.choice("default_access") == "none",
            unscoped_none: stored.choice("unscoped_keys") == "none",
            confirm: Confirm::parse(stored.choice("confirm")),
            confirm_person: stored.flag("confirm_person"),
            instructions: stored.text("instructions").to_owned(),
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
    fn the_file_has_exactly_the_settings_that_the_core_reads() {
        let code = include_str!("settings.rs");
        let read: std::collections::BTreeSet<&str> = ["flag", "number", "text", "choice", "list"]
            .iter()
            .flat_map(|kind| {
                let call = format!("stored.{kind}(\"");
                let ends = code
                    .split(&call)
                    .skip(1)
                    .filter_map(|rest| rest.split('"').next());
                ends.collect::<Vec<_>>()
            })
            .filter(|name| name.chars().all(|c| c.is_ascii_lowercase() || c == '_'))
            .collect();
        let listed = SPECS.keys().map(String::as_str).collect();
        assert_eq!(read, listed);
        for (name, spec) in SPECS.iter() {
            let Some([least, most]) = spec.range else {
                assert!(!spec.default.is_number(), "{name} has no range");
                continue;
            };
            let default = spec.default.as_i64().unwrap();
            assert!((least..=most).contains(&default), "{name}");
        }
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
