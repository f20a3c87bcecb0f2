//! The HTTP request and reply in the format that addon and core exchange (docs/exchange.md).

use crate::error::{Error, Result, code};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// One HTTP request without its credential.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Request {
    /// Created by the addon before its first statement; the key of the audit row.
    pub call_id: uuid::Uuid,
    /// The entry point: `fast` (before Odoo's routing), `ordinary` (Odoo's route), or `sql` for a call without HTTP.
    #[serde(default)]
    pub door: String,
    #[serde(default)]
    pub addon: Addon,
    #[serde(default = "post")]
    pub http_method: String,
    #[serde(default)]
    pub path: String,
    #[serde(default)]
    pub headers: Map<String, Value>,
    #[serde(default)]
    pub remote_addr: String,
    #[serde(default)]
    pub credential: Option<Credential>,
    #[serde(default)]
    pub body: Option<String>,
    #[serde(default)]
    pub body_base64: Option<String>,
    #[serde(default)]
    pub body_error: Option<BodyError>,
    /// No earlier statement of this exchange can have run, so it has no audit row yet.
    #[serde(default)]
    pub first_try: bool,
    /// The body is one message of a batch; the other messages arrive separately.
    #[serde(default)]
    pub in_batch: bool,
}

fn post() -> String {
    "POST".into()
}

/// The addon's version, and its Odoo series.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Addon {
    #[serde(default)]
    pub contract: i64,
    #[serde(default)]
    pub version: String,
    #[serde(default)]
    pub series: String,
}

/// The contents of the `Authorization` header, without the secret.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "scheme", rename_all = "lowercase")]
pub enum Credential {
    Bearer {
        index: Option<String>,
        #[serde(default)]
        claim: Option<Claim>,
    },
    Basic {
        login: String,
        index: Option<String>,
        #[serde(default)]
        claim: Option<Claim>,
    },
    Malformed {
        reason: String,
    },
}

/// A fact verified in this or an earlier request of the same process. It is compared with the current rows, so that a
/// revoked key or a changed password is refused at once.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Claim {
    Key {
        id: i64,
        digest: String,
    },
    Password {
        uid: i64,
        fields: Vec<String>,
        digest: String,
    },
}

/// The reason why the body could not be read.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum BodyError {
    Truncated { expected: u64, received: u64 },
    TooLarge { limit: u64 },
    Malformed,
}

impl Request {
    /// A header's value, trimmed of optional white space (RFC 9110, 5.5).
    ///
    /// # Errors
    /// 400 when its bytes are not valid UTF-8.
    pub fn header(&self, name: &str) -> Result<Option<&str>> {
        match self.headers.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.trim_matches([' ', '\t']))),
            Some(_) => Err(Error::protocol(
                400,
                code::HEADER_MISMATCH,
                format!("The header {name} is not valid UTF-8."),
            )),
        }
    }

    /// A header that is only recorded and decides nothing; `None` if it is not valid UTF-8.
    pub fn note(&self, name: &str) -> Option<String> {
        let text = self.header(name).ok().flatten()?;
        Some(text.chars().filter(|c| !c.is_control()).take(256).collect())
    }

    /// The client address from a proxy header that Odoo did not use. `None` if Odoo used it, or without such a header.
    /// Odoo uses the last address of `X-Forwarded-For`, and only in proxy mode and with `X-Forwarded-Host`; it ignores
    /// `Forwarded` (RFC 7239).
    pub fn disbelieved(&self) -> Option<String> {
        let last = |list: String| {
            list.rsplit(',')
                .next()
                .unwrap_or_default()
                .trim()
                .to_owned()
        };
        let named = match self.note("x-forwarded-for") {
            Some(list) => last(list),
            None => last(self.note("forwarded")?),
        };
        (named != self.remote_addr).then(|| named.chars().take(64).collect())
    }

    /// The body's text.
    ///
    /// # Errors
    /// 400, 413 or 415 with the reason.
    pub fn body_text(&self) -> Result<String> {
        match &self.body_error {
            Some(BodyError::Truncated { expected, received }) => {
                return Err(bad_request(format!(
                    "The body was cut off: {received} of {expected} bytes arrived."
                )));
            }
            Some(BodyError::TooLarge { limit }) => {
                return Err(Error::protocol(
                    413,
                    code::INVALID_REQUEST,
                    format!("The body is larger than {limit} bytes. Send less at once."),
                ));
            }
            Some(BodyError::Malformed) => {
                return Err(bad_request(
                    "Content-Length or the chunked encoding of the body is malformed.".into(),
                ));
            }
            None => {}
        }
        if let Some(encoding) = self.header("content-encoding")?
            && !encoding.eq_ignore_ascii_case("identity")
        {
            return Err(Error::protocol(
                415,
                code::INVALID_REQUEST,
                format!("Content-Encoding {encoding:?} is not supported: send the body as it is."),
            ));
        }
        self.check_media_types()?;
        if let Some(encoded) = &self.body_base64 {
            let bytes = STANDARD
                .decode(encoded)
                .map_err(|_| Error::Internal("body_base64 is not base64".into()))?;
            return String::from_utf8(bytes).map_err(|error| {
                let at = error.utf8_error().valid_up_to();
                Error::protocol(
                    400,
                    code::PARSE_ERROR,
                    format!("The body is not valid UTF-8 at byte {at}."),
                )
            });
        }
        Ok(self.body.clone().unwrap_or_default())
    }

    fn check_media_types(&self) -> Result<()> {
        if let Some(content_type) = self.header("content-type")? {
            let media = content_type.split(';').next().unwrap_or_default().trim();
            if !media.eq_ignore_ascii_case("application/json") {
                return Err(Error::protocol(
                    415,
                    code::INVALID_REQUEST,
                    format!("Content-Type must be application/json, not {media:?}."),
                ));
            }
        }
        if let Some(accept) = self.header("accept")? {
            let json = accept.split(',').any(|range| {
                let range = range.split(';').next().unwrap_or_default().trim();
                ["application/json", "application/*", "*/*"]
                    .iter()
                    .any(|known| range.eq_ignore_ascii_case(known))
            });
            if !json && !accept.is_empty() {
                return Err(Error::protocol(
                    406,
                    code::INVALID_REQUEST,
                    "Accept must allow application/json (MCP clients send \"application/json, \
                     text/event-stream\").",
                ));
            }
        }
        Ok(())
    }
}

