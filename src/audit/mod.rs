//! Audit log: one row per JSON-RPC message. The table has no foreign keys, so a row outlives the records that it names.
//! Refusals before a message is handled are counted: one row per address, reason and minute.

pub mod changes;
mod clock;
mod key;
pub mod redact;
pub mod retain;
mod row;
mod seal;
mod verify;

pub use clock::{now, timestamp};
pub use row::COLUMNS;
pub use verify::verify;

use crate::error::{Error, Result};
use crate::odoo::settings::Settings;
use crate::pg::{Database, Param};
use crate::wire::address::counted_as;
use crate::wire::auth_context::{AuthContext, Secret};
use crate::wire::http::{Reply, Request};
use clock::written;
use row::Texts;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::borrow::Cow;

/// Maximum number of record ids in a row.
const MOST_IDS: usize = 1_000;

/// The part of a row that is known before the message has been handled; [`End`] has the rest.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Entry {
    pub call_id: uuid::Uuid,
    /// Microseconds since 1970.
    pub started: i64,
    pub user_id: Option<i64>,
    pub login: Option<String>,
    pub api_key_id: Option<i64>,
    pub api_key_name: Option<String>,
    pub session_id: Option<String>,
    pub client_name: Option<String>,
    pub client_version: Option<String>,
    pub protocol_version: Option<String>,
    pub http_method: String,
    pub method: Option<String>,
    pub tool: Option<String>,
    pub resource_uri: Option<String>,
    pub prompt: Option<String>,
    pub model: Option<String>,
    pub record_ids: Option<Value>,
    pub request: Option<Value>,
    pub remote_addr: String,
    /// The client address from a proxy header that Odoo did not trust.
    #[serde(default)]
    pub forwarded: Option<String>,
    pub user_agent: Option<String>,
    /// The entry point of the request ([`Request::door`]).
    pub door: String,
    /// The JSON-RPC id, by which the client can cancel the running call. Not a column.
    #[serde(default)]
    pub request_id: Option<Value>,
    /// `core` or `orm`: the part that answered.
    pub path: String,
    /// The changes of the call, if the administrator records them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changes: Option<Value>,
    /// Whether the method may commit its own transaction. Not a column.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub commits: bool,
    /// The values that Odoo must read for the row. Not a column.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub watch: Option<changes::Watch>,
    /// Whether something in the request was redacted. Error texts quote the request, so they are then cut.
    #[serde(default)]
    pub secret: bool,
    /// The HMAC secret, if the gate has read it in this statement.
    #[serde(skip)]
    pub key: Option<Secret>,
}

/// The result of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    Ok,
    /// The tool failed, or its arguments or the message were invalid.
    Error,
    /// Odoo or the policy refused the call.
    Denied,
    /// The gate or the protocol refused the message.
    Refused,
    /// The server failed.
    Failed,
    /// The client cancelled the call.
    Cancelled,
    /// The response is an input request; nothing was changed.
    InputRequired,
    /// The response of an earlier call with the same idempotency key; nothing was run.
    Repeated,
    /// A dry run: the changes were rolled back.
    DryRun,
    /// The response asks for confirmation; nothing was done.
    Asked,
    /// The confirmation was declined.
    Declined,
}

impl Status {
    fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Error => "error",
            Self::Denied => "denied",
            Self::Refused => "refused",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::InputRequired => "input_required",
            Self::Repeated => "repeated",
            Self::DryRun => "dry_run",
            Self::Asked => "asked",
            Self::Declined => "declined",
        }
    }
}

/// The end of a message, as stored in its row.
#[derive(Debug, Clone)]
pub struct End {
    pub status: Status,
    pub http_status: u16,
    pub error_code: Option<i64>,
    pub error: Option<String>,
    pub row_count: Option<i64>,
    pub response_bytes: usize,
}

impl End {
    /// The end of a message with an error response.
    pub fn of_error(error: &Error, reply: &Reply) -> Self {
        use crate::error::ToolError;
        let status = match error {
            Error::Protocol {
                status: 401 | 403 | 404 | 429 | 503,
                ..
            } => Status::Refused,
            Error::Protocol { .. } => Status::Error,
            Error::Tool {
                kind: ToolError::Denied,
                ..
            } => Status::Denied,
            Error::Tool {
                kind: ToolError::Internal,
                ..
            } => Status::Failed,
            Error::Tool { .. } => Status::Error,
            Error::Database { .. } | Error::Internal(_) => Status::Failed,
        };
        let error_code = match error {
            Error::Protocol { code, .. } => Some(*code),
            Error::Tool { .. } => None,
            _ => Some(crate::error::code::INTERNAL_ERROR),
        };
        Self {
            status,
            http_status: reply.status,
            error_code,
            error: Some(error.for_audit()),
            row_count: None,
            response_bytes: reply.body.len(),
        }
    }

