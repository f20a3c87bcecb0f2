//! `count`: how many records match a domain.

use super::answer::Answer;
use super::arguments::Arguments;
use super::columns;
use super::context::{Context, ModelMemo, OrmCall, Prepared};
use crate::error::Result;
use crate::policy::Operation;
use serde_json::{Map, Value, json};

pub fn prepare(context: &Context, arguments: Map<String, Value>) -> Result<Prepared> {
    let mut arguments = Arguments::new(arguments);
    let name = arguments.required_text("model")?;
    context.require(&name, Operation::Read)?;
    context.models.model_with(&name, &[])?;
    let domain = arguments.domain(context, &name)?;
    arguments.done()?;
    let call = json!({"model": name, "domain": domain});
    Ok(Prepared::Orm(
        OrmCall::new(
            call,
            &ModelMemo {
                model: name.clone(),
            },
        )?
        .on(&name),
    ))
}

pub fn finish(memo: &ModelMemo, mut result: Value) -> Result<Answer> {
    let count: i64 = columns::member(&mut result, "count")?;
    Ok(Answer::object(json!({"model": memo.model, "count": count})))
}
