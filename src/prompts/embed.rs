//! Embeds resources in the messages of a prompt. Each is read as the calling user; one step reads all that need Odoo.

use super::message::{PromptContent, PromptMessage, message};
use crate::error::{Error, Result};
use crate::resources::{self, Memo, Opened};
use crate::text::json::clip;
use crate::tools::context::Context;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// The method of `mcp.prompt` that reads resources. It takes `calls` of `mcp.resource` and returns their outcomes in
/// order.
pub const METHOD: &str = "_prompt_embed";

/// A message, or the position of a resource that Odoo has yet to read.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Slot {
    Made(Value),
    Resource { role: String, memo: Box<Memo> },
}

/// The messages of a prompt, as far as the core can make them.
#[derive(Debug, Default)]
pub struct Embedded {
    pub slots: Vec<Slot>,
    /// The resources that Odoo must read, as arguments for [`METHOD`]; empty when the messages are complete.
    pub calls: Vec<Value>,
    /// Bytes left for them.
    pub room: usize,
    /// Whether all calls only read.
    pub read_only: bool,
    /// Models that Odoo reads.
    pub models: Vec<String>,
    /// Record ids for the audit.
    pub record_ids: Vec<i64>,
}

/// Opens the resources of `messages` for the context's user.
///
/// # Errors
/// An unknown or refused resource, with its URI; contents larger than `room`.
pub fn open(context: &Context, messages: Vec<PromptMessage>, room: usize) -> Result<Embedded> {
    let mut embedded = Embedded {
        room,
        read_only: true,
        ..Embedded::default()
    };
    for PromptMessage { role, piece } in messages {
        let uri = match piece {
            PromptContent::Content(content) => {
                embedded.slots.push(Slot::Made(message(&role, content)));
                continue;
            }
            PromptContent::Resource(uri) => uri,
        };
        match resources::open(context, &uri, &mut None).map_err(|error| at(&uri, error))? {
            Opened::Contents(contents) => {
                embedded.room = left(embedded.room, contents.size)?;
                embedded.record_ids.extend(contents.record_ids);
                let made = contents.parts.into_iter().map(|part| made(&role, part));
                embedded.slots.extend(made.map(Slot::Made));
            }
            Opened::Step(step, memo) => {
                embedded.calls.push(json!({
                    "record_id": step.record_id, "method": step.method, "arguments": step.arguments,
                }));
                embedded.read_only &= step.read_only;
                embedded.models.extend(step.model);
                embedded.record_ids.extend(step.record_ids);
                embedded.slots.push(Slot::Resource { role, memo });
            }
        }
    }
    Ok(embedded)
}

impl Embedded {
    /// The keyword arguments of [`METHOD`].
    pub fn arguments(&self) -> Map<String, Value> {
        let mut arguments = Map::new();
        arguments.insert("calls".into(), json!(self.calls));
        arguments
    }
}

/// Completes the messages with the resources that Odoo has read, and returns the record ids in them. `outcomes`: the
/// result of [`METHOD`].
///
/// # Errors
/// [`Error::Internal`] for outcomes of another shape; a refused resource; contents larger than `room`.
pub fn finish(slots: &[Slot], outcomes: Value, mut room: usize) -> Result<(Vec<Value>, Vec<i64>)> {
    let Value::Array(outcomes) = outcomes else {
        return Err(Error::Internal(format!("the result of {METHOD}")));
    };
    let mut outcomes = outcomes.into_iter();
    let mut messages = Vec::with_capacity(slots.len());
    let mut record_ids = Vec::new();
    for slot in slots {
        match slot {
            Slot::Made(message) => messages.push(message.clone()),
            Slot::Resource { role, memo } => {
                let outcome = outcomes.next();
                let mut outcome =
                    outcome.ok_or_else(|| Error::Internal(format!("{METHOD} gave too little")))?;
                let contents =
                    resources::finish(memo, &mut outcome).map_err(|error| at(&memo.uri, error))?;
                room = left(room, contents.size)?;
                record_ids.extend(contents.record_ids);
                messages.extend(contents.parts.into_iter().map(|part| made(role, part)));
            }
        }
    }
    Ok((messages, record_ids))
}

/// Makes a message from one part of a resource.
fn made(role: &str, part: Value) -> Value {
    message(role, json!({"type": "resource", "resource": part}))
}

fn left(room: usize, size: usize) -> Result<usize> {
    room.checked_sub(size).ok_or_else(|| {
        Error::failed(
            "With its resources the prompt would be longer than what this server gives at once.",
        )
    })
}

/// Adds the resource's URI to an error.
fn at(uri: &str, error: Error) -> Error {
    match error {
        Error::Tool { kind, message } => Error::Tool {
            kind,
            message: format!("Resource {:?}: {message}", clip(uri, 200)),
        },
        error => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slots() -> Vec<Slot> {
        let memo = |uri: &str| {
            let memo = json!({"uri": uri, "resource": "method", "mime_type": null, "most_bytes": 1000, "kept": null,
                              "zone": "UTC"});
            Box::new(serde_json::from_value(memo).unwrap())
        };
        vec![
            Slot::Resource {
                role: "user".into(),
                memo: memo("a:1"),
            },
            Slot::Made(message("assistant", json!({"type": "text", "text": "x"}))),
            Slot::Resource {
                role: "assistant".into(),
                memo: memo("a:2"),
            },
        ]
    }

    #[test]
    fn what_odoo_has_read_takes_its_places() {
        // The slots go through JSON in the state.
        let slots: Vec<Slot> = serde_json::from_value(json!(slots())).unwrap();
        let outcomes = json!([{"result": {"text": "one"}}, {"result": {"json": {"b": 2}}}]);
        let (messages, _) = finish(&slots, outcomes, 100).unwrap();
        assert_eq!(
            messages,
            [
                json!({"role": "user", "content": {"type": "resource", "resource": {"uri": "a:1", "text": "one"}}}),
                json!({"role": "assistant", "content": {"type": "text", "text": "x"}}),
                json!({"role": "assistant", "content": {"type": "resource", "resource": {
                    "uri": "a:2", "mimeType": "application/json", "text": "{\"b\":2}"}}}),
            ]
        );
    }

    #[test]
    fn all_resources_share_the_room() {
        let outcomes = || json!([{"result": {"text": "12345"}}, {"result": {"text": "67890"}}]);
        assert!(finish(&slots(), outcomes(), 10).is_ok());
        let error = finish(&slots(), outcomes(), 9).unwrap_err();
        assert!(error.to_string().contains("longer than"), "{error}");
    }

    #[test]
    fn outcomes_of_another_shape_are_our_fault() {
        for outcomes in [
            json!(null),
            json!([]),
            json!([{"result": 5}, {"result": 5}]),
        ] {
            let error = finish(&slots(), outcomes, 100).unwrap_err();
            assert!(matches!(error, Error::Internal(_)), "{error}");
        }
    }
}
