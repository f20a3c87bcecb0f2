//! The SQL interface: every exported function. `sql/install/functions.sql` declares them. Without the feature of a
//! PostgreSQL major version (such as `pg17`) the crate is plain Rust, for the unit tests.

/// The text of a statement: the named files of `sql/`, concatenated.
macro_rules! sql {
    ($($file:literal),+) => {
        concat!($(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/sql/", $file, ".sql"))),+)
    };
}

pub mod audit;
pub mod cache;
pub mod direct;
pub mod error;
pub mod exchange;
pub mod gate;
pub mod methods;
pub mod odoo;
pub mod pg;
pub mod policy;
pub mod prompts;
pub mod resources;
pub mod signed_token;
pub mod status;
pub mod text;
pub mod time_zone;
pub mod tools;
pub mod validate;
pub mod wire;

#[cfg(feature = "extension")]
mod surface {
    use crate::direct::{self, dispatch_tool};
    use crate::error::{Error, Result};
    use crate::pg::{Spi, raise};
    use crate::policy::{access::check, closed_models};
    use crate::validate::validate;
    use crate::wire::{address, answer::Answered};
    use crate::{audit, exchange, status, time_zone};
    use pgrx::{JsonB, datum::Timestamp, prelude::*};

    pgrx::pg_module_magic!(name, version);

    fn json(result: Result<serde_json::Value>) -> JsonB {
        JsonB(result.unwrap_or_else(|error| raise(error)))
    }

    fn lines(result: Result<Answered>) -> String {
        result.unwrap_or_else(|error| raise(error)).into_text()
    }

    #[pg_extern(volatile, parallel_unsafe)]
    #[search_path(pg_catalog, pg_temp)]
    fn mcp_exchange(request: &str, body: Option<&str>, pass: Option<&str>) -> String {
        lines(exchange::exchange(&Spi, request, body, pass))
    }

    #[pg_extern(volatile, parallel_unsafe)]
    #[search_path(pg_catalog, pg_temp)]
    fn mcp_continue(state: &str, outcome: &str) -> String {
        lines(exchange::resume_text(&Spi, state, outcome))
    }

    #[pg_extern(volatile, parallel_unsafe)]
    #[search_path(pg_catalog, pg_temp)]
    fn mcp_gate(request: JsonB) -> JsonB {
        json(exchange::gate(&Spi, &request.0).map(Answered::into_value))
    }

    #[pg_extern(volatile, parallel_unsafe)]
    #[search_path(pg_catalog, pg_temp)]
    fn mcp_handle(pass: JsonB, request: JsonB) -> JsonB {
        json(exchange::handle(&Spi, &pass.0, &request.0).map(Answered::into_value))
    }

    #[pg_extern(volatile, parallel_unsafe, name = "mcp_handle")]
    #[search_path(pg_catalog, pg_temp)]
    fn mcp_gate_and_handle(request: JsonB) -> JsonB {
        json(exchange::gate_and_handle(&Spi, &request.0).map(Answered::into_value))
    }

    #[pg_extern(volatile, parallel_unsafe)]
    #[search_path(pg_catalog, pg_temp)]
    fn mcp_resume(state: JsonB, outcome: JsonB) -> JsonB {
        json(exchange::resume(&Spi, &state.0, outcome.0).map(Answered::into_value))
    }

    #[pg_extern(volatile, parallel_unsafe)]
    #[search_path(pg_catalog, pg_temp)]
    fn mcp_dispatch_tool(
        uid: i32,
        tool: &str,
        arguments: JsonB,
        context: default!(JsonB, "'{}'"),
    ) -> JsonB {
        let uid = uid.into();
        json(dispatch_tool(&Spi, uid, tool, arguments.0, &context.0))
    }

    #[pg_extern(stable, parallel_unsafe, name = "mcp_check_access")]
    #[search_path(pg_catalog, pg_temp)]
    fn mcp_check_access_by_key(
        uid: i32,
        model: &str,
        operation: &str,
        fields: default!(Vec<String>, "'{}'"),
        api_key_id: default!(Option<i32>, "NULL"),
    ) -> JsonB {
        let key = api_key_id.map(i64::from);
        json(check(&Spi, uid.into(), model, operation, &fields, key))
    }

    /// The C symbol that the SQL of 0.1.0 references. It must work until the database is updated.
    #[pg_extern(stable, parallel_unsafe, sql = false)]
    fn mcp_check_access(uid: i32, model: &str, operation: &str, fields: Vec<String>) -> JsonB {
        mcp_check_access_by_key(uid, model, operation, fields, None)
    }

    #[pg_extern(volatile, parallel_unsafe)]
    #[search_path(pg_catalog, pg_temp)]
    fn mcp_audit_insert(entry: JsonB) {
        direct::audit_insert(&Spi, &entry.0).unwrap_or_else(|error| raise(error))
    }

    #[pg_extern(stable, parallel_unsafe)]
    #[search_path(pg_catalog, pg_temp)]
    fn mcp_audit_verify() -> JsonB {
        json(audit::verify(&Spi))
    }

    #[pg_extern(volatile, parallel_unsafe)]
    #[search_path(pg_catalog, pg_temp)]
    fn mcp_maintain() -> JsonB {
        json(direct::maintain(&Spi))
    }

    #[pg_extern(stable, parallel_unsafe)]
    #[search_path(pg_catalog, pg_temp)]
    fn mcp_status() -> JsonB {
        json(status::status(&Spi))
    }

    #[pg_extern(stable, parallel_unsafe)]
    #[search_path(pg_catalog, pg_temp)]
    fn mcp_closed_models() -> JsonB {
        json(closed_models(&Spi))
    }

    #[pg_extern(immutable, parallel_safe)]
    #[search_path(pg_catalog, pg_temp)]
    fn mcp_validate(kind: &str, value: JsonB) -> JsonB {
        json(validate(kind, &value.0))
    }

    /// The C symbol that the SQL of 0.4.0 and 0.5.0 references. It must work until the database is updated.
    #[pg_extern(immutable, parallel_safe, sql = false)]
    fn mcp_check_networks(networks: &str, strategy: &str, address: &str) -> JsonB {
        JsonB(address::examine(networks, strategy, address))
    }

    #[pg_extern(immutable, parallel_safe)]
    #[search_path(pg_catalog, pg_temp)]
    fn mcp_to_utc(local: &str, tz: &str) -> Timestamp {
        let utc = time_zone::utc_text(local, tz).unwrap_or_else(|error| raise(error));
        utc.parse().unwrap_or_else(|_| raise(Error::Internal(utc)))
    }

    #[pg_extern(immutable, parallel_safe)]
    #[search_path(pg_catalog, pg_temp)]
    fn mcp_to_local(utc: Timestamp, tz: &str) -> String {
        let text = utc.to_iso_string().replace('T', " ");
        time_zone::local_text(&text, tz).unwrap_or_else(|error| raise(error))
    }
}
