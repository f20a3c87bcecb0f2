//! Predicts whether a call needs a second statement, because its audit row must be on disk before the reply. If so, the
//! first statement only takes rate-limit tokens.
//!
//! The prediction comes from earlier calls of the same tool. A wrong one costs a statement, or some work done twice. It
//! changes neither the decision nor what is written.

use crate::wire::http::Request;
use crate::wire::json_rpc::{self, Message};
use serde_json::Value;
use std::cell::RefCell;
use std::collections::HashSet;

/// How many tools are remembered; then all are forgotten.
const MOST: usize = 64;

thread_local! {
    /// Names of tools whose calls waited for the disk, in this backend.
    static WAITED: RefCell<HashSet<String>> = RefCell::default();
}

/// Whether the last call of the tool that this request calls waited for the disk.
pub fn waits_for_disk(request: &Request) -> bool {
    WAITED.with_borrow(|tools| {
        !tools.is_empty() && tool(request).is_some_and(|name| tools.contains(&name))
    })
}

/// Remember of a tool whether its call has waited for the disk.
pub fn learn(tool: &str, waited: bool) {
    WAITED.with_borrow_mut(|tools| {
        if !waited {
            tools.remove(tool);
        } else if !tools.contains(tool) {
            if tools.len() >= MOST {
                tools.clear();
            }
            tools.insert(tool.to_owned());
        }
    });
}

/// The tool that a request calls: by its headers, which must agree with its body, or by that.
fn tool(request: &Request) -> Option<String> {
    let header = |name| request.header(name).ok().flatten();
    if let Some(method) = header("mcp-method") {
        let name = header("mcp-name").filter(|_| method == "tools/call");
        return name.map(str::to_owned);
    }
    match json_rpc::parse(request.body.as_deref()?) {
        Ok(Message::Request { method, params, .. }) if method == "tools/call" => params
            .get("name")
            .and_then(Value::as_str)
            .map(str::to_owned),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn request(headers: Value, body: &str) -> Request {
        serde_json::from_value(json!({
            "call_id": "6f1f9d4e-7a55-4a7a-9a7e-0c8f9c1f0a11", "headers": headers, "body": body}))
        .unwrap()
    }

    fn called(name: &str) -> Request {
        let body =
            json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": name}});
        request(json!({}), &body.to_string())
    }

    #[test]
    fn a_tool_waits_as_its_last_call_did() {
        assert!(!waits_for_disk(&called("create")));
        learn("create", true);
        assert!(waits_for_disk(&called("create")));
        assert!(!waits_for_disk(&called("search")));
        let headers = json!({"mcp-method": "tools/call", "mcp-name": "create"});
        assert!(waits_for_disk(&request(headers, "{")));
        for other in [
            "{",
            "[]",
            r#"{"jsonrpc": "2.0", "id": 1, "method": "create"}"#,
        ] {
            assert!(!waits_for_disk(&request(json!({}), other)));
        }
        learn("create", false);
        assert!(!waits_for_disk(&called("create")));
    }

    #[test]
    fn not_more_tools_are_remembered_than_there_is_room_for() {
        for number in 0..=MOST {
            learn(&format!("tool {number}"), true);
        }
        assert!(!waits_for_disk(&called("tool 0")));
        assert!(waits_for_disk(&called(&format!("tool {MOST}"))));
    }
}
