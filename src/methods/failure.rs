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
    let message = outcome["message"].as_str().unwrap_or_default().trim();
    // The position among several records.
    let place = outcome["place"].as_str();
    let at = place.map_or_else(String::new, |place| format!("{place}: "));
    let or = |default: &str| match message {
        "" => format!("{at}{default}"),
        text if text.ends_with(ends_a_word) => format!("{at}{text}."),
        text => format!("{at}{text}"),
    };
    let unchanged = unchanged(pending, outcome);
    let kind = outcome["type"].as_str().unwrap_or("internal");
    let quotes = matches!(
        kind,
        "user_error" | "validation_error" | "redirect_warning" | "constraint"
    );
    if let Some(model) = pending.withheld_model.as_deref().filter(|_| quotes) {
        return Error::failed(format!(
            "{at}Odoo refused this. The original message is withheld, since something of {model} is hidden from this caller and \
             they might quote it. An administrator can try the same in Odoo.{unchanged}"
        ));
    }
    let failed = |text: String| Error::Tool {
        kind: ToolError::Failed,
        message: text,
    };
    match kind {
        "access_error" | "access_denied" => Error::denied(format!(
            "{}{unchanged}{}",
            or("Odoo does not allow this to the user."),
            layer(db, pending, outcome, message)
        )),
        "user_error" | "validation_error" | "redirect_warning" => {
            failed(format!("{}{unchanged}", or("Odoo refused this.")))
        }
        "missing_error" => failed(format!("{}{unchanged}", or("A record does not exist."))),
        "constraint" => failed(format!(
            "{}{unchanged}",
            or("A database constraint forbids this.")
        )),
        "bad_arguments" => {
            Error::bad_arguments(format!("{}{unchanged}", or("The arguments do not fit.")))
        }
        "no_method" => Error::bad_arguments(format!(
            "{}{}",
            or("There is no such method."),
            like(pending, outcome)
        )),
        "private_method" => Error::denied(or("This method is private.")),
        "serialization" => failed(format!(
            "Others kept changing the same records at the same time.{unchanged} Try again."
        )),
        "timeout" => failed(format!(
            "The call took longer than {} seconds and was stopped.{unchanged} Narrow it: fewer records, a more \
             selective domain.",
            pending.call_ms / 1_000
        )),
        "unusable" => Error::Tool {
            kind: ToolError::Internal,
            message: format!("{message}{unchanged}"),
        },
        "not_json" => failed(format!(
            "The method gave something that cannot be shown as JSON, so it was undone.{unchanged}"
        )),
        "commits" => Error::denied(format!(
            "This method commits by itself, which would escape the audit. It was stopped.{unchanged} An administrator \
             can make a tool for it that is marked so."
        )),
        "outside" => failed(format!(
            "This would reach outside the database ({}), which a dry run does not do. What else it would change is not known.\
             {unchanged}",
            or("the network").trim_end_matches('.')
        )),
        "cannot_try" => failed(format!("A dry run is not possible: {}{unchanged}", or(""))),
        "read_only" => Error::denied(format!(
            "Nothing may be changed here, and this would change something: PostgreSQL refused it, and it was undone. \
             [read_only]{}",
            or("")
        )),
        "busy" => failed(format!(
            "Another call with the same idempotency_key is running, and did not end within {} seconds.{unchanged} Try again \
             in a moment, with the same key: its answer comes then.",
            pending.call_ms / 1_000
        )),
        "died" => failed(format!(
            "The call was declared dead while it ran.{unchanged} Try again."
        )),
        "pool_full" | "module_state" => Error::protocol(
            503,
            code::REFUSED,
            or("Odoo is too busy to run this now. Nothing was changed. Try again in a moment."),
        ),
        _ => Error::Tool {
            kind: ToolError::Internal,
            message: format!(
                "{at}Odoo failed with an internal error.{unchanged} The administrator finds it in Odoo's log under call {}.",
                pending.entry.call_id
            ),
        },
    }
}

/// Whether a sentence with this last character lacks its full stop.
fn ends_a_word(letter: char) -> bool {
    letter.is_alphanumeric() || matches!(letter, '\'' | '"')
}

/// Suggestions for an unknown method. None where the policy allows only some methods.
fn like(pending: &PendingCall, outcome: &Value) -> String {
    let memo = pending.memo();
    let (Some(Value::String(method)), Some(Value::Array(names))) = (
        memo.and_then(|memo| memo.get("method")),
        outcome.get("candidates"),
    ) else {
        return String::new();
    };
    if memo.is_some_and(|memo| memo.get("restricted").is_some()) {
        return String::new();
    }
    let names = names.iter().filter_map(Value::as_str);
    did_you_mean(method, names.filter(|name| check_method(name).is_ok()))
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
            " An administrator with user-management rights can grant one of these groups. [acl]"
                .to_owned()
        }
        Ok(Some(true)) => format!(
            " The user may {operation} records of {model}, but a record rule of Odoo's keeps these from them. An Odoo \
             administrator can change the rule, or the record so that the rule admits it; explain_access tells more of \
             one record. [record_rule]"
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
