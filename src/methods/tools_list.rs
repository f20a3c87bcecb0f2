//! `tools/list`: pages of the tools that the user can see, cached by their version.

use super::paging::{self, PAGE};
use super::request::{CacheHint, Call, Outcome, caller_params, complete};
use crate::cache::{self, Cache};
use crate::error::{Error, Result};
use crate::pg::{Database, Param};
use crate::tools::listing::{self, Page};
use crate::wire::auth_context::AuthContext;
use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

thread_local! {
    static PAGES: Cache<Page> = Cache::default();
    static IS_GROUPED: Cache<bool> = Cache::default();
}

/// `ListToolsResult` of the protocol.
#[derive(Serialize)]
struct ListToolsResult<'a> {
    tools: &'a RawValue,
    #[serde(flatten)]
    rest: Map<String, Value>,
}

/// The list name that cursors are bound to.
const NAME: &str = "tools/list";

/// A short cache version of the tools that the user can see.
///
/// Where neither groups nor the API key filter the tools, the catalogue version suffices, which the gate has already
/// read.
///
/// # Errors
/// Errors from PostgreSQL.
pub fn version(db: &dyn Database, auth: &AuthContext) -> Result<String> {
    const VERSION: &str = sql!("fragments/held_groups", "methods/tools_version");
    let settings = &auth.settings;
    if let Some(version) = auth.catalogue.as_deref().filter(|_| !auth.scoped)
        && !is_grouped(db, version)?
    {
        let nothing = settings.unscoped_none && auth.principal.api_key_id.is_some();
        return Ok(format!("v{version} {} {nothing}", settings.read_only));
    }
    let [key, read_only, unscoped] = caller_params(auth);
    db.read(
        VERSION,
        &[auth.principal.user_id.into(), key, read_only, unscoped],
    )?
    .ok_or_else(|| Error::Internal("the tools have no version".into()))
}

/// Whether this catalogue version has tools or resources that are restricted to groups.
fn is_grouped(db: &dyn Database, version: &str) -> Result<bool> {
    const GROUPED: &str = sql!("methods/catalogue_grouped");
    cache::get_or_insert_with(&IS_GROUPED, version.to_owned(), || {
        Ok(db.read(GROUPED, &[])?.as_deref() != Some("false"))
    })
    .map(|grouped| *grouped)
}

/// One page of the tools that the user can see.
///
/// # Errors
/// -32602 for a cursor of another list or user.
pub fn list(call: &mut Call) -> Result<Outcome> {
    const LIST: &str = sql!(
        "fragments/held_groups",
        "fragments/visible_tools",
        "methods/tools_list"
    );
    let uid = call.auth.principal.user_id;
    let after = paging::after(call.db, NAME, uid, &call.params)?;
    if after.as_ref().is_some_and(|key| !listing::is_key(key)) {
        return Err(paging::invalid(NAME));
    }
    let (annotations, titles) = (
        call.version.has_annotations(),
        call.version.has_structured_content(),
    );
    let version = version(call.db, call.auth)?;
    let key = json!([version, annotations, titles, after]).to_string();
    let page = cache::get_or_insert_with(&PAGES, key, || {
        let flag = |on: bool| Param::from(if on { "true" } else { "false" });
        let [scope, read_only, unscoped] = caller_params(call.auth);
        let params = [
            uid.into(),
            scope,
            read_only,
            unscoped,
            flag(annotations),
            flag(titles),
            after.as_ref().map_or(Param::Text(None), Param::from),
            // One extra row shows whether another page follows.
            i64::try_from(PAGE + 1).unwrap_or(i64::MAX).into(),
        ];
        listing::page(call.db.rows(LIST, &params)?, PAGE)
    })?;
    let mut rest = Map::new();
    if let Some(key) = &page.next {
        let cursor = paging::next(call.db, NAME, uid, key)?;
        rest.insert("nextCursor".into(), json!(cursor));
    }
    // An administrator's edit takes effect at the next list, so clients must not cache it.
    let rest = complete(rest, call.version, Some(CacheHint { ttl_ms: 0 }));
    let result = serde_json::to_string(&ListToolsResult {
        tools: &page.tools,
        rest,
    });
    let result = result.map_err(|error| Error::Internal(format!("tools/list: {error}")))?;
    Ok(Outcome::Text(result, Some(page.count)))
}
