//! What the core asks of PostgreSQL: statements with text parameters, subtransactions, the log.

use super::row::Row;
use crate::error::{Error, Result};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// A parameter of a statement. It travels as text, and the statement casts it to the type it wants, so that one
/// shape serves all.
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
    /// The text that the statement receives; none is NULL.
    pub fn text(&self) -> Option<String> {
        match self {
            Self::Text(text) => text.map(str::to_owned),
            Self::Int(number) => number.map(|number| number.to_string()),
            Self::Json(value) => Some(value.to_string()),
        }
    }
}

/// Statements of the core's own. Each is constant text (prepared once per backend) that gives one row with one
/// text column, JSON by convention, where nothing else is said.
pub trait Database {
    /// Read on the snapshot of the running statement.
    fn read(&self, sql: &'static str, params: &[Param]) -> Result<Option<String>>;

    /// Read rows of several columns, all of them text: cheaper than JSON where every exchange reads them.
    fn rows(&self, sql: &'static str, params: &[Param]) -> Result<Vec<Row>>;

    /// Change something that gives nothing back: how many rows it concerned.
    fn change(&self, sql: &'static str, params: &[Param]) -> Result<usize>;

    /// Change something; what it returns, if anything.
    fn write(&self, sql: &'static str, params: &[Param]) -> Result<Option<String>>;

    /// Let this transaction commit without waiting for the disk. For messages that change nothing and tell nothing of
    /// Odoo's data (discovery, lists, refusals): a crash of the server can lose their rows of its last moments (three
    /// times `wal_writer_delay`), and a flood of them costs no flush each.
    fn relax(&self) -> Result<()>;

    /// Write a line into the server's log.
    fn log(&self, _text: &str) {}

    /// Run a step in a subtransaction, for at most `milliseconds`: what fails in it is undone and comes out as an
    /// error, and the statement goes on. Serialization failures, deadlocks and cancellations by others are passed on.
    fn limited(&self, milliseconds: u64, step: &mut dyn FnMut() -> Result<()>) -> Result<()>;
}

/// [`Database::limited`] for a step that gives something.
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
/// What PostgreSQL refused, or [`Error::Internal`] when the row is missing or not of the shape of `T`.
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
