//! The user who makes a call.

use crate::error::{Error, Result};
use crate::pg::{Database, Param, read_json};
use crate::text::json::clip;
use crate::time_zone;
use chrono_tz::Tz;
use serde::Deserialize;
use serde_json::{Value, json};

const USER: &str = sql!("fragments/held_groups", "user");

/// What a call needs to know of its user.
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
    /// [`Error::Denied`](crate::error::ToolError::Denied) when there is no such active user.
    pub fn read(db: &dyn Database, uid: i64) -> Result<Self> {
        let user: Option<Self> = match db.read(USER, &[Param::from(uid)])? {
            None => None,
            Some(text) => serde_json::from_str(&text)
                .map_err(|error| Error::Internal(format!("user row: {error}")))?,
        };
        user.filter(|user| user.active)
            .ok_or_else(|| Error::denied(format!("There is no active user with id {uid}.")))
    }

    /// The time zone to speak in: the user's, else UTC.
    pub fn zone(&self) -> Tz {
        self.tz
            .as_deref()
            .and_then(time_zone::zone)
            .unwrap_or(Tz::UTC)
    }

    /// Why it is UTC that is spoken in, where the user has not chosen that.
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

    /// The Odoo context of a call: language, time zone, companies; nothing else.
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
    const MODELS: &str = sql!("fragments/held_groups", "readable_models");
    read_json(db, MODELS, &[user.id.into(), user.language().into()])
}
