//! Input requests to 2025-11-25 clients, sent as server requests on the response stream of the waiting request. The
//! stream does not stay open: it ends after the input requests, and the client resumes it after a delay by `GET` with
//! `Last-Event-ID` (specification 2025-11-25: transports, "Streamable HTTP", "Resumability and Redelivery"). Meanwhile
//! a table of the addon stores the request. Once all input requests are answered, the request runs like a new one.

use super::input_requests::{InputRequests, SECONDS};
use super::request_kinds::answer;
use crate::error::{Error, Result, code};
use crate::gate::session::Session;
use crate::pg::{Database, Param};
use crate::text::json::clip;
use crate::wire::event_stream::{self, Event};
use crate::wire::http::{Reply, Request};
use crate::wire::json_rpc;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// Retry delays in milliseconds: short at first, since programs answer at once, then longer, for people.
const SOON: u32 = 500;
const LATER: u32 = 2_000;
/// Limits: stored requests of one session, and bytes of one of them.
const MOST_WAITING: i64 = 50;
const MOST_BYTES: usize = 1_048_576;

/// A request to be stored while its client is asked on its stream.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ParkedRequest {
    pub(super) session_id: String,
    pub(super) id: Value,
    pub(super) method: String,
    pub(super) params: Map<String, Value>,
}

/// A stored request.
#[derive(Debug, Deserialize)]
struct ParkedRow {
    id: Value,
    /// None once a connection has taken it.
    request: Option<(String, Map<String, Value>)>,
    question: InputRequests,
    answers: Map<String, Value>,
    expired: bool,
}

/// The state of a stream that the client resumes.
pub enum StreamState {
    /// Not complete: open input requests that the client has not seen yet, and a retry delay.
    Poll(Reply),
    /// All input requests are answered: run the request.
    Run(Box<Taken>),
    /// The request will not run.
    Over(Box<Over>),
}

/// A request that ends without having run.
#[derive(Debug)]
pub struct Over {
    pub id: Value,
    /// Method and parameters, if still stored.
    pub request: Option<(String, Map<String, Value>)>,
    pub error: Error,
}

/// A stored request that resumes.
#[derive(Debug)]
pub struct Taken {
    pub stream: String,
    pub id: Value,
    pub method: String,
    pub params: Map<String, Value>,
    pub question: InputRequests,
}

impl ParkedRequest {
    /// Stores the request and asks the client. `log_messages`: notifications to send before the input requests.
    ///
    /// # Errors
    /// A failure when the request and its input requests are too long, or when too many requests wait already.
    pub fn ask(
        &self,
        db: &dyn Database,
        question: &InputRequests,
        log_messages: &[String],
    ) -> Result<Reply> {
        const ASK: &str = sql!("methods/input_request_ask");
        let stream = uuid::Uuid::new_v4().to_string();
        let row = json!({
            "stream": stream, "session_id": self.session_id, "request_id": self.id,
            "request": [self.method, self.params], "question": question, "seconds": SECONDS, "most": MOST_WAITING,
        });
        if row.to_string().len() > MOST_BYTES {
            return Err(Error::failed(
                "This needs an answer from the person or the program that uses the client, and the request is too \
                 long to wait for that.",
            ));
        }
        if db.write(ASK, &[Param::from(&row)])?.is_none() {
            return Err(Error::failed(format!(
                "{MOST_WAITING} requests of this session wait for answers of the client already."
            )));
        }
        let mut events = vec![Event::pause(&event_id(&stream, 0), SOON)];
        events.extend(log_messages.iter().map(|text| Event::message(text)));
        events.extend(requests(&stream, question, 0, |_| true));
        Ok(event_stream::reply(&events))
    }
}

/// The input requests as events, numbered from 1: those after `seen` for whose key `wanted` holds.
fn requests(
    stream: &str,
    question: &InputRequests,
    seen: usize,
    wanted: impl Fn(&str) -> bool,
) -> Vec<Event> {
    let numbered = sorted(&question.requests).into_iter().zip(1_usize..);
    numbered
        .filter(|((key, _), number)| *number > seen && wanted(key))
        .map(|((key, request), number)| {
            let message = json!({
                "jsonrpc": "2.0", "id": format!("{stream}/{key}"), "method": request["method"],
                "params": request["params"],
            });
            Event::message(&message.to_string()).with_id(&event_id(stream, number))
        })
        .collect()
}

/// A stable order of the input requests; a database need not preserve the order of an object's members.
fn sorted(requests: &Map<String, Value>) -> Vec<(&String, &Value)> {
    let mut sorted: Vec<_> = requests.iter().collect();
    sorted.sort_by_key(|(key, _)| *key);
    sorted
}

fn event_id(stream: &str, number: usize) -> String {
    format!("{stream}.{number}")
}

/// The stream that a `GET` resumes, and the number of the last event received.
///
/// # Errors
/// A header that is not text.
pub fn named(request: &Request) -> Result<Option<(String, usize)>> {
    let last = request.header("last-event-id")?;
    Ok(last.and_then(|last| {
        let (stream, number) = last.split_once('.')?;
        Some((stream_of(stream)?, number.parse().ok()?))
    }))
}

/// Parses a stream id; none unless in this server's form.
fn stream_of(text: &str) -> Option<String> {
    let stream = uuid::Uuid::try_parse(text).ok()?.to_string();
    (stream == text).then_some(stream)
}

