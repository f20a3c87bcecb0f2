//! Whole exchanges after the gate: any body leads to one answer, with the message's own id, and one audit row.

use std::cell::RefCell;

use odoo_mcp::error::Result;
use odoo_mcp::exchange::handle;
use odoo_mcp::odoo::settings::Settings;
use odoo_mcp::pg::{Database, Param, Row};
use odoo_mcp::wire::auth_context::AuthContext;
use odoo_mcp::wire::version::{META_CAPABILITIES, META_VERSION};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;
use serde_json::{Map, Value, json};

use crate::inputs::{damaged, json, json_of, name, object_of, scalar, text};
use crate::runner::Suite;

/// A database without rows that records the writes.
#[derive(Default)]
struct Empty {
    audit_rows: RefCell<usize>,
}

impl Database for Empty {
    fn read(&self, sql: &'static str, _: &[Param]) -> Result<Option<String>> {
        Ok(sql.contains("mcp_secret").then(|| "secret".to_owned()))
    }

    fn write(&self, sql: &'static str, _: &[Param]) -> Result<Option<String>> {
        if sql.contains("INTO public.mcp_audit_log") {
            *self.audit_rows.borrow_mut() += 1;
        }
        Ok(Some("written".to_owned()))
    }

    fn rows(&self, _: &'static str, _: &[Param]) -> Result<Vec<Row>> {
        Ok(Vec::new())
    }

    fn change(&self, _: &'static str, _: &[Param]) -> Result<usize> {
        Ok(0)
    }

    fn relax(&self) -> Result<()> {
        Ok(())
    }

    fn limited(&self, _: u64, step: &mut dyn FnMut() -> Result<()>) -> Result<()> {
        step()
    }
}

fn auth() -> Value {
    let auth = json!({
        "principal": {"user_id": 7, "api_key_id": 1}, "login": "demo", "api_key_name": "laptop",
        "settings": Settings::from_parameters(&Map::new()), "cors": null, "started": 1, "max_body_bytes": 1_000_000});
    assert!(AuthContext::from_json(&auth).is_ok());
    auth
}

const VERSIONS: [&str; 6] = [
    "2024-11-05",
    "2025-03-26",
    "2025-06-18",
    "2025-11-25",
    "2026-07-28",
    "1999-01-01",
];
const METHODS: [&str; 18] = [
    "initialize",
    "ping",
    "server/discover",
    "tools/list",
    "tools/call",
    "prompts/list",
    "prompts/get",
    "resources/list",
    "resources/templates/list",
    "resources/read",
    "resources/subscribe",
    "completion/complete",
    "logging/setLevel",
    "notifications/initialized",
    "notifications/cancelled",
    "notifications/progress",
    "roots/list",
    "no/such/method",
];
/// Members that the methods read.
const MEMBERS: [&str; 14] = [
    "name",
    "uri",
    "arguments",
    "cursor",
    "level",
    "ref",
    "argument",
    "context",
    "protocolVersion",
    "capabilities",
    "clientInfo",
    "requestId",
    "inputResponses",
    "requestState",
];

fn params() -> impl Strategy<Value = Map<String, Value>> {
    let member = prop::sample::select(MEMBERS.to_vec()).prop_map(str::to_owned);
    let value = prop_oneof![json(), json_of(name(), scalar()), Just(json!("2025-06-18"))];
    object_of(member, value)
}

fn meta() -> impl Strategy<Value = Option<Value>> {
    let version = prop::sample::select(VERSIONS.to_vec());
    prop_oneof![
        Just(None),
        version.prop_map(|version| Some(json!({META_VERSION: version, META_CAPABILITIES: {}}))),
        json().prop_map(Some),
    ]
}

/// A message that a method may accept or refuse.
fn message() -> impl Strategy<Value = Value> {
    let method = prop::sample::select(METHODS.to_vec());
    let id = prop_oneof![4 => any::<i32>().prop_map(|id| Some(json!(id))), 1 => Just(None), 1 => json().prop_map(Some)];
    (method, id, params(), meta()).prop_map(|(method, id, mut params, meta)| {
        if let Some(meta) = meta {
            params.insert("_meta".into(), meta);
        }
        let mut message = json!({"jsonrpc": "2.0", "method": method, "params": params});
        if let Some(id) = id {
            message["id"] = id;
        }
        message
    })
}

