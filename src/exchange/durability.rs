//! Predicts whether the audit row of a message must be on disk before the reply. If so, the first statement only takes
//! rate-limit tokens, and a second one handles the message. No token bucket is locked while the second one waits for
//! the disk.
//!
//! The prediction uses only the message and the record of its tool. It is wrong for a refused call, and for a change
//! that must be confirmed first. The message is handled once in any case: one statement handles it and writes its row.

use crate::cache::{self, Cache};
use crate::odoo::builtin_tool::BuiltinTool;
use crate::odoo::settings::Confirm;
use crate::pg::{Database, limited, read_json};
use crate::wire::auth_context::AuthContext;
use crate::wire::http::Request;
use serde::Deserialize;
use serde::de::IgnoredAny;
use std::collections::HashMap;

/// Milliseconds that reading the records of the tools may take.
const MOST_MS: u64 = 2_000;

thread_local! {
    static TOOLS: Cache<HashMap<String, ToolFacts>> = Cache::default();
}

/// The facts about a tool that the prediction needs: its method, and whether it is marked as read-only.
#[derive(Debug, Deserialize)]
struct ToolFacts(String, bool);

/// Whether the row of this message must probably be on disk before the reply. False after an error: the message then
/// fails where it is handled. (`Exchange::waits_for_disk` decides for the handled message.)
pub fn expects_durable_row(db: &dyn Database, request: &Request, auth: &AuthContext) -> bool {
    const DURABLE: &str = sql!("exchange/tools_durability");
    let (name, is_confirmed) = match Demand::of(request) {
        Demand::Call { name, is_confirmed } => (name, is_confirmed),
        Demand::Data => return true,
        Demand::Other => return false,
    };
    let Some(version) = &auth.catalogue else {
        return false;
    };
    let tools = cache::get_or_insert_with(&TOOLS, version.clone(), || {
        limited(db, MOST_MS, || read_json(db, DURABLE, &[]))
    });
    let asks_first = !is_confirmed && auth.settings.confirm != Confirm::None;
    tools.is_ok_and(|tools| {
        let tool = tools.get(&name);
        tool.is_some_and(|tool| tool.waits(asks_first))
    })
}

/// What a message asks for, as far as the prediction needs it.
#[derive(Debug, PartialEq)]
enum Demand {
    /// A call of a tool, and whether it comes with a confirmation or a `requestState`.
    Call {
        name: String,
        is_confirmed: bool,
    },
    /// Data of Odoo without a tool: a resource, a prompt, a completion.
    Data,
    Other,
}

/// The members of a JSON-RPC request that the prediction needs; the parser skips the others.
#[derive(Deserialize)]
struct Envelope {
    method: String,
    #[serde(default)]
    params: Option<CallParams>,
}

#[derive(Deserialize)]
struct CallParams {
    name: Option<String>,
    arguments: Option<CallArguments>,
    #[serde(rename = "requestState")]
    request_state: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct CallArguments {
    confirmation: Option<IgnoredAny>,
}

impl Demand {
    fn of(request: &Request) -> Self {
        let body = request.body.as_deref().unwrap_or_default();
        let Ok(Envelope { method, params }) = serde_json::from_str(body) else {
            return Self::Other;
        };
        match (method.as_str(), params) {
            ("tools/call", Some(params)) => params.name.map_or(Self::Other, |name| Self::Call {
                name,
                is_confirmed: params.request_state.is_some()
                    || params
                        .arguments
                        .is_some_and(|sent| sent.confirmation.is_some()),
            }),
            ("resources/read" | "prompts/get" | "completion/complete", _) => Self::Data,
            _ => Self::Other,
        }
    }
}

impl ToolFacts {
    /// `asks_first`: the call may need a confirmation before the tool changes something.
    fn waits(&self, asks_first: bool) -> bool {
        let Self(method, reads) = self;
        match BuiltinTool::of(method) {
            // The core itself answers, with data of Odoo.
            Some(BuiltinTool::DescribeModel | BuiltinTool::ListModels) => true,
            _ if *reads => false,
            // The step for the question only reads names.
            _ => !asks_first,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn demand(method: &str, params: Value) -> Demand {
        let body = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params});
        of_body(&body.to_string())
    }

    fn of_body(body: &str) -> Demand {
        let request = json!({
            "call_id": "6f1f9d4e-7a55-4a7a-9a7e-0c8f9c1f0a11", "headers": {}, "body": body});
        Demand::of(&serde_json::from_value(request).unwrap())
    }

    #[test]
    fn changes_wait_and_reads_do_not() {
        let waits =
            |method: &str, reads, asks_first| ToolFacts(method.into(), reads).waits(asks_first);
        assert!(waits("_tool_create", false, false));
        assert!(waits("_tool_of_another_addon", false, false));
        assert!(!waits("_tool_search", true, false));
        assert!(waits("_tool_describe_model", true, false));
        // What is to be confirmed waits when it is.
        assert!(!waits("_tool_create", false, true));
    }

    #[test]
    fn a_confirmed_call_is_told_from_one_that_may_ask() {
        let call = |is_confirmed| Demand::Call {
            name: "x".into(),
            is_confirmed,
        };
        for (params, is_confirmed) in [
            (json!({"name": "x"}), false),
            (
                json!({"name": "x", "arguments": {"confirmation": null, "a": [1]}}),
                false,
            ),
            (
                json!({"name": "x", "arguments": {"confirmation": "token"}}),
                true,
            ),
            (json!({"name": "x", "requestState": "state"}), true),
        ] {
            assert_eq!(demand("tools/call", params), call(is_confirmed));
        }
    }

    #[test]
    fn what_is_about_data_is_told_from_the_rest() {
        for method in ["resources/read", "prompts/get", "completion/complete"] {
            assert_eq!(demand(method, json!({})), Demand::Data);
        }
        assert_eq!(demand("tools/list", json!({})), Demand::Other);
        for params in [json!({"name": 5}), json!({}), json!(null), json!([1])] {
            assert_eq!(demand("tools/call", params), Demand::Other);
        }
        for body in ["", "{", "[]", "[{}]", "5"] {
            assert_eq!(of_body(body), Demand::Other);
        }
    }
}
