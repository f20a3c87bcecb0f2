//! Explains to the model why a call failed in Odoo.

use super::pending_call::PendingCall;
use crate::error::{Error, ToolError, code};
use crate::pg::Database;
use crate::policy::access::odoo_lets;
use crate::text::suggest::did_you_mean;
use crate::tools::check_method;
use serde_json::Value;

/// Turns a failure in Odoo into a message that names the cause and the remedy (docs/exchange.md, "Steps").
pub fn explain(db: &dyn Database, pending: &PendingCall, outcome: &Value) -> Error {
    let failure = Failure::of(pending, outcome);
    match failure.kind {
        "user_error" | "validation_error" | "redirect_warning" => {
            failure.quoted("Odoo refused this.")
        }
        "constraint" => failure.quoted("A database constraint refused these values."),
        "access_error" | "access_denied" => failure.denied(db),
        "missing_error" => {
            failure.failed("A record of the call does not exist. Search again for its id.")
        }
        "bad_arguments" => Error::bad_arguments(failure.with_effect(
            "The arguments do not match the signature of the \
         method.",
        )),
        "no_method" => failure.no_method(),
        "private_method" => Error::denied(failure.or("This method is private.")),
        "cannot_try" => Error::failed(format!(
            "A dry run is not possible: {}",
            failure.with_effect("")
        )),
        "unusable" => internal(format!("{}{}", failure.message, failure.unchanged)),
        "pool_full" | "module_state" => Error::protocol(
            503,
            code::REFUSED,
            failure.or(
                "Odoo is too busy to run this now. Nothing was changed. Try again in a moment.",
            ),
        ),
        _ => failure.stopped().unwrap_or_else(|| failure.internal()),
    }
}

fn internal(message: String) -> Error {
    Error::Tool {
        kind: ToolError::Internal,
        message,
    }
}

/// A failed call: what Odoo said, and the parts that several messages share.
struct Failure<'a> {
    pending: &'a PendingCall,
    outcome: &'a Value,
    /// The addon's name for the exception (docs/exchange.md, "Steps").
    kind: &'a str,
    /// Odoo's message; may be empty.
    message: &'a str,
    /// The position among several records, with a colon; mostly empty.
    at: String,
    /// The effect on the call's own change.
    unchanged: &'static str,
}

impl<'a> Failure<'a> {
    fn of(pending: &'a PendingCall, outcome: &'a Value) -> Self {
        Self {
            pending,
            outcome,
            kind: outcome["type"].as_str().unwrap_or("internal"),
            message: outcome["message"].as_str().unwrap_or_default().trim(),
            at: outcome["place"]
                .as_str()
                .map_or_else(String::new, |place| format!("{place}: ")),
            unchanged: unchanged(pending, outcome),
        }
    }

    /// Odoo's message as a sentence, or a default.
    fn or(&self, default: &str) -> String {
        let at = &self.at;
        match self.message {
            "" => format!("{at}{default}"),
            text if text.ends_with(ends_a_word) => format!("{at}{text}."),
            text => format!("{at}{text}"),
        }
    }

    fn with_effect(&self, default: &str) -> String {
        format!("{}{}", self.or(default), self.unchanged)
    }

    fn failed(&self, default: &str) -> Error {
        Error::failed(self.with_effect(default))
    }

    /// A message that might quote values of records. It is withheld where something of a model is hidden.
    fn quoted(&self, default: &str) -> Error {
        let (at, unchanged) = (&self.at, self.unchanged);
        match self.pending.withheld_model.as_deref() {
            None => self.failed(default),
            Some(model) => Error::failed(format!(
                "{at}Odoo refused this. The original message is withheld because it may quote data of {model} that is \
                 hidden from this caller. A user who may see it can try the same in Odoo.{unchanged}"
            )),
        }
    }

    fn denied(&self, db: &dyn Database) -> Error {
        let text = self.with_effect("Odoo's access rights do not allow this.");
        let layer = layer(db, self.pending, self.outcome, self.message);
        Error::denied(format!("{text}{layer}"))
    }

    fn no_method(&self) -> Error {
        let text = self.or("There is no such method.");
        Error::bad_arguments(format!("{text}{}", like(self.pending, self.outcome)))
    }

