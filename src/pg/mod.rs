//! The only door to PostgreSQL. The trait is plain Rust, so that everything above it is; what implements it is
//! compiled with a PostgreSQL major only.

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
