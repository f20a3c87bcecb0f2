//! Pages of a search: their order and their cursors.
//!
//! A cursor is a *keyset* where every term of the order is a stored column of the model. It holds the values of the
//! last record shown, and the next page begins after them. Records inserted or deleted in between neither hide nor
//! repeat another one. Otherwise a cursor is an *offset*. Odoo decides: where a model searches or orders by its own
//! code, it returns no keyset.

use crate::error::{Error, Result};
use crate::odoo::field::{FieldType, Fields};
use crate::pg::Database;
use crate::signed_token::{AssociatedData, TokenCodec};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Purpose in the signature of search cursors.
const PURPOSE: &str = "search";

/// Maximum terms of a keyset, and bytes of its values. A larger one is not worth a cursor.
const MOST_TERMS: usize = 8;
const MOST_KEY_BYTES: usize = 600;

/// Bytes of an answer that are reserved for the cursor.
pub const CURSOR_BYTES: usize = 1_000;

/// One term of an order: the field, whether it is descending, whether nulls come first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OrderTerm(pub String, pub bool, pub bool);

/// The field names in an order, with those after a dot or a colon; and whether `id` is a term, which makes the order
/// total.
pub fn names(order: &str) -> (Vec<&str>, bool) {
    let names: Vec<&str> = order
        .split(',')
        .filter_map(|term| term.split_whitespace().next())
        .collect();
    let is_total = names.contains(&"id");
    (names, is_total)
}

/// Appends `id` to an order, since records with equal values otherwise have no fixed order.
pub fn total(order: &str) -> String {
    match names(order) {
        (names, _) if names.is_empty() => "id".to_owned(),
        (_, true) => order.to_owned(),
        (_, false) => format!("{order}, id"),
    }
}

/// The terms of a total order up to `id`, if each is a stored, ordered column of the model itself. `fields`: those
/// visible to the caller.
pub fn terms(fields: &Fields, order: &str) -> Option<Vec<OrderTerm>> {
    let mut terms = Vec::new();
    for term in order.split(',') {
        let mut words = term.split_whitespace();
        let name = words.next()?;
        let rest: Vec<String> = words.map(str::to_ascii_lowercase).collect();
        let rest: Vec<&str> = rest.iter().map(String::as_str).collect();
        let (descends, nulls) = match rest.as_slice() {
            [] | ["asc"] => (false, None),
            ["desc"] => (true, None),
            ["nulls", place] | ["asc", "nulls", place] => (false, Some(*place)),
            ["desc", "nulls", place] => (true, Some(*place)),
            _ => return None,
        };
        // PostgreSQL sorts null as larger than every value.
        let nulls_first = match nulls {
            None => descends,
            Some("first") => true,
            Some("last") => false,
            Some(_) => return None,
        };
        let field = fields.get(name)?;
        if !field.store || !is_plain(field.ttype) {
            return None;
        }
        let is_id = name == "id";
        terms.push(OrderTerm(name.to_owned(), descends, nulls_first));
        if is_id {
            return (terms.len() <= MOST_TERMS).then_some(terms);
        }
    }
    None
}

/// Whether a type has an order of its own. A many2one is ordered by the other model; lists and documents have no order.
fn is_plain(ttype: FieldType) -> bool {
    matches!(
        ttype,
        FieldType::Boolean
            | FieldType::Integer
            | FieldType::Float
            | FieldType::Monetary
            | FieldType::Char
            | FieldType::Text
            | FieldType::Date
            | FieldType::Datetime
            | FieldType::Selection
    )
}

/// The start of a page.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageStart {
    /// After the record with these values, in PostgreSQL's text form; none for an offset.
    #[serde(default, rename = "k", skip_serializing_if = "Option::is_none")]
    pub key: Option<Vec<Option<String>>>,
    /// Number of records on previous pages.
    #[serde(rename = "n")]
    pub shown: i64,
}

