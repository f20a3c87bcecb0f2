//! Sanitizes HTML to a small allow-list of elements with bounded nesting. Of the attributes only `href` remains.
//!
//! An HTML parser repairs wrong nesting by repeating elements, so a short text can become a long one. Thousands of
//! attributes or levels cost time and stack. Therefore this module sanitizes the tokens before the parser builds a
//! tree.

use html5gum::emitters::default::DefaultEmitter;
use html5gum::{Token, Tokenizer};

/// Maximum number of bytes read. Most longer HTML has embedded images, which are left out anyway.
pub const MOST_BYTES: usize = 1_000_000;
/// Maximum number of bytes passed to the HTML parser.
const MOST_CLEAN_BYTES: usize = 400_000;
/// Maximum nesting depth; deeper elements lose their tags and keep their text.
const MOST_DEPTH: usize = 24;
/// Maximum nesting of lists and quotes: each line inside repeats their marks.
const MOST_INDENTED: usize = 6;
/// Maximum length of a link target; a longer one is useless to a reader.
const MOST_LINK: usize = 500;
const MOST_ALT: usize = 200;

/// The treatment of an element.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    /// An inline element.
    Inline(&'static str),
    /// A block element.
    Block(&'static str),
    /// An item of a list; ends the previous item.
    Item,
    /// A cell of a table, with the separator from the previous cell.
    Cell,
    Break,
    Rule,
    Image,
    /// Removed with its content.
    Dropped,
    /// Only its tags are removed.
    Unknown,
}

fn kind(name: &[u8]) -> Kind {
    match name {
        b"b" | b"strong" => Kind::Inline("strong"),
        b"i" | b"em" | b"cite" | b"var" => Kind::Inline("em"),
        b"s" | b"del" | b"strike" => Kind::Inline("s"),
        b"code" | b"kbd" | b"samp" | b"tt" => Kind::Inline("code"),
        b"a" => Kind::Inline("a"),
        b"p" => Kind::Block("p"),
        b"h1" => Kind::Block("h1"),
        b"h2" => Kind::Block("h2"),
        b"h3" => Kind::Block("h3"),
        b"h4" => Kind::Block("h4"),
        b"h5" => Kind::Block("h5"),
        b"h6" => Kind::Block("h6"),
        b"ul" | b"menu" | b"dir" => Kind::Block("ul"),
        b"ol" => Kind::Block("ol"),
        b"blockquote" => Kind::Block("blockquote"),
        b"pre" | b"listing" => Kind::Block("pre"),
        b"div" | b"section" | b"article" | b"header" | b"footer" | b"main" | b"aside"
        | b"address" | b"figure" | b"figcaption" | b"center" | b"fieldset" | b"legend"
        | b"form" | b"dl" | b"dt" | b"dd" | b"details" | b"summary" | b"nav" | b"table"
        | b"caption" | b"tr" => Kind::Block("div"),
        b"li" => Kind::Item,
        b"td" | b"th" => Kind::Cell,
        b"br" => Kind::Break,
        b"hr" => Kind::Rule,
        b"img" => Kind::Image,
        b"script" | b"style" | b"title" | b"template" | b"svg" | b"math" | b"iframe"
        | b"object" | b"select" | b"noembed" | b"noframes" | b"xmp" | b"plaintext" => Kind::Dropped,
        _ => Kind::Unknown,
    }
}

/// Whether the element ends where a block begins.
fn is_text_block(name: &str) -> bool {
    matches!(name, "p" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6")
}

/// Sanitize HTML. Returns the result and whether all of it was read. `links`: keep the targets of links.
pub fn clean(html: &str, links: bool) -> (String, bool) {
    let mut end = html.len().min(MOST_BYTES);
    while !html.is_char_boundary(end) {
        end -= 1;
    }
    let read = html.get(..end).unwrap_or_default();
    let mut writer = Writer {
        out: String::with_capacity(read.len().min(MOST_CLEAN_BYTES) / 2),
        open: Vec::new(),
        cells: 0,
        at_cell: false,
        dropping: None,
        links,
    };
    let mut emitter = DefaultEmitter::default();
    emitter.naively_switch_states(true);
    let mut whole = end == html.len();
    for token in Tokenizer::new_with_emitter(read, emitter) {
        if writer.out.len() > MOST_CLEAN_BYTES {
            whole = false;
            break;
        }
        let Ok(token) = token;
        match token {
            Token::StartTag(tag) => {
                let attribute = |name: &[u8]| {
                    let found = tag.attributes.get(name)?;
                    Some(String::from_utf8_lossy(&found.value).into_owned())
                };
                writer.start(&tag.name, tag.self_closing, attribute);
            }
            Token::EndTag(tag) => writer.end(&tag.name),
            Token::String(text) => writer.text(&String::from_utf8_lossy(&text.value)),
            Token::Comment(_) | Token::Doctype(_) | Token::Error(_) => {}
        }
    }
    writer.close_down_to(0);
    (writer.out, whole)
}

/// The text without any tags.
pub fn bare(html: &str) -> String {
    let mut text = String::new();
    for token in Tokenizer::new(html) {
        let Ok(token) = token;
        match token {
            Token::String(part) => text.push_str(&String::from_utf8_lossy(&part.value)),
            Token::StartTag(_) => text.push(' '),
            _ => {}
        }
    }
    text
}

struct Writer {
    out: String,
    open: Vec<&'static str>,
    /// Number of cells in the current row.
    cells: usize,
    /// A cell has begun and has no text yet: its first paragraph becomes the cell.
    at_cell: bool,
    /// The element being removed with its content, and its nesting depth in itself.
    dropping: Option<(Vec<u8>, usize)>,
    links: bool,
}

impl Writer {
    fn start(
        &mut self,
        name: &[u8],
        self_closing: bool,
        attribute: impl Fn(&[u8]) -> Option<String>,
    ) {
        if let Some((dropped, depth)) = &mut self.dropping {
            if name == dropped.as_slice() && !self_closing {
                *depth += 1;
            }
            return;
        }
        match kind(name) {
            Kind::Dropped if self_closing => {}
            Kind::Dropped => self.dropping = Some((name.to_vec(), 0)),
            Kind::Unknown => {}
            Kind::Break => self.out.push_str("<br>"),
            Kind::Rule => {
                self.end_text_block();
                self.out.push_str("<p>---</p>");
            }
            Kind::Image => self.image(&attribute),
            Kind::Cell => {
                self.end_text_block();
                self.cells += 1;
                self.at_cell = true;
                if self.cells > 1 {
                    self.out.push_str(" | ");
                }
            }
            Kind::Item => {
                self.end_text_block();
                let list = self
                    .open
                    .iter()
                    .rposition(|open| matches!(*open, "ul" | "ol"));
                let item = self.open.iter().rposition(|open| *open == "li");
                if let Some(item) = item.filter(|item| list.is_none_or(|list| *item > list)) {
                    self.close_down_to(item);
                }
                self.push("li", "<li>");
            }
            Kind::Block("p" | "div") if self.at_cell && matches!(name, b"p" | b"div") => {}
            Kind::Block(block) => {
                self.end_text_block();
                if name == b"tr" {
                    self.cells = 0;
                }
                self.at_cell = false;
                self.push(block, &format!("<{block}>"));
            }
            Kind::Inline("a") => {
                let target = attribute(b"href").filter(|target| {
                    self.links && !target.is_empty() && target.len() <= MOST_LINK && is_link(target)
                });
                if let Some(target) = target.filter(|_| !self.open.contains(&"a")) {
                    self.push("a", &format!("<a href=\"{}\">", escaped(&target)));
                }
            }
            Kind::Inline(inline) => {
                if !self.open.contains(&inline) {
                    self.push(inline, &format!("<{inline}>"));
                }
            }
        }
    }

    fn end(&mut self, name: &[u8]) {
        if let Some((dropped, depth)) = &mut self.dropping {
            if name == dropped.as_slice() {
                match depth.checked_sub(1) {
                    Some(less) => *depth = less,
                    None => self.dropping = None,
                }
            }
            return;
        }
        let element = match kind(name) {
            Kind::Inline(element) | Kind::Block(element) => element,
            Kind::Item => "li",
            Kind::Break => return self.out.push_str("<br>"),
            _ => return,
        };
        if let Some(at) = self.open.iter().rposition(|open| *open == element) {
            self.close_down_to(at);
        }
    }

    fn text(&mut self, text: &str) {
        if self.dropping.is_none() {
            self.at_cell &= text.trim().is_empty();
            self.out.push_str(&escaped(text));
        }
    }

    fn image(&mut self, attribute: impl Fn(&[u8]) -> Option<String>) {
        let Some(alt) = attribute(b"alt").filter(|alt| !alt.trim().is_empty()) else {
            return;
        };
        let alt: String = alt.trim().chars().take(MOST_ALT).collect();
        self.text(&format!("[{alt}]"));
    }

    fn push(&mut self, element: &'static str, tag: &str) {
        let is_indented = |open: &&&str| matches!(**open, "ul" | "ol" | "blockquote");
        let is_too_deep =
            is_indented(&&element) && self.open.iter().filter(is_indented).count() >= MOST_INDENTED;
        if self.open.len() < MOST_DEPTH && !is_too_deep {
            self.open.push(element);
            self.out.push_str(tag);
        } else if !matches!(element, "a" | "strong" | "em" | "s" | "code") {
            // The line still ends.
            self.out.push_str("<br>");
        }
    }

    fn end_text_block(&mut self) {
        if let Some(at) = self.open.iter().rposition(|open| is_text_block(open)) {
            self.close_down_to(at);
        }
    }

    fn close_down_to(&mut self, depth: usize) {
        while self.open.len() > depth {
            if let Some(element) = self.open.pop() {
                self.out.push_str("</");
                self.out.push_str(element);
                self.out.push('>');
            }
        }
    }
}

/// Whether a reader can use the link target.
fn is_link(target: &str) -> bool {
    let lower = target.trim_start().to_ascii_lowercase();
    ["http:", "https:", "mailto:", "tel:", "/"]
        .iter()
        .any(|scheme| lower.starts_with(scheme))
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\0' => {}
            letter => out.push(letter),
        }
    }
    out
}
