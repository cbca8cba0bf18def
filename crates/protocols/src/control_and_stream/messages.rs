//! Every message of the control plane, in both directions, for the server and for clients.

use serde::{Deserialize, Serialize};

mod error;

pub use super::reading::{Said, Unreadable, parse};
pub use crate::json_reading::Malformed;
pub use error::{ErrorCode, ErrorDetails, ErrorMessage};

/// What surrounds every message: beside its own fields, on one level.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(
    test,
    derive(ts_rs::TS, schemars::JsonSchema),
    ts(export, export_to = "control_and_stream.ts")
)]
pub struct Envelope<M> {
    /// `type`, and the fields that go with it.
    #[serde(flatten)]
    pub message: M,
    /// When it was said, in ISO 8601. Clients may leave it out.
    pub timestamp: String,
    /// The sender's name of the message. Answers carry that of what they answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub message_id: Option<String>,
}

/// What a client says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "SCREAMING_SNAKE_CASE")]
#[cfg_attr(
    test,
    derive(ts_rs::TS, schemars::JsonSchema),
    ts(export, export_to = "control_and_stream.ts")
)]
pub enum ClientMessage {
    /// Shows a token: the first message, and later a refresh.
    Authenticate(Authenticate),
    /// Asks to be told of a subject.
    Subscribe(Subscription),
    /// Asks not to be told any more.
    Unsubscribe(Subscription),
    /// Asks for a `PONG`.
    Ping {},
}

/// `AUTHENTICATE`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(
    test,
    derive(ts_rs::TS, schemars::JsonSchema),
    ts(export, export_to = "control_and_stream.ts")
)]
pub struct Authenticate {
    /// A session's token, or a person's.
    pub session_token: String,
    /// The agent that it is about: for a session's token the one in the token.
    pub agent_id: String,
}

/// What can be subscribed to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[cfg_attr(
    test,
    derive(ts_rs::TS, schemars::JsonSchema),
    ts(export, export_to = "control_and_stream.ts")
)]
pub enum SubscriptionType {
    /// One task: its status, progress and logs.
    Task,
    /// A session: its status, and status, progress and logs of the tasks on its agent.
    Session,
    /// An agent: the status of its tasks and sessions.
    Agent,
}

/// `SUBSCRIBE`, `UNSUBSCRIBE`, `SUBSCRIBED` and `UNSUBSCRIBED`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(
    test,
    derive(ts_rs::TS, schemars::JsonSchema),
    ts(export, export_to = "control_and_stream.ts")
)]
pub struct Subscription {
    /// Of which kind.
    pub subscription_type: SubscriptionType,
    /// The id of a task, a session or an agent.
    pub target_id: String,
}

/// What the server says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "SCREAMING_SNAKE_CASE")]
#[cfg_attr(
    test,
    derive(ts_rs::TS, schemars::JsonSchema),
    ts(export, export_to = "control_and_stream.ts")
)]
pub enum ServerMessage {
    /// The connection stands. Comes right before `AUTHENTICATED`.
    ConnectionStatus(ConnectionStatus),
    /// The token is good.
    Authenticated {},
    /// What happens is told from now on; how it stands follows.
    Subscribed(Subscription),
    /// It is not told any more.
    Unsubscribed(Subscription),
    /// How a task stands.
    TaskStatus(TaskStatus),
    /// How far a task is.
    TaskProgress(TaskProgress),
    /// What a task printed.
    TaskLogs(TaskLogs),
    /// How a session stands.
    SessionStatus(SessionStatus),
    /// Answers a `PING`.
    Pong {},
    /// Something was refused, or the connection ends.
    Error(ErrorMessage),
    /// Many messages at once, in order.
    Batch(Batch),
}

/// `CONNECTION_STATUS`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(
    test,
    derive(ts_rs::TS, schemars::JsonSchema),
    ts(export, export_to = "control_and_stream.ts")
)]
pub struct ConnectionStatus {
    /// Always `connected`: what is not connected is not told.
    pub status: String,
    /// The same in words.
    pub message: String,
}

/// Where a task is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[cfg_attr(
    test,
    derive(ts_rs::TS, schemars::JsonSchema),
    ts(export, export_to = "control_and_stream.ts")
)]
pub enum TaskState {
    /// It waits.
    Pending,
    /// It runs.
    Processing,
    /// It ended well.
    Completed,
    /// It ended otherwise; `metadata.error` says how.
    Failed,
}

/// What a task is. There is one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[cfg_attr(
    test,
    derive(ts_rs::TS, schemars::JsonSchema),
    ts(export, export_to = "control_and_stream.ts")
)]
pub enum TaskType {
    /// Work on an agent.
    BrowserAutomation,
}

