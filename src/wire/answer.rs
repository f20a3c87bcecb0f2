//! The answer of the core to one statement of the addon: a reply, a step, or an authentication context
//! (docs/exchange.md).

use super::auth_context::AuthContext;
use super::http::Reply;
use serde_json::{Map, Value, json};

/// The answer to one statement.
#[derive(Debug)]
pub enum ExchangeAnswer {
    /// The response to send.
    Reply(Reply),
    /// Authenticated: the addon sends the next statement with the body.
    Authenticated(Box<AuthContext>),
    /// A step for Odoo: the addon sends the next statement with its outcome and this state.
    Step { step: Value, state: Value },
    /// The addon rolls back the call and sends the next statement with this error as its outcome.
    Undo(Value),
    /// The fast path is switched off: Odoo's ordinary route serves this request.
    Ordinary,
    /// The result for a caller of `mcp_dispatch_tool`.
    Sql(Value),
}

/// An answer, with the claim for the addon's cache.
#[derive(Debug)]
pub struct Answered {
    pub answer: ExchangeAnswer,
    pub remember: Option<Value>,
}

impl From<ExchangeAnswer> for Answered {
    fn from(answer: ExchangeAnswer) -> Self {
        Self {
            answer,
            remember: None,
        }
    }
}

impl Answered {
    /// One JSON object, for the `jsonb` functions.
    pub fn into_value(self) -> Value {
        let mut value = match self.answer {
            ExchangeAnswer::Reply(reply) => {
                let body = Value::String(reply.body);
                json!({"reply": {"status": reply.status, "headers": reply.headers, "body": body}})
            }
            ExchangeAnswer::Authenticated(auth) => json!({"pass": *auth}),
            ExchangeAnswer::Step { step, state } => json!({"step": step, "state": state}),
            ExchangeAnswer::Undo(error) => json!({"undo": error}),
            ExchangeAnswer::Ordinary => json!({"ordinary": true}),
            ExchangeAnswer::Sql(value) => value,
        };
        if let Some(remember) = self.remember {
            value["remember"] = remember;
        }
        value
    }

    /// Two lines, for the `text` functions: a JSON object that the addon parses, then the part that it only passes on
    /// (the reply's body, the state or the authentication context). Nobody parses, escapes or copies that part
    /// again.
    pub fn into_text(self) -> String {
        let (mut head, rest) = match self.answer {
            ExchangeAnswer::Reply(reply) => (
                json!({"reply": {"status": reply.status, "headers": reply.headers}}),
                reply.body,
            ),
            ExchangeAnswer::Authenticated(auth) => (
                json!({"pass": {"max_body_bytes": auth.max_body_bytes}}),
                json!(*auth).to_string(),
            ),
            ExchangeAnswer::Step { step, state } => {
                let mut head = Map::new();
                head.insert("step".into(), step);
                (Value::Object(head), state.to_string())
            }
            ExchangeAnswer::Undo(error) => (json!({"undo": error}), String::new()),
            ExchangeAnswer::Ordinary => (json!({"ordinary": true}), String::new()),
            ExchangeAnswer::Sql(value) => (value, String::new()),
        };
        if let Some(remember) = self.remember {
            head["remember"] = remember;
        }
        // Compact JSON contains no line feed.
        let mut text = head.to_string();
        text.reserve(rest.len() + 1);
        text.push('\n');
        text.push_str(&rest);
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_ends_where_the_rest_begins() {
        let reply = Reply::json_text(200, "{\"a\":\n\"b\"}".into()).header("X", "line\nfeed");
        let mut answered = Answered::from(ExchangeAnswer::Reply(reply));
        answered.remember = Some(json!({"seconds": null}));
        let text = answered.into_text();
        let (head, rest) = text.split_once('\n').unwrap();
        assert_eq!(rest, "{\"a\":\n\"b\"}");
        let head: Value = serde_json::from_str(head).unwrap();
        assert_eq!(head["reply"]["status"], 200);
        assert_eq!(head["reply"]["headers"]["X"], "line\nfeed");
        assert_eq!(head["remember"], json!({"seconds": null}));
    }

    #[test]
    fn as_a_value_everything_is_in_one_object() {
        let step = || ExchangeAnswer::Step {
            step: json!({"kind": "call"}),
            state: json!({"at": "call"}),
        };
        assert_eq!(
            Answered::from(step()).into_value(),
            json!({"step": {"kind": "call"}, "state": {"at": "call"}})
        );
        assert_eq!(
            Answered::from(step()).into_text(),
            "{\"step\":{\"kind\":\"call\"}}\n{\"at\":\"call\"}"
        );
        let undo = || Answered::from(ExchangeAnswer::Undo(json!({"type": "unusable"})));
        assert_eq!(undo().into_value(), json!({"undo": {"type": "unusable"}}));
        assert_eq!(undo().into_text(), "{\"undo\":{\"type\":\"unusable\"}}\n");
        assert_eq!(
            Answered::from(ExchangeAnswer::Ordinary).into_text(),
            "{\"ordinary\":true}\n"
        );
    }
}
