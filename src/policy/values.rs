//! Checks values to be written: the effects of x2many commands on other models, and the records that values name. Field
//! names are checked where they are parsed.

use super::deletion::Deletion;
use super::restrictions::Policy;
use super::verdict::{Layer, Operation, Refusal};
use super::{chatter, closed};
use crate::error::{Error, Result};
use crate::odoo::field::{Field, FieldType};
use crate::odoo::models::Models;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// The field of Odoo's analytic mixin, with ids as keys (addons/analytic/models/analytic_mixin.py).
const DISTRIBUTION: &str = "analytic_distribution";
/// Its key for the plans to replace, which are not accounts.
const DISTRIBUTION_UPDATE: &str = "__update__";
const ANALYTIC_ACCOUNT: &str = "account.analytic.account";

/// Checks for Odoo before and after a change: records that must match the domain terms of their model, and operations
/// that must not happen in a model. Also the models of all named records.
#[derive(Debug, Default)]
pub struct Within {
    parts: Vec<Value>,
    models: BTreeSet<String>,
}

impl Policy<'_> {
    /// The reason why the caller may not write a field whose value Odoo evaluates, or `None`.
    pub(super) fn code_refusal(&self, model: &str, field: &str) -> Option<Refusal> {
        let effect = if self.facts.is_evaluated(model, field) {
            "Odoo evaluates its text as code"
        } else if closed::makes_records(field) {
            "It decides which records an e-mail creates, with all rights"
        } else {
            return None;
        };
        let reason = format!(
            "{effect}. A caller for whom something is restricted, or whose API key has a scope, never writes it through \
             MCP."
        );
        let refusal = Refusal::new(Layer::Closed, reason);
        self.is_contained().then_some(refusal)
    }
}

impl Within {
    /// Add records of a model, if the model has terms.
    pub fn add(&mut self, policy: &Policy, model: &str, ids: &[i64]) {
        self.add_within(model, ids, policy.terms(model));
    }

    pub(super) fn add_within(&mut self, model: &str, ids: &[i64], terms: Vec<Value>) {
        if !ids.is_empty() {
            self.models.insert(model.to_owned());
        }
        if !terms.is_empty() && !ids.is_empty() {
            self.parts
                .push(json!({"model": model, "ids": ids, "domain": terms}));
        }
    }

    /// Require that all created and changed records of a model match its domain terms, whichever code of Odoo changes
    /// them.
    pub fn restrict_changes(&mut self, policy: &Policy, model: &str) {
        let terms = policy.terms_to_change(model);
        if !terms.is_empty() {
            self.once(json!({"model": model, "touched_within": terms}));
        }
    }

    /// Let no code of the call create, change or delete records of a closed model.
    pub(super) fn keep(&mut self, model: &str) {
        let operations = [Operation::Write, Operation::Create, Operation::Unlink];
        self.unchanged(model, &operations, Layer::Closed);
    }

    /// Add records to delete, so that Odoo checks its cascades.
    pub fn delete(&mut self, policy: &Policy, model: &str, ids: &[i64]) {
        self.add_deletion(model, ids, policy.deletion(model));
    }

    /// Add records that a value removes from a list. Odoo may create new lines of the same model in their place. `ids`
    /// may be empty (unknown); the cascade may then delete no record of a model with records out of reach.
    fn delete_lines(&mut self, policy: &Policy, model: &str, ids: &[i64]) {
        let mut deletion = policy.deletion(model);
        deletion.counted.retain(|name| name != model);
        self.add_deletion(model, ids, deletion);
    }

    fn add_deletion(&mut self, model: &str, ids: &[i64], deletion: Deletion) {
        let Deletion {
            children,
            unchanged,
            counted,
        } = deletion;
        let is_looked_at = !children.is_empty() || !counted.is_empty();
        if is_looked_at && !ids.is_empty() {
            self.parts
                .push(json!({"model": model, "ids": ids, "children": children}));
        }
        unchanged.into_iter().for_each(|part| self.once(part));
        for model in counted {
            self.once(json!({"model": model, "counted": true}));
        }
    }

    fn unchanged(&mut self, model: &str, operations: &[Operation], layer: Layer) {
        self.once(json!({"model": model, "unchanged": operations, "layer": layer.as_str()}));
    }

    fn once(&mut self, part: Value) {
        if !self.parts.contains(&part) {
            self.parts.push(part);
        }
    }

    /// Returns the argument for Odoo (none if there is nothing to check) and the models of the records.
    pub fn into_argument(self) -> (Option<Value>, BTreeSet<String>) {
        let argument = (!self.parts.is_empty()).then_some(Value::Array(self.parts));
        (argument, self.models)
    }
}

