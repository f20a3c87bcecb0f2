//! The messages of a prompt, each with a role and one content block (specification: server, "Prompts",
//! "PromptMessage").

use super::record::Line;
use super::template::{Fault, fill, only_place};
use crate::error::{Error, Result, code};
use crate::wire::content;
use crate::wire::version::Version;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value, json};
use std::borrow::Cow;

const ROLES: [&str; 2] = ["user", "assistant"];

/// Characters that stay unencoded in a value within a URI (RFC 3986, "Unreserved characters").
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// The values of a prompt's arguments. An argument that is not given is empty.
pub struct Filling<'a> {
    /// The prompt's name, for error messages.
    pub prompt: &'a str,
    pub known: Vec<&'a str>,
    pub given: &'a Map<String, Value>,
    /// Maximum size in bytes of all messages together.
    pub room: usize,
}

impl Filling<'_> {
    fn value(&self, name: &str) -> Option<&str> {
        if !self.known.contains(&name) {
            return None;
        }
        Some(self.given.get(name).and_then(Value::as_str).unwrap_or(""))
    }

    fn text(&self, number: usize, template: &str, room: usize) -> Result<String> {
        fill(template, room, |name| self.value(name).map(Cow::Borrowed))
            .map_err(|fault| self.fault(number, &fault))
    }

    /// A placeholder within a URI takes its value percent-encoded, so that the value stays one component. A URI that is
    /// a single placeholder takes the value unchanged.
    fn uri(&self, number: usize, template: &str, room: usize) -> Result<String> {
        let whole = only_place(template).is_some();
        fill(template, room, |name| {
            let value = self.value(name)?;
            Some(if whole {
                Cow::Borrowed(value)
            } else {
                Cow::from(utf8_percent_encode(value, RESERVED))
            })
        })
        .map_err(|fault| self.fault(number, &fault))
    }

    fn fault(&self, number: usize, fault: &Fault) -> Error {
        match fault {
            Fault::TooLong(_) => Error::invalid_params(format!(
                "With these arguments the prompt {:?} would have more than the {} bytes that this server gives at once. \
                 Give shorter ones.",
                self.prompt, self.room
            )),
            _ => self.broken(number, &fault.to_string()),
        }
    }

    /// The error for a stored prompt that Odoo's own check would reject.
    fn broken(&self, number: usize, what: &str) -> Error {
        Error::protocol(
            200,
            code::INTERNAL_ERROR,
            format!(
                "The prompt {:?} cannot be made: message {number}: {what}. Whoever wrote the prompt must fix it.",
                self.prompt
            ),
        )
    }
}

/// A message, possibly without the contents of its resource.
#[derive(Debug, Clone, PartialEq)]
pub struct PromptMessage {
    pub role: String,
    pub piece: PromptContent,
}

#[derive(Debug, Clone, PartialEq)]
pub enum PromptContent {
    Content(Value),
    /// The URI of a resource to read.
    Resource(String),
}

/// Makes the messages of a prompt's own lines. Also returns the bytes left for their resources.
///
/// # Errors
/// A result that is too long, and lines that Odoo's own check would reject.
pub fn of_lines(lines: &[Line], filling: &Filling) -> Result<(Vec<PromptMessage>, usize)> {
    let mut room = filling.room;
    let mut messages = Vec::with_capacity(lines.len());
    for (index, line) in lines.iter().enumerate() {
        let number = index + 1;
        let text = |template: &Option<String>| template.clone().unwrap_or_default();
        let piece = match line.kind.as_str() {
            "text" => {
                let text = filling.text(number, &text(&line.text), room)?;
                room -= text.len();
                PromptContent::Content(json!({"type": "text", "text": text}))
            }
            "image" => {
                let mut data = text(&line.image);
                data.retain(|letter| !letter.is_ascii_whitespace());
                if data.len() > room {
                    return Err(filling.fault(number, &Fault::TooLong(room)));
                }
                room -= data.len();
                let mime_type = line.image_mimetype.as_deref().unwrap_or("image/png");
                PromptContent::Content(
                    json!({"type": "image", "data": data, "mimeType": mime_type}),
                )
            }
            "resource" => PromptContent::Resource(filling.uri(number, &text(&line.uri), room)?),
            other => return Err(filling.broken(number, &format!("its kind is {other:?}"))),
        };
        if !ROLES.contains(&line.role.as_str()) {
            return Err(filling.broken(number, &format!("its role is {:?}", line.role)));
        }
        messages.push(PromptMessage {
            role: line.role.clone(),
            piece,
        });
    }
    if messages.is_empty() {
        return Err(filling.broken(1, "there is none"));
    }
    Ok((messages, room))
}

/// Reads the messages that an addon's `_prompt_` method returned: a list of pairs of role and content. A text or
/// content without a role is the user's.
///
/// # Errors
/// A failure that tells the method's author what is invalid.
pub fn of_result(outcome: Value, version: Option<Version>) -> Result<Vec<Value>> {
    let items = match outcome {
        Value::Array(items) => items,
        other => vec![other],
    };
    items
        .into_iter()
        .map(|item| {
            let (role, part) = match item {
                Value::Array(pair) => match <[Value; 2]>::try_from(pair) {
                    Ok([Value::String(role), part]) => (role, part),
                    _ => return Err(no_message("a list that is no pair of role and content")),
                },
                part => ("user".to_owned(), part),
            };
            let content = rendered(part, version)?;
            if !ROLES.contains(&role.as_str()) {
                return Err(no_message(&format!("one of the role {role:?}")));
            }
            Ok(message(&role, content))
        })
        .collect()
}

