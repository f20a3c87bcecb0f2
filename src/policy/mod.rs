//! What a caller may do: every restriction that an administrator has set, on top of Odoo's own rights, loaded once for a
//! message (docs/policy.md, "How it is decided").

pub mod access;
mod chatter;
mod closed;
pub mod confirm;
pub mod domain;
pub mod groups;
mod hidden;
mod inheritance;
mod methods;
mod model;
pub mod names;
pub mod order;
mod rows;
mod structure;
pub mod values;
pub mod verdict;

pub use model::ModelPolicy;
pub use structure::closed_models;
pub use verdict::{Layer, Operation, Refusal};

use crate::error::{Error, Result};
use crate::odoo::catalogue::Sight;
use crate::odoo::field::{Field, FieldType};
use crate::odoo::model_facts::{self, ModelFacts};
use crate::odoo::settings::{Confirm, Settings};
use crate::odoo::user::User;
use crate::pg::{Database, Param, read_json};
use crate::wire::pass::Pass;
use hidden::Hidden;
use model::Everywhere;
use rows::{Restriction, Rows};
use serde_json::{Value, json};
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

const POLICY: &str = include_str!("../../sql/policy.sql");

/// `any` in domains is Odoo's from here on.
const SERIES_WITH_ANY: i64 = 17;

/// Who calls: a user, and the key they came with.
#[derive(Debug, Clone, Copy)]
pub struct Caller {
    pub uid: i64,
    /// None: signed in with the password, or a user of SQL.
    pub api_key_id: Option<i64>,
}

/// The settings that matter here.
#[derive(Debug, Clone, Copy)]
pub struct Switches {
    pub read_only: bool,
    /// Models without an access record are closed.
    pub default_none: bool,
    /// Keys without a scope may do nothing.
    pub unscoped_none: bool,
    /// What is confirmed before it is done.
    pub confirm: Confirm,
}

/// What the statements that list tools want to know of a caller: the key, whether nothing may be changed, whether a key
/// without a scope may do nothing.
pub fn of_caller(api_key_id: Option<i64>, switches: Switches) -> [Param<'static>; 3] {
    let flag = |on: bool| Param::from(if on { "true" } else { "false" });
    [
        api_key_id.into(),
        flag(switches.read_only),
        flag(switches.unscoped_none),
    ]
}

/// The same of a caller who has passed the gate.
pub fn of_pass(pass: &Pass) -> [Param<'static>; 3] {
    of_caller(pass.api_key_id, (&pass.settings).into())
}

impl From<&Settings> for Switches {
    fn from(settings: &Settings) -> Self {
        Self {
            read_only: settings.read_only,
            default_none: settings.default_none,
            unscoped_none: settings.unscoped_none,
            confirm: settings.confirm,
        }
    }
}

/// What one caller may do.
pub struct Policy<'a> {
    db: &'a dyn Database,
    user_id: i64,
    api_key_id: Option<i64>,
    group_ids: Vec<i64>,
    /// Those that the caller may work in.
    company_ids: Vec<i64>,
    rows: Rows,
    access: HashMap<String, Restriction>,
    lines: HashMap<String, Restriction>,
    /// Why nothing at all may be done.
    dead: Option<Refusal>,
    read_only: Option<Refusal>,
    switches: Switches,
    facts: Rc<ModelFacts>,
    models: RefCell<HashMap<String, Rc<ModelPolicy>>>,
    /// Why models may not be changed that only Odoo's administrators may change, of those asked about.
    administered: RefCell<HashMap<String, Option<Refusal>>>,
    hidden: RefCell<HashMap<String, Rc<Hidden>>>,
    /// What has been let through so far.
    let_through: RefCell<Vec<confirm::Deed>>,
}

/// The user behind a call with the companies that their key leaves them, and what they may do.
///
/// # Errors
/// A user that is not there; a key that may do nothing.
pub fn enter<'a>(
    db: &'a dyn Database,
    caller: Caller,
    switches: Switches,
) -> Result<(User, Policy<'a>)> {
    let mut user = User::read(db, caller.uid)?;
    let policy = Policy::load(db, &mut user, caller.api_key_id, switches)?;
    if let Some(dead) = &policy.dead {
        return Err(dead.clone().into());
    }
    Ok((user, policy))
}

