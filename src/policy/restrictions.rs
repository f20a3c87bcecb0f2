//! The restrictions of one caller, loaded once per message, and the facts that follow directly from them.

use super::derived_fields::DerivedFields;
use super::model::{Everywhere, ModelPolicy};
use super::rules::{Restriction, Rules};
use super::verdict::{Effect, Layer, Operation, Refusal};
use crate::error::Result;
use crate::odoo::builtin_tool::{BuiltinTool, PREFIX};
use crate::odoo::model_facts::{self, ModelFacts};
use crate::odoo::settings::{Confirm, Settings};
use crate::odoo::user::User;
use crate::pg::{Database, Param};
use crate::wire::principal::Principal;
use serde_json::{Value, json};
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

/// The first Odoo major version with `any` in domains.
const SERIES_WITH_ANY: i64 = 17;

/// The settings that affect the policy.
#[derive(Debug, Clone, Copy)]
pub struct Switches {
    pub read_only: bool,
    /// Models without an access record are closed.
    pub default_none: bool,
    /// Keys without a scope are refused everything.
    pub unscoped_none: bool,
    /// The calls that need confirmation.
    pub confirm: Confirm,
}

/// The caller's parameters for the queries that list tools: the key, whether changes are refused, whether a key without
/// a scope is refused everything.
pub fn of_caller(api_key_id: Option<i64>, switches: Switches) -> [Param<'static>; 3] {
    let flag = |on: bool| Param::from(if on { "true" } else { "false" });
    [
        api_key_id.into(),
        flag(switches.read_only),
        flag(switches.unscoped_none),
    ]
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

/// The restrictions of one caller.
pub struct Policy<'a> {
    pub(super) db: &'a dyn Database,
    pub(super) principal: Principal,
    pub(super) group_ids: Vec<i64>,
    /// The companies that the caller may work in.
    pub(super) company_ids: Vec<i64>,
    pub(super) rules: Rc<Rules>,
    /// The reason why the caller may do nothing.
    pub(super) dead: Option<Refusal>,
    pub(super) read_only: Option<Refusal>,
    pub(super) switches: Switches,
    pub(super) facts: Rc<ModelFacts>,
    pub(super) models: RefCell<HashMap<String, Rc<ModelPolicy>>>,
    /// Cache of [`Self::administrators_only`], for the models checked so far.
    pub(super) administered: RefCell<HashMap<String, Option<Refusal>>>,
    pub(super) derived: RefCell<HashMap<String, Rc<DerivedFields>>>,
    /// The effects allowed so far in this call.
    pub(super) allowed_effects: RefCell<Vec<Effect>>,
}

/// The calling user with the companies that the key allows, and the user's policy.
///
/// # Errors
/// An unknown user; a key that is refused everything.
pub fn enter<'a>(
    db: &'a dyn Database,
    caller: Principal,
    switches: Switches,
) -> Result<(User, Policy<'a>)> {
    let mut user = User::read(db, caller.user_id)?;
    let policy = Policy::load(db, &mut user, caller.api_key_id, switches)?;
    if let Some(dead) = &policy.dead {
        return Err(dead.clone().into());
    }
    Ok((user, policy))
}

impl<'a> Policy<'a> {
    /// The policy for a user and a key. Reduces the user's companies to those of the key's scope.
    ///
    /// # Errors
    /// Errors from PostgreSQL.
    pub fn load(
        db: &'a dyn Database,
        user: &mut User,
        api_key_id: Option<i64>,
        switches: Switches,
    ) -> Result<Self> {
        let rules = Rules::of_key(db, api_key_id)?;
        let mut dead = match &rules.scope {
            Some(scope) if !scope.is_live() => Some(Refusal::new(
                Layer::ApiKey,
                format!(
                    "The scope {:?} of this API key is archived or has expired. An MCP administrator can renew it.",
                    scope.name.as_deref().unwrap_or_default()
                ),
            )),
            None if api_key_id.is_some() && switches.unscoped_none => Some(Refusal::new(
                Layer::ApiKey,
                "This API key has no scope, and keys without one may do nothing here. An MCP administrator can make a \
                 key with a scope.",
            )),
            None if rules.key_scope.as_deref() == Some("mcp") => Some(Refusal::new(
                Layer::ApiKey,
                "The scope of this API key is gone, and a key for MCP may do nothing without it. Revoke the key and make \
                 another.",
            )),
            _ => None,
        };
        if let Some(companies) = rules
            .scope
            .as_ref()
            .and_then(|scope| scope.companies.as_ref())
        {
            user.company_ids
                .retain(|company| companies.contains(company));
            if user.company_ids.is_empty() {
                dead = dead.or(Some(Refusal::new(
                    Layer::ApiKey,
                    "The scope of this API key allows none of the user's companies. An MCP administrator can change \
                     its companies.",
                )));
            }
        }
        let read_only = if switches.read_only {
            Some(
                "MCP is read-only in this database. An MCP administrator can change that in the settings.",
            )
        } else if rules.scope.as_ref().is_some_and(|scope| scope.read_only) {
            Some("The scope of this API key is read-only. An MCP administrator can change that.")
        } else {
            None
        };
        let facts = model_facts::read(db, rules.facts.as_deref())?;
        Ok(Self {
            db,
            principal: Principal {
                user_id: user.id,
                api_key_id,
            },
            group_ids: user.group_ids.clone(),
            company_ids: user.company_ids.clone(),
            rules,
            dead,
            read_only: read_only.map(|reason| Refusal::new(Layer::ReadOnly, reason)),
            switches,
            facts,
            models: RefCell::default(),
            administered: RefCell::default(),
            derived: RefCell::default(),
            allowed_effects: RefCell::default(),
        })
    }