    /// The end of a cancelled call. The client no longer waits for its response.
    pub fn cancelled(why: &str) -> Self {
        Self {
            status: Status::Cancelled,
            http_status: 200,
            error_code: Some(crate::error::code::CANCELLED),
            error: Some(why.to_owned()),
            row_count: None,
            response_bytes: 0,
        }
    }

    /// The end of a message with an input request.
    pub fn input_required(reply: &Reply) -> Self {
        Self {
            status: Status::InputRequired,
            ..Self::ok(reply, None)
        }
    }

    /// The end of a dry run; its response lists the changes.
    pub fn dry_run(reply: &Reply, row_count: Option<i64>) -> Self {
        Self {
            status: Status::DryRun,
            ..Self::ok(reply, row_count)
        }
    }

    /// The end of a call whose response asks for confirmation.
    pub fn asked(reply: &Reply) -> Self {
        Self {
            status: Status::Asked,
            ..Self::ok(reply, None)
        }
    }

    /// The end of a declined call.
    pub fn declined(reply: &Reply) -> Self {
        Self {
            status: Status::Declined,
            ..Self::ok(reply, None)
        }
    }

    /// The end of a call that returned the response of an earlier call.
    pub fn repeated(reply: &Reply, row_count: Option<i64>, call_id: &str) -> Self {
        Self {
            status: Status::Repeated,
            error: Some(format!("The answer of the call {call_id} was given again.")),
            ..Self::ok(reply, row_count)
        }
    }

    /// The end of a successful call.
    pub fn ok(reply: &Reply, row_count: Option<i64>) -> Self {
        Self {
            status: Status::Ok,
            http_status: reply.status,
            error_code: None,
            error: None,
            row_count,
            response_bytes: reply.body.len(),
        }
    }
}

impl Entry {
    /// The entry of a message at the arrival of its request.
    pub fn begin(request: &Request, auth: Option<&AuthContext>, started: i64) -> Self {
        Self {
            call_id: request.call_id,
            started,
            user_id: auth.map(|auth| auth.principal.user_id),
            login: auth.map(|auth| auth.login.clone()),
            api_key_id: auth.and_then(|auth| auth.principal.api_key_id),
            api_key_name: auth.and_then(|auth| auth.api_key_name.clone()),
            session_id: None,
            client_name: None,
            client_version: None,
            protocol_version: None,
            http_method: request.http_method.chars().take(16).collect(),
            method: None,
            tool: None,
            resource_uri: None,
            prompt: None,
            model: None,
            record_ids: None,
            request: None,
            remote_addr: request.remote_addr.chars().take(64).collect(),
            forwarded: request.disbelieved(),
            user_agent: request.note("user-agent"),
            door: request.door.clone(),
            request_id: None,
            path: "core".into(),
            changes: None,
            watch: None,
            commits: false,
            secret: false,
            key: auth.and_then(|auth| auth.secret.clone()),
        }
    }

    /// Whether the response may contain data of Odoo.
    pub fn is_about_data(&self) -> bool {
        self.tool.is_some() || self.resource_uri.is_some() || self.prompt.is_some()
    }

    /// Set the subject of a method: its tool, prompt or resource.
    pub fn set_subject(&mut self, method: &str, subject: Option<&str>) {
        let (column, most) = match method {
            "tools/call" => (&mut self.tool, 128),
            "prompts/get" => (&mut self.prompt, 128),
            "resources/read" => (&mut self.resource_uri, 2_000),
            _ => return,
        };
        *column = subject.map(|subject| subject.chars().take(most).collect());
    }

    /// Set the ids of the call's records, at most [`MOST_IDS`].
    pub fn set_records(&mut self, ids: &[i64]) {
        if !ids.is_empty() {
            self.record_ids = Some(json!(ids.get(..MOST_IDS).unwrap_or(ids)));
        }
    }

    /// Set the changes that Odoo has read.
    pub fn set_changes(&mut self, seen: Value) {
        if let Some(watch) = self.watch.take() {
            self.changes = Some(watch.seen(seen));
        }
    }

    /// Set the request parameters: secrets redacted, size capped.
    pub fn set_request(&mut self, params: &Value, settings: &Settings) {
        self.set_request_of(params, settings, &[]);
    }