fn bad_request(message: String) -> Error {
    Error::protocol(400, code::PARSE_ERROR, message)
}

/// One HTTP response.
#[derive(Debug, Clone, Deserialize)]
pub struct Reply {
    pub status: u16,
    #[serde(default)]
    pub headers: Map<String, Value>,
    #[serde(default)]
    pub body: String,
}

impl Reply {
    /// A response without a body.
    pub fn empty(status: u16) -> Self {
        Self {
            status,
            headers: Map::new(),
            body: String::new(),
        }
    }

    /// A JSON body.
    pub fn json(status: u16, body: &Value) -> Self {
        Self::json_text(status, body.to_string())
    }

    /// A JSON body from JSON text.
    pub fn json_text(status: u16, body: String) -> Self {
        let mut reply = Self::empty(status).header("Content-Type", "application/json");
        reply.body = body;
        reply
    }

    /// A JSON-RPC error for the request `id` (null if unknown), with its HTTP status.
    pub fn error(id: &Value, error: &Error) -> Self {
        let (status, object) = error.to_json_rpc();
        let reply = Self::json(
            status,
            &json!({"jsonrpc": "2.0", "id": id, "error": object}),
        );
        match (status, error) {
            (
                _,
                Error::Protocol {
                    retry_after: Some(seconds),
                    ..
                },
            ) => reply.header("Retry-After", &seconds.to_string()),
            (405, _) => reply.header("Allow", "POST, DELETE"),
            (503, _) => reply.header("Retry-After", "30"),
            _ => reply,
        }
    }

    /// Add a header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.insert(name.into(), value.into());
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(headers: Value) -> Request {
        serde_json::from_value(json!({
            "call_id": "6f1f9d4e-7a55-4a7a-9a7e-0c8f9c1f0a11", "headers": headers, "body": "{}"}))
        .unwrap()
    }

    fn status(result: Result<String>) -> u16 {
        result.unwrap_err().to_json_rpc().0
    }

    #[test]
    fn media_types_are_checked() {
        let lenient = json!({"content-type": "application/json; charset=utf-8", "accept": "*/*"});
        assert_eq!(request(lenient).body_text().unwrap(), "{}");
        assert_eq!(request(json!({})).body_text().unwrap(), "{}");
        assert_eq!(
            status(request(json!({"content-type": "text/plain"})).body_text()),
            415
        );
        assert_eq!(
            status(request(json!({"accept": "text/html"})).body_text()),
            406
        );
        assert_eq!(
            status(request(json!({"content-encoding": "gzip"})).body_text()),
            415
        );
    }

    #[test]
    fn a_body_that_is_not_utf_8_names_the_byte() {
        let mut bad = request(json!({}));
        bad.body_base64 = Some(STANDARD.encode(b"{\"a\": \"\xff\"}"));
        let error = bad.body_text().unwrap_err();
        assert_eq!(error.to_json_rpc().1["code"], code::PARSE_ERROR);
        assert!(error.to_string().contains("byte 7"), "{error}");
    }

    #[test]
    fn body_errors_have_their_statuses() {
        let mut cut = request(json!({}));
        cut.body_error = Some(BodyError::Truncated {
            expected: 10,
            received: 3,
        });
        assert_eq!(status(cut.body_text()), 400);
        cut.body_error = Some(BodyError::TooLarge { limit: 10 });
        assert_eq!(status(cut.body_text()), 413);
    }

    #[test]
    fn an_address_that_odoo_did_not_believe_is_told() {
        let text = |headers: Value| {
            let mut request = request(headers);
            request.remote_addr = "192.0.2.1".into();
            request.disbelieved()
        };
        assert_eq!(text(json!({})), None);
        assert_eq!(
            text(json!({"x-forwarded-for": "203.0.113.9, 192.0.2.1"})),
            None
        );
        assert_eq!(
            text(json!({"x-forwarded-for": "192.0.2.1, 203.0.113.9 "})),
            Some("203.0.113.9".into())
        );
        assert_eq!(
            text(json!({"forwarded": "for=203.0.113.9;proto=https"})),
            Some("for=203.0.113.9;proto=https".into())
        );
        // Odoo used the one, whatever the other says.
        let both = json!({"x-forwarded-for": "192.0.2.1", "forwarded": "for=203.0.113.9"});
        assert_eq!(text(both), None);
        let long = text(json!({"x-forwarded-for": "a".repeat(1_000)}));
        assert_eq!(long.map(|text| text.len()), Some(64));
    }

    #[test]
    fn header_values_lose_only_optional_white_space() {
        let with = request(json!({"mcp-method": "\t tools/list ", "x": {"base64": "/w=="}}));
        assert_eq!(with.header("mcp-method").unwrap(), Some("tools/list"));
        assert!(with.header("x").is_err());
        assert_eq!(with.header("absent").unwrap(), None);
    }
}