    /// The caller.
    pub fn principal(&self) -> Principal {
        self.principal
    }

    /// As [`of_caller`].
    pub fn caller(&self) -> [Param<'static>; 3] {
        of_caller(self.principal.api_key_id, self.switches)
    }

    /// The reason why the caller may do nothing, or `None`.
    pub fn dead(&self) -> Option<&Refusal> {
        self.dead.as_ref()
    }

    /// The reason why the caller may change nothing, or `None`.
    pub fn read_only(&self) -> Option<&Refusal> {
        self.read_only.as_ref()
    }

    pub(super) fn scope_all_models(&self) -> Option<bool> {
        self.rules.scope.as_ref().map(|scope| scope.all_models)
    }

    /// The companies of the key's scope, if it names some.
    pub(super) fn scope_companies(&self) -> Option<&[i64]> {
        self.rules.scope.as_ref()?.companies.as_deref()
    }

    /// Check that a request may read data that a tool would return. A scope that names tools excludes the others.
    ///
    /// # Errors
    /// Denied.
    pub fn require_tool(&self, tool: BuiltinTool) -> Result<()> {
        let scope = self.rules.scope.as_ref();
        let tools = scope.and_then(|scope| scope.tools.as_deref());
        if tools.is_none_or(|tools| tools.iter().any(|method| method == tool.method())) {
            return Ok(());
        }
        let tool = tool.method().trim_start_matches(PREFIX);
        let reason = format!(
            "This reads what the tool {tool} reads, and the scope of this API key does not allow that tool. An MCP \
             administrator can add it."
        );
        Err(Refusal::new(Layer::KeyScope, reason).into())
    }

    /// Whether a call may change how users sign in. Access records open users for that, and also groups if the caller
    /// is restricted.
    pub fn may_change_users(&self) -> bool {
        let opens = |model: &str| {
            self.rules.access.contains_key(model)
                && self.base(model).refusal(Operation::Write).is_none()
        };
        opens("res.users") && (opens("res.groups") || !self.restricts())
    }

    /// Whether some model is shown only in part, or is hidden although Odoo would show it.
    pub fn something_hidden(&self) -> bool {
        let partial = |row: &Restriction| row.is_partial() || row.read != Some(true);
        self.switches.default_none
            || self.scope_all_models() == Some(false)
            || self.rules.lines().values().any(partial)
            || self.rules.access.values().any(|row| {
                partial(row) || row.groups.as_ref().is_some_and(|groups| !groups.is_empty())
            })
    }

    /// Whether the policy refuses anything that Odoo allows the caller: a model, an operation, records or fields.
    pub fn restricts(&self) -> bool {
        let narrows = |row: &Restriction| row.narrows();
        self.switches.default_none
            || self.scope_all_models() == Some(false)
            || self.scope_companies().is_some()
            || self.rules.lines().values().any(narrows)
            || self
                .rules
                .access
                .values()
                .any(|row| narrows(row) || !row.is_for(&self.group_ids))
    }

    /// Whether a restriction applies to the caller, or the API key has a scope. Such a caller writes no code.
    pub(super) fn is_contained(&self) -> bool {
        self.rules.scope.is_some() || self.restricts()
    }

    /// The restrictions on a model by its own name.
    pub(super) fn base(&self, name: &str) -> ModelPolicy {
        let everywhere = Everywhere {
            read_only: self.read_only.as_ref(),
            default_none: self.switches.default_none,
            scope_all_models: self.scope_all_models(),
            something_hidden: self.something_hidden(),
            is_contained: self.is_contained(),
        };
        let (access, line) = (self.rules.access.get(name), self.rules.lines().get(name));
        ModelPolicy::merge(name, everywhere, access, line, &self.group_ids)
    }

    /// Models that an access record or a scope line names.
    pub(super) fn named(&self) -> impl Iterator<Item = &str> {
        let lines = self
            .rules
            .lines()
            .keys()
            .filter(|model| !self.rules.access.contains_key(*model));
        self.rules.access.keys().chain(lines).map(String::as_str)
    }

    /// Terms with their variables replaced.
    pub(super) fn bound(&self, value: &Value) -> Value {
        match value {
            Value::Object(object) => match object.get("var").and_then(Value::as_str) {
                Some("uid") => json!(self.principal.user_id),
                Some("company_id") => json!(self.company_ids.first()),
                Some("company_ids") => json!(self.company_ids),
                _ => Value::Bool(false),
            },
            Value::Array(items) => items.iter().map(|item| self.bound(item)).collect(),
            other => other.clone(),
        }
    }

    /// Whether this version of Odoo has `any` in domains.
    pub(super) fn has_any(&self) -> bool {
        self.is_from(SERIES_WITH_ANY)
    }

    /// Whether Odoo has this major version or a later one.
    pub fn is_from(&self, series: i64) -> bool {
        self.rules.series.is_some_and(|ours| ours >= series)
    }
}
