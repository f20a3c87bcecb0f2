//! Tools: dispatches to each tool.

mod addon;
mod aggregate;
pub mod answer;
mod arguments;
mod attach_file;
pub mod call;
mod call_context;
pub mod client_compat;
pub mod columns;
pub mod context;
pub mod control_arguments;
mod count;
mod create;
mod cursor;
mod default_get;
pub mod describe_model;
pub mod dry_run;
mod explain_access;
mod list_companies;
mod list_models;
pub mod list_modules;
pub mod listing;
mod method_call;
pub(crate) mod read;
mod read_file;
pub mod record;
mod render_report;
mod rows;
pub mod schema;
pub(crate) mod search;
mod server_action;
mod unlink;
mod write;
pub mod write_rules;

use crate::error::Result;
use crate::pg::Database;
use answer::Answer;
use context::{Context, Prepared};
pub use method_call::check_method;
use record::Tool;
use serde_json::{Map, Value};

/// Check the arguments of a tool (they passed its schema) and prepare the call.
///
/// # Errors
/// Bad arguments, said so that the model can fix them.
pub fn prepare(context: &Context, tool: &Tool, arguments: Map<String, Value>) -> Result<Prepared> {
    match tool.method.as_str() {
        "_tool_search" => search::prepare(context, arguments),
        "_tool_read" => read::prepare(context, arguments),
        "_tool_count" => count::prepare(context, arguments),
        "_tool_aggregate" => aggregate::prepare(context, arguments),
        "_tool_create" => create::prepare(context, arguments),
        "_tool_write" => write::prepare(context, arguments),
        "_tool_unlink" => unlink::prepare(context, arguments),
        "_tool_default_get" => default_get::prepare(context, arguments),
        "_tool_method_call" => method_call::prepare(context, arguments),
        "_tool_describe_model" => describe_model::prepare(context, arguments),
        "_tool_list_models" => list_models::prepare(context, arguments),
        "_tool_list_modules" => list_modules::prepare(context, arguments),
        "_tool_list_companies" => list_companies::prepare(context),
        "_tool_explain_access" => explain_access::prepare(context, arguments),
        "_tool_read_file" => read_file::prepare(context, arguments),
        "_tool_attach_file" => attach_file::prepare(context, arguments),
        "_tool_render_report" => render_report::prepare(context, arguments),
        "_tool_server_action" => server_action::prepare(tool, arguments),
        _ => Ok(addon::prepare(arguments)),
    }
}

/// Whether what a method gives is an author's, not made here: it is then held against the tool's output schema.
pub fn is_authored(method: &str) -> bool {
    const OURS: &[&str] = &[
        "_tool_search",
        "_tool_read",
        "_tool_count",
        "_tool_aggregate",
        "_tool_create",
        "_tool_write",
        "_tool_unlink",
        "_tool_default_get",
        "_tool_method_call",
        "_tool_describe_model",
        "_tool_list_models",
        "_tool_list_modules",
        "_tool_list_companies",
        "_tool_explain_access",
        "_tool_read_file",
        "_tool_attach_file",
        "_tool_render_report",
    ];
    !OURS.contains(&method)
}

/// Make the answer out of what Odoo gave. `zone` is the name of the user's time zone.
///
/// # Errors
/// [`crate::error::Error::Internal`] when Odoo's result has not the shape of docs/exchange.md.
pub fn finish(
    db: &dyn Database,
    method: &str,
    memo: &Value,
    result: Value,
    zone: &str,
) -> Result<Answer> {
    let zone = crate::time_zone::zone(zone).unwrap_or(chrono_tz::Tz::UTC);
    match method {
        "_tool_search" => search::finish(db, memo, result, zone),
        "_tool_read" => read::finish(memo, result, zone),
        "_tool_count" => count::finish(memo, result),
        "_tool_aggregate" => aggregate::finish(memo, result, zone),
        "_tool_create" => create::finish(memo, result),
        "_tool_write" | "_tool_unlink" => write::finish(memo, result),
        "_tool_default_get" => default_get::finish(memo, result, zone),
        "_tool_method_call" => method_call::finish(memo, result, zone),
        "_tool_describe_model" => describe_model::finish(memo, result),
        "_tool_list_modules" => list_modules::finish(memo, result),
        "_tool_list_companies" => list_companies::finish(memo, result),
        "_tool_explain_access" => explain_access::finish(memo, result),
        "_tool_read_file" => read_file::finish(memo, result),
        "_tool_attach_file" => attach_file::finish(memo, result),
        "_tool_render_report" => render_report::finish(memo, result),
        "_tool_server_action" => server_action::finish(result),
        _ => Ok(addon::finish(result)),
    }
}
