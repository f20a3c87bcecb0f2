use serde_json::json;

use super::*;

#[test]
fn says_where_and_what_to_write_instead() {
    for (text, offset, hint) in [
        ("{'name': 1}", 1, "double quotes"),
        ("[['name', '=', 'x']]", 2, "double quotes"),
        ("[\"active\", None]", 11, "null"),
        ("[True]", 1, "true in JSON"),
        ("[1,\nFalse]", 4, "false in JSON"),
        ("[\"é\",\n \"ü\", (1, 2)]", 14, "tuple"),
        ("[1, 2,]", 6, "comma stands before"),
        ("[1] [2]", 4, "follows after"),
        ("[\\\"name\\\"]", 1, "escaped once too often"),
        ("[1, nil]", 4, "double quotes"),
        ("[1, 2", 5, "not closed"),
        ("", 0, "not closed"),
    ] {
        let bad = parse(text).unwrap_err();
        assert!(bad.message.contains(hint), "{text}: {}", bad.message);
        assert_eq!(
            bad.offset.min(text.len()),
            offset,
            "{text}: {}",
            bad.message
        );
    }
}

#[test]
fn a_position_counts_characters_not_bytes() {
    let bad = parse("[\"日本\", None]").unwrap_err();
    assert!(
        bad.message.contains("character 8, at `None]`"),
        "{}",
        bad.message
    );
}

#[test]
fn nesting_without_end_is_an_error() {
    let bad = parse(&"[".repeat(100_000)).unwrap_err();
    assert!(bad.message.contains("nested too deeply"), "{}", bad.message);
}

#[test]
fn shown_values_fit_in_a_sentence() {
    assert_eq!(brief(&json!({"a": [1, null]})), "{\"a\":[1,null]}");
    assert_eq!(brief(&json!(vec![0; 1000])), "a list of 1000 items");
    assert!(brief(&json!("x".repeat(1_000_000))).len() < 100);
    assert_eq!(clip("a\nb\u{0}c", 10), "a b c");
    assert_eq!(clip("日本語", 2), "日本…");
}

#[test]
fn a_number_is_not_changed_by_reading() {
    for text in [
        "1.1234567890123457e-5",
        "0.1",
        "122.416294033786585",
        "9.5367431640625e-7",
    ] {
        let number = text.parse::<f64>().unwrap();
        assert_eq!(parse(text).unwrap().as_f64(), Some(number), "{text}");
    }
}
