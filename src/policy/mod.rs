//! Access policy: what a caller may do, within the rights that Odoo grants (docs/policy.md).

pub mod access;
mod chatter;
mod closed;
pub mod confirmation;
mod deletion;
mod derivation;
mod derived_fields;
pub mod domain;
pub mod groups;
mod inheritance;
pub mod masking;
mod methods;
mod model;
pub mod order;
mod restrictions;
mod rules;
mod structure;
pub mod values;
pub mod verdict;

pub use model::ModelPolicy;
pub use restrictions::{Policy, Switches, enter, of_caller};
pub use structure::closed_models;
pub use verdict::{Layer, Operation, Refusal};

use crate::error::{Error, Result};
use crate::odoo::field::{Field, FieldType};
use crate::odoo::models::FieldVisibility;
use derived_fields::DerivedFields;
use serde_json::Value;
use std::collections::HashMap;
use std::rc::Rc;

impl Policy<'_> {
    /// Check that the method of another app's resource or prompt may run. It may read any model, and a key cannot name
    /// it as it names tools.
    ///
    /// # Errors
    /// Denied for a key whose scope has named models only.
    pub fn let_author(&self) -> Result<()> {
        if self.scope_all_models() != Some(false) {
            return Ok(());
        }
        Err(Refusal::new(
            Layer::KeyScope,
            "The scope of this API key is for named models only; this is made by the code of another app, which may read \
             any.",
        )
        .into())
    }

    /// The merged restrictions on a model.
    pub fn model(&self, name: &str) -> Rc<ModelPolicy> {
        if let Some(found) = self.models.borrow().get(name) {
            return Rc::clone(found);
        }
        let mut merged = self.merged(name);
        if self.something_hidden() {
            merged.and(chatter::terms(self, name));
            self.follow_records(name, &mut merged);
        }
        let made = Rc::new(merged);
        let kept = Rc::clone(&made);
        self.models.borrow_mut().insert(name.to_owned(), kept);
        made
    }

    /// The restrictions on a model by name and from the models that inherit it, without the terms for quoted records
    /// and parents.
    fn merged(&self, name: &str) -> ModelPolicy {
        let mut merged = self.base(name);
        self.close_by_structure(name, &mut merged);
        self.follow_children(name, &mut merged);
        merged
    }

    /// The reason why an operation on a model is refused, or `None`: a restriction, the kind of the model, or a
    /// restriction on a model that its records are also records of.
    ///
    /// # Errors
    /// Errors from PostgreSQL.
    pub fn refusal(&self, model: &str, operation: Operation) -> Result<Option<Refusal>> {
        if let Some(refusal) = self.model(model).refusal(operation) {
            return Ok(Some(refusal.clone()));
        }
        if operation == Operation::Read {
            return Ok(None);
        }
        if self.restricts() && !self.facts.is_known() {
            return Ok(Some(structure::unknown()));
        }
        if let Some(refusal) = self.administrators_only(model)? {
            return Ok(Some(refusal));
        }
        let makes_user = (model, operation) == ("res.users", Operation::Create);
        if makes_user && self.restricts() && !self.may_change_users() {
            let reason = "A new user belongs to groups by default, so making one needs Write on res.groups, too. An MCP \
                          administrator can open both in Configuration > Access Control.";
            return Ok(Some(Refusal::new(Layer::Closed, reason)));
        }
        match operation {
            Operation::Create | Operation::Unlink => self.refusal_of_parents(model, operation),
            _ => Ok(None),
        }
    }

    /// Check that an operation on a model is allowed, and record it as an effect of the call.
    ///
    /// # Errors
    /// Denied, with the first reason.
    pub fn require(&self, model: &str, operation: Operation) -> Result<()> {
        match self.refusal(model, operation)? {
            None => {
                self.note(model, operation, None);
                Ok(())
            }
            Some(refusal) => Err(refusal.at("model")),
        }
    }

    /// Whether the policy lets the caller read records of a model.
    pub fn may_read(&self, model: &str) -> bool {
        self.model(model).refusal(Operation::Read).is_none()
    }

    /// The terms that every record of a model must match, in Odoo's format; empty without restrictions.
    pub fn terms(&self, model: &str) -> Vec<Value> {
        let policy = self.model(model);
        policy.terms().iter().map(|term| self.bound(term)).collect()
    }

    /// The terms that records must match to be changed, created or deleted.
    pub fn terms_to_change(&self, model: &str) -> Vec<Value> {
        let mut terms = self.terms(model);
        terms.extend(chatter::terms_to_change(self, model));
        terms.extend(chatter::terms_of_files(model));
        terms.extend(self.terms_of_parents(model));
        terms
    }

    /// The reason why attachments of the model's records are out of reach, or `None`: an attachment may show any of
    /// their data.
    pub fn attachments_refusal(&self, model: &str) -> Option<Refusal> {
        (!chatter::is_whole(self, model)).then(|| {
            Refusal::new(
                Layer::RecordDomain,
                "Files of records of this model are out of reach for this caller, since they may show what is hidden \
                 of it.",
            )
        })
    }

    /// Check that a report on a model may be printed.
    ///
    /// # Errors
    /// Denied, with the reason.
    pub fn require_report(&self, model: &str, report: &str) -> Result<()> {
        self.require(model, Operation::Read)?;
        let policy = self.model(model);
        match policy.report_refusal(report, self.something_hidden()) {
            Some(refusal) => Err(refusal.at("report")),
            None => Ok(()),
        }
    }

    /// The fields of a model that derive from hidden ones.
    fn hidden(&self, model: &str) -> Result<Rc<DerivedFields>> {
        if let Some(found) = self.derived.borrow().get(model) {
            return Ok(Rc::clone(found));
        }
        let found = if self.something_hidden() {
            derivation::read(self, model)?
        } else {
            Rc::new(DerivedFields::default())
        };
        let kept = Rc::clone(&found);
        self.derived.borrow_mut().insert(model.to_owned(), kept);
        Ok(found)
    }

    /// Whether some fields of a model are hidden, by name or by derivation. The information revealed by a search by
    /// name, or by a field with a search method, is then unknown.
    ///
    /// # Errors
    /// Errors from PostgreSQL.
    pub fn hides_fields(&self, model: &str) -> Result<bool> {
        Ok(self.model(model).has_field_restrictions() || !self.hidden(model)?.is_empty())
    }

    /// Whether the caller may search records of a model by typed text, that is, whether the search reads nothing
    /// hidden.
    ///
    /// # Errors
    /// Errors from PostgreSQL.
    fn are_names_searchable(&self, model: &str) -> Result<bool> {
        Ok(self.terms(model).is_empty() && self.hidden(model)?.are_names_searchable())
    }

    /// Whether some fields or records of a model are out of reach.
    ///
    /// # Errors
    /// Errors from PostgreSQL.
    pub fn hides_some(&self, model: &str) -> Result<bool> {
        Ok(self.something_hidden()
            && (!self.terms(model).is_empty() || self.hides_fields(model)?))
    }

    /// The first of these models with hidden fields or records. Odoo's errors about it are withheld, since they might
    /// quote hidden data.
    ///
    /// # Errors
    /// Errors from PostgreSQL.
    pub fn withheld_model<'m>(
        &self,
        models: impl IntoIterator<Item = &'m str>,
    ) -> Result<Option<String>> {
        for model in models {
            if self.hides_some(model)? {
                return Ok(Some(model.to_owned()));
            }
        }
        Ok(None)
    }

    /// The reason why a field is hidden, or `None`.
    ///
    /// # Errors
    /// Errors from PostgreSQL.
    pub fn field_refusal(&self, model: &str, field: &Field) -> Result<Option<Refusal>> {
        if let Some(refusal) = self.model(model).hides(&field.name) {
            return Ok(Some(refusal));
        }
        use FieldType::{Binary, Char, Html, Json, Serialized, Text};
        if matches!(field.ttype, Binary | Char | Html | Json | Serialized | Text)
            && let Some(refusal) = self.model(model).closes_secret(&field.name)
        {
            return Ok(Some(refusal));
        }
        if self.something_hidden()
            && let Some(refusal) = self.model(model).closes_quotes(&field.name)
        {
            return Ok(Some(refusal));
        }
        let hidden = self.hidden(model)?.refusal(field);
        Ok(hidden)
    }
}

