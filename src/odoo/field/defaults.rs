//! The default columns when the caller names none.

use super::{Field, FieldType};
use crate::odoo::secret_name::is_secret_name;

/// Maximum number of default columns, whatever number is asked for.
const MOST: usize = 12;

/// Fields with the creator and last writer of a record and the times (`LOG_ACCESS_COLUMNS` of Odoo's ORM).
const LOG_ACCESS: [&str; 4] = ["create_uid", "create_date", "write_uid", "write_date"];

/// Fields that never help to identify a record.
const TECHNICAL: [&str; 6] = [
    "id",
    "__last_update",
    "parent_path",
    "color",
    "sequence",
    "has_message",
];
const TECHNICAL_PREFIXES: [&str; 11] = [
    "message_",
    "activity_",
    "my_activity_",
    "access_",
    "website_message_",
    "rating_",
    "signup_",
    "image_",
    "avatar_",
    "property_",
    "has_",
];

/// Words in names of informative fields, each with its weight, regardless of the type.
const INFORMATIVE: [(&str, i32); 24] = [
    ("state", 90),
    ("stage", 90),
    ("status", 85),
    ("partner", 85),
    ("customer", 80),
    ("total", 80),
    ("amount", 75),
    ("date", 75),
    ("deadline", 75),
    ("email", 72),
    ("phone", 72),
    ("price", 70),
    ("qty", 70),
    ("quantity", 70),
    ("product", 70),
    ("user", 65),
    ("employee", 65),
    ("code", 60),
    ("ref", 60),
    ("login", 60),
    ("project", 60),
    ("mobile", 45),
    ("type", 40),
    ("company", 20),
];

/// At most `most` of the fields, and never more than 12, the most informative first: the record's name, then its state,
/// party, dates, amounts. `id` is excluded, since every result has it. Also excluded are long and technical fields,
/// secrets and lists of records. The same fields always give the same result.
pub fn default_fields(fields: &[Field], most: usize) -> Vec<String> {
    let title = ["name", "x_name", "display_name"]
        .into_iter()
        .find(|title| fields.iter().any(|field| field.name == *title));
    let mut scored: Vec<(i32, &str)> = fields
        .iter()
        .filter(|field| is_short(field.ttype) && !is_technical(&field.name))
        .filter(|field| field.name != "display_name" || title == Some("display_name"))
        .map(|field| {
            let name = field.name.as_str();
            let score = if Some(name) == title {
                i32::MAX
            } else {
                score(field)
            };
            (score, name)
        })
        .collect();
    scored.sort_by(|(a, left), (b, right)| b.cmp(a).then(left.cmp(right)));
    scored.dedup_by(|(_, a), (_, b)| a == b);
    scored
        .into_iter()
        .take(most.min(MOST))
        .map(|(_, name)| name.to_owned())
        .collect()
}

fn is_short(ttype: FieldType) -> bool {
    matches!(
        ttype,
        FieldType::Boolean
            | FieldType::Integer
            | FieldType::Float
            | FieldType::Monetary
            | FieldType::Char
            | FieldType::Date
            | FieldType::Datetime
            | FieldType::Selection
            | FieldType::Many2one
            | FieldType::Reference
    )
}

fn is_technical(name: &str) -> bool {
    TECHNICAL.contains(&name)
        || LOG_ACCESS.contains(&name)
        || TECHNICAL_PREFIXES
            .iter()
            .any(|prefix| name.starts_with(prefix))
        || is_secret_name(name)
}

/// Whether the field holds the creator or last writer of the record, or a time of these.
pub fn is_log_access(name: &str) -> bool {
    LOG_ACCESS.contains(&name)
}

/// Whether the field belongs, by its name, to Odoo's own bookkeeping: messages, activities and similar.
pub fn is_housekeeping(name: &str) -> bool {
    TECHNICAL_PREFIXES
        .iter()
        .any(|prefix| name.starts_with(prefix) && *prefix != "property_")
}

fn score(field: &Field) -> i32 {
    let words: Vec<&str> = field.name.split('_').collect();
    let by_name = INFORMATIVE
        .iter()
        .filter(|(word, _)| words.contains(word) && !misleading(word, field.ttype))
        .map(|(_, points)| *points)
        .max()
        .unwrap_or(0);
    let by_type = match field.ttype {
        FieldType::Selection | FieldType::Date | FieldType::Monetary => 25,
        FieldType::Char | FieldType::Datetime => 20,
        FieldType::Many2one => 15,
        FieldType::Integer | FieldType::Float => 10,
        _ => 5,
    };
    let given = match (field.store, field.searchable) {
        (true, _) => 20,
        // A field inherited from a parent record, such as a product's name, counts nearly as stored.
        (false, true) => 10,
        (false, false) => -40,
    };
    let required = if field.required { 15 } else { 0 };
    // `date_order` is more informative than `some_other_date_of_order`.
    let detail = 4 * i32::try_from(words.len()).unwrap_or(i32::MAX / 8);
    by_name + by_type + given + required - detail
}

/// Whether the word misleads for this type: `state_id` is the state of an address, and only the type makes a date a
/// date.
fn misleading(word: &str, ttype: FieldType) -> bool {
    match word {
        "state" | "status" => ttype == FieldType::Many2one,
        "date" | "deadline" => !matches!(ttype, FieldType::Date | FieldType::Datetime),
        "total" | "amount" | "price" | "qty" | "quantity" => !matches!(
            ttype,
            FieldType::Integer | FieldType::Float | FieldType::Monetary
        ),
        _ => false,
    }
}
