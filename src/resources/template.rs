//! Resource addresses: URIs (RFC 3986) and URI templates (RFC 6570, level 1: `{name}` only), and matching between them.

use fluent_uri::Uri;
use percent_encoding::percent_decode_str;

#[cfg(test)]
mod tests;

/// Maximum length of a URI; a longer one matches no resource.
pub const LONGEST: usize = 2_048;

/// The parts of a template. There is always text between two variables.
#[derive(Debug, Clone, PartialEq, Eq)]
enum TemplatePart {
    Text(String),
    Variable(String),
}

/// A URI template; without variables, a plain URI.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    parts: Vec<TemplatePart>,
}

/// Whether a text is a URI with at least one character after its scheme.
pub fn is_uri(text: &str) -> bool {
    text.len() <= LONGEST
        && Uri::parse(text).is_ok_and(|uri| {
            uri.authority()
                .is_some_and(|authority| !authority.as_str().is_empty())
                || !uri.path().as_str().is_empty()
        })
}

impl Template {
    /// Parses a template.
    ///
    /// # Errors
    /// The problem, as the end of a sentence.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        if text.len() > LONGEST {
            return Err("is too long for a URI");
        }
        let mut parts: Vec<TemplatePart> = Vec::new();
        // An expansion with variables of one character, to check the result as a URI.
        let mut example = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            let (before, after) = rest.split_at(at);
            let Some((name, after)) = after.strip_prefix('{').and_then(|it| it.split_once('}'))
            else {
                return Err("has a brace without its other one");
            };
            if !is_name(name) {
                return Err("has braces around what is no name of letters, digits and underscores");
            }
            if before.is_empty() && matches!(parts.last(), Some(TemplatePart::Variable(_))) {
                return Err("has two variables with nothing between them");
            }
            let variable = TemplatePart::Variable(name.to_owned());
            if parts.contains(&variable) {
                return Err("has the same variable twice");
            }
            if !before.is_empty() {
                parts.push(TemplatePart::Text(before.to_owned()));
            }
            parts.push(variable);
            example.push_str(before);
            example.push('x');
            rest = after;
        }
        if !rest.is_empty() {
            parts.push(TemplatePart::Text(rest.to_owned()));
            example.push_str(rest);
        }
        let scheme = matches!(parts.first(), Some(TemplatePart::Text(text)) if text.contains(':'));
        // Text must not end within a percent-encoding, which a value would then complete.
        let cut_off = |text: &str| {
            let tail = text.rfind('%').map_or("", |at| &text[at..]);
            !tail.is_empty() && tail.len() < 3
        };
        let broken = parts
            .iter()
            .any(|part| matches!(part, TemplatePart::Text(text) if cut_off(text)));
        if !scheme || broken || !is_uri(&example) {
            return Err(
                "is no URI: that begins with a scheme and a colon, as docs://returns does, and has ASCII characters only, \
                 without blanks and quotation marks",
            );
        }
        Ok(Self { parts })
    }

    /// Its variables, in order.
    pub fn variables(&self) -> Vec<&str> {
        let names = self.parts.iter().filter_map(|part| match part {
            TemplatePart::Variable(name) => Some(name.as_str()),
            TemplatePart::Text(_) => None,
        });
        names.collect()
    }

    /// The length of its fixed text. When several templates match a URI, the one with the most fixed text applies.
    pub fn fixed(&self) -> usize {
        let lengths = self.parts.iter().map(|part| match part {
            TemplatePart::Text(text) => text.len(),
            TemplatePart::Variable(_) => 0,
        });
        lengths.sum()
    }

    /// Matches a URI. Returns the values of the variables in order, or none when the URI does not match. Fixed text is
    /// compared exactly. A value consists of the characters of a path segment (RFC 3986, `pchar`), at least one. It is
    /// percent-decoded, must be UTF-8, and contains no control characters.
    pub fn values(&self, uri: &str) -> Option<Vec<String>> {
        let mut values = Vec::new();
        let mut rest = uri;
        let mut parts = self.parts.iter();
        while let Some(part) = parts.next() {
            match part {
                TemplatePart::Text(text) => rest = rest.strip_prefix(text.as_str())?,
                TemplatePart::Variable(_) => {
                    let following = parts.as_slice();
                    let (value, after) = match following {
                        [] => (rest, ""),
                        [TemplatePart::Text(end)] => (rest.strip_suffix(end.as_str())?, ""),
                        [TemplatePart::Text(text), ..] => split_at_first(rest, text)?,
                        [TemplatePart::Variable(_), ..] => return None,
                    };
                    values.push(decode(value)?);
                    rest = after;
                    if !following.is_empty() {
                        parts.next();
                    }
                }
            }
        }
        rest.is_empty().then_some(values)
    }
}

fn is_name(text: &str) -> bool {
    text.bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && text
            .bytes()
            .next()
            .is_some_and(|byte| !byte.is_ascii_digit())
}

/// The byte length of the first character of a value, with a percent-encoded character as one; none at the end of the
/// value.
fn letter(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    match bytes.first()? {
        b'%' => bytes
            .get(1..3)?
            .iter()
            .all(u8::is_ascii_hexdigit)
            .then_some(3),
        byte if byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@".contains(byte) => Some(1),
        _ => None,
    }
}

/// Splits at the first `text` that follows at least one character. The first is as good as a later one: the text
/// between them could belong to the next value too.
fn split_at_first<'a>(from: &'a str, text: &str) -> Option<(&'a str, &'a str)> {
    let mut at = 0;
    while let Some(length) = letter(from.get(at..)?) {
        at += length;
        if let Some(after) = from.get(at..)?.strip_prefix(text) {
            return Some((from.get(..at)?, after));
        }
    }
    None
}

fn decode(value: &str) -> Option<String> {
    let mut at = 0;
    while at < value.len() {
        at += letter(value.get(at..)?)?;
    }
    let decoded = percent_decode_str(value).decode_utf8().ok()?;
    let whole = !decoded.is_empty() && !decoded.chars().any(char::is_control);
    whole.then(|| decoded.into_owned())
}
