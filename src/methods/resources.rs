//! `resources/list`, `resources/templates/list` and `resources/read`.

use super::paging::{self, PAGE};
use super::pending_call::{Continuation, OdooCall, start_for_client};
use super::request::{CacheHint, Call, Outcome, complete};
use crate::audit::Entry;
use crate::error::{Error, Result, ToolError, code};
use crate::resources::record::{self, Which};
use crate::resources::{Opened, open};
use crate::tools::context::Context;
use crate::wire::version::Version;
use serde_json::{Map, Value, json};

/// No caching: an administrator's edit takes effect at the next list, another user's at the next read.
pub const CACHE: CacheHint = CacheHint { ttl_ms: 0 };

pub fn list(call: &Call) -> Result<Outcome> {
    page(call, "resources/list", "resources", Which::Single)
}

pub fn list_templates(call: &Call) -> Result<Outcome> {
    page(
        call,
        "resources/templates/list",
        "resourceTemplates",
        Which::Templates,
    )
}

fn page(call: &Call, list: &str, key: &str, which: Which) -> Result<Outcome> {
    let uid = call.auth.principal.user_id;
    let after = paging::after(call.db, list, uid, &call.params)?;
    let mut found = record::list(call.db, uid, which, after.as_ref(), Some(PAGE + 1))?;
    let more = found.len() > PAGE;
    found.truncate(PAGE);
    let mut result = Map::new();
    let listed = found
        .iter()
        .filter(|resource| resource.is_sound(which))
        .map(|resource| resource.listed(which, call.version));
    let listed: Vec<Value> = listed.collect();
    let count = i64::try_from(listed.len()).ok();
    result.insert(key.into(), json!(listed));
    if more && let Some(last) = found.last() {
        let cursor = paging::next(call.db, list, uid, &last.key())?;
        result.insert("nextCursor".into(), json!(cursor));
    }
    let result = complete(result, call.version, Some(CACHE));
    Ok(Outcome::Result(result, count))
}

pub fn read(call: &Call, entry: &mut Entry) -> Result<Outcome> {
    let Some(Value::String(uri)) = call.params.get("uri") else {
        return Err(Error::invalid_params(
            "params.uri must be the URI of a resource.",
        ));
    };
    entry.resource_uri = Some(uri.chars().take(2_000).collect());
    let (user, policy) = call.enter()?;
    let settings = &call.auth.settings;
    let context = Context::new(call.db, &user, settings, &policy);
    let opened =
        open(&context, uri, &mut entry.model).map_err(|error| refused(error, uri, call.version))?;
    let (step, memo) = match opened {
        Opened::Contents(contents) => {
            entry.set_records(&contents.record_ids);
            let result = complete(contents.to_result(), call.version, Some(CACHE));
            return Ok(Outcome::Result(result, contents.row_count));
        }
        Opened::Step(step, memo) => (step, memo),
    };
    entry.model = step.model.or_else(|| entry.model.take());
    entry.set_records(&step.record_ids);
    let odoo = OdooCall {
        withheld_model: policy.withheld_model(entry.model.as_deref())?,
        read_only: policy.read_only().is_some(),
        only_reads: true,
        ..OdooCall::new("mcp.resource", step.record_id, &step.method, step.arguments)
    };
    let finish = Continuation::Resource { memo };
    // An addon's method may write, so its audit row must be durable; for its reader it still changes nothing.
    let read_only = step.read_only;
    let (step, state) = start_for_client(call, &user, odoo, finish, entry)?;
    Ok(Outcome::Step {
        step,
        state,
        read_only,
    })
}

/// An invalid URI is reported as an unknown resource.
fn refused(error: Error, uri: &str, version: Version) -> Error {
    match error {
        Error::Tool {
            kind: ToolError::BadArguments,
            message,
        } => not_found(message, uri, version),
        error => error,
    }
}

/// The error for an unknown resource (specification: resources, "Error Handling").
pub fn not_found(message: String, uri: &str, version: Version) -> Error {
    let code = if version.is_modern() {
        code::INVALID_PARAMS
    } else {
        code::RESOURCE_NOT_FOUND
    };
    Error::protocol(200, code, message).with_data(json!({"uri": uri}))
}