    /// [`Self::set_request`] with the names of file arguments, of which only the size is kept.
    pub fn set_request_of(&mut self, params: &Value, settings: &Settings, files: &[String]) {
        let most = usize::try_from(settings.audit_request_bytes).unwrap_or(0);
        let redacted = redact::redact_texts(params, &settings.audit_redact);
        self.secret = redacted != *params;
        let shown = match files {
            [] => redacted,
            files => redact::without_files(&redacted, files),
        };
        self.request = Some(redact::cap(shown, most));
    }

    fn error_text(&self, text: &str) -> String {
        let shown = match text.split_once(':') {
            _ if !self.secret => text,
            Some((place, _)) if place.len() < 64 && !place.contains(['"', '`']) => place,
            _ => "",
        };
        let withheld = if self.secret {
            " (the rest is withheld: the request holds a secret)"
        } else {
            ""
        };
        let clean = shown.chars().filter(|c| *c != '\0').take(2_000);
        clean.chain(withheld.chars()).collect()
    }

    /// The row's columns; `refusal` is the counting key of a refusal.
    fn row<'a>(&'a self, end: &'a End, refusal: Option<String>) -> Texts<'a> {
        fn of(text: Option<&String>) -> Option<Cow<'_, str>> {
            text.map(|text| text.as_str().into())
        }
        fn number<'a>(number: Option<impl ToString>) -> Option<Cow<'a, str>> {
            number.map(|number| number.to_string().into())
        }
        let json = |value: &'a Option<Value>| value.as_ref().and_then(row::text);
        let milliseconds = (now() - self.started).max(0) as f64 / 1_000.0;
        let error = end.error.as_deref().map(|text| self.error_text(text));
        // In the order of `COLUMNS`.
        [
            number(Some(self.call_id)),
            timestamp(self.started).map(Cow::from),
            number(self.user_id),
            of(self.login.as_ref()),
            number(self.api_key_id),
            of(self.api_key_name.as_ref()),
            of(self.session_id.as_ref()),
            of(self.client_name.as_ref()),
            of(self.client_version.as_ref()),
            of(self.protocol_version.as_ref()),
            of(Some(&self.http_method)),
            of(self.method.as_ref()),
            of(self.tool.as_ref()),
            of(self.resource_uri.as_ref()),
            of(self.prompt.as_ref()),
            of(self.model.as_ref()),
            json(&self.record_ids),
            json(&self.request),
            Some(end.status.name().into()),
            number(Some(end.http_status)),
            number(end.error_code),
            error.map(Cow::from),
            number(end.row_count),
            number(Some(end.response_bytes)),
            of(Some(&self.remote_addr)),
            of(self.user_agent.as_ref()),
            Some(format!("{milliseconds:.3}").into()),
            of(Some(&self.path)),
            of(Some(&self.door)),
            refusal.map(Cow::from),
            of(self.forwarded.as_ref()),
            json(&self.changes),
        ]
    }

    /// Write the row of a call that Odoo has run, as the transaction's last statement. A second row for the same call
    /// is an error: the first writer has settled the call, and this transaction must not commit. This is one statement
    /// because on Odoo's pooled connections every statement is planned anew.
    pub fn settle(&self, db: &dyn Database, end: &End) -> Result<()> {
        const SETTLE: &str = sql!("audit/settle", "fragments/audit_row");
        row::write(db, SETTLE, &self.row(end, None), self.key.as_ref()).map(drop)
    }

    /// Write the row of a call without a row. A second row is an error: a query for an existing row would add a third
    /// of the cost.
    pub fn insert(&self, db: &dyn Database, end: &End) -> Result<()> {
        row::write(db, INSERT, &self.row(end, None), self.key.as_ref()).map(drop)
    }

    /// Write the row unless the call has one. Returns whether it was written.
    pub fn insert_once(&self, db: &dyn Database, end: &End) -> Result<bool> {
        insert_once(db, &self.row(end, None), self.key.as_ref())
    }

    /// The status in the call's row; the first writer has decided it.
    pub fn settled_as(&self, db: &dyn Database) -> Result<Option<String>> {
        const STATUS: &str = sql!("audit/status");
        let call = self.call_id.to_string();
        // A write takes a new snapshot: the row may have been committed since the running statement began.
        db.write(STATUS, &[Param::from(call.as_str())])
    }

    /// Register the in-flight call before Odoo runs it.
    pub fn begin_call(&self, db: &dyn Database) -> Result<()> {
        const BEGIN: &str = sql!("audit/inflight_call_begin");
        let entry = serde_json::to_value(self).unwrap_or_else(|_| json!({}));
        let call = self.call_id.to_string();
        db.write(BEGIN, &[Param::from(call.as_str()), Param::from(&entry)])
            .map(drop)
    }

    /// Register the in-flight call before Odoo runs it, unless `most` calls of its holder are running. Returns whether
    /// it is registered. Calls older than `old` seconds count only while their processes live.
    pub fn reserve_call(
        &self,
        db: &dyn Database,
        holder: &str,
        most: i64,
        old: i64,
    ) -> Result<bool> {
        const LOCK: &str = sql!("audit/inflight_call_lock");
        const RESERVE: &str = sql!("audit/inflight_call_reserve");
        // The lock is a separate statement, so that the next one sees the calls registered by the previous lock holder.
        db.write(LOCK, &[Param::from(holder)])?;
        let entry = serde_json::to_value(self).unwrap_or_else(|_| json!({}));
        let call = self.call_id.to_string();
        let params = [
            Param::from(call.as_str()),
            Param::from(&entry),
            holder.into(),
            most.into(),
            old.into(),
        ];
        Ok(db.write(RESERVE, &params)?.is_some())
    }

    /// Remove the in-flight call: its row is written.
    pub fn end_call(&self, db: &dyn Database) -> Result<()> {
        const END: &str = sql!("audit/inflight_call_end");
        let call = self.call_id.to_string();
        db.write(END, &[Param::from(call.as_str())]).map(drop)
    }
}

