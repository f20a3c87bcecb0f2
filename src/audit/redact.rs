//! Redacts secrets from logged arguments, and limits their size.

use std::io;

use serde_json::{Map, Value, json};

use crate::odoo::domain::Operator;
use crate::odoo::secret_name::{is_payment_name, is_secret_name};

mod shapes;
#[cfg(test)]
mod tests;

use shapes::HIDDEN;

/// Maximum nesting of JSON in texts in JSON: `values` as text is one level.
const MOST_TEXTS: usize = 4;
/// Methods with unnamed secret arguments, besides methods with a secret name.
const TAKE_SECRETS: [&str; 4] = ["set_param", "authenticate", "login", "_login"];
/// Maximum nesting depth, that of serde_json.
const MOST_DEPTH: usize = 128;

/// A copy without secrets. A text that looks like a list or an object but cannot be parsed is hidden as a whole if it
/// contains a secret name. These values become `***`:
/// * the value of a key with a secret name or one of the names `extra` (in any case), also in texts with a JSON array
///   or object;
/// * the value in a search domain's leaf on such a name;
/// * the `value` beside a `key` or `name` with a secret name, as in system parameters;
/// * the `args` and `kwargs` of a `method` such as `change_password`, whose arguments have no names.
pub fn redact(value: &Value, extra: &[String]) -> Value {
    Redaction::new(extra, false).copy(value, 0, 0)
}

/// [`redact`] for texts that others will read: also hides parts of texts that look like a secret, whatever their name.
pub fn redact_texts(value: &Value, extra: &[String]) -> Value {
    Redaction::new(extra, true).copy(value, 0, 0)
}

/// A copy that keeps only the size of texts under one of `names`, which are files in base64. Also applies to JSON in
/// texts.
pub fn without_files(value: &Value, names: &[String]) -> Value {
    match value {
        Value::Object(object) => Value::Object(
            object
                .iter()
                .map(|(key, value)| match value {
                    Value::String(text) if names.contains(key) => (
                        key.clone(),
                        json!(format!("[{} bytes of base64]", text.len())),
                    ),
                    value => (key.clone(), without_files(value, names)),
                })
                .collect(),
        ),
        Value::Array(items) => items
            .iter()
            .map(|item| without_files(item, names))
            .collect(),
        Value::String(text) if text.trim_start().starts_with(['{', '[']) => {
            match serde_json::from_str::<Value>(text) {
                Ok(inner) => {
                    let copy = without_files(&inner, names);
                    if copy == inner {
                        value.clone()
                    } else {
                        json!(copy.to_string())
                    }
                }
                Err(_) => value.clone(),
            }
        }
        other => other.clone(),
    }
}

struct Redaction {
    extra: Vec<String>,
    /// Whether to search texts for values that look like a secret.
    by_shape: bool,
}

impl Redaction {
    fn new(extra: &[String], by_shape: bool) -> Self {
        let extra = extra.iter().map(|name| name.to_lowercase()).collect();
        Self { extra, by_shape }
    }

    fn is_secret(&self, name: &str) -> bool {
        is_secret_name(name)
            || (self.by_shape && is_payment_name(name))
            || (!self.extra.is_empty() && {
                let name = name.to_lowercase();
                let last = name.rsplit('.').next().unwrap_or(&name);
                self.extra
                    .iter()
                    .any(|extra| *extra == name || extra == last)
            })
    }

    fn copy(&self, value: &Value, depth: usize, texts: usize) -> Value {
        if depth > MOST_DEPTH {
            return json!(HIDDEN);
        }
        match value {
            Value::Object(object) => self.object(object, depth, texts),
            Value::Array(items) => match items.as_slice() {
                [Value::String(path), Value::String(operator), _]
                    if is_operator(operator) && self.is_secret(path) =>
                {
                    json!([path, operator, HIDDEN])
                }
                _ => items
                    .iter()
                    .map(|item| self.copy(item, depth + 1, texts))
                    .collect(),
            },
            Value::String(text) => Value::String(self.text(text, depth, texts)),
            Value::Number(number) if self.by_shape => {
                match shapes::without_secrets(&number.to_string()) {
                    Some(hidden) => json!(hidden),
                    None => value.clone(),
                }
            }
            other => other.clone(),
        }
    }

    fn object(&self, object: &Map<String, Value>, depth: usize, texts: usize) -> Value {
        let secret_at = |key: &str| {
            let name = object.get(key).and_then(Value::as_str);
            name.is_some_and(|name| {
                self.is_secret(name) || (key == "method" && TAKE_SECRETS.contains(&name))
            })
        };
        let names_secret = secret_at("key") || secret_at("name");
        let takes_secret = secret_at("method");
        let copied = object.iter().map(|(key, value)| {
            let hidden = self.is_secret(key)
                || (names_secret && key == "value")
                || (takes_secret && matches!(key.as_str(), "args" | "kwargs"));
            let value = if hidden {
                json!(HIDDEN)
            } else {
                self.copy(value, depth + 1, texts)
            };
            (key.clone(), value)
        });
        Value::Object(copied.collect())
    }

