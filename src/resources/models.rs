//! Resource `models`: the models that the user may read. The core answers from `ir.model.access`.

use super::contents::Contents;
use crate::error::Result;
use crate::odoo::user::readable_models;
use crate::tools::context::Context;
use serde_json::json;

pub fn read(context: &Context, uri: &str) -> Result<Contents> {
    let mut models = readable_models(context.db, context.user)?;
    models.retain(|(model, _)| context.policy.may_read(model));
    let count = i64::try_from(models.len()).ok();
    let table = json!({"columns": ["model", "name"], "rows": models, "total": count});
    Ok(Contents::json(uri, &table).rows(count))
}
