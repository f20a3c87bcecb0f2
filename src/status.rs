//! `mcp_status`: versions, whether MCP can serve, and a hint if it cannot.

mod audit;

use crate::audit::COLUMNS;
use crate::error::Result;
use crate::gate::address;
use crate::odoo::settings::Settings;
use crate::pg::{Database, Param, limited, read_json};
use crate::tools::{client_compat, listing};
use audit::MILLISECONDS;
use serde::Deserialize;
use serde_json::{Value, json};

const CATALOG: &str = sql!("status/catalog");
const ODOO: &str = sql!("status/odoo");
const TOOLS: &str = sql!("status/tools");
const FORWARDED: &str = sql!("status/forwarded");

/// Odoo's columns that the core reads, and the addon's tables.
fn needed() -> (Value, Value) {
    let odoo = json!({
        "ir_config_parameter": ["key", "value"],
        "ir_model": ["model", "name", "order", "transient"],
        "ir_model_access": ["active", "group_id", "model_id", "perm_create", "perm_read", "perm_unlink", "perm_write"],
        "ir_model_data": ["model", "module", "name", "res_id"],
        "ir_model_fields": ["field_description", "model_id", "name", "readonly", "relation", "required", "selectable",
                            "store", "ttype"],
        "ir_module_module": ["latest_version", "name", "state"],
        "ir_rule": ["active", "model_id", "name", "perm_create", "perm_read", "perm_unlink", "perm_write"],
        "res_company": ["active", "currency_id", "id", "name"],
        "res_company_users_rel": ["cid", "user_id"],
        "res_currency": ["id", "name"],
        "res_groups": ["id", "name"],
        "res_groups_implied_rel": ["gid", "hid"],
        "res_groups_users_rel": ["gid", "uid"],
        "res_lang": ["active", "code", "name"],
        "res_partner": ["id", "lang", "name", "tz"],
        "res_users": ["active", "company_id", "id", "login", "partner_id"],
        "res_users_apikeys": ["id", "index", "key", "name", "scope", "user_id"],
        "rule_group_rel": ["group_id", "rule_group_id"],
    });
    let addon = json!({
        "mcp_access": ["active", "allowed_methods", "blocked_methods", "domain", "domain_json", "id", "model", "perm_call",
                       "perm_create", "perm_read", "perm_unlink", "perm_write"],
        "mcp_access_allowed_field_rel": ["access_id", "field_id"],
        "mcp_access_group_rel": ["access_id", "group_id"],
        "mcp_access_hidden_field_rel": ["access_id", "field_id"],
        "mcp_field_dependency": ["beyond", "field", "model", "on_field", "on_model", "related"],
        "mcp_model_fact": ["field", "kind", "model", "other"],
        "mcp_key_scope": ["active", "all_models", "api_key_id", "expires", "id", "name", "read_only"],
        "mcp_key_scope_company_rel": ["company_id", "scope_id"],
        "mcp_key_scope_line": ["allowed_methods", "blocked_methods", "domain", "domain_json", "id", "model", "perm_call",
                               "perm_create", "perm_read", "perm_unlink", "perm_write", "scope_id"],
        "mcp_key_scope_line_allowed_field_rel": ["field_id", "line_id"],
        "mcp_key_scope_line_hidden_field_rel": ["field_id", "line_id"],
        "mcp_key_scope_tool_rel": ["scope_id", "tool_id"],
        "mcp_audit_log": COLUMNS.iter().chain(&["id", "mac", "count"]).collect::<Vec<_>>(),
        "mcp_rate_bucket": ["burst", "call_id", "filled", "holder", "per_minute", "tokens"],
        "mcp_inflight_call": ["call_id", "entry", "holder", "started"],
        "mcp_lockout": ["address", "failures", "id", "kind", "last_attempt", "locked_until", "subject", "times",
                        "window_start"],
        "mcp_audit_seal": ["counts", "create_date", "digest", "first_id", "id", "ids", "last_id", "mac", "newest", "previous",
                           "retired_at", "retired_mac", "row_count", "since"],
        "mcp_secret": ["database_uuid", "name", "secret", "since"],
        "mcp_input_request": ["answers", "expires_at", "question", "request", "request_id", "session_id", "stream"],
        "mcp_session": ["api_key_id", "capabilities", "client_name", "client_version", "closed_at", "create_date", "expires_at",
                        "last_seen", "log_level", "protocol_version", "remote_addr", "session_id", "user_agent", "user_id"],
        "mcp_tool": ["id", "active", "commits", "description", "destructive_hint", "idempotent_hint", "method", "name",
                     "open_world_hint", "output_schema", "parameters", "read_only_hint", "sequence",
                     "server_action_id", "title"],
        "mcp_catalogue": ["id"],
        "mcp_dry_run_method": ["active", "method", "model"],
        "mcp_tool_group_rel": ["group_id", "tool_id"],
        "mcp_resource": ["id", "active", "audience", "data", "description", "is_template", "kind", "method", "mime_type",
                         "most_kb", "name", "priority", "res_field", "res_id", "res_model", "sequence", "size", "text",
                         "title", "uri", "write_date"],
        "mcp_resource_group_rel": ["group_id", "resource_id"],
    });
    (odoo, addon)
}

#[derive(Deserialize)]
struct Catalog {
    extension: Option<String>,
    postgresql: String,
    standby: bool,
    missing: Vec<String>,
}

#[derive(Deserialize)]
struct ListedTool {
    name: String,
    parameters: Option<String>,
    output_schema: Option<String>,
}