    fn text(&self, text: &str, depth: usize, texts: usize) -> String {
        if !text.trim_start().starts_with(['{', '[', '(', '"']) {
            return self.plain(text);
        }
        match serde_json::from_str::<Value>(text) {
            Ok(value) if texts < MOST_TEXTS => {
                let copy = self.copy(&value, depth + 1, texts + 1);
                if copy == value && !has_twins(text, &value) {
                    text.to_owned()
                } else {
                    copy.to_string()
                }
            }
            // The words of a malformed or too deeply encoded text, without its brackets and quotes.
            _ if text
                .split(|letter: char| {
                    !(letter.is_alphanumeric() || matches!(letter, '_' | '-' | '.'))
                })
                .any(|word| self.is_secret(word)) =>
            {
                format!(
                    "{HIDDEN} ({} bytes that cannot be read and name a secret)",
                    text.len()
                )
            }
            _ => self.plain(text),
        }
    }

    fn plain(&self, text: &str) -> String {
        let hidden = self
            .by_shape
            .then(|| shapes::without_secrets(text))
            .flatten();
        hidden.unwrap_or_else(|| text.to_owned())
    }
}

/// Whether an object in the JSON text of `value` has a duplicate name. The text then has more strings, names included,
/// than the value.
fn has_twins(text: &str, value: &Value) -> bool {
    let mut quotes = 0;
    let mut escaped = false;
    for byte in text.bytes() {
        quotes += usize::from(byte == b'"' && !escaped);
        escaped = byte == b'\\' && !escaped;
    }
    quotes / 2 != texts_in(value)
}

fn texts_in(value: &Value) -> usize {
    match value {
        Value::String(_) => 1,
        Value::Array(items) => items.iter().map(texts_in).sum(),
        Value::Object(object) => object.values().map(|value| 1 + texts_in(value)).sum(),
        _ => 0,
    }
}

fn is_operator(text: &str) -> bool {
    let text = text.to_lowercase();
    matches!(text.as_str(), "<>" | "==") || Operator::ALL.iter().any(|it| it.as_str() == text)
}

/// Truncate the value until its JSON text has at most `most_bytes` bytes. Long texts, lists and objects keep their
/// beginning and a mark of their size, `…[12345 bytes]`, `…[500 items]`. A value that still does not fit becomes one
/// mark, or null if the mark does not fit either (null's own four bytes are the least).
pub fn cap(value: Value, most_bytes: usize) -> Value {
    let size = json_size(&value);
    if size <= most_bytes {
        return value;
    }
    // Each round reads only the items kept by the previous one, so that all rounds together take linear time.
    let mut room = most_bytes / 2;
    while room >= 16 {
        let shortened = shorten(&value, room, 0);
        if json_size(&shortened) <= most_bytes {
            return shortened;
        }
        room /= 4;
    }
    let mark = json!(format!("…[{size} bytes]"));
    if json_size(&mark) <= most_bytes {
        mark
    } else {
        Value::Null
    }
}

/// Truncate texts to `room` bytes, and lists and objects to a fraction of it that shrinks with the depth.
fn shorten(value: &Value, room: usize, depth: usize) -> Value {
    let kept = ((room / 16) >> depth.min(16)).max(1);
    match value {
        Value::String(text) => Value::String(shorten_text(text, room)),
        Value::Array(items) => {
            let mut copy: Vec<Value> = items
                .iter()
                .take(kept)
                .map(|item| shorten(item, room, depth + 1))
                .collect();
            if items.len() > kept {
                copy.push(json!(format!("…[{} items]", items.len())));
            }
            Value::Array(copy)
        }
        Value::Object(object) => {
            let mut copy: Map<String, Value> = object
                .iter()
                .take(kept)
                .map(|(key, value)| (shorten_text(key, room), shorten(value, room, depth + 1)))
                .collect();
            if object.len() > kept {
                copy.insert("…".to_owned(), json!(format!("[{} keys]", object.len())));
            }
            Value::Object(copy)
        }
        other => other.clone(),
    }
}

fn shorten_text(text: &str, room: usize) -> String {
    if text.len() <= room {
        return text.to_owned();
    }
    let end = text.floor_char_boundary(room);
    format!(
        "{}…[{} bytes]",
        text.get(..end).unwrap_or_default(),
        text.len()
    )
}

/// The length of the JSON text in bytes, without building it.
fn json_size(value: &Value) -> usize {
    struct Count(usize);
    impl io::Write for Count {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 += bytes.len();
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let mut count = Count(0);
    match serde_json::to_writer(&mut count, value) {
        Ok(()) => count.0,
        Err(_) => usize::MAX,
    }
}
