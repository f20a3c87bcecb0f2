//! The only access to PostgreSQL. The trait `Database` and all code that uses it are plain Rust. Only the
//! implementation `Spi` needs the feature of a PostgreSQL major version.

mod database;
#[cfg(feature = "extension")]
mod guard;
#[cfg(feature = "extension")]
mod raise;
mod row;
#[cfg(feature = "extension")]
mod spi;
#[cfg(feature = "extension")]
mod timeout;
#[cfg(feature = "extension")]
pub use {raise::raise, spi::Spi};

pub use database::{Database, Param, limited, read_json};
pub use row::Row;
