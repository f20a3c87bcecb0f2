use super::*;

fn plain(value: Value) -> Value {
    redact(&value, &[])
}

#[test]
fn values_of_secret_keys_are_hidden_at_any_depth() {
    assert_eq!(
        plain(
            json!({"login": "demo", "password": "hunter2", "smtp": {"smtp_pass": "x", "compass": "north"},
                     "lines": [[0, 0, {"apiKey": {"a": 1}, "otp": 123, "note": null}]]})
        ),
        json!({"login": "demo", "password": "***", "smtp": {"smtp_pass": "***", "compass": "north"},
               "lines": [[0, 0, {"apiKey": "***", "otp": "***", "note": null}]]})
    );
}

#[test]
fn secrets_in_json_text_are_hidden_and_the_text_stays_text() {
    assert_eq!(
        plain(json!({"values": "{\"name\": \"A\", \"password\": \"x\"}"})),
        json!({"values": "{\"name\":\"A\",\"password\":\"***\"}"})
    );
    let twice = json!(json!({"password": "hunter2"}).to_string()).to_string();
    assert!(
        !plain(json!({"values": twice}))
            .to_string()
            .contains("hunter2")
    );
    let untouched = json!({"values": "{ \"name\":  \"A\" }", "text": "[draft] see page 5"});
    assert_eq!(plain(untouched.clone()), untouched);
}

#[test]
fn texts_too_deep_in_texts_hide_their_secrets_too() {
    let mut text = json!({"password": "hunter2"}).to_string();
    for _ in 0..8 {
        text = json!({"values": text}).to_string();
    }
    assert!(!plain(json!(text)).to_string().contains("hunter2"));
}

#[test]
fn broken_text_that_names_a_secret_is_hidden_as_a_whole() {
    for text in [
        "{'password': 'hunter2'}",
        "{\"password\": \"hunter2\"",
        "[('password', '=', 'hunter2')]",
        "(\"api_key\", \"hunter2\")",
        "\"{\\\"token\\\": \\\"hunter2\\\"}",
    ] {
        let hidden = plain(json!({"values": text})).to_string();
        assert!(
            !hidden.contains("hunter2") && hidden.contains("***"),
            "{hidden}"
        );
    }
    assert_eq!(plain(json!("{'name': 'x'}")), json!("{'name': 'x'}"));
}

#[test]
fn a_secret_under_a_name_that_stands_twice_is_hidden() {
    for text in [
        r#"{"password":"hunter2","password":"***"}"#,
        r#"{"a":{"password":"hunter2"},"a":1}"#,
        r#"[{"a":["password","=","hunter2"],"b":"\"","a":null}]"#,
    ] {
        let kept = plain(json!({"values": text})).to_string();
        assert!(!kept.contains("hunter2"), "{kept}");
    }
    let untouched = json!("{ \"a\\\\\": [\"\\\"\", \"b\"] }");
    assert_eq!(plain(untouched.clone()), untouched);
}

#[test]
fn secrets_in_domains_are_hidden() {
    assert_eq!(
        plain(json!([
            "|",
            ["password", "=", "x"],
            ["user_id.password", "not in", ["x"]],
            ["name", "=", "token"]
        ])),
        json!([
            "|",
            ["password", "=", "***"],
            ["user_id.password", "not in", "***"],
            ["name", "=", "token"]
        ])
    );
    assert_eq!(
        plain(json!("[[\"password\",\"=ilike\",\"h%\"]]")),
        json!("[[\"password\",\"=ilike\",\"***\"]]")
    );
    let fields = json!({"fields": ["name", "password", "email"]});
    assert_eq!(plain(fields.clone()), fields);
}

#[test]
fn secrets_that_only_their_neighbour_names_are_hidden() {
    assert_eq!(
        plain(json!({"key": "database.secret", "value": "x"})),
        json!({"key": "database.secret", "value": "***"})
    );
    assert_eq!(
        plain(json!({"key": "web.base.url", "value": "x"})),
        json!({"key": "web.base.url", "value": "x"})
    );
    assert_eq!(
        plain(json!({"method": "change_password", "args": "[\"old\", \"new\"]", "ids": [1]})),
        json!({"method": "change_password", "args": "***", "ids": [1]})
    );
    assert_eq!(
        plain(json!({"method": "set_param", "args": ["a", "b"]})),
        json!({"method": "set_param", "args": "***"})
    );
}

#[test]
fn further_names_are_hidden_in_any_case() {
    let extra = ["X_Iban".to_owned()];
    assert_eq!(
        redact(&json!({"x_iban": "BE1", "x_ibans": "2"}), &extra),
        json!({"x_iban": "***", "x_ibans": "2"})
    );
    assert_eq!(
        redact(&json!([["partner_id.x_iban", "=", "BE1"]]), &extra),
        json!([["partner_id.x_iban", "=", "***"]])
    );
}

fn size(value: &Value) -> usize {
    value.to_string().len()
}

#[test]
fn what_fits_is_kept_as_it_is() {
    let value = json!({"a": ["é", 1, null]});
    assert_eq!(cap(value.clone(), size(&value)), value);
    assert_ne!(cap(value.clone(), size(&value) - 1), value);
}

#[test]
fn whatever_is_cut_fits() {
    let values = [
        json!("x".repeat(100_000)),
        json!("\u{1}日\"\\".repeat(10_000)),
        json!(vec![1; 100_000]),
        json!(vec!["word"; 10_000]),
        json!({"model": "res.partner", "values": "y".repeat(50_000), "ids": vec![7; 5_000]}),
        Value::Object(
            (0..5_000)
                .map(|i| (format!("key{i}"), json!({"deep": vec![i; 20]})))
                .collect(),
        ),
        Value::Object([("k".repeat(100_000), json!(1))].into_iter().collect()),
        (0..100).fold(json!("z".repeat(5_000)), |inner, _| json!([inner])),
        (0..12).fold(json!(1), |inner, _| json!([inner, inner])),
    ];
    for value in values {
        for most in [0, 3, 4, 5, 20, 21, 40, 64, 100, 200, 1_000, 4_096, 65_536] {
            let cut = cap(value.clone(), most);
            assert!(
                size(&cut) <= most.max(4),
                "{most}: {} bytes of {}",
                size(&cut),
                size(&value)
            );
        }
    }
}

#[test]
fn what_is_cut_keeps_its_beginning_and_its_size() {
    let cut = cap(
        json!({"model": "res.partner", "values": "y".repeat(50_000), "ids": vec![7; 5_000]}),
        2_000,
    );
    assert_eq!(cut["model"], "res.partner");
    assert!(
        cut["values"]
            .as_str()
            .is_some_and(|text| text.starts_with("yyyy") && text.ends_with("…[50000 bytes]"))
    );
    let ids = cut["ids"].as_array().unwrap();
    assert_eq!(ids[0], 7);
    assert_eq!(ids[ids.len() - 1], "…[5000 items]");
    assert_eq!(cap(json!("x".repeat(1_000)), 20), json!("…[1002 bytes]"));
}
