//! Decides which calls need a confirmation.

use super::restrictions::Policy;
use super::verdict::{Effect, Operation};
use crate::odoo::settings::Confirm;

impl Policy<'_> {
    /// Record an allowed effect of the call. The call itself does not show the effects of commands nested in values.
    pub(super) fn note(&self, model: &str, operation: Operation, method: Option<&str>) {
        if operation == Operation::Read {
            return;
        }
        let effect = Effect {
            model: model.to_owned(),
            operation,
            method: method.map(str::to_owned),
        };
        let mut effects = self.allowed_effects.borrow_mut();
        if !effects.contains(&effect) {
            effects.push(effect);
        }
    }

    /// Whether an operation on a model, or this method of it, needs confirmation.
    pub fn is_to_confirm(&self, model: &str, operation: Operation, method: Option<&str>) -> bool {
        let effect = Effect {
            model: model.to_owned(),
            operation,
            method: method.map(str::to_owned),
        };
        self.record_asks(&effect) || self.setting_asks(&effect)
    }

    /// Whether a call of a changing tool needs confirmation, given the effects allowed while it was prepared. `named`:
    /// these effects are all effects of the call; otherwise the tool's `destructive` mark describes the others.
    pub fn call_is_to_confirm(&self, named: bool, destructive: bool) -> bool {
        let effects = self.allowed_effects.borrow();
        let by_setting = match self.switches.confirm {
            _ if named => effects.iter().any(|effect| self.setting_asks(effect)),
            Confirm::None => false,
            Confirm::Destructive => destructive,
            Confirm::All => true,
        };
        by_setting || effects.iter().any(|effect| self.record_asks(effect))
    }

    /// Whether the access record of the model exempts this method from confirmation.
    fn is_free(&self, effect: &Effect) -> bool {
        match (self.rules.access.get(&effect.model), &effect.method) {
            (Some(row), Some(method)) => row.free_methods().contains(&method.as_str()),
            _ => false,
        }
    }

    fn record_asks(&self, effect: &Effect) -> bool {
        let Some(row) = self.rules.access.get(&effect.model) else {
            return false;
        };
        let flag = match effect.operation {
            Operation::Read => None,
            Operation::Write => row.confirm_write,
            Operation::Create => row.confirm_create,
            Operation::Unlink => row.confirm_unlink,
            Operation::Call => row.confirm_call,
        };
        flag == Some(true) && !self.is_free(effect)
    }

    fn setting_asks(&self, effect: &Effect) -> bool {
        let asks = match (self.switches.confirm, effect.operation) {
            (Confirm::None, _) | (_, Operation::Read) => false,
            (Confirm::Destructive, operation) => operation != Operation::Create,
            (Confirm::All, _) => true,
        };
        asks && !self.is_free(effect)
    }

    /// The effects of a call on models other than its own.
    pub fn effects_elsewhere(&self, model: &str) -> Vec<Effect> {
        let effects = self.allowed_effects.borrow();
        let others = effects.iter().filter(|effect| effect.model != model);
        others.cloned().collect()
    }
}
