//! The parts of control messages that are about workers.

use serde::{Deserialize, Serialize};

use super::messages::Stream;

/// A terminal's size in cells, each side from 1 to 1000.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Size {
    /// Its width.
    pub columns: u16,
    /// Its height.
    pub rows: u16,
}

/// What an agent worker does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum Activity {
    /// It works.
    Active,
    /// It waits for nothing in particular.
    Idle,
    /// It asks a person something.
    Asking,
    /// Nothing was seen yet, or a state of a later version.
    #[default]
    #[serde(other)]
    #[cfg_attr(test, schemars(skip))]
    Unknown,
}

/// All that is needed to start a worker's process in a terminal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Spawn {
    /// The worker's stream; its epoch is the life that begins.
    pub stream: Stream,
    /// The worker's session.
    pub session: String,
    /// The line for `/bin/sh -c`; the user's login shell if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<String>,
    /// The directory to run in, absolute.
    pub directory: String,
    /// Extra environment variables, in order.
    #[serde(default)]
    pub environment: Vec<(String, String)>,
    /// The terminal's size.
    #[serde(flatten)]
    pub size: Size,
    /// Whether its activity is watched.
    #[serde(default)]
    pub is_agent: bool,
    /// Regular expressions that tell when it asks something.
    #[serde(default)]
    pub asking_patterns: Vec<String>,
}

/// How a worker's process ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct WorkerExit {
    /// The exit code; 128 + n for death by signal n.
    pub code: i32,
    /// The signal's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signal: Option<String>,
    /// In words, if the process did not end by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// When, in milliseconds since 1970 by the agent's clock.
    pub ended_at: u64,
}

/// A worker in an agent's journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct HeldWorker {
    /// Which life of which worker.
    pub stream: Stream,
    /// When its process started, in milliseconds since 1970.
    pub started_at: u64,
    /// The first byte of output that the agent still has.
    #[serde(default)]
    pub first_position: u64,
    /// The byte after the last one it has.
    #[serde(default)]
    pub next_position: u64,
    /// How it ended, if it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<WorkerExit>,
    /// What it does.
    #[serde(default)]
    pub activity: Activity,
    /// The terminal's size.
    #[serde(flatten)]
    pub size: Size,
}

/// `sizeOwner`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct SizeOwner {
    /// Which life of which worker.
    pub stream: Stream,
    /// Whose size its terminal has, as the server named the viewer; absent if nobody who is there decided on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub viewer: Option<String>,
}
