//! Converts an error of the core to an error of the statement.

use crate::error::Error;
use pgrx::{PgSqlErrorCode, ereport};

/// End the statement with this error. The one conversion to SQLSTATE.
pub fn raise(error: Error) -> ! {
    let code = match &error {
        Error::Tool { .. } | Error::Protocol { .. } => {
            PgSqlErrorCode::ERRCODE_INVALID_PARAMETER_VALUE
        }
        Error::Database { .. } => PgSqlErrorCode::ERRCODE_EXTERNAL_ROUTINE_EXCEPTION,
        Error::Internal(_) => PgSqlErrorCode::ERRCODE_INTERNAL_ERROR,
    };
    ereport!(ERROR, code, error.to_string());
}
