//! Resources `value` and `field`: one field of a record. Text stays text, files are binary with their MIME type,
//! everything else is JSON.

use super::contents::Contents;
use super::step::{Made, Memo, Step, object};
use crate::error::{Error, Result};
use crate::odoo::field::FieldType;
use crate::odoo::models::known;
use crate::odoo::values::present;
use crate::policy::Operation;
use crate::policy::masking::{Mask, mask};
use crate::tools::context::{Context, kept};
use crate::tools::read::only;
use crate::tools::search::bind;
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The address of a field value.
pub struct FieldAddress<'a> {
    pub model: &'a str,
    pub record_id: i64,
    pub field: &'a str,
    pub most_bytes: i64,
}

pub fn prepare(context: &Context, place: FieldAddress) -> Result<Made> {
    let FieldAddress {
        model,
        record_id,
        field,
        most_bytes,
    } = place;
    context.require(model, Operation::Read)?;
    let described = context.models.model_with(model, &[field])?;
    let found = known(&described.fields, field, "field")?;
    let names = [field.to_owned()];
    let (mask, bounds) = mask(context.policy, &context.models, &described.fields, &names)?;
    let kept = FieldMemo {
        ttype: found.ttype,
        field: field.to_owned(),
        record_id,
        mask,
    };
    let mut arguments =
        json!({"model": model, "record_id": record_id, "field": field, "most_bytes": most_bytes});
    bind(&mut arguments, "bounds", bounds);
    only(context, &mut arguments, model);
    let mut step = Step::reading("_resource_value", object(arguments)).on(model);
    step.record_ids = vec![record_id];
    Ok(Made::Step(step, json!(kept)))
}

/// The state between `prepare` and `finish`, while Odoo reads the field.
#[derive(Debug, Serialize, Deserialize)]
struct FieldMemo {
    ttype: FieldType,
    field: String,
    record_id: i64,
    #[serde(default, skip_serializing_if = "Mask::is_empty")]
    mask: Mask,
}

/// The result of `_resource_value`.
#[derive(Deserialize)]
#[serde(untagged)]
enum FieldValue {
    Blob { blob: String, mime_type: String },
    Value { value: Value },
}

pub fn finish(memo: &Memo, result: Value, zone: Tz) -> Result<Contents> {
    let mut given: FieldValue = serde_json::from_value(result)
        .map_err(|error| Error::Internal(format!("_resource_value: {error}")))?;
    let FieldMemo {
        ttype,
        field,
        record_id,
        mask,
    } = kept(&memo.kept)?;
    if let FieldValue::Value { value } = &mut given {
        let mut record = json!({&field: value.take()});
        mask.cover(&mut record);
        *value = record[&field].take();
    }
    let uri = &memo.uri;
    let said = memo.mime_type.as_deref();
    let contents = match given {
        FieldValue::Blob { blob, mime_type } => Contents::blob(uri, Some(&mime_type), blob)?,
        FieldValue::Value { value } => match (ttype, present(&value, ttype, zone)) {
            (FieldType::Html, value) => {
                Contents::text(uri, said.or(Some("text/html")), text(&value))
            }
            (FieldType::Char | FieldType::Text | FieldType::Selection, value) => {
                Contents::text(uri, said.or(Some("text/plain")), text(&value))
            }
            (_, value) => Contents::json(uri, &value),
        },
    };
    let ids = vec![record_id];
    Ok(contents.rows(Some(1)).records(ids))
}

/// An unset text is empty.
fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(ttype: &str, mime_type: Option<&str>, result: Value) -> Value {
        let memo = Memo {
            uri: "a:b".into(),
            resource: "value".into(),
            mime_type: mime_type.map(str::to_owned),
            most_bytes: 1_000,
            kept: json!({"ttype": ttype, "field": "f", "record_id": 7}),
            zone: "UTC".into(),
        };
        let mut contents = finish(&memo, result, Tz::Europe__Brussels).unwrap();
        assert_eq!(contents.record_ids, [7]);
        contents.parts.remove(0)
    }

    #[test]
    fn each_type_comes_in_its_form() {
        let value = |value: Value| json!({"value": value});
        let plain = |mime: &str, text: &str| json!({"uri": "a:b", "mimeType": mime, "text": text});
        assert_eq!(
            read("char", None, value(json!("x"))),
            plain("text/plain", "x")
        );
        assert_eq!(
            read("char", None, value(json!(false))),
            plain("text/plain", "")
        );
        assert_eq!(
            read("html", None, value(json!("<p>x</p>"))),
            plain("text/html", "<p>x</p>")
        );
        assert_eq!(
            read("text", Some("text/markdown"), value(json!("# x"))),
            plain("text/markdown", "# x")
        );
        assert_eq!(
            read("many2one", None, value(json!([3, "Three"]))),
            plain("application/json", "[3,\"Three\"]")
        );
        assert_eq!(
            read("float", None, value(json!(1.5))),
            plain("application/json", "1.5")
        );
        assert_eq!(
            read("integer", None, value(json!(false))),
            plain("application/json", "null")
        );
        assert_eq!(
            read("datetime", None, value(json!("2026-01-01 12:00:00"))),
            plain("application/json", "\"2026-01-01T13:00:00+01:00\"")
        );
        let blob = json!({"blob": "aGk=", "mime_type": "image/png"});
        assert_eq!(
            read("binary", Some("text/plain"), blob),
            json!({"uri": "a:b", "mimeType": "image/png", "blob": "aGk="})
        );
    }
}
