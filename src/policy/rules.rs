//! The configured restrictions of one caller: access records, and the scope of the API key. Each backend caches them by
//! the catalogue version.

use crate::audit;
use crate::cache::{self, Cache};
use crate::error::Result;
use crate::odoo::catalogue_version;
use crate::pg::{Database, read_json};
use serde::Deserialize;
use serde_json::Value;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::LazyLock;

const RULES: &str = sql!("policy/rules");

thread_local! {
    static CACHE: Cache<Rules> = Cache::default();
}

/// All restrictions of one caller, as configured by administrators.
#[derive(Debug, Default, Deserialize)]
pub struct Rules {
    /// Whether each change of these rules changes the catalogue version.
    #[serde(default)]
    pub(super) is_watched: bool,
    /// Odoo's major version.
    #[serde(default)]
    pub series: Option<i64>,
    /// The digest of the dependencies of fields; none: they are unknown.
    #[serde(default)]
    pub facts: Option<String>,
    /// The Odoo scope of the caller's API key.
    #[serde(default)]
    pub key_scope: Option<String>,
    /// Records of `mcp.access` by model.
    #[serde(default, deserialize_with = "by_model")]
    pub access: HashMap<String, Restriction>,
    /// The scope of the caller's API key.
    #[serde(default)]
    pub scope: Option<Scope>,
}

impl Rules {
    /// The rules for an API key, or for a caller without one.
    ///
    /// # Errors
    /// Errors from PostgreSQL.
    pub fn of_key(db: &dyn Database, api_key_id: Option<i64>) -> Result<Rc<Self>> {
        let read = || read_json::<Self>(db, RULES, &[api_key_id.into()]);
        let version = catalogue_version::read(db)?;
        let key = format!("{version} {api_key_id:?}");
        cache::get_or_insert_if(&CACHE, key, |rules| rules.is_watched, read)
    }

    /// The lines of the scope by model.
    pub fn lines(&self) -> &HashMap<String, Restriction> {
        static NONE: LazyLock<HashMap<String, Restriction>> = LazyLock::new(HashMap::new);
        self.scope.as_ref().map_or(&NONE, |scope| &scope.lines)
    }
}

fn by_model<'de, D: serde::Deserializer<'de>>(
    rows: D,
) -> std::result::Result<HashMap<String, Restriction>, D::Error> {
    let rows = Option::<Vec<Restriction>>::deserialize(rows)?;
    let rows = rows.unwrap_or_default().into_iter();
    Ok(rows.map(|row| (row.model.clone(), row)).collect())
}

/// A record of `mcp.key.scope`.
#[derive(Debug, Deserialize)]
pub struct Scope {
    pub name: Option<String>,
    #[serde(default)]
    active: bool,
    /// In microseconds since 1970.
    #[serde(default)]
    expires: Option<i64>,
    pub read_only: bool,
    /// Whether models without a line follow the user's rights.
    pub all_models: bool,
    #[serde(default)]
    pub companies: Option<Vec<i64>>,
    /// The methods of the scope's tools, if it names tools.
    #[serde(default)]
    pub tools: Option<Vec<String>>,
    #[serde(default, deserialize_with = "by_model")]
    pub lines: HashMap<String, Restriction>,
}

impl Scope {
    /// Whether it is active and has not expired.
    pub fn is_live(&self) -> bool {
        self.active && self.expires.is_none_or(|expires| expires > audit::now())
    }
}

