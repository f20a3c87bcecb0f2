use chrono_tz::Europe::Brussels;
use serde_json::json;

use super::*;

fn fields(model: &str) -> Result<Arc<Fields>> {
    let rows = match model {
        "res.partner" => json!([
            {"name": "id", "ttype": "integer"}, {"name": "name", "ttype": "char"}, {"name": "active", "ttype": "boolean"},
            {"name": "color", "ttype": "integer"}, {"name": "credit", "ttype": "float"}, {"name": "debit", "ttype": "monetary"},
            {"name": "date", "ttype": "date"}, {"name": "met", "ttype": "datetime"}, {"name": "create_date", "ttype": "datetime"},
            {"name": "kind", "ttype": "selection"}, {"name": "comment", "ttype": "html"}, {"name": "photo", "ttype": "image"},
            {"name": "parent_id", "ttype": "many2one", "relation": "res.partner"}, {"name": "ref", "ttype": "reference"},
            {"name": "res_id", "ttype": "many2one_reference"}, {"name": "extra", "ttype": "json"},
            {"name": "child_ids", "ttype": "one2many", "relation": "res.partner"},
            {"name": "tag_ids", "ttype": "many2many", "relation": "res.tag"},
            {"name": "gone_ids", "ttype": "many2many", "relation": "gone"}
        ]),
        "res.tag" => {
            json!([{"name": "label", "ttype": "char"}, {"name": "since", "ttype": "datetime"}])
        }
        _ => return Err(Error::Internal(format!("no fields of {model}"))),
    };
    Ok(Arc::new(Fields::new(
        model,
        serde_json::from_value(rows).unwrap(),
    )))
}

fn prepare(mut values: Value) -> Result<Value> {
    let partner = fields("res.partner")?;
    prepare_values(
        values.as_object_mut().unwrap(),
        "values",
        &partner,
        &fields,
        Brussels,
    )?;
    Ok(values)
}

fn assert_refusals(cases: &[(Value, &[&str])]) {
    for (values, words) in cases {
        let said = match prepare(values.clone()) {
            Err(error) => error.to_string(),
            Ok(taken) => panic!("{values} was taken as {taken}"),
        };
        for word in *words {
            assert!(said.contains(word), "{values}: `{word}` is not in: {said}");
        }
    }
}

#[test]
fn presents_what_read_gives() {
    for (ttype, given, shown) in [
        (
            FieldType::Datetime,
            json!("2026-11-22 13:30:00"),
            json!("2026-11-22T14:30:00+01:00"),
        ),
        (FieldType::Datetime, json!(false), json!(null)),
        (FieldType::Datetime, json!("odd"), json!("odd")),
        (FieldType::Date, json!("2026-11-22"), json!("2026-11-22")),
        (FieldType::Boolean, json!(false), json!(false)),
        (FieldType::Char, json!(false), json!(null)),
        (FieldType::Char, json!(""), json!("")),
        (
            FieldType::Char,
            json!("2026-11-22 13:30:00"),
            json!("2026-11-22 13:30:00"),
        ),
        (
            FieldType::Many2one,
            json!([7, "Azure"]),
            json!([7, "Azure"]),
        ),
        (FieldType::Many2one, json!(false), json!(null)),
        (FieldType::Integer, json!(0), json!(0)),
        (FieldType::One2many, json!([]), json!([])),
        (FieldType::Binary, json!("aGk="), json!("aGk=")),
        (FieldType::Other, json!(false), json!(false)),
    ] {
        assert_eq!(present(&given, ttype, Brussels), shown, "{ttype} {given}");
    }
}

#[test]
fn right_values_come_into_odoos_form() {
    let taken = prepare(json!({
        "name": "A", "active": false, "color": "5", "credit": "12.50", "debit": 3, "date": "2026-11-22",
        "met": "2026-11-22T14:30:00+01:00", "kind": "x", "comment": "<p>é</p>", "photo": "aGk=", "parent_id": 7,
        "ref": "res.partner,7", "res_id": 4.0, "extra": {"a": [null]}
    }));
    let expected = json!({
        "name": "A", "active": false, "color": 5, "credit": 12.5, "debit": 3, "date": "2026-11-22",
        "met": "2026-11-22 13:30:00", "kind": "x", "comment": "<p>é</p>", "photo": "aGk=", "parent_id": 7,
        "ref": "res.partner,7", "res_id": 4, "extra": {"a": [null]}
    });
    assert_eq!(taken, Ok(expected));
}

