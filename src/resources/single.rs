//! Resource `record`: one record with all fields that are meaningful to people.

use super::contents::Contents;
use super::step::{Made, Memo, Step, object};
use crate::error::{Error, Result};
use crate::odoo::field::{Field, FieldType, default_fields, is_housekeeping};
use crate::odoo::secret_name::is_secret_name;
use crate::policy::Operation;
use crate::policy::masking::{Mask, mask};
use crate::tools::columns::{self, ColumnTypes};
use crate::tools::context::{Context, kept};
use crate::tools::read::only;
use crate::tools::search::bind;
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// Longer lists of related records and longer texts are truncated and marked.
const MOST_IDS: usize = 100;
const MOST_LETTERS: usize = 10_000;

pub fn prepare(context: &Context, name: &str, record_id: i64) -> Result<Made> {
    context.require(name, Operation::Read)?;
    let model = context.models.model(name)?;
    let fields = fields(model.fields.all());
    let (mask, bounds) = mask(context.policy, &context.models, &model.fields, &fields)?;
    let kept = RecordMemo {
        model: name.to_owned(),
        types: columns::types(&model.fields, &fields),
        mask,
    };
    let mut arguments = json!({"model": name, "record_id": record_id, "fields": fields});
    bind(&mut arguments, "bounds", bounds);
    only(context, &mut arguments, name);
    let mut step = Step::reading("_resource_record", object(arguments)).on(name);
    step.record_ids = vec![record_id];
    Ok(Made::Step(step, json!(kept)))
}

/// The state between `prepare` and `finish`, while Odoo reads the record.
#[derive(Debug, Serialize, Deserialize)]
struct RecordMemo {
    model: String,
    types: ColumnTypes,
    #[serde(default, skip_serializing_if = "Mask::is_empty")]
    mask: Mask,
}

/// Stored fields and the default columns, without files, secrets and Odoo's housekeeping fields.
fn fields(all: &[Field]) -> Vec<String> {
    let usual = default_fields(all, usize::MAX);
    let shown = all.iter().filter(|field| {
        let kind = !matches!(
            field.ttype,
            FieldType::Binary
                | FieldType::Image
                | FieldType::Json
                | FieldType::Properties
                | FieldType::PropertiesDefinition
                | FieldType::Serialized
                | FieldType::Other
        );
        let described =
            field.store && !is_housekeeping(&field.name) && !is_secret_name(&field.name);
        let named = field.name == "display_name";
        named || usual.contains(&field.name) || (kind && described)
    });
    shown.map(|field| field.name.clone()).collect()
}

pub fn finish(memo: &Memo, mut result: Value, zone: Tz) -> Result<Contents> {
    let columns: Vec<String> = columns::member(&mut result, "fields")?;
    let RecordMemo { model, types, mask } = kept(&memo.kept)?;
    let records = columns::records(&mut result, &mask)?;
    let rows = columns::rows(records, &columns, &types, zone)?;
    let Some(Value::Array(row)) = rows.into_iter().next() else {
        return Err(Error::Internal("Odoo gave no record".into()));
    };
    let mut values = Map::new();
    let mut cut = Map::new();
    let (mut id, mut name) = (Value::Null, Value::Null);
    for (column, value) in columns.into_iter().zip(row) {
        match column.as_str() {
            "id" => id = value,
            "display_name" => name = value,
            _ => {
                let (value, whole) = shortened(value);
                if let Some(whole) = whole {
                    cut.insert(column.clone(), json!(whole));
                }
                if !says_nothing(&value) {
                    values.insert(column, value);
                }
            }
        }
    }
    let ids = id.as_i64().into_iter().collect();
    let mut record = json!({"model": model, "id": id, "name": name, "values": values});
    if !cut.is_empty() {
        record["cut"] = json!(cut);
    }
    Ok(Contents::json(&memo.uri, &record)
        .rows(Some(1))
        .records(ids))
}

fn says_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        _ => false,
    }
}

/// A value of limited length, and its full length if it was truncated.
fn shortened(value: Value) -> (Value, Option<usize>) {
    match value {
        Value::Array(mut items) if items.len() > MOST_IDS => {
            let whole = items.len();
            items.truncate(MOST_IDS);
            (Value::Array(items), Some(whole))
        }
        Value::String(text) if text.len() > MOST_LETTERS => {
            let whole = text.chars().count();
            if whole <= MOST_LETTERS {
                return (Value::String(text), None);
            }
            let beginning = text.chars().take(MOST_LETTERS).collect();
            (Value::String(beginning), Some(whole))
        }
        value => (value, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(name: &str, ttype: &str, store: bool) -> Field {
        serde_json::from_value(
            json!({"name": name, "ttype": ttype, "store": store, "searchable": true}),
        )
        .unwrap()
    }

    #[test]
    fn the_fields_are_those_that_say_something() {
        let all = [
            field("name", "char", true),
            field("display_name", "char", false),
            field("line_ids", "one2many", true),
            field("comment", "html", true),
            field("write_date", "datetime", true),
            field("list_price", "float", false),
            field("note_of_parent", "text", false),
            field("image_1920", "binary", true),
            field("signup_token", "char", true),
            field("message_ids", "one2many", true),
            field("properties", "properties", true),
            field("odd", "of_another_module", true),
        ];
        assert_eq!(
            fields(&all),
            [
                "name",
                "display_name",
                "line_ids",
                "comment",
                "write_date",
                "list_price"
            ]
        );
    }

    fn memo(types: Value) -> Memo {
        Memo {
            uri: "odoo://record/x/7".into(),
            resource: "record".into(),
            mime_type: None,
            most_bytes: 1_000,
            kept: json!({"model": "x", "types": types}),
            zone: "UTC".into(),
        }
    }

    #[test]
    fn what_is_not_set_is_left_out_and_what_is_long_is_cut() {
        let types = json!({"id": "integer", "display_name": "char", "flag": "boolean", "zero": "integer", "none": "char",
                           "lines": "one2many", "empty": "many2many", "text": "text", "at": "datetime"});
        let record = json!({"id": 7, "display_name": "Seven", "flag": false, "zero": 0, "none": false,
            "lines": (0..101).collect::<Vec<_>>(), "empty": [], "text": "é".repeat(10_001), "at": "2026-01-01 12:00:00"});
        let columns: Vec<&String> = record.as_object().unwrap().keys().collect();
        let result = json!({"fields": columns, "records": [record], "missing": []});
        let contents = finish(&memo(types), result, Tz::Europe__Brussels).unwrap();
        assert_eq!(contents.record_ids, [7]);
        let text = contents.parts[0]["text"].as_str().unwrap();
        let shown: Value = serde_json::from_str(text).unwrap();
        assert_eq!((&shown["id"], &shown["name"]), (&json!(7), &json!("Seven")));
        let values = shown["values"].as_object().unwrap();
        assert_eq!(
            values.keys().collect::<Vec<_>>(),
            ["flag", "zero", "lines", "text", "at"]
        );
        assert_eq!(values["at"], "2026-01-01T13:00:00+01:00");
        assert_eq!(values["lines"].as_array().unwrap().len(), 100);
        assert_eq!(values["text"].as_str().unwrap().chars().count(), 10_000);
        assert_eq!(shown["cut"], json!({"lines": 101, "text": 10_001}));
    }

    #[test]
    fn a_text_of_just_the_length_is_whole() {
        let text = "é".repeat(MOST_LETTERS);
        assert_eq!(shortened(json!(text)), (json!(text), None));
    }
}
