//! `search`: records of a model that match a domain, as columns and rows.

use super::answer::Answer;
use super::arguments::{Arguments, order};
use super::columns;
use super::context::{Context, OrmCall, Prepared};
use super::cursor::{self, CURSOR_BYTES, PageStart};
use super::rows::{self, RowsMemo, Style};
use crate::error::{Error, Result};
use crate::odoo::field::default_fields;
use crate::odoo::html::Form;
use crate::odoo::models::Model;
use crate::pg::Database;
use crate::policy::Operation;
use crate::policy::masking::mask;
use crate::policy::order::own_order_is_shown;
use crate::text::canonical_json;
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::rc::Rc;

/// Number of columns when the caller names none.
pub const DEFAULT_COLUMNS: usize = 12;
/// Maximum characters of a text in a list.
const LETTERS: usize = 1_000;

/// The columns of an answer: `id` and the requested fields, or a default choice; and their model.
pub fn columns(
    context: &Context,
    model: &str,
    asked: Option<Vec<String>>,
) -> Result<(Vec<String>, Rc<Model>)> {
    match asked {
        Some(fields) => {
            let names: Vec<&str> = fields.iter().map(String::as_str).collect();
            let model = context.models.model_with(model, &names)?;
            Ok((columns::with_id(fields), model))
        }
        None => {
            let model = context.models.model(model)?;
            let fields = default_fields(model.fields.all(), DEFAULT_COLUMNS);
            Ok((columns::with_id(fields), model))
        }
    }
}

/// Adds an optional argument for Odoo.
pub fn bind(call: &mut Value, name: &str, argument: Map<String, Value>) {
    if !argument.is_empty() {
        call[name] = Value::Object(argument);
    }
}

/// Minimum size in bytes of the rows, whatever the setting.
const LEAST_BYTES: usize = 1_000;

/// Size in bytes of the fixed parts of an answer.
const AROUND_BYTES: usize = 500;

/// Reads how values are shown: the arguments `html` and, where the tool has it, `whole`. `beside`: bytes of the answer
/// reserved for other parts than rows.
///
/// # Errors
/// Bad arguments.
pub fn style(
    context: &Context,
    arguments: &mut Arguments,
    letters: usize,
    columns: &[String],
    beside: usize,
) -> Result<Style> {
    let html = match arguments.text("html")?.filter(|form| !form.is_empty()) {
        None => Form::Text,
        Some(form) => Form::named(&form).ok_or_else(|| {
            Error::bad_arguments("html: must be \"text\", \"markdown\" or \"html\".")
        })?,
    };
    let bytes = usize::try_from(context.settings.max_answer_bytes).unwrap_or(usize::MAX);
    // Columns with shortened values are named a second time.
    let around = AROUND_BYTES + beside + 2 * json!(columns).to_string().len();
    Ok(Style {
        html,
        whole: arguments.flag("whole")?,
        letters,
        bytes: bytes.saturating_sub(around).max(LEAST_BYTES),
    })
}

/// The order of the answer, with `id` as its last term. Where the model's default order would reveal hidden data, by
/// `id` alone.
fn full_order(
    context: &Context,
    arguments: &mut Arguments,
    name: &str,
    model: &Model,
) -> Result<String> {
    let asked = arguments.text("order")?;
    let order = match asked.filter(|text| !text.trim().is_empty()) {
        Some(text) => order(context, name, &text)?,
        None if own_order_is_shown(context.policy, &context.models, name)? => model.order.clone(),
        None => String::new(),
    };
    Ok(cursor::total(&order))
}