/// The state of the stream that the client resumes; none when it has no such stream.
///
/// # Errors
/// Errors from PostgreSQL.
pub fn take_up(
    db: &dyn Database,
    session: &Session,
    stream: &str,
    seen: usize,
) -> Result<Option<StreamState>> {
    let Some(row) = find(db, session, stream)? else {
        return Ok(None);
    };
    let over = |request, error| {
        let over = Over {
            id: row.id.clone(),
            request,
            error,
        };
        Ok(Some(StreamState::Over(Box::new(over))))
    };
    let Some((method, params)) = row.request else {
        return over(
            None,
            Error::protocol(
                200,
                code::REFUSED,
                "This request was taken up on another connection, which got the response.",
            ),
        );
    };
    if row.expired {
        let minutes = SECONDS / 60;
        let error =
            format!("The client did not answer within {minutes} minutes. Nothing was changed.");
        return over(Some((method, params)), Error::failed(error));
    }
    let mut question = row.question;
    for (key, answer) in &row.answers {
        if let Some(wrong) = answer["wrong"].as_str() {
            let error =
                format!("The client's answer could not be taken: {wrong} Nothing was changed.");
            return over(Some((method, params)), Error::failed(error));
        }
        question.keep(key, answer["taken"].clone());
    }
    if !question.is_answered() {
        let open = requests(stream, &question, seen, |key| !question.has(key));
        let mut events = vec![Event::pause(&event_id(stream, seen), LATER)];
        events.extend(open);
        return Ok(Some(StreamState::Poll(event_stream::reply(&events))));
    }
    Ok(Some(StreamState::Run(Box::new(Taken {
        stream: stream.to_owned(),
        id: row.id.clone(),
        method,
        params,
        question,
    }))))
}

/// A reply with only a retry delay.
pub fn again(stream: &str) -> Reply {
    event_stream::reply(&[Event::pause(&event_id(stream, 0), LATER)])
}

fn find(db: &dyn Database, session: &Session, stream: &str) -> Result<Option<ParkedRow>> {
    const FIND: &str = sql!("methods/input_request_find");
    let params = [Param::from(stream), session.id.as_str().into()];
    let Some(text) = db.read(FIND, &params)? else {
        return Ok(None);
    };
    let row = serde_json::from_str(&text);
    row.map(Some)
        .map_err(|error| Error::Internal(format!("a waiting request: {error}")))
}

/// Takes a stored request for this connection. Returns false when another connection has taken it.
///
/// # Errors
/// Errors from PostgreSQL.
pub fn take(db: &dyn Database, stream: &str) -> Result<bool> {
    const TAKE: &str = sql!("methods/input_request_take");
    Ok(db.write(TAKE, &[Param::from(stream)])?.is_some())
}

/// A client's response to an input request.
#[derive(Debug)]
pub struct Reaction {
    stream: String,
    key: String,
    /// `taken` with the answer, or `wrong` with the reason.
    answer: Value,
}

/// Matches a client's response to its stored input request; none when there is no such request.
///
/// # Errors
/// Errors from PostgreSQL.
pub fn react(
    db: &dyn Database,
    session: &Session,
    response: &json_rpc::ClientResponse,
) -> Result<Option<Reaction>> {
    let named = response.id.as_str().and_then(|id| id.split_once('/'));
    let Some((stream, key)) = named else {
        return Ok(None);
    };
    let Some(stream) = stream_of(stream) else {
        return Ok(None);
    };
    let Some(row) = find(db, session, &stream)? else {
        return Ok(None);
    };
    let Some(request) = row.question.requests.get(key) else {
        return Ok(None);
    };
    let answer = match &response.outcome {
        Ok(result) => match answer(request, result) {
            Ok(taken) => json!({"taken": taken}),
            Err(why) => json!({"wrong": format!("{why}.")}),
        },
        Err(error) => {
            let message = error["message"].as_str().unwrap_or("an error");
            json!({"wrong": format!("it is the error {:?}.", clip(message, 200))})
        }
    };
    Ok(Some(Reaction {
        stream,
        key: key.to_owned(),
        answer,
    }))
}

impl Reaction {
    /// Stores the response; the first one to an input request counts.
    ///
    /// # Errors
    /// Errors from PostgreSQL.
    pub fn keep(&self, db: &dyn Database) -> Result<()> {
        const ANSWER: &str = sql!("methods/input_request_answer");
        let params = [
            Param::from(self.stream.as_str()),
            self.key.as_str().into(),
            Param::from(&self.answer),
        ];
        db.write(ANSWER, &params).map(drop)
    }
}

/// Deletes a stored request that the client has cancelled. Returns false when none has that id.
///
/// # Errors
/// Errors from PostgreSQL.
pub fn forget(db: &dyn Database, session: &Session, id: &Value) -> Result<bool> {
    const FORGET: &str = sql!("methods/input_request_forget");
    let params = [Param::from(session.id.as_str()), id.into()];
    Ok(db.write(FORGET, &params)?.is_some())
}

/// The capabilities of `initialize` that allow input requests.
pub fn declared(capabilities: &Value) -> Value {
    let Some(all) = capabilities.as_object() else {
        return json!({});
    };
    let askable = all
        .iter()
        .filter(|(name, _)| ["elicitation", "sampling", "roots"].contains(&name.as_str()));
    askable
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}
