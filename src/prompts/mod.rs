//! Prompts: records with messages that contain placeholders, or a method of an addon that makes the messages.

pub mod arguments;
pub mod embed;
pub mod message;
pub mod record;
pub mod template;