#[test]
fn null_and_false_empty_a_field() {
    for name in [
        "name",
        "date",
        "met",
        "kind",
        "comment",
        "photo",
        "parent_id",
        "ref",
        "extra",
        "color",
        "credit",
    ] {
        assert_eq!(
            prepare(json!({name: null})),
            Ok(json!({name: false})),
            "{name}"
        );
    }
    for name in ["name", "date", "met", "kind", "photo", "parent_id", "ref"] {
        assert_eq!(
            prepare(json!({name: false})),
            Ok(json!({name: false})),
            "{name}"
        );
    }
}

#[test]
fn what_odoo_would_make_something_else_of_is_refused() {
    assert_refusals(&[
        (
            json!({"nmae": "x"}),
            &["values.nmae: unknown field on res.partner. Did you mean `name`?"],
        ),
        (json!({"id": 5}), &["values.id", "Leave it out"]),
        (
            json!({"create_date": "2026-11-22 10:00:00"}),
            &["Leave it out"],
        ),
        (
            json!({"active": "false"}),
            &["values.active", "true or false, without quotes", "a string"],
        ),
        (json!({"active": 0}), &["true or false"]),
        (json!({"color": "5.5"}), &["whole number"]),
        (json!({"color": "five"}), &["whole number", "a string"]),
        (json!({"color": 5.5}), &["whole number", "decimals"]),
        (json!({"color": true}), &["whole number"]),
        (json!({"color": false}), &["whole number"]),
        (json!({"color": 3_000_000_000_i64}), &["32 bits"]),
        (json!({"color": 1e300}), &["whole number"]),
        (json!({"credit": "12,50"}), &["a number such as 12.5"]),
        (json!({"debit": "€ 5"}), &["a number such as 12.5"]),
        (json!({"credit": [1]}), &["an array"]),
        (json!({"name": 5}), &["double quotes", "an integer"]),
        (json!({"name": true}), &["a text"]),
        (json!({"name": {"en_US": "x"}}), &["a text", "an object"]),
        (json!({"name": "a\u{0}"}), &["NUL"]),
        (json!({"kind": ["x"]}), &["describe_model"]),
        (
            json!({"date": "2026-11-22 14:30:00"}),
            &["write \"2026-11-22\""],
        ),
        (json!({"date": "22/11/2026"}), &["YYYY-MM-DD"]),
        (json!({"date": "2026-02-30"}), &["YYYY-MM-DD"]),
        (json!({"date": "日本語日本語"}), &["YYYY-MM-DD"]),
        (
            json!({"met": "2026-11-22"}),
            &["values.met", "without a time"],
        ),
        (
            json!({"met": "tomorrow"}),
            &["values.met", "is not a datetime"],
        ),
        (json!({"met": 1_700_000_000}), &["a datetime such as"]),
        (
            json!({"parent_id": "Azure"}),
            &["Search res.partner for it first"],
        ),
        (json!({"parent_id": "7"}), &["Write 7 without quotes"]),
        (json!({"parent_id": [7, "Azure"]}), &["Write 7."]),
        (json!({"parent_id": 0}), &["id of a res.partner record"]),
        (json!({"parent_id": true}), &["id of a res.partner record"]),
        (json!({"ref": "res.partner"}), &["res.partner,7"]),
        (
            json!({"photo": "data:image/png;base64,aGk="}),
            &["data: URL"],
        ),
        (json!({"photo": "<svg/>"}), &["not base64"]),
        (json!({"photo": 5}), &["an integer"]),
    ]);
}

#[test]
fn several_mistakes_are_named_at_once() {
    let error = prepare(json!({"nmae": 1, "active": "x", "color": 1, "dat": 1})).unwrap_err();
    let said = error.to_string();
    assert_eq!(said.lines().count(), 3, "{said}");
    let many: Map<String, Value> = (0..100)
        .map(|i| (format!("unknown{i}"), json!(1)))
        .collect();
    assert_eq!(
        prepare(Value::Object(many))
            .unwrap_err()
            .to_string()
            .lines()
            .count(),
        5
    );
}

