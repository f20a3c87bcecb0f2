//! All restrictions of one caller on one model, merged. Each of them must allow an operation, a field or a method, and
//! the domains of all apply.

use super::closed;
use super::rules::Restriction;
use super::verdict::{Layer, Operation, Refusal};
use crate::odoo::secret_name::is_secret_method;
use crate::text::suggest::did_you_mean;
use serde_json::Value;
use std::collections::HashSet;

/// A restriction, and its layer for refusals.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    pub layer: Layer,
    pub row: &'a Restriction,
}

impl Source<'_> {
    fn name(&self) -> String {
        match self.layer {
            Layer::KeyScope => "the API key's scope".to_owned(),
            _ => format!("the MCP access record of {}", self.row.model),
        }
    }

    fn hides(&self, what: &str) -> Refusal {
        Refusal::new(
            Layer::HiddenField,
            format!("By {} it is {what}.", self.name()),
        )
    }
}

/// The merged restrictions on one model.
#[derive(Debug, Default)]
pub struct ModelPolicy {
    model: String,
    refused: [Option<Refusal>; 5],
    /// Lists of allowed fields, one per restriction.
    whitelists: Vec<(Refusal, HashSet<String>)>,
    hidden: Vec<(Refusal, HashSet<String>)>,
    /// Secrets that an access record allows by name.
    shown_secrets: HashSet<String>,
    methods: Vec<Methods>,
    /// Terms that every record must match.
    domain: Vec<Value>,
}

#[derive(Debug)]
struct Methods {
    refusal_name: String,
    allowed: HashSet<String>,
    blocked: HashSet<String>,
    /// Fields or records are hidden, so a method must be allowed by name.
    is_partial: bool,
}

/// Restrictions that apply to every model of the caller.
#[derive(Debug, Clone, Copy, Default)]
pub struct Everywhere<'a> {
    /// The reason why the caller may change nothing.
    pub read_only: Option<&'a Refusal>,
    /// Models without an access record are closed.
    pub default_none: bool,
    /// Set if the key has a scope: whether models without a line follow the user's rights.
    pub scope_all_models: Option<bool>,
    /// Some data is hidden from the caller in some model.
    pub something_hidden: bool,
    /// A restriction applies to the caller, or the API key has a scope.
    pub is_contained: bool,
}

impl ModelPolicy {
    /// Merge the restrictions. `groups` are the ids of the user's groups.
    pub fn merge(
        model: &str,
        everywhere: Everywhere,
        access: Option<&Restriction>,
        line: Option<&Restriction>,
        groups: &[i64],
    ) -> Self {
        let mut policy = Self {
            model: model.to_owned(),
            ..Self::default()
        };
        if let Some(refusal) = everywhere.read_only {
            policy.refuse(&Operation::ALL[1..], refusal);
        }
        policy.close(everywhere, access.is_some());
        let sources = [(Layer::AccessRecord, access), (Layer::KeyScope, line)];
        for (layer, row) in sources {
            if let Some(row) = row {
                policy.restrict(Source { layer, row }, groups);
            }
        }
        if line.is_none() && everywhere.scope_all_models == Some(false) {
            let refusal = Refusal::new(
                Layer::KeyScope,
                format!(
                    "The API key's scope does not have {model}. An MCP administrator can add it."
                ),
            );
            policy.refuse(&Operation::ALL, &refusal);
        }
        if let Some(access) = access {
            policy.shown_secrets = access
                .whitelist()
                .unwrap_or_default()
                .iter()
                .cloned()
                .collect();
        }
        policy
    }

    /// Whether some public methods are refused.
    pub fn restricts_methods(&self) -> bool {
        let restricts = |methods: &Methods| {
            !methods.allowed.is_empty() || !methods.blocked.is_empty() || methods.is_partial
        };
        self.methods.iter().any(restricts)
    }

