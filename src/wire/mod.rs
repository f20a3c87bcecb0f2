//! HTTP wire formats: JSON-RPC, the versions of the protocol, and their rules.

pub mod address;
pub mod answer;
pub mod auth_context;
pub mod completion;
pub mod content;
pub mod event_stream;
pub mod http;
pub mod json_rpc;
pub mod log_level;
pub mod param_headers;
pub mod principal;
pub mod state;
pub mod v2026_07_28;
pub mod version;
