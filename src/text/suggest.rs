//! The valid names nearest to a wrong one, for instructive error messages.

use crate::text::json::clip;
use std::borrow::Cow;

#[cfg(test)]
mod tests;

/// Maximum number of characters compared: the cost of the distance is the product of both lengths.
const LONGEST: usize = 200;
const MOST_CANDIDATES: usize = 5_000;
const MOST_EDITS: usize = 4;
/// Weight of a match by label: a name is more likely meant than a label.
const BY_LABEL: f64 = 0.9;
/// Minimum score of a match by label; excludes labels that only begin alike.
const LEAST_BY_LABEL: f64 = 0.81;

/// At most `most` of the candidates that `name` may stand for, the likeliest first; empty if none is near.
///
/// A candidate is near if it is the same except for case, dashes and blanks; has few letters mistyped, left out or
/// swapped; begins alike; or if one contains the other's words (`customer` and `customer_rank`). Compares only the
/// first 5,000 candidates.
pub fn nearest<'a>(
    name: &str,
    candidates: impl Iterator<Item = &'a str>,
    most: usize,
) -> Vec<&'a str> {
    let name = normalised(name);
    if name.is_empty() {
        return Vec::new();
    }
    let mut scored: Vec<(f64, &str)> = candidates
        .take(MOST_CANDIDATES)
        .filter_map(|candidate| Some((score(&name, &normalised(candidate))?, candidate)))
        .collect();
    scored.sort_by(|(a, left), (b, right)| {
        b.total_cmp(a)
            .then(left.len().cmp(&right.len()))
            .then(left.cmp(right))
    });
    scored.dedup_by(|(_, a), (_, b)| a == b);
    scored.truncate(most);
    scored.into_iter().map(|(_, candidate)| candidate).collect()
}

/// A sentence to append to an error, with a leading blank: `" Did you mean `a`, `b`?"`, or nothing.
pub fn did_you_mean<'a>(name: &str, candidates: impl Iterator<Item = &'a str>) -> String {
    let near = nearest(name, candidates, 3);
    if near.is_empty() {
        return String::new();
    }
    let quoted: Vec<String> = near.iter().map(|name| format!("`{name}`")).collect();
    format!(" Did you mean {}?", quoted.join(", "))
}

/// [`did_you_mean`] for candidates with a label. A label may match, too; the sentence then shows it.
pub fn did_you_mean_labelled<'a>(
    name: &str,
    candidates: impl Iterator<Item = (&'a str, &'a str)>,
) -> String {
    let name = normalised(name);
    if name.is_empty() {
        return String::new();
    }
    let mut scored: Vec<(f64, &str, Option<&str>)> = candidates
        .take(MOST_CANDIDATES)
        .filter_map(|(candidate, label)| {
            let by_name = score(&name, &normalised(candidate));
            let by_label = score(&name, &normalised(label))
                .filter(|score| *score > LEAST_BY_LABEL)
                .map(|score| score * BY_LABEL);
            match (by_name, by_label) {
                (Some(by_name), by_label) if by_label.is_none_or(|other| by_name >= other) => {
                    Some((by_name, candidate, None))
                }
                (_, by_label) => Some((by_label?, candidate, Some(label))),
            }
        })
        .collect();
    scored.sort_by(|(a, left, _), (b, right, _)| {
        b.total_cmp(a)
            .then(left.len().cmp(&right.len()))
            .then(left.cmp(right))
    });
    scored.dedup_by(|(_, a, _), (_, b, _)| a == b);
    if scored.is_empty() {
        return String::new();
    }
    let described = scored.iter().take(3).map(|(_, name, label)| match label {
        Some(label) => format!("`{name}` ({})", clip(label, 40)),
        None => format!("`{name}`"),
    });
    format!(
        " Did you mean {}?",
        described.collect::<Vec<_>>().join(", ")
    )
}

/// Lower case, with `_` between words, at most `LONGEST` characters.
fn normalised(name: &str) -> Cow<'_, str> {
    let clean =
        |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '.' | '=');
    if name.len() <= LONGEST && name.chars().all(clean) {
        return Cow::Borrowed(name);
    }
    let lowered = name.trim().chars().take(LONGEST).map(|c| match c {
        '-' | ' ' | '/' => '_',
        _ => c.to_ascii_lowercase(),
    });
    Cow::Owned(lowered.collect())
}

/// The similarity of two normalised names, above 0 and at most 1; `None` if they are not near.
fn score(name: &str, candidate: &str) -> Option<f64> {
    if name == candidate {
        return Some(1.0);
    }
    if candidate.is_empty() {
        return None;
    }
    [
        contained(name, candidate),
        mistyped(name, candidate),
        same_beginning(name, candidate),
    ]
    .into_iter()
    .flatten()
    .reduce(f64::max)
}

/// The score if all words of the shorter name are words of the longer one, or if the longer name contains its text.
fn contained(name: &str, candidate: &str) -> Option<f64> {
    let (short, long) = if name.len() <= candidate.len() {
        (name, candidate)
    } else {
        (candidate, name)
    };
    let covered = short.len() as f64 / long.len() as f64;
    let words = |text: &str| -> usize { text.split(['_', '.']).filter(|w| !w.is_empty()).count() };
    if short.len() < 3 || words(long) > 16 {
        return None;
    }
    let whole_words = short
        .split(['_', '.'])
        .all(|word| long.split(['_', '.']).any(|other| other == word));
    if whole_words {
        Some(0.75 + 0.2 * covered)
    } else if short.len() >= 4 && long.contains(short) {
        Some(0.55 + 0.3 * covered)
    } else {
        None
    }
}

/// The score if at most a third of the letters differ.
fn mistyped(name: &str, candidate: &str) -> Option<f64> {
    let longest = name.len().max(candidate.len());
    let allowed = (longest / 3).min(MOST_EDITS);
    if name.len().abs_diff(candidate.len()) > allowed {
        return None;
    }
    let edits = strsim::osa_distance(name, candidate);
    (edits <= allowed).then(|| 1.0 - edits as f64 / longest as f64)
}

/// The score if the beginnings agree, by the Jaro-Winkler measure.
fn same_beginning(name: &str, candidate: &str) -> Option<f64> {
    if name.len() < 3 || name.len() > 2 * candidate.len() || candidate.len() > 3 * name.len() {
        return None;
    }
    let likeness = strsim::jaro_winkler(name, candidate);
    (likeness >= 0.88).then_some(likeness * 0.8)
}
