//! Decides which calls need a confirmation.

use super::restrictions::Policy;
use super::verdict::{Effect, Operation};
use crate::odoo::settings::Confirm;

impl Policy<'_> {
    /// Keep in mind what is let through: commands within values are not seen from outside.
    pub(super) fn note(&self, model: &str, operation: Operation, method: Option<&str>) {
        if operation == Operation::Read {
            return;
        }
        let deed = Effect {
            model: model.to_owned(),
            operation,
            method: method.map(str::to_owned),
        };
        let mut noted = self.let_through.borrow_mut();
        if !noted.contains(&deed) {
            noted.push(deed);
        }
    }

    /// Whether an operation on a model, or this method of it, is to be confirmed.
    pub fn is_to_confirm(&self, model: &str, operation: Operation, method: Option<&str>) -> bool {
        let deed = Effect {
            model: model.to_owned(),
            operation,
            method: method.map(str::to_owned),
        };
        self.record_asks(&deed) || self.setting_asks(&deed)
    }

    /// Whether a call of a tool that changes something is to be confirmed, for what was let through while it was prepared.
    /// `named`: that is all it does; else its mark `destructive` says what it may do beside that.
    pub fn call_is_to_confirm(&self, named: bool, destructive: bool) -> bool {
        let noted = self.let_through.borrow();
        let by_setting = match self.switches.confirm {
            _ if named => noted.iter().any(|deed| self.setting_asks(deed)),
            Confirm::None => false,
            Confirm::Destructive => destructive,
            Confirm::All => true,
        };
        by_setting || noted.iter().any(|deed| self.record_asks(deed))
    }

    /// Whether the access record of its model lets this method go.
    fn is_free(&self, deed: &Effect) -> bool {
        match (self.access.get(&deed.model), &deed.method) {
            (Some(row), Some(method)) => row.free_methods().contains(&method.as_str()),
            _ => false,
        }
    }

    fn record_asks(&self, deed: &Effect) -> bool {
        let Some(row) = self.access.get(&deed.model) else {
            return false;
        };
        let flag = match deed.operation {
            Operation::Read => None,
            Operation::Write => row.confirm_write,
            Operation::Create => row.confirm_create,
            Operation::Unlink => row.confirm_unlink,
            Operation::Call => row.confirm_call,
        };
        flag == Some(true) && !self.is_free(deed)
    }

    fn setting_asks(&self, deed: &Effect) -> bool {
        let asks = match (self.switches.confirm, deed.operation) {
            (Confirm::None, _) | (_, Operation::Read) => false,
            (Confirm::Destructive, operation) => operation != Operation::Create,
            (Confirm::All, _) => true,
        };
        asks && !self.is_free(deed)
    }

    /// What a call does to other models than its own.
    pub fn deeds_elsewhere(&self, model: &str) -> Vec<Effect> {
        let noted = self.let_through.borrow();
        let others = noted.iter().filter(|deed| deed.model != model);
        others.cloned().collect()
    }
}
