//! Pages of lists and their cursors (specification: server utilities, "Pagination").

use crate::error::{Error, Result};
use crate::pg::Database;
use crate::signed_token::{AssociatedData, TokenCodec};
use serde_json::{Map, Value};

/// Entries in one page of a list.
pub const PAGE: usize = 100;

/// Reads the cursor of a request, and returns the key that was passed to [`next`]; none for the first page.
///
/// # Errors
/// -32602 for a cursor of another list or user.
pub fn after(
    db: &dyn Database,
    list: &str,
    uid: i64,
    params: &Map<String, Value>,
) -> Result<Option<Value>> {
    match params.get("cursor") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(cursor)) => {
            let user = uid.to_string();
            let binding = AssociatedData {
                purpose: list,
                bounds: &[&user],
            };
            // Keyset cursors do not expire.
            let after = TokenCodec::read(db)?.open(&binding, cursor, 0);
            after.map(Some).ok_or_else(|| invalid(list))
        }
        Some(_) => Err(invalid(list)),
    }
}

/// The error for a cursor of another list or user, or signed with another secret.
pub fn invalid(list: &str) -> Error {
    Error::invalid_params(format!(
        "params.cursor is no cursor that {list} gave to this user. Begin again without one."
    ))
}

/// Makes the cursor of the page after `last`, a key in the list's order.
///
/// # Errors
/// As [`TokenCodec::read`].
pub fn next(db: &dyn Database, list: &str, uid: i64, last: &Value) -> Result<String> {
    let user = uid.to_string();
    let binding = AssociatedData {
        purpose: list,
        bounds: &[&user],
    };
    Ok(TokenCodec::read(db)?.seal(&binding, last, None))
}
