//! Makes the result from the outcome of a step, for each kind of request.

use super::outcome::Finished;
use crate::error::{Error, Result};
use crate::methods::pending_call::Continuation;
use crate::methods::request::CacheHint;
use crate::methods::{completion, prompts, resources};
use crate::pg::Database;
use crate::prompts::embed;
use crate::resources::contents::Contents;
use crate::tools::answer;
use crate::tools::schema::output;
use crate::wire::version::Version;
use serde_json::{Value, json};

impl Continuation {
    pub(super) fn finish(
        &self,
        db: &dyn Database,
        outcome: &mut Value,
        version: Option<Version>,
    ) -> Result<Finished> {
        match self {
            Self::Tool {
                method,
                memo,
                zone,
                has_schema,
                schema,
                ..
            } => {
                let finished = if outcome.get("content").is_some() {
                    answer::Answer::of_outcome(outcome)?
                } else {
                    crate::tools::finish(db, method, memo, outcome["result"].take(), zone)?
                };
                if let Some(schema) = schema {
                    output::check(schema, finished.structured())?;
                }
                let too_long = answer::Answer::text(
                    "Done and saved. The result is longer than this server gives at once; read what you need of it."
                        .into(),
                );
                let mut too_long = too_long.to_result(version);
                // Clients reject a result without the structured content that the schema promises, unless it is an
                // error.
                too_long.insert("isError".into(), json!(*has_schema));
                Ok(Finished {
                    result: finished.to_result(version),
                    size: finished.size(),
                    too_long: Some(too_long),
                    row_count: finished.row_count,
                    record_ids: finished.record_ids.clone(),
                    refused: None,
                    answer: self.claims().is_some().then_some(finished),
                })
            }
            Self::Confirm { .. } => Err(Error::Internal("a question is no result".into())),
            // Resources have their own size limit.
            Self::Resource { memo } => {
                let (contents, refused) = match crate::resources::finish(memo, outcome) {
                    Ok(contents) => (Some(contents), None),
                    Err(error @ Error::Tool { .. }) => (None, Some(error)),
                    Err(error) => return Err(error),
                };
                let result = contents.as_ref().map(Contents::to_result);
                Ok(Finished {
                    result: result.unwrap_or_default(),
                    size: 0,
                    too_long: None,
                    row_count: contents.as_ref().and_then(|contents| contents.row_count),
                    record_ids: contents.map_or_else(Vec::new, |contents| contents.record_ids),
                    refused,
                    answer: None,
                })
            }
            Self::Prompt { description } => {
                let given = match outcome.get_mut("content") {
                    Some(content) => content.take(),
                    None => outcome["result"].take(),
                };
                let messages = crate::prompts::message::of_result(given, version)?;
                let result = prompts::result(description.as_deref(), messages);
                Ok(Finished::plain(result, None))
            }
            Self::Embedded {
                description,
                slots,
                room,
            } => {
                let (made, refused) = match embed::finish(slots, outcome["result"].take(), *room) {
                    Ok(made) => (made, None),
                    Err(error @ Error::Tool { .. }) => (Default::default(), Some(error)),
                    Err(error) => return Err(error),
                };
                let (messages, record_ids) = made;
                Ok(Finished {
                    record_ids,
                    refused,
                    // `room` has limited the size already.
                    size: 0,
                    ..Finished::plain(prompts::result(description.as_deref(), messages), None)
                })
            }
            Self::Completion { value } => {
                let values = completion::finish(value, outcome["result"].take())?;
                Ok(Finished::plain(
                    values.to_result(),
                    Some(values.values.len()),
                ))
            }
        }
    }

    /// How long a client may cache the result, in methods that have a cache hint.
    pub(super) fn cache(&self) -> Option<CacheHint> {
        match self {
            Self::Resource { .. } => Some(resources::CACHE),
            _ => None,
        }
    }

    /// Converts an Odoo error to the method's own: a missing record is an unknown resource there.
    pub(super) fn error(&self, kind: &str, error: Error, version: Option<Version>) -> Error {
        match (self, version) {
            (Self::Resource { memo }, Some(version)) if kind == "missing_error" => {
                resources::not_found(error.to_string(), &memo.uri, version)
            }
            _ => error,
        }
    }
}
