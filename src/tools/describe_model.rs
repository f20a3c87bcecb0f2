//! `describe_model`: the fields of a model that the user may use, in brief, in full, or selected by name.

use super::answer::Answer;
use super::arguments::Arguments;
use super::columns;
use super::context::{Context, OrmCall, Prepared};
use super::search::DEFAULT_COLUMNS;
use crate::error::{Error, Result};
use crate::odoo::field::default_fields;
use crate::policy::Operation;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

mod brief;

/// Attributes to include when they are informative. `type` and the label are always included.
const ATTRIBUTES: [&str; 12] = [
    "relation",
    "selection",
    "help",
    "required",
    "readonly",
    "store",
    "searchable",
    "sortable",
    "groupable",
    "related",
    "computed",
    "company_dependent",
];

/// Maximum selection values of a field that was not requested by name.
const MOST_CHOICES: usize = 30;

/// Operations of Odoo's access rights. Calling a method needs no such right.
const GRANTED: [Operation; 4] = [
    Operation::Read,
    Operation::Write,
    Operation::Create,
    Operation::Unlink,
];

pub fn prepare(context: &Context, arguments: Map<String, Value>) -> Result<Prepared> {
    let mut arguments = Arguments::new(arguments);
    let name = arguments.required_text("model")?;
    let model = context.models.model(&name)?;
    let policy = context.policy.model(&name);
    if policy.is_closed() {
        context.require(&name, Operation::Read)?;
    }
    let mut fields = arguments.fields(&context.models, &name)?;
    let detail = arguments.text("detail")?;
    arguments.done()?;
    let form = match detail.as_deref().filter(|detail| !detail.is_empty()) {
        None if fields.is_some() => DetailForm::Named,
        None | Some("brief") => DetailForm::Brief,
        Some("full") => DetailForm::Full,
        Some(_) => {
            return Err(Error::bad_arguments(
                "detail: must be \"brief\" or \"full\".",
            ));
        }
    };
    if fields.is_none() && !model.fields.are_all_shown() {
        fields = Some(model.fields.names().map(str::to_owned).collect());
    }
    let mut refused = Vec::new();
    for operation in Operation::ALL {
        if context.policy.refusal(&name, operation)?.is_some() {
            refused.push(operation.as_str().to_owned());
        }
    }
    let usual = default_fields(model.fields.all(), DEFAULT_COLUMNS);
    let memo = DescribeMemo {
        model: name.clone(),
        name: model.label.clone(),
        refused,
        form,
        usual,
        most: context.settings.max_answer_bytes,
    };
    let call = json!({"model": name, "fields": fields});
    Ok(Prepared::Orm(OrmCall::new(call, &memo)?.on(&name)))
}

/// What is described of the fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum DetailForm {
    /// Fields that were asked for by name, in full.
    Named,
    Brief,
    Full,
}

/// The state between `prepare` and `finish`, while Odoo describes the fields.
#[derive(Debug, Serialize, Deserialize)]
pub struct DescribeMemo {
    model: String,
    /// The model's label.
    name: String,
    /// Operations that the policy refuses.
    refused: Vec<String>,
    form: DetailForm,
    /// The fields that a search shows by default.
    usual: Vec<String>,
    /// Maximum size in bytes of the answer.
    most: i64,
}

pub fn finish(memo: &DescribeMemo, mut result: Value) -> Result<Answer> {
    let fields: Map<String, Value> = columns::member(&mut result, "fields")?;
    let count = fields.len();
    let refused = &memo.refused;
    let mut described = json!({
        "model": memo.model, "name": memo.name, "order": result["order"], "rec_name": result["rec_name"],
    });
    if let Some(granted) = result.get("rights").and_then(Value::as_array) {
        let may = GRANTED.map(Operation::as_str).into_iter().filter(|name| {
            granted.contains(&json!(name)) && !refused.iter().any(|refused| refused == name)
        });
        described["may"] = may.collect();
    }
    if !refused.is_empty() {
        described["not_allowed"] = json!(refused);
    }
    if memo.form != DetailForm::Named {
        let usual = memo.usual.iter().filter(|name| fields.contains_key(*name));
        described["default_fields"] = usual.cloned().collect();
    }
    match memo.form {
        DetailForm::Brief => brief::add(&mut described, &fields),
        form => {
            let most = usize::try_from(memo.most).unwrap_or(usize::MAX);
            add_all(&mut described, fields, form == DetailForm::Named, most);
        }
    }
    Ok(Answer::object(described).rows(count))
}

