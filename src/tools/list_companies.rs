//! `list_companies`: the companies of the user.

use super::answer::Answer;
use super::columns::{self, ColumnTypes};
use super::context::{Context, OrmCall, Prepared};
use super::search::bind;
use crate::error::Result;
use crate::policy::Operation;
use crate::policy::masking::mask;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

const COMPANY: &str = "res.company";

/// Columns, each with its source field.
const COLUMNS: [(&str, &str); 6] = [
    ("id", "id"),
    ("name", "name"),
    ("currency", "currency_id"),
    ("parent", "parent_id"),
    ("country", "country_id"),
    ("default", "id"),
];

pub fn prepare(context: &Context) -> Result<Prepared> {
    context.policy.require(COMPANY, Operation::Read)?;
    let known = context.models.model(COMPANY)?;
    let fields: Vec<String> = COLUMNS
        .iter()
        .map(|(_, field)| (*field).to_owned())
        .collect();
    let (mask, bounds) = mask(context.policy, &context.models, &known.fields, &fields)?;
    let columns = COLUMNS
        .iter()
        .filter(|(_, field)| known.fields.withheld(field).is_none() && !mask.hides_name(field));
    let columns: Vec<&str> = columns.map(|(column, _)| *column).collect();
    let mut call = json!({});
    bind(&mut call, "bounds", bounds);
    let terms = context.policy.terms(COMPANY);
    if !terms.is_empty() {
        call["only"] = json!(terms);
    }
    let memo = CompaniesMemo {
        columns: columns.into_iter().map(str::to_owned).collect(),
    };
    Ok(Prepared::Orm(OrmCall::new(call, &memo)?.on(COMPANY)))
}

/// The domain terms that limit the companies whose value of this field the caller may see; none where the policy hides
/// the field.
///
/// # Errors
/// Errors from PostgreSQL.
pub fn shown(context: &Context, field: &str) -> Result<Option<Vec<Value>>> {
    let policy = context.policy;
    if !policy.may_read(COMPANY) {
        return Ok(None);
    }
    let known = context.models.model(COMPANY)?;
    let is_shown = known.fields.withheld(field).is_none();
    Ok(is_shown.then(|| policy.terms(COMPANY)))
}

/// What is kept while Odoo reads the companies.
#[derive(Debug, Serialize, Deserialize)]
pub struct CompaniesMemo {
    columns: Vec<String>,
}

pub fn finish(memo: CompaniesMemo, mut result: Value) -> Result<Answer> {
    let records: Vec<Value> = columns::member(&mut result, "records")?;
    let columns = memo.columns;
    let rows = columns::rows(records, &columns, &ColumnTypes::new(), chrono_tz::Tz::UTC)?;
    let count = rows.len();
    Ok(Answer::object(json!({"columns": columns, "rows": rows})).rows(count))
}