impl<'a> Policy<'a> {
    /// What is restricted for a user and a key; the user keeps the companies that the key's scope has.
    ///
    /// # Errors
    /// What PostgreSQL refuses.
    pub fn load(
        db: &'a dyn Database,
        user: &mut User,
        api_key_id: Option<i64>,
        switches: Switches,
    ) -> Result<Self> {
        let mut rows: Rows = read_json(db, POLICY, &[api_key_id.into()])?;
        let by_model = |rows: Option<Vec<Restriction>>| -> HashMap<String, Restriction> {
            let rows = rows.unwrap_or_default().into_iter();
            rows.map(|row| (row.model.clone(), row)).collect()
        };
        let access = by_model(rows.access.take());
        let lines = by_model(rows.scope.as_mut().and_then(|scope| scope.lines.take()));
        let mut dead = match &rows.scope {
            Some(scope) if !scope.live => Some(Refusal::new(
                Layer::ApiKey,
                format!(
                    "The scope {:?} of this API key is not in force any more. An MCP administrator can renew it.",
                    scope.name.as_deref().unwrap_or_default()
                ),
            )),
            None if api_key_id.is_some() && switches.unscoped_none => Some(Refusal::new(
                Layer::ApiKey,
                "This API key has no scope, and keys without one may do nothing here. An MCP administrator can make a \
                 key with a scope.",
            )),
            None if rows.key_scope.as_deref() == Some("mcp") => Some(Refusal::new(
                Layer::ApiKey,
                "The scope of this API key is gone, and a key for MCP may do nothing without it. Revoke the key and make \
                 another.",
            )),
            _ => None,
        };
        if let Some(companies) = rows
            .scope
            .as_ref()
            .and_then(|scope| scope.companies.as_ref())
        {
            user.company_ids
                .retain(|company| companies.contains(company));
            if user.company_ids.is_empty() {
                dead = dead.or(Some(Refusal::new(
                    Layer::ApiKey,
                    "The scope of this API key has none of the user's companies.",
                )));
            }
        }
        let read_only = if switches.read_only {
            Some(
                "MCP is read-only in this database. An MCP administrator can change that in the settings.",
            )
        } else if rows.scope.as_ref().is_some_and(|scope| scope.read_only) {
            Some("The scope of this API key is read-only.")
        } else {
            None
        };
        let facts = model_facts::read(db, rows.facts.as_deref())?;
        Ok(Self {
            db,
            user_id: user.id,
            api_key_id,
            group_ids: user.group_ids.clone(),
            company_ids: user.company_ids.clone(),
            rows,
            access,
            lines,
            dead,
            read_only: read_only.map(|reason| Refusal::new(Layer::ReadOnly, reason)),
            switches,
            facts,
            models: RefCell::default(),
            administered: RefCell::default(),
            hidden: RefCell::default(),
            let_through: RefCell::default(),
        })
    }

    /// The key that the caller came with.
    pub fn api_key_id(&self) -> Option<i64> {
        self.api_key_id
    }

    /// As [`of_caller`].
    pub fn caller(&self) -> [Param<'static>; 3] {
        of_caller(self.api_key_id, self.switches)
    }

    /// Why nothing at all may be done, if that is so.
    pub fn dead(&self) -> Option<&Refusal> {
        self.dead.as_ref()
    }

    /// Why nothing may be changed, if that is so.
    pub fn read_only(&self) -> Option<&Refusal> {
        self.read_only.as_ref()
    }

    /// Let the method of another app's resource or prompt run, or say why not. What it reads cannot be held to the models of
    /// a key, and a key cannot name it as it names tools.
    ///
    /// # Errors
    /// Denied for a key that is for named models only.
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

    fn scope_all_models(&self) -> Option<bool> {
        self.rows.scope.as_ref().map(|scope| scope.all_models)
    }

    /// Whether some model is shown only in part, or not at all where Odoo would show it.
    pub fn something_hidden(&self) -> bool {
        let partial = |row: &Restriction| row.is_partial() || row.read != Some(true);
        self.switches.default_none
            || self.scope_all_models() == Some(false)
            || self.lines.values().any(partial)
            || self.access.values().any(|row| {
                partial(row) || row.groups.as_ref().is_some_and(|groups| !groups.is_empty())
            })
    }

    /// Whether anything at all is refused that Odoo would let the caller do: a model, an operation, records or fields.
    pub fn restricts(&self) -> bool {
        let narrows = |row: &Restriction| row.narrows();
        self.switches.default_none
            || self.scope_all_models() == Some(false)
            || self.lines.values().any(narrows)
            || self
                .access
                .values()
                .any(|row| narrows(row) || !row.is_for(&self.group_ids))
    }

    /// What may be done with a model.
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

    /// What is restricted of a model by name and through the models that inherit it, without what its records tell of.
    fn merged(&self, name: &str) -> ModelPolicy {
        let mut merged = self.base(name);
        self.close_by_structure(name, &mut merged);
        self.follow_children(name, &mut merged);
        merged
    }

    /// What is restricted of a model by its own name.
    fn base(&self, name: &str) -> ModelPolicy {
        let everywhere = Everywhere {
            read_only: self.read_only.as_ref(),
            default_none: self.switches.default_none,
            scope_all_models: self.scope_all_models(),
            something_hidden: self.something_hidden(),
        };
        let (access, line) = (self.access.get(name), self.lines.get(name));
        ModelPolicy::merge(name, everywhere, access, line, &self.group_ids)
    }

    /// Models that an access record or a line is about.
    fn named(&self) -> impl Iterator<Item = &str> {
        let lines = self
            .lines
            .keys()
            .filter(|model| !self.access.contains_key(*model));
        self.access.keys().chain(lines).map(String::as_str)
    }

