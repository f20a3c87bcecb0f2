//! What a user may do, and why.

pub mod access;
