//! `read_file`: the content of an attachment as text or image, or its properties where it is neither.

use super::answer::Answer;
use super::arguments::Arguments;
use super::columns;
use super::context::{Context, OrmCall, Prepared};
use crate::error::{Error, Result};
use crate::odoo::models::known;
use crate::pg::{Param, read_json};
use crate::policy::Operation;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// The model of attachments.
pub const ATTACHMENT: &str = "ir.attachment";
/// Maximum characters of a text in one answer.
pub const MOST_CHARACTERS: i64 = 20_000;
/// Bytes reserved for the rest of the answer.
const FRAME_BYTES: i64 = 4_000;
/// The fields that describe a file; the policy may hide some.
const FIELDS: [&str; 6] = ["name", "mimetype", "file_size", "checksum", "raw", "url"];

#[derive(Deserialize)]
struct Attached {
    model: Option<String>,
    of_field: bool,
}

/// Checks that the policy shows these attachment fields to the caller.
///
/// # Errors
/// Denied, with the layer.
pub fn require_fields(context: &Context, names: &[&str], at: &str) -> Result<()> {
    let described = context.models.model_with(ATTACHMENT, names)?;
    let mut names = names.iter();
    names.try_for_each(|name| known(&described.fields, name, at).map(|_| ()))
}

pub fn prepare(context: &Context, arguments: Map<String, Value>) -> Result<Prepared> {
    let mut arguments = Arguments::new(arguments);
    let id = arguments
        .number("id", 1)?
        .ok_or_else(|| Error::bad_arguments("id: is missing."))?;
    let offset = arguments.number("offset", 0)?.unwrap_or(0);
    arguments.done()?;
    context.require(ATTACHMENT, Operation::Read)?;
    require_fields(context, &FIELDS, "id")?;
    let found: Option<Attached> =
        read_json(context.db, sql!("tools/attachment"), &[Param::from(id)])?;
    let model = match found {
        Some(Attached { of_field: true, .. }) => {
            return Err(Error::bad_arguments(format!(
                "id: attachment {id} is the value of a field of a record. Read that record's field instead, with the \
                 tool read or as a resource."
            )));
        }
        Some(attached) => attached.model,
        // Odoo reports the missing attachment itself.
        None => None,
    };
    if let Some(model) = &model
        && let Some(refusal) = context.policy.attachments_refusal(model)
    {
        // The message does not name the model: whether Odoo shows the file to this user is not known here.
        return Err(refusal.at("id"));
    }
    // Holds even if the attachment has changed meanwhile.
    let mut only = context.policy.terms(ATTACHMENT);
    only.push(json!(["res_field", "=", false]));
    only.push(json!([
        "res_model",
        "=",
        model.as_deref().map_or(Value::Bool(false), Value::from)
    ]));
    let room = (context.settings.max_answer_bytes - FRAME_BYTES).max(1_000);
    let call = json!({
        "attachment_id": id, "offset": offset, "most_characters": MOST_CHARACTERS,
        // Base64 is a third longer.
        "most_bytes": room / 4 * 3, "only": only,
    });
    let memo = TextMemo { room, offset };
    Ok(Prepared::Orm(
        OrmCall::new(call, &memo)?.on(ATTACHMENT).records(vec![id]),
    ))
}

/// The state between `prepare` and `finish`, while Odoo reads a text: the bytes that the text may take in the answer,
/// and the offset in characters at which it begins.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct TextMemo {
    pub room: i64,
    pub offset: i64,
}

