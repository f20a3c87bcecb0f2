use super::*;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

/// Characters that a level 1 expansion leaves unencoded (RFC 6570, 3.2.2).
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

fn template(text: &str) -> Template {
    Template::parse(text).unwrap()
}

fn values(text: &str, uri: &str) -> Option<Vec<String>> {
    template(text).values(uri)
}

fn some(values: &[&str]) -> Option<Vec<String>> {
    Some(values.iter().map(|value| (*value).to_owned()).collect())
}

#[test]
fn addresses_are_accepted_or_refused() {
    const CASES: &str = include_str!("cases.json");
    let cases: Value = serde_json::from_str(CASES).unwrap();
    for text in cases["fixed"].as_array().unwrap() {
        let text = text.as_str().unwrap();
        let parsed = Template::parse(text);
        assert!(parsed.is_ok_and(|it| it.variables().is_empty()), "{text}");
    }
    for case in cases["templates"].as_array().unwrap() {
        let parsed = template(case[0].as_str().unwrap());
        assert_eq!(serde_json::json!(parsed.variables()), case[1], "{case}");
    }
    for text in cases["refused"].as_array().unwrap() {
        let text = text.as_str().unwrap();
        assert!(Template::parse(text).is_err(), "{text:?}");
    }
}

#[test]
fn values_are_found_and_decoded() {
    let record = "odoo://record/{model}/{id}";
    assert_eq!(
        values(record, "odoo://record/res.partner/7"),
        some(&["res.partner", "7"])
    );
    assert_eq!(
        values(record, "odoo://record/a%2Fb/%C3%A9%20x"),
        some(&["a/b", "é x"])
    );
    assert_eq!(
        values(record, "odoo://record/a:b@c;d/e,f"),
        some(&["a:b@c;d", "e,f"])
    );
    assert_eq!(
        values("odoo://report-{n}.pdf", "odoo://report-a.pdf.pdf"),
        some(&["a.pdf"])
    );
    assert_eq!(
        values("odoo://{a}-{b}/c", "odoo://x-y-z/c"),
        some(&["x", "y-z"])
    );
    assert_eq!(values("odoo://{a}--{b}", "odoo://---x"), some(&["-", "x"]));
    assert_eq!(
        values("odoo://find?m={m}&w={w}", "odoo://find?m=a&w=b"),
        some(&["a", "b"])
    );
    assert_eq!(values("x:{a}2{b}", "x:%2F2b"), some(&["/", "b"]));
    assert_eq!(values("odoo://system", "odoo://system"), some(&[]));
}

#[test]
fn other_uris_are_none_of_a_template() {
    let record = "odoo://record/{model}/{id}";
    for uri in [
        "",
        "odoo://record/res.partner",
        "odoo://record/res.partner/",
        "odoo://record//7",
        "odoo://record/res.partner/7/",
        "odoo://record/res.partner/7/8",
        "odoo://record/res.partner/1/../2",
        "odoo://record/res.partner/7?x",
        "odoo://record/res.partner/7#x",
        "ODOO://record/res.partner/7",
        "odoo://Record/res.partner/7",
        "odoo://record/res.partner/7%00",
        "odoo://record/res.partner/7%0A",
        "odoo://record/res.partner/%7F",
        "odoo://record/res.partner/%FF",
        "odoo://record/res.partner/%C3",
        "odoo://record/res.partner/%",
        "odoo://record/res.partner/%2",
        "odoo://record/res.partner/%GG",
        "odoo://record/res.partner/7 8",
        "odoo://record/res.partner/é",
        "odoo://record/res.partner/7\0",
        "xodoo://record/res.partner/7",
    ] {
        assert_eq!(values(record, uri), None, "{uri:?}");
    }
    assert_eq!(values("odoo://report-{n}.pdf", "odoo://report-.pdf"), None);
    assert_eq!(values("odoo://{a}-{b}/c", "odoo://-x/c"), None);
    assert_eq!(values("x:{a}41", "x:%41"), None);
}

/// Characters of every kind, in every order: an expansion always matches its template, and nothing panics.
#[test]
fn what_a_template_is_expanded_to_is_found_again() {
    let letters = [
        "a", "Z9", "-", ".", "%", "/", "é", "日", " ", "{", "}", "?", "#", "&", "=", "+", "\"", "'",
    ];
    let templates = [
        "x:{a}",
        "odoo://r/{a}/{b}",
        "odoo://r/{a}/x/{b}?c={c}",
        "odoo://{a}/{b}/end",
    ];
    let mut tried = 0;
    for first in letters {
        for second in letters {
            for third in letters {
                let value = format!("{first}{second}{third}");
                let encoded = utf8_percent_encode(&value, RESERVED).to_string();
                for text in templates {
                    let template = template(text);
                    let mut uri = text.to_owned();
                    for name in template.variables() {
                        uri = uri.replace(&format!("{{{name}}}"), &encoded);
                    }
                    let expected = vec![value.clone(); template.variables().len()];
                    assert_eq!(template.values(&uri), Some(expected), "{text} {value}");
                    assert!(is_uri(&uri), "{uri}");
                    // Unencoded, it is another URI, or an invalid one.
                    let raw = text.replace("{a}", &value);
                    template.values(&raw);
                    tried += 1;
                }
            }
        }
    }
    assert_eq!(tried, 4 * 18 * 18 * 18);
}

#[test]
fn a_long_uri_takes_no_longer_than_its_length() {
    let template = template("odoo://{a}ab{b}ab{c}ab{d}");
    let uri = format!("odoo://{}", "a".repeat(1_000_000));
    assert_eq!(template.values(&uri), None);
    let uri = format!("odoo://{}", "%61b".repeat(250_000));
    assert_eq!(template.values(&uri), None);
    assert!(!is_uri(&uri));
}

#[test]
fn more_text_is_more_specific() {
    let general = template("odoo://record/{model}/{id}").fixed();
    assert!(template("odoo://record/res.partner/{id}").fixed() > general);
}
