//! The only access to PostgreSQL. The trait is plain Rust, and so is all code above it; its implementation is compiled
//! only with a PostgreSQL major.

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
