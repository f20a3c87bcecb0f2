//! Text helpers that know nothing of Odoo or of the protocol: JSON texts, and the nearest known name.

pub mod json;
pub mod suggest;
