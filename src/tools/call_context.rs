//! The argument `context`: the language and the companies of one call.

use super::context::Context;
use super::record::Tool;
use super::schema;
use crate::error::{Error, Result};
use crate::odoo::builtin_tool::BuiltinTool;
use crate::odoo::user::User;
use crate::odoo::user_context::{set_companies, set_language};
use crate::policy::Operation;
use crate::text::json::{clip, kind};
use crate::text::suggest::did_you_mean;
use serde_json::{Map, Value};

const NAME: &str = "context";
const KEYS: [&str; 2] = ["lang", "company_ids"];

/// Removes the argument from those of a built-in tool whose schema, `input`, declares it. Returns the user with the
/// chosen language and companies, or none where nothing was chosen. The arguments have passed the schema.
///
/// The argument cannot extend what the user sees. Companies must be among those of the user and the key's scope, and
/// the variables of policy domains do not change.
///
/// # Errors
/// Bad arguments, with the most similar key, language or company.
pub fn take(
    context: &Context,
    tool: &Tool,
    input: &Value,
    arguments: &mut Map<String, Value>,
) -> Result<Option<User>> {
    if BuiltinTool::is_authored(tool.builtin()) || input["properties"].get(NAME).is_none() {
        return Ok(None);
    }
    let given = match schema::json_text(arguments, NAME)? {
        None => return Ok(None),
        Some(Value::Object(given)) => given,
        Some(other) => {
            return Err(Error::bad_arguments(format!(
                "context: must be an object such as {{\"lang\":\"fr_FR\"}}, not {}.",
                kind(&other)
            )));
        }
    };
    arguments.shift_remove(NAME);
    if let Some(key) = given.keys().find(|key| !KEYS.contains(&key.as_str())) {
        return Err(unknown(key));
    }
    let mut user = context.user.clone();
    // A null value means the user's own, like a missing one.
    let chosen = |key: &str| given.get(key).filter(|value| !value.is_null());
    if let Some(lang) = chosen("lang") {
        set_language(context.db, &mut user, lang, "context.lang")?;
    }
    if let Some(companies) = chosen("company_ids") {
        let at = "context.company_ids";
        set_companies(context.db, &mut user, companies, at, names_shown(context))?;
    }
    Ok((user != *context.user).then_some(user))
}

/// Whether the policy shows the caller the names of companies.
fn names_shown(context: &Context) -> bool {
    let company = context.policy.model("res.company");
    company.refusal(Operation::Read).is_none()
        && company.hides("name").is_none()
        && context.policy.terms("res.company").is_empty()
}

fn unknown(key: &str) -> Error {
    let advice = match key {
        "tz" => {
            " Times are in the user's time zone; write one with an offset to mean another: 2026-11-22T14:30:00+01:00."
                .to_owned()
        }
        "allowed_company_ids" | "force_company" | "company_id" => {
            " Did you mean `company_ids`?".to_owned()
        }
        "active_test" => {
            " To find archived records write [\"active\",\"in\",[true,false]] in the domain.".to_owned()
        }
        _ => did_you_mean(key, KEYS.into_iter()),
    };
    Error::bad_arguments(format!(
        "context.{}: this key cannot be set.{advice} Known: {}.",
        clip(key, 64),
        KEYS.join(", ")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_key_is_told_with_the_one_that_was_meant() {
        for (key, said) in [
            ("language", "Known: lang, company_ids."),
            ("Lang", "`lang`"),
            ("compnay_ids", "`company_ids`"),
            ("allowed_company_ids", "`company_ids`"),
            ("tz", "with an offset"),
            ("active_test", "archived"),
        ] {
            let text = unknown(key).to_string();
            assert!(text.contains(said), "{key}: {text}");
            assert!(text.contains("Known: lang, company_ids."), "{text}");
        }
    }
}
