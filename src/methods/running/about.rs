//! What is known of a call that failed.

use super::{Finish, Running};
use serde_json::Value;

impl Running {
    /// What the tool keeps of the call, if it is one.
    pub fn memo(&self) -> Option<&Value> {
        match &self.finish {
            Finish::Tool { memo, .. } => Some(memo),
            _ => None,
        }
    }

    /// What a built-in tool does with records.
    pub fn operation(&self) -> Option<&'static str> {
        let Finish::Tool { method, .. } = &self.finish else {
            return None;
        };
        match method.as_str() {
            "_tool_search" | "_tool_read" | "_tool_count" | "_tool_aggregate" => Some("read"),
            "_tool_create" => Some("create"),
            "_tool_write" => Some("write"),
            "_tool_unlink" => Some("unlink"),
            _ => None,
        }
    }
}
