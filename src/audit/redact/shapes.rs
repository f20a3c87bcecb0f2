//! Secrets known by their shape: keys of well-known services, bearer tokens, IBANs and card numbers with valid check
//! digits, and values that a text labels as a password (`pw: x`).

use crate::odoo::secret_name::is_secret_name;
use iban::Iban;
use luhn3::Mixer;
use std::ops::Range;

/// The replacement for a secret.
pub const HIDDEN: &str = "***";
/// Prefixes of keys issued by services, each with the minimum length of a key.
const PREFIXES: [(&str, usize); 22] = [
    ("sk-", 20),
    ("sk_live_", 20),
    ("sk_test_", 20),
    ("pk_live_", 20),
    ("rk_live_", 20),
    ("whsec_", 20),
    ("ghp_", 20),
    ("gho_", 20),
    ("ghu_", 20),
    ("ghs_", 20),
    ("github_pat_", 24),
    ("glpat-", 20),
    ("xoxb-", 20),
    ("xoxp-", 20),
    ("xoxa-", 20),
    ("AKIA", 20),
    ("AIza", 35),
    ("ya29.", 20),
    ("SG.", 30),
    ("hf_", 20),
    ("npm_", 20),
    ("dop_v1_", 30),
];

/// Labels of a secret that are too short to be secret names in general.
const LABELS: [&str; 4] = ["pw", "mdp", "pass", "passcode"];
/// Length in characters of an Odoo API key, in hexadecimal.
const ODOO_KEY: usize = 40;
/// Maximum number of groups in an IBAN written with spaces.
const MOST_GROUPS: usize = 9;
const PRIVATE_KEY: &str = "PRIVATE KEY-----";

/// The text with `***` for each part that looks like a secret; `None` if there is none.
pub fn without_secrets(text: &str) -> Option<String> {
    if text.contains(PRIVATE_KEY) {
        return Some(HIDDEN.to_owned());
    }
    let words = words(text);
    let mut hidden: Vec<Range<usize>> = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let (range, read) = secret_at(text, &words, at).unzip();
        hidden.extend(range);
        at += read.unwrap_or(1);
    }
    hidden.extend(cards(text));
    (!hidden.is_empty()).then(|| replaced(text, hidden))
}

fn replaced(text: &str, mut hidden: Vec<Range<usize>>) -> String {
    hidden.sort_by_key(|range| range.start);
    let mut copy = String::with_capacity(text.len());
    let mut end = 0;
    for range in hidden {
        if range.start >= end {
            copy.push_str(text.get(end..range.start).unwrap_or_default());
            copy.push_str(HIDDEN);
        }
        end = end.max(range.end);
    }
    copy.push_str(text.get(end..).unwrap_or_default());
    copy
}

/// The ranges of the words of a text, separated by blanks, brackets, quotes and commas.
fn words(text: &str) -> Vec<Range<usize>> {
    let is_end = |c: char| c.is_whitespace() || "\"'`()<>[]{},;|".contains(c);
    let mut words = Vec::new();
    let mut start = None;
    for (at, letter) in text.char_indices() {
        match (start, is_end(letter)) {
            (None, false) => start = Some(at),
            (Some(from), true) => {
                words.push(from..at);
                start = None;
            }
            _ => {}
        }
    }
    words.extend(start.map(|from| from..text.len()));
    words
}

