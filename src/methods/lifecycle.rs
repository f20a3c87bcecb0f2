//! Getting to know each other: `initialize` in the handshake versions, `server/discover` in 2026-07-28.

use super::{Cache, Call, Outcome, complete};
use crate::audit::Entry;
use crate::error::{Error, Result};
use crate::wire::version::{META_CLIENT, MODERN, Version};
use serde_json::{Map, Value, json};

/// For the model: short, and true for every user.
const INSTRUCTIONS: &str = "This is an Odoo database. Everything happens with the rights of the signed-in user. Find \
    models with list_models and their fields with describe_model before you search, read or write. Times are in the \
    user's time zone and carry their offset. Search returns columns and rows; ask only for the fields you need.";

/// Discovery changes with a release or a setting only.
const DISCOVER_TTL_MS: u64 = 3_600_000;

/// Who answers.
pub fn server_info(version: Version) -> Value {
    let mut info = json!({"name": "odoo-mcp", "version": env!("CARGO_PKG_VERSION")});
    if version >= Version::V2025_06_18 {
        info["title"] = json!("Odoo");
    }
    info
}

fn capabilities(version: Version) -> Value {
    let mut capabilities = json!({"tools": {}, "prompts": {}});
    // 2024-11-05 has the method and no capability for it.
    if version >= Version::V2025_03_26 {
        capabilities["completions"] = json!({});
    }
    capabilities
}

pub fn discover(call: &Call) -> Outcome {
    let mut result = Map::new();
    result.insert("supportedVersions".into(), json!(MODERN));
    result.insert("capabilities".into(), capabilities(call.version));
    result.insert("instructions".into(), json!(INSTRUCTIONS));
    let cache = Cache {
        ttl_ms: DISCOVER_TTL_MS,
    };
    Outcome::Result(complete(result, call.version, Some(cache)), None)
}

pub fn initialize(call: &mut Call, entry: &mut Entry) -> Result<Outcome> {
    let asked = match call.params.get("protocolVersion") {
        Some(Value::String(asked)) => asked.as_str(),
        _ => {
            return Err(Error::invalid_params(
                "params.protocolVersion must be a string.",
            ));
        }
    };
    if !call
        .params
        .get("capabilities")
        .is_some_and(Value::is_object)
    {
        return Err(Error::invalid_params(
            "params.capabilities must be an object.",
        ));
    }
    let client = client_info(call.params.get("clientInfo")).ok_or_else(|| {
        Error::invalid_params("params.clientInfo must be an object with name and version.")
    })?;
    let version = Version::negotiate(asked);
    entry.client_name = client["name"].as_str().map(str::to_owned);
    entry.client_version = client["version"].as_str().map(str::to_owned);
    entry.protocol_version = Some(version.name().into());
    let mut result = Map::new();
    result.insert("protocolVersion".into(), json!(version.name()));
    result.insert("capabilities".into(), capabilities(version));
    result.insert("serverInfo".into(), server_info(version));
    if version >= Version::V2025_03_26 {
        result.insert("instructions".into(), json!(INSTRUCTIONS));
    }
    call.version = version;
    Ok(Outcome::Open(result, client))
}

/// Name and version of a client, shortened to what a column should hold.
pub fn client_info(info: Option<&Value>) -> Option<Value> {
    let short = |key: &str| {
        let text = info?.get(key)?.as_str()?;
        Some(text.chars().take(128).collect::<String>())
    };
    Some(json!({"name": short("name")?, "version": short("version")?}))
}

/// What a modern request says of its client, if it does.
pub fn modern_client(params: &Map<String, Value>) -> Option<Value> {
    client_info(params.get("_meta")?.get(META_CLIENT))
}
