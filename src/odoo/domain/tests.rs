use serde_json::{Value, json};

use super::*;
use crate::error::Error;

fn refused(value: Value) -> String {
    match parse(&value) {
        Err(error) => error.to_string(),
        Ok(domain) => panic!("{value} was taken as {}", domain.to_json()),
    }
}

fn taken(value: Value) -> Value {
    parse(&value)
        .unwrap_or_else(|error| panic!("{value}: {error}"))
        .to_json()
}

/// Each error must contain all words given for it.
fn assert_refusals(cases: &[(Value, &[&str])]) {
    for (value, words) in cases {
        let said = refused(value.clone());
        for word in *words {
            assert!(said.contains(word), "{value}: `{word}` is not in: {said}");
        }
    }
}

#[test]
fn right_domains_come_out_as_they_went_in() {
    for domain in [
        json!([]),
        json!([["name", "=", "x"]]),
        json!([["name", "=", "x"], ["active", "=", true]]),
        json!(["|", ["a", "=", 1], ["b", "=", 2]]),
        json!([
            "&",
            "|",
            ["a", "=", 1],
            "!",
            ["b", "in", [1, 2, false]],
            ["c", "not in", []]
        ]),
        json!([["a", "=", 1], "|", ["b", "=", 2], ["c", "=", 3]]),
        json!([[1, "=", 1]]),
        json!(["|", [0, "=", 1], ["partner_id.country_id.code", "=", "BE"]]),
        json!([[
            "line_ids",
            "any",
            [
                ["product_id", "=", 3],
                "|",
                ["qty", ">", 1.5],
                ["tag_ids", "not any", []]
            ]
        ]]),
        json!([
            ["x_studio_Total", ">=", -5],
            ["props.0a1b", "=", "k"],
            ["id", "child_of", [1, 2]]
        ]),
        json!([
            ["partner_id", "child_of", "Azure"],
            ["parent_id", "parent_of", 4],
            ["a", "=?", false]
        ]),
        json!([
            ["name", "=ilike", "A%"],
            ["name", "not =like", "_b"],
            ["name", "like", ""]
        ]),
        json!([["big", "=", i64::MAX], ["small", "=", i64::MIN]]),
    ] {
        assert_eq!(taken(domain.clone()), domain);
        assert_eq!(taken(json!(domain.to_string())), domain, "as text");
    }
}

#[test]
fn null_is_false_and_two_angles_are_unequal() {
    assert_eq!(
        taken(json!([
            ["a", "=", null],
            ["b", "in", [1, null]],
            ["c", "<>", 1]
        ])),
        json!([["a", "=", false], ["b", "in", [1, false]], ["c", "!=", 1]])
    );
}

#[test]
fn plain_python_literals_are_read() {
    for (text, domain) in [
        ("[('name', '=', 'x')]", json!([["name", "=", "x"]])),
        (
            "['|', ('a', '=', True), (\"b\", '!=', None)]",
            json!(["|", ["a", "=", true], ["b", "!=", false]]),
        ),
        (
            "[('ids', 'in', (1, 2,)), ('t', 'in', (1,)),]",
            json!([["ids", "in", [1, 2]], ["t", "in", [1]]]),
        ),
        ("[(1, '=', 1)]", json!([[1, "=", 1]])),
        (
            "[('name', '=', 'it\\'s \\\\ \\u00e9\\x41 \"q\"')]",
            json!([["name", "=", "it's \\ éA \"q\""]]),
        ),
        ("([('a', '<', -1.5)])", Value::Null),
        ("(('a', '<', -1.5),)", json!([["a", "<", -1.5]])),
        (" [ ] ", json!([])),
    ] {
        if domain.is_null() {
            refused(json!(text));
        } else {
            assert_eq!(taken(json!(text)), domain, "{text}");
        }
    }
}

#[test]
fn other_python_is_refused_where_it_stands() {
    assert_refusals(&[
        (
            json!("[('user_id', '=', uid)]"),
            &["character 19", "`uid)]`", "not evaluated"],
        ),
        (json!("[('d', '<', context_today())]"), &["not evaluated"]),
        (json!("[('active', '=', true)]"), &["True, False and None"]),
        (
            json!("[('name', '=', 'a' 'b')]"),
            &["comma or a closing bracket"],
        ),
        (json!("[('name', '=', u'a')]"), &["not evaluated"]),
        (json!("[('name', '=', ('a'))]"), &["no tuple"]),
        (json!("[('name', '=', 'a)]"), &["not closed"]),
        (json!("[('n', '=', 0x10)]"), &["number"]),
        (json!("[('n', '=', 1_000)]"), &["number"]),
        (
            json!("[('n', '=', 1 + 2)]"),
            &["comma or a closing bracket"],
        ),
        (json!("[('n', '=', 1)] + []"), &["nothing may follow"]),
        (json!("[{'n': 1}]"), &["double quotes"]),
        (json!("[({1: 2},)]"), &["no dicts"]),
        (json!("[('n', '=', '\\ud83d\\ude00')]"), &["escape"]),
        (json!("[('n', '=', 'a\\x00b')]"), &["escape"]),
        (json!("[('n', '=', 'x'"), &["comma or a closing bracket"]),
        (json!("name = 'x'"), &["character 1", "double quotes"]),
        (
            json!(format!("{}{}", "(".repeat(50_000), ")".repeat(50_000))),
            &["nested too deeply"],
        ),
    ]);
}

