//! The parts of Odoo's context that a caller may set: language, companies, time zone.

use super::user::User;
use crate::error::{Error, Result};
use crate::pg::{Database, read_json};
use crate::text::json::{brief, clip};
use crate::text::suggest::{did_you_mean, nearest};
use crate::time_zone;
use serde_json::{Value, json};

/// Maximum number of companies in an error.
const MOST_NAMED: usize = 20;

/// Set the language in which translated fields, labels and help are read and written. `at` is the position of the
/// value.
///
/// # Errors
/// Bad arguments for an inactive language, with the active ones.
pub fn set_language(db: &dyn Database, user: &mut User, value: &Value, at: &str) -> Result<()> {
    const LANGUAGES: &str = sql!("odoo/languages");
    let active: Vec<String> = read_json(db, LANGUAGES, &[])?;
    let Some(lang) = value.as_str() else {
        return Err(Error::bad_arguments(format!(
            "{at}: must be the code of a language, not {}. Active: {}.",
            brief(value),
            active.join(", ")
        )));
    };
    if !active.iter().any(|code| code == lang) {
        return Err(Error::bad_arguments(format!(
            "{at}: {:?} is no active language.{} Active: {}.",
            clip(lang, 40),
            did_you_mean(lang, active.iter().map(String::as_str)),
            active.join(", ")
        )));
    }
    user.lang = Some(lang.to_owned());
    Ok(())
}

/// Set the companies of the call, a selection of the user's with the current one first. `with_names`: whether the
/// caller may see the names of companies.
///
/// # Errors
/// Bad arguments for anything but a list of ids of the user's companies, with these companies.
pub fn set_companies(
    db: &dyn Database,
    user: &mut User,
    value: &Value,
    at: &str,
    with_names: bool,
) -> Result<()> {
    let Value::Array(items) = value else {
        let why = format!("must be a list of company ids, not {}.", brief(value));
        return Err(refused(db, user, value, at, &why, with_names));
    };
    if items.is_empty() {
        let why = "the list is empty. Name at least one company, or omit it for all companies of the user.";
        return Err(refused(db, user, value, at, why, with_names));
    }
    let mut ids: Vec<i64> = Vec::new();
    for (place, item) in items.iter().enumerate() {
        let at = format!("{at}[{place}]");
        match item.as_i64() {
            Some(id) if ids.contains(&id) => {
                return Err(Error::bad_arguments(format!(
                    "{at}: {id} stands there twice."
                )));
            }
            Some(id) if user.company_ids.contains(&id) => ids.push(id),
            _ => {
                let why = format!("{} is no company of this user.", brief(item));
                return Err(refused(db, user, item, &at, &why, with_names));
            }
        }
    }
    user.company_ids = ids;
    Ok(())
}

/// The error with the available companies, and the intended one if it was given by name.
fn refused(
    db: &dyn Database,
    user: &User,
    given: &Value,
    at: &str,
    why: &str,
    with_names: bool,
) -> Error {
    const NAMES: &str = sql!("odoo/company_names");
    let ids = json!(user.company_ids);
    let named: Vec<(i64, String)> = match with_names {
        true => match read_json(db, NAMES, &[(&ids).into()]) {
            Ok(named) => named,
            Err(error) => return error,
        },
        false => Vec::new(),
    };
    let names = || named.iter().map(|(_, name)| name.as_str());
    let meant = given.as_str().and_then(|text| {
        let near = nearest(text, names(), 1);
        named
            .iter()
            .find(|(_, name)| near.first() == Some(&name.as_str()))
    });
    let meant = meant.map_or_else(String::new, |(id, name)| {
        format!(" Did you mean {id}, {name}?")
    });
    let mut shown: Vec<String> = match with_names {
        true => named
            .iter()
            .map(|(id, name)| format!("{id} ({name})"))
            .collect(),
        false => user.company_ids.iter().map(i64::to_string).collect(),
    };
    let rest = shown.len().saturating_sub(MOST_NAMED);
    shown.truncate(MOST_NAMED);
    let more = match rest {
        0 => String::new(),
        rest => format!(" and {rest} more"),
    };
    Error::bad_arguments(format!(
        "{at}: {why}{meant} The user's companies are {}{more}.",
        shown.join(", ")
    ))
}

/// Apply the context keys that an SQL caller may set, validated: language, time zone, companies.
///
/// # Errors
/// Bad arguments for an unknown key, an inactive language or a company that is not the user's.
pub fn apply(db: &dyn Database, user: &mut User, context: &Value) -> Result<()> {
    let Value::Object(context) = context else {
        return Err(Error::bad_arguments("context must be an object."));
    };
    for (key, value) in context {
        match (key.as_str(), value) {
            ("lang", Value::String(_)) => set_language(db, user, value, "context.lang")?,
            ("tz", Value::String(tz)) => {
                if time_zone::zone(tz).is_none() {
                    return Err(Error::bad_arguments(format!(
                        "context.tz: unknown time zone {tz:?}."
                    )));
                }
                user.tz = Some(tz.clone());
            }
            ("allowed_company_ids", Value::Array(_)) => {
                set_companies(db, user, value, "context.allowed_company_ids", false)?;
            }
            _ => {
                return Err(Error::bad_arguments(format!(
                    "context.{key}: unknown key or wrong type. Known: lang, tz, allowed_company_ids."
                )));
            }
        }
    }
    Ok(())
}
