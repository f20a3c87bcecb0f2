//! Converts HTML fields to plain text or Markdown. Their content is untrusted (mail, websites), so it is sanitized
//! first ([`clean`]). Sanitized HTML has bounded depth and no attributes except link targets. The work of the parser
//! and the renderer is therefore proportional to its length.

mod clean;
#[cfg(test)]
mod tests;

pub use clean::MOST_BYTES;

use html2text::render::TextDecorator;
use serde::{Deserialize, Serialize};

/// Disables line wrapping, which is useless for an AI model.
const WIDTH: usize = 1_000_000;

/// The output format of an HTML field.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Form {
    #[default]
    Text,
    Markdown,
    Html,
}

impl Form {
    /// The format with this name.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "text" => Some(Self::Text),
            "markdown" => Some(Self::Markdown),
            "html" => Some(Self::Html),
            _ => None,
        }
    }

    /// Convert HTML to this format. Returns the text and whether all of the HTML was read.
    pub fn of(self, html: &str) -> (String, bool) {
        if self == Self::Html {
            return (html.to_owned(), true);
        }
        let (clean, whole) = clean::clean(html, self == Self::Markdown);
        let config = html2text::config::with_decorator(Marks {
            markdown: self == Self::Markdown,
            link: None,
        });
        let rendered = config
            .no_table_borders()
            .no_link_wrapping()
            .unicode_strikeout(false)
            .allow_width_overflow()
            .string_from_read(clean.as_bytes(), WIDTH);
        // Parsing sanitized HTML does not fail. If it ever does, the text between the tags remains.
        let text = rendered.unwrap_or_else(|_| clean::bare(&clean));
        (tidy(&text), whole)
    }
}

/// Remove trailing blanks, repeated empty lines, and empty lines at both ends.
fn tidy(text: &str) -> String {
    let mut tidied = String::with_capacity(text.len());
    let mut empty = 0;
    for line in text.lines().map(str::trim_end) {
        if line.is_empty() {
            empty += 1;
            continue;
        }
        if !tidied.is_empty() {
            tidied.push_str(if empty > 0 { "\n\n" } else { "\n" });
        }
        empty = 0;
        tidied.push_str(line);
    }
    tidied
}

/// The marks written: those of Markdown, or only those of lists and quotes.
struct Marks {
    markdown: bool,
    /// The target of the open link.
    link: Option<String>,
}

impl Marks {
    fn mark(&self, mark: &str) -> String {
        if self.markdown { mark } else { "" }.to_owned()
    }
}

impl TextDecorator for Marks {
    type Annotation = ();

    fn decorate_link_start(&mut self, url: &str) -> (String, ()) {
        self.link = Some(url.to_owned());
        (self.mark("["), ())
    }

    fn decorate_link_end(&mut self) -> String {
        match self.link.take() {
            Some(url) if self.markdown => format!("]({url})"),
            _ => String::new(),
        }
    }

    fn decorate_em_start(&self) -> (String, ()) {
        (self.mark("*"), ())
    }

    fn decorate_em_end(&self) -> String {
        self.mark("*")
    }

    fn decorate_strong_start(&self) -> (String, ()) {
        (self.mark("**"), ())
    }

    fn decorate_strong_end(&self) -> String {
        self.mark("**")
    }

    fn decorate_strikeout_start(&self) -> (String, ()) {
        (self.mark("~~"), ())
    }

    fn decorate_strikeout_end(&self) -> String {
        self.mark("~~")
    }

    fn decorate_code_start(&self) -> (String, ()) {
        (self.mark("`"), ())
    }

    fn decorate_code_end(&self) -> String {
        self.mark("`")
    }

    fn decorate_preformat_first(&self) {}

    fn decorate_preformat_cont(&self) {}

    fn decorate_image(&mut self, _src: &str, title: &str) -> (String, ()) {
        (title.to_owned(), ())
    }

    fn header_prefix(&self, level: usize) -> String {
        match self.markdown {
            true => "#".repeat(level) + " ",
            false => String::new(),
        }
    }

    fn quote_prefix(&self) -> String {
        "> ".to_owned()
    }

    fn unordered_item_prefix(&self) -> String {
        "- ".to_owned()
    }

    fn ordered_item_prefix(&self, i: i64) -> String {
        format!("{i}. ")
    }

    fn make_subblock_decorator(&self) -> Self {
        Self {
            markdown: self.markdown,
            link: None,
        }
    }
}
