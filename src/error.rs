//! The one error type of the core, and its conversions.

use serde_json::{Value, json};

/// Why a request or a tool call got no result. The text is for the model that asked: it says what to change.
#[derive(Debug, Clone, thiserror::Error, PartialEq)]
pub enum Error {
    /// The HTTP or JSON-RPC layer refuses: a JSON-RPC error object with an HTTP status.
    #[error("{message}")]
    Protocol {
        status: u16,
        code: i64,
        message: String,
        data: Option<Box<Value>>,
        /// Whole seconds after which the client may try again, where that is known.
        retry_after: Option<i64>,
    },
    /// The tool ran or would have run, and says why not: HTTP 200 with `isError`.
    #[error("{message}")]
    Tool { kind: ToolError, message: String },
    /// PostgreSQL refused a statement of the core's own. Never shown to a client.
    #[error("SQLSTATE {sqlstate}: {message}")]
    Database { sqlstate: String, message: String },
    /// A broken promise inside the core. Never shown to a client.
    #[error("{0}")]
    Internal(String),
}

/// What kind of failure a tool reports; decides the audit row's status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ToolError {
    /// The arguments are wrong: nothing was run.
    BadArguments,
    /// Odoo or the policy says no.
    Denied,
    /// It was tried and failed; everything was rolled back.
    Failed,
    /// Odoo itself broke; its log has the reason.
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
    /// The handshake versions: there is no such resource.
    pub const RESOURCE_NOT_FOUND: i64 = -32002;
    /// The client cancelled the request (the code that the Language Server Protocol has for it, outside the range that
    /// JSON-RPC reserves).
    pub const CANCELLED: i64 = -32800;
    /// 2026-07-28: a header is missing, malformed or differs from the body.
    pub const HEADER_MISMATCH: i64 = -32020;
    /// 2026-07-28: the client has not declared what it takes to answer; `data.requiredCapabilities` says it.
    pub const MISSING_CAPABILITY: i64 = -32021;
    /// 2026-07-28: the version is not implemented; `data.supported` lists what is.
    pub const UNSUPPORTED_VERSION: i64 = -32022;
    /// Ours, outside the reserved range: who may enter (401, 403, 404 session, 429, 503).
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

    /// Wrong parameters of a known method: 200 and -32602.
    pub fn invalid_params(message: impl Into<String>) -> Self {
        Self::protocol(200, code::INVALID_PARAMS, message)
    }

    /// A tool's arguments are wrong: the model reads why and tries again.
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

    /// What a method gave cannot be sent, so all that it did is undone. `what`: what is wrong with it.
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

    /// The same protocol error with `data`.
    pub fn with_data(mut self, value: Value) -> Self {
        if let Self::Protocol { data, .. } = &mut self {
            *data = Some(Box::new(value));
        }
        self
    }

    /// The same protocol error, which says when to try again.
    pub fn after(mut self, seconds: i64) -> Self {
        if let Self::Protocol { retry_after, .. } = &mut self {
            *retry_after = Some(seconds);
        }
        self
    }

    /// HTTP status and JSON-RPC error object: the one conversion for the wire. What is not the client's to know
    /// becomes a plain internal error.
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

    /// What the audit row says: everything, also what the client is not told.
    pub fn for_audit(&self) -> String {
        self.to_string()
    }
}
