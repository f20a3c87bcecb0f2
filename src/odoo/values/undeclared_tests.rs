//! Datetimes in values without a declared type.

use chrono_tz::{Asia::Kolkata, Europe::Brussels};
use serde_json::{Value, json};

use super::super::properties;
use super::*;

fn accepted(mut value: Value) -> Value {
    accept(&mut value, "args[0]", Brussels).unwrap();
    value
}

#[test]
fn an_instant_goes_as_utc_and_nothing_else_changes() {
    for (given, taken) in [
        ("2026-11-22T14:30:00+01:00", "2026-11-22 13:30:00"),
        ("2026-11-22 14:30Z", "2026-11-22 14:30:00"),
        ("2026-11-22T14:30:00.5-0530", "2026-11-22 20:00:00"),
    ] {
        assert_eq!(accepted(json!(given)), json!(taken));
        let nested = json!([{"a": [given, 5, null]}, true]);
        assert_eq!(accepted(nested), json!([{"a": [taken, 5, null]}, true]));
    }
    for text in [
        "",
        "2026-11-22",
        "at 2026-11-22T14:30:00Z",
        "2026-11-22T14:30:00Z.",
        "2026-13-22T14:30:00Z",
        "2026-11-22T24:30:00Z",
        "2026-11-22T14:30:60Z",
        "0000-11-22T14:30:00Z",
        "14:30:00",
    ] {
        assert_eq!(accepted(json!(text)), json!(text));
    }
    // A name is not a value.
    let named = json!({"2026-11-22T14:30:00Z": 1});
    assert_eq!(accepted(named.clone()), named);
}

#[test]
fn without_a_zone_it_is_refused_with_its_place_and_the_users_own_offset() {
    let mut value = json!({"a": [1, {"b": "2026-07-22 14:30:00"}]});
    let said = accept(&mut value, "kwargs", Brussels)
        .unwrap_err()
        .to_string();
    assert!(said.starts_with("kwargs.a[1].b: "), "{said}");
    for part in ["`2026-07-22T14:30:00+02:00`", "`2026-07-22T14:30:00Z`"] {
        assert!(said.contains(part), "{said}");
    }
}

#[test]
fn what_was_a_datetime_is_shown_in_the_zone() {
    let mut value =
        json!([{"a": "2026-07-22T13:30:00Z"}, "2026-07-22", "2026-07-22T13:30:00+01:00"]);
    assert!(!present(&mut value, Kolkata));
    assert_eq!(
        value,
        json!([{"a": "2026-07-22T19:00:00+05:30"}, "2026-07-22", "2026-07-22T13:30:00+01:00"])
    );
    let mut texts = json!(["2026-07-22T13:30:00Z", {"b": "2026-07-22 13:30:00"}, "x"]);
    assert!(present(&mut texts, Kolkata));
    assert_eq!(texts[1]["b"], "2026-07-22 13:30:00");
    assert_eq!(texts[0], "2026-07-22T19:00:00+05:30");
}

#[test]
fn properties_say_what_they_are_in_a_list_only() {
    let typed = json!([
        {"name": "a", "type": "datetime", "value": "2026-07-22 14:30:00"},
        {"name": "b", "type": "char", "value": "2026-07-22 14:30:00"},
        {"name": "c", "type": "datetime", "value": false},
        {"name": "d", "type": "date", "value": "2026-07-22"},
    ]);
    let mut given = typed.clone();
    properties::prepare(&mut given, "values.p", Brussels).unwrap();
    assert_eq!(given[0]["value"], "2026-07-22 12:30:00");
    assert_eq!(
        given.as_array().map(|all| &all[1..]),
        typed.as_array().map(|all| &all[1..])
    );
    let shown = properties::present(&given, Brussels);
    assert_eq!(shown[0]["value"], "2026-07-22T14:30:00+02:00");
    assert_eq!(shown[1], typed[1]);
    let mut wrong = json!([{"type": "datetime", "value": "soon"}]);
    assert!(properties::prepare(&mut wrong, "values.p", Brussels).is_err());
    let mut by_name = json!({"a": "2026-07-22T14:30:00+02:00"});
    properties::prepare(&mut by_name, "values.p", Brussels).unwrap();
    assert_eq!(by_name, json!({"a": "2026-07-22 12:30:00"}));
    let mut doubtful = json!({"a": "2026-07-22 14:30:00"});
    let said = properties::prepare(&mut doubtful, "values.p", Brussels).unwrap_err();
    assert!(said.to_string().starts_with("values.p.a: "), "{said}");
}