/// The secret that begins at a word, and the number of words read with it.
fn secret_at(text: &str, words: &[Range<usize>], at: usize) -> Option<(Range<usize>, usize)> {
    let range = words.get(at)?.clone();
    let word = text.get(range.clone())?;
    if let Some(value) = value_in(word) {
        return Some((range.start + value.start..range.start + value.end, 1));
    }
    if let Some(read) = label_at(text, words, at) {
        let next = words.get(at + read)?.clone();
        // `Authorization: Bearer x`: the secret is the next word.
        return match is_scheme(text.get(next.clone())?) {
            true => words
                .get(at + read + 1)
                .map(|value| (value.clone(), read + 2)),
            false => Some((next, read + 1)),
        };
    }
    let next = words.get(at + 1).cloned();
    if is_scheme(word)
        && let Some(next) = next
        && is_credential(text.get(next.clone())?)
    {
        return Some((next, 2));
    }
    let bare = word.trim_end_matches(['.', ':', '!', '?']);
    if is_key(bare) {
        return Some((range.start..range.start + bare.len(), 1));
    }
    iban_at(text, words, at)
}

/// The range of the value in a word such as `password=x` or `https://host/?access_token=x&y=1`.
fn value_in(word: &str) -> Option<Range<usize>> {
    let mut places = word.match_indices([':', '=']);
    places.find_map(|(at, _)| {
        let label = word.get(..at)?.rsplit(['?', '&', '/', '#']).next()?;
        let rest = word.get(at + 1..)?;
        let value = rest.split('&').next().unwrap_or(rest);
        (is_label(label) && !value.is_empty()).then(|| at + 1..at + 1 + value.len())
    })
}

/// The number of words of the label that begins at a word and precedes a secret; `None` if there is no label.
fn label_at(text: &str, words: &[Range<usize>], at: usize) -> Option<usize> {
    let word = text.get(words.get(at)?.clone())?;
    let label = word.trim_end_matches([':', '=']);
    if !is_label(label) {
        return None;
    }
    if label.len() < word.len() {
        return Some(1);
    }
    let next = text.get(words.get(at + 1)?.clone())?;
    matches!(next, ":" | "=").then_some(2)
}

fn is_scheme(word: &str) -> bool {
    word.eq_ignore_ascii_case("bearer") || word.eq_ignore_ascii_case("basic")
}

fn is_label(word: &str) -> bool {
    let lower = word.to_lowercase();
    LABELS.contains(&lower.as_str()) || is_secret_name(word)
}

/// Whether a word after `Bearer` or `Basic` is a credential and not the next word of a sentence.
fn is_credential(word: &str) -> bool {
    let has = |kind: fn(char) -> bool| word.chars().any(kind);
    let mixed = has(|c| c.is_ascii_digit())
        || (has(|c| c.is_ascii_uppercase()) && has(|c| c.is_ascii_lowercase()));
    word.len() >= 16 && mixed && word.chars().all(|c| c.is_ascii_graphic())
}

fn is_key(word: &str) -> bool {
    let hexadecimal = word.len() == ODOO_KEY && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    let mut prefixes = PREFIXES.iter();
    hexadecimal
        || prefixes.any(|(prefix, least)| word.len() >= *least && word.starts_with(prefix))
        || is_json_web_token(word)
}

fn is_json_web_token(word: &str) -> bool {
    let part = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let parts: Vec<&str> = word.split('.').collect();
    word.starts_with("eyJ") && parts.len() == 3 && parts.iter().all(|text| text.chars().all(part))
}

/// The longest IBAN that begins at a word, written as one word or in groups.
fn iban_at(text: &str, words: &[Range<usize>], at: usize) -> Option<(Range<usize>, usize)> {
    let first = words.get(at)?;
    let head = text.get(first.clone())?.as_bytes();
    let begins = matches!(head, [a, b, c, d, ..]
        if a.is_ascii_alphabetic() && b.is_ascii_alphabetic() && c.is_ascii_digit() && d.is_ascii_digit());
    if !begins {
        return None;
    }
    let most = MOST_GROUPS.min(words.len() - at);
    (1..=most).rev().find_map(|count| {
        let range = first.start..words.get(at + count - 1)?.end;
        let letters = text.get(range.clone())?.trim_end_matches('.');
        let compact: String = letters.chars().filter(|c| !c.is_whitespace()).collect();
        compact.to_ascii_uppercase().parse::<Iban>().ok()?;
        Some((range.start..range.start + letters.len(), count))
    })
}

