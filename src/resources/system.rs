//! Resource `system`: versions, user, companies, languages, time and limits. Only administrators see the names of the
//! server.

use super::contents::Contents;
use super::step::row;
use crate::error::Result;
use crate::odoo::builtin_tool::BuiltinTool;
use crate::time_zone::present_datetime;
use crate::tools::context::Context;
use crate::tools::list_companies;
use crate::wire::version::{HANDSHAKE, MODERN};
use serde_json::{Value, json};

pub fn read(context: &Context, uri: &str) -> Result<Contents> {
    const SYSTEM: &str = sql!("fragments/held_groups", "resources/resource_system");
    let mut row = row(context, SYSTEM)?;
    let (user, settings) = (context.user, context.settings);
    let odoo = row["odoo"].take();
    // `19.0.1.3` is the version of the base module in the series 19.0.
    let series: Vec<&str> = odoo.as_str().unwrap_or_default().splitn(3, '.').collect();
    let series = series.get(..2).map(|parts| parts.join("."));
    let utc = chrono::Utc::now().format("%Y-%m-%d %H:%M:%S").to_string();
    let zone = user.zone();
    let mut companies = row["companies"].take();
    if let Value::Array(companies) = &mut companies {
        // The companies within the key's scope.
        companies.retain(|company| {
            let id = company["id"].as_i64();
            id.is_some_and(|id| user.company_ids.contains(&id))
        });
        for (member, field) in [("name", "name"), ("currency", "currency_id")] {
            if !shows_of_companies(context, field)? {
                for company in companies.iter_mut() {
                    company[member] = Value::Null;
                }
            }
        }
    }
    let versions: Vec<&str> = MODERN.into_iter().chain(HANDSHAKE).collect();
    let mut system = json!({
        "odoo": {"series": series, "version": odoo},
        "mcp": {"server": env!("CARGO_PKG_VERSION"), "addon": row["addon"].take(), "protocol_versions": versions},
        "now": present_datetime(&utc, zone),
        "user": {"id": user.id, "name": row["name"].take(), "login": user.login, "language": user.language(),
                 "time_zone": zone.name()},
        "company": companies.get(0).cloned(),
        "companies": companies,
        "languages": row["languages"].take(),
        "limits": {"records": settings.default_records, "most_records": settings.max_records,
                   "most_answer_bytes": settings.max_answer_bytes, "call_seconds": settings.call_ms / 1_000},
    });
    if let Some(note) = user.zone_note() {
        system["user"]["time_zone_note"] = json!(note);
    }
    if let server @ Value::Object(_) = row["server"].take() {
        system["server"] = server;
        system["server"]["address"] = json!(settings.base_url);
        system["server"]["time_zone_data"] = json!(chrono_tz::IANA_TZDB_VERSION);
    }
    Ok(Contents::json(uri, &system))
}

/// Whether the caller may see a field in all of the user's companies.
fn shows_of_companies(context: &Context, field: &str) -> Result<bool> {
    let is_allowed = context
        .policy
        .require_tool(BuiltinTool::ListCompanies)
        .is_ok();
    let terms = list_companies::shown(context, field)?;
    Ok(is_allowed && terms.is_some_and(|terms| terms.is_empty()))
}
