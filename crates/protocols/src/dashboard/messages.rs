//! Every message of the dashboard protocol, in both directions, for the server and for clients.
//!
//! Reading a client's message is in `reading.rs`.

use std::{borrow::Cow, collections::BTreeMap};

use serde::{Deserialize, Serialize};

mod attention;
mod error;
mod output;

pub use super::reading::{Malformed, parse};
pub use attention::AttentionChanged;
pub use error::{ErrorCode, ErrorDetails, ErrorMessage};
pub use output::{Gap, OutputPage, OutputRecord, OutputResume, OutputStream, TerminalOutput};

/// The protocol's version; also accepted is every other 1.x.
pub const VERSION: &str = "1.0.0";

/// What surrounds every message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema), ts(export, export_to = "dashboard.ts"))]
pub struct Envelope<M> {
    /// `1.0.0`
    pub version: Cow<'static, str>,
    /// When it was said, in milliseconds since 1970.
    pub timestamp: u64,
    /// `type` and `payload`.
    #[serde(flatten)]
    pub message: M,
}

impl<M> Envelope<M> {
    /// Surrounds a message.
    pub fn new(message: M, timestamp: u64) -> Self {
        Self { version: Cow::Borrowed(VERSION), timestamp, message }
    }
}

/// What a dashboard says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", content = "payload")]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema), ts(export, export_to = "dashboard.ts"))]
pub enum ClientMessage {
    /// Shows a token: the first message without one in the URL, later a refresh.
    #[serde(rename = "dashboard:connect")]
    Connect(Connect),
    /// Queues a command on an agent.
    #[serde(rename = "command:request")]
    CommandRequest(CommandRequest),
    /// Ends a command.
    #[serde(rename = "command:interrupt")]
    CommandInterrupt(CommandInterrupt),
    /// Keeps the connection alive.
    #[serde(rename = "heartbeat")]
    Heartbeat(Heartbeat),
    /// Replaces the token before it expires.
    #[serde(rename = "token:refresh")]
    TokenRefresh(TokenRefresh),
    /// Asks for output that was missed.
    #[serde(rename = "output:resume")]
    OutputResume(OutputResume),
}

/// `dashboard:connect`
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema), ts(export, export_to = "dashboard.ts"))]
pub struct Connect {
    /// A user's token.
    pub token: String,
    /// What the dashboard says of itself.
    pub client_info: ClientDescription,
}

/// Tokens stay out of logs.
/// What a dashboard says of itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema), ts(export, export_to = "dashboard.ts"))]
pub struct ClientDescription {
    /// The browser or program.
    pub user_agent: String,
    /// Such as `Europe/Berlin`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub timezone: Option<String>,
    /// The window's size.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub viewport: Option<Viewport>,
}

/// A window's size in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema), ts(export, export_to = "dashboard.ts"))]
pub struct Viewport {
    /// Horizontally.
    pub width: f64,
    /// Vertically.
    pub height: f64,
}

/// Which command goes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema), ts(export, export_to = "dashboard.ts"))]
pub enum Priority {
    /// Overtakes all others.
    High,
    /// The default.
    #[default]
    Normal,
    /// Waits for all others.
    Low,
}

