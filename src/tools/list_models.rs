//! `list_models`: searches the models that the user may read. Answered in the core: model access is stored in
//! ir.model.access.

use super::answer::Answer;
use super::arguments::Arguments;
use super::columns;
use super::context::{Context, Prepared};
use crate::error::Result;
use crate::odoo::user::readable_models;
use crate::pg::read_json;
use serde::Deserialize;
use serde_json::{Map, Value, json};

const NAMED: &str = sql!("fragments/held_groups", "tools/models_named");

/// A model and its names.
#[derive(Debug, Default, Deserialize)]
struct Named {
    model: String,
    /// In the user's language.
    label: String,
    #[serde(default)]
    english: Option<String>,
    /// Names of window actions that show its records: people call journal entries "invoices".
    #[serde(default)]
    windows: Option<Vec<String>>,
}

pub fn prepare(context: &Context, arguments: Map<String, Value>) -> Result<Prepared> {
    let mut arguments = Arguments::new(arguments);
    let words = arguments.words("search")?;
    let words: Vec<String> = words.iter().map(|word| word.to_lowercase()).collect();
    let limit = usize::try_from(arguments.limit(context)?).unwrap_or(0);
    let offset = usize::try_from(arguments.number("offset", 0)?.unwrap_or(0)).unwrap_or(0);
    arguments.done()?;
    let matching = if words.is_empty() {
        let readable = readable_models(context.db, context.user)?.into_iter();
        let readable = readable.filter(|(model, _)| context.policy.may_read(model));
        readable
            .map(|(model, label)| json!({"model": model, "name": label}))
            .collect()
    } else {
        let params = [context.user.id.into(), context.user.language().into()];
        let mut named: Vec<Named> = read_json(context.db, NAMED, &params)?;
        named.retain(|named| context.policy.may_read(&named.model));
        found(&named, &words)
    };
    let total = matching.len();
    let models: Vec<Value> = matching.into_iter().skip(offset).take(limit).collect();
    let models = columns::within(models, context.settings.max_answer_bytes);
    let count = models.len();
    Ok(Prepared::Answer(
        Answer::object(json!({
            "models": models, "total": total, "offset": offset, "has_more": offset + count < total && count > 0,
        }))
        .rows(count),
    ))
}

/// Models that match the words, the best match first. `words` are in lower case.
fn found(named: &[Named], words: &[String]) -> Vec<Value> {
    let mut ranked: Vec<(u8, usize, &Named, Option<&str>)> = named
        .iter()
        .filter_map(|named| {
            let (rank, window) = rank(named, words)?;
            // Among equal matches the shorter name comes first: longer ones are usually its parts.
            Some((rank, named.model.len(), named, window))
        })
        .collect();
    ranked.sort_by(|a, b| (a.0, a.1, &a.2.model).cmp(&(b.0, b.1, &b.2.model)));
    let described = ranked.into_iter().map(|(_, _, named, window)| {
        let mut described = json!({"model": named.model, "name": named.label});
        if let Some(window) = window {
            described["also"] = json!(window);
        }
        described
    });
    described.collect()
}