pub fn prepare(context: &Context, arguments: Map<String, Value>) -> Result<Prepared> {
    let mut arguments = Arguments::new(arguments);
    let name = arguments.required_text("model")?;
    context.require(&name, Operation::Read)?;
    context.models.model_with(&name, &arguments.named())?;
    let domain = arguments.domain(context, &name)?;
    let asked = arguments.fields(&context.models, &name)?;
    let optional = asked.is_none();
    let (fields, model) = columns(context, &name, asked)?;
    let order = full_order(context, &mut arguments, &name, &model)?;
    let by = context.models.model_with(&name, &cursor::names(&order).0)?;
    let terms = cursor::terms(&by.fields, &order);
    let limit = arguments.limit(context)?;
    let offset = arguments.number("offset", 0)?;
    let style = style(context, &mut arguments, LETTERS, &fields, CURSOR_BYTES)?;
    let cursor = arguments.text("cursor")?.filter(|text| !text.is_empty());
    arguments.done()?;
    let bound_to = canonical_json::digest(&json!([
        context.user.id,
        context.user.context(),
        name,
        domain,
        fields,
        order,
        terms
    ]));
    let place = match cursor {
        Some(cursor) if offset.unwrap_or(0) == 0 => cursor::open(context.db, &bound_to, &cursor)?,
        Some(_) => {
            return Err(Error::bad_arguments(
                "offset: the cursor says where the page begins. Leave offset out.",
            ));
        }
        None => PageStart {
            key: None,
            shown: offset.unwrap_or(0),
        },
    };
    let (mask, bounds) = mask(context.policy, &context.models, &model.fields, &fields)?;
    let memo = SearchMemo {
        rows: RowsMemo {
            model: name.clone(),
            types: columns::types(&model.fields, &fields),
            style,
            mask,
        },
        offset: place.shown,
        bound_to,
    };
    let mut call = json!({"model": name, "domain": domain, "fields": fields, "optional_fields": optional,
                          "order": order, "limit": limit,
                          "offset": if place.key.is_some() { 0 } else { place.shown }, "most_bytes": style.bytes});
    if let Some(terms) = terms {
        call["keyset"] = json!(terms);
    }
    if let Some(key) = place.key {
        call["after"] = json!(key);
    }
    bind(&mut call, "bounds", bounds);
    Ok(Prepared::Orm(OrmCall::new(call, &memo)?.on(&name)))
}

/// The state between `prepare` and `finish`, while Odoo searches.
#[derive(Debug, Serialize, Deserialize)]
pub struct SearchMemo {
    #[serde(flatten)]
    rows: RowsMemo,
    /// The number of records before this page.
    offset: i64,
    /// Digest of the search that the cursor belongs to.
    bound_to: String,
}

pub fn finish(db: &dyn Database, memo: &SearchMemo, mut result: Value, zone: Tz) -> Result<Answer> {
    let total: i64 = columns::member(&mut result, "total")?;
    let described = result.get("more").and_then(Value::as_bool);
    let keys = result.get_mut("keys").map(Value::take).unwrap_or_default();
    let (sheet, left_out) = rows::of_result(&mut result, &memo.rows, zone)?;
    let offset = memo.offset;
    let count = sheet.rows.len();
    let shown = offset + i64::try_from(count).unwrap_or(0);
    // With a keyset the offset counts records that were shown, which may be deleted by now.
    let more = !left_out.is_empty() || described.unwrap_or(count > 0 && shown < total);
    let mut answer = json!({
        "model": memo.rows.model, "columns": sheet.columns(), "rows": sheet.rows,
        "total": total, "offset": offset, "has_more": more,
    });
    if let (true, Some(last)) = (more, sheet.ids.last()) {
        let place = cursor::after(&keys, *last, shown);
        answer["next_cursor"] = json!(cursor::seal(db, &memo.bound_to, &place)?);
        answer["paging"] = json!(if place.key.is_some() {
            "keyset"
        } else {
            "offset"
        });
    }
    let full = (!left_out.is_empty()).then(|| {
        format!(
            "The answer is full: {count} of {} rows. Go on with next_cursor, or ask for fewer fields.",
            count + left_out.len()
        )
    });
    let cut: Vec<String> = full.into_iter().chain(sheet.shortened()).collect();
    if !cut.is_empty() {
        answer["cut"] = json!(cut.join(" "));
    }
    Ok(Answer::object(answer).rows(count).records(sheet.ids))
}
