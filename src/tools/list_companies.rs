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

/// Columns that give a field of another record, with its model.
const TEXTS: [(&str, &str, &str); 3] = [
    ("currency", "res.currency", "name"),
    ("parent", COMPANY, "name"),
    ("country", "res.country", "code"),
];

pub fn prepare(context: &Context) -> Result<Prepared> {
    context.policy.require(COMPANY, Operation::Read)?;
    let known = context.models.model(COMPANY)?;
    let fields: Vec<String> = COLUMNS
        .iter()
        .map(|(_, field)| (*field).to_owned())
        .collect();
    let (mask, bounds) = mask(context.policy, &context.models, &known.fields, &fields)?;
    let mut columns = Vec::new();
    for (column, field) in COLUMNS {
        let is_hidden = known.fields.withheld(field).is_some() || mask.hides_name(field);
        if !is_hidden && is_text_shown(context, column)? {
            columns.push(column);
        }
    }
    let mut call = json!({});
    bind(&mut call, "bounds", bounds);
    let terms = context.policy.terms(COMPANY);
    if !terms.is_empty() {
        call["only"] = json!(terms);
    }
    let memo = CompaniesMemo {
        columns: columns.iter().map(|&column| column.to_owned()).collect(),
    };
    Ok(Prepared::Orm(OrmCall::new(call, &memo)?.on(COMPANY)))
}

/// Whether the field of the other record is shown that a column gives.
fn is_text_shown(context: &Context, column: &str) -> Result<bool> {
    let of_record = TEXTS.iter().find(|(of, ..)| *of == column);
    let Some((_, model, field)) = of_record.filter(|_| context.policy.something_hidden()) else {
        return Ok(true);
    };
    let described = context.models.model_with(model, &[field])?;
    Ok(described.fields.withheld(field).is_none())
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

/// The state between `prepare` and `finish`, while Odoo reads the companies.
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
