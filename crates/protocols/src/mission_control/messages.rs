//! Every message of the mission control protocol. Clients say nothing that means anything.

use serde::{Deserialize, Serialize};

/// What the server says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "payload")]
#[cfg_attr(
    test,
    derive(ts_rs::TS, schemars::JsonSchema),
    ts(export, export_to = "mission_control.ts")
)]
pub enum ServerMessage {
    /// An agent came, went, got into trouble, or out of it.
    #[serde(rename = "agent:status")]
    AgentStatus(AgentStatus),
    /// A session said something.
    #[serde(rename = "session:activity")]
    SessionActivity(SessionActivity),
    /// The server lives.
    #[serde(rename = "heartbeat")]
    Heartbeat(Heartbeat),
}

/// `agent:status`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(
    test,
    derive(ts_rs::TS, schemars::JsonSchema),
    ts(export, export_to = "mission_control.ts")
)]
pub struct AgentStatus {
    /// Which agent.
    pub agent_id: String,
    /// How it is now.
    pub status: Presence,
    /// When that began, in milliseconds since 1970.
    pub timestamp: u64,
}

/// How an agent is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(
    test,
    derive(ts_rs::TS, schemars::JsonSchema),
    ts(export, export_to = "mission_control.ts")
)]
pub enum Presence {
    /// There and well, whether it works or not.
    Online,
    /// Not there.
    Offline,
    /// There, but something is wrong with it.
    Error,
}

/// `session:activity`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(
    test,
    derive(ts_rs::TS, schemars::JsonSchema),
    ts(export, export_to = "mission_control.ts")
)]
pub struct SessionActivity {
    /// On which agent.
    pub agent_id: String,
    /// A session's id, or a command's.
    pub session_id: String,
    /// The last visible line, of at most 200 characters.
    pub last_message: String,
    /// When it was said, in milliseconds since 1970.
    pub timestamp: u64,
}

/// `heartbeat`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(
    test,
    derive(ts_rs::TS, schemars::JsonSchema),
    ts(export, export_to = "mission_control.ts")
)]
pub struct Heartbeat {
    /// The server's time, in milliseconds since 1970.
    pub timestamp: u64,
}