/// Reads a cursor. `bound_to`: the search and caller that it is valid for.
///
/// # Errors
/// Bad arguments for a cursor of another search or caller.
pub fn open(db: &dyn Database, bound_to: &str, cursor: &str) -> Result<PageStart> {
    let binding = AssociatedData {
        purpose: PURPOSE,
        bounds: &[bound_to],
    };
    // Keyset cursors do not expire.
    let place = TokenCodec::read(db)?.open(&binding, cursor, 0);
    let place = place.and_then(|place| serde_json::from_value::<PageStart>(place).ok());
    place.filter(|place| place.shown >= 0).ok_or_else(|| {
        Error::bad_arguments(
            "cursor: this search did not give it to you. A cursor is good for the same model, domain, fields, order, \
             context and user only: repeat these as they were, or begin again without cursor.",
        )
    })
}

/// Makes a cursor; the reverse of [`open`].
///
/// # Errors
/// As [`TokenCodec::read`].
pub fn seal(db: &dyn Database, bound_to: &str, place: &PageStart) -> Result<String> {
    let binding = AssociatedData {
        purpose: PURPOSE,
        bounds: &[bound_to],
    };
    Ok(TokenCodec::read(db)?.seal(&binding, &json!(place), None))
}

/// The start of the page after the record `id`. `keys`: key values by record id, where Odoo returned them.
pub fn after(keys: &Value, id: i64, shown: i64) -> PageStart {
    let key = keys
        .get(id.to_string())
        .and_then(|key| Vec::<Option<String>>::deserialize(key).ok())
        .filter(|key| json!(key).to_string().len() <= MOST_KEY_BYTES);
    PageStart { key, shown }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields() -> Fields {
        let field = |name: &str, ttype: &str, store: bool| json!({"name": name, "ttype": ttype, "store": store});
        let all = json!([
            field("id", "integer", true),
            field("name", "char", true),
            field("date", "datetime", true),
            field("flag", "boolean", true),
            field("phone", "char", false),
            field("partner_id", "many2one", true),
            field("tag_ids", "many2many", true),
        ]);
        Fields::new("x", serde_json::from_value(all).unwrap())
    }

    fn term(name: &str, descends: bool, nulls_first: bool) -> OrderTerm {
        OrderTerm(name.into(), descends, nulls_first)
    }

    #[test]
    fn an_order_by_columns_is_a_keyset() {
        let fields = fields();
        assert_eq!(terms(&fields, "id"), Some(vec![term("id", false, false)]));
        assert_eq!(
            terms(
                &fields,
                "date DESC,name asc NULLS FIRST, flag desc nulls last,id desc"
            ),
            Some(vec![
                term("date", true, true),
                term("name", false, true),
                term("flag", true, false),
                term("id", true, true)
            ])
        );
        // Terms after the id have no effect.
        assert_eq!(terms(&fields, "id, phone"), terms(&fields, "id"));
    }

    #[test]
    fn another_order_is_not() {
        for order in [
            "",
            "name",
            "phone, id",
            "partner_id, id",
            "partner_id.id, id",
            "tag_ids, id",
            "date:month, id",
            "hidden, id",
            "name upwards, id",
            "name nulls second, id",
        ] {
            assert_eq!(terms(&fields(), order), None, "{order}");
        }
        let many = "name, ".repeat(MOST_TERMS) + "id";
        assert_eq!(terms(&fields(), &many), None);
    }

    #[test]
    fn the_id_makes_an_order_total() {
        for (order, made) in [
            ("", "id"),
            (" ", "id"),
            ("name", "name, id"),
            ("id desc", "id desc"),
            ("name, id", "name, id"),
            ("partner_id.id", "partner_id.id, id"),
        ] {
            assert_eq!(total(order), made, "{order:?}");
        }
    }

    #[test]
    fn a_key_that_is_too_long_or_not_there_leaves_the_offset() {
        let keys = json!({"7": ["a", null, "7"], "8": ["x".repeat(MOST_KEY_BYTES), "8"]});
        let key = vec![Some("a".to_owned()), None, Some("7".to_owned())];
        assert_eq!(
            after(&keys, 7, 5),
            PageStart {
                key: Some(key),
                shown: 5
            }
        );
        for (keys, id) in [(&keys, 8), (&keys, 9), (&Value::Null, 7)] {
            assert_eq!(
                after(keys, id, 5),
                PageStart {
                    key: None,
                    shown: 5
                }
            );
        }
    }
}
