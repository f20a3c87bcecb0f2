//! Reads arguments that have passed a tool's schema. An administrator may have written that schema, so every type is
//! checked again.

use super::context::Context;
use super::search_domain;
use crate::error::{Error, Result};
use crate::odoo::domain;
use crate::odoo::models::{Models, known};
use crate::policy;
use crate::text::json::{brief, clip, kind};
use serde_json::{Map, Value, json};

/// Maximum words of a search, and terms of an order.
const MOST_WORDS: usize = 16;
const MOST_TERMS: usize = 64;

/// The arguments of one call. Reading an argument removes it, so that unknown ones remain.
pub struct Arguments(Map<String, Value>);

impl Arguments {
    pub fn new(map: Map<String, Value>) -> Self {
        Self(map)
    }

    fn take(&mut self, name: &str) -> Option<Value> {
        self.0.remove(name).filter(|value| !value.is_null())
    }

    /// An optional string.
    pub fn text(&mut self, name: &str) -> Result<Option<String>> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(Error::bad_arguments(format!("{name}: must be a string."))),
        }
    }

    /// A required string.
    pub fn required_text(&mut self, name: &str) -> Result<String> {
        self.text(name)?
            .filter(|text| !text.is_empty())
            .ok_or_else(|| Error::bad_arguments(format!("{name}: is missing.")))
    }

    /// A boolean, false by default.
    pub fn flag(&mut self, name: &str) -> Result<bool> {
        match self.take(name) {
            None => Ok(false),
            Some(Value::Bool(on)) => Ok(on),
            Some(_) => Err(Error::bad_arguments(format!(
                "{name}: must be true or false."
            ))),
        }
    }

    /// The words of a search text. Each is matched against every name, so their number is limited.
    pub fn words(&mut self, name: &str) -> Result<Vec<String>> {
        let text = self.text(name)?.unwrap_or_default();
        let mut words = text.split_whitespace().map(str::to_owned);
        let found: Vec<String> = words.by_ref().take(MOST_WORDS).collect();
        if words.next().is_some() {
            return Err(Error::bad_arguments(format!(
                "{name}: at most {MOST_WORDS} words. All of them must occur, so a few are enough."
            )));
        }
        Ok(found)
    }

    /// An integer of at least `least`.
    pub fn number(&mut self, name: &str, least: i64) -> Result<Option<i64>> {
        match self.take(name) {
            None => Ok(None),
            Some(value) => value
                .as_i64()
                .filter(|number| *number >= least && *number <= i64::from(i32::MAX))
                .map(Some)
                .ok_or_else(|| {
                    Error::bad_arguments(format!(
                        "{name}: must be a whole number from {least} to {}.",
                        i32::MAX
                    ))
                }),
        }
    }

    /// The number of rows, at most the administrator's limit.
    pub fn limit(&mut self, context: &Context) -> Result<i64> {
        let limit = self
            .number("limit", 1)?
            .unwrap_or(context.settings.default_records);
        if limit > context.settings.max_records {
            return Err(Error::bad_arguments(format!(
                "limit: at most {} at once. Get the others as the next page.",
                context.settings.max_records
            )));
        }
        Ok(limit)
    }

    /// Record ids: at least one, positive, at most the administrator's limit.
    pub fn ids(&mut self, context: &Context) -> Result<Vec<i64>> {
        let ids = match self.take("ids") {
            None => Vec::new(),
            Some(Value::Array(items)) => items
                .iter()
                .enumerate()
                .map(|(at, item)| {
                    item.as_i64()
                        .filter(|id| *id > 0 && *id <= i64::from(i32::MAX))
                        .ok_or_else(|| {
                            Error::bad_arguments(format!(
                                "ids[{at}]: {item} is no record id (a positive integer)."
                            ))
                        })
                })
                .collect::<Result<Vec<_>>>()?,
            Some(_) => return Err(Error::bad_arguments("ids: must be a list of record ids.")),
        };
        let most = usize::try_from(context.settings.max_records).unwrap_or(usize::MAX);
        if ids.len() > most {
            return Err(Error::bad_arguments(format!(
                "ids: at most {most} records at once."
            )));
        }
        Ok(ids)
    }

    /// Required record ids.
    pub fn required_ids(&mut self, context: &Context) -> Result<Vec<i64>> {
        let ids = self.ids(context)?;
        if ids.is_empty() {
            return Err(Error::bad_arguments("ids: give at least one record id."));
        }
        Ok(ids)
    }

    /// Field names of `model`; none where the argument is missing.
    pub fn fields(&mut self, models: &Models, model: &str) -> Result<Option<Vec<String>>> {
        let items = match self.take("fields") {
            None => return Ok(None),
            Some(Value::Array(items)) if items.is_empty() => return Ok(None),
            Some(Value::Array(items)) => items,
            Some(_) => {
                return Err(Error::bad_arguments(
                    "fields: must be a list of field names.",
                ));
            }
        };
        let texts: Vec<&str> = items.iter().filter_map(Value::as_str).collect();
        let known_fields = models.model_with(model, &texts)?;
        let mut names: Vec<String> = Vec::with_capacity(items.len());
        for (at, item) in items.iter().enumerate() {
            let at = format!("fields[{at}]");
            let Value::String(name) = item else {
                return Err(Error::bad_arguments(format!("{at}: must be a field name.")));
            };
            if name.contains('.') {
                return Err(Error::bad_arguments(format!(
                    "{at}: {name:?} is a path. Ask for the relation {:?} and read its records by id.",
                    name.split('.').next().unwrap_or_default()
                )));
            }
            known(&known_fields.fields, name, &at)?;
            if !names.contains(name) {
                names.push(name.clone());
            }
        }
        Ok(Some(names))
    }

    /// Possible field names in the arguments `fields` and `order`, so that one lookup of the model serves all.
    pub fn named(&self) -> Vec<&str> {
        let fields = self.0.get("fields").and_then(Value::as_array);
        let fields = fields.into_iter().flatten().filter_map(Value::as_str);
        let order = self.0.get("order").and_then(Value::as_str).unwrap_or("");
        let terms = order
            .split(',')
            .filter_map(|term| term.split_whitespace().next());
        let terms = terms.filter_map(|term| term.split(['.', ':']).next());
        fields.chain(terms).collect()
    }

    /// A list of strings.
    pub fn names(&mut self, name: &str) -> Result<Vec<String>> {
        let items = match self.take(name) {
            None => Vec::new(),
            Some(Value::Array(items)) => items,
            Some(_) => {
                return Err(Error::bad_arguments(format!(
                    "{name}: must be a list of names."
                )));
            }
        };
        if items.len() > MOST_TERMS {
            return Err(Error::bad_arguments(format!(
                "{name}: {} names; at most {MOST_TERMS} are taken.",
                items.len()
            )));
        }
        let texts = items.into_iter().enumerate().map(|(at, item)| match item {
            Value::String(text) => Ok(text),
            _ => Err(Error::bad_arguments(format!(
                "{name}[{at}]: must be a name."
            ))),
        });
        texts.collect()
    }

    /// A search domain, checked against the model, with datetimes converted to UTC.
    pub fn domain(&mut self, context: &Context, model: &str) -> Result<Value> {
        let value = self.take("domain").unwrap_or_else(|| json!([]));
        search_domain::read(context, model, &value)
    }

    /// A list, also as a string that holds JSON or a Python literal.
    pub fn list(&mut self, name: &str, example: &str) -> Result<Vec<Value>> {
        let value = match self.take(name) {
            None => return Ok(Vec::new()),
            Some(Value::String(text)) => domain::literal(&text, name, example)?,
            Some(value) => value,
        };
        match value {
            Value::Array(items) => Ok(items),
            other => Err(Error::bad_arguments(format!(
                "{name}: expected a list such as {example}, not {} ({}).",
                kind(&other),
                brief(&other)
            ))),
        }
    }

    /// An argument that holds JSON as a string.
    pub fn json(&mut self, name: &str) -> Result<Option<Value>> {
        let value = super::schema::json_text(&self.0, name)?;
        self.0.remove(name);
        Ok(value)
    }

    /// Rejects arguments that were not read: an administrator's schema may allow some that the tool does not know.
    pub fn done(self) -> Result<()> {
        match self.0.iter().find(|(_, value)| !value.is_null()) {
            None => Ok(()),
            Some((name, _)) => Err(Error::bad_arguments(format!(
                "{name}: this tool has no such argument."
            ))),
        }
    }
}

