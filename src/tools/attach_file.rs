//! `attach_file`: a new file on a record.

use super::answer::Answer;
use super::arguments::Arguments;
use super::columns;
use super::context::{Context, OrmCall, Prepared};
use super::read_file::{ATTACHMENT, require_fields};
use super::write_rules::only_to_change;
use crate::error::{Error, Result};
use crate::policy::Operation;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// Maximum size in bytes of a file name.
const MOST_NAME: usize = 200;
const FIELDS: [&str; 4] = ["name", "raw", "res_model", "res_id"];

pub fn prepare(context: &Context, arguments: Map<String, Value>) -> Result<Prepared> {
    let mut arguments = Arguments::new(arguments);
    let model = arguments.required_text("model")?;
    context.require(&model, Operation::Write)?;
    context.models.model_with(&model, &[])?;
    let id = arguments.number("id", 1)?.ok_or_else(|| {
        Error::bad_arguments("id: is missing. It is the record to attach the file to.")
    })?;
    let name = arguments.required_text("name")?;
    check_name(&name)?;
    let data = content(
        arguments.text("text")?,
        arguments.text("base64")?,
        context.settings.max_file_bytes,
    )?;
    arguments.done()?;
    context.require(ATTACHMENT, Operation::Create)?;
    require_fields(context, &FIELDS, "name")?;
    if let Some(refusal) = context.policy.attachments_refusal(&model) {
        return Err(refusal.at("model"));
    }
    let mut call = json!({"model": model, "record_id": id, "name": name, "data": data});
    only_to_change(context, &mut call, &model);
    call["attachment_only"] = json!(context.policy.terms_to_change(ATTACHMENT));
    let memo = AttachMemo {
        model: model.clone(),
        record_id: id,
    };
    Ok(Prepared::Orm(
        OrmCall::new(call, &memo)?.on(&model).records(vec![id]),
    ))
}

/// Checks that a name has no path and is readable for people and file systems.
fn check_name(name: &str) -> Result<()> {
    let what = if name.contains(['/', '\\']) {
        "must be a file name without a path, such as \"offer.pdf\""
    } else if name.chars().any(char::is_control) {
        "must not have line breaks or other control characters"
    } else if name.trim().is_empty() || name.trim_matches('.').is_empty() {
        "must be a file name, such as \"offer.pdf\""
    } else if name.len() > MOST_NAME {
        return Err(Error::bad_arguments(format!(
            "name: must have at most {MOST_NAME} bytes."
        )));
    } else {
        return Ok(());
    };
    Err(Error::bad_arguments(format!("name: {what}.")))
}

/// The file as base64, from one of its two arguments.
fn content(text: Option<String>, encoded: Option<String>, most: i64) -> Result<String> {
    let most = usize::try_from(most).unwrap_or(0);
    let too_large = |argument: &str, size: usize| {
        Error::bad_arguments(format!(
            "{argument}: the file has {size} bytes, and the limit is {most}. An administrator can change Maximum File \
             Size (MB) in the settings of MCP."
        ))
    };
    match (text, encoded) {
        (Some(text), None) if text.is_empty() => {
            Err(Error::bad_arguments("text: the file would be empty."))
        }
        (Some(text), None) if text.len() > most => Err(too_large("text", text.len())),
        (Some(text), None) => Ok(STANDARD.encode(text)),
        (None, Some(mut encoded)) => {
            encoded.retain(|character| !character.is_ascii_whitespace());
            let size = encoded.len() / 4 * 3;
            if size > most.saturating_add(2) {
                return Err(too_large("base64", size));
            }
            let bytes = STANDARD.decode(&encoded).map_err(|error| {
                Error::bad_arguments(format!(
                    "base64: this is no base64 ({error}). Encode the file's bytes with the standard alphabet and \
                     padding, without a data: prefix; give plain text as text."
                ))
            })?;
            match bytes.len() {
                0 => Err(Error::bad_arguments("base64: the file would be empty.")),
                size if size > most => Err(too_large("base64", size)),
                _ => Ok(encoded),
            }
        }
        (None, None) => Err(Error::bad_arguments(
            "text: is missing. Give the file's content as text, or as base64 if it is no plain text.",
        )),
        (Some(_), Some(_)) => Err(Error::bad_arguments(
            "base64: goes without text: a file has one content.",
        )),
    }
}

/// The state between `prepare` and `finish`, while Odoo attaches a file.
#[derive(Debug, Serialize, Deserialize)]
pub struct AttachMemo {
    model: String,
    record_id: i64,
}

pub fn finish(memo: &AttachMemo, mut result: Value) -> Result<Answer> {
    let mut file: Map<String, Value> = columns::member(&mut result, "file")?;
    file.insert("model".into(), json!(memo.model));
    file.insert("record_id".into(), json!(memo.record_id));
    let ids = vec![memo.record_id];
    Ok(Answer::object(Value::Object(file)).rows(1).records(ids))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said<T: std::fmt::Debug>(result: Result<T>) -> String {
        result.unwrap_err().to_string()
    }

    #[test]
    fn names_have_no_paths() {
        for good in ["offer.pdf", ".profile", "Übersicht 2026 (1).csv", "a"] {
            assert_eq!(check_name(good), Ok(()), "{good}");
        }
        for (bad, why) in [
            ("../../etc/passwd", "path"),
            ("a\\b.txt", "path"),
            ("a\nb", "control"),
            ("a\0", "control"),
            ("..", "file name"),
            ("  ", "file name"),
        ] {
            let said = said(check_name(bad));
            assert!(
                said.starts_with("name: ") && said.contains(why),
                "{bad}: {said}"
            );
        }
        assert!(said(check_name(&"x".repeat(201))).contains("200"));
    }

    #[test]
    fn a_file_has_one_content_within_the_limit() {
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(content(text("hi"), None, 2), Ok("aGk=".into()));
        assert_eq!(content(None, text("aG\nk= "), 2), Ok("aGk=".into()));
        for (plain, encoded, why) in [
            (None, None, "text: is missing"),
            (text("a"), text("aGk="), "base64: goes without text"),
            (text(""), None, "empty"),
            (None, text(""), "empty"),
            (text(&"x".repeat(31)), None, "31 bytes"),
            (None, text(&"AAAA".repeat(11)), "33 bytes"),
            (None, text(&"AAAA".repeat(100)), "300 bytes"),
            (None, text("data:text/plain;base64,aGk="), "data: prefix"),
            (None, text("aGk"), "no base64"),
            (None, text("-_-_"), "no base64"),
        ] {
            let said = said(content(plain, encoded, 30));
            assert!(said.contains(why), "{why}: {said}");
        }
    }
}