    /// Refuse operations. The first refusal of an operation is the one reported.
    fn close(&mut self, everywhere: Everywhere, has_record: bool) {
        let (all, changes) = (&Operation::ALL[..], &Operation::ALL[1..]);
        let model = self.model.clone();
        if let Some(what) = closed::model(&model).filter(|_| !has_record) {
            let text = format!(
                "{model} is closed to MCP: {what}. An MCP administrator can open it in Configuration > Access Control."
            );
            self.refuse(all, &Refusal::new(Layer::Closed, text));
        }
        if closed::is_never_changed(&model) {
            let text = format!("{model} is never changed through MCP.");
            self.refuse(changes, &Refusal::new(Layer::Closed, text));
        }
        if everywhere.is_contained && closed::holds_code(&model) {
            self.refuse(changes, &closed::code(&model));
        }
        if has_record {
            return;
        }
        if everywhere.default_none {
            let text = format!(
                "{model} has no MCP access record, and models without one are closed. An MCP administrator can make one."
            );
            self.refuse(all, &Refusal::new(Layer::AccessRecord, text));
        }
        let where_something_is_hidden = [
            (
                closed::keeps_values(&model),
                all,
                "keeps values of records of any model, so it can show what",
            ),
            (
                closed::is_engine(&model),
                changes,
                "shows whatever a template names, so it can show what",
            ),
            (
                closed::lets_in(&model),
                changes,
                "gives others access to records, so it can show what",
            ),
        ];
        for (is_such, operations, what) in where_something_is_hidden {
            if everywhere.something_hidden && is_such {
                let text = format!(
                    "{model} {what} is hidden from this caller. An MCP access record of {model} opens \
                 it."
                );
                self.refuse(operations, &Refusal::new(Layer::Closed, text));
            }
        }
    }

    fn restrict(&mut self, source: Source, groups: &[i64]) {
        let Source { layer, row } = source;
        let name = source.name();
        if !row.is_for(groups) {
            let members = row.groups.iter().flatten();
            let names: Vec<&str> = members.map(|(_, name)| name.as_str()).collect();
            let refusal = Refusal::new(
                layer,
                format!(
                    "By {name}, only members of these groups may use the model: {}.",
                    names.join(", ")
                ),
            );
            self.refuse(&Operation::ALL, &refusal);
        }
        let allowed = [row.read, row.write, row.create, row.unlink, row.call];
        for (operation, allowed) in Operation::ALL.into_iter().zip(allowed) {
            if allowed != Some(true) {
                let what = match operation {
                    Operation::Call => "calling methods is not allowed".to_owned(),
                    other => format!("{} is not allowed", other.as_str()),
                };
                let refusal = Refusal::new(layer, format!("By {name}, {what}."));
                self.refuse(&[operation], &refusal);
            }
        }
        let hides = |what: &str| source.hides(what);
        if let Some(whitelist) = row.whitelist() {
            let refusal = hides("not shown");
            self.whitelists
                .push((refusal, whitelist.iter().cloned().collect()));
        }
        if !row.hidden().is_empty() {
            let refusal = hides("hidden");
            self.hidden
                .push((refusal, row.hidden().iter().cloned().collect()));
        }
        let set = |names: Vec<&str>| names.into_iter().map(str::to_owned).collect();
        self.methods.push(Methods {
            refusal_name: name,
            allowed: set(row.allowed_methods()),
            blocked: set(row.blocked_methods()),
            is_partial: row.is_partial() || row.read != Some(true),
        });
        self.domain.extend(row.terms().unwrap_or_default());
    }

    /// Refuse operations; an earlier reason stays.
    pub(super) fn refuse(&mut self, operations: &[Operation], refusal: &Refusal) {
        for operation in operations {
            if let Some(slot) = self.refused.get_mut(operation.index()) {
                slot.get_or_insert_with(|| refusal.clone());
            }
        }
    }

    /// Hide fields because of a restriction on another model.
    pub(super) fn hide(&mut self, source: Source, fields: HashSet<String>) {
        if !fields.is_empty() {
            self.hidden.push((source.hides("hidden"), fields));
        }
    }

    /// Add terms that every record must match.
    pub fn and(&mut self, terms: impl IntoIterator<Item = Value>) {
        self.domain.extend(terms);
    }

    /// The reason why an operation is refused, or `None`.
    pub fn refusal(&self, operation: Operation) -> Option<&Refusal> {
        self.refused.get(operation.index()).and_then(Option::as_ref)
    }

    /// Whether every operation is refused.
    pub fn is_closed(&self) -> bool {
        self.refused.iter().all(Option::is_some)
    }

    /// Whether some fields are hidden by name.
    pub fn has_field_restrictions(&self) -> bool {
        !self.whitelists.is_empty() || !self.hidden.is_empty()
    }

    /// The fields hidden by name, without those that a list of allowed fields leaves out.
    pub(super) fn hidden_by_name(&self) -> impl Iterator<Item = &str> {
        let sets = self.hidden.iter().map(|(_, names)| names);
        sets.flatten().map(String::as_str)
    }

