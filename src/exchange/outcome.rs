//! Turns the outcome of a protocol method into the response to its request.

use super::response::{Response, SideEffect};
use super::{CORE_MS, Exchange, QUERY_CANCELED, busy};
use crate::audit::End;
use crate::error::Error;
use crate::methods::request::{Outcome, complete};
use crate::tools::answer::failure;
use crate::wire::http::Reply;
use crate::wire::json_rpc;
use serde_json::Map;

impl Exchange {
    pub(super) fn served(&self, outcome: Outcome) -> Response {
        match outcome {
            Outcome::Result(result, row_count) => Response::reply(
                Reply::json(200, &json_rpc::result(&self.id, result)),
                row_count,
            ),
            Outcome::Text(result, row_count) => {
                let body = json_rpc::result_text(&self.id, &result);
                Response::reply(Reply::json_text(200, body), row_count)
            }
            Outcome::Failed(error) => {
                let result = complete(failure(&error), self.version, None);
                let reply = Reply::json(200, &json_rpc::result(&self.id, result));
                let end = End::of_error(&error, &reply);
                Response {
                    end,
                    ..Response::reply(reply, None)
                }
            }
            Outcome::Declined(error) => {
                let result = complete(failure(&error), self.version, None);
                let reply = Reply::json(200, &json_rpc::result(&self.id, result));
                Response {
                    end: End::declined(&reply),
                    ..Response::reply(reply, None)
                }
            }
            Outcome::Repeated(result, repeat) => {
                let reply = Reply::json(200, &json_rpc::result(&self.id, result));
                Response {
                    end: End::repeated(&reply, repeat.answer.row_count, &repeat.call_id),
                    ..Response::reply(reply, None)
                }
            }
            Outcome::InputRequired(result) => {
                let reply = Reply::json(200, &json_rpc::result(&self.id, result));
                Response {
                    end: End::input_required(&reply),
                    ..Response::reply(reply, None)
                }
            }
            Outcome::Open(result, client) => {
                let reply = Reply::json(200, &json_rpc::result(&self.id, result));
                Response {
                    also: SideEffect::Open(client),
                    ..Response::reply(reply, None)
                }
            }
            Outcome::LogLevel(level) => {
                let reply = Reply::json(200, &json_rpc::result(&self.id, Map::new()));
                Response {
                    also: SideEffect::LogLevel(level),
                    ..Response::reply(reply, None)
                }
            }
            Outcome::Step {
                step,
                state,
                read_only,
            } => Response {
                step: Some((step, state)),
                read_only,
                ..Response::reply(Reply::empty(200), None)
            },
        }
    }

    pub(super) fn failed(&self, error: Error) -> Response {
        let error = match error {
            Error::Database { sqlstate, .. } if sqlstate == QUERY_CANCELED => {
                if self.entry.tool.is_some() {
                    return self.served(Outcome::Failed(Error::failed(format!(
                        "The call took longer than {} seconds and was stopped. Ask for fewer records, or give a more \
                         selective domain.",
                        CORE_MS / 1_000
                    ))));
                }
                busy()
            }
            error => error,
        };
        let reply = Reply::error(&self.id, &error);
        let end = End::of_error(&error, &reply);
        Response {
            end,
            ..Response::reply(reply, None)
        }
    }
}