    /// A call that the server has stopped; `None` for other kinds.
    fn stopped(&self) -> Option<Error> {
        let (unchanged, seconds) = (self.unchanged, self.pending.call_ms / 1_000);
        Some(match self.kind {
            "serialization" => Error::failed(format!(
                "Others kept changing the same records at the same time.{unchanged} Try again."
            )),
            "timeout" => Error::failed(format!(
                "The call took longer than {seconds} seconds and was stopped.{unchanged} Ask for fewer records, or \
                 give a more selective domain."
            )),
            "not_json" => Error::failed(format!(
                "The method returned a value that JSON cannot represent, so the call was undone.{unchanged}"
            )),
            "commits" => Error::denied(format!(
                "This method commits by itself, so its changes would have no audit row. It was stopped.{unchanged} An \
                 administrator can make a tool for it with the mark May Commit."
            )),
            "outside" => Error::failed(format!(
                "This would reach outside the database ({}), which a dry run does not do. What else it would change is \
                 not known.{unchanged}",
                self.or("the network").trim_end_matches('.')
            )),
            "read_only" => Error::denied(format!(
                "The call tried to write where nothing may be changed. PostgreSQL refused that, and the call was \
                 undone. Use a tool that only reads. [read_only]{}",
                self.or("")
            )),
            "busy" => Error::failed(format!(
                "Another call with the same idempotency_key is running, and did not end within {seconds} \
                 seconds.{unchanged} Try again in a moment, with the same key: its answer comes then."
            )),
            "died" => Error::failed(format!(
                "The server lost contact with this call while it ran, and ended it.{unchanged} Try again."
            )),
            _ => return None,
        })
    }

    fn internal(&self) -> Error {
        internal(format!(
            "{}Odoo failed with an internal error.{} The administrator finds it in Odoo's log under call {}.",
            self.at, self.unchanged, self.pending.entry.call_id
        ))
    }
}

/// Whether a sentence with this last character lacks its full stop.
fn ends_a_word(letter: char) -> bool {
    letter.is_alphanumeric() || matches!(letter, '\'' | '"')
}

/// Suggestions for an unknown method. None where the policy allows only some methods.
fn like(pending: &PendingCall, outcome: &Value) -> String {
    let (Some(called), Some(Value::Array(names))) =
        (pending.method_called(), outcome.get("candidates"))
    else {
        return String::new();
    };
    if called.restricted {
        return String::new();
    }
    let names = names.iter().filter_map(Value::as_str);
    did_you_mean(
        &called.method,
        names.filter(|name| check_method(name).is_ok()),
    )
}

/// The layer that refused, and who can grant the permission, if known.
fn layer(db: &dyn Database, pending: &PendingCall, outcome: &Value, message: &str) -> String {
    if message.ends_with(']') {
        // The policy's message names its layer itself.
        return String::new();
    }
    if outcome["layer"] == "field_group" {
        return " Leave the field out, or ask an Odoo administrator for one of its groups. [field_group]".to_owned();
    }
    let (Some(model), Some(uid), Some(operation)) = (
        pending.entry.model.as_deref(),
        pending.entry.user_id,
        pending.operation(),
    ) else {
        return String::new();
    };
    // The message may be about another model that the call touches.
    if !message.contains(&format!("({model})")) {
        return String::new();
    }
    match odoo_lets(db, uid, model, operation) {
        Ok(Some(false)) => {
            " An administrator of users can add the user to a group with this right; explain_access lists the groups. \
             [acl]"
                .to_owned()
        }
        Ok(Some(true)) => format!(
            " The user may {operation} records of {model}, but a record rule excludes these. Call explain_access with \
             the id of one record for the rule, which an Odoo administrator can change. [record_rule]"
        ),
        _ => String::new(),
    }
}

/// A sentence about the call's own change: not made, or partly committed.
fn unchanged(pending: &PendingCall, outcome: &Value) -> &'static str {
    if outcome["committed"] == true {
        " What the method had saved by itself before that stays saved."
    } else if pending.dry_run {
        " Nothing was changed. This was a dry run."
    } else if pending.read_only {
        ""
    } else {
        " Nothing was changed."
    }
}

/// The error of a call that was rolled back, with the effect on its change.
pub fn undone(pending: &PendingCall, outcome: &Value, failed: Error) -> Error {
    match failed {
        Error::Tool { kind, message } => Error::Tool {
            kind,
            message: format!("{message}{}", unchanged(pending, outcome)),
        },
        other => other,
    }
}