#[test]
fn broken_text_is_refused_and_never_empty() {
    assert_refusals(&[
        (json!(""), &["empty", "[] for all records"]),
        (json!("   "), &["empty"]),
        (json!("[[\"name\", \"=\", \"x\"]"), &["not closed"]),
        (json!("[[\"name\", \"=\", \"x\"]]]"), &["character 21"]),
        (
            json!("\"[[\\\"name\\\", \\\"=\\\", \\\"x\\\"]]\""),
            &["encoded twice"],
        ),
        (
            json!("[[\\\"name\\\", \\\"=\\\", 1]]"),
            &["escaped once too often"],
        ),
        (json!("null"), &["list of terms", "null"]),
        (json!("None"), &["list of terms"]),
        (json!("{}"), &["list of terms", "object"]),
        (json!("true"), &["list of terms"]),
        (json!(null), &["list of terms"]),
        (json!(false), &["list of terms"]),
        (json!(5), &["list of terms", "integer"]),
        (json!({"name": "x"}), &["[[\"name\",\"=\",\"x\"]]"]),
    ]);
}

#[test]
fn a_bare_leaf_is_shown_wrapped() {
    assert_refusals(&[
        (
            json!(["name", "=", "x"]),
            &["domain:", "Write [[\"name\",\"=\",\"x\"]]"],
        ),
        (
            json!(["id", "in", [1, 2]]),
            &["Write [[\"id\",\"in\",[1,2]]]"],
        ),
        (
            json!("('name', '=', 'x')"),
            &["Write [[\"name\",\"=\",\"x\"]]"],
        ),
        (json!([1, "=", 1]), &["Write [[1,\"=\",1]]"]),
        (
            json!([["line_ids", "any", ["a", "=", 1]]]),
            &["domain[0][2]:", "Write [[\"a\",\"=\",1]]"],
        ),
    ]);
}

#[test]
fn operators_without_their_terms_are_refused_with_the_count() {
    assert_refusals(&[
        (
            json!(["|", ["a", "=", 1]]),
            &["domain[0]", "1 of 2 follow: 1 missing"],
        ),
        (json!(["|"]), &["0 of 2 follow: 2 missing"]),
        (
            json!(["!"]),
            &["domain[0]", "0 of 1 follow: 1 missing", "[\"!\", ["],
        ),
        (json!([["a", "=", 1], "&"]), &["domain[1]", "2 missing"]),
        (
            json!(["|", "|", ["a", "=", 1], ["b", "=", 1]]),
            &["domain[0]", "1 missing"],
        ),
        (
            json!(["|", ["a", "=", 1], "!"]),
            &["domain[2]", "1 missing"],
        ),
        (
            json!([["a", "=", 1], "|", ["b", "=", 2]]),
            &["domain[1]", "[\"|\", [\"a\",\"=\",1], [\"b\",\"=\",2]]"],
        ),
        (
            json!([["l", "any", ["|", ["a", "=", 1]]]]),
            &["domain[0][2][0]", "1 missing"],
        ),
    ]);
}

#[test]
fn wrong_terms_are_refused_where_they_stand() {
    assert_refusals(&[
        (
            json!([["a", "=", 1], ["b", "="]]),
            &["domain[1]", "three items", "has 2"],
        ),
        (json!([["a", "=", 1, 2]]), &["domain[0]", "has 4"]),
        (json!([[]]), &["domain[0]", "has 0"]),
        (json!([{"field": "a"}]), &["domain[0]", "an object"]),
        (json!([5]), &["domain[0]", "an integer"]),
        (json!([null]), &["domain[0]", "null"]),
        (
            json!(["OR", ["a", "=", 1], ["b", "=", 1]]),
            &["domain[0]", "\"|\", before"],
        ),
        (
            json!([["a", "=", 1], "and", ["b", "=", 1]]),
            &["domain[1]", "\"&\""],
        ),
        (
            json!([["|", ["a", "=", 1], ["b", "=", 1]]]),
            &["domain[0]", "not grouped"],
        ),
        (json!([[["a", "=", 1]]]), &["domain[0]", "not grouped"]),
        (json!([[2, "=", 1]]), &["domain[0][0]", "[0, \"=\", 1]"]),
        (json!([[1, "=", 0]]), &["domain[0][0]"]),
        (json!([[true, "=", true]]), &["domain[0][0]", "a boolean"]),
        (json!([["", "=", 1]]), &["domain[0][0]", "field path"]),
        (json!([["a.", "=", 1]]), &["field path"]),
        (json!([["a b", "=", 1]]), &["field path"]),
        (json!([["1a", "=", 1]]), &["field path"]),
        (json!([["a\"; drop", "=", 1]]), &["field path"]),
        (json!([["näme", "=", 1]]), &["field path"]),
        (
            json!([["partner_id/name", "=", 1]]),
            &["Write \"partner_id.name\""],
        ),
        (
            json!([["a", 5, 1]]),
            &["domain[0][1]", "expected an operator"],
        ),
    ]);
}