/// Record a refusal of the gate. All refusals with the same address, reason and minute share one row, for a known
/// caller also by user and key. With `names_login` each attempted login has a row of its own; the caller must bound
/// these, since an attacker can make up logins.
///
/// # Errors
/// Errors from PostgreSQL.
pub fn refusal(
    db: &dyn Database,
    request: &Request,
    auth: Option<&AuthContext>,
    refused: (&Reply, &Error),
    started: i64,
    names_login: bool,
) -> Result<()> {
    const REFUSAL: &str = sql!("fragments/audit_row", "audit/refusal");
    let (reply, error) = refused;
    let mut entry = Entry::begin(request, auth, started);
    if let (None, true, Some(crate::wire::http::Credential::Basic { login, .. })) =
        (auth, names_login, &request.credential)
    {
        entry.login = Some(
            login
                .chars()
                .filter(|c| !c.is_control())
                .take(128)
                .collect(),
        );
    }
    let reason = format!("{}: {}", reply.status, error.for_audit());
    let key = format!(
        "{} {} {} {} {}",
        // one count for all addresses of a site
        counted_as(&entry.remote_addr),
        entry.login.as_deref().unwrap_or(""),
        entry
            .api_key_id
            .map(|id| id.to_string())
            .unwrap_or_default(),
        started / 60_000_000,
        reason.chars().take(80).collect::<String>()
    );
    let end = End::of_error(error, reply);
    db.relax()?;
    row::write(db, REFUSAL, &entry.row(&end, Some(key)), entry.key.as_ref()).map(drop)
}

/// An existing row is kept: the first writer wins.
const INSERT_ONCE: &str = concat!(
    sql!("fragments/audit_row"),
    "ON CONFLICT (call_id) DO NOTHING RETURNING 'written'"
);
/// A second row for a call is an error (23505).
const INSERT: &str = concat!(sql!("fragments/audit_row"), "RETURNING 'written'");

/// Write a row unless its call has one. Returns whether it was written.
fn insert_once(db: &dyn Database, row: &Texts, key: Option<&Secret>) -> Result<bool> {
    Ok(row::write(db, INSERT_ONCE, row, key)?.is_some())
}

/// Write a row that another program supplies, unless its call has one. Its id, time and duration are converted to the
/// format that PostgreSQL returns. Returns whether it was written.
///
/// # Errors
/// Bad arguments if one of these is malformed; errors from PostgreSQL.
pub fn insert_foreign(db: &dyn Database, row: &Value) -> Result<bool> {
    let mut row = row.clone();
    let refuse =
        |name: &str| Error::bad_arguments(format!("entry.{name} is missing or malformed."));
    let call_id = row["call_id"]
        .as_str()
        .and_then(|text| uuid::Uuid::parse_str(text).ok());
    row["call_id"] = json!(call_id.ok_or_else(|| refuse("call_id"))?);
    row["create_date"] = match row["create_date"].as_str() {
        None => json!(timestamp(now())),
        Some(text) => {
            let parsed: Result<chrono::NaiveDateTime, _> = text.replacen(' ', "T", 1).parse();
            let parsed = parsed.map_err(|_| refuse("create_date"))?;
            json!(written(&parsed))
        }
    };
    if let Some(duration) = row["duration_ms"].as_f64() {
        row["duration_ms"] = json!(format!("{duration:.3}"));
    }
    if !row["status"].is_string() {
        return Err(refuse("status"));
    }
    insert_once(db, &row::of_object(&row), None)
}