/// Makes the answer from the result of `_tool_read_file`: the file's properties, and either its text, its image, or the
/// reason for showing neither.
pub fn finish(memo: TextMemo, mut result: Value) -> Result<Answer> {
    let mut file: Map<String, Value> = columns::member(&mut result, "file")?;
    let ids = file.get("id").and_then(Value::as_i64).into_iter().collect();
    if let Some(Value::String(image)) = result.get_mut("image").map(Value::take) {
        file.insert("shown_as".into(), json!("image"));
        for name in ["width", "height", "note"] {
            if let Some(value) = result.get(name).filter(|value| !value.is_null()) {
                file.insert(name.into(), value.clone());
            }
        }
        let parts = vec![
            json!({"type": "image", "data": image, "mimeType": result["image_type"]}),
            json!({"type": "text", "text": json!(file).to_string()}),
        ];
        return Ok(Answer::with_parts(parts, Value::Object(file))
            .rows(1)
            .records(ids));
    }
    match result.get("text").and_then(Value::as_str) {
        Some(text) => {
            file.insert("shown_as".into(), json!("text"));
            add_text(&mut file, memo, text, &result["length"]);
        }
        None => {
            file.insert("shown_as".into(), json!("none"));
        }
    }
    if let Some(note) = result.get("note").filter(|note| note.is_string()) {
        file.insert("note".into(), note.clone());
    }
    Ok(Answer::object(Value::Object(file)).rows(1).records(ids))
}

/// Adds the part of a text that fits, its length, and the offset of the rest.
pub fn add_text(to: &mut Map<String, Value>, memo: TextMemo, text: &str, length: &Value) {
    let room = usize::try_from(memo.room).unwrap_or(0);
    let offset = memo.offset;
    let (shown, count) = fitting(text, room);
    let end = offset + count;
    let length = length.as_i64().unwrap_or(end);
    to.insert("text".into(), json!(shown));
    to.insert("length".into(), json!(length));
    if end < length {
        to.insert("next_offset".into(), json!(end));
    }
}

/// The longest prefix of a text that takes at most `room` bytes as JSON, and its number of characters.
fn fitting(text: &str, room: usize) -> (&str, i64) {
    let (mut bytes, mut count) = (2, 0);
    for (at, character) in text.char_indices() {
        bytes += match character {
            '"' | '\\' | '\n' | '\r' | '\t' | '\u{8}' | '\u{c}' => 2,
            '\0'..'\u{20}' => 6,
            other => other.len_utf8(),
        };
        if bytes > room {
            return (text.get(..at).unwrap_or_default(), count);
        }
        count += 1;
    }
    (text, count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_where_the_answer_is_full() {
        for text in ["", "plain", "ä€😀\"\\\n\u{1}", "\u{7f}\u{2028}"] {
            let whole = json!(text).to_string().len();
            let (shown, count) = fitting(text, whole);
            assert_eq!((shown, count), (text, text.chars().count() as i64));
            for room in 0..whole {
                let (shown, count) = fitting(text, room);
                assert!(
                    shown.len() < text.len() || text.is_empty(),
                    "{text:?} {room}"
                );
                assert!(
                    room < 2 || json!(shown).to_string().len() <= room,
                    "{text:?} {room}"
                );
                assert_eq!(count, shown.chars().count() as i64);
            }
        }
    }

    fn shown(room: i64, offset: i64, result: Value) -> Value {
        let answer = finish(TextMemo { room, offset }, result).unwrap();
        assert_eq!(answer.record_ids, [7]);
        answer.structured().cloned().unwrap()
    }

    #[test]
    fn a_long_text_says_where_it_goes_on() {
        let file = json!({"id": 7, "name": "a.txt"});
        let result = json!({"file": file, "text": "cdef", "length": 10});
        let first = shown(5, 2, result.clone());
        assert_eq!(
            (&first["text"], &first["length"], &first["next_offset"]),
            (&json!("cde"), &json!(10), &json!(5))
        );
        let last = shown(50, 6, result);
        assert!(last.get("next_offset").is_none(), "{last}");
    }

    #[test]
    fn an_image_goes_beside_what_it_is() {
        let file = json!({"id": 7, "name": "a.png"});
        let result = json!({"file": file, "image": "aGk=", "image_type": "image/png", "width": 3, "height": 4, "note": null});
        let answer = finish(TextMemo { room: 0, offset: 0 }, result).unwrap();
        let structured =
            json!({"id": 7, "name": "a.png", "shown_as": "image", "width": 3, "height": 4});
        assert_eq!(answer.structured(), Some(&structured));
        let described = Value::Object(answer.to_result(None));
        assert_eq!(
            described["content"][0],
            json!({"type": "image", "data": "aGk=", "mimeType": "image/png"})
        );
        assert_eq!(
            described["content"][1]["text"],
            json!(structured.to_string())
        );
    }
}
