//! Applies restrictions along `_inherits`. A record of a child model is also a record of its parent, so data hidden or
//! refused in one is hidden or refused in the other.

use super::model::ModelPolicy;
use super::model::Source;
use super::restrictions::Policy;
use super::verdict::{Layer, Operation, Refusal};
use crate::error::Result;
use crate::odoo::model_facts::Link;
use serde_json::{Value, json};
use std::collections::HashSet;

/// Parents that Odoo creates and deletes with their child, and that have no use without it. Creating the child needs no
/// separate right to them. Their fields do.
pub(super) const MANAGED: [&str; 1] = ["mail.alias"];

/// Prefix a term's path with a relation, so that it applies to the related record. Every version of Odoo supports such
/// paths.
fn through(relation: &str, mut term: Value) -> Value {
    if let Some(path) = term.get_mut(0) {
        *path = json!(format!("{relation}.{}", path.as_str().unwrap_or_default()));
    }
    term
}

impl Policy<'_> {
    /// The restrictions on a model by its name.
    pub(super) fn sources(&self, model: &str) -> impl Iterator<Item = Source<'_>> {
        let access = (Layer::AccessRecord, self.rules.access.get(model));
        let line = (Layer::KeyScope, self.rules.lines().get(model));
        let both = [access, line].into_iter();
        both.filter_map(|(layer, row)| row.map(|row| Source { layer, row }))
    }

    /// Add the restrictions of the models that inherit a model to its own.
    pub(super) fn follow_children(&self, model: &str, merged: &mut ModelPolicy) {
        for child in self.facts.children(model) {
            for source in self.sources(child) {
                self.hide_inherited(model, child, source, merged);
            }
        }
        for whole in self.facts.wholes(model) {
            self.follow_whole(model, &whole.model, merged);
        }
    }

    /// Hide the inherited fields that the child hides. The model's own restriction has priority over a list of allowed
    /// fields of the child.
    fn hide_inherited(&self, model: &str, child: &str, source: Source, merged: &mut ModelPolicy) {
        let own = self.sources(model).any(|own| own.layer == source.layer);
        let row = source.row;
        let is_hidden = |field: &str| {
            let unlisted = row
                .whitelist()
                .is_some_and(|shown| !shown.iter().any(|name| name == field));
            row.hidden().iter().any(|name| name == field) || (unlisted && !own)
        };
        let fields = self.facts.inherited(child, model);
        let hidden: HashSet<String> = fields
            .filter(|field| is_hidden(field))
            .map(str::to_owned)
            .collect();
        merged.hide(source, hidden);
    }

    /// Refuse the operations that are refused on `whole`. Records of this model are parts of its records.
    fn follow_whole(&self, model: &str, whole: &str, merged: &mut ModelPolicy) {
        let of_whole = self.base(whole);
        for operation in Operation::ALL {
            let Some(refusal) = of_whole.refusal(operation) else {
                continue;
            };
            // A restriction that names the part and not the whole is meant for the part.
            let named =
                |layer: Layer, name: &str| self.sources(name).any(|source| source.layer == layer);
            if named(refusal.layer, model) && !named(refusal.layer, whole) {
                continue;
            }
            let reason = format!("Its records are parts of {whole}. {}", refusal.reason);
            merged.refuse(&[operation], &Refusal::new(refusal.layer, reason));
        }
    }

    /// Add the terms of the model's parents, and of the models whose records have its records as parts.
    pub(super) fn follow_records(&self, model: &str, merged: &mut ModelPolicy) {
        let beside = |link: &&Link| !self.facts.is_part(&link.model, model);
        let parents = self.facts.parents(model).iter().filter(beside);
        let parents = parents.map(|link| (link, self.model(&link.model)));
        let wholes = self.facts.wholes(model).iter();
        let wholes = wholes.map(|link| (link, self.base(&link.model).into()));
        for (link, other) in parents.chain(wholes) {
            if other.terms().is_empty() {
                continue;
            }
            if self.has_any() {
                merged.and([json!([link.field, "any", other.terms()])]);
            } else {
                let reason = format!(
                    "The policy hides records of {}, and this version of Odoo (before 17) cannot exclude the records \
                     of this model that belong to them.",
                    link.model
                );
                merged.refuse(&Operation::ALL, &Refusal::new(Layer::RecordDomain, reason));
            }
        }
    }

    /// The terms for a change that follow from the parents: their records may quote other models' records or be
    /// attachments.
    pub(super) fn terms_of_parents(&self, model: &str) -> Vec<Value> {
        let parents = self.facts.parents(model).iter();
        let described = parents.flat_map(|link| {
            let terms = super::chatter::terms_to_change(self, &link.model);
            let terms = terms
                .into_iter()
                .chain(super::chatter::terms_of_files(&link.model));
            terms.map(|term| through(&link.field, term))
        });
        described.collect()
    }

    /// The reason why a record of a model may not be created or deleted together with the record of its parent, or
    /// `None`.
    ///
    /// # Errors
    /// Errors from PostgreSQL.
    pub(super) fn refusal_of_parents(
        &self,
        model: &str,
        operation: Operation,
    ) -> Result<Option<Refusal>> {
        for link in self.facts.parents(model) {
            let parent = link.model.as_str();
            let managed = MANAGED.contains(&parent) && self.sources(parent).next().is_none();
            if managed || self.facts.is_part(parent, model) {
                continue;
            }
            if let Some(refusal) = self.refusal(parent, operation)? {
                let reason = format!(
                    "A record of {model} is one of {parent}, too. {}",
                    refusal.reason
                );
                return Ok(Some(Refusal::new(refusal.layer, reason)));
            }
        }
        Ok(None)
    }

    /// Whether nothing is hidden of this model's parents, and of the models whose records have its records as parts.
    pub(super) fn is_whole_with_others(&self, model: &str) -> bool {
        let beside = |link: &&Link| {
            !MANAGED.contains(&link.model.as_str()) && !self.facts.is_part(&link.model, model)
        };
        let parents = self.facts.parents(model).iter().filter(beside);
        let named = self.sources(model).next().is_some();
        let meant = |link: &&Link| !named || self.sources(&link.model).next().is_some();
        let wholes = self.facts.wholes(model).iter().filter(meant);
        parents
            .chain(wholes)
            .all(|link| super::chatter::is_whole_by_name(self, &link.model))
    }

    /// The reason why a value of `model` may not be written to records of `owner`, or `None`. For a part of the model's
    /// own records the model decides, unless a restriction names the part.
    ///
    /// # Errors
    /// Errors from PostgreSQL.
    pub(super) fn refusal_of_owner(&self, model: &str, owner: &str) -> Result<Option<Refusal>> {
        if self.facts.is_part(owner, model) && self.sources(owner).next().is_none() {
            return Ok(None);
        }
        if MANAGED.contains(&owner) {
            // Odoo creates a missing one.
            let policy = self.model(owner);
            let create = || policy.refusal(Operation::Create);
            return Ok(policy.refusal(Operation::Write).or_else(create).cloned());
        }
        self.refusal(owner, Operation::Write)
    }

    /// Whether a restriction refuses or hides something of a model or of one of its parents.
    pub(super) fn narrows(&self, model: &str) -> bool {
        let narrow = |source: Source| source.row.narrows() || !source.row.is_for(&self.group_ids);
        let mut parents = self.facts.parents(model).iter();
        self.sources(model).any(narrow) || parents.any(|link| self.narrows(&link.model))
    }

    /// Models that inherit the restrictions of named models: their parents, children and parts.
    pub(super) fn followers(&self) -> impl Iterator<Item = &str> {
        let parents = self.named().flat_map(|model| self.facts.parents(model));
        let children = self.named().flat_map(|model| self.facts.children(model));
        let parents = parents.map(|link| link.model.as_str());
        parents.chain(children.map(String::as_str))
    }
}