#[test]
fn unknown_operators_name_the_likely_one() {
    for (wrong, right) in [
        ("==", "`=`"),
        ("ILIKE", "`ilike`"),
        ("Not In", "`not in`"),
        ("not_in", "`not in`"),
        ("NOT  LIKE", "`not like`"),
        ("child of", "`child_of`"),
        ("contains", "`ilike`"),
        ("gte", "`>=`"),
        ("ilke", "`ilike`"),
        ("any!", "`any`"),
        ("~", "Odoo has: =  !="),
        ("", "Odoo has:"),
    ] {
        let said = refused(json!([["name", wrong, "x"]]));
        assert!(said.starts_with("domain[0][1]: unknown operator"), "{said}");
        assert!(said.contains(right), "{wrong}: {said}");
    }
    assert!(refused(json!([["name", "x".repeat(100_000), "x"]])).len() < 500);
}

#[test]
fn values_must_fit_their_operator() {
    assert_refusals(&[
        (
            json!([["a", "in", 5]]),
            &["domain[0][2]", "list of values", "[\"a\", \"in\", [5]]"],
        ),
        (
            json!([["a", "in", "x,y"]]),
            &["domain[0][2]", "list of values"],
        ),
        (json!([["a", "not in", true]]), &["list of values"]),
        (
            json!([["a", "in", [1, [2]]]]),
            &["domain[0][2][1]", "an array"],
        ),
        (
            json!([["a", "in", [1, {"b": 2}]]]),
            &["domain[0][2][1]", "an object"],
        ),
        (
            json!([["a", "=", [1, 2]]]),
            &["domain[0][2]", "[\"a\", \"in\", [1,2]]"],
        ),
        (json!([["a", "!=", []]]), &["\"not in\""]),
        (json!([["a", "=", {"b": 1}]]), &["an object"]),
        (json!([["a", "=?", [1]]]), &["single value"]),
        (
            json!([["a", "<", [1]]]),
            &["domain[0][2]", "a number, a date or a text"],
        ),
        (json!([["a", ">", null]]), &["[\"a\", \"=\", false]"]),
        (json!([["a", ">=", true]]), &["a number, a date or a text"]),
        (json!([["a", "ilike", 5]]), &["\"5\""]),
        (json!([["a", "like", null]]), &["a text"]),
        (json!([["a", "not =ilike", ["x"]]]), &["a text"]),
        (json!([["a", "child_of", true]]), &["an id"]),
        (json!([["a", "child_of", [1, null]]]), &["an id"]),
        (json!([["a", "parent_of", 1.5]]), &["an id"]),
        (
            json!([["a", "any", 5]]),
            &["domain[0][2]", "a domain", "[[\"name\",\"=\",\"x\"]]"],
        ),
        (json!([["a", "any", "[]"]]), &["a domain"]),
        (
            json!([["a", "any", [["b", "==", 1]]]]),
            &["domain[0][2][0][1]"],
        ),
        (json!([["a", "=", "x\u{0}y"]]), &["domain[0][2]", "NUL"]),
        (
            json!([["a", "in", ["x", "\u{0}"]]]),
            &["domain[0][2][1]", "NUL"],
        ),
        (json!([["a", "=", u64::MAX]]), &["64 bits"]),
        (
            json!([["a", "in", [1e30]]]),
            &["domain[0][2][0]", "64 bits"],
        ),
        (json!("[[\"a\", \"=\", 9223372036854775808]]"), &["64 bits"]),
        (json!("[('a', '=', 99999999999999999999999)]"), &["64 bits"]),
    ]);
}

