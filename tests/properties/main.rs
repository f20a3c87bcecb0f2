//! Properties of everything that reads what a client sends: nothing panics, nothing costs more than in proportion to its
//! size, what we make we read back, what is refused says where, and nothing is taken for something else.
//!
//! `cargo test --no-default-features --test properties [part of a name]`. Every run tries the same cases;
//! `PROPERTY_CASES=100000 PROPERTY_SEED=7` looks further. A case that was found becomes a plain test beside the code.
//! `PROPERTY_TIMES=1 … grows` measures time instead of allocations.

// Clippy allows this in tests, but knows only those of the standard harness.
#![allow(clippy::expect_used)]

mod arguments;
mod audit;
mod domains;
mod envelope;
mod exchanges;
mod headers;
mod html;
mod inputs;
mod lists;
mod origins;
mod questions;
mod runner;
mod sealed;
mod templates;
mod times;
mod uris;
mod values;

fn main() -> std::process::ExitCode {
    let mut suite = runner::Suite::from_arguments();
    envelope::properties(&mut suite);
    headers::properties(&mut suite);
    origins::properties(&mut suite);
    domains::properties(&mut suite);
    arguments::properties(&mut suite);
    values::properties(&mut suite);
    times::properties(&mut suite);
    sealed::properties(&mut suite);
    questions::properties(&mut suite);
    audit::properties(&mut suite);
    lists::properties(&mut suite);
    templates::properties(&mut suite);
    uris::properties(&mut suite);
    exchanges::properties(&mut suite);
    html::properties(&mut suite);
    suite.finish()
}
