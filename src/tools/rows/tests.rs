use super::*;

const STYLE: Style = Style {
    html: Form::Text,
    whole: false,
    letters: 10,
    bytes: 1_000,
};

fn cell(style: Style, value: Value, ttype: FieldType) -> Value {
    style.cell(value, ttype, Tz::UTC).0
}

#[test]
fn long_texts_are_cut_between_letters() {
    let text = |text: &str| cell(STYLE, json!(text), FieldType::Text);
    assert_eq!(text("0123456789"), json!("0123456789"));
    assert_eq!(text("éééééééééé"), json!("éééééééééé"));
    assert_eq!(
        text("ééééééééééé"),
        json!({"text": "éééééééééé", "length": 11})
    );
    assert_eq!(
        text("😀😀😀😀😀😀😀😀😀😀é"),
        json!({"text": "😀😀😀😀😀😀😀😀😀😀", "length": 11})
    );
    let whole = Style {
        whole: true,
        ..STYLE
    };
    assert_eq!(
        cell(whole, json!("ééééééééééé"), FieldType::Char),
        json!("ééééééééééé")
    );
    // A selection value is not shortened like a text.
    assert_eq!(
        cell(STYLE, json!("x".repeat(11)), FieldType::Selection),
        json!("x".repeat(11))
    );
}

#[test]
fn html_comes_as_asked() {
    let html = "<p>Some <b>bold</b> words</p>";
    let of = |html_form: Form| {
        cell(
            Style {
                html: html_form,
                letters: 99,
                ..STYLE
            },
            json!(html),
            FieldType::Html,
        )
    };
    assert_eq!(of(Form::Text), json!("Some bold words"));
    assert_eq!(of(Form::Markdown), json!("Some **bold** words"));
    assert_eq!(of(Form::Html), json!(html));
    // The length is that of the shown form.
    assert_eq!(
        cell(STYLE, json!(html), FieldType::Html),
        json!({"text": "Some bold ", "length": 15})
    );
    assert_eq!(cell(STYLE, json!(false), FieldType::Html), Value::Null);
}

#[test]
fn html_that_is_not_read_to_its_end_says_so() {
    let html = "é".repeat(crate::odoo::html::MOST_BYTES);
    let whole = Style {
        whole: true,
        ..STYLE
    };
    for style in [STYLE, whole] {
        let cell = cell(style, json!(html), FieldType::Html);
        assert!(cell["at_least"].as_u64().unwrap() > 100_000 && cell.get("length").is_none());
    }
}

#[test]
fn long_lists_of_records_have_a_count() {
    let ids = |count: i64| json!((1..=count).collect::<Vec<_>>());
    for ttype in [FieldType::One2many, FieldType::Many2many] {
        assert_eq!(cell(STYLE, ids(20), ttype), ids(20));
        assert_eq!(
            cell(STYLE, ids(21), ttype),
            json!({"ids": ids(20), "count": 21})
        );
        assert_eq!(
            cell(
                Style {
                    whole: true,
                    ..STYLE
                },
                ids(21),
                ttype
            ),
            ids(21)
        );
    }
    assert_eq!(
        cell(STYLE, json!([7, "Zoë"]), FieldType::Many2one),
        json!([7, "Zoë"])
    );
    assert_eq!(cell(STYLE, ids(21), FieldType::Json), ids(21));
}

fn types(of: Value) -> ColumnTypes {
    serde_json::from_value(of).unwrap()
}

fn sheet(bytes: usize) -> Sheet {
    let types = types(json!({"id": "integer", "name": "char", "note": "html"}));
    let columns = ["id", "name", "note"].map(str::to_owned).to_vec();
    Sheet::new(
        columns,
        &types,
        Style {
            letters: 1_000,
            bytes,
            ..STYLE
        },
        Tz::UTC,
    )
}

#[test]
fn a_record_that_does_not_fit_is_left_out_whole() {
    let record =
        |id: i64, length: usize| json!({"id": id, "name": "é".repeat(length), "note": false});
    // [1,"éé",null] and its comma.
    let row = 15 + 1;
    let mut exact = sheet(3 * row);
    for id in 1..=3 {
        assert!(exact.take(record(id, 2)).unwrap());
    }
    assert!(!exact.take(record(4, 2)).unwrap());
    assert_eq!(
        json!(exact.rows),
        json!([[1, "éé", null], [2, "éé", null], [3, "éé", null]])
    );
    assert_eq!(exact.ids, [1, 2, 3]);
    let mut short = sheet(3 * row - 1);
    assert!(short.take(record(1, 2)).unwrap() && short.take(record(2, 2)).unwrap());
    assert!(!short.take(record(3, 2)).unwrap());
}

#[test]
fn a_record_too_large_alone_says_what_is_large() {
    let record = json!({"id": 7, "name": "x".repeat(300), "note": "<p>y</p>"});
    let error = sheet(100).take(record).unwrap_err().to_string();
    for said in ["Record 7", "name (302 bytes)", "fewer fields", "the 100 "] {
        assert!(error.contains(said), "{error}");
    }
}

#[test]
fn much_html_is_work_for_another_page() {
    let record =
        |id: i64| json!({"id": id, "name": "x", "note": format!("<!--{}-->", "y".repeat(900_000))});
    let mut sheet = sheet(10_000);
    let taken: Vec<bool> = (1..=4).map(|id| sheet.take(record(id)).unwrap()).collect();
    assert_eq!(taken, [true, true, false, false]);
}

#[test]
fn what_was_shortened_is_said() {
    let of = types(json!({"id": "integer", "name": "char", "line_ids": "one2many"}));
    let columns = ["id", "name", "line_ids"].map(str::to_owned).to_vec();
    let mut sheet = Sheet::new(columns, &of, STYLE, Tz::UTC);
    sheet
        .take(json!({"id": 1, "name": "short", "line_ids": [1]}))
        .unwrap();
    assert_eq!(sheet.shortened(), None);
    sheet
        .take(json!({"id": 2, "name": "much too long", "line_ids": (0..30).collect::<Vec<_>>()}))
        .unwrap();
    let mut files = Sheet::new(
        vec!["data".to_owned()],
        &types(json!({"data": "binary"})),
        Style {
            whole: true,
            ..STYLE
        },
        Tz::UTC,
    );
    files
        .take(json!({"data": {"size": 4, "base64": "QUFBQQ=="}}))
        .unwrap();
    assert_eq!(files.shortened(), None);
    files.take(json!({"data": {"size": 4_000_000}})).unwrap();
    assert!(files.shortened().unwrap().contains("data: no room"));
    let said = sheet.shortened().unwrap();
    assert!(
        said.contains("name: only the first 10 letters") && said.contains("line_ids: only 20 ids"),
        "{said}"
    );
}
