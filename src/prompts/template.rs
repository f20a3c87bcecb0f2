//! Prompt texts with placeholders: `{name}` for an argument, `{{` and `}}` for literal braces.

use std::borrow::Cow;

/// Maximum characters of an argument's name.
pub const LONGEST_NAME: usize = 64;

/// Why a text cannot be filled in. Positions count characters from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    #[error(
        "the brace at character {0} neither names an argument, as {{name}} does, nor is doubled"
    )]
    Brace(usize),
    #[error("{{{name}}} at character {position} names no argument")]
    Unknown { name: String, position: usize },
    /// The filled text would exceed the size limit.
    #[error("it would have more than {0} bytes")]
    TooLong(usize),
}

enum TextPiece<'a> {
    Literal(&'a str),
    /// A placeholder: its name, and the byte position of its brace.
    Place(&'a str, usize),
}

/// Fills each placeholder with the `value` of its name, up to `room` bytes in all. Values are not parsed: braces in
/// them stay braces. Time and memory grow with the actual output, not with the potential one.
///
/// # Errors
/// A stray brace, a name without a value (`value` returns none), a text that becomes too long.
pub fn fill<'v>(
    template: &str,
    room: usize,
    value: impl Fn(&str) -> Option<Cow<'v, str>>,
) -> Result<String, Fault> {
    let mut filled = String::new();
    for piece in Pieces::new(template) {
        let added = match piece {
            Ok(TextPiece::Literal(text)) => Cow::Borrowed(text),
            Ok(TextPiece::Place(name, at)) => value(name).ok_or_else(|| Fault::Unknown {
                name: name.to_owned(),
                position: position(template, at),
            })?,
            Err(at) => return Err(Fault::Brace(position(template, at))),
        };
        if added.len() > room.saturating_sub(filled.len()) {
            return Err(Fault::TooLong(room));
        }
        filled.push_str(&added);
    }
    Ok(filled)
}

/// The names of the placeholders, in order.
///
/// # Errors
/// A stray brace.
pub fn places(template: &str) -> Result<Vec<&str>, Fault> {
    let mut names = Vec::new();
    for piece in Pieces::new(template) {
        match piece {
            Ok(TextPiece::Place(name, _)) => names.push(name),
            Ok(TextPiece::Literal(_)) => {}
            Err(at) => return Err(Fault::Brace(position(template, at))),
        }
    }
    Ok(names)
}

/// The name, if the text is a single placeholder.
pub fn only_place(template: &str) -> Option<&str> {
    let mut pieces = Pieces::new(template);
    match (pieces.next(), pieces.next()) {
        (Some(Ok(TextPiece::Place(name, _))), None) => Some(name),
        _ => None,
    }
}

/// Whether a text is a valid argument name: letters, digits, `_` and `-`, starting with a letter or `_`.
pub fn is_name(text: &str) -> bool {
    let mut letters = text.chars();
    text.len() <= LONGEST_NAME
        && letters
            .next()
            .is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
        && letters.all(is_name_letter)
}

fn is_name_letter(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-')
}

fn position(template: &str, byte: usize) -> usize {
    let before = template.get(..byte).unwrap_or(template);
    before.chars().count() + 1
}

/// Splits a text into literal pieces and placeholders. A stray brace is returned as its byte position, and ends the
/// iteration.
struct Pieces<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Pieces<'a> {
    fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// Consumes the next `bytes` and returns them.
    fn take(&mut self, bytes: usize) -> &'a str {
        let taken = self.text.get(self.at..self.at + bytes).unwrap_or_default();
        self.at += bytes;
        taken
    }
}

impl<'a> Iterator for Pieces<'a> {
    type Item = Result<TextPiece<'a>, usize>;

