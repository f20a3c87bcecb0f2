//! The core's interface to PostgreSQL: statements with text parameters, subtransactions, the log.

use super::row::Row;
use crate::error::{Error, Result};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// A parameter of a statement. It is sent as text, and the statement casts it to its type, so that one format serves
/// all types.
#[derive(Debug, Clone)]
pub enum Param<'a> {
    Text(Option<&'a str>),
    Int(Option<i64>),
    Json(&'a Value),
}

impl<'a> From<&'a str> for Param<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(Some(text))
    }
}
impl<'a> From<Option<&'a str>> for Param<'a> {
    fn from(text: Option<&'a str>) -> Self {
        Self::Text(text)
    }
}
impl From<i64> for Param<'_> {
    fn from(number: i64) -> Self {
        Self::Int(Some(number))
    }
}
impl From<Option<i64>> for Param<'_> {
    fn from(number: Option<i64>) -> Self {
        Self::Int(number)
    }
}
impl<'a> From<&'a Value> for Param<'a> {
    fn from(value: &'a Value) -> Self {
        Self::Json(value)
    }
}

impl Param<'_> {
    /// The text sent to the statement; `None` is NULL.
    pub fn text(&self) -> Option<String> {
        match self {
            Self::Text(text) => text.map(str::to_owned),
            Self::Int(number) => number.map(|number| number.to_string()),
            Self::Json(value) => Some(value.to_string()),
        }
    }
}

/// The core's own statements. Each is constant text (prepared once per backend). Unless stated otherwise, it returns
/// one row with one text column, JSON by convention.
pub trait Database {
    /// Read on the snapshot of the running statement.
    fn read(&self, sql: &'static str, params: &[Param]) -> Result<Option<String>>;

    /// Read rows with several text columns. For data read in every exchange this is cheaper than JSON.
    fn rows(&self, sql: &'static str, params: &[Param]) -> Result<Vec<Row>>;

    /// Run a change without a result. Returns the number of affected rows.
    fn change(&self, sql: &'static str, params: &[Param]) -> Result<usize>;

    /// Run a change. Returns its result, if any.
    fn write(&self, sql: &'static str, params: &[Param]) -> Result<Option<String>>;

    /// Let this transaction commit without waiting for the disk. For messages that change nothing and return none of
    /// Odoo's data (discovery, lists, refusals): a server crash can lose their rows of the last moments (three times
    /// `wal_writer_delay`), and a flood of them does not cost one flush each.
    fn relax(&self) -> Result<()>;

    /// Write a line to the server's log.
    fn log(&self, _text: &str) {}

    /// Run a step in a subtransaction, for at most `milliseconds`. A failure rolls the step back and becomes an error,
    /// and the statement continues. Serialization failures, deadlocks and cancellations by others are passed on.
    fn limited(&self, milliseconds: u64, step: &mut dyn FnMut() -> Result<()>) -> Result<()>;
}

/// [`Database::limited`] for a step with a result.
pub fn limited<R>(
    db: &dyn Database,
    milliseconds: u64,
    mut step: impl FnMut() -> Result<R>,
) -> Result<R> {
    let mut result = None;
    db.limited(milliseconds, &mut || {
        result = Some(step()?);
        Ok(())
    })?;
    result.ok_or_else(|| Error::Internal("a step gave nothing".into()))
}

/// Read a row of JSON.
///
/// # Errors
/// Errors from PostgreSQL; [`Error::Internal`] if the row is missing or does not match `T`.
pub fn read_json<T: DeserializeOwned>(
    db: &dyn Database,
    sql: &'static str,
    params: &[Param],
) -> Result<T> {
    let text = db
        .read(sql, params)?
        .ok_or_else(|| Error::Internal("a statement gave no row".into()))?;
    serde_json::from_str(&text)
        .map_err(|error| Error::Internal(format!("a statement gave an unexpected row: {error}")))
}