/// An order such as `name, date desc`, checked against the model.
pub fn order(context: &Context, model: &str, text: &str) -> Result<String> {
    let models = &context.models;
    let mut terms = Vec::new();
    for term in text.split(',') {
        if terms.len() == MOST_TERMS {
            return Err(Error::bad_arguments(format!(
                "order: at most {MOST_TERMS} terms."
            )));
        }
        let mut words = term.split_whitespace();
        let path = words.next().ok_or_else(|| {
            Error::bad_arguments("order: an empty term. Example: \"name, create_date desc\".")
        })?;
        let direction = direction(words, term)?;
        models.resolve(model, path, "order")?;
        policy::order::check(context.policy, models, model, path)?;
        terms.push(format!("{path}{direction}"));
    }
    Ok(terms.join(","))
}

/// The direction of an order term, in Odoo's syntax.
pub fn direction<'t>(words: impl Iterator<Item = &'t str>, term: &str) -> Result<&'static str> {
    let words: Vec<String> = words.map(str::to_ascii_lowercase).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        [] => Ok(""),
        ["asc"] => Ok(" asc"),
        ["desc"] => Ok(" desc"),
        ["nulls", "first"] => Ok(" nulls first"),
        ["nulls", "last"] => Ok(" nulls last"),
        ["asc", "nulls", "first"] => Ok(" asc nulls first"),
        ["asc", "nulls", "last"] => Ok(" asc nulls last"),
        ["desc", "nulls", "first"] => Ok(" desc nulls first"),
        ["desc", "nulls", "last"] => Ok(" desc nulls last"),
        _ => Err(Error::bad_arguments(format!(
            "order: {:?} is not understood. After a field come asc or desc, and nulls first or nulls last.",
            clip(term.trim(), 60)
        ))),
    }
}
