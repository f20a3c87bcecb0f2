//! Fields as `ir.model.fields` describes them.

use std::collections::HashMap;
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};

mod defaults;

pub use defaults::{default_fields, is_housekeeping, is_log_access};

/// A field's type, `ttype` in `ir.model.fields`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldType {
    Boolean,
    Integer,
    Float,
    Monetary,
    Char,
    Text,
    Html,
    Date,
    Datetime,
    Selection,
    Many2one,
    One2many,
    Many2many,
    Many2oneReference,
    Reference,
    Binary,
    Image,
    Json,
    Properties,
    PropertiesDefinition,
    Serialized,
    /// A type defined by another module.
    #[serde(other)]
    Other,
}

impl FieldType {
    /// Odoo's name of the type.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Boolean => "boolean",
            Self::Integer => "integer",
            Self::Float => "float",
            Self::Monetary => "monetary",
            Self::Char => "char",
            Self::Text => "text",
            Self::Html => "html",
            Self::Date => "date",
            Self::Datetime => "datetime",
            Self::Selection => "selection",
            Self::Many2one => "many2one",
            Self::One2many => "one2many",
            Self::Many2many => "many2many",
            Self::Many2oneReference => "many2one_reference",
            Self::Reference => "reference",
            Self::Binary => "binary",
            Self::Image => "image",
            Self::Json => "json",
            Self::Properties => "properties",
            Self::PropertiesDefinition => "properties_definition",
            Self::Serialized => "serialized",
            Self::Other => "other",
        }
    }

    /// Whether values of the type refer to records of the field's `relation`.
    pub fn is_relational(self) -> bool {
        self == Self::Many2one || self.is_x2many()
    }

    /// Whether values of the type are lists of records.
    pub fn is_x2many(self) -> bool {
        matches!(self, Self::One2many | Self::Many2many)
    }
}

impl fmt::Display for FieldType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One row of `ir.model.fields`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Field {
    pub name: String,
    pub ttype: FieldType,
    /// The comodel of a relational field.
    #[serde(default, deserialize_with = "text_or_none")]
    pub relation: Option<String>,
    #[serde(default)]
    pub store: bool,
    #[serde(default)]
    pub required: bool,
    #[serde(default)]
    pub readonly: bool,
    /// Whether a domain may use the field: stored or with a search method (`selectable` in Odoo).
    #[serde(default, alias = "selectable")]
    pub searchable: bool,
    #[serde(default, deserialize_with = "text_or_none")]
    pub label: Option<String>,
}

/// SQL and Odoo's own JSON represent "none" as null, false or an empty text.
fn text_or_none<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum TextOrNone {
        Text(String),
        #[allow(dead_code)]
        Not(bool),
        Null(()),
    }
    Ok(match TextOrNone::deserialize(deserializer)? {
        TextOrNone::Text(text) if !text.is_empty() => Some(text),
        _ => None,
    })
}

/// The fields of one model, indexed by name.
#[derive(Debug, Clone)]
pub struct Fields {
    model: String,
    fields: Vec<Field>,
    by_name: HashMap<String, usize>,
    /// Withheld fields, each with the reason. Only error texts mention them.
    withheld: HashMap<String, String>,
}

impl Fields {
    /// The fields of `model`, in the given order.
    pub fn new(model: impl Into<String>, fields: Vec<Field>) -> Self {
        let by_name = fields
            .iter()
            .enumerate()
            .map(|(index, field)| (field.name.clone(), index))
            .collect();
        Self {
            model: model.into(),
            fields,
            by_name,
            withheld: HashMap::new(),
        }
    }

    /// The fields without those in `withheld`.
    pub fn seen(
        model: impl Into<String>,
        mut fields: Vec<Field>,
        withheld: HashMap<String, String>,
    ) -> Self {
        fields.retain(|field| !withheld.contains_key(&field.name));
        Self {
            withheld,
            ..Self::new(model, fields)
        }
    }

    /// Whether the field exists, withheld or not.
    pub fn has(&self, name: &str) -> bool {
        self.by_name.contains_key(name) || self.withheld.contains_key(name)
    }

    /// The reason why an existing field is withheld, or `None`.
    pub fn withheld(&self, name: &str) -> Option<&str> {
        self.withheld.get(name).map(String::as_str)
    }

    /// Whether no field is withheld.
    pub fn are_all_shown(&self) -> bool {
        self.withheld.is_empty()
    }

    /// The model's technical name.
    pub fn model(&self) -> &str {
        &self.model
    }

    /// The field with that name, unless withheld.
    pub fn get(&self, name: &str) -> Option<&Field> {
        self.by_name
            .get(name)
            .and_then(|index| self.fields.get(*index))
    }

    /// All names, for suggestions.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.fields.iter().map(|field| field.name.as_str())
    }

    /// All names with their labels, for suggestions.
    pub fn labelled(&self) -> impl Iterator<Item = (&str, &str)> {
        self.fields.iter().map(|field| {
            (
                field.name.as_str(),
                field.label.as_deref().unwrap_or_default(),
            )
        })
    }

    /// All names, including those of withheld fields.
    pub fn every_name(&self) -> impl Iterator<Item = &str> {
        self.names().chain(self.withheld.keys().map(String::as_str))
    }

    /// All fields, in the order given.
    pub fn all(&self) -> &[Field] {
        &self.fields
    }
}

#[cfg(test)]
mod tests;
