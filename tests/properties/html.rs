//! HTML from any source as text and Markdown.

use odoo_mcp::odoo::html::Form;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::inputs::text;
use crate::runner::Suite;

const PIECES: &[&str] = &[
    "<p>",
    "</p>",
    "<div>",
    "</div>",
    "<b>",
    "</b>",
    "<i>",
    "</i>",
    "<a href=\"https://x.example/\">",
    "</a>",
    "<ul>",
    "</ul>",
    "<ol>",
    "</ol>",
    "<li>",
    "</li>",
    "<table>",
    "<tr>",
    "<td>",
    "</td>",
    "</tr>",
    "</table>",
    "<br>",
    "<hr/>",
    "<pre>",
    "</pre>",
    "<code>",
    "</code>",
    "<blockquote>",
    "</blockquote>",
    "<h1>",
    "</h1>",
    "<img alt=\"x\">",
    "<script>",
    "</script>",
    "<svg>",
    "</svg>",
    "<!--",
    "-->",
    "<![CDATA[",
    "]]>",
    "&amp;",
    "&#0;",
    "&nbsp;",
    "<",
    ">",
    "word ",
    "é",
    "\n",
    "\t",
    "<p a=1 a=2 b>",
    "<font color=red>",
    "</font>",
    "<title>",
    "<textarea>",
    "<plaintext>",
];

fn html() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        6 => select(PIECES).prop_map(str::to_owned),
        1 => text(),
    ];
    vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

/// Letters that a reader sees, without spaces.
fn letters(text: &str) -> Vec<char> {
    text.chars().filter(|c| c.is_alphanumeric()).collect()
}

pub fn properties(suite: &mut Suite) {
    suite.property("html: any text becomes text and Markdown", html(), |html| {
        for form in [Form::Text, Form::Markdown] {
            let (made, whole) = form.of(&html);
            prop_assert!(whole);
            // The conversion adds at most the marks at the beginnings of lines.
            prop_assert!(
                made.len() <= 40 * (html.len() + 1),
                "{} of {}",
                made.len(),
                html.len()
            );
            prop_assert!(!made.contains('\0'));
            prop_assert!(!made.contains("\n\n\n") && made.trim_end() == made);
        }
        Ok(())
    });
    suite.property(
        "html: plain text stays what it is",
        vec("[a-z0-9é]{1,9}", 0..20),
        |words| {
            let plain = words.join(" ");
            prop_assert_eq!(Form::Text.of(&plain).0, plain.clone());
            let marked = format!("<div><p>{}</p></div>", words.join("</p><p>"));
            prop_assert_eq!(letters(&Form::Text.of(&marked).0), letters(&plain));
            Ok(())
        },
    );
    suite.growth(
        "html: what is read costs in proportion",
        &[
            ("nested", |size| "<div>x".repeat(size / 6)),
            ("lists", |size| "<ul><li>x".repeat(size / 9)),
            ("open formatting", |size| {
                "<b><i><a href=/x><p>y".repeat(size / 21)
            }),
            ("attributes", |size| {
                format!("<p{}>x", " a".repeat(size / 2))
            }),
            ("tables", |size| "<table><tr><td>x".repeat(size / 16)),
            ("text", |size| "word ".repeat(size / 5)),
        ],
        |html: String| {
            Form::Markdown.of(&html);
        },
    );
}