/// How well the words match, 0 being best, and the name of the window action that matches, if it is one.
fn rank<'n>(named: &'n Named, words: &[String]) -> Option<(u8, Option<&'n str>)> {
    let phrase = words.join(" ");
    let model = named.model.to_lowercase();
    let labels: Vec<String> = std::iter::once(named.label.as_str())
        .chain(named.english.as_deref())
        .map(str::to_lowercase)
        .collect();
    if model == phrase || model == words.join(".") {
        return Some((0, None));
    }
    if labels.iter().any(|label| is_same(label, &phrase)) {
        return Some((1, None));
    }
    let windows: Vec<(&str, String)> = named
        .windows
        .iter()
        .flatten()
        .map(|window| (window.as_str(), window.to_lowercase()))
        .collect();
    if let Some((window, _)) = windows.iter().find(|(_, lower)| is_same(lower, &phrase)) {
        return Some((2, Some(*window)));
    }
    let own = format!("{model} {}", labels.join(" "));
    let begins = |text: &str, word: &String| {
        text.split(|c: char| !c.is_alphanumeric())
            .any(|part| part.starts_with(word.as_str()) || is_same(part, word))
    };
    if labels.iter().any(|label| label.starts_with(&phrase)) {
        return Some((3, None));
    }
    if words.iter().all(|word| begins(&own, word)) {
        return Some((4, None));
    }
    if words.iter().all(|word| own.contains(word.as_str())) {
        return Some((5, None));
    }
    windows
        .iter()
        .find(|(_, lower)| {
            words
                .iter()
                .all(|word| own.contains(word) || begins(lower, word))
        })
        .map(|(window, _)| (6, Some(*window)))
}

/// Whether two names are equal apart from an English plural: windows are named by their contents.
fn is_same(name: &str, phrase: &str) -> bool {
    singular(name) == singular(phrase)
}

fn singular(name: &str) -> String {
    let stem = name.trim_end_matches('s');
    match stem.strip_suffix("ie") {
        Some(stem) => format!("{stem}y"),
        None => stem.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn models(search: &str) -> Vec<String> {
        let named = |model: &str, label: &str, windows: &[&str]| Named {
            model: model.into(),
            label: label.into(),
            english: None,
            windows: Some(windows.iter().map(|window| (*window).to_owned()).collect()),
        };
        let all = [
            named(
                "account.invoice.report",
                "Invoices Statistics",
                &["Invoices Analysis"],
            ),
            named(
                "account.move",
                "Journal Entry",
                &["Invoices", "Customer Invoices", "Bills"],
            ),
            named("account.move.line", "Journal Item", &["Invoice Lines"]),
            named("res.partner", "Contact", &["Customers", "Vendors"]),
            named("res.partner.bank", "Bank Accounts", &[]),
            named("sale.order", "Sales Order", &["Quotations"]),
            named(
                "stock.picking",
                "Transfer",
                &["All Transfers", "Deliveries"],
            ),
            named("sale.order.line", "Sales Order Line", &[]),
        ];
        let words: Vec<String> = search.split_whitespace().map(str::to_lowercase).collect();
        let found = found(&all, &words);
        found
            .iter()
            .map(|described| described["model"].as_str().unwrap().to_owned())
            .collect()
    }

    #[test]
    fn the_likeliest_comes_first() {
        assert_eq!(models("res.partner"), ["res.partner", "res.partner.bank"]);
        assert_eq!(models("sales order"), ["sale.order", "sale.order.line"]);
        assert_eq!(models("sale order"), ["sale.order", "sale.order.line"]);
        assert_eq!(
            models("invoice"),
            [
                "account.move",
                "account.invoice.report",
                "account.move.line"
            ]
        );
        assert_eq!(models("customer"), ["res.partner", "account.move"]);
        assert_eq!(models("quotation"), ["sale.order"]);
        assert_eq!(models("order line"), ["sale.order.line"]);
        assert_eq!(models("delivery"), ["stock.picking"]);
        assert_eq!(models("no such"), [""; 0]);
    }

    #[test]
    fn english_names_count_too_and_what_matched_is_told() {
        let all = [Named {
            model: "res.partner".into(),
            label: "Carnet d'adresses".into(),
            english: Some("Contact".into()),
            windows: Some(vec!["Customers".into()]),
        }];
        let of = |word: &str| found(&all, &[word.to_owned()]);
        assert_eq!(
            of("contact"),
            [json!({"model": "res.partner", "name": "Carnet d'adresses"})]
        );
        assert_eq!(
            of("customer"),
            [json!({"model": "res.partner", "name": "Carnet d'adresses", "also": "Customers"})]
        );
    }
}
