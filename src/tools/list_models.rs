//! `list_models`: models the user may read, by words. Answered here: model access is plain rows (ir.model.access).

use super::answer::Answer;
use super::arguments::Arguments;
use super::{Context, Prepared};
use crate::error::Result;
use crate::odoo::user::readable_models;
use serde_json::{Map, Value, json};

pub fn prepare(context: &Context, arguments: Map<String, Value>) -> Result<Prepared> {
    let mut arguments = Arguments::new(arguments);
    let words = arguments.words("search")?;
    let words: Vec<String> = words.iter().map(|word| word.to_lowercase()).collect();
    let limit = usize::try_from(arguments.limit(context)?).unwrap_or(0);
    let offset = usize::try_from(arguments.number("offset", 0)?.unwrap_or(0)).unwrap_or(0);
    arguments.done()?;
    let matching: Vec<(String, String)> = readable_models(context.db, context.user)?
        .into_iter()
        .filter(|(model, _)| context.policy.may_read(model))
        .filter(|(model, label)| {
            let text = format!("{model} {label}").to_lowercase();
            words.iter().all(|word| text.contains(word))
        })
        .collect();
    let total = matching.len();
    let models: Vec<Value> = matching
        .into_iter()
        .skip(offset)
        .take(limit)
        .map(|(model, label)| json!({"model": model, "name": label}))
        .collect();
    let count = models.len();
    Ok(Prepared::Answer(
        Answer::object(json!({
            "models": models, "total": total, "offset": offset, "has_more": offset + count < total && count > 0,
        }))
        .rows(count),
    ))
}
