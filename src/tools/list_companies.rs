//! `list_companies`: the companies of the user.

use super::answer::Answer;
use super::{Context, OrmCall, Prepared, table};
use crate::error::Result;
use crate::policy::Operation;
use serde_json::{Value, json};

const COLUMNS: [&str; 6] = ["id", "name", "currency", "parent", "country", "default"];

pub fn prepare(context: &Context) -> Result<Prepared> {
    context.policy.require("res.company", Operation::Read)?;
    Ok(Prepared::Orm(
        OrmCall::new(json!({}), Value::Null).on("res.company"),
    ))
}

pub fn finish(mut result: Value) -> Result<Answer> {
    let records: Vec<Value> = table::member(&mut result, "records")?;
    let columns = COLUMNS.map(str::to_owned);
    let rows = table::rows(records, &columns, &Value::Null, chrono_tz::Tz::UTC)?;
    let count = rows.len();
    Ok(Answer::object(json!({"columns": columns, "rows": rows})).rows(count))
}
