//! A short description of a model: field names grouped by type, each once, with a letter for each unusual property.

use crate::odoo::field::{is_housekeeping, is_log_access};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Maximum size in bytes of the names and choices together.
const MOST_BYTES: usize = 7_000;
/// Maximum number of choices of one field.
const MOST_CHOICES: usize = 12;

const MARKS: &str = "*: required, !: read-only, ~: not stored, ~~: neither stored nor searchable, >: model of the records";

/// Adds the `fields` that fit to `described`, the most useful first.
pub fn add(described: &mut Value, fields: &Map<String, Value>) {
    let mut names: Vec<&String> = fields
        .iter()
        .filter(|(name, _)| !is_housekeeping(name) && !is_log_access(name) && *name != "id")
        .map(|(name, _)| name)
        .collect();
    names.sort_by_key(|name| (rank(&fields[*name]), *name));
    let mut room = MOST_BYTES;
    let mut take = |bytes: usize| {
        let fits = bytes <= room;
        room -= if fits { bytes } else { 0 };
        fits
    };
    let mut types: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let mut choices = Map::new();
    let mut left_out = fields.len() - usize::from(fields.contains_key("id"));
    for name in names {
        let field = &fields[name];
        let entry = marked(name, field);
        if !take(entry.len() + 3) {
            continue;
        }
        left_out -= 1;
        let ttype = field["type"].as_str().unwrap_or("other");
        types.entry(ttype).or_default().push(entry);
        let values = values(field);
        if !values.is_empty() && values.len() <= MOST_CHOICES {
            let values = json!(values);
            if take(name.len() + 4 + values.to_string().len()) {
                choices.insert(name.clone(), values);
            }
        }
    }
    described["fields"] = json!(types);
    if !choices.is_empty() {
        described["choices"] = Value::Object(choices);
    }
    described["marks"] = json!(MARKS);
    if left_out > 0 {
        described["left_out"] = json!(left_out);
    }
}

/// Sort key: stored before computed fields, values before lists of records, required before optional fields.
fn rank(field: &Value) -> (bool, bool, bool) {
    let is = |key: &str| field[key] == json!(true);
    let is_list = matches!(field["type"].as_str(), Some("one2many" | "many2many"));
    (!is("store") && !is("searchable"), is_list, !is("required"))
}

fn marked(name: &str, field: &Value) -> String {
    let is = |key: &str| field[key] == json!(true);
    let mut entry = name.to_owned();
    if is("required") {
        entry.push('*');
    }
    if is("readonly") {
        entry.push('!');
    }
    if !is("store") {
        entry.push_str(if is("searchable") { "~" } else { "~~" });
    }
    if let Some(relation) = field["relation"].as_str() {
        entry.push('>');
        entry.push_str(relation);
    }
    entry
}

fn values(field: &Value) -> Vec<&Value> {
    let pairs = field["selection"].as_array().into_iter().flatten();
    pairs.filter_map(|pair| pair.get(0)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(ttype: &str, more: Value) -> Value {
        let mut field = json!({"type": ttype, "string": "X", "store": true, "searchable": true});
        for (key, value) in more.as_object().unwrap() {
            field[key] = value.clone();
        }
        field
    }

    #[test]
    fn names_by_type_with_marks() {
        let mut fields = Map::new();
        fields.insert("id".into(), field("integer", json!({"readonly": true})));
        fields.insert("name".into(), field("char", json!({"required": true})));
        fields.insert("ref".into(), field("char", json!({})));
        fields.insert(
            "total".into(),
            field(
                "monetary",
                json!({"readonly": true, "store": false, "searchable": false}),
            ),
        );
        fields.insert("email".into(), field("char", json!({"store": false})));
        fields.insert(
            "partner_id".into(),
            field(
                "many2one",
                json!({"relation": "res.partner", "required": true}),
            ),
        );
        fields.insert(
            "state".into(),
            field(
                "selection",
                json!({"selection": [["draft", "Draft"], ["done", "Done"]]}),
            ),
        );
        fields.insert(
            "message_ids".into(),
            field("one2many", json!({"relation": "mail.message"})),
        );
        fields.insert("create_date".into(), field("datetime", json!({})));
        let mut described = json!({});
        add(&mut described, &fields);
        assert_eq!(
            described["fields"],
            json!({"char": ["name*", "email~", "ref"], "many2one": ["partner_id*>res.partner"],
                   "monetary": ["total!~~"], "selection": ["state"]})
        );
        assert_eq!(described["choices"], json!({"state": ["draft", "done"]}));
        assert_eq!(described["left_out"], json!(2));
    }

    #[test]
    fn the_largest_model_is_brief() {
        let mut fields = Map::new();
        for number in 0..900 {
            let more = json!({"required": number == 899, "relation": "some.other.model"});
            fields.insert(
                format!("a_long_name_of_a_field_{number:03}_id"),
                field("many2one", more),
            );
        }
        let mut described = json!({});
        add(&mut described, &fields);
        assert!(described.to_string().len() < 7_500);
        let entry = described["fields"]["many2one"].as_array().unwrap();
        assert_eq!(entry[0], "a_long_name_of_a_field_899_id*>some.other.model");
        assert_eq!(described["left_out"], json!(900 - entry.len()));
    }
}
