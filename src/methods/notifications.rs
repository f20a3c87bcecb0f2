//! Progress and log messages of a call (specification: basic patterns, "Progress"; server utilities, "Logging"). They
//! precede the response in the same body.

use crate::audit::redact::{cap, redact};
use crate::error::{Error, Result};
use crate::text::json::brief;
use crate::wire::event_stream::is_accepted;
use crate::wire::http::Request;
use crate::wire::log_level::severity;
use crate::wire::version::Version;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// Log level of a handshake-version client that has not set one.
const DEFAULT_LEVEL: &str = "info";
/// Maximum number of messages of one call.
const MOST: usize = 1_000;
/// Maximum size in bytes of the data of one log message.
const MOST_DATA: usize = 16_384;

/// A client that receives notifications.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NotificationSink {
    /// The client's progress token.
    progress: Option<Value>,
    /// The minimum severity of log messages to send.
    level: Option<String>,
    version: Version,
}

/// A message sent by a method in Odoo (docs/exchange.md, "Outcomes").
#[derive(Deserialize)]
#[serde(untagged)]
enum Told {
    Progress {
        progress: serde_json::Number,
        total: Option<serde_json::Number>,
        message: Option<String>,
    },
    Log {
        level: String,
        data: Value,
        logger: Option<String>,
    },
    /// Number of further messages that the addon has dropped.
    Dropped { dropped: u64 },
}

impl NotificationSink {
    /// The sink for this request's client; none if it wants no notifications or cannot receive them.
    ///
    /// # Errors
    /// -32602 for a progress token that is neither a string nor an integer.
    pub fn of(
        request: &Request,
        params: &Map<String, Value>,
        level: Option<&str>,
        version: Version,
    ) -> Result<Option<Self>> {
        let token = params
            .get("_meta")
            .and_then(|meta| meta.get("progressToken"));
        let progress = match token {
            None | Some(Value::Null) => None,
            Some(token @ Value::String(_)) => Some(token.clone()),
            Some(token @ Value::Number(number)) if number.is_i64() || number.is_u64() => {
                Some(token.clone())
            }
            Some(other) => {
                return Err(Error::invalid_params(format!(
                    "params._meta.progressToken must be a string or an integer, not {}.",
                    brief(other)
                )));
            }
        };
        let level = match level {
            None if !version.is_modern() => Some(DEFAULT_LEVEL),
            level => level,
        };
        if !is_accepted(request.header("accept")?) || (progress.is_none() && level.is_none()) {
            return Ok(None);
        }
        Ok(Some(Self {
            progress,
            level: level.map(str::to_owned),
            version,
        }))
    }

    /// Turns a method's messages into notifications for this client, at most `most` bytes of them. Secrets in the data
    /// of log messages are redacted by name, as in the audit.
    ///
    /// # Errors
    /// [`Error::Internal`] for a message outside the contract.
    pub fn hear(&self, sent: &Value, most: i64) -> Result<Vec<String>> {
        let sent = Vec::<Told>::deserialize(sent)
            .map_err(|error| Error::Internal(format!("notifications: {error}")))?;
        let mut room = usize::try_from(most).unwrap_or(0);
        let mut heard: Vec<String> = Vec::new();
        let mut dropped = 0;
        let mut last = f64::NEG_INFINITY;
        for one in sent {
            let notification = match one {
                Told::Dropped { dropped: more } => {
                    dropped += more;
                    continue;
                }
                Told::Progress {
                    progress,
                    total,
                    message,
                } => {
                    let value = progress.as_f64().unwrap_or(last);
                    // Progress must increase from one notification to the next.
                    if value <= last {
                        continue;
                    }
                    last = value;
                    self.progress(&progress, total, message)
                }
                Told::Log {
                    level,
                    data,
                    logger,
                } => self.log(&level, data, logger),
            };
            let Some(notification) = notification else {
                continue;
            };
            let text = notification.to_string();
            if heard.len() >= MOST || text.len() > room {
                dropped += 1;
                continue;
            }
            room -= text.len();
            heard.push(text);
        }
        if dropped > 0 {
            let text = format!("{dropped} more messages of this call were too many to send.");
            let note = self.log("warning", json!(text), Some("odoo_mcp".into()));
            heard.extend(note.map(|note| note.to_string()));
        }
        Ok(heard)
    }

    fn progress(
        &self,
        progress: &serde_json::Number,
        total: Option<serde_json::Number>,
        message: Option<String>,
    ) -> Option<Value> {
        let mut params = json!({"progressToken": self.progress.as_ref()?, "progress": progress});
        if let Some(total) = total {
            params["total"] = json!(total);
        }
        if let Some(message) = message.filter(|_| self.version.has_audio()) {
            params["message"] = cap(json!(message), MOST_DATA);
        }
        Some(notification("notifications/progress", params))
    }

    fn log(&self, level: &str, data: Value, logger: Option<String>) -> Option<Value> {
        let least = severity(self.level.as_deref()?)?;
        if severity(level)? < least {
            return None;
        }
        let mut params = json!({"level": level});
        if let Some(logger) = logger {
            params["logger"] = json!(logger);
        }
        params["data"] = cap(redact(&data, &[]), MOST_DATA);
        Some(notification("notifications/message", params))
    }
}

