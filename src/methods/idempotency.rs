//! Idempotency keys and single-use confirmation tokens.
//!
//! A row of `mcp_idempotency` claims a key at the start of the transaction that makes the change, and stores the answer
//! at its end. Both commit together or not at all. The primary key decides which call is first. Another call with the
//! same key waits at its claim. It gets the stored answer when the first one commits, and runs itself when the first
//! one rolls back.

use crate::audit::redact::redact;
use crate::error::{Error, Result};
use crate::odoo::builtin_tool::BuiltinTool;
use crate::odoo::settings::Settings;
use crate::pg::{Database, Param};
use crate::text::canonical_json;
use crate::tools::answer::{Answer, Content};
use crate::tools::control_arguments::{CONFIRMATION, ControlArguments, KEY};
use crate::wire::principal::Principal;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// Minimum retention of a key. Maintenance deletes it later.
const SECONDS: i64 = 24 * 3_600;
/// Retention of a used confirmation, longer than the lifetime of its token.
const USED_SECONDS: i64 = 3_600;
/// Maximum size in bytes of an answer that is stored in full.
const MOST_BYTES: usize = 8_192;
/// Maximum number of ids stored of a longer answer.
const MOST_IDS: usize = 1_000;
/// In `_meta` of a replayed answer (specification: basic, "_meta").
const REPEATED: &str = "odoo-mcp/repeated";
const NOT_WHOLE: &str = "This was done by an earlier call with the same idempotency_key; nothing was run now. Its answer is \
     not given again whole: it was long, holds a secret, or was for other rights than the caller has now. Read the records.";
const AGAIN: &str =
    "(Answer of an earlier call with the same idempotency_key; nothing was run now.)";

/// The claims of one call.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct IdempotencyClaim {
    principal: Principal,
    tool: String,
    /// Digest of the arguments.
    digest: String,
    /// Digest of the call prepared from them under the policy of that time.
    prepared: String,
    #[serde(default)]
    key: Option<String>,
    /// Nonce of the call's confirmation.
    #[serde(default)]
    nonce: Option<String>,
    /// Names whose values are not stored.
    redact: Vec<String>,
}

/// The stored row of a key.
#[derive(Debug, Deserialize)]
struct ClaimRow {
    call_id: String,
    credential: String,
    digest: String,
    prepared: String,
    /// None: the call has committed changes itself, and its end is unknown.
    answer: Option<StoredAnswer>,
}

/// An answer in its stored form.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum StoredAnswer {
    Object(Value),
    Text(String),
    Parts {
        parts: Vec<Value>,
        structured: Option<Value>,
    },
    /// Only the record ids: the rest is too long or contains a secret.
    Ids(Vec<i64>),
}

/// The replayed answer of an earlier call.
#[derive(Debug, Clone, PartialEq)]
pub struct Replay {
    pub answer: Answer,
    /// Whether the answer is incomplete although the tool has an output schema.
    partial: bool,
    /// Id of the earlier call.
    pub call_id: String,
}

/// The facts needed to replay an answer, in full or in brief.
#[derive(Debug, Clone, Copy)]
pub struct ReplayContext<'a> {
    pub method: &'a str,
    pub model: Option<&'a str>,
    /// The method that `method_call` calls.
    pub called: Option<&'a str>,
    /// Whether the tool has an output schema.
    pub has_schema: bool,
    /// Whether the caller's rights on the model still allow the full answer.
    pub may_read: bool,
}

impl IdempotencyClaim {
    /// The claims of a call; none where it has neither key nor confirmation. `nonce`: of the confirmation; `prepared`:
    /// the call prepared from its arguments.
    pub fn new(
        (principal, tool): (Principal, &str),
        once: &ControlArguments,
        nonce: Option<String>,
        prepared: &Value,
        settings: &Settings,
    ) -> Option<Self> {
        if once.key.is_none() && nonce.is_none() {
            return None;
        }
        Some(Self {
            principal,
            tool: tool.to_owned(),
            digest: once.digest.clone(),
            prepared: canonical_json::digest(prepared),
            key: once.key.clone(),
            nonce,
            redact: settings.audit_redact.clone(),
        })
    }

    /// The rows that Odoo inserts before it calls the method.
    pub fn rows(&self, call_id: &str) -> Value {
        let row = |key: &str, seconds: i64| {
            json!({
                "user_id": self.principal.user_id, "tool": self.tool, "key": key, "call_id": call_id,
                "credential": self.principal.credential(), "digest": self.digest, "prepared": self.prepared,
                "seconds": seconds,
            })
        };
        let keys = self.key.iter().map(|key| row(key, SECONDS));
        // A client's key has no space, so the two kinds of key cannot collide.
        let nonces = self.nonce.iter();
        let nonces = nonces.map(|nonce| row(&format!("{CONFIRMATION} {nonce}"), USED_SECONDS));
        keys.chain(nonces).collect()
    }

    /// Stores the answer, in the transaction of the change.
    ///
    /// # Errors
    /// When another call has claimed the key meanwhile; the transaction must then not commit.
    pub fn keep(&self, db: &dyn Database, call_id: &str, answer: &Answer) -> Result<()> {
        const KEEP: &str = sql!("methods/idempotency_keep");
        let Some(key) = &self.key else {
            return Ok(());
        };
        let kept = json!(StoredAnswer::of(answer, &self.redact));
        let credential = self.principal.credential();
        let params = [
            self.principal.user_id.into(),
            self.tool.as_str().into(),
            key.as_str().into(),
            call_id.into(),
            credential.as_str().into(),
            self.digest.as_str().into(),
            self.prepared.as_str().into(),
            SECONDS.into(),
            Param::from(&kept),
        ];
        match db.write(KEEP, &params)? {
            Some(_) => Ok(()),
            None => Err(Error::Internal(
                "the idempotency key was claimed by another call meanwhile".into(),
            )),
        }
    }

