//! An administrator's tool that runs an Odoo server action.

use super::answer::Answer;
use super::columns;
use super::context::{OrmCall, Prepared};
use super::method_call::present_result;
use super::record::Tool;
use crate::error::{Error, Result};
use serde_json::{Map, Value, json};

pub fn prepare(tool: &Tool, arguments: Map<String, Value>) -> Result<Prepared> {
    let action = tool
        .server_action_id
        .ok_or_else(|| Error::failed(format!("The tool {} names no server action.", tool.name)))?;
    let call = json!({"server_action_id": action, "arguments": arguments});
    Ok(Prepared::Orm(OrmCall::without_memo(call)))
}

pub fn finish(mut result: Value) -> Result<Answer> {
    let result: Value = columns::member(&mut result, "result")?;
    Ok(Answer::object(json!({"result": present_result(result)})))
}
