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

/// Finish a call that Odoo has run: called in Odoo's transaction, as its last statement. The audit row commits, or not,
/// with the change. What cannot be sent is undone, and comes again as an error.
///
/// # Errors
/// Whatever makes the transaction unfit to commit.
pub fn succeed(
    db: &dyn Database,
    mut running: PendingCall,
    mut outcome: Value,
) -> Result<ExchangeAnswer> {
    if let Continuation::Confirm { ask } = &running.finish {
        let ask = ask.clone();
        return running.ask_to_confirm(db, &ask, &outcome);
    }
    let messages = running.hear(&outcome)?;
    let version = running.to.version();
    let finished = match running.finish.finish(db, &mut outcome, version) {
        // What was only read need not be undone.
        Err(error @ Error::Tool { .. }) if running.read_only && !running.finish.may_ask() => {
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
    if let Err(error) = within(finished.size, running.max_answer_bytes) {
        match finished.too_long.filter(|_| !running.read_only) {
            // The work is done and stays done; only its result is too long to show.
            Some(shorter) => result = shorter,
            None => failed = Some(error),
        }
    }
    running.entry.set_changes(outcome["changes"].take());
    if !finished.record_ids.is_empty() {
        running.entry.set_records(&finished.record_ids);
    }
    if let (Some(claims), Some(answer)) = (running.finish.claims(), &finished.answer) {
        claims.keep(db, &running.entry.call_id.to_string(), answer)?;
    }
    let sent = match &failed {
        None => render(&running.to, result, running.finish.cache()),
        Some(error) => render_failure(&running, error),
    };
    let sent = sent.after(&messages, running.takes_events_only());
    let end = match &failed {
        None => End::ok(&sent.reply, finished.row_count),
        Some(error) => End::of_error(error, &sent.reply),
    };
    running.entry.settle(db, &end)?;
    Ok(sent.into_answer())
}

/// Answer for a call that Odoo could not run or that was rolled back. A step comes where the client has answered already
/// what the method asks.
///
/// # Errors
/// When not even the audit row can be written.
pub fn fail(
    db: &dyn Database,
    mut running: PendingCall,
    outcome: &Value,
) -> Result<ExchangeAnswer> {
    let error = &outcome["error"];
    let ended = match error["type"].as_str() {
        Some("input_required") => match running.ask(db, outcome, audit::now() / 1_000_000) {
            Ok(AskOutcome::Input(InputOutcome::Run(asker))) => return running.again(asker),
            Ok(AskOutcome::Input(InputOutcome::InputRequired(result))) => Ended::Asks(result),
            Ok(AskOutcome::Waits(stream)) => Ended::Waits(stream),
            Err(failed @ Error::Tool { .. }) => Ended::Failed(undone(&running, error, failed)),
            Err(failed @ Error::Protocol { .. }) => Ended::Failed(failed),
            Err(failed) => return Err(failed),
        },
        Some("error_result") => running.told(error),
        Some("claimed") => running.claimed(db)?,
        Some("dry_run") => running.tried(db, &error["report"])?,
        kind => {
            let kind = kind.unwrap_or("internal");
            let version = running.to.version();
            let explained = explain(db, &running, error);
            Ended::Failed(running.finish.error(kind, explained, version))
        }
    };
    let sent = match &ended {
        Ended::Failed(error) => render_failure(&running, error),
        Ended::Told(result, _) if running.finish.fails_as_result() => {
            render(&running.to, result.clone(), None)
        }
        Ended::Told(_, error) => render_failure(&running, error),
        Ended::Repeated(repeat) => {
            let result = repeat.to_result(running.to.version());
            render(&running.to, result, None)
        }
        Ended::Asks(result) | Ended::Tried(result, _) => render(&running.to, result.clone(), None),
        Ended::Waits(stream) => Rendered {
            reply: running.to.cors(stream.clone()),
            sql: None,
        },
    };
    let mut sent = match &ended {
        Ended::Waits(_) => sent,
        _ => sent.after(&running.hear(outcome)?, running.takes_events_only()),
    };
    let end = match &ended {
        Ended::Failed(error) | Ended::Told(_, error) => End::of_error(error, &sent.reply),
        Ended::Repeated(repeat) => {
            End::repeated(&sent.reply, repeat.answer.row_count, &repeat.call_id)
        }
        Ended::Tried(_, rows) => End::dry_run(&sent.reply, *rows),
        Ended::Asks(_) | Ended::Waits(_) => End::input_required(&sent.reply),
    };
    let written = running.entry.insert_once(db, &end)?;
    if !written && running.entry.settled_as(db)?.as_deref() == Some("cancelled") {
        let error = cancel::answer(error["committed"] == true);
        sent = render_failure(&running, &error);
    }
    running.entry.end_call(db)?;
    Ok(sent.into_answer())
}

impl PendingCall {
    /// The result that an author calls an error.
    fn told(&self, error: &Value) -> Ended {
        let told = answer::Answer::of_outcome(&mut error.clone())
            .and_then(|told| within(told.size(), self.max_answer_bytes).map(|()| told));
        match told {
            Ok(told) => {
                let mut result = told.to_result(self.to.version());
                result.insert("isError".into(), json!(true));
                Ended::Told(result, Error::failed(told.texts()))
            }
            Err(failed) => Ended::Failed(undone(self, error, failed)),
        }
    }
}