/// Makes a `PromptMessage`.
pub fn message(role: &str, content: Value) -> Value {
    json!({"role": role, "content": content})
}

fn no_message(what: &str) -> Error {
    Error::unusable(format!("a message is {what}"))
}

/// Renders a content block for this version.
fn rendered(part: Value, version: Option<Version>) -> Result<Value> {
    let block = match part {
        Value::String(text) => json!({"type": "text", "text": text}),
        block => block,
    };
    content::check(&block, "content").map_err(Error::unusable)?;
    Ok(content::render(block, version))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(kind: &str, text: &str) -> Line {
        Line {
            role: "user".into(),
            kind: kind.into(),
            text: Some(text.into()),
            uri: Some(text.into()),
            image: Some(text.into()),
            image_mimetype: Some("image/gif".into()),
        }
    }

    fn made(lines: &[Line], given: Value, room: usize) -> Result<Vec<PromptMessage>> {
        let given = given.as_object().unwrap().clone();
        let filling = Filling {
            prompt: "p",
            known: vec!["a", "b"],
            given: &given,
            room,
        };
        of_lines(lines, &filling).map(|(messages, _)| messages)
    }

    fn content(content: Value) -> PromptMessage {
        PromptMessage {
            role: "user".into(),
            piece: PromptContent::Content(content),
        }
    }

    #[test]
    fn a_missing_argument_is_empty_and_an_unknown_one_is_told() {
        let messages = made(&[line("text", "<{a}|{b}>")], json!({"a": "{b}"}), 100).unwrap();
        assert_eq!(
            messages,
            [content(json!({"type": "text", "text": "<{b}|>"}))]
        );
        let error = made(&[line("text", ""), line("text", "{c}")], json!({}), 100).unwrap_err();
        let (status, object) = error.to_json_rpc();
        assert_eq!(
            (status, object["code"].as_i64()),
            (200, Some(code::INTERNAL_ERROR))
        );
        assert!(
            error.to_string().contains("message 2: {c} at character 1"),
            "{error}"
        );
    }

    #[test]
    fn an_image_is_given_as_it_is_stored() {
        let messages = made(&[line("image", "R0lG\nODlh\r\n")], json!({}), 100).unwrap();
        let image = json!({"type": "image", "data": "R0lGODlh", "mimeType": "image/gif"});
        assert_eq!(messages, [content(image)]);
    }

    #[test]
    fn a_value_stays_one_part_of_a_uri() {
        let uri = |template: &str, value: &str| {
            let messages = made(&[line("resource", template)], json!({"a": value}), 1_000).unwrap();
            match &messages[0].piece {
                PromptContent::Resource(uri) => uri.clone(),
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(
            uri("odoo://record/{a}/7", "res.partner"),
            "odoo://record/res.partner/7"
        );
        assert_eq!(
            uri("odoo://record/{a}/7", "x/9?y#é {b}"),
            "odoo://record/x%2F9%3Fy%23%C3%A9%20%7Bb%7D/7"
        );
        assert_eq!(uri("{a}", "odoo://models?x=1"), "odoo://models?x=1");
    }

    #[test]
    fn all_messages_share_the_room() {
        let ten = [line("text", "{a}{a}"), line("image", "12345")];
        assert_eq!(made(&ten, json!({"a": "xx"}), 9).unwrap().len(), 2);
        let error = made(&ten, json!({"a": "xx"}), 8).unwrap_err();
        assert!(error.to_string().contains("the 8 bytes"), "{error}");
        assert_eq!(error.to_json_rpc().1["code"], code::INVALID_PARAMS);
        assert!(made(&ten, json!({"a": "x".repeat(100_000)}), 8).is_err());
    }

    #[test]
    fn lines_around_odoos_check_are_told() {
        assert!(
            made(&[], json!({}), 9)
                .unwrap_err()
                .to_string()
                .contains("there is none")
        );
        assert!(
            made(&[line("video", "")], json!({}), 9)
                .unwrap_err()
                .to_string()
                .contains("\"video\"")
        );
        let system = Line {
            role: "system".into(),
            ..line("text", "")
        };
        assert!(
            made(&[system], json!({}), 9)
                .unwrap_err()
                .to_string()
                .contains("\"system\"")
        );
    }

    #[test]
    fn what_a_method_may_give() {
        let of = |value: Value| of_result(value, Some(Version::V2024_11_05));
        let text = |role: &str, text: &str| json!({"role": role, "content": {"type": "text", "text": text}});
        assert_eq!(of(json!("Hello")).unwrap(), [text("user", "Hello")]);
        assert_eq!(
            of(json!([["assistant", "a"], ["user", {"type": "text", "text": "b"}], "c"])).unwrap(),
            [text("assistant", "a"), text("user", "b"), text("user", "c")]
        );
        let newer = json!([["user", {"type": "audio", "data": "aGk=", "mimeType": "audio/wav"}],
                           {"type": "resource_link", "uri": "odoo://x", "name": "X"}]);
        assert_eq!(
            of(newer.clone()).unwrap(),
            [
                text("user", "[audio, audio/wav]"),
                text("user", "X: odoo://x")
            ]
        );
        assert_eq!(
            of_result(newer, Some(Version::V2025_06_18)).unwrap()[1]["content"]["type"],
            "resource_link"
        );
        for wrong in [
            json!(5),
            json!([null]),
            json!([["system", "x"]]),
            json!([["user"]]),
            json!([{"text": "x"}]),
        ] {
            assert!(of(wrong.clone()).is_err(), "{wrong}");
        }
    }
}
