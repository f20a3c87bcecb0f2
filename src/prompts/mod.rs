//! The prompts: records with messages in which arguments have a place, or a method of an addon's that makes them.

pub mod arguments;
pub mod embed;
pub mod message;
pub mod record;
pub mod template;