    fn next(&mut self) -> Option<Self::Item> {
        let rest = self.text.get(self.at..).filter(|rest| !rest.is_empty())?;
        let brace = match rest.find(['{', '}']) {
            Some(0) => rest,
            Some(literal) => return Some(Ok(TextPiece::Literal(self.take(literal)))),
            None => return Some(Ok(TextPiece::Literal(self.take(rest.len())))),
        };
        let begin = self.at;
        if brace.starts_with("{{") || brace.starts_with("}}") {
            self.at += 2;
            return Some(Ok(TextPiece::Literal(brace.get(..1).unwrap_or_default())));
        }
        let name = brace.strip_prefix('{').and_then(|inner| {
            let end = inner.find(|letter| !is_name_letter(letter))?;
            let name = inner.get(..end).filter(|name| is_name(name))?;
            inner.get(end..)?.starts_with('}').then_some(name)
        });
        match name {
            Some(name) => {
                self.at += name.len() + 2;
                Some(Ok(TextPiece::Place(name, begin)))
            }
            None => {
                self.at = self.text.len();
                Some(Err(begin))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    const PLENTY: usize = 1_000_000;

    fn with<'v>(values: &'v [(&str, &str)]) -> impl Fn(&str) -> Option<Cow<'v, str>> {
        |name| {
            let found = values.iter().find(|(known, _)| *known == name)?;
            Some(Cow::Borrowed(found.1))
        }
    }

    #[test]
    fn texts_are_filled_or_refused() {
        let cases = include_str!("template/cases.json");
        let cases: Vec<Value> = serde_json::from_str(cases).unwrap();
        assert!(cases.len() > 20);
        for case in &cases {
            let text = case["text"].as_str().unwrap();
            let filled = fill(text, PLENTY, |name| Some(format!("<{name}>").into()));
            match case.get("filled") {
                Some(expected) => {
                    assert_eq!(filled.as_deref(), Ok(expected.as_str().unwrap()), "{text}")
                }
                None => {
                    let at = usize::try_from(case["brace_at"].as_u64().unwrap()).unwrap();
                    assert_eq!(filled, Err(Fault::Brace(at)), "{text}");
                }
            }
        }
    }

    #[test]
    fn values_are_not_looked_into() {
        let values = [("a", "{b} {{a}} }"), ("b", "secret")];
        assert_eq!(
            fill("{a}|{b}", PLENTY, with(&values)).unwrap(),
            "{b} {{a}} }|secret"
        );
    }

    #[test]
    fn a_name_without_a_value_is_told_with_its_place() {
        let fault = fill("äö {a} {other}", PLENTY, with(&[("a", "")])).unwrap_err();
        assert_eq!(
            fault,
            Fault::Unknown {
                name: "other".into(),
                position: 8
            }
        );
        assert_eq!(
            fault.to_string(),
            "{other} at character 8 names no argument"
        );
        assert!(
            fill("x {", PLENTY, with(&[]))
                .unwrap_err()
                .to_string()
                .contains("character 3")
        );
    }

    #[test]
    fn what_comes_out_is_bounded_before_it_is_made() {
        let long = "x".repeat(100_000);
        let template = "{a}".repeat(100_000);
        // The full output would have ten gigabytes.
        assert_eq!(
            fill(&template, 200_000, with(&[("a", &long)])),
            Err(Fault::TooLong(200_000))
        );
        assert_eq!(
            fill("{a}", 100_000, with(&[("a", &long)])).unwrap().len(),
            100_000
        );
        assert_eq!(
            fill("{a}.", 100_000, with(&[("a", &long)])),
            Err(Fault::TooLong(100_000))
        );
        let braces = "{{".repeat(500_000);
        assert_eq!(fill(&braces, PLENTY, with(&[])).unwrap().len(), 500_000);
        assert_eq!(
            fill(&"{".repeat(1_000_001), PLENTY, with(&[])),
            Err(Fault::Brace(1_000_001))
        );
    }

    #[test]
    fn names() {
        for name in ["a", "_", "arg1", "resourceUri", "due-date", "A_b-9"] {
            assert!(is_name(name), "{name}");
        }
        let long = "x".repeat(LONGEST_NAME + 1);
        for name in ["", "1a", "-a", "a b", "a.b", "ä", "{a}", &long] {
            assert!(!is_name(name), "{name}");
        }
    }

    #[test]
    fn a_text_that_is_one_place() {
        assert_eq!(only_place("{uri}"), Some("uri"));
        for text in ["", " {uri}", "{uri}{uri}", "{{uri}}", "{uri", "uri"] {
            assert_eq!(only_place(text), None, "{text}");
        }
    }
}
