//! Properties of all code that parses client input: it never panics, its cost is proportional to the size of the input,
//! it can parse its own output, a refusal names the place, and no input is mistaken for another.
//!
//! `cargo test --no-default-features --test properties [part of a name]`. Every run tries the same cases;
//! `PROPERTY_CASES=100000 PROPERTY_SEED=7` tries more. A failing case becomes a plain test beside the code.
//! `PROPERTY_TIMES=1 … grows` measures time instead of allocations.

// Clippy allows this in tests, but only recognizes those of the standard harness.
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
