//! The parts of control messages that are about runs: browser tasks that an agent does step by step.
//!
//! Only agents whose hello names the feature [`FEATURE`] are told any of this.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The feature of agents that do runs.
pub const FEATURE: &str = "runs";

/// All that is needed to do a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct StartRun {
    /// Its id.
    pub run: String,
    /// What is to be done, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task: Option<String>,
    /// The actions to do, as whoever asked for the run wrote them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub script: Option<Value>,
    /// In which session's browser; one of the run's own if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
    /// How many steps it may take.
    pub steps: u32,
    /// How long it may take, in milliseconds, without the time in which it waits for a person or is paused.
    pub timeout: u64,
    /// Whether what its browser sends away needs somebody's leave: requests but GET, HEAD and OPTIONS, and pages of hosts
    /// that are not `allowed`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub approval: bool,
    /// Hosts that need none: `shop.example`, or `*.shop.example` with all below.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allowed: Vec<String>,
    /// Whether what the script points at is looked for by role and name where it moved.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub heal: bool,
}

/// One step of a run, which was just taken.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct RunStep {
    /// Of which run.
    pub run: String,
    /// Its number in the run, from 1 without holes.
    pub number: u32,
    /// What was done: an object with a `type`.
    pub action: Value,
    /// Why, for people.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub explanation: String,
    /// How the page looked: a JPEG or PNG of at most 4 MiB, base64.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub screenshot: Option<String>,
}

/// A run waits for a person; one thing at a time. It is said again over each new link for as long as it holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct RunWaits {
    /// Which run.
    pub run: String,
    /// Names the wait among all of the run, in at most 128 bytes.
    pub wait: String,
    /// What kind of act is wanted.
    pub kind: RunWaitKind,
    /// The question, or what is about to be sent, for people.
    pub text: String,
    /// After so many milliseconds from now the run goes on without an answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout: Option<u64>,
    /// The method of the request that is held back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// Where it would go.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// What a person can do about a wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum RunWaitKind {
    /// Answer it in words.
    Question,
    /// Allow or refuse it.
    Approval,
}

/// Somebody answered what a run asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ReplyRun {
    /// Which run.
    pub run: String,
    /// Which wait.
    pub wait: String,
    /// The answer.
    pub text: String,
}

/// Somebody allowed or refused what a run wants to send.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct DecideRun {
    /// Which run.
    pub run: String,
    /// Which wait.
    pub wait: String,
    /// Whether it may be sent.
    pub granted: bool,
    /// Why, for whoever drives the run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Whether the same holds for all that the run sends to that host from now on.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub always: bool,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct RunEnded {
    /// Which run.
    pub run: String,
    /// How.
    pub outcome: RunOutcome,
    /// Why it failed, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// What it found out, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
    /// The commands that do the same again: an array of objects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commands: Option<Vec<Value>>,
}

/// The ways a run can end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum RunOutcome {
    /// It did what was asked.
    Completed,
    /// It was cancelled.
    Cancelled,
    /// It failed, or ended in a way that a later version knows.
    #[serde(other)]
    Failed,
}

/// A run that an agent has: under way, or ended without the server's `forgetRun`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct HeldRun {
    /// Which one.
    pub run: String,
}

/// How much of a run the server has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct RunStored {
    /// Which run.
    pub run: String,
    /// The number of its last step there; 0 for none. Those behind it are to be sent, in order.
    pub steps: u32,
}
