//! Models closed by their kind, whatever their name: abstract models, models that render templates, models that share
//! records or rows with a closed model, and models that only Odoo's administrators may change. An access record of the
//! model opens it.

use super::closed;
use super::model::ModelPolicy;
use super::restrictions::Policy;
use super::verdict::{Layer, Operation, Refusal};
use crate::error::Result;
use crate::odoo::model_facts::{self, ModelFacts};
use crate::pg::{Database, Param, read_json};
use serde::Deserialize;
use serde_json::{Value, json};

const WRITERS: &str = sql!("policy/model_writers");
const ALL: &str = sql!("policy/closed_models");
const ADMINISTERED: &str =
    "only Odoo's administrators (Settings, Access Rights) may change its records";

/// The reason why a model is closed.
struct Closure {
    why: String,
    /// Closed for reading, too.
    read: bool,
}

impl Closure {
    fn refusal(&self, model: &str) -> Refusal {
        Refusal::new(
            Layer::Closed,
            format!(
                "{model} is closed to MCP: {}. An MCP administrator can open it in Configuration > Access Control.",
                self.why
            ),
        )
    }
}

/// The reason why the registry facts close a model without an access record, or `None`. `opened`: whether a model has
/// an access record.
fn closure(facts: &ModelFacts, model: &str, opened: &dyn Fn(&str) -> bool) -> Option<Closure> {
    let mut parents = facts.parents(model).iter();
    let of_parent = parents.find_map(|link| {
        let parent = link.model.as_str();
        let what = closed::model(parent).filter(|_| !opened(parent))?;
        Some(Closure {
            why: format!("its records are also records of {parent} ({what})"),
            read: true,
        })
    });
    let mut shares = facts.shares(model).iter();
    let shared = || {
        shares.find_map(|other| {
            closed::model(other).map(|what| Closure {
                why: format!("its rows are also rows of {other} ({what})"),
                read: false,
            })
        })
    };
    let without_records = || {
        facts.is_abstract(model).then(|| Closure {
            why: "it has no records, and its methods are for code of Odoo".to_owned(),
            read: false,
        })
    };
    let rendering = || {
        facts.renders(model).then(|| Closure {
            why: "it renders texts in which code can stand, with all rights".to_owned(),
            read: false,
        })
    };
    of_parent
        .or_else(shared)
        .or_else(without_records)
        .or_else(rendering)
}

impl Policy<'_> {
    /// Close a model without an access record if the registry facts require it.
    pub(super) fn close_by_structure(&self, model: &str, merged: &mut ModelPolicy) {
        if !self.rules.access.contains_key(model) {
            self.close_unopened(model, merged);
        }
        if self.facts.renders(model) && self.is_contained() {
            merged.refuse(&Operation::ALL[1..], &closed::code(model));
        }
    }

    fn close_unopened(&self, model: &str, merged: &mut ModelPolicy) {
        let opened = |name: &str| self.rules.access.contains_key(name);
        if let Some(closure) = closure(&self.facts, model, &opened) {
            let operations = if closure.read {
                &Operation::ALL[..]
            } else {
                &Operation::ALL[1..]
            };
            merged.refuse(operations, &closure.refusal(model));
        } else if self.something_hidden() && self.facts.uses_templates(model) {
            let why = "it shows what a template makes of any record, and something is hidden from this caller";
            let closure = Closure {
                why: why.to_owned(),
                read: true,
            };
            merged.refuse(&Operation::ALL, &closure.refusal(model));
        }
    }

    /// The reason why a model without an access record may not be changed and its methods not called, because only
    /// Odoo's administrators may change its records; or `None`.
    ///
    /// # Errors
    /// Errors from PostgreSQL.
    pub(super) fn administrators_only(&self, model: &str) -> Result<Option<Refusal>> {
        if self.rules.access.contains_key(model) {
            return Ok(None);
        }
        if let Some(found) = self.administered.borrow().get(model) {
            return Ok(found.clone());
        }
        let refusal = is_administered(self.db, model)?.then(|| {
            let why = ADMINISTERED.to_owned();
            Closure { why, read: false }.refusal(model)
        });
        let mut asked = self.administered.borrow_mut();
        asked.insert(model.to_owned(), refusal.clone());
        Ok(refusal)
    }
}

/// The refusal of a restricted caller's changes while the registry facts are missing and the reach of a change is
/// unknown.
pub(super) fn unknown() -> Refusal {
    Refusal::new(
        Layer::AccessRecord,
        "This caller is restricted, and Odoo has not yet registered which models a change reaches. An administrator \
         restarts Odoo or updates the app MCP Server.",
    )
}

fn is_administered(db: &dyn Database, model: &str) -> Result<bool> {
    let found = db.read(WRITERS, &[Param::from(model)])?;
    Ok(found.as_deref() == Some("true"))
}

#[derive(Deserialize)]
struct ModelList {
    facts: Option<String>,
    models: Vec<ClosedModel>,
}

#[derive(Deserialize)]
struct ClosedModel {
    model: String,
    label: String,
    /// Only Odoo's administrators may change its records.
    administered: bool,
    /// It has an access record.
    opened: bool,
}

/// Every model of the database that is closed unless an access record opens it: a list of `model`, `label`, `reason`,
/// `read` (closed for reading, too), and `opened` (a record opens it now).
///
/// # Errors
/// Errors from PostgreSQL.
pub fn closed_models(db: &dyn Database) -> Result<Value> {
    let ModelList { facts, models } = read_json(db, ALL, &[])?;
    let facts = model_facts::read(db, facts.as_deref())?;
    let described = models.iter().filter_map(|model| {
        let listed = closed::model(&model.model).map(|what| Closure {
            why: what.to_owned(),
            read: true,
        });
        let by_structure = || closure(&facts, &model.model, &|_| false);
        let by_rights = || {
            let why = ADMINISTERED.to_owned();
            model.administered.then_some(Closure { why, read: false })
        };
        let closure = listed.or_else(by_structure).or_else(by_rights)?;
        Some(json!({"model": model.model, "label": model.label, "reason": closure.why, "read": closure.read,
            "opened": model.opened}))
    });
    Ok(described.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn why(model: &str, opened: &[&str]) -> Option<(String, bool)> {
        let row = |kind: &str, model: &str, field: &str, other: &str| {
            (
                kind.to_owned(),
                model.to_owned(),
                field.to_owned(),
                other.to_owned(),
            )
        };
        let facts = ModelFacts::of(vec![
            row("inherits", "website.page", "view_id", "ir.ui.view"),
            row("inherits", "res.users", "partner_id", "res.partner"),
            row("shares", "ir.actions.act_window", "", "ir.actions.server"),
            row("abstract", "mail.thread", "", ""),
        ]);
        let found = closure(&facts, model, &|name| opened.contains(&name))?;
        Some((found.why, found.read))
    }

    #[test]
    fn a_model_is_closed_by_what_it_is() {
        let (reason, read) = why("website.page", &[]).unwrap();
        assert!(reason.contains("ir.ui.view") && read);
        assert!(why("website.page", &["ir.ui.view"]).is_none());
        let (reason, read) = why("ir.actions.act_window", &[]).unwrap();
        assert!(reason.contains("ir.actions.server") && !read);
        let (reason, read) = why("mail.thread", &[]).unwrap();
        assert!(reason.contains("no records") && !read);
        assert!(why("res.users", &[]).is_none() && why("res.partner", &[]).is_none());
    }
}