    /// The reason why a field is hidden by its name, or `None`. Ignores the field's dependencies.
    pub fn hides(&self, field: &str) -> Option<Refusal> {
        if field == "id" {
            return None;
        }
        let hidden = self.hidden.iter().find(|(_, names)| names.contains(field));
        let unlisted = || {
            self.whitelists
                .iter()
                .find(|(_, names)| !names.contains(field))
        };
        if let Some((refusal, _)) = hidden.or_else(unlisted) {
            return Some(refusal.clone());
        }
        None
    }

    /// The reason why a text field is closed as a secret, or `None`.
    pub fn closes_secret(&self, field: &str) -> Option<Refusal> {
        let secret = closed::is_secret_field(&self.model, field);
        (secret && !self.shown_secrets.contains(field)).then(|| {
            Refusal::new(
                Layer::HiddenField,
                "It holds a secret, and is closed unless an MCP access record shows it by name.",
            )
        })
    }

    /// The reason why a field with a link or with quotes of other records is closed to a caller with hidden data, or
    /// `None`. Like a report, the page behind a link shows any field.
    pub fn closes_quotes(&self, field: &str) -> Option<Refusal> {
        let why = if closed::makes_link(field) {
            "It makes a link that shows the whole record"
        } else {
            closed::quotes(&self.model, field)?
        };
        (!self.shown_secrets.contains(field)).then(|| {
            let reason = format!("{why}, and something is hidden from this caller.");
            Refusal::new(Layer::HiddenField, reason)
        })
    }

    /// Terms that every record must match, with their variables not yet replaced.
    pub fn terms(&self) -> &[Value] {
        &self.domain
    }

    /// The methods that restrictions on the model allow by name.
    pub(super) fn named_methods(&self) -> impl Iterator<Item = &str> {
        let names = self.methods.iter().flat_map(|methods| &methods.allowed);
        names.map(String::as_str)
    }

    /// Whether a restriction on the model allows a method by name.
    pub(super) fn names_method(&self, method: &str) -> bool {
        let mut all = self.methods.iter();
        all.any(|methods| methods.allowed.contains(method))
    }

    /// The reason why a method is blocked, or `None`. Does not check the operation [`Operation::Call`].
    pub fn method_refusal(&self, method: &str) -> Option<Refusal> {
        let model = &self.model;
        let refuse = |reason: String| Some(Refusal::new(Layer::BlockedMethod, reason));
        if let Some(what) = closed::method(model, method) {
            return refuse(format!("{method} is never called through MCP: it {what}."));
        }
        for methods in &self.methods {
            let name = &methods.refusal_name;
            if methods.blocked.contains(method) {
                return refuse(format!("By {name}, {method} is blocked."));
            }
            let named = methods.allowed.contains(method);
            if !methods.allowed.is_empty() && !named {
                let allowed = methods.allowed.iter().map(String::as_str);
                return refuse(format!(
                    "By {name}, {method} is not among the methods that are allowed.{}",
                    did_you_mean(method, allowed)
                ));
            }
            if methods.is_partial && !named {
                return refuse(format!(
                    "The policy hides fields or records of {model}, and {method} could reveal or change them. An MCP \
                     administrator can allow it by name."
                ));
            }
        }
        if self.methods.is_empty() && !self.domain.is_empty() {
            return refuse(format!(
                "The policy hides records of {model}, and {method} could reveal or change them. An MCP administrator \
                 can allow it by name in an access record."
            ));
        }
        if is_secret_method(method) && !self.names_method(method) {
            return refuse(format!(
                "{method} deals with secrets. An MCP administrator can allow it by name."
            ));
        }
        None
    }

    /// The reason why a report may not be printed, or `None`: a report shows any field of any model.
    pub fn report_refusal(&self, report: &str, something_hidden: bool) -> Option<Refusal> {
        let refuse = |reason: String| Some(Refusal::new(Layer::BlockedMethod, reason));
        for methods in &self.methods {
            let name = &methods.refusal_name;
            if methods.blocked.contains(report) {
                return refuse(format!("By {name}, {report} is blocked."));
            }
            if !methods.allowed.is_empty() && !methods.allowed.contains(report) {
                return refuse(format!(
                    "By {name}, {report} is not among the methods and reports that are allowed."
                ));
            }
        }
        let named = self.names_method(report);
        let unnamed = |methods: &Methods| methods.is_partial && !methods.allowed.contains(report);
        if self.methods.iter().any(unnamed) || (something_hidden && !named) {
            return refuse(format!(
                "The report {report} could show data that the policy hides from this caller. An MCP administrator can \
                 add it to the allowed methods of the access record of {}.",
                self.model
            ));
        }
        None
    }
}

#[cfg(test)]
#[path = "model_tests.rs"]
mod tests;