fn headers() -> impl Strategy<Value = Map<String, Value>> {
    let version = prop_oneof![
        Just(None),
        prop::sample::select(VERSIONS.to_vec()).prop_map(Some)
    ];
    let method = prop_oneof![
        Just(None),
        prop::sample::select(METHODS.to_vec()).prop_map(Some)
    ];
    let other = prop::sample::select(vec!["mcp-name", "mcp-session-id", "mcp-param-x", "accept"]);
    (version, method, vec((other, text()), 0..2)).prop_map(|(version, method, others)| {
        let named = [("mcp-protocol-version", version), ("mcp-method", method)];
        let named = named
            .into_iter()
            .filter_map(|(name, value)| value.map(|value| (name.to_owned(), json!(value))));
        let others = others
            .into_iter()
            .map(|(name, value)| (name.to_owned(), json!(value)));
        named.chain(others).collect()
    })
}

/// The JSON-RPC messages of a body, which is JSON or an event stream.
fn responses(reply: &Value) -> Vec<Value> {
    let body = reply["body"].as_str().unwrap_or_default();
    let texts: Vec<String> = if body.starts_with("event:") {
        let data = |event: &str| {
            event
                .lines()
                .filter_map(|line| line.strip_prefix("data: "))
                .collect()
        };
        body.split_terminator("\n\n").map(data).collect()
    } else if body.is_empty() {
        Vec::new()
    } else {
        vec![body.to_owned()]
    };
    let parse = |text: &String| serde_json::from_str(text).expect("a body is JSON");
    texts.iter().map(parse).collect()
}

fn well_answered(body: &str, headers: Map<String, Value>, http_method: &str) -> TestCaseResult {
    let db = Empty::default();
    let request = json!({
        "call_id": "6f1f9d4e-7a55-4a7a-9a7e-0c8f9c1f0a11", "http_method": http_method, "path": "/mcp",
        "headers": headers, "remote_addr": "192.0.2.7", "body": body, "door": "fast"});
    let answered =
        handle(&db, &auth(), &request).map_err(|error| TestCaseError::fail(error.to_string()))?;
    let answer = answered.into_value();
    let rows = *db.audit_rows.borrow();
    if answer.get("step").is_some() {
        // The rows are written with its outcome.
        prop_assert!(answer.get("state").is_some());
        prop_assert_eq!(rows, 0);
        return Ok(());
    }
    let reply = &answer["reply"];
    let status = reply["status"].as_u64().unwrap_or_default();
    prop_assert_eq!(rows, 1, "{}", answer);
    prop_assert!(
        [200, 202, 204, 400, 404, 405, 406, 500].contains(&status),
        "{}",
        answer
    );
    let whole: Value = serde_json::from_str(body).unwrap_or_default();
    let responses = responses(reply);
    if [202, 204].contains(&status) {
        prop_assert!(responses.is_empty());
        prop_assert!(
            http_method == "DELETE" || whole.get("method").is_none() || whole.get("id").is_none()
        );
    }
    for response in &responses {
        prop_assert_eq!(&response["jsonrpc"], "2.0");
        prop_assert!(response["id"].is_null() || Some(&response["id"]) == whole.get("id"));
        prop_assert!(response.get("result").is_some() != response.get("error").is_some());
        let message = response["error"]["message"].as_str().unwrap_or_default();
        prop_assert!(message.chars().count() < 2_000, "{}", message);
    }
    Ok(())
}

pub fn properties(suite: &mut Suite) {
    suite.property(
        "exchange: any message has one answer under its id, and one row",
        (message(), headers()),
        |(message, headers)| well_answered(&message.to_string(), headers, "POST"),
    );
    suite.property(
        "exchange: a message whose headers agree with it too",
        (message(), prop::sample::select(VERSIONS.to_vec())),
        |(mut message, version)| {
            message["params"]["_meta"] = json!({META_VERSION: version, META_CAPABILITIES: {}});
            let mut headers = Map::new();
            headers.insert("mcp-protocol-version".into(), json!(version));
            headers.insert("mcp-method".into(), message["method"].clone());
            for key in ["name", "uri"] {
                if let Some(name) = message["params"][key].as_str() {
                    use base64::{Engine, engine::general_purpose::STANDARD};
                    let wrapped = format!("=?base64?{}?=", STANDARD.encode(name));
                    headers.insert("mcp-name".into(), json!(wrapped));
                }
            }
            well_answered(&message.to_string(), headers, "POST")
        },
    );
    suite.property(
        "exchange: a damaged message, and any text",
        (
            prop_oneof![
                damaged(message().prop_map(|message| message.to_string())),
                text()
            ],
            headers(),
            prop::sample::select(vec!["POST", "POST", "DELETE", "GET", "PUT", "x"]),
        ),
        |(body, headers, http_method)| well_answered(&body, headers, http_method),
    );
    suite.property(
        "exchange: a batch",
        (vec(prop_oneof![message(), json()], 0..5), headers()),
        |(messages, headers)| well_answered(&Value::Array(messages).to_string(), headers, "POST"),
    );
}
