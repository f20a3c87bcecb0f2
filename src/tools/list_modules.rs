//! `list_modules`: searches Odoo's modules by words and state.

use super::answer::Answer;
use super::arguments::Arguments;
use super::columns::{self, ColumnTypes};
use super::context::{Context, OrmCall, Prepared};
use crate::error::Result;
use crate::policy::Operation;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

const COLUMNS: [&str; 8] = [
    "name",
    "shortdesc",
    "summary",
    "state",
    "installed_version",
    "application",
    "author",
    "category",
];

pub fn prepare(context: &Context, arguments: Map<String, Value>) -> Result<Prepared> {
    let mut arguments = Arguments::new(arguments);
    context
        .policy
        .require("ir.module.module", Operation::Read)?;
    let mut domain: Vec<Value> = Vec::new();
    match arguments.text("state")?.as_deref() {
        None | Some("") => domain.push(json!(["state", "=", "installed"])),
        Some("all") => {}
        Some(state) => domain.push(json!(["state", "=", state])),
    }
    for word in arguments.words("search")? {
        // Escapes the wildcards of LIKE.
        let word = word
            .replace('\\', "\\\\")
            .replace('%', "\\%")
            .replace('_', "\\_");
        domain.extend([
            json!("|"),
            json!("|"),
            json!(["name", "ilike", word]),
            json!(["shortdesc", "ilike", word]),
            json!(["summary", "ilike", word]),
        ]);
    }
    let limit = arguments.limit(context)?;
    let offset = arguments.number("offset", 0)?.unwrap_or(0);
    arguments.done()?;
    let call = json!({"domain": domain, "limit": limit, "offset": offset});
    let memo = ModulesMemo {
        offset,
        most: context.settings.max_answer_bytes,
    };
    Ok(Prepared::Orm(
        OrmCall::new(call, &memo)?.on("ir.module.module"),
    ))
}

/// The state between `prepare` and `finish`, while Odoo searches modules.
#[derive(Debug, Serialize, Deserialize)]
pub struct ModulesMemo {
    offset: i64,
    /// Maximum size in bytes of the answer.
    most: i64,
}

pub fn finish(memo: &ModulesMemo, mut result: Value) -> Result<Answer> {
    let records: Vec<Value> = columns::member(&mut result, "records")?;
    let total: i64 = columns::member(&mut result, "total")?;
    let offset = memo.offset;
    let columns = COLUMNS.map(str::to_owned);
    let rows = columns::rows(records, &columns, &ColumnTypes::new(), chrono_tz::Tz::UTC)?;
    let rows = columns::within(rows, memo.most);
    let count = rows.len();
    let shown = offset + i64::try_from(count).unwrap_or(0);
    Ok(Answer::object(json!({
        "columns": columns, "rows": rows, "total": total, "offset": offset,
        "has_more": shown < total && count > 0,
    }))
    .rows(count))
}