    /// Why an operation on a model is refused, if it is: by a restriction, by what the model is, or by a restriction of a
    /// model that its records are records of, too.
    ///
    /// # Errors
    /// What PostgreSQL refuses.
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
        match operation {
            Operation::Create | Operation::Unlink => self.refusal_of_parents(model, operation),
            _ => Ok(None),
        }
    }

    /// Let an operation on a model through, or say why not.
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

    /// Whether records of a model may be read, as far as the policy goes.
    pub fn may_read(&self, model: &str) -> bool {
        self.model(model).refusal(Operation::Read).is_none()
    }

    /// The terms that every record of a model must fulfil, for Odoo; none where there are none.
    pub fn terms(&self, model: &str) -> Vec<Value> {
        let policy = self.model(model);
        policy.terms().iter().map(|term| self.bound(term)).collect()
    }

    /// The same for records that are to be changed, made or deleted.
    pub fn terms_to_change(&self, model: &str) -> Vec<Value> {
        let mut terms = self.terms(model);
        terms.extend(chatter::terms_to_change(self, model));
        terms.extend(chatter::terms_of_files(model));
        terms.extend(self.terms_of_parents(model));
        terms
    }

    /// Why files of records of a model are out of reach, if they are: they may show all of it.
    pub fn attachments_refusal(&self, model: &str) -> Option<Refusal> {
        (!chatter::is_whole(self, model)).then(|| {
            Refusal::new(
                Layer::RecordDomain,
                "Files of records of this model are out of reach for this caller, since they may show what is hidden \
                 of it.",
            )
        })
    }

    /// Let a report on a model be printed, or say why not.
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

    /// Terms with their variables replaced.
    fn bound(&self, value: &Value) -> Value {
        match value {
            Value::Object(object) => match object.get("var").and_then(Value::as_str) {
                Some("uid") => json!(self.user_id),
                Some("company_id") => json!(self.company_ids.first()),
                Some("company_ids") => json!(self.company_ids),
                _ => Value::Bool(false),
            },
            Value::Array(items) => items.iter().map(|item| self.bound(item)).collect(),
            other => other.clone(),
        }
    }

    /// Whether Odoo has `any` in domains.
    fn has_any(&self) -> bool {
        self.is_from(SERIES_WITH_ANY)
    }

    /// Whether Odoo is of this major version or a later one.
    pub fn is_from(&self, series: i64) -> bool {
        self.rows.series.is_some_and(|ours| ours >= series)
    }

    /// What is hidden of a model through other fields.
    fn hidden(&self, model: &str) -> Result<Rc<Hidden>> {
        if let Some(found) = self.hidden.borrow().get(model) {
            return Ok(Rc::clone(found));
        }
        let found = if self.something_hidden() {
            hidden::read(self, model)?
        } else {
            Rc::new(Hidden::default())
        };
        let kept = Rc::clone(&found);
        self.hidden.borrow_mut().insert(model.to_owned(), kept);
        Ok(found)
    }

    /// Whether some fields of a model are hidden, by name or through others: then nobody knows what finding its records
    /// by their names, or by a field that a method searches, would tell.
    ///
    /// # Errors
    /// What PostgreSQL refuses.
    pub fn hides_fields(&self, model: &str) -> Result<bool> {
        Ok(self.model(model).has_field_restrictions() || !self.hidden(model)?.is_empty())
    }

    /// Whether records of a model may be found by what people type: nothing that Odoo looks at then is hidden.
    ///
    /// # Errors
    /// What PostgreSQL refuses.
    fn are_names_searchable(&self, model: &str) -> Result<bool> {
        Ok(self.terms(model).is_empty() && self.hidden(model)?.are_names_searchable())
    }

    /// Whether some fields or records of a model are out of reach.
    ///
    /// # Errors
    /// What PostgreSQL refuses.
    pub fn hides_some(&self, model: &str) -> Result<bool> {
        Ok(self.something_hidden()
            && (!self.terms(model).is_empty() || self.hides_fields(model)?))
    }

    /// The first of these models of which something is out of reach: errors that Odoo gives about it are not passed on,
    /// since they might quote it.
    ///
    /// # Errors
    /// What PostgreSQL refuses.
    pub fn veiled<'m>(&self, models: impl IntoIterator<Item = &'m str>) -> Result<Option<String>> {
        for model in models {
            if self.hides_some(model)? {
                return Ok(Some(model.to_owned()));
            }
        }
        Ok(None)
    }

    /// Why a field is hidden, if it is.
    ///
    /// # Errors
    /// What PostgreSQL refuses.
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

impl Sight for Policy<'_> {
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
        // A text in a JSON value names records of other models (`analytic_distribution`).
        let elsewhere = field.ttype == FieldType::Json;
        if by_method && (elsewhere || self.hides_fields(model)?) {
            return Err(Error::from(Refusal::new(
                Layer::HiddenField,
                format!(
                    "{at}: {:?} of {model} is searched by a method, and something that this may look at is hidden. Use \
                     stored fields that you can see.",
                    field.name
                ),
            )));
        }
        Ok(())
    }
}

impl Policy<'_> {
    /// As [`Sight::walk`].
    fn walk_to(&self, model: &str, at: &str) -> Result<()> {
        self.walk(model, at)
    }
}
