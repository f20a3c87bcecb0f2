//! Tools, and the dispatch to each of them.

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
pub mod list_companies;
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
mod search_domain;
mod server_action;
mod unlink;
mod write;
pub mod write_rules;

use crate::error::{Error, Result};
use crate::odoo::builtin_tool::BuiltinTool;
use crate::pg::Database;
use answer::Answer;
use context::{Context, Prepared, kept};
pub use method_call::{MethodMemo, check_method};
use record::Tool;
use serde_json::{Map, Value};

/// Validates the arguments of a tool beyond its schema, and prepares the call.
///
/// # Errors
/// Bad arguments, with a message that lets the model correct them.
pub fn prepare(context: &Context, tool: &Tool, arguments: Map<String, Value>) -> Result<Prepared> {
    match tool.builtin() {
        Some(BuiltinTool::Search) => search::prepare(context, arguments),
        Some(BuiltinTool::Read) => read::prepare(context, arguments),
        Some(BuiltinTool::Count) => count::prepare(context, arguments),
        Some(BuiltinTool::Aggregate) => aggregate::prepare(context, arguments),
        Some(BuiltinTool::Create) => create::prepare(context, arguments),
        Some(BuiltinTool::Write) => write::prepare(context, arguments),
        Some(BuiltinTool::Unlink) => unlink::prepare(context, arguments),
        Some(BuiltinTool::DefaultGet) => default_get::prepare(context, arguments),
        Some(BuiltinTool::MethodCall) => method_call::prepare(context, arguments),
        Some(BuiltinTool::DescribeModel) => describe_model::prepare(context, arguments),
        Some(BuiltinTool::ListModels) => list_models::prepare(context, arguments),
        Some(BuiltinTool::ListModules) => list_modules::prepare(context, arguments),
        Some(BuiltinTool::ListCompanies) => list_companies::prepare(context),
        Some(BuiltinTool::ExplainAccess) => explain_access::prepare(context, arguments),
        Some(BuiltinTool::ReadFile) => read_file::prepare(context, arguments),
        Some(BuiltinTool::AttachFile) => attach_file::prepare(context, arguments),
        Some(BuiltinTool::RenderReport) => render_report::prepare(context, arguments),
        Some(BuiltinTool::ServerAction) => server_action::prepare(tool, arguments),
        None => Ok(addon::prepare(arguments)),
    }
}

/// Makes the answer from Odoo's result. `zone`: name of the user's time zone.
///
/// # Errors
/// [`crate::error::Error::Internal`] when the result does not have the shape of docs/exchange.md.
pub fn finish(
    db: &dyn Database,
    method: &str,
    memo: &Value,
    result: Value,
    zone: &str,
) -> Result<Answer> {
    let zone = crate::time_zone::zone(zone).unwrap_or(chrono_tz::Tz::UTC);
    match BuiltinTool::of(method) {
        Some(BuiltinTool::Search) => search::finish(db, &kept(memo)?, result, zone),
        Some(BuiltinTool::Read) => read::finish(&kept(memo)?, result, zone),
        Some(BuiltinTool::Count) => count::finish(&kept(memo)?, result),
        Some(BuiltinTool::Aggregate) => aggregate::finish(&kept(memo)?, result, zone),
        Some(BuiltinTool::Create) => create::finish(&kept(memo)?, result),
        Some(BuiltinTool::Write | BuiltinTool::Unlink) => write::finish(&kept(memo)?, result),
        Some(BuiltinTool::DefaultGet) => default_get::finish(&kept(memo)?, result, zone),
        Some(BuiltinTool::MethodCall) => method_call::finish(&kept(memo)?, result, zone),
        Some(BuiltinTool::DescribeModel) => describe_model::finish(&kept(memo)?, result),
        Some(BuiltinTool::ListModels) => {
            Err(Error::Internal("list_models asks Odoo nothing".into()))
        }
        Some(BuiltinTool::ListModules) => list_modules::finish(&kept(memo)?, result),
        Some(BuiltinTool::ListCompanies) => list_companies::finish(kept(memo)?, result),
        Some(BuiltinTool::ExplainAccess) => explain_access::finish(memo, result),
        Some(BuiltinTool::ReadFile) => read_file::finish(kept(memo)?, result),
        Some(BuiltinTool::AttachFile) => attach_file::finish(&kept(memo)?, result),
        Some(BuiltinTool::RenderReport) => render_report::finish(&kept(memo)?, result),
        Some(BuiltinTool::ServerAction) => server_action::finish(result),
        None => Ok(addon::finish(result)),
    }
}