#[test]
fn commands_are_prepared_with_the_values_in_them() {
    let taken = prepare(json!({
        "tag_ids": [[0, 0, {"since": "2026-07-22 14:30:00", "label": null}], [1, 4, {"label": "x"}], [2, 5], [3, 6, false],
                    [4, 7, 0], [5], [6, false, [1, 2]], [0, "virtual_1", {}]],
        "child_ids": [[0, 0, {"child_ids": [[0, 0, {"met": "2026-11-22 14:30"}]]}]]
    }));
    let expected = json!({
        "tag_ids": [[0, 0, {"since": "2026-07-22 12:30:00", "label": false}], [1, 4, {"label": "x"}], [2, 5, 0], [3, 6, 0],
                    [4, 7, 0], [5, 0, 0], [6, 0, [1, 2]], [0, 0, {}]],
        "child_ids": [[0, 0, {"child_ids": [[0, 0, {"met": "2026-11-22 13:30:00"}]]}]]
    });
    assert_eq!(taken, Ok(expected));
    assert_eq!(prepare(json!({"tag_ids": []})), Ok(json!({"tag_ids": []})));
}

#[test]
fn wrong_commands_are_refused_where_they_stand() {
    assert_refusals(&[
        (
            json!({"tag_ids": [1, 2]}),
            &["values.tag_ids", "[[6, 0, [1,2]]]", "[[4, 1]]"],
        ),
        (
            json!({"tag_ids": [6, 0, [1]]}),
            &["must stand in a list: [[6,0,[1]]]"],
        ),
        (
            json!({"tag_ids": [0, 0, {"label": "x"}]}),
            &["must stand in a list"],
        ),
        (json!({"tag_ids": 5}), &["list of commands", "an integer"]),
        (json!({"tag_ids": "1,2"}), &["list of commands"]),
        (json!({"tag_ids": null}), &["[[5]]"]),
        (json!({"tag_ids": false}), &["[[5]]"]),
        (
            json!({"tag_ids": [[6, 0, 1]]}),
            &["values.tag_ids[0]", "not a command"],
        ),
        (
            json!({"tag_ids": [[4, 1], [4, "x"]]}),
            &["values.tag_ids[1]"],
        ),
        (json!({"tag_ids": [[4]]}), &["not a command"]),
        (json!({"tag_ids": [[7, 1, 0]]}), &["not a command"]),
        (json!({"tag_ids": [["create", {}]]}), &["not a command"]),
        (json!({"tag_ids": [{"label": "x"}]}), &["not a command"]),
        (json!({"tag_ids": [[2, 1, 5]]}), &["not a command"]),
        (
            json!({"tag_ids": [[0, 0, {"lable": "x"}]]}),
            &["values.tag_ids[0][2].lable", "res.tag", "`label`"],
        ),
        (
            json!({"tag_ids": [[1, 3, {"since": "soon"}]]}),
            &["values.tag_ids[0][2].since", "is not a datetime"],
        ),
        (
            json!({"tag_ids": vec![json!([5]); 10_001]}),
            &["at most 10000"],
        ),
    ]);
}

#[test]
fn records_within_records_have_a_limit() {
    let nested =
        |depth: usize| (0..depth).fold(json!({}), |inner, _| json!({"child_ids": [[0, 0, inner]]}));
    assert!(prepare(nested(16)).is_ok());
    assert_refusals(&[(nested(17), &["levels deep"])]);
}

#[test]
fn a_failing_lookup_is_no_argument_error() {
    let error = prepare(json!({"gone_ids": [[0, 0, {}]]})).unwrap_err();
    assert_eq!(error, Error::Internal("no fields of gone".to_owned()));
}

#[test]
fn five_things_are_told_however_many_records_are_in_records() {
    let wrong = |inner: Value| json!({"x1": 1, "child_ids": [[0, 0, inner]], "x2": 1, "tag_ids": [[0, 0, {"y1": 1, "y2": 1, "y3": 1}]]});
    let said = prepare(wrong(wrong(json!({"z": 1}))))
        .unwrap_err()
        .to_string();
    let places: Vec<&str> = said
        .lines()
        .filter_map(|line| line.split(':').next())
        .collect();
    assert_eq!(
        places,
        [
            "values.x1",
            "values.child_ids[0][2].x1",
            "values.child_ids[0][2].child_ids[0][2].z",
            "values.child_ids[0][2].x2",
            "values.child_ids[0][2].tag_ids[0][2].y1"
        ]
    );
}
