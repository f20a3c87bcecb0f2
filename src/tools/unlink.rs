//! `unlink`: deletes records by id.

use super::arguments::Arguments;
use super::context::{Context, ModelMemo, OrmCall, Prepared};
use super::write_rules::only_to_change;
use crate::error::Result;
use crate::policy::Operation;
use crate::policy::values::Within;
use serde_json::{Map, Value, json};

pub fn prepare(context: &Context, arguments: Map<String, Value>) -> Result<Prepared> {
    let mut arguments = Arguments::new(arguments);
    let name = arguments.required_text("model")?;
    context.require(&name, Operation::Unlink)?;
    context.models.model_with(&name, &[])?;
    let ids = arguments.required_ids(context)?;
    arguments.done()?;
    let mut call = json!({"model": name, "ids": ids});
    only_to_change(context, &mut call, &name);
    let mut within = Within::default();
    within.delete(context.policy, &name, &ids);
    let (within, _) = within.into_argument();
    if let Some(within) = within {
        call["within"] = within;
    }
    let memo = ModelMemo {
        model: name.clone(),
    };
    Ok(Prepared::Orm(
        OrmCall::new(call, &memo)?.on(&name).records(ids),
    ))
}
