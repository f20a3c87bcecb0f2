//! The argument `domain` of a tool: parsed, checked against the model and the policy, and with times in UTC.

use super::context::Context;
use crate::audit;
use crate::error::{Error, Result};
use crate::odoo::domain::relative_date::is_relative;
use crate::odoo::domain::{self, Domain, ValuePlace, type_check};
use crate::odoo::field::{Field, FieldType};
use crate::odoo::user::User;
use crate::odoo::values::undeclared;
use crate::policy;
use crate::time_zone;
use serde_json::{Value, json};
use std::collections::HashMap;

/// What Odoo's own views and record rules write for the caller, the company and today.
const OF_USER: [&str; 4] = ["user.id", "env.uid", "env.user.id", "uid"];
const OF_COMPANY: [&str; 3] = ["user.company_id.id", "env.company.id", "company_id"];
const OF_COMPANIES: [&str; 4] = [
    "user.company_ids.ids",
    "env.companies.ids",
    "allowed_company_ids",
    "company_ids",
];
const TODAY: [&str; 3] = [
    "context_today().strftime('%Y-%m-%d')",
    "context_today()",
    "current_date",
];
/// The first Odoo major version with relative dates in domains.
const SERIES_WITH_RELATIVE_DATES: i64 = 19;
/// A text that models write for the caller's own user.
const ME: &str = "me";

/// A search domain in Odoo's format, with the terms of the policy.
///
/// # Errors
/// A malformed domain, an unknown field, a value that does not fit; Denied by the policy.
pub fn read(context: &Context, model: &str, value: &Value) -> Result<Value> {
    let mut domain = domain::parse_for(value, &variables(context.user))?;
    check_values(context, model, &mut domain)?;
    type_check::check(&context.models, model, &domain)?;
    policy::domain::guard(context.policy, &context.models, model, &domain)
}

fn variables(user: &User) -> Vec<(&'static str, Value)> {
    let all = |names: &[&'static str], value: Value| -> Vec<_> {
        names.iter().map(|name| (*name, value.clone())).collect()
    };
    if user.company_ids.is_empty() {
        // Without a company, `company_id` would mean "not set".
        return [
            all(&OF_USER, json!(user.id)),
            all(&TODAY, json!(today(user))),
        ]
        .concat();
    }
    [
        all(&OF_USER, json!(user.id)),
        all(&OF_COMPANY, json!(user.company_ids.first())),
        all(&OF_COMPANIES, json!(user.company_ids)),
        all(&TODAY, json!(today(user))),
    ]
    .concat()
}

/// The date at the user's place.
fn today(user: &User) -> String {
    let now = chrono::DateTime::from_timestamp_micros(audit::now()).unwrap_or_default();
    let local = now.with_timezone(&user.zone());
    local.format("%Y-%m-%d").to_string()
}

/// Checks every path of a domain, and converts the values that stand for the caller, and local times to UTC.
fn check_values(context: &Context, model: &str, domain: &mut Domain) -> Result<()> {
    let mut fields: HashMap<String, Field> = HashMap::new();
    for leaf in domain.leaves() {
        let field = context.models.resolve(model, &leaf.path, leaf.position)?;
        fields.insert(leaf.path, field);
    }
    domain.map_values(|place, value| {
        let Some(field) = fields.get(place.path) else {
            return Ok(());
        };
        if place.operator.as_str().contains("like") {
            return Ok(());
        }
        if let Some(meant) = meant(field, value, context.user) {
            *value = meant;
        }
        let has_relative = context.policy.is_from(SERIES_WITH_RELATIVE_DATES);
        in_utc(field.ttype, place, value, context.user, has_relative)
    })
}

/// The id or the date that a text stands for where the field's type leaves no doubt.
fn meant(field: &Field, value: &Value, user: &User) -> Option<Value> {
    let text = value.as_str()?;
    match (field.ttype, field.relation.as_deref()) {
        (_, Some("res.users")) if text == ME || OF_USER.contains(&text) => Some(json!(user.id)),
        (_, Some("res.company")) if OF_COMPANY.contains(&text) => {
            user.company_ids.first().map(|id| json!(id))
        }
        (FieldType::Date | FieldType::Datetime, _) if TODAY.contains(&text) => {
            Some(json!(today(user)))
        }
        _ => None,
    }
}

/// Converts a local time to UTC where the field has times.
fn in_utc(
    ttype: FieldType,
    place: ValuePlace,
    value: &mut Value,
    user: &User,
    has_relative: bool,
) -> Result<()> {
    let zone = user.zone();
    match ttype {
        // A property or a part of a date: its type is not declared.
        FieldType::Other => return undeclared::accept(value, &place.position(), zone),
        FieldType::Datetime | FieldType::Date => {}
        _ => return Ok(()),
    }
    let Value::String(text) = &*value else {
        return Ok(());
    };
    // Dates and relative dates stay as they are: Odoo has rules for them.
    if time_zone::is_date(text) || has_relative && is_relative(text) {
        return Ok(());
    }
    let utc = time_zone::accept_datetime(text, zone)
        .map_err(|error| Error::bad_arguments(format!("{}: {error}", place.position())))?;
    if ttype == FieldType::Datetime {
        *value = Value::String(utc);
        return Ok(());
    }
    // For a local time Odoo takes the day. The day of an instant depends on the user's time zone.
    match time_zone::undeclared(text) {
        time_zone::Undeclared::NoZone => Ok(()),
        _ => Err(Error::bad_arguments(format!(
            "{}: {} is a date and is compared with a day such as \"{}\", not with an instant.",
            place.position(),
            place.path,
            text.get(..10).unwrap_or_default()
        ))),
    }
}
