//! Rows of records within the size limit of an answer. Values take the shortest form that a model can read. A record
//! that does not fit is omitted as a whole.

use super::columns::{self, ColumnTypes, Layout};
use crate::error::{Error, Result};
use crate::odoo::field::FieldType;
use crate::odoo::html::Form;
use crate::odoo::values::present;
use crate::policy::masking::Mask;
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Maximum number of ids shown of an x2many field.
const MOST_IDS: usize = 20;
/// Maximum bytes of HTML to convert for one answer; a single record is always converted in full.
const MOST_HTML_BYTES: usize = 2_000_000;

/// How values are shown.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub struct Style {
    #[serde(default)]
    pub html: Form,
    /// Whether values are shown unshortened.
    #[serde(default)]
    pub whole: bool,
    /// Maximum characters shown of a text.
    pub letters: usize,
    /// Maximum size in bytes of all rows.
    pub bytes: usize,
}

/// A table to which rows are added until the limit.
pub struct Sheet {
    layout: Layout,
    style: Style,
    zone: Tz,
    pub rows: Vec<Value>,
    pub ids: Vec<i64>,
    bytes: usize,
    html: usize,
    /// Columns with shortened values: texts, then lists of records.
    texts: BTreeSet<String>,
    lists: BTreeSet<String>,
    /// Columns with files that were requested but do not fit.
    files: BTreeSet<String>,
}

impl Sheet {
    pub fn new(columns: Vec<String>, types: &ColumnTypes, style: Style, zone: Tz) -> Self {
        Self {
            layout: Layout::new(columns, types),
            style,
            zone,
            rows: Vec::new(),
            ids: Vec::new(),
            bytes: 0,
            html: 0,
            texts: BTreeSet::new(),
            lists: BTreeSet::new(),
            files: BTreeSet::new(),
        }
    }

    /// Adds a record. Returns false when it does not fit.
    ///
    /// # Errors
    /// When not even a single record fits.
    pub fn take(&mut self, record: Value) -> Result<bool> {
        let id = record["id"].as_i64();
        let values = self.layout.values(record)?;
        let html: usize = values
            .iter()
            .zip(&self.layout.types)
            .filter(|(_, ttype)| **ttype == FieldType::Html && self.style.html != Form::Html)
            .filter_map(|(value, _)| value.as_str())
            .map(str::len)
            .sum();
        if !self.rows.is_empty() && self.html + html > MOST_HTML_BYTES {
            return Ok(false);
        }
        let (mut texts, mut lists, mut files) = (Vec::new(), Vec::new(), Vec::new());
        let mut row = Vec::with_capacity(values.len());
        for (at, (value, ttype)) in values.into_iter().zip(&self.layout.types).enumerate() {
            let (cell, cut) = self.style.cell(value, *ttype, self.zone);
            match cut {
                Cut::Nothing => {}
                Cut::Text => texts.push(at),
                Cut::List => lists.push(at),
                Cut::File => files.push(at),
            }
            row.push(cell);
        }
        let row = Value::Array(row);
        let bytes = row.to_string().len() + 1;
        if self.bytes + bytes > self.style.bytes {
            return match self.rows.is_empty() {
                true => Err(self.too_large(id, &row, bytes)),
                false => Ok(false),
            };
        }
        let columns = &self.layout.columns;
        let names =
            |places: Vec<usize>| places.into_iter().filter_map(|at| columns.get(at).cloned());
        self.texts.extend(names(texts));
        self.lists.extend(names(lists));
        self.files.extend(names(files));
        self.bytes += bytes;
        self.html += html;
        self.rows.push(row);
        self.ids.extend(id);
        Ok(true)
    }

    pub fn columns(&self) -> &[String] {
        &self.layout.columns
    }

    /// A note for the reader about shortened values; none when nothing was shortened.
    pub fn shortened(&self) -> Option<String> {
        let list = |names: &BTreeSet<String>| names.iter().cloned().collect::<Vec<_>>().join(", ");
        let mut said = Vec::new();
        if !self.texts.is_empty() {
            said.push(format!(
                "{}: only the first {} letters",
                list(&self.texts),
                self.style.letters
            ));
        }
        if !self.lists.is_empty() {
            said.push(format!("{}: only {MOST_IDS} ids", list(&self.lists)));
        }
        let mut notes = Vec::new();
        if !said.is_empty() {
            notes.push(format!("{}. All of it: read with whole.", said.join("; ")));
        }
        if !self.files.is_empty() {
            notes.push(format!(
                "{}: no room for some files. Read fewer records, or the resource odoo://record/{{model}}/{{id}}/{{field}}.",
                list(&self.files)
            ));
        }
        (!notes.is_empty()).then(|| notes.join(" "))
    }

