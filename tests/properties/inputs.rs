//! Client input: texts, JSON, and both slightly damaged.

use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Map, Number, Value};

/// Characters with a meaning for one of the parsers, and others.
const TELLING: &str = "[]{}()<>\"'`\\/|&!?#%@:;.,=+-_*~^$ \t\r\n\0\u{7f}0123456789aAzZeEnNtTfFuxäß€𝄞\u{200b}\u{feff}\u{202e}";

/// Texts of every kind, most of them short.
pub fn text() -> impl Strategy<Value = String> {
    let telling: Vec<char> = TELLING.chars().collect();
    prop_oneof![
        3 => vec(prop::sample::select(telling), 0..40).prop_map(String::from_iter),
        2 => any::<String>(),
        1 => "[a-z_]{0,12}",
        1 => "[ -~]{0,400}",
    ]
}

/// A possible name of a field, an argument or a member.
pub fn name() -> impl Strategy<Value = String> {
    "[a-z][a-z_]{0,11}"
}

/// A JSON number.
pub fn number() -> impl Strategy<Value = Number> {
    prop_oneof![
        any::<i64>().prop_map(Number::from),
        any::<u64>().prop_map(Number::from),
        (-3_i64..10).prop_map(Number::from),
        any::<f64>().prop_filter_map("JSON has no such number", Number::from_f64),
    ]
}

/// A value without members.
pub fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        number().prop_map(Value::Number),
        text().prop_map(Value::String),
    ]
}

/// Any JSON value with keys and leaves of these strategies.
pub fn json_of(
    key: impl Strategy<Value = String> + 'static,
    leaf: impl Strategy<Value = Value> + 'static,
) -> BoxedStrategy<Value> {
    let key = key.boxed();
    leaf.boxed()
        .prop_recursive(5, 40, 6, move |inner| {
            prop_oneof![
                vec(inner.clone(), 0..6).prop_map(Value::Array),
                object_of(key.clone(), inner).prop_map(Value::Object),
            ]
        })
        .boxed()
}

/// Any JSON value.
pub fn json() -> BoxedStrategy<Value> {
    json_of(prop_oneof![text(), name()].boxed(), scalar())
}

/// A JSON object with keys and values of these strategies.
pub fn object_of(
    key: impl Strategy<Value = String>,
    value: impl Strategy<Value = Value>,
) -> impl Strategy<Value = Map<String, Value>> {
    vec((key, value), 0..6).prop_map(|members| members.into_iter().collect())
}

/// Damage that a client may do to a text, by mistake or on purpose.
#[derive(Debug, Clone)]
pub enum Damage {
    Delete(prop::sample::Index, usize),
    Insert(prop::sample::Index, String),
    Repeat(prop::sample::Index, usize),
    Cut(prop::sample::Index),
}

fn damage() -> impl Strategy<Value = Damage> {
    let place = any::<prop::sample::Index>;
    prop_oneof![
        (place(), 1_usize..4).prop_map(|(at, much)| Damage::Delete(at, much)),
        (place(), text()).prop_map(|(at, what)| Damage::Insert(at, what)),
        (place(), 1_usize..20).prop_map(|(at, much)| Damage::Repeat(at, much)),
        place().prop_map(Damage::Cut),
    ]
}

fn apply(text: &str, damage: &Damage) -> String {
    let letters: Vec<char> = text.chars().collect();
    let part = |range: std::ops::Range<usize>| -> String {
        letters
            .get(range.start.min(letters.len())..range.end.min(letters.len()))
            .unwrap_or_default()
            .iter()
            .collect()
    };
    let (at, all) = match damage {
        Damage::Delete(at, _) | Damage::Insert(at, _) | Damage::Repeat(at, _) | Damage::Cut(at) => {
            (at.index(letters.len() + 1), letters.len())
        }
    };
    let (before, after) = (part(0..at), part(at..all));
    match damage {
        Damage::Delete(_, much) => before + &part(at + much..all),
        Damage::Insert(_, what) => before + what + &after,
        Damage::Repeat(_, much) => before + &part(at..at + much) + &after,
        Damage::Cut(_) => before,
    }
}

/// Texts of the strategy with up to three damages.
pub fn damaged(whole: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    (whole, vec(damage(), 0..4)).prop_map(|(whole, damages)| {
        damages
            .iter()
            .fold(whole, |text, damage| apply(&text, damage))
    })
}

/// The text, repeated to approximately this many bytes.
pub fn repeated(text: &str, bytes: usize) -> String {
    text.repeat(bytes / text.len() + 1)
}

/// The value as a JSON text within a JSON text, nested this many times.
pub fn as_text(value: &Value, times: usize) -> Value {
    (0..times).fold(value.clone(), |inner, _| Value::String(inner.to_string()))
}
