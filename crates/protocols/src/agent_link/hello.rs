//! How an agent introduces itself.

use serde::{Deserialize, Serialize};

use super::{browsers::Browser, messages::Ended, runs::HeldRun, workers::HeldWorker};

/// An agent's introduction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Hello {
    /// The newest version of the protocol the agent speaks.
    pub version: u32,
    /// The oldest; the same as `version` if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oldest: Option<u32>,
    /// What it can do beyond its version.
    #[serde(default)]
    pub features: Vec<String>,
    /// The SHA-256 of the key it wants to be known by from now on, in hexadecimal. Since version 2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Not the agent itself but the witness of its death. Since version 2.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub witness: bool,
    /// Who it is.
    pub agent: String,
    /// Which life of its process this is.
    pub incarnation: String,
    /// What it says of itself.
    pub profile: Profile,
    /// Every command in its journal.
    #[serde(default)]
    pub commands: Vec<HeldCommand>,
    /// Every worker in its journal. Since version 2.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub workers: Vec<HeldWorker>,
    /// Every browser it has. Servers that do not know them ignore it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub browsers: Vec<Browser>,
    /// Every run it has, of an agent with the feature `runs`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub runs: Vec<HeldRun>,
}

/// What an agent says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Profile {
    /// For people; the id if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// `shell`, `claude`, `codex`, …
    pub agent_type: String,
    /// The agent program's version.
    #[serde(default)]
    pub version: String,
    /// Operating system and machine.
    #[serde(default)]
    pub platform: String,
    /// The machine's name.
    #[serde(default)]
    pub host: String,
    /// `commands`, `terminals`, `browser`.
    #[serde(default)]
    pub capabilities: Vec<String>,
}

/// A command in an agent's journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct HeldCommand {
    /// Which one.
    pub command: String,
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
    pub ended: Option<Ended>,
}
