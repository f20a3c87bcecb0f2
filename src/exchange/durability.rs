//! Decides before a message is handled whether its audit row must be on disk before the reply. If so, the first statement
//! only takes rate-limit tokens, and the second one does the work: no bucket is locked during the flush.
//!
//! The decision comes from the message and the record of its tool. Where it is wrong (a call that is refused, a change that
//! must be confirmed first), the work is still done once: the statement that has done it writes the row, too.

use crate::cache::{self, Cache};
use crate::error::Result;
use crate::odoo::builtin_tool::BuiltinTool;
use crate::odoo::settings::Confirm;
use crate::pg::{Database, read_json};
use crate::wire::auth_context::AuthContext;
use crate::wire::http::Request;
use crate::wire::json_rpc::{self, Message};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::HashMap;

thread_local! {
    static TOOLS: Cache<HashMap<String, Tool>> = Cache::default();
}

/// What decides of a tool: its method, and whether it is marked as one that only reads.
#[derive(Debug, Deserialize)]
struct Tool(String, bool);

/// Whether the row of this message waits for the disk, as far as its tool tells.
///
/// # Errors
/// What PostgreSQL refuses.
pub fn waits_for_disk(db: &dyn Database, request: &Request, auth: &AuthContext) -> Result<bool> {
    const DURABLE: &str = sql!("tools_durability");
    let (Some(version), Some(call)) = (&auth.catalogue, Call::of(request)) else {
        return Ok(false);
    };
    let tools = cache::get_or_insert_with(&TOOLS, version.clone(), || read_json(db, DURABLE, &[]))?;
    let may_confirm = auth.settings.confirm != Confirm::None;
    Ok(tools
        .get(&call.name)
        .is_some_and(|tool| tool.waits(&call, may_confirm)))
}

/// A call of a tool, as far as it decides.
#[derive(Debug, PartialEq)]
struct Call {
    name: String,
    /// Whether it has an answer to what its client was asked.
    is_confirmed: bool,
}

impl Call {
    fn of(request: &Request) -> Option<Self> {
        let Ok(Message::Request { method, params, .. }) = json_rpc::parse(request.body.as_deref()?)
        else {
            return None;
        };
        if method != "tools/call" {
            return None;
        }
        let arguments = params.get("arguments").and_then(Value::as_object);
        let has = |map: Option<&Map<String, Value>>, name: &str| {
            map.is_some_and(|map| map.get(name).is_some_and(|value| !value.is_null()))
        };
        Some(Self {
            name: params.get("name")?.as_str()?.to_owned(),
            is_confirmed: has(Some(&params), "requestState") || has(arguments, "confirmation"),
        })
    }
}

impl Tool {
    fn waits(&self, call: &Call, may_confirm: bool) -> bool {
        let Self(method, reads) = self;
        match BuiltinTool::of(method) {
            // Answered by the core itself, with data of Odoo's.
            Some(BuiltinTool::DescribeModel | BuiltinTool::ListModels) => true,
            _ if *reads => false,
            // It probably reads first what the question names.
            _ => call.is_confirmed || !may_confirm,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn call(params: Value) -> Option<Call> {
        let body = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params});
        let request = json!({
            "call_id": "6f1f9d4e-7a55-4a7a-9a7e-0c8f9c1f0a11", "headers": {}, "body": body.to_string()});
        Call::of(&serde_json::from_value(request).unwrap())
    }

    fn waits(method: &str, reads: bool, params: Value, may_confirm: bool) -> bool {
        Tool(method.into(), reads).waits(&call(params).unwrap(), may_confirm)
    }

    #[test]
    fn changes_wait_and_reads_do_not() {
        let plain = || json!({"name": "x", "arguments": {"model": "res.partner"}});
        assert!(waits("_tool_create", false, plain(), false));
        assert!(waits("_tool_of_another_addon", false, plain(), false));
        assert!(!waits("_tool_search", true, plain(), false));
        assert!(waits("_tool_describe_model", true, plain(), false));
    }

    #[test]
    fn what_is_to_be_confirmed_waits_when_it_is() {
        let asked = json!({"name": "x", "arguments": {"confirmation": null}});
        assert!(!waits("_tool_create", false, asked, true));
        for confirmed in [
            json!({"name": "x", "arguments": {"confirmation": "token"}}),
            json!({"name": "x", "requestState": "state"}),
        ] {
            assert!(waits("_tool_create", false, confirmed, true));
        }
    }

    #[test]
    fn only_calls_of_tools_are_looked_at() {
        assert_eq!(call(json!({"name": 5})), None);
        assert_eq!(call(json!({})), None);
        let named = call(json!({"name": "x"})).unwrap();
        assert_eq!((named.name.as_str(), named.is_confirmed), ("x", false));
    }
}
