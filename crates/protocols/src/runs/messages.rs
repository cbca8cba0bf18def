//! Every message of the protocol, in both directions, for the server and for clients.
//!
//! Steps are written by hand in `encode.rs`, since pictures are nearly all of them; a test holds them to these types.

use serde::{Deserialize, Serialize};

pub use super::reading::{Unreadable, parse};

/// What a client says. Fields that are not here are ignored, and so are messages of other types.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema), ts(export, export_to = "runs.ts"))]
pub enum ClientMessage {
    /// Shows a token: the first message, and later a refresh.
    Authenticate(Authenticate),
    /// Asks to be told a run: what it did, what it does, and how it ends.
    StartAgent(StartAgent),
    /// A sign of life, which is not answered.
    Heartbeat {},
    /// Asks to end a run.
    CancelRun(CancelRun),
    /// Asks to have a run hold still.
    PauseRun(OneRun),
    /// Asks to have a paused run go on.
    ResumeRun(OneRun),
    /// Answers what a run asks.
    Reply(Reply),
    /// Allows or refuses what a run wants to send.
    Decide(Decide),
}

/// `authenticate`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema), ts(export, export_to = "runs.ts"))]
pub struct Authenticate {
    /// A person's token.
    pub token: String,
}

/// `start_agent`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema), ts(export, export_to = "runs.ts"))]
pub struct StartAgent {
    /// Which run.
    pub run_id: String,
    /// The number of the last step that the client has; steps up to it are not told again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub after_step: Option<u32>,
    /// Whether to be told by `run_status` how the run stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub extended: Option<bool>,
}

/// `pause_run` and `resume_run`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema), ts(export, export_to = "runs.ts"))]
pub struct OneRun {
    /// Which run.
    pub run_id: String,
}

/// `cancel_run`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema), ts(export, export_to = "runs.ts"))]
pub struct CancelRun {
    /// Which run.
    pub run_id: String,
    /// Why, for the audit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub reason: Option<String>,
}

/// `reply`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema), ts(export, export_to = "runs.ts"))]
pub struct Reply {
    /// Which run.
    pub run_id: String,
    /// Which question: `waiting.id` of `run_status`.
    pub wait: String,
    /// The answer.
    pub text: String,
}

/// `decide`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema), ts(export, export_to = "runs.ts"))]
pub struct Decide {
    /// Which run.
    pub run_id: String,
    /// Which request: `waiting.id` of `run_status`.
    pub wait: String,
    /// Whether it may be sent.
    pub granted: bool,
    /// Why, for the run and the audit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub reason: Option<String>,
    /// Whether the same holds for all that the run sends to that host from now on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub always: Option<bool>,
}

/// What the server says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema), ts(export, export_to = "runs.ts"))]
pub enum ServerMessage {
    /// Whether a token was good.
    Authentication(Authentication),
    /// A run took a step.
    StepUpdate(StepUpdate),
    /// A run is over.
    Completion(Completion),
    /// How a run stands, for those who asked for it.
    RunStatus(RunStatus),
    /// Something was refused, or the connection ends.
    Error(ErrorMessage),
}

/// How something went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema), ts(export, export_to = "runs.ts"))]
pub enum Success {
    /// Well.
    Success,
    /// Not.
    Failed,
}

/// `authentication`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(
    test,
    derive(ts_rs::TS, schemars::JsonSchema),
    ts(export, export_to = "runs.ts", optional_fields)
)]
pub struct Authentication {
    /// Whether it was good.
    pub status: Success,
    /// What is wrong, in words that never change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// What exactly, for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// `step_update`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema), ts(export, export_to = "runs.ts"))]
pub struct StepUpdate {
    /// Its number in the run, from 1.
    pub step_number: u32,
    /// How the page looked: JPEG or PNG in base64 without a prefix; empty if there is no picture, or not any more.
    pub screenshot: String,
    /// What was done.
    #[cfg_attr(test, ts(type = "{ type: string; [field: string]: unknown }"))]
    pub action: StepAction,
    /// Why, for people.
    pub explanation: String,
    /// Of which run.
    pub run_id: String,
}

/// What was done in a step: a `type`, and whatever goes with it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct StepAction {
    /// What kind of action.
    #[serde(rename = "type")]
    pub action_type: String,
    /// Its particulars.
    #[serde(flatten)]
    pub rest: serde_json::Map<String, serde_json::Value>,
}

/// `completion`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(
    test,
    derive(ts_rs::TS, schemars::JsonSchema),
    ts(export, export_to = "runs.ts", optional_fields)
)]
pub struct Completion {
    /// How it ended. A run that was cancelled has failed.
    pub status: Success,
    /// The commands that do the same again. There is a list, perhaps an empty one, whenever it ended well.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(type = "Array<Record<string, unknown>>"))]
    pub commands: Option<Vec<serde_json::Map<String, serde_json::Value>>>,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// What it found out, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub final_answer: Option<String>,
    /// Which run.
    pub run_id: String,
}

/// Where a run is in its life, as REST routes name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema), ts(export, export_to = "runs.ts"))]
pub enum LiveStatus {
    /// It waits for its agent.
    Pending,
    /// Its agent is at it.
    InProgress,
}

/// `run_status`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(
    test,
    derive(ts_rs::TS, schemars::JsonSchema),
    ts(export, export_to = "runs.ts", optional_fields)
)]
pub struct RunStatus {
    /// Which run.
    pub run_id: String,
    /// Where it is in its life. Its end is told by `completion`.
    pub status: LiveStatus,
    /// Whether it holds still until somebody resumes it.
    pub paused: bool,
    /// The person's act that it waits for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waiting: Option<Waiting>,
}

/// What a run waits for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(
    test,
    derive(ts_rs::TS, schemars::JsonSchema),
    ts(export, export_to = "runs.ts", optional_fields)
)]
pub struct Waiting {
    /// Its name in `reply` and `decide`.
    pub id: String,
    /// What kind of act is wanted.
    pub kind: WaitingKind,
    /// The question, or what is about to be sent, for people.
    pub text: String,
    /// Since when, in ISO 8601.
    pub since: String,
    /// When the run goes on without an answer, in ISO 8601.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// What is about to be sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<WaitingRequest>,
}

/// What kind of act a run waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema), ts(export, export_to = "runs.ts"))]
pub enum WaitingKind {
    /// An answer in words: `reply`.
    Question,
    /// Leave to send something: `decide`.
    Approval,
}

/// A request of a page that is held back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema), ts(export, export_to = "runs.ts"))]
pub struct WaitingRequest {
    /// Its method.
    pub method: String,
    /// Where it would go.
    pub url: String,
}

/// `error`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(
    test,
    derive(ts_rs::TS, schemars::JsonSchema),
    ts(export, export_to = "runs.ts", optional_fields)
)]
pub struct ErrorMessage {
    /// What is wrong, in words that never change.
    pub error: String,
    /// What exactly, for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Which run it is about, as the client named it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run_id: Option<String>,
}