/// Check the prepared values of one record of `model`. Adds the records that they name to `within`.
///
/// # Errors
/// Denied at the first forbidden command.
pub fn check(
    policy: &Policy,
    models: &Models,
    model: &str,
    values: &Map<String, Value>,
    position: &str,
    within: &mut Within,
) -> Result<()> {
    let names: Vec<&str> = values.keys().map(String::as_str).collect();
    let described = models.model_with(model, &names)?;
    for (name, value) in values {
        let place = format!("{position}.{name}");
        let Some(field) = described.fields.get(name) else {
            return Err(Error::denied(format!(
                "{place}: the field is hidden from this caller. Leave it out."
            )));
        };
        let check = Check {
            policy,
            models,
            model,
            field,
        };
        check.value(value, &place, within)?;
    }
    Ok(())
}

struct Check<'a> {
    policy: &'a Policy<'a>,
    models: &'a Models<'a>,
    model: &'a str,
    field: &'a Field,
}

impl Check<'_> {
    fn value(&self, value: &Value, place: &str, within: &mut Within) -> Result<()> {
        self.sharing(place)?;
        self.code(place)?;
        self.owners(value, place, within)?;
        self.properties(value, place, within)?;
        self.distribution(value, place, within)?;
        if self.field.ttype == FieldType::Reference {
            let parts = value.as_str().and_then(|text| text.split_once(','));
            if let Some((model, Ok(id))) = parts.map(|(model, id)| (model, id.parse())) {
                self.named(model, id, place, within)?;
            }
        }
        let Some(relation) = self.field.relation.as_deref() else {
            return Ok(());
        };
        if let (FieldType::Many2one, Some(id)) = (self.field.ttype, value.as_i64()) {
            self.named(relation, id, place, within)?;
        }
        let Value::Array(commands) = value else {
            return Ok(());
        };
        for (at, command) in commands.iter().enumerate() {
            self.command(relation, command, &format!("{place}[{at}]"), within)?;
        }
        Ok(())
    }

    /// Check a record that a value names.
    fn named(&self, model: &str, id: i64, place: &str, within: &mut Within) -> Result<()> {
        self.require_company(model, id, place)?;
        self.require_readable(model, id, place)?;
        within.add(self.policy, model, &[id]);
        Ok(())
    }

    /// Check that a company named by a value is in the key's scope.
    fn require_company(&self, model: &str, id: i64, place: &str) -> Result<()> {
        let scope = self.policy.scope_companies();
        if model != "res.company" || scope.is_none_or(|companies| companies.contains(&id)) {
            return Ok(());
        }
        let reason = format!(
            "The scope of this API key does not allow company {id}. list_companies shows the ones \
         that it allows."
        );
        Err(Refusal::new(Layer::KeyScope, reason).at(place))
    }

    /// Require the right to read a record that a value names: Odoo copies its fields into the record that names it.
    fn require_readable(&self, model: &str, id: i64, place: &str) -> Result<()> {
        if let Some(refusal) = self.unreadable(model, id) {
            let reason = format!(
                "names a record of {model}, of which Odoo may copy fields, and this caller may not read it. Leave the \
                 field out. {}",
                refusal.reason
            );
            return Err(Refusal::new(refusal.layer, reason).at(place));
        }
        Ok(())
    }

    /// The reason why a record may not be read, or `None`. Excepted are the caller's own user and company, which Odoo
    /// uses as defaults. A value may name a record of a model closed by name, as Odoo's own forms do (the model of an
    /// activity). It may not name a template if something is hidden: the rendered text can show any field.
    fn unreadable(&self, model: &str, id: i64) -> Option<Refusal> {
        if self.policy.something_hidden() && self.policy.facts.renders(model) {
            let policy = self.policy.model(model);
            if let Some(refusal) = policy.refusal(Operation::Create) {
                return Some(refusal.clone());
            }
        }
        let own = match model {
            "res.users" => id == self.policy.principal.user_id,
            "res.company" => self.policy.company_ids.contains(&id),
            _ => false,
        };
        let policy = self.policy.model(model);
        let refusal = policy.refusal(Operation::Read)?;
        (!own && refusal.layer != Layer::Closed).then(|| refusal.clone())
    }

    /// Refuse a value that shares the record or parts of it: the rights of others do not include this caller's
    /// restrictions.
    fn sharing(&self, place: &str) -> Result<()> {
        if !closed::shares(self.model, &self.field.name) || !self.policy.something_hidden() {
            return Ok(());
        }
        let reason = "It gives others access to records, which a caller from whom data is hidden may not do. A user \
         can set it in Odoo.";
        Err(Refusal::new(Layer::HiddenField, reason).at(place))
    }

    /// Refuse a value that Odoo evaluates, or that decides which records it makes later: either could rewrite its
    /// author's restrictions.
    fn code(&self, place: &str) -> Result<()> {
        match self.policy.code_refusal(self.model, &self.field.name) {
            Some(refusal) => Err(refusal.at(place)),
            None => Ok(()),
        }
    }

    /// Require the right to write the other models whose records the value changes.
    fn owners(&self, value: &Value, place: &str, within: &mut Within) -> Result<()> {
        if value.as_array().is_some_and(Vec::is_empty) {
            return Ok(());
        }
        let (facts, name) = (&self.policy.facts, self.field.name.as_str());
        for owner in facts.changed_by(self.model, name) {
            if let Some(refusal) = self.policy.refusal_of_owner(self.model, owner)? {
                let reason = format!("its value is written to {owner}, too. {}", refusal.reason);
                return Err(Refusal::new(refusal.layer, reason).at(place));
            }
        }
        // A method's effects are known only after it has run. Check the models that it may change and those that
        // restrictions name.
        for other in facts.perhaps_changed_by(self.model, name) {
            self.keep_unchanged(other, within);
        }
        if facts.is_written_by_method(self.model, name) && self.policy.restricts() {
            self.require_plain_name(place)?;
            for other in self.policy.named() {
                self.keep_unchanged(other, within);
            }
        }
        Ok(())
    }

    /// Refuse a name that a method parses: it finds users and creates tags from parts of the name.
    fn require_plain_name(&self, place: &str) -> Result<()> {
        if self.field.name != "display_name" {
            return Ok(());
        }
        let reason = "Something is restricted for this caller, and what a method makes of a name is not known. Write the \
                      field that the name comes from.";
        Err(Refusal::new(Layer::HiddenField, reason).at(place))
    }

    fn keep_unchanged(&self, model: &str, within: &mut Within) {
        // In its own model a change may affect the records within the domain (`Within::restrict_changes`).
        if model == self.model || chatter::RECORDS_OF_CHANGES.contains(&model) {
            return;
        }
        let policy = self.policy.model(model);
        let operations = [Operation::Write, Operation::Create, Operation::Unlink];
        let refused: Vec<(Operation, Layer)> = operations
            .into_iter()
            .filter_map(|operation| Some((operation, policy.refusal(operation)?.layer)))
            .collect();
        if let Some((_, layer)) = refused.first() {
            let operations: Vec<Operation> =
                refused.iter().map(|(operation, _)| *operation).collect();
            within.unchanged(model, &operations, *layer);
        }
        if !self.policy.terms_to_change(model).is_empty() {
            within.once(json!({"model": model, "counted": true}));
            within.restrict_changes(self.policy, model);
        }
    }

    /// Check a properties value. A list defines properties, which is a value of another model; its items name records.
    fn properties(&self, value: &Value, place: &str, within: &mut Within) -> Result<()> {
        if self.field.ttype != FieldType::Properties {
            return Ok(());
        }
        let Value::Array(items) = value else {
            return self.plain_properties(value, place);
        };
        for owner in self
            .policy
            .facts
            .definitions_of(self.model, &self.field.name)
        {
            if let Some(refusal) = self.policy.refusal(owner, Operation::Write)? {
                let reason = format!(
                    "a list defines properties, which is a value of {owner}. To set some that are there give an object \
                     of their names and values. {}",
                    refusal.reason
                );
                return Err(Refusal::new(refusal.layer, reason).at(place));
            }
            self.keep_unchanged(owner, within);
        }
        for item in items {
            let ids = ids_of(&item["value"]);
            if let Some(model) = item["comodel"].as_str() {
                for id in ids {
                    self.named(model, id, place, within)?;
                }
            }
        }
        Ok(())
    }

    /// An object of property values does not say which of its numbers are ids, nor of which model.
    fn plain_properties(&self, value: &Value, place: &str) -> Result<()> {
        let mut numbers = value.as_object().into_iter().flatten();
        let number = numbers.find(|(_, value)| !ids_of(value).is_empty());
        let Some((name, _)) = number.filter(|_| self.policy.restricts()) else {
            return Ok(());
        };
        let reason = format!(
            "This caller is restricted, and the number in the property {name} may be the id of a record. Give a list \
             of properties with name, type, comodel and value."
        );
        Err(Refusal::new(Layer::HiddenField, reason).at(place))
    }

    /// Check the analytic accounts in a distribution, such as `{"1,2": 100}`.
    fn distribution(&self, value: &Value, place: &str, within: &mut Within) -> Result<()> {
        let (DISTRIBUTION, Some(parts)) = (self.field.name.as_str(), value.as_object()) else {
            return Ok(());
        };
        for key in parts.keys().filter(|key| *key != DISTRIBUTION_UPDATE) {
            for id in key.split(',') {
                // Python also accepts other digits.
                let id = id.trim().parse().map_err(|_| {
                    Error::bad_arguments(format!(
                        "{place}: {key:?} names no analytic accounts. A key has their ids, joined by commas, such as \"1,2\"."
                    ))
                })?;
                self.named(ANALYTIC_ACCOUNT, id, place, within)?;
            }
        }
        Ok(())
    }

    fn command(
        &self,
        relation: &str,
        command: &Value,
        place: &str,
        within: &mut Within,
    ) -> Result<()> {
        let owns = self.field.ttype == FieldType::One2many;
        let code = command[0].as_i64().unwrap_or(-1);
        let operations: &[Operation] = match code {
            0 => &[Operation::Create],
            1 => &[Operation::Write],
            2 => &[Operation::Unlink],
            // A many2many link changes the other model only if that model has the inverse field (`owners`).
            _ if !owns => &[],
            // Odoo deletes a line removed from a list if the line requires its parent.
            3 | 5 | 6 => &[Operation::Write, Operation::Unlink],
            _ => &[Operation::Write],
        };
        for operation in operations.iter().copied() {
            if let Some(refusal) = self.policy.refusal(relation, operation)? {
                return Err(refusal.at(place));
            }
            self.policy.note(relation, operation, None);
        }
        // Terms for a command that creates, changes or deletes a record of the other model, or only links it.
        let terms = match code {
            3..=6 if !owns => self.policy.terms(relation),
            _ => self.policy.terms_to_change(relation),
        };
        if !terms.is_empty() && matches!(code, 0 | 5 | 6) {
            let instead = match code {
                0 => "Create the record by itself with the tool create, then link it by [4, id].",
                _ => "Link by [4, id] and unlink by [3, id] the records that you can see.",
            };
            return Err(Refusal::new(
                Layer::RecordDomain,
                format!(
                    "the policy hides records of {relation}, and this command could change them. {instead}"
                ),
            )
            .at(place));
        }
        if let Some(id) = command[1].as_i64().filter(|_| (1..=4).contains(&code)) {
            within.add_within(relation, &[id], terms);
        }
        // Odoo may change further records of the model: the parent of a contact, the events of a series.
        if matches!(code, 0..=3) {
            within.restrict_changes(self.policy, relation);
        }
        self.deleted(relation, code, command, within);
        for id in linked(code, command) {
            self.require_company(relation, id, place)?;
            self.require_readable(relation, id, place)?;
        }
        match &command[2] {
            Value::Object(values) if matches!(code, 0 | 1) => {
                let place = format!("{place}[2]");
                check(self.policy, self.models, relation, values, &place, within)
            }
            _ => Ok(()),
        }
    }

    /// Add the records that a command deletes. A line removed from a list is deleted if it requires its parent.
    fn deleted(&self, relation: &str, code: i64, command: &Value, within: &mut Within) {
        let lines = self.policy.facts.deleted_with(self.model);
        let goes = self.field.ttype == FieldType::One2many
            && lines.iter().any(|link| link.model == relation);
        let ids: Vec<i64> = match code {
            2 => command[1].as_i64().into_iter().collect(),
            3 if goes => command[1].as_i64().into_iter().collect(),
            // Only Odoo knows the ids.
            5 | 6 if goes => Vec::new(),
            _ => return,
        };
        within.delete_lines(self.policy, relation, &ids);
    }
}

/// The ids in a property value: one, or a list.
fn ids_of(value: &Value) -> Vec<i64> {
    match value {
        Value::Array(ids) => ids.iter().filter_map(Value::as_i64).collect(),
        value => value.as_i64().into_iter().collect(),
    }
}

/// The records that a command links.
fn linked(code: i64, command: &Value) -> Vec<i64> {
    match code {
        4 => command[1].as_i64().into_iter().collect(),
        6 => {
            let ids = command[2].as_array().into_iter().flatten();
            ids.filter_map(Value::as_i64).collect()
        }
        _ => Vec::new(),
    }
}
