use super::*;

fn text(html: &str) -> String {
    Form::Text.of(html).0
}

fn markdown(html: &str) -> String {
    Form::Markdown.of(html).0
}

#[test]
fn text_is_what_a_reader_sees() {
    let html = "<h2>Offer</h2><p>Dear <b>Zoë</b>,<br/>see <a href=\"https://x.example/a\">this</a> &amp; that.</p>\
        <ul><li>one</li><li>two <i>2</i></li></ul><ol><li>first</li></ol><blockquote><p>said</p></blockquote>\
        <script>alert(1)</script><style>p{}</style><!-- no -->";
    assert_eq!(
        text(html),
        "Offer\n\nDear Zoë,\nsee this & that.\n- one\n- two 2\n1. first\n\n> said"
    );
    assert_eq!(
        markdown(html),
        "## Offer\n\nDear **Zoë**,\nsee [this](https://x.example/a) & that.\n- one\n- two *2*\n1. first\n\n> said"
    );
    assert_eq!(Form::Html.of(html), (html.to_owned(), true));
}

#[test]
fn rows_of_a_table_are_lines() {
    let html = "<table><tbody><tr><th>Item</th><th>Price</th></tr><tr><td><p>Desk</p></td><td>5</td></tr></tbody></table>";
    assert_eq!(text(html), "Item | Price\nDesk | 5");
}

#[test]
fn nothing_is_said_by_nothing() {
    for html in [
        "",
        "<p><br></p>",
        "<p>&nbsp;</p>",
        "<div><img src=\"x\"></div>",
        "<!DOCTYPE html>",
    ] {
        assert_eq!(text(html).trim_matches('\u{a0}'), "", "{html}");
    }
    assert_eq!(text("<img src=\"x\" alt=\"Our logo\">"), "[Our logo]");
    assert_eq!(text("plain < text"), "plain < text");
}

#[test]
fn no_link_runs_anything() {
    assert_eq!(markdown("<a href=\"javascript:alert(1)\">x</a>"), "x");
    assert_eq!(markdown("<a href=\" JavaScript:alert(1)\">x</a>"), "x");
    assert_eq!(markdown("<a href=\"data:text/html;base64,xx\">x</a>"), "x");
    assert_eq!(
        markdown("<a href=\"mailto:a@b.example\">x</a>"),
        "[x](mailto:a@b.example)"
    );
}

#[test]
fn what_is_nested_wrongly_keeps_its_text() {
    assert_eq!(text("<p>a<p>b<div>c</p></div>d</b></i>"), "a\n\nb\n\nc\nd");
    assert_eq!(text("<li>x<li>y"), "x\n\ny");
    assert_eq!(text("<ul><li>x<ul><li>y</ul><li>z</ul>"), "- x\n  - y\n- z");
    assert_eq!(text("<title>t</title>body</title>"), "body");
    assert_eq!(text("<svg><svg>x</svg>y</svg>z"), "z");
}

/// HTML that would nest or repeat without end: the conversion ends, with output in proportion.
#[test]
fn no_html_makes_much() {
    const SIZE: usize = 100_000;
    let repeated = |unit: &str| unit.repeat(SIZE / unit.len());
    let numbered = |make: &dyn Fn(usize) -> String| {
        let mut made = String::new();
        for number in 0.. {
            if made.len() >= SIZE {
                break;
            }
            made.push_str(&make(number));
        }
        made
    };
    let attributes = numbered(&|n| format!(" a{n}=1"));
    let bombs = [
        repeated("<div>x"),
        repeated("<b><p>x"),
        repeated("<ol><li>x"),
        repeated("<blockquote>x"),
        repeated("<table><tr><td>x"),
        repeated("<pre>\n"),
        repeated("<"),
        repeated("<!--"),
        repeated("<svg>"),
        repeated("\u{301}"),
        "<blockquote>".repeat(24) + &repeated("<p>x"),
        "<ul><li>".repeat(12) + &repeated("<br>x"),
        numbered(&|n| format!("<font size={n}>")) + &repeated("<p>x"),
        numbered(&|n| format!("<a href=/{n}><b><i><p>x")),
        format!("<p{attributes}>x</p>"),
    ];
    for html in &bombs {
        for form in [Form::Text, Form::Markdown] {
            let (made, _) = form.of(html);
            assert!(
                made.len() <= 8 * html.len(),
                "{} bytes of {}",
                made.len(),
                &html[..20]
            );
        }
    }
    let image = format!(
        "<img src=\"data:image/png;base64,{}\">after",
        "A".repeat(SIZE)
    );
    assert_eq!(text(&image), "after");
}

#[test]
fn more_than_is_read_is_said() {
    let html = "é".repeat(MOST_BYTES);
    let (made, whole) = Form::Text.of(&html);
    assert!(!whole && made.chars().all(|c| c == 'é') && made.len() <= MOST_BYTES);
}