#[test]
fn limits_hold() {
    let leaves = |count: usize| -> Value { (0..count).map(|i| json!(["a", "=", i])).collect() };
    assert!(parse(&leaves(1_000)).is_ok());
    assert!(refused(leaves(1_001)).contains("more than 1000 terms"));
    let half = leaves(500);
    assert!(refused(json!([["l", "any", half], ["l", "any", half]])).contains("more than 1000"));

    let list = |count: usize| json!([["a", "in", vec![1; count]]]);
    assert!(parse(&list(10_000)).is_ok());
    assert!(refused(list(10_001)).contains("at most 10000"));
    assert!(refused(json!(vec!["!"; 10_001])).contains("at most 10000"));

    let nested = |depth: usize| (0..depth).fold(json!([]), |inner, _| json!([["l", "any", inner]]));
    assert!(parse(&nested(31)).is_ok());
    assert!(refused(nested(32)).contains("levels deep"));
    assert!(refused(nested(60)).contains("levels deep"));
    assert!(refused(json!("[[\"l\",\"any\",".repeat(5_000))).contains("nested too deeply"));

    let negated = |count: usize| {
        let mut terms = vec![json!("!"); count];
        terms.push(json!(["a", "=", 1]));
        Value::Array(terms)
    };
    assert!(parse(&negated(31)).is_ok());
    assert!(refused(negated(100)).contains("levels deep"));
}

#[test]
fn a_long_chain_of_one_operator_is_not_deep() {
    let mut terms = vec![json!("|"); 499];
    terms.extend((0..500).map(|i| json!(["a", "=", i])));
    assert!(parse(&Value::Array(terms)).is_ok());
    let mut alternating: Vec<Value> = Vec::new();
    for i in 0..100 {
        alternating.extend([
            json!(if i % 2 == 0 { "|" } else { "&" }),
            json!(["a", "=", i]),
        ]);
    }
    alternating.push(json!(["a", "=", 1]));
    assert!(refused(Value::Array(alternating)).contains("levels deep"));
}

#[test]
fn leaves_are_seen_from_the_outermost_model() {
    let domain = parse(&json!([
        "|",
        ["name", "=", "x"],
        [
            "order_ids.line_ids",
            "any",
            [
                ["product_id.name", "ilike", "y"],
                ["tax_ids", "not any", [["amount", ">", 1]]]
            ]
        ],
        [1, "=", 1]
    ]))
    .unwrap();
    let seen: Vec<(String, String, &str, Option<Value>)> = domain
        .leaves()
        .map(|leaf| {
            (
                leaf.position.to_owned(),
                leaf.path,
                leaf.operator.as_str(),
                leaf.value.cloned(),
            )
        })
        .collect();
    let expected = [
        ("domain[1]", "name", "=", Some(json!("x"))),
        ("domain[2]", "order_ids.line_ids", "any", None),
        (
            "domain[2][2][0]",
            "order_ids.line_ids.product_id.name",
            "ilike",
            Some(json!("y")),
        ),
        (
            "domain[2][2][1]",
            "order_ids.line_ids.tax_ids",
            "not any",
            None,
        ),
        (
            "domain[2][2][1][2][0]",
            "order_ids.line_ids.tax_ids.amount",
            ">",
            Some(json!(1)),
        ),
    ]
    .map(|(position, path, operator, value)| {
        (position.to_owned(), path.to_owned(), operator, value)
    });
    assert_eq!(seen, expected);
}

#[test]
fn values_are_rewritten_one_by_one() {
    let mut domain = parse(&json!([
        ["date", ">", "a"],
        ["date", "in", ["b", "c"]],
        ["line_ids", "any", [["date", "=", "d"]]]
    ]))
    .unwrap();
    let mut seen = Vec::new();
    domain
        .map_values(|place, value| {
            seen.push((place.position(), place.path.to_owned()));
            *value = json!(value.as_str().map(str::to_uppercase));
            Ok(())
        })
        .unwrap();
    assert_eq!(
        domain.to_json(),
        json!([
            ["date", ">", "A"],
            ["date", "in", ["B", "C"]],
            ["line_ids", "any", [["date", "=", "D"]]]
        ])
    );
    let expected = [
        ("domain[0][2]", "date"),
        ("domain[1][2][0]", "date"),
        ("domain[1][2][1]", "date"),
        ("domain[2][2][0][2]", "line_ids.date"),
    ]
    .map(|(position, path)| (position.to_owned(), path.to_owned()));
    assert_eq!(seen, expected);
    let stopped = domain.map_values(|place, _| Err(Error::bad_arguments(place.position())));
    assert_eq!(stopped.unwrap_err().to_string(), "domain[0][2]");
}

#[test]
fn an_operator_knows_its_first_release() {
    for operator in Operator::ALL {
        assert_eq!(
            Operator::read(operator.as_str(), "here").unwrap(),
            *operator
        );
    }
    assert_eq!(Operator::NotAny.since(), 17);
    assert_eq!(Operator::NotEqualLike.since(), 19);
    assert_eq!(Operator::ChildOf.since(), 16);
}
