//! Pages of a search: their order and their cursors.
//!
//! A cursor is a *keyset* where every term of the order is a stored column of the model: it holds the values of the last
//! record shown, and the next page begins after them. Records that are inserted or deleted in between neither hide nor
//! repeat another one. Otherwise a cursor is an *offset*. Odoo decides: where a model searches or orders by its own code,
//! no keyset comes back.

use crate::error::{Error, Result};
use crate::odoo::field::{FieldType, Fields};
use crate::pg::Database;
use crate::signed_token::{AssociatedData, TokenCodec};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What cursors of searches are sealed for.
const PURPOSE: &str = "search";

/// A keyset of more terms, or of longer values, is not worth a cursor.
const MOST_TERMS: usize = 8;
const MOST_KEY_BYTES: usize = 600;

/// How much of an answer is kept for the cursor.
pub const CURSOR_BYTES: usize = 1_000;

/// One term of an order: the field, whether it descends, whether what is not set comes first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OrderTerm(pub String, pub bool, pub bool);

/// The names in an order, those of what follows a dot or a colon too; and whether the id is one, which makes it total.
pub fn names(order: &str) -> (Vec<&str>, bool) {
    let names: Vec<&str> = order
        .split(',')
        .filter_map(|term| term.split_whitespace().next())
        .collect();
    let is_total = names.contains(&"id");
    (names, is_total)
}

/// The order with the id as its last term, without which records that are alike come in any order.
pub fn total(order: &str) -> String {
    match names(order) {
        (names, _) if names.is_empty() => "id".to_owned(),
        (_, true) => order.to_owned(),
        (_, false) => format!("{order}, id"),
    }
}

/// The terms of a total order, up to the id, if each is a column of the model itself whose values have an order of
/// their own. `fields` has those that the caller may see.
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
        // PostgreSQL: null is larger than every value.
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

/// A many2one is ordered by the other model, a list or a document has no order.
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

/// Where a page begins.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageStart {
    /// After the record with these values, as PostgreSQL writes them; none: after so many records.
    #[serde(default, rename = "k", skip_serializing_if = "Option::is_none")]
    pub key: Option<Vec<Option<String>>>,
    /// How many records came before.
    #[serde(rename = "n")]
    pub shown: i64,
}

/// `bound_to`: what a cursor is good for, the search that gave it, by this caller.
///
/// # Errors
/// Bad arguments for a cursor that this search did not give.
pub fn open(db: &dyn Database, bound_to: &str, cursor: &str) -> Result<PageStart> {
    let binding = AssociatedData {
        purpose: PURPOSE,
        bounds: &[bound_to],
    };
    // Keysets do not age.
    let place = TokenCodec::read(db)?.open(&binding, cursor, 0);
    let place = place.and_then(|place| serde_json::from_value::<PageStart>(place).ok());
    place.filter(|place| place.shown >= 0).ok_or_else(|| {
        Error::bad_arguments(
            "cursor: this search did not give it to you. A cursor is good for the same model, domain, fields, order, \
             context and user only: repeat these as they were, or begin again without cursor.",
        )
    })
}

/// # Errors
/// As [`TokenCodec::read`].
pub fn seal(db: &dyn Database, bound_to: &str, place: &PageStart) -> Result<String> {
    let binding = AssociatedData {
        purpose: PURPOSE,
        bounds: &[bound_to],
    };
    Ok(TokenCodec::read(db)?.seal(&binding, &json!(place), None))
}

/// Where the page after the record `id` begins. `keys` has the values of records by their ids, where Odoo could give them.
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
        // What comes after the id decides nothing.
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