/// Warnings about tools: unlisted ones, and those that strict clients refuse.
fn tool_warnings(db: &dyn Database) -> Result<Vec<Value>> {
    let tools: Vec<ListedTool> = limited(db, MILLISECONDS, || read_json(db, TOOLS, &[]))?;
    let mut warnings = Vec::new();
    for tool in tools {
        let text = |schema: Option<String>| schema.filter(|text| !text.trim().is_empty());
        let (parameters, output) = (text(tool.parameters), text(tool.output_schema));
        let name = &tool.name;
        if [&parameters, &output]
            .into_iter()
            .flatten()
            .any(|text| !listing::is_object(text))
        {
            warnings.push(json!({
                "message": format!("The tool {name:?} is not listed: a schema of its record is no JSON object."),
                "hint": "Fix the parameters or the output schema of the tool in MCP > Configuration > Tools."}));
            continue;
        }
        let schema = parameters.and_then(|text| serde_json::from_str::<Value>(&text).ok());
        if let Some(why) = schema.and_then(|schema| client_compat::complaint(name, &schema)) {
            warnings.push(json!({
                "message": format!("Strict clients (Gemini, OpenAI, VS Code) refuse the tool {name:?}: {why}."),
                "hint": "Give each parameter of the tool exactly one type, and each array's items theirs; name it with \
                         letters, digits, _ and -."}));
        }
    }
    Ok(warnings)
}

/// A warning if proxies send client addresses that Odoo does not trust: every client then seems to come from the proxy.
fn proxy_warning(db: &dyn Database) -> Result<Option<Value>> {
    let found = limited(db, MILLISECONDS, || db.read(FORWARDED, &[]))?;
    Ok(found.map(|addresses| {
        json!({
            "message": format!("Requests name another client address in X-Forwarded-For or Forwarded than the one that Odoo \
                             takes ({addresses}): limits and the audit log take the proxy for the client."),
            "hint": "Behind a reverse proxy set proxy_mode = True in Odoo's configuration, and let the proxy set \
                     X-Forwarded-For and X-Forwarded-Host. Without one, somebody sends these headers by hand."})
    }))
}

/// Returns `{"ready", "extension", "library", "addon", "odoo", "postgresql", "audit", "time_zones", "problems":
/// [{"message", "hint"}], "warnings": [{"message", "hint"}]}`. With problems MCP does not serve; with warnings it
/// serves with limitations.
///
/// # Errors
/// Only errors that no problem of the installation explains.
pub fn status(db: &dyn Database) -> Result<Value> {
    let (odoo_columns, addon_columns) = needed();
    let catalog: Catalog = read_json(db, CATALOG, &[Param::from(&odoo_columns)])?;
    let addon_missing = read_json::<Catalog>(db, CATALOG, &[Param::from(&addon_columns)])?.missing;
    let library = env!("CARGO_PKG_VERSION");
    let mut problems = Vec::new();
    let mut problem =
        |what: String, hint: &str| problems.push(json!({"message": what, "hint": hint}));
    match catalog.extension.as_deref() {
        None => problem(
            "The extension odoo_mcp is not installed in this database.".into(),
            "The database's owner runs: CREATE EXTENSION odoo_mcp;",
        ),
        Some(installed) if installed != library => problem(
            format!("The extension is version {installed} here, its files are version {library}."),
            "The database's owner runs: ALTER EXTENSION odoo_mcp UPDATE; then everybody reconnects.",
        ),
        Some(_) => {}
    }
    if catalog.standby {
        problem(
            "This server is a standby, where no call can be recorded.".into(),
            "Point Odoo to the primary server.",
        );
    }
    let mut facts = json!({});
    let mut warnings = Vec::new();
    if !catalog.missing.is_empty() {
        problem(
            format!(
                "These columns of Odoo's tables are missing: {}.",
                catalog.missing.join(", ")
            ),
            "This is no database of Odoo 16 to 19, or its base module was not updated.",
        );
    } else {
        facts = limited(db, MILLISECONDS, || read_json::<Value>(db, ODOO, &[]))?;
        match facts["addon_state"].as_str() {
            Some("installed") if !addon_missing.is_empty() => problem(
                format!(
                    "The addon odoo_mcp is too old or too new: {} missing.",
                    addon_missing.join(", ")
                ),
                "Install addon and extension of the same release and update the module odoo_mcp in Odoo.",
            ),
            Some("installed") => {
                warnings = tool_warnings(db)?;
                warnings.extend(proxy_warning(db)?);
                let (report, wrong) = audit::audit(db)?;
                facts["audit"] = report;
                warnings.extend(wrong);
                let settings = limited(db, MILLISECONDS, || Settings::read(db))?;
                if let Some(why) = address::problem(&settings) {
                    problem(
                        format!(
                            "The list of allowed addresses is invalid, so every request is refused. {why}"
                        ),
                        "Fix them in Settings > General Settings > MCP Server.",
                    );
                }
            }
            Some(state) if state.starts_with("to ") => problem(
                format!("The addon odoo_mcp is marked {state:?}."),
                "Let Odoo finish its installation or update (restart it with -u odoo_mcp).",
            ),
            _ => problem(
                "The addon odoo_mcp is not installed.".into(),
                "Put odoo_mcp into Odoo's addons path, update the list of modules and install it.",
            ),
        }
    }
    Ok(json!({
        "ready": problems.is_empty(),
        "extension": catalog.extension,
        "library": library,
        "addon": facts["addon"],
        "odoo": facts["odoo"],
        "postgresql": catalog.postgresql,
        "audit": facts["audit"],
        "time_zones": crate::time_zone::DATA_VERSION,
        "problems": problems,
        "warnings": warnings,
    }))
}