    fn too_large(&self, id: Option<i64>, row: &Value, bytes: usize) -> Error {
        let columns = self
            .layout
            .columns
            .iter()
            .zip(row.as_array().into_iter().flatten());
        let mut sizes: Vec<(usize, &str)> = columns
            .map(|(column, value)| (value.to_string().len(), column.as_str()))
            .collect();
        sizes.sort_by(|a, b| b.cmp(a));
        let largest: Vec<String> = sizes
            .iter()
            .take(3)
            .map(|(size, column)| format!("{column} ({size} bytes)"))
            .collect();
        let whole = if self.style.whole {
            ", or read without whole"
        } else {
            ""
        };
        Error::failed(format!(
            "Record {} alone has {bytes} bytes, more than the {} that an answer may have. Ask for fewer fields{whole}. \
             Largest: {}. A single field can also be read as the resource odoo://record/{{model}}/{{id}}/{{field}}.",
            id.unwrap_or_default(),
            self.style.bytes,
            largest.join(", ")
        ))
    }
}

/// The kind of shortening of a value.
#[derive(Debug, PartialEq)]
enum Cut {
    Nothing,
    Text,
    List,
    File,
}

impl Style {
    /// Converts a value of Odoo's `read()` to its shown form. An object stands for a shortened value: a text with its
    /// length, a list of ids with their count, or a file.
    fn cell(&self, value: Value, ttype: FieldType, zone: Tz) -> (Value, Cut) {
        match (ttype, value) {
            (FieldType::Html, Value::String(html)) => {
                let (text, all) = self.html.of(&html);
                self.text(text, all)
            }
            (FieldType::Char | FieldType::Text, Value::String(text)) => self.text(text, true),
            (ttype, Value::Array(mut ids))
                if ttype.is_x2many() && ids.len() > MOST_IDS && !self.whole =>
            {
                let count = ids.len();
                ids.truncate(MOST_IDS);
                (json!({"ids": ids, "count": count}), Cut::List)
            }
            (FieldType::Binary | FieldType::Image, file) if self.whole && file.is_object() => {
                let cut = if file.get("base64").is_some() {
                    Cut::Nothing
                } else {
                    Cut::File
                };
                (file, cut)
            }
            (ttype, value) => (present(&value, ttype, zone), Cut::Nothing),
        }
    }

    /// `all`: false when more text is known to follow.
    fn text(&self, text: String, all: bool) -> (Value, Cut) {
        let cut = match text.char_indices().nth(self.letters) {
            Some((at, _)) if !self.whole => Some(at),
            _ => None,
        };
        match (cut, all) {
            (None, true) => (Value::String(text), Cut::Nothing),
            (cut, all) => {
                let length = text.chars().count();
                let shown = text.get(..cut.unwrap_or(text.len())).unwrap_or_default();
                let length_name = if all { "length" } else { "at_least" };
                (json!({"text": shown, length_name: length}), Cut::Text)
            }
        }
    }
}

/// The state between `prepare` and `finish`, while Odoo reads records.
#[derive(Debug, Serialize, Deserialize)]
pub struct RowsMemo {
    pub model: String,
    pub types: ColumnTypes,
    pub style: Style,
    #[serde(default, skip_serializing_if = "Mask::is_empty")]
    pub mask: Mask,
}

/// Makes the sheet from Odoo's result within the size limit. Also returns the ids of records that do not fit.
///
/// # Errors
/// As [`Sheet::take`], and for a result of another shape.
pub fn of_result(result: &mut Value, memo: &RowsMemo, zone: Tz) -> Result<(Sheet, Vec<i64>)> {
    let columns: Vec<String> = columns::member(result, "fields")?;
    let records = columns::records(result, &memo.mask)?;
    let mut sheet = Sheet::new(columns, &memo.types, memo.style, zone);
    let mut left_out = Vec::new();
    for record in records {
        let id = record["id"].as_i64();
        if !left_out.is_empty() || !sheet.take(record)? {
            left_out.extend(id);
        }
    }
    Ok((sheet, left_out))
}

#[cfg(test)]
mod tests;