impl FieldVisibility for Policy<'_> {
    fn withheld(&self, model: &str, fields: &[Field]) -> Result<HashMap<String, String>> {
        let mut withheld = HashMap::new();
        for field in fields {
            if let Some(refusal) = self.field_refusal(model, field)? {
                withheld.insert(field.name.clone(), refusal.to_string());
            }
        }
        Ok(withheld)
    }

    fn shows(&self, model: &str) -> bool {
        !self.model(model).is_closed()
    }

    fn walk(&self, model: &str, at: &str) -> Result<()> {
        match self.model(model).refusal(Operation::Read) {
            None => Ok(()),
            Some(refusal) => Err(refusal.at(at)),
        }
    }

    fn searchable(&self, model: &str, field: &Field, at: &str) -> Result<()> {
        if !self.something_hidden() {
            return Ok(());
        }
        let by_method = self.hidden(model)?.is_searched_by_method(&field.name);
        // Text in a JSON value names records of other models (`analytic_distribution`).
        let elsewhere = field.ttype == FieldType::Json;
        if by_method && (elsewhere || self.hides_fields(model)?) {
            return Err(Error::from(Refusal::new(
                Layer::HiddenField,
                format!(
                    "{at}: {:?} of {model} has its own search method, which could read what is hidden from this \
                     caller. Use stored fields that you can see.",
                    field.name
                ),
            )));
        }
        Ok(())
    }
}

impl Policy<'_> {
    /// As [`FieldVisibility::walk`].
    fn walk_to(&self, model: &str, at: &str) -> Result<()> {
        self.walk(model, at)
    }
}
