//! `tools/list`.

use super::{Cache, Call, Outcome, complete};
use crate::error::Result;
use crate::pg::Param;
use crate::tools::listing;
use crate::wire::paging::{self, PAGE};
use serde_json::{Map, Value, json};

/// The name that cursors of this list are bound to.
const NAME: &str = "tools/list";

/// One page of the tools that the user may see.
///
/// # Errors
/// -32602 for a cursor that is not one of this list and user.
pub fn list(call: &mut Call) -> Result<Outcome> {
    const LIST: &str = include_str!("../../sql/tools_list.sql");
    let uid = call.pass.uid;
    let after = paging::after(call.db, NAME, uid, &call.params)?;
    if after.as_ref().is_some_and(|key| !listing::is_key(key)) {
        return Err(paging::invalid(NAME));
    }
    let flag = |on: bool| Param::from(if on { "true" } else { "false" });
    let params = [
        uid.into(),
        flag(call.version.has_annotations()),
        flag(call.version.has_structured_content()),
        after.as_ref().map_or(Param::Text(None), Param::from),
        i64::try_from(PAGE).unwrap_or(i64::MAX).into(),
    ];
    let rows = call.db.read(LIST, &params)?.unwrap_or_default();
    let page = listing::page(&rows)?;
    let mut rest = Map::new();
    if let Some(key) = page.next {
        let cursor = paging::next(call.db, NAME, uid, &key)?;
        rest.insert("nextCursor".into(), json!(cursor));
    }
    // An administrator's edit counts at the next list: nothing may be kept.
    let rest = complete(rest, call.version, Some(Cache { ttl_ms: 0 }));
    let rest = Value::Object(rest).to_string();
    let tools = page.tools;
    let result = match rest.strip_prefix('{') {
        Some(members) if members.len() > 1 => format!("{{\"tools\":{tools},{members}"),
        _ => format!("{{\"tools\":{tools}}}"),
    };
    Ok(Outcome::Text(result, Some(page.count)))
}
