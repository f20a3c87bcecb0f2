//! Lists of records as columns and rows, so that each field name occurs once.

use crate::error::{Error, Result};
use crate::odoo::field::{FieldType, Fields};
use crate::odoo::values::present;
use crate::policy::masking::Mask;
use chrono_tz::Tz;
use serde_json::{Map, Value, json};

/// The types of these columns, to present their values by when Odoo has read them.
pub fn types(fields: &Fields, names: &[String]) -> Value {
    names
        .iter()
        .map(|name| {
            let ttype = fields
                .get(name)
                .map_or(FieldType::Other, |field| field.ttype);
            (name.clone(), json!(ttype.as_str()))
        })
        .collect::<Map<_, _>>()
        .into()
}

/// Columns with their types: how a record becomes a row.
pub struct Layout {
    pub columns: Vec<String>,
    pub types: Vec<FieldType>,
}

impl Layout {
    /// `columns` are those that Odoo read, `types` those of [`types`].
    pub fn new(columns: Vec<String>, types: &Value) -> Self {
        let types = columns
            .iter()
            .map(|name| {
                types
                    .get(name)
                    .and_then(|ttype| serde_json::from_value(ttype.clone()).ok())
                    .unwrap_or(FieldType::Other)
            })
            .collect();
        Self { columns, types }
    }

    /// The values of a record in the order of the columns, as Odoo gave them.
    ///
    /// # Errors
    /// [`Error::Internal`] for what is no record.
    pub fn values(&self, record: Value) -> Result<Vec<Value>> {
        let Value::Object(mut record) = record else {
            return Err(Error::Internal("a record is no object".into()));
        };
        let value = |name: &String| record.swap_remove(name).unwrap_or(Value::Null);
        Ok(self.columns.iter().map(value).collect())
    }
}

/// Rows out of Odoo's records, nothing shortened.
pub fn rows(
    records: Vec<Value>,
    columns: &[String],
    types: &Value,
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

/// The first of the rows, as many as `most` bytes hold with some left for what is around them; one at least.
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

/// `id` first, then the others.
pub fn with_id(fields: Vec<String>) -> Vec<String> {
    let others = fields.into_iter().filter(|name| name != "id");
    std::iter::once("id".to_owned()).chain(others).collect()
}

/// The records of Odoo's result, under the veil that was kept.
pub fn records(result: &mut Value, memo: &Value) -> Result<Vec<Value>> {
    let mut records: Vec<Value> = member(result, "records")?;
    let veil = Mask::kept(memo);
    if !veil.is_empty() {
        records.iter_mut().for_each(|record| veil.cover(record));
    }
    Ok(records)
}

/// The members of Odoo's result, or a broken promise.
pub fn member<T: serde::de::DeserializeOwned>(result: &mut Value, name: &str) -> Result<T> {
    let value = result
        .get_mut(name)
        .map(Value::take)
        .ok_or_else(|| Error::Internal(format!("Odoo's result lacks {name:?}")))?;
    serde_json::from_value(value)
        .map_err(|error| Error::Internal(format!("Odoo's {name:?}: {error}")))
}
