//! Lists of records as columns and rows, so that each field name occurs once.

use crate::error::{Error, Result};
use crate::odoo::field::{FieldType, Fields};
use crate::odoo::values::present;
use crate::policy::masking::Mask;
use chrono_tz::Tz;
use serde_json::Value;
use std::collections::HashMap;

/// The types of columns by name.
pub type ColumnTypes = HashMap<String, FieldType>;

/// The types of these columns, needed to present Odoo's values.
pub fn types(fields: &Fields, names: &[String]) -> ColumnTypes {
    let ttype = |name: &String| {
        fields
            .get(name)
            .map_or(FieldType::Other, |field| field.ttype)
    };
    names
        .iter()
        .map(|name| (name.clone(), ttype(name)))
        .collect()
}

/// Columns and their types: converts a record to a row.
pub struct Layout {
    pub columns: Vec<String>,
    pub types: Vec<FieldType>,
}

impl Layout {
    /// `columns`: those that Odoo read; `types`: from [`types`].
    pub fn new(columns: Vec<String>, types: &ColumnTypes) -> Self {
        let types = columns
            .iter()
            .map(|name| types.get(name).copied().unwrap_or(FieldType::Other))
            .collect();
        Self { columns, types }
    }

    /// The values of a record in column order, unconverted.
    ///
    /// # Errors
    /// [`Error::Internal`] for a value that is not a record.
    pub fn values(&self, record: Value) -> Result<Vec<Value>> {
        let Value::Object(mut record) = record else {
            return Err(Error::Internal("a record is no object".into()));
        };
        let value = |name: &String| record.swap_remove(name).unwrap_or(Value::Null);
        Ok(self.columns.iter().map(value).collect())
    }
}

/// Converts Odoo's records to rows without shortening values.
pub fn rows(
    records: Vec<Value>,
    columns: &[String],
    types: &ColumnTypes,
    zone: Tz,
) -> Result<Vec<Value>> {
    let layout = Layout::new(columns.to_vec(), types);
    let row = |record| {
        let values = layout.values(record)?.into_iter().zip(&layout.types);
        Ok(values
            .map(|(value, ttype)| present(&value, *ttype, zone))
            .collect())
    };
    records.into_iter().map(row).collect()
}

/// The first rows that fit in `most` bytes with some reserve for the frame; at least one.
pub fn within(mut rows: Vec<Value>, most: i64) -> Vec<Value> {
    const AROUND: usize = 1_000;
    let mut room = usize::try_from(most)
        .unwrap_or(usize::MAX)
        .saturating_sub(AROUND);
    let fit = rows.iter().take_while(|row| {
        let bytes = row.to_string().len() + 1;
        let fits = bytes <= room;
        room = room.saturating_sub(bytes);
        fits
    });
    let fit = fit.count().max(1);
    rows.truncate(fit);
    rows
}

/// Moves or adds `id` to the front.
pub fn with_id(fields: Vec<String>) -> Vec<String> {
    let others = fields.into_iter().filter(|name| name != "id");
    std::iter::once("id".to_owned()).chain(others).collect()
}

/// The records of Odoo's result, masked.
pub fn records(result: &mut Value, mask: &Mask) -> Result<Vec<Value>> {
    let mut records: Vec<Value> = member(result, "records")?;
    if !mask.is_empty() {
        records.iter_mut().for_each(|record| mask.cover(record));
    }
    Ok(records)
}

/// A member of Odoo's result; [`Error::Internal`] when it breaks the contract.
pub fn member<T: serde::de::DeserializeOwned>(result: &mut Value, name: &str) -> Result<T> {
    let value = result
        .get_mut(name)
        .map(Value::take)
        .ok_or_else(|| Error::Internal(format!("Odoo's result lacks {name:?}")))?;
    serde_json::from_value(value)
        .map_err(|error| Error::Internal(format!("Odoo's {name:?}: {error}")))
}
