use super::*;
use serde_json::json;
use std::rc::Rc;

const COLUMNS: [&str; 10] = [
    "name",
    "title",
    "description",
    "parameters",
    "output_schema",
    "read_only_hint",
    "destructive_hint",
    "idempotent_hint",
    "open_world_hint",
    "key",
];

/// Rows as the statement returns them: name, input schema, output schema, whether the tool has annotations.
fn rows(tools: &[(&str, &str, &str, bool)]) -> Vec<Row> {
    let names: Rc<[String]> = COLUMNS.map(str::to_owned).into();
    let text = |text: &str| Some(text.to_owned());
    let hint = |has: bool, hint: &str| has.then(|| hint.to_owned());
    let row = |(place, (name, parameters, output, hints)): (usize, &(&str, &str, &str, bool))| {
        let values = vec![
            text(name),
            None,
            text(&name.to_uppercase()),
            text(parameters),
            text(output),
            hint(*hints, "true"),
            hint(*hints, "false"),
            hint(*hints, "true"),
            hint(*hints, "false"),
            text(&json!([10, name, place]).to_string()),
        ];
        Row::new(Rc::clone(&names), values)
    };
    tools.iter().enumerate().map(row).collect()
}

const ONE: (&str, &str, &str, bool) = ("a", "{\"type\": \"object\"}", "", false);

fn listed(tools: &[(&str, &str, &str, bool)]) -> Value {
    let page = page(rows(tools), 10).unwrap();
    let list: Value = serde_json::from_str(page.tools.get()).unwrap();
    assert_eq!(list.as_array().unwrap().len() as i64, page.count);
    assert_eq!(page.next, None);
    list
}

#[test]
fn a_page_is_a_list() {
    assert_eq!(listed(&[]), json!([]));
    let full = (
        "b",
        " {\n\"type\": \"object\"} ",
        "{\"type\":\"object\"}",
        true,
    );
    assert_eq!(
        listed(&[ONE, full, ("c", "", " ", false)]),
        json!([
            {"name": "a", "description": "A", "inputSchema": {"type": "object"}},
            {"name": "b", "description": "B", "inputSchema": {"type": "object"}, "outputSchema": {"type": "object"},
             "annotations": {"readOnlyHint": true, "destructiveHint": false, "idempotentHint": true,
                             "openWorldHint": false}},
            {"name": "c", "description": "C",
             "inputSchema": {"type": "object", "properties": {}, "additionalProperties": false}}
        ])
    );
}

#[test]
fn one_row_more_is_the_next_page() {
    let tools = [ONE, ("b", "{}", "", false), ("c", "{}", "", false)];
    let first = page(rows(&tools), 2).unwrap();
    assert_eq!((first.count, first.next), (2, Some(json!([10, "b", 1]))));
    let all = page(rows(&tools), 3).unwrap();
    assert_eq!((all.count, all.next), (3, None));
    // An omitted tool counts toward the page size.
    let first = page(rows(&[ONE, ("b", "[]", "", false), ONE]), 2).unwrap();
    assert_eq!((first.count, first.next), (1, Some(json!([10, "b", 1]))));
}

#[test]
fn a_key_is_a_sequence_a_name_and_an_id() {
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
fn schemas_keep_the_order_of_their_authors() {
    let text = r#"{"type":"object","properties":{"b":{},"a":{}},"x":1.50}"#;
    let page = page(rows(&[("a", text, "", false)]), 1).unwrap();
    assert!(page.tools.get().contains(text), "{}", page.tools);
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
            listed(&[("x", broken, "", false), ONE]),
            listed(&[ONE]),
            "{broken}"
        );
        assert_eq!(
            listed(&[ONE, ("x", "{}", broken, false)]),
            listed(&[ONE]),
            "{broken}"
        );
    }
}

#[test]
fn rows_of_another_form_are_an_error() {
    let names: Rc<[String]> = ["name".to_owned()].into();
    assert!(page(vec![Row::new(names, vec![Some("a".into())])], 5).is_err());
}
