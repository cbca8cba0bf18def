//! What the server says when something was refused or went wrong.

use serde::{Deserialize, Serialize};

/// `error`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(
    test,
    derive(ts_rs::TS, schemars::JsonSchema),
    ts(export, export_to = "dashboard.ts", optional_fields)
)]
pub struct ErrorMessage {
    /// For programs.
    pub code: ErrorCode,
    /// For people.
    pub message: String,
    /// What it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub details: Option<ErrorDetails>,
    /// Whether the connection goes on.
    pub recoverable: bool,
}

/// What can go wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema), ts(export, export_to = "dashboard.ts"))]
pub enum ErrorCode {
    /// The token is invalid or expired.
    AuthFailed,
    /// Something else came before `dashboard:connect`.
    Unauthorized,
    /// No agent of that id was ever here.
    AgentNotFound,
    /// The agent is known but not connected.
    AgentOffline,
    /// No command of that id was ever here.
    CommandNotFound,
    /// The command ran longer than it may.
    CommandTimeout,
    /// The agent's queue has no room.
    QueueFull,
    /// The message is not as this protocol wants it.
    InvalidMessage,
    /// Too many requests.
    RateLimit,
    /// The user's role does not allow it.
    Forbidden,
    /// Nothing can be stored now.
    StorageUnavailable,
}

/// What an error is about.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[cfg_attr(
    test,
    derive(ts_rs::TS, schemars::JsonSchema),
    ts(export, export_to = "dashboard.ts", optional_fields)
)]
pub struct ErrorDetails {
    /// The request's own name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// The agent it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent_id: Option<String>,
    /// The command it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub command_id: Option<String>,
    /// The field that was wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// After how many milliseconds the same request can succeed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u64>,
    /// How many messages were thrown away.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dropped: Option<u64>,
}