/// `TASK_STATUS`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(
    test,
    derive(ts_rs::TS, schemars::JsonSchema),
    ts(export, export_to = "control_and_stream.ts", optional_fields)
)]
pub struct TaskStatus {
    /// Which task.
    pub task_id: String,
    /// The session that it is told for; empty if its agent has none.
    pub session_id: String,
    /// On which agent.
    pub agent_id: String,
    /// Where it is.
    pub status: TaskState,
    /// What it is.
    pub task_type: TaskType,
    /// From 0 to 100.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub progress: Option<u8>,
    /// How it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<TaskMetadata>,
}

/// How a task ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(
    test,
    derive(ts_rs::TS, schemars::JsonSchema),
    ts(export, export_to = "control_and_stream.ts", optional_fields)
)]
pub struct TaskMetadata {
    /// What there is to say of an end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result: Option<TaskResult>,
    /// Why it failed, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// What it waits for, if it waits for a person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waiting: Option<TaskWaiting>,
    /// There, and true, while somebody has it hold still.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paused: Option<bool>,
}

/// What a task waits for. It is answered by `/api/runs/{taskId}/reply` or `/api/runs/{taskId}/decision`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(
    test,
    derive(ts_rs::TS, schemars::JsonSchema),
    ts(export, export_to = "control_and_stream.ts", optional_fields)
)]
pub struct TaskWaiting {
    /// What an answer has to name.
    pub wait_id: String,
    /// `question`, which takes a reply, or `approval`, which takes a decision.
    pub kind: String,
    /// The question, or what is about to be sent.
    pub text: String,
    /// Since when, ISO 8601.
    pub since: String,
    /// When the task goes on without an answer, ISO 8601.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
}

/// What a task's end left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(
    test,
    derive(ts_rs::TS, schemars::JsonSchema),
    ts(export, export_to = "control_and_stream.ts", optional_fields)
)]
pub struct TaskResult {
    /// The exit code of its process.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<i32>,
    /// What a run found out, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
    /// How long it ran, in milliseconds.
    pub duration_ms: u64,
}

/// `TASK_PROGRESS`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(
    test,
    derive(ts_rs::TS, schemars::JsonSchema),
    ts(export, export_to = "control_and_stream.ts", optional_fields)
)]
pub struct TaskProgress {
    /// Which task.
    pub task_id: String,
    /// The session that it is told for; empty if its agent has none.
    pub session_id: String,
    /// From 0 to 100. A command is at 0 until it ends, a run where its steps are among those that it may take.
    pub progress: u8,
    /// The line that it printed last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stage: Option<String>,
}

/// How grave a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(
    test,
    derive(ts_rs::TS, schemars::JsonSchema),
    ts(export, export_to = "control_and_stream.ts")
)]
pub enum LogLevel {
    /// Printed on standard output.
    Info,
    /// Said by us: something is missing.
    Warn,
    /// Printed on standard error.
    Error,
}

/// `TASK_LOGS`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(
    test,
    derive(ts_rs::TS, schemars::JsonSchema),
    ts(export, export_to = "control_and_stream.ts")
)]
pub struct TaskLogs {
    /// Which task.
    pub task_id: String,
    /// The session that it is told for; empty if its agent has none.
    pub session_id: String,
    /// Lines without their ends.
    pub logs: Vec<String>,
    /// What they are.
    pub log_level: LogLevel,
}

/// `SESSION_STATUS`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(
    test,
    derive(ts_rs::TS, schemars::JsonSchema),
    ts(export, export_to = "control_and_stream.ts")
)]
pub struct SessionStatus {
    /// Which session.
    pub session_id: String,
    /// On which agent.
    pub agent_id: String,
    /// Whether it is open, and not deleted.
    pub is_active: bool,
    /// When the token expires that this connection showed, in ISO 8601.
    pub expires_at: String,
    /// Whole minutes until then.
    pub time_remaining: u64,
}

/// `BATCH`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(
    test,
    derive(ts_rs::TS, schemars::JsonSchema),
    ts(export, export_to = "control_and_stream.ts")
)]
pub struct Batch {
    /// Whole messages, at most 50, in order.
    #[cfg_attr(test, ts(type = "unknown[]"))]
    pub messages: Vec<serde_json::Value>,
    /// The server's name of the batch.
    pub batch_id: String,
    /// How many there are.
    pub count: usize,
    /// How many bytes they have together; at most 60 KiB unless there is only one.
    pub total_size: usize,
}
