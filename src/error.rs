//! The core's only error type, and its conversions.

use serde_json::{Value, json};

/// The reason why a request or a tool call failed. The text is for the calling AI model: it says what to change.
#[derive(Debug, Clone, thiserror::Error, PartialEq)]
pub enum Error {
    /// A refusal by the HTTP or JSON-RPC layer: a JSON-RPC error object with an HTTP status.
    #[error("{message}")]
    Protocol {
        status: u16,
        code: i64,
        message: String,
        data: Option<Box<Value>>,
        /// Seconds (whole) after which the client may retry, if known.
        retry_after: Option<i64>,
    },
    /// A tool failure, reported with the reason: HTTP 200 with `isError`.
    #[error("{message}")]
    Tool { kind: ToolError, message: String },
    /// PostgreSQL refused one of the core's own statements. Never shown to a client.
    #[error("SQLSTATE {sqlstate}: {message}")]
    Database { sqlstate: String, message: String },
    /// A violated invariant of the core. Never shown to a client.
    #[error("{0}")]
    Internal(String),
}

/// The kind of a tool failure; decides the status of the audit row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ToolError {
    /// The arguments are invalid; nothing was run.
    BadArguments,
    /// Odoo or the policy refused the call.
    Denied,
    /// The call failed, and everything was rolled back.
    Failed,
    /// Odoo had an internal error; its log has the reason.
    Internal,
}

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// JSON-RPC 2.0 and MCP error codes (specification: basic, "Error codes").
pub mod code {
    pub const PARSE_ERROR: i64 = -32700;
    pub const INVALID_REQUEST: i64 = -32600;
    pub const METHOD_NOT_FOUND: i64 = -32601;
    pub const INVALID_PARAMS: i64 = -32602;
    pub const INTERNAL_ERROR: i64 = -32603;
    /// The handshake versions: the resource does not exist.
    pub const RESOURCE_NOT_FOUND: i64 = -32002;
    /// The client cancelled the request (the code of the Language Server Protocol, outside the range that JSON-RPC
    /// reserves).
    pub const CANCELLED: i64 = -32800;
    /// 2026-07-28: a header is missing, malformed or differs from the body.
    pub const HEADER_MISMATCH: i64 = -32020;
    /// 2026-07-28: the client has not declared a capability that its answer requires; `data.requiredCapabilities` names
    /// it.
    pub const MISSING_CAPABILITY: i64 = -32021;
    /// 2026-07-28: the version is not supported; `data.supported` lists those that are.
    pub const UNSUPPORTED_VERSION: i64 = -32022;
    /// A code of this server, outside the reserved range, for refused access (401, 403, 404 session, 429, 503).
    pub const REFUSED: i64 = -31000;
}

impl Error {
    /// A JSON-RPC error with its HTTP status.
    pub fn protocol(status: u16, code: i64, message: impl Into<String>) -> Self {
        Self::Protocol {
            status,
            code,
            message: message.into(),
            data: None,
            retry_after: None,
        }
    }

    /// Invalid parameters of a known method: 200 and -32602.
    pub fn invalid_params(message: impl Into<String>) -> Self {
        Self::protocol(200, code::INVALID_PARAMS, message)
    }

    /// Invalid arguments of a tool: the AI model reads the reason and retries.
    pub fn bad_arguments(message: impl Into<String>) -> Self {
        Self::Tool {
            kind: ToolError::BadArguments,
            message: message.into(),
        }
    }

    /// The user may not do this.
    pub fn denied(message: impl Into<String>) -> Self {
        Self::Tool {
            kind: ToolError::Denied,
            message: message.into(),
        }
    }

    /// The call ran and failed.
    pub fn failed(message: impl Into<String>) -> Self {
        Self::Tool {
            kind: ToolError::Failed,
            message: message.into(),
        }
    }

    /// A method's result cannot be sent, so its effects are rolled back. `what`: the problem with the result.
    pub fn unusable(what: impl std::fmt::Display) -> Self {
        let what = what.to_string();
        let what = what.trim_end_matches('.');
        Self::Tool {
            kind: ToolError::Internal,
            message: format!(
                "The method behind this gave what cannot be sent: {what}. Its author must fix it."
            ),
        }
    }

    /// Add `data` to a protocol error.
    pub fn with_data(mut self, value: Value) -> Self {
        if let Self::Protocol { data, .. } = &mut self {
            *data = Some(Box::new(value));
        }
        self
    }

    /// Add the seconds before a retry to a protocol error.
    pub fn after(mut self, seconds: i64) -> Self {
        if let Self::Protocol { retry_after, .. } = &mut self {
            *retry_after = Some(seconds);
        }
        self
    }

    /// The HTTP status and JSON-RPC error object; the only conversion for the wire. Details that a client must not see
    /// become a plain internal error.
    pub fn to_json_rpc(&self) -> (u16, Value) {
        match self {
            Self::Protocol {
                status,
                code,
                message,
                data,
                ..
            } => {
                let mut error = json!({"code": code, "message": message});
                if let Some(data) = data {
                    error["data"] = (**data).clone();
                }
                (*status, error)
            }
            Self::Tool {
                kind: ToolError::Internal,
                message,
            } => (
                200,
                json!({"code": code::INTERNAL_ERROR, "message": message}),
            ),
            Self::Tool { kind, message } => {
                let code = match kind {
                    ToolError::Internal => code::INTERNAL_ERROR,
                    _ => code::INVALID_PARAMS,
                };
                (200, json!({"code": code, "message": message}))
            }
            Self::Database { .. } | Self::Internal(_) => (
                500,
                json!({"code": code::INTERNAL_ERROR,
                       "message": "Internal error. The server's log has the reason."}),
            ),
        }
    }

    /// The text for the audit row, including details that the client does not see.
    pub fn for_audit(&self) -> String {
        self.to_string()
    }
}