/// `command:request`
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(
    test,
    derive(ts_rs::TS, schemars::JsonSchema),
    ts(export, export_to = "dashboard.ts", optional_fields)
)]
pub struct CommandRequest {
    /// Where to run it.
    pub agent_id: String,
    /// One shell command line.
    pub command: String,
    /// `normal` if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<Priority>,
    /// In milliseconds; the server's limit if absent or longer than that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout: Option<u64>,
    /// Must be absent or empty: arguments belong into `command`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub args: Option<Vec<String>>,
    /// Extra environment variables.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub env: Option<BTreeMap<String, String>>,
    /// The directory to run in; the agent's own if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub working_directory: Option<String>,
    /// Echoed in the command's statuses and in errors.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}

/// `command:interrupt`
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(
    test,
    derive(ts_rs::TS, schemars::JsonSchema),
    ts(export, export_to = "dashboard.ts", optional_fields)
)]
pub struct CommandInterrupt {
    /// Which one.
    pub command_id: String,
    /// Why, for the audit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Echoed in errors.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}

/// `heartbeat`, and its echo.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema), ts(export, export_to = "dashboard.ts"))]
pub struct Heartbeat {
    /// The dashboard's own count.
    pub sequence: serde_json::Number,
}

/// `token:refresh`
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema), ts(export, export_to = "dashboard.ts"))]
pub struct TokenRefresh {
    /// A newer token of the same user.
    pub token: String,
}

/// Tokens stay out of logs.
/// What the server says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", content = "payload")]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema), ts(export, export_to = "dashboard.ts"))]
pub enum ServerMessage {
    /// The token holds; what follows is the fleet.
    #[serde(rename = "connection:ack")]
    ConnectionAck(ConnectionAck),
    /// Every agent, offline ones included.
    #[serde(rename = "agent:list")]
    AgentList(AgentList),
    /// One agent changed.
    #[serde(rename = "agent:status")]
    AgentStatus(Agent),
    /// A piece of a command's output.
    #[serde(rename = "terminal:output")]
    TerminalOutput(TerminalOutput),
    /// A command's state changed.
    #[serde(rename = "command:status")]
    CommandStatus(CommandStatus),
    /// An agent's queue changed.
    #[serde(rename = "command:queue")]
    CommandQueue(CommandQueue),
    /// Something was refused or went wrong.
    #[serde(rename = "error")]
    Error(ErrorMessage),
    /// The echo of a heartbeat.
    #[serde(rename = "heartbeat")]
    Heartbeat(Heartbeat),
    /// The new token counts.
    #[serde(rename = "token:refreshed")]
    TokenRefreshed(TokenRefreshed),
    /// Output that was asked for again.
    #[serde(rename = "output:page")]
    OutputPage(OutputPage),
    /// Something waits for a person, or does not any longer. Only for who connects with `?attention=1`.
    #[serde(rename = "attention:changed")]
    AttentionChanged(AttentionChanged),
}

/// `connection:ack`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema), ts(export, export_to = "dashboard.ts"))]
pub struct ConnectionAck {
    /// Names this connection in the server's logs.
    pub connection_id: String,
    /// The protocol's version.
    pub server_version: String,
    /// What the server can do.
    pub features: Vec<String>,
}

/// `agent:list`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema), ts(export, export_to = "dashboard.ts"))]
pub struct AgentList {
    /// By id.
    pub agents: Vec<Agent>,
}

/// `agent:status`, and an entry of `agent:list`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema), ts(export, export_to = "dashboard.ts"))]
pub struct Agent {
    /// Its id.
    pub agent_id: String,
    /// `claude`, `codex`, `gemini`, `shell`, …
    pub agent_type: String,
    /// For people.
    pub name: String,
    /// Whether it can work.
    pub status: AgentStatus,
    /// `commands`, `terminals`, `browser`
    pub capabilities: Vec<String>,
    /// Where it runs.
    pub metadata: AgentMetadata,
    /// When its present or last link began, in milliseconds since 1970.
    pub connected_at: u64,
    /// When its state last changed, in milliseconds since 1970.
    pub last_activity: u64,
}

/// Whether an agent can work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema), ts(export, export_to = "dashboard.ts"))]
pub enum AgentStatus {
    /// Connected and idle.
    Online,
    /// Connected and running a command.
    Busy,
    /// Not connected.
    Offline,
    /// Connected, but something is wrong with it.
    Error,
}

/// Where an agent runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema), ts(export, export_to = "dashboard.ts"))]
pub struct AgentMetadata {
    /// The agent program's version.
    pub version: String,
    /// Such as `linux-x86_64`.
    pub platform: String,
    /// The machine's name.
    pub host: String,
}

