//! Cached prepared statements over the server programming interface (SPI).

use super::database::{Database, Param};
use super::guard::guarded;
use super::row::Row;
use super::timeout::with_timeout;
use crate::error::{Error, Result};
use pgrx::datum::DatumWithOid;
use pgrx::pg_sys::{PgBuiltInOids, PgOid};
use pgrx::spi::{OwnedPreparedStatement, SpiClient, SpiError, SpiResult, SpiTupleTable};
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::time::Duration;

thread_local! {
    /// Statements prepared in this backend, by the address of their text. A backend is single-threaded, so the cache
    /// needs no lock. The texts are constants of this library, so its source bounds their number.
    static CACHE: RefCell<HashMap<(usize, bool), Rc<OwnedPreparedStatement>>> = RefCell::default();
}

/// This backend's database, with the rights of the calling role.
pub struct Spi;

impl Database for Spi {
    fn read(&self, sql: &'static str, params: &[Param]) -> Result<Option<String>> {
        let args = arguments(params);
        // Never `update` here: it would allocate a transaction id for a read, and from then on each read would take its
        // own snapshot.
        pgrx::Spi::connect(|client| {
            let statement = prepared(sql, params.len(), false, client)?;
            one(client.select(&*statement, Some(1), &args)?)
        })
        .map_err(internal)
    }

    fn write(&self, sql: &'static str, params: &[Param]) -> Result<Option<String>> {
        let args = arguments(params);
        pgrx::Spi::connect_mut(|client| {
            let statement = prepared(sql, params.len(), true, client)?;
            one(client.update(&*statement, None, &args)?)
        })
        .map_err(internal)
    }

    fn rows(&self, sql: &'static str, params: &[Param]) -> Result<Vec<Row>> {
        let args = arguments(params);
        pgrx::Spi::connect(|client| {
            let statement = prepared(sql, params.len(), false, client)?;
            all(client.select(&*statement, None, &args)?)
        })
        .map_err(internal)
    }

    fn change(&self, sql: &'static str, params: &[Param]) -> Result<usize> {
        let args = arguments(params);
        pgrx::Spi::connect_mut(|client| {
            let statement = prepared(sql, params.len(), true, client)?;
            Ok(client.update(&*statement, None, &args)?.len())
        })
        .map_err(internal)
    }

    fn relax(&self) -> Result<()> {
        // SAFETY: equals `SET LOCAL synchronous_commit = off`; it ends with the transaction.
        unsafe {
            pgrx::pg_sys::set_config_option(
                c"synchronous_commit".as_ptr(),
                c"off".as_ptr(),
                pgrx::pg_sys::GucContext::PGC_USERSET,
                pgrx::pg_sys::GucSource::PGC_S_SESSION,
                pgrx::pg_sys::GucAction::GUC_ACTION_LOCAL,
                true,
                0,
                false,
            );
        }
        Ok(())
    }

    fn log(&self, text: &str) {
        pgrx::log!("{text}");
    }

    fn limited(&self, milliseconds: u64, step: &mut dyn FnMut() -> Result<()>) -> Result<()> {
        with_timeout(Duration::from_millis(milliseconds), |timed_out| {
            guarded(timed_out, step)
        })
    }
}

/// The prepared statement of this text, from the cache if possible. `writes`: whether it may change data.
fn prepared(
    sql: &'static str,
    parameters: usize,
    writes: bool,
    client: &SpiClient<'_>,
) -> SpiResult<Rc<OwnedPreparedStatement>> {
    let key = (sql.as_ptr() as usize, writes);
    if let Some(statement) = CACHE.with_borrow(|map| map.get(&key).cloned()) {
        return Ok(statement);
    }
    let types = vec![PgOid::BuiltIn(PgBuiltInOids::TEXTOID); parameters];
    let statement = if writes {
        client.prepare_mut(sql, &types)?
    } else {
        client.prepare(sql, &types)?
    };
    let statement = Rc::new(statement.keep());
    CACHE.with_borrow_mut(|map| map.insert(key, Rc::clone(&statement)));
    Ok(statement)
}

fn arguments<'a>(params: &'a [Param]) -> Vec<DatumWithOid<'a>> {
    let argument = |param: &'a Param| match param {
        Param::Text(text) => (*text).into(),
        other => other.text().into(),
    };
    params.iter().map(argument).collect()
}

fn one(rows: SpiTupleTable<'_>) -> SpiResult<Option<String>> {
    match rows.first().get_one::<String>() {
        // No row, or a statement without a result.
        Err(SpiError::NoTupleTable | SpiError::InvalidPosition) => Ok(None),
        result => result,
    }
}

fn all(rows: SpiTupleTable<'_>) -> SpiResult<Vec<Row>> {
    let width = rows.columns()?;
    let names: Rc<[String]> = (1..=width)
        .map(|column| rows.column_name(column))
        .collect::<SpiResult<_>>()?;
    let row = |row: pgrx::spi::SpiHeapTupleData<'_>| {
        let values: SpiResult<_> = (1..=width).map(|column| row.get(column)).collect();
        Ok(Row::new(Rc::clone(&names), values?))
    };
    rows.map(row).collect()
}

fn internal(error: pgrx::spi::Error) -> Error {
    Error::Internal(format!("SPI: {error}"))
}