/// One model in a record of `mcp.access`, or a scope line.
#[derive(Debug, Default, Clone, Deserialize)]
pub struct Restriction {
    pub model: String,
    #[serde(default)]
    pub read: Option<bool>,
    #[serde(default)]
    pub write: Option<bool>,
    #[serde(default)]
    pub create: Option<bool>,
    #[serde(default)]
    pub unlink: Option<bool>,
    #[serde(default)]
    pub call: Option<bool>,
    #[serde(default)]
    pub allowed_methods: Option<String>,
    #[serde(default)]
    pub blocked_methods: Option<String>,
    /// Operations that need confirmation, and methods exempt from it.
    #[serde(default)]
    pub confirm_write: Option<bool>,
    #[serde(default)]
    pub confirm_create: Option<bool>,
    #[serde(default)]
    pub confirm_unlink: Option<bool>,
    #[serde(default)]
    pub confirm_call: Option<bool>,
    #[serde(default)]
    pub free_methods: Option<String>,
    /// JSON text.
    #[serde(default)]
    pub domain: Option<String>,
    /// If not empty, only these fields are shown.
    #[serde(default)]
    pub allowed_fields: Option<Vec<String>>,
    #[serde(default)]
    pub hidden_fields: Option<Vec<String>>,
    /// If not empty, only members of these groups may use the model: id and name.
    #[serde(default)]
    pub groups: Option<Vec<(i64, String)>>,
}

impl Restriction {
    /// The only methods that may be called; empty: all.
    pub fn allowed_methods(&self) -> Vec<&str> {
        names(self.allowed_methods.as_deref())
    }

    /// Methods exempt from confirmation.
    pub fn free_methods(&self) -> Vec<&str> {
        names(self.free_methods.as_deref())
    }

    pub fn blocked_methods(&self) -> Vec<&str> {
        names(self.blocked_methods.as_deref())
    }

    /// The only fields that are shown; none: all.
    pub fn whitelist(&self) -> Option<&[String]> {
        self.allowed_fields
            .as_deref()
            .filter(|fields| !fields.is_empty())
    }

    pub fn hidden(&self) -> &[String] {
        self.hidden_fields.as_deref().unwrap_or_default()
    }

    pub fn has_fields(&self) -> bool {
        self.whitelist().is_some() || !self.hidden().is_empty()
    }

    /// Whether some records or fields are out of reach.
    pub fn is_partial(&self) -> bool {
        self.has_fields() || self.domain.is_some()
    }

    /// Whether the restriction refuses an operation or hides records or fields of its model.
    pub fn narrows(&self) -> bool {
        let operations = [self.read, self.write, self.create, self.unlink, self.call];
        self.is_partial() || operations.iter().any(|allowed| *allowed != Some(true))
    }

    /// Whether members of these groups may use the model.
    pub fn is_for(&self, groups: &[i64]) -> bool {
        let members = self.groups.as_deref().unwrap_or_default();
        members.is_empty() || members.iter().any(|(id, _)| groups.contains(id))
    }

    /// The domain in Odoo's format. A value that is not a list of terms selects nothing.
    pub fn terms(&self) -> Option<Vec<Value>> {
        let text = self.domain.as_deref()?;
        let parsed = serde_json::from_str(text);
        Some(parsed.unwrap_or_else(|_| vec![serde_json::json!([0, "=", 1])]))
    }
}

/// One name per line.
fn names(text: Option<&str>) -> Vec<&str> {
    let lines = text.unwrap_or_default().lines().map(str::trim);
    lines.filter(|line| !line.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_domain_that_is_none_selects_nothing() {
        let of = |text: &str| Restriction {
            domain: Some(text.into()),
            ..Restriction::default()
        };
        assert_eq!(
            of("[[\"a\", \"=\", 1]]").terms(),
            Some(vec![json!(["a", "=", 1])])
        );
        for broken in ["{}", "[[", "5"] {
            assert_eq!(of(broken).terms(), Some(vec![json!([0, "=", 1])]));
        }
        assert_eq!(Restriction::default().terms(), None);
    }

    #[test]
    fn a_scope_ends_at_its_time_whatever_is_cached() {
        let of = |active: bool, expires: Option<i64>| {
            let scope = json!({"active": active, "expires": expires, "read_only": false, "all_models": true});
            serde_json::from_value::<Scope>(scope).unwrap().is_live()
        };
        assert!(of(true, None) && of(true, Some(audit::now() + 60_000_000)));
        assert!(!of(true, Some(audit::now() - 1)) && !of(false, None));
    }
}
