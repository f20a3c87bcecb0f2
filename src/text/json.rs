//! Parses JSON texts, and formats values for error messages.

use serde_json::Value;

#[cfg(test)]
mod tests;

/// Maximum number of characters of a value in a message.
const SHOWN: usize = 60;

/// The reason why a text is not JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadJson {
    /// Bytes before the position of the error.
    pub offset: usize,
    /// A sentence with the error, its position, and the correct form.
    pub message: String,
}

/// Parse a JSON text. The error names the position as a character number.
pub fn parse(text: &str) -> Result<Value, BadJson> {
    serde_json::from_str(text).map_err(|error| {
        let offset = if error.is_eof() {
            text.len()
        } else {
            offset_of(text, error.line(), error.column())
        };
        let before = text.get(..offset).unwrap_or(text);
        let rest = text.get(offset..).unwrap_or("");
        let place = format!("character {}", before.chars().count() + 1);
        let found = if rest.is_empty() {
            "at its end".to_owned()
        } else {
            format!("at {place}, at `{}`", clip(rest, 20))
        };
        BadJson {
            offset,
            message: format!("It is not valid JSON {found}: {}.", hint(rest, &error)),
        }
    })
}

/// The kind of a JSON value: `a string`, `an array`.
pub fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(number) if number.is_f64() => "a number with decimals",
        Value::Number(_) => "an integer",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

/// The value as JSON, truncated for use in a sentence.
pub fn brief(value: &Value) -> String {
    match value {
        Value::String(text) if text.len() > SHOWN => format!("\"{}\"", clip(text, SHOWN)),
        Value::Array(items) if items.len() > SHOWN => format!("a list of {} items", items.len()),
        Value::Object(object) if object.len() > SHOWN => {
            format!("an object with {} keys", object.len())
        }
        _ => clip(&value.to_string(), SHOWN),
    }
}

/// At most `most` characters of a text, without control characters, with `…` when cut.
pub fn clip(text: &str, most: usize) -> String {
    let mut letters = text.chars();
    let mut shown: String = letters
        .by_ref()
        .take(most)
        .map(|letter| if letter.is_control() { ' ' } else { letter })
        .collect();
    if letters.next().is_some() {
        shown.push('…');
    }
    shown
}

/// Convert serde_json's position to an offset in bytes. serde_json counts lines and bytes of a line, and points at the
/// byte just read.
fn offset_of(text: &str, line: usize, column: usize) -> usize {
    let start = match line {
        0 | 1 => 0,
        _ => text
            .match_indices('\n')
            .nth(line - 2)
            .map_or(text.len(), |(newline, _)| newline + 1),
    };
    let stopped = text.floor_char_boundary(start + column.saturating_sub(1));
    // For a misspelt `null`, the beginning of the word.
    let word = |letter: char| letter.is_ascii_alphabetic();
    match text.get(..stopped) {
        Some(before)
            if text
                .get(stopped..)
                .is_some_and(|rest| rest.starts_with(word)) =>
        {
            before.trim_end_matches(word).len()
        }
        _ => stopped,
    }
}

fn hint(rest: &str, error: &serde_json::Error) -> String {
    const PYTHON: [(&str, &str); 8] = [
        ("'", "text goes in double quotes: \"name\", not 'name'"),
        ("None", "Python's None is null in JSON"),
        ("True", "Python's True is true in JSON"),
        ("False", "Python's False is false in JSON"),
        (
            "(",
            "a Python tuple is a list in JSON: [\"name\", \"=\", \"x\"]",
        ),
        ("NaN", "JSON has no NaN"),
        ("#", "JSON has no comments"),
        (
            "\\\"",
            "the quotes are escaped once too often: write \" instead of \\\"",
        ),
    ];
    if error.is_eof() {
        return "it ends too early, a bracket, brace or quote is not closed".to_owned();
    }
    if let Some((_, hint)) = PYTHON.iter().find(|(token, _)| rest.starts_with(token)) {
        return (*hint).to_owned();
    }
    let said = error.to_string();
    let reason = said.split(" at line ").next().unwrap_or_default();
    match reason {
        "expected ident" => {
            "text goes in double quotes, and null, true and false are the only words without"
                .to_owned()
        }
        "trailing comma" => "a comma stands before a closing bracket".to_owned(),
        "trailing characters" => "something follows after the value has ended".to_owned(),
        "recursion limit exceeded" => "it is nested too deeply".to_owned(),
        _ => reason.to_owned(),
    }
}
