//! The resources.

use crate::error::{Error, Result};
use crate::odoo::json_text::clip;
use crate::tools::Context;
use crate::wire::completion::Values;
use serde_json::{Map, Value};

/// What an argument of a resource template may become.
///
/// # Errors
/// -32602 for a template that is unknown.
pub fn complete(
    _context: &Context,
    uri_template: &str,
    _argument: &str,
    _value: &str,
    _given: &Map<String, Value>,
) -> Result<Values> {
    Err(Error::invalid_params(format!(
        "Unknown resource template {:?}.",
        clip(uri_template, 128)
    )))
}
