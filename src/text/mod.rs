//! Text helpers without knowledge of Odoo or the protocol: JSON texts, their digests, and the nearest known name.

pub mod canonical_json;
pub mod json;
pub mod suggest;
