use super::*;
use serde_json::json;

/// Rows as the statement gives them.
fn rows(next: &str, tools: &[[&str; 4]]) -> String {
    let records = tools
        .iter()
        .map(|parts| format!("{RECORD}{}", parts.join(&PART.to_string())));
    next.to_owned() + &records.collect::<String>()
}

const ONE: [&str; 4] = ["{\"name\":\"a\"", "{\"type\": \"object\"}", "", ""];

fn listed(tools: &[[&str; 4]]) -> Value {
    let page = page(&rows("", tools)).unwrap();
    let list: Value = serde_json::from_str(&page.tools).unwrap();
    assert_eq!(list.as_array().unwrap().len() as i64, page.count);
    list
}

#[test]
fn a_page_is_a_list_and_the_key_of_the_next() {
    assert_eq!(listed(&[]), json!([]));
    let full = [
        "{\"name\":\"b\",\"description\":\"B\"",
        " {\n\"type\": \"object\"} ",
        "{\"type\":\"object\"}",
        "{\"readOnlyHint\":true}",
    ];
    assert_eq!(
        listed(&[ONE, full, ["{\"name\":\"c\"", "", " ", ""]]),
        json!([
            {"name": "a", "inputSchema": {"type": "object"}},
            {"name": "b", "description": "B", "inputSchema": {"type": "object"}, "outputSchema": {"type": "object"},
             "annotations": {"readOnlyHint": true}},
            {"name": "c", "inputSchema": {"type": "object", "properties": {}, "additionalProperties": false}}
        ])
    );
    let page = page(&rows("[10, \"a\", 3]", &[ONE])).unwrap();
    assert_eq!(page.next, Some(json!([10, "a", 3])));
    assert!(is_key(&json!([10, "a", 3])));
    for wrong in [
        json!([10, "a"]),
        json!([10, 3, "a"]),
        json!([2_147_483_648_u64, "a", 3]),
        json!("a"),
    ] {
        assert!(!is_key(&wrong), "{wrong}");
    }
}

#[test]
fn a_tool_that_would_break_the_list_is_left_out() {
    for broken in [
        "{",
        "{\"type\": }",
        "[]",
        "\"x\"",
        "5",
        "{}},{\"name\":\"other\",\"inputSchema\":{}",
        "{},\"description\":\"other\"",
        "{\"a\": \"\\ud800\"}",
        "{\"a\": \"\t\"}",
        "{\"a\": 01}",
    ] {
        assert_eq!(
            listed(&[["{\"name\":\"x\"", broken, "", ""], ONE]),
            listed(&[ONE]),
            "{broken}"
        );
        assert_eq!(
            listed(&[ONE, ["{\"name\":\"x\"", "{}", broken, ""]]),
            listed(&[ONE]),
            "{broken}"
        );
    }
}

#[test]
fn rows_of_another_form_are_an_error() {
    for rows in [
        "x",
        "[10\u{1e}",
        "\u{1e}{\"name\":\"a\"",
        "\u{1e}a\u{1f}b\u{1f}c\u{1f}d\u{1f}e",
    ] {
        assert!(page(rows).is_err(), "{rows:?}");
    }
}
