//! A row of several text columns, accessed by name.

use crate::error::{Error, Result};
use serde::de::DeserializeOwned;
use std::rc::Rc;

/// One row. Each column can be taken once.
#[derive(Debug)]
pub struct Row {
    names: Rc<[String]>,
    values: Vec<Option<String>>,
}

impl Row {
    /// A row of these values. All rows of one statement share their column names.
    pub fn new(names: Rc<[String]>, values: Vec<Option<String>>) -> Self {
        Self { names, values }
    }

    /// The value of a column; `None` is NULL.
    ///
    /// # Errors
    /// [`Error::Internal`] if the statement has no such column.
    pub fn take(&mut self, name: &str) -> Result<Option<String>> {
        let position = self.names.iter().position(|known| known == name);
        position
            .and_then(|position| self.values.get_mut(position))
            .map(Option::take)
            .ok_or_else(|| Error::Internal(format!("a statement has no column {name}")))
    }

    /// The value of a column that is never NULL.
    ///
    /// # Errors
    /// [`Error::Internal`] if it is NULL or the column does not exist.
    pub fn text(&mut self, name: &str) -> Result<String> {
        self.take(name)?
            .ok_or_else(|| Error::Internal(format!("the column {name} is NULL")))
    }

    /// The integer in a column that is never NULL.
    ///
    /// # Errors
    /// [`Error::Internal`] if there is none.
    pub fn number(&mut self, name: &str) -> Result<i64> {
        self.text(name)?.parse().map_err(|error| unfit(name, error))
    }

    /// Whether a column is true.
    ///
    /// # Errors
    /// [`Error::Internal`] if the column does not exist.
    pub fn is_true(&mut self, name: &str) -> Result<bool> {
        Ok(self.take(name)?.as_deref() == Some("true"))
    }

    /// The parsed JSON in a column; `None` is NULL.
    ///
    /// # Errors
    /// [`Error::Internal`] if it has another shape.
    pub fn json<T: DeserializeOwned>(&mut self, name: &str) -> Result<Option<T>> {
        let text = self.take(name)?;
        text.map(|text| serde_json::from_str(&text).map_err(|error| unfit(name, error)))
            .transpose()
    }
}

fn unfit(name: &str, error: impl std::fmt::Display) -> Error {
    Error::Internal(format!("the column {name}: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row() -> Row {
        let names: Rc<[String]> = ["id", "flag", "list", "none"].map(str::to_owned).into();
        let text = |text: &str| Some(text.to_owned());
        Row::new(names, vec![text("7"), text("true"), text("[1]"), None])
    }

    #[test]
    fn columns_are_found_by_their_names() {
        let mut row = row();
        assert_eq!(row.json::<Vec<i64>>("list").unwrap(), Some(vec![1]));
        assert_eq!(row.number("id").unwrap(), 7);
        assert!(row.is_true("flag").unwrap());
        assert_eq!(row.take("none").unwrap(), None);
    }

    #[test]
    fn what_is_not_there_is_an_error() {
        let mut row = row();
        assert!(row.take("ids").is_err());
        assert!(row.text("none").is_err());
        assert!(row.number("flag").is_err());
        assert!(row.json::<i64>("list").is_err());
    }
}
