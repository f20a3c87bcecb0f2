//! The calling user.

use crate::error::{Error, Result};
use crate::pg::{Database, Param, read_json};
use crate::text::json::clip;
use crate::time_zone;
use chrono_tz::Tz;
use serde::Deserialize;
use serde_json::{Value, json};

const USER: &str = sql!("fragments/held_groups", "odoo/user");

/// The properties of a user that a call needs.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct User {
    pub id: i64,
    pub login: String,
    pub active: bool,
    /// Time zone name as stored; it may be empty or unknown.
    #[serde(default)]
    pub tz: Option<String>,
    /// An active language, else Odoo's `en_US`.
    #[serde(default)]
    pub lang: Option<String>,
    /// Active companies of the user, the user's own first.
    #[serde(default)]
    pub company_ids: Vec<i64>,
    /// All groups held, implied ones included.
    #[serde(default)]
    pub group_ids: Vec<i64>,
}

impl User {
    /// Read a user.
    ///
    /// # Errors
    /// [`Error::Denied`](crate::error::ToolError::Denied) without such an active user.
    pub fn read(db: &dyn Database, uid: i64) -> Result<Self> {
        let user: Option<Self> = match db.read(USER, &[Param::from(uid)])? {
            None => None,
            Some(text) => serde_json::from_str(&text)
                .map_err(|error| Error::Internal(format!("user row: {error}")))?,
        };
        user.filter(|user| user.active)
            .ok_or_else(|| Error::denied(format!("There is no active user with id {uid}.")))
    }

    /// The time zone for shown times: the user's, otherwise UTC.
    pub fn zone(&self) -> Tz {
        self.tz
            .as_deref()
            .and_then(time_zone::zone)
            .unwrap_or(Tz::UTC)
    }

    /// The reason why times are in UTC although the user has not chosen it, or `None`.
    pub fn zone_note(&self) -> Option<String> {
        match self.tz.as_deref().filter(|name| !name.is_empty()) {
            None => Some("The user has no time zone: times are in UTC.".into()),
            Some(name) if time_zone::zone(name).is_none() => Some(format!(
                "The user's time zone {:?} is not known here: times are in UTC.",
                clip(name, 64)
            )),
            Some(_) => None,
        }
    }

    pub fn language(&self) -> &str {
        self.lang.as_deref().unwrap_or("en_US")
    }

    /// The Odoo context of a call: only language, time zone and companies.
    pub fn context(&self) -> Value {
        let mut context = json!({"lang": self.language(), "allowed_company_ids": self.company_ids});
        if self.tz.as_deref().and_then(time_zone::zone).is_some() {
            context["tz"] = json!(self.tz);
        }
        context
    }
}

/// Models that the user may read: technical name and label, sorted by name.
pub fn readable_models(db: &dyn Database, user: &User) -> Result<Vec<(String, String)>> {
    const MODELS: &str = sql!("fragments/held_groups", "odoo/readable_models");
    read_json(db, MODELS, &[user.id.into(), user.language().into()])
}