fn notification(method: &str, params: Value) -> Value {
    json!({"jsonrpc": "2.0", "method": method, "params": params})
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(
        accept: &str,
        meta: Value,
        level: Option<&str>,
        version: Version,
    ) -> Result<Option<NotificationSink>> {
        let request = serde_json::from_value(json!({
            "call_id": "6f1f9d4e-7a55-4a7a-9a7e-0c8f9c1f0a11", "headers": {"accept": accept}}))
        .unwrap();
        let params = json!({"_meta": meta});
        NotificationSink::of(&request, params.as_object().unwrap(), level, version)
    }

    const BOTH: &str = "application/json, text/event-stream";

    fn heard(sink: &NotificationSink, sent: Value) -> Vec<Value> {
        let texts = sink.hear(&sent, 100_000).unwrap();
        texts
            .iter()
            .map(|text| serde_json::from_str::<Value>(text).unwrap()["params"].clone())
            .collect()
    }

    fn sink(token: Value, level: Option<&str>) -> NotificationSink {
        of(
            BOTH,
            json!({"progressToken": token}),
            level,
            Version::V2026_07_28,
        )
        .unwrap()
        .unwrap()
    }

    #[test]
    fn who_hears_what() {
        let token = || json!({"progressToken": "a"});
        assert_eq!(
            of(
                "application/json",
                token(),
                Some("debug"),
                Version::V2025_11_25
            ),
            Ok(None)
        );
        assert_eq!(of(BOTH, json!({}), None, Version::V2026_07_28), Ok(None));
        let old = of(BOTH, json!({}), None, Version::V2025_11_25)
            .unwrap()
            .unwrap();
        assert_eq!((old.level.as_deref(), &old.progress), (Some("info"), &None));
        let set = of(BOTH, json!({}), Some("error"), Version::V2025_11_25)
            .unwrap()
            .unwrap();
        assert_eq!(set.level.as_deref(), Some("error"));
        let modern = of(BOTH, token(), None, Version::V2026_07_28)
            .unwrap()
            .unwrap();
        assert_eq!((modern.level, modern.progress), (None, Some(json!("a"))));
        for bad in [json!(1.5), json!(true), json!({}), json!([])] {
            let error = of(
                BOTH,
                json!({"progressToken": bad}),
                None,
                Version::V2025_11_25,
            )
            .unwrap_err();
            assert_eq!(
                error.to_json_rpc().1["code"],
                crate::error::code::INVALID_PARAMS
            );
        }
        assert!(
            of(
                BOTH,
                json!({"progressToken": null}),
                None,
                Version::V2025_11_25
            )
            .is_ok()
        );
    }

    #[test]
    fn progress_echoes_the_token_and_grows() {
        let sent = json!([{"progress": 0, "total": 100}, {"progress": 50.5, "total": 100, "message": "half"},
                          {"progress": 50}, {"progress": 50.5}, {"progress": 100}]);
        assert_eq!(
            heard(&sink(json!(7), None), sent.clone()),
            [
                json!({"progressToken": 7, "progress": 0, "total": 100}),
                json!({"progressToken": 7, "progress": 50.5, "total": 100, "message": "half"}),
                json!({"progressToken": 7, "progress": 100})
            ]
        );
        assert!(heard(&sink(Value::Null, Some("debug")), sent.clone()).is_empty());
        let oldest = of(
            BOTH,
            json!({"progressToken": 7}),
            None,
            Version::V2024_11_05,
        )
        .unwrap()
        .unwrap();
        assert!(heard(&oldest, sent)[1].get("message").is_none());
    }

    #[test]
    fn log_messages_are_those_of_the_level() {
        let sent = json!([{"level": "debug", "data": "d"}, {"level": "info", "data": {"a": 1}, "logger": "x"},
                          {"level": "emergency", "data": null}, {"level": "loud", "data": 5}]);
        let data = |level: &str| -> Vec<Value> {
            heard(&sink(json!("t"), Some(level)), sent.clone())
                .iter()
                .map(|one| one["data"].clone())
                .collect()
        };
        assert_eq!(data("debug"), [json!("d"), json!({"a": 1}), Value::Null]);
        assert_eq!(data("info"), [json!({"a": 1}), Value::Null]);
        assert_eq!(data("alert"), [Value::Null]);
        assert!(heard(&sink(json!("t"), None), sent).is_empty());
    }

    #[test]
    fn secrets_are_struck_out_of_log_data() {
        let sent = json!([{"level": "info", "data": {"login": "demo", "password": "hunter2", "deep": [{"api_key": "abc"}]}}]);
        let text = json!(heard(&sink(json!("t"), Some("info")), sent)).to_string();
        assert!(
            !text.contains("hunter2") && !text.contains("abc") && text.contains("demo"),
            "{text}"
        );
    }

    #[test]
    fn there_is_room_for_so_much_and_the_rest_is_counted() {
        let many: Vec<Value> = (0..5_000)
            .map(|n| json!({"level": "info", "data": n}))
            .collect();
        let sent = heard(&sink(json!("t"), Some("info")), json!(many));
        assert_eq!(sent.len(), MOST + 1);
        assert!(
            sent[MOST]["data"]
                .as_str()
                .unwrap()
                .starts_with("4000 more"),
            "{}",
            sent[MOST]
        );
        let large = json!([{"level": "info", "data": "x".repeat(1_000_000)}, {"dropped": 3}]);
        let sent = heard(&sink(json!("t"), Some("info")), large.clone());
        assert!(sent[0]["data"].as_str().unwrap().len() < MOST_DATA + 100);
        assert!(sent[1]["data"].as_str().unwrap().starts_with("3 more"));
        assert_eq!(
            sink(json!("t"), Some("info"))
                .hear(&large, 1_000)
                .unwrap()
                .len(),
            1
        );
        assert!(
            sink(json!("t"), Some("error"))
                .hear(&large, 1_000)
                .unwrap()
                .is_empty()
        );
        assert!(sink(json!("t"), None).hear(&json!("x"), 5).is_err());
    }
}
