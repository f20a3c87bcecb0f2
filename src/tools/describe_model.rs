//! `describe_model`: the fields of a model that the user may use.

use super::answer::Answer;
use super::arguments::Arguments;
use super::{Context, OrmCall, Prepared, table};
use crate::error::Result;
use crate::policy::Operation;
use serde_json::{Map, Value, json};

/// What is told of a field, if it says something. `type` and the label always are.
const ATTRIBUTES: [&str; 10] = [
    "relation",
    "selection",
    "help",
    "required",
    "readonly",
    "store",
    "searchable",
    "sortable",
    "related",
    "company_dependent",
];

pub fn prepare(context: &Context, arguments: Map<String, Value>) -> Result<Prepared> {
    let mut arguments = Arguments::new(arguments);
    let name = arguments.required_text("model")?;
    let model = context.catalogue.model(&name)?;
    let policy = context.policy.model(&name);
    if policy.is_closed() {
        context.require(&name, Operation::Read)?;
    }
    let mut fields = arguments.fields(&context.catalogue, &name)?;
    arguments.done()?;
    if fields.is_none() && !model.fields.are_all_shown() {
        fields = Some(model.fields.names().map(str::to_owned).collect());
    }
    let refused = Operation::ALL
        .into_iter()
        .filter(|operation| policy.refusal(*operation).is_some());
    let refused: Vec<&str> = refused.map(Operation::as_str).collect();
    let memo = json!({"model": name, "name": model.label, "refused": refused});
    let call = json!({"model": name, "fields": fields});
    Ok(Prepared::Orm(OrmCall::new(call, memo).on(&name)))
}

pub fn finish(memo: &Value, mut result: Value) -> Result<Answer> {
    let fields: Map<String, Value> = table::member(&mut result, "fields")?;
    let count = fields.len();
    let fields: Map<String, Value> = fields
        .into_iter()
        .map(|(name, attributes)| {
            let described = describe(&attributes);
            (name, described)
        })
        .collect();
    let mut described = json!({
        "model": memo["model"], "name": memo["name"], "order": result["order"],
        "rec_name": result["rec_name"], "fields": fields,
    });
    if memo["refused"] != json!([]) {
        described["not_allowed"] = memo["refused"].clone();
    }
    Ok(Answer::object(described).rows(count))
}

/// A field's attributes, without those that say nothing: false, empty, or what goes without saying (stored,
/// searchable and sortable fields are the rule).
fn describe(attributes: &Value) -> Value {
    let mut described = Map::new();
    described.insert("type".into(), attributes["type"].clone());
    described.insert("label".into(), attributes["string"].clone());
    for key in ATTRIBUTES {
        let Some(value) = attributes.get(key) else {
            continue;
        };
        let expected = matches!(key, "store" | "searchable" | "sortable");
        let says_nothing = match value {
            Value::Null => true,
            Value::Bool(flag) => *flag == expected,
            Value::String(text) => text.is_empty(),
            _ => false,
        };
        if !says_nothing {
            described.insert(key.into(), value.clone());
        }
    }
    Value::Object(described)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_says_something_is_told() {
        let field = json!({"type": "many2one", "string": "Customer", "relation": "res.partner", "required": true,
            "readonly": false, "store": true, "searchable": true, "sortable": false, "help": ""});
        assert_eq!(
            describe(&field),
            json!({"type": "many2one", "label": "Customer",
            "relation": "res.partner", "required": true, "sortable": false})
        );
    }
}
