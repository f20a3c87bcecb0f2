//! Resumes a call after Odoo has run its step: makes the result or the failure, and writes the audit row.

mod confirmation;
mod continuation;
mod dry_run;
mod idempotency;
mod input_required;
mod outcome;
mod render;

use super::cancel;
use super::failure::{explain, undone};
use super::mrtr::context::InputOutcome;
use super::pending_call::{Continuation, PendingCall, within};
use crate::audit::{self, End};
use crate::error::{Error, Result};
use crate::pg::Database;
use crate::tools::answer;
use crate::wire::answer::ExchangeAnswer;
use input_required::AskOutcome;
use outcome::{Ended, Finished};
use render::{Rendered, render, render_failure};
use serde_json::{Value, json};

/// Finishes a call that Odoo has run: the last statement of Odoo's transaction. The audit row commits or rolls back
/// with the change. If the answer cannot be sent, Odoo rolls back, and the call ends with that error.
///
/// # Errors
/// Any error that must keep the transaction from committing.
pub fn succeed(
    db: &dyn Database,
    mut pending: PendingCall,
    mut outcome: Value,
) -> Result<ExchangeAnswer> {
    if let Continuation::Confirm { ask } = &pending.finish {
        let ask = ask.clone();
        return pending.ask_to_confirm(db, &ask, &outcome);
    }
    let messages = pending.hear(&outcome)?;
    let version = pending.to.version();
    let finished = match pending.finish.finish(db, &mut outcome, version) {
        // A read needs no rollback.
        Err(error @ Error::Tool { .. }) if pending.read_only && !pending.finish.may_ask() => {
            Finished::refused(error)
        }
        Err(Error::Tool { message, .. }) => {
            return Ok(ExchangeAnswer::Undo(
                json!({"type": "unusable", "message": message}),
            ));
        }
        finished => finished?,
    };
    let mut result = finished.result;
    let mut failed = finished.refused;
    if let Err(error) = within(finished.size, pending.max_answer_bytes) {
        match finished.too_long.filter(|_| !pending.read_only) {
            // The change stays; only its result is too long to show.
            Some(shorter) => result = shorter,
            None => failed = Some(error),
        }
    }
    pending.entry.set_changes(outcome["changes"].take());
    if !finished.record_ids.is_empty() {
        pending.entry.set_records(&finished.record_ids);
    }
    if let (Some(claims), Some(answer)) = (pending.finish.claims(), &finished.answer) {
        claims.keep(db, &pending.entry.call_id.to_string(), answer)?;
    }
    let sent = match &failed {
        None => render(&pending.to, result, pending.finish.cache()),
        Some(error) => render_failure(&pending, error),
    };
    let sent = sent.after(&messages, pending.takes_events_only());
    let end = match &failed {
        None => End::ok(&sent.reply, finished.row_count),
        Some(error) => End::of_error(error, &sent.reply),
    };
    pending.entry.settle(db, &end)?;
    Ok(sent.into_answer())
}

/// Answers for a call that Odoo could not run or has rolled back. Returns a step when the client has already sent the
/// responses that the method asks for.
///
/// # Errors
/// When even the audit row cannot be written.
pub fn fail(
    db: &dyn Database,
    mut pending: PendingCall,
    outcome: &Value,
) -> Result<ExchangeAnswer> {
    let error = &outcome["error"];
    let ended = match error["type"].as_str() {
        Some("input_required") => match pending.ask(db, outcome, audit::now() / 1_000_000) {
            Ok(AskOutcome::Input(InputOutcome::Run(input_context))) => {
                return pending.again(input_context);
            }
            Ok(AskOutcome::Input(InputOutcome::InputRequired(result))) => Ended::Asks(result),
            Ok(AskOutcome::Waits(stream)) => Ended::Waits(stream),
            Err(failed @ Error::Tool { .. }) => Ended::Failed(undone(&pending, error, failed)),
            Err(failed @ Error::Protocol { .. }) => Ended::Failed(failed),
            Err(failed) => return Err(failed),
        },
        Some("error_result") => pending.described(error),
        Some("claimed") => pending.claimed(db)?,
        Some("dry_run") => pending.tried(db, &error["report"])?,
        kind => {
            let kind = kind.unwrap_or("internal");
            let version = pending.to.version();
            let explained = explain(db, &pending, error);
            Ended::Failed(pending.finish.error(kind, explained, version))
        }
    };
    let sent = match &ended {
        Ended::Failed(error) => render_failure(&pending, error),
        Ended::Told(result, _) if pending.finish.fails_as_result() => {
            render(&pending.to, result.clone(), None)
        }
        Ended::Told(_, error) => render_failure(&pending, error),
        Ended::Repeated(repeat) => {
            let result = repeat.to_result(pending.to.version());
            render(&pending.to, result, None)
        }
        Ended::Asks(result) | Ended::Tried(result, _) => render(&pending.to, result.clone(), None),
        Ended::Waits(stream) => Rendered {
            reply: pending.to.cors(stream.clone()),
            sql: None,
        },
    };
    let mut sent = match &ended {
        Ended::Waits(_) => sent,
        _ => sent.after(&pending.hear(outcome)?, pending.takes_events_only()),
    };
    let end = match &ended {
        Ended::Failed(error) | Ended::Told(_, error) => End::of_error(error, &sent.reply),
        Ended::Repeated(repeat) => {
            End::repeated(&sent.reply, repeat.answer.row_count, &repeat.call_id)
        }
        Ended::Tried(_, rows) => End::dry_run(&sent.reply, *rows),
        Ended::Asks(_) | Ended::Waits(_) => End::input_required(&sent.reply),
    };
    let written = pending.entry.insert_once(db, &end)?;
    if !written && pending.entry.settled_as(db)?.as_deref() == Some("cancelled") {
        let error = cancel::answer(error["committed"] == true);
        sent = render_failure(&pending, &error);
    }
    pending.entry.end_call(db)?;
    Ok(sent.into_answer())
}

impl PendingCall {
    /// A result that the author marked as an error.
    fn described(&self, error: &Value) -> Ended {
        let described = answer::Answer::of_outcome(&mut error.clone()).and_then(|described| {
            within(described.size(), self.max_answer_bytes).map(|()| described)
        });
        match described {
            Ok(described) => {
                let mut result = described.to_result(self.to.version());
                result.insert("isError".into(), json!(true));
                Ended::Told(result, Error::failed(described.texts()))
            }
            Err(failed) => Ended::Failed(undone(self, error, failed)),
        }
    }
}