/// Adds the fields one by one within the size limit, then the names of the others.
fn add_all(described: &mut Value, fields: Map<String, Value>, named: bool, most: usize) {
    let names: usize = fields.keys().map(|name| name.len() + 3).sum();
    // The names of all fields must fit, in case none of the descriptions does.
    let mut room = most.saturating_sub(1_000 + names);
    let mut entry = Map::new();
    let mut left_out = Vec::new();
    for (name, attributes) in fields {
        let field = describe(&attributes, named);
        let bytes = name.len() + 4 + field.to_string().len();
        if bytes > room {
            left_out.push(name);
            continue;
        }
        room -= bytes;
        entry.insert(name, field);
    }
    described["fields"] = Value::Object(entry);
    if !left_out.is_empty() {
        described["not_described"] = json!(left_out);
    }
}

/// A field's informative attributes. False, empty and expected values are omitted: fields are normally stored,
/// searchable, sortable and groupable, and a field that is not stored is normally neither of the last two.
fn describe(attributes: &Value, named: bool) -> Value {
    let mut described = Map::new();
    described.insert("type".into(), attributes["type"].clone());
    described.insert("label".into(), attributes["string"].clone());
    let is_stored = attributes["store"] != json!(false);
    for key in ATTRIBUTES {
        let Some(value) = attributes.get(key) else {
            continue;
        };
        let expected = match key {
            "store" | "searchable" => true,
            "sortable" | "groupable" => is_stored,
            _ => false,
        };
        let says_nothing = match value {
            Value::Null => true,
            Value::Bool(flag) => *flag == expected,
            Value::String(text) => text.is_empty(),
            _ => false,
        };
        if says_nothing {
            continue;
        }
        match (key, value) {
            ("selection", Value::Array(choices)) if choices.len() > MOST_CHOICES && !named => {
                described.insert("choices".into(), json!(choices.len()));
            }
            _ => {
                described.insert(key.into(), value.clone());
            }
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
            "readonly": false, "store": true, "searchable": true, "sortable": false, "groupable": true, "help": ""});
        assert_eq!(
            describe(&field, false),
            json!({"type": "many2one", "label": "Customer",
            "relation": "res.partner", "required": true, "sortable": false})
        );
        let computed = json!({"type": "float", "string": "Sum", "store": false, "searchable": false, "sortable": false,
            "groupable": false, "computed": true});
        assert_eq!(
            describe(&computed, false),
            json!({"type": "float", "label": "Sum", "store": false, "searchable": false, "computed": true})
        );
    }

    #[test]
    fn many_choices_are_for_who_names_the_field() {
        let choices: Vec<Value> = (0..31).map(|n| json!([n.to_string(), "x"])).collect();
        let field = json!({"type": "selection", "string": "Zone", "selection": choices});
        assert_eq!(describe(&field, false)["choices"], json!(31));
        assert_eq!(describe(&field, true)["selection"], json!(choices));
    }

    #[test]
    fn what_has_no_room_is_named() {
        let fields: Map<String, Value> = (0..50)
            .map(|n| {
                (
                    format!("field_{n:02}"),
                    json!({"type": "char", "string": "x".repeat(100)}),
                )
            })
            .collect();
        let mut described = json!({});
        add_all(&mut described, fields.clone(), false, 5_000);
        let entry = described["fields"].as_object().unwrap().len();
        assert!(entry > 10 && entry < 40, "{entry}");
        assert_eq!(
            described["not_described"].as_array().unwrap().len(),
            50 - entry
        );
        assert!(described.to_string().len() <= 5_000);
        let mut whole = json!({});
        add_all(&mut whole, fields, false, usize::MAX);
        assert_eq!(whole["fields"].as_object().unwrap().len(), 50);
    }
}