/// The ranges of card numbers: digits, possibly in groups.
fn cards(text: &str) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        if !bytes[at].is_ascii_digit() {
            at += 1;
            continue;
        }
        let end = end_of_number(bytes, at);
        if is_card(&bytes[at..end]) && !is_within_word(bytes, at, end) {
            found.push(at..end);
        }
        at = end;
    }
    found
}

fn end_of_number(bytes: &[u8], start: usize) -> usize {
    let mut end = start;
    let mut at = start;
    while at < bytes.len() {
        match bytes[at] {
            b'0'..=b'9' => end = at + 1,
            b' ' | b'-' if at == end => {}
            _ => break,
        }
        at += 1;
    }
    end
}

fn is_within_word(bytes: &[u8], start: usize, end: usize) -> bool {
    let joins =
        |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    joins(start.checked_sub(1).and_then(|before| bytes.get(before))) || joins(bytes.get(end))
}

/// Whether the number has an issuer's prefix and length (ISO/IEC 7812) and a valid check digit. Numbers of 13 digits
/// are excluded: most of them identify goods.
fn is_card(number: &[u8]) -> bool {
    let digits: Vec<u8> = number
        .iter()
        .filter(|b| b.is_ascii_digit())
        .map(|b| b - b'0')
        .collect();
    let value = |count: usize| {
        digits
            .iter()
            .take(count)
            .fold(0_u32, |sum, digit| sum * 10 + u32::from(*digit))
    };
    let issued = match digits.len() {
        14 => matches!(value(2), 30 | 36 | 38),
        15 => matches!(value(2), 34 | 37),
        16 => {
            value(1) == 4
                || matches!(value(2), 35 | 51..=55 | 64 | 65)
                || matches!(value(4), 2221..=2720 | 6011)
        }
        19 => matches!(value(1), 4 | 6),
        _ => false,
    };
    let mut mixer = Mixer::default();
    digits.iter().for_each(|digit| mixer.push(*digit));
    issued && mixer.valid()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_like_a_secret_is_hidden_and_the_rest_stays() {
        for (text, kept) in [
            ("pw: hunter2", "pw: ***"),
            (
                "Login admin, Passwort=hunter2!",
                "Login admin, Passwort=***",
            ),
            ("the password : hunter2 is old", "the password : *** is old"),
            ("contraseña: hunter2", "contraseña: ***"),
            (
                "see https://x.example/?access_token=abc123&page=2",
                "see https://x.example/?access_token=***&page=2",
            ),
            ("Authorization: Bearer abcdef", "Authorization: Bearer ***"),
            ("send Bearer abcDEF0123456789xyz now", "send Bearer *** now"),
            ("key ea70a31043c20750643402614af9e4fbcb7fb096.", "key ***."),
            ("use ghp_0123456789abcdefghij", "use ***"),
            ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl", "***"),
            ("pay to BE71 0961 2345 6769 today", "pay to *** today"),
            ("pay to DE89370400440532013000.", "pay to ***."),
            ("card 4111 1111 1111 1111, thanks", "card ***, thanks"),
            ("3782-822463-10005", "***"),
            ("-----BEGIN RSA PRIVATE KEY-----\nabc", "***"),
        ] {
            assert_eq!(without_secrets(text).as_deref(), Some(kept), "{text}");
        }
    }

    #[test]
    fn likenesses_stay() {
        for text in [
            "",
            "A basic understanding of the bearer of news",
            "The password was changed",
            "EAN 4006381333931",
            "card 4111 1111 1111 1112",
            "BE71 0961 2345 6768 is none",
            "phone +32 470 12 34 56 78",
            "2026-11-30 02:18:41",
            "S00042, INV/2026/00017",
            "sk-short",
            "https://example.com/a:b",
        ] {
            assert_eq!(without_secrets(text), None, "{text}");
        }
    }
}
