//! How commands end, as it is on the wire.

use serde::{Deserialize, Serialize};

/// How a command ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Ended {
    /// How.
    #[serde(flatten)]
    pub outcome: Outcome,
    /// When, in milliseconds since 1970 by the agent's clock.
    pub ended_at: u64,
    /// How long the process lived, in milliseconds.
    #[serde(default)]
    pub ran_for: u64,
}

/// The ways a command can end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(tag = "outcome", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Outcome {
    /// By itself.
    Exited {
        /// The exit code; 128 + n for death by signal n.
        code: i32,
        /// The signal's name.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        signal: Option<String>,
    },
    /// By an `interrupt`.
    Interrupted {
        /// The exit code of a process that was there to be ended.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        code: Option<i32>,
    },
    /// By its time limit.
    TimedOut {
        /// The exit code of the ended process.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        code: Option<i32>,
    },
    /// It never ran.
    NotStarted {
        /// Why, for people.
        reason: String,
    },
    /// With the agent process that owned it.
    AgentLost,
}
