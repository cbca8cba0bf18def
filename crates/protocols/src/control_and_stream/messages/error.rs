//! What is said when something is refused.

use serde::{Deserialize, Serialize};

/// `ERROR`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(
    test,
    derive(ts_rs::TS, schemars::JsonSchema),
    ts(export, export_to = "control_and_stream.ts", optional_fields)
)]
pub struct ErrorMessage {
    /// What is wrong, for people.
    pub error: String,
    /// The same for programs. Absent when the token was revoked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<ErrorCode>,
    /// More for programs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub details: Option<ErrorDetails>,
}

/// What is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[cfg_attr(
    test,
    derive(ts_rs::TS, schemars::JsonSchema),
    ts(export, export_to = "control_and_stream.ts")
)]
pub enum ErrorCode {
    /// A message of more than 32 KiB.
    MessageTooLarge,
    /// Messages came too fast and were thrown away; over Socket.IO only.
    QueueOverflow,
    /// What came is not JSON.
    InvalidJson,
    /// It is JSON, but no message of this protocol.
    SchemaValidationFailed,
    /// It has a type that is unknown; over Socket.IO only.
    UnknownMessageType,
    /// `AUTHENTICATE` has to come first.
    AuthRequired,
    /// `AUTHENTICATE` without a token.
    MissingToken,
    /// `AUTHENTICATE` without an agent.
    MissingAgentId,
    /// The token does not count, or not for this agent.
    InvalidToken,
    /// The token's session is gone.
    InvalidSession,
    /// The token has expired; the connection is closed.
    SessionExpired,
    /// There is no such subject, or it is somebody else's.
    SubscriptionDenied,
    /// There are too many subscriptions.
    SubscriptionError,
}

/// What an error is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(
    test,
    derive(ts_rs::TS, schemars::JsonSchema),
    ts(export, export_to = "control_and_stream.ts", optional_fields)
)]
pub struct ErrorDetails {
    /// The field that is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// The type that is unknown.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub message_type: Option<String>,
    /// The reason in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

impl ErrorMessage {
    /// An error with its code.
    pub(crate) fn new(code: ErrorCode, error: impl Into<String>) -> Self {
        Self { error: error.into(), code: Some(code), details: None }
    }

    /// The only one without a code: clients tell it by its text and the close that follows.
    pub(crate) fn revoked() -> Self {
        Self { error: "SESSION_REVOKED: the token was revoked".into(), code: None, details: None }
    }

    pub(crate) fn with(self, details: ErrorDetails) -> Self {
        Self { details: Some(details), ..self }
    }
}

impl ErrorDetails {
    /// About a field.
    pub(crate) fn field(name: &str) -> Self {
        Self { field: Some(name.into()), message_type: None, message: None }
    }
}