/// Where a command is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema), ts(export, export_to = "dashboard.ts"))]
pub enum CommandState {
    /// Waits.
    Queued,
    /// Its process lives.
    Running,
    /// Exited with 0.
    Completed,
    /// Exited otherwise, timed out, never ran, or was lost with its agent.
    Failed,
    /// Somebody ended it.
    Interrupted,
}

impl CommandState {
    /// Whether the command is over, for good.
    pub fn is_final(self) -> bool {
        match self {
            Self::Queued | Self::Running => false,
            Self::Completed | Self::Failed | Self::Interrupted => true,
        }
    }
}

/// `command:status`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(
    test,
    derive(ts_rs::TS, schemars::JsonSchema),
    ts(export, export_to = "dashboard.ts", optional_fields)
)]
pub struct CommandStatus {
    /// Which one.
    pub command_id: String,
    /// Where it runs.
    pub agent_id: String,
    /// Where it is in its life.
    pub status: CommandState,
    /// How its process exited, if it had one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<i32>,
    /// Why it failed, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// How long its process lived, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub execution_time: Option<u64>,
    /// The signal that ended it, such as `SIGSEGV`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signal: Option<String>,
    /// What its requester called it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// What a dashboard that came late could not know.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub origin: Option<CommandOrigin>,
}

/// Who asked for a command, and what it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(
    test,
    derive(ts_rs::TS, schemars::JsonSchema),
    ts(export, export_to = "dashboard.ts", optional_fields)
)]
pub struct CommandOrigin {
    /// The command line.
    #[cfg_attr(test, ts(optional, as = "Option<String>"))]
    pub command: String,
    /// Its class.
    #[cfg_attr(test, ts(optional, as = "Option<Priority>"))]
    pub priority: Priority,
    /// Who asked for it.
    #[cfg_attr(test, ts(optional, as = "Option<String>"))]
    pub requested_by: String,
    /// When, in milliseconds since 1970.
    #[cfg_attr(test, ts(optional, as = "Option<u64>"))]
    pub requested_at: u64,
    /// When its process started, if it did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started_at: Option<u64>,
}

/// `command:queue`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(
    test,
    derive(ts_rs::TS, schemars::JsonSchema),
    ts(export, export_to = "dashboard.ts", optional_fields)
)]
pub struct CommandQueue {
    /// Whose queue.
    pub agent_id: String,
    /// Who waits, in order.
    pub queue: Vec<QueuedCommand>,
    /// Why nobody of them is started, if that is so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held: Option<QueueHold>,
}

/// Why nothing of a queue is started.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(
    test,
    derive(ts_rs::TS, schemars::JsonSchema),
    ts(export, export_to = "dashboard.ts", optional_fields)
)]
pub struct QueueHold {
    /// `paused`, `stopped`, `emergency-stopped` or `over-budget`.
    pub cause: String,
    /// In words.
    pub reason: String,
    /// Since when, in milliseconds since 1970.
    pub since: u64,
    /// When it ends by itself, in milliseconds since 1970; absent if somebody has to end it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<u64>,
}

/// A place in a queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema), ts(export, export_to = "dashboard.ts"))]
pub struct QueuedCommand {
    /// Which one.
    pub command_id: String,
    /// Its command line.
    pub command: String,
    /// Its class.
    pub priority: Priority,
    /// Counts from 1: the next to run.
    pub position: u64,
    /// Who asked for it.
    pub requested_by: String,
    /// When, in milliseconds since 1970.
    pub requested_at: u64,
}

/// `token:refreshed`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(
    test,
    derive(ts_rs::TS, schemars::JsonSchema),
    ts(export, export_to = "dashboard.ts", optional_fields)
)]
pub struct TokenRefreshed {
    /// When the new token expires, in milliseconds since 1970; absent if never.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<u64>,
}