    /// Looks for an earlier call with the same key, and returns its answer.
    ///
    /// # Errors
    /// Bad arguments when the earlier call had other arguments or another credential; a failure when its end is
    /// unknown.
    pub fn done(&self, db: &dyn Database, shape: ReplayContext) -> Result<Option<Replay>> {
        const FIND: &str = sql!("methods/idempotency_find");
        let Some(key) = &self.key else {
            return Ok(None);
        };
        let params = [
            self.principal.user_id.into(),
            self.tool.as_str().into(),
            key.as_str().into(),
        ];
        let Some(text) = db.read(FIND, &params)? else {
            return Ok(None);
        };
        let row: ClaimRow = serde_json::from_str(&text)
            .map_err(|error| Error::Internal(format!("a kept answer: {error}")))?;
        self.compare(row, shape).map(Some)
    }

    fn compare(&self, row: ClaimRow, shape: ReplayContext) -> Result<Replay> {
        let another = |what: &str| {
            Err(Error::bad_arguments(format!(
                "`{KEY}`: this key was used for {what} within the last 24 hours. Nothing was run. Use a new key for another \
                 call; to repeat a call, send exactly its arguments."
            )))
        };
        if row.credential != self.principal.credential() {
            return another("a call with another API key");
        }
        if row.digest != self.digest {
            return another("a call with other arguments");
        }
        let Some(kept) = row.answer else {
            return Err(Error::failed(format!(
                "`{KEY}`: a call with this key has saved something by itself, and it is not known whether it came to its \
                 end. Nothing was run now. Look at the records, and use a new key for what is still to be done. The \
                 administrator finds it in the audit log as call {}.",
                row.call_id
            )));
        };
        let same_rights = row.prepared == self.prepared && shape.may_read;
        Ok(kept.again(shape, same_rights, row.call_id))
    }
}

impl StoredAnswer {
    fn of(answer: &Answer, secret: &[String]) -> Self {
        let whole = match &answer.content {
            Content::Object(value) => Self::Object(value.clone()),
            Content::Text(text) => Self::Text(text.clone()),
            Content::Parts { parts, structured } => Self::Parts {
                parts: parts.clone(),
                structured: structured.clone(),
            },
        };
        let value = json!(whole);
        if value.to_string().len() <= MOST_BYTES && redact(&value, secret) == value {
            return whole;
        }
        let ids = answer.record_ids.iter().take(MOST_IDS);
        Self::Ids(ids.copied().collect())
    }

    /// Ids of the records in the answer.
    fn ids(&self) -> Vec<i64> {
        let of = |value: &Value| {
            let ids = value["ids"].as_array().into_iter().flatten();
            ids.filter_map(Value::as_i64).take(MOST_IDS).collect()
        };
        match self {
            Self::Ids(ids) => ids.clone(),
            Self::Object(value) => of(value),
            Self::Parts { structured, .. } => structured.as_ref().map_or_else(Vec::new, of),
            Self::Text(_) => Vec::new(),
        }
    }

    fn again(self, shape: ReplayContext, same_rights: bool, call_id: String) -> Replay {
        let is_whole = same_rights && !matches!(self, Self::Ids(_));
        if !is_whole {
            return shape.brief(self.ids(), call_id);
        }
        let answer = match self {
            Self::Object(mut value) => {
                if let Some(object) = value.as_object_mut() {
                    object.insert("repeated".into(), json!(true));
                }
                Answer::object(value)
            }
            Self::Parts {
                mut parts,
                structured,
            } => {
                parts.push(json!({"type": "text", "text": AGAIN}));
                Answer::parts(parts, structured)
            }
            Self::Text(text) => Answer::text(format!("{text}\n{AGAIN}")),
            Self::Ids(_) => Answer::text(AGAIN.into()),
        };
        Replay {
            answer,
            partial: false,
            call_id,
        }
    }
}

impl ReplayContext<'_> {
    /// A brief answer in place of one that is not replayed.
    fn brief(&self, ids: Vec<i64>, call_id: String) -> Replay {
        let model = self.model;
        let made = match BuiltinTool::of(self.method) {
            Some(BuiltinTool::Create) => {
                let names = vec![Value::Null; ids.len()];
                Some(json!({"model": model, "ids": ids, "names": names}))
            }
            Some(BuiltinTool::Write | BuiltinTool::Unlink) => {
                Some(json!({"model": model, "ids": ids}))
            }
            Some(BuiltinTool::MethodCall) => {
                Some(json!({"model": model, "method": self.called, "result": null}))
            }
            _ => None,
        };
        let partial = self.has_schema && made.is_none();
        let answer = match made {
            Some(mut object) => {
                object["repeated"] = json!(true);
                object["note"] = json!(NOT_WHOLE);
                Answer::object(object)
            }
            None if ids.is_empty() => Answer::text(NOT_WHOLE.into()),
            None => Answer::text(format!("{NOT_WHOLE} Their ids: {}.", json!(ids))),
        };
        Replay {
            answer,
            partial,
            call_id,
        }
    }
}

impl Replay {
    /// The `CallToolResult`, marked as a replay.
    pub fn to_result(&self, version: Option<crate::wire::version::Version>) -> Map<String, Value> {
        let mut result = self.answer.to_result(version);
        // Clients reject a result without the structured content that the tool's schema promises, unless it is an
        // error.
        result.insert("isError".into(), json!(self.partial));
        result.insert("_meta".into(), json!({REPEATED: true}));
        result
    }
}

#[cfg(test)]
#[path = "idempotency_tests.rs"]
mod tests;
