//! The result of a completion (specification: server utilities, "Completion").

use crate::text::suggest::nearest;
use serde_json::{Map, Value, json};
use std::collections::HashSet;

/// Maximum number of values in one result, as the specification sets it.
pub const MOST: usize = 100;
/// Maximum number of values to read: one more than a result has, which shows that there are more.
pub const ASK: usize = MOST + 1;
/// Maximum length of a text to complete.
pub const LONGEST: usize = 1_000;
/// Maximum number of similar values, offered if none contains the typed text.
const MOST_NEAR: usize = 10;

/// Values by relevance, at most [`MOST`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Values {
    pub values: Vec<String>,
    /// The total number of values; none: more than these, not counted.
    pub total: Option<u64>,
}

impl Values {
    /// The empty result.
    pub fn none() -> Self {
        Self {
            values: Vec::new(),
            total: Some(0),
        }
    }

    /// The result for a sorted list of at most [`ASK`] values. Removes duplicates.
    pub fn of(read: Vec<String>) -> Self {
        let more = read.len() > MOST;
        let mut seen = HashSet::new();
        let mut values = read;
        values.truncate(MOST);
        values.retain(|value| !value.is_empty() && seen.insert(value.clone()));
        Self {
            total: (!more).then_some(values.len() as u64),
            values,
        }
    }

    /// The `CompleteResult`.
    pub fn to_result(&self) -> Map<String, Value> {
        let shown = self.values.get(..MOST).unwrap_or(&self.values);
        let mut completion = Map::new();
        completion.insert("values".into(), json!(shown));
        if let Some(total) = self.total {
            completion.insert("total".into(), json!(total));
        }
        let more = self.total.is_none_or(|total| total > shown.len() as u64);
        completion.insert("hasMore".into(), json!(more));
        let mut result = Map::new();
        result.insert("completion".into(), Value::Object(completion));
        result
    }
}

/// The candidates (value and label) that match `typed`, in any case: first the values that begin with it, then those
/// that contain it, then those with a label that contains it. Each group keeps the given order. Without a match, the
/// nearest values.
pub fn rank<'a>(
    typed: &str,
    candidates: impl Iterator<Item = (&'a str, &'a str)> + Clone,
) -> Values {
    let sought = typed.trim().to_lowercase();
    let place = |value: &str, label: &str| {
        let value = value.to_lowercase();
        if value.starts_with(&sought) {
            Some(0)
        } else if value.contains(&sought) {
            Some(1)
        } else {
            label.to_lowercase().contains(&sought).then_some(2)
        }
    };
    let mut found: [Vec<&str>; 3] = Default::default();
    let mut seen = HashSet::new();
    for (value, label) in candidates.clone() {
        if let Some(place) = place(value, label)
            && let Some(list) = found.get_mut(place)
            && !value.is_empty()
            && seen.insert(value)
        {
            list.push(value);
        }
    }
    let mut ranked = found.concat();
    if ranked.is_empty() {
        ranked = nearest(&sought, candidates.map(|(value, _)| value), MOST_NEAR);
    }
    Values {
        total: Some(ranked.len() as u64),
        values: ranked.into_iter().take(MOST).map(str::to_owned).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MODELS: [(&str, &str); 5] = [
        ("account.move", "Journal Entry"),
        ("res.partner", "Contact"),
        ("res.partner.bank", "Bank Accounts"),
        ("res.users", "User"),
        ("stock.move", "Stock Move"),
    ];

    fn ranked(typed: &str) -> Vec<String> {
        rank(typed, MODELS.into_iter()).values
    }

    #[test]
    fn beginnings_come_first_then_parts_then_labels() {
        assert_eq!(ranked("res.p"), ["res.partner", "res.partner.bank"]);
        assert_eq!(ranked("MOVE"), ["account.move", "stock.move"]);
        assert_eq!(ranked("account"), ["account.move", "res.partner.bank"]);
        assert_eq!(ranked("contact"), ["res.partner"]);
        assert_eq!(ranked("").len(), 5);
        assert_eq!(ranked(" stock "), ["stock.move"]);
    }

    #[test]
    fn what_nothing_holds_gets_the_nearest() {
        assert_eq!(ranked("res.partnr")[0], "res.partner");
        assert!(ranked("zzzzzz").is_empty());
        assert_eq!(rank("zzzzzz", MODELS.into_iter()), Values::none());
    }

    #[test]
    fn a_value_is_offered_once() {
        let twice = [("a", "x"), ("a", "y"), ("", "a"), ("ab", "")];
        assert_eq!(rank("a", twice.into_iter()).values, ["a", "ab"]);
        let values = Values::of(["b", "a", "b", ""].map(str::to_owned).to_vec());
        assert_eq!(values.values, ["b", "a"]);
        assert_eq!(values.total, Some(2));
    }

    #[test]
    fn an_answer_has_a_hundred_and_says_whether_there_are_more() {
        let names: Vec<String> = (0..250).map(|number| format!("n{number:03}")).collect();
        let all = rank("n", names.iter().map(|name| (name.as_str(), "")));
        let result = Value::Object(all.to_result());
        assert_eq!(
            result["completion"]["values"].as_array().unwrap().len(),
            100
        );
        assert_eq!(result["completion"]["total"], 250);
        assert_eq!(result["completion"]["hasMore"], true);
        let exactly = Value::Object(Values::of(names[..MOST].to_vec()).to_result());
        assert_eq!(exactly["completion"]["total"], 100);
        assert_eq!(exactly["completion"]["hasMore"], false);
        let asked = Value::Object(Values::of(names[..ASK].to_vec()).to_result());
        assert_eq!(asked["completion"]["values"].as_array().unwrap().len(), 100);
        assert_eq!(asked["completion"].get("total"), None);
        assert_eq!(asked["completion"]["hasMore"], true);
    }

    #[test]
    fn more_is_said_although_repeated_values_make_room() {
        let same = vec!["Azure Interior".to_owned(); ASK];
        let result = Value::Object(Values::of(same).to_result());
        assert_eq!(result["completion"]["values"], json!(["Azure Interior"]));
        assert_eq!(result["completion"]["hasMore"], true);
        let none = Value::Object(Values::none().to_result());
        assert_eq!(
            none["completion"],
            json!({"values": [], "total": 0, "hasMore": false})
        );
    }
}
