//! `initialize` (handshake versions), `server/discover` (2026-07-28), `logging/setLevel`, and the subscriptions to
//! resources.

use super::instructions;
use super::mrtr::stateful;
use super::request::{CacheHint, Call, Outcome, complete, server_info};
use crate::audit::Entry;
use crate::cache::{self, Cache};
use crate::error::{Error, Result};
use crate::odoo::settings::Settings;
use crate::wire::log_level;
use crate::wire::version::{META_CLIENT, META_SERVER, MODERN, Version};
use serde_json::{Map, Value, json};

thread_local! {
    static DISCOVERIES: Cache<String> = Cache::default();
}

/// Cache lifetime of `server/discover`: the user's groups and the administrator's text change the instructions.
const DISCOVER_TTL_MS: u64 = 300_000;

/// The full server information for the first contact, with title and icons where the version has them.
fn full_server_info(version: Version, settings: &Settings) -> Value {
    let mut info = server_info(version);
    if version.has_descriptions() {
        info["description"] = json!("The records and business methods of an Odoo database.");
        let url = settings.base_url.trim_end_matches('/');
        if url.starts_with("https://") || url.starts_with("http://") {
            info["websiteUrl"] = json!(url);
        }
        // Clients reject icons that are not served over HTTPS.
        if url.starts_with("https://") {
            let icon = format!("{url}/odoo_mcp/static/description/icon.png");
            info["icons"] = json!([{"src": icon, "mimeType": "image/png", "sizes": ["100x100"]}]);
        }
    }
    info
}

/// The server's capabilities in the form of that version.
fn capabilities(version: Version) -> Value {
    let mut capabilities = json!({"logging": {}, "tools": {}, "resources": {}, "prompts": {}});
    // 2024-11-05 has the method, but no capability for it.
    if version >= Version::V2025_03_26 {
        capabilities["completions"] = json!({});
    }
    capabilities
}

/// `server/discover`: the same text while its sources are unchanged.
pub fn discover(call: &Call) -> Result<Outcome> {
    let url = call.auth.settings.base_url.as_str();
    let instructions = instructions::version(call.db, call.auth)?;
    let key = format!("{} {} {url}{instructions}", call.version.name(), url.len());
    let result = cache::get_or_insert_with(&DISCOVERIES, key, || {
        let instructions = instructions::read(call.db, call.auth, &instructions)?;
        let server = full_server_info(call.version, &call.auth.settings);
        let mut result = Map::new();
        result.insert("supportedVersions".into(), json!(MODERN));
        result.insert("capabilities".into(), capabilities(call.version));
        result.insert("instructions".into(), json!(instructions.as_str()));
        result.insert("_meta".into(), json!({META_SERVER: server}));
        let hint = CacheHint {
            ttl_ms: DISCOVER_TTL_MS,
        };
        Ok(Value::Object(complete(result, call.version, Some(hint))).to_string())
    })?;
    Ok(Outcome::Text(result.as_str().to_owned(), None))
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
    let mut client = client_info(call.params.get("clientInfo")).ok_or_else(|| {
        Error::invalid_params("params.clientInfo must be an object with name and version.")
    })?;
    client["capabilities"] = stateful::declared(&call.params["capabilities"]);
    let version = Version::negotiate(asked);
    entry.client_name = client["name"].as_str().map(str::to_owned);
    entry.client_version = client["version"].as_str().map(str::to_owned);
    entry.protocol_version = Some(version.name().into());
    let mut result = Map::new();
    result.insert("protocolVersion".into(), json!(version.name()));
    result.insert("capabilities".into(), capabilities(version));
    let server = full_server_info(version, &call.auth.settings);
    result.insert("serverInfo".into(), server);
    let text = instructions::version(call.db, call.auth)?;
    let instructions = instructions::read(call.db, call.auth, &text)?;
    result.insert("instructions".into(), json!(instructions.as_str()));
    call.version = version;
    Ok(Outcome::Open(result, client))
}

/// `logging/setLevel`: for the rest of the session. Without a session the request succeeds, and the server's level
/// stays.
pub fn set_level(call: &Call) -> Result<Outcome> {
    let level = log_level::parse(call.params.get("level"), "params.level")?;
    Ok(Outcome::LogLevel(level))
}

/// `resources/subscribe` and `resources/unsubscribe`: not offered as a capability, since the server keeps no stream
/// open for notifications. Clients that call them anyway get no error.
pub fn subscribe(call: &Call) -> Result<Outcome> {
    match call.params.get("uri") {
        Some(Value::String(_)) => Ok(Outcome::Result(Map::new(), None)),
        _ => Err(Error::invalid_params("params.uri must be a string.")),
    }
}

/// Name and version of a client, truncated to the size of their columns.
pub fn client_info(info: Option<&Value>) -> Option<Value> {
    let short = |key: &str| {
        let text = info?.get(key)?.as_str()?;
        Some(text.chars().take(128).collect::<String>())
    };
    Some(json!({"name": short("name")?, "version": short("version")?}))
}

/// The client information of a 2026-07-28 request, if present.
pub fn modern_client(params: &Map<String, Value>) -> Option<Value> {
    client_info(params.get("_meta")?.get(META_CLIENT))
}
