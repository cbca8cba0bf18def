//! What commands write: as it comes, and again for somebody who missed it.

use serde::{Deserialize, Serialize};

/// Which output of a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema), ts(export, export_to = "dashboard.ts"))]
pub enum OutputStream {
    /// File descriptor 1.
    Stdout,
    /// File descriptor 2.
    Stderr,
}

/// `terminal:output`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(
    test,
    derive(ts_rs::TS, schemars::JsonSchema),
    ts(export, export_to = "dashboard.ts", optional_fields)
)]
pub struct TerminalOutput {
    /// Which command wrote it.
    pub command_id: String,
    /// On which agent.
    pub agent_id: String,
    /// What it wrote.
    pub data: String,
    /// Where it wrote it.
    pub stream: OutputStream,
    /// Counts from 1 over both streams of the command.
    pub sequence: u64,
    /// Present when output is missing here; `data` then says so in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gap: Option<Gap>,
}

/// A hole in a command's output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(
    test,
    derive(ts_rs::TS, schemars::JsonSchema),
    ts(export, export_to = "dashboard.ts", optional_fields)
)]
pub struct Gap {
    /// The sequence of the next output.
    pub next_sequence: u64,
    /// The first missing byte of the command's output.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from_position: Option<u64>,
    /// The first byte that is there again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to_position: Option<u64>,
}

/// `output:resume`
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(
    test,
    derive(ts_rs::TS, schemars::JsonSchema),
    ts(export, export_to = "dashboard.ts", optional_fields)
)]
pub struct OutputResume {
    /// Whose output.
    pub command_id: String,
    /// The number of the last output that is there; 0 for all of it.
    pub after_sequence: u64,
    /// Echoed in the page and in errors.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}

/// `output:page`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(
    test,
    derive(ts_rs::TS, schemars::JsonSchema),
    ts(export, export_to = "dashboard.ts", optional_fields)
)]
pub struct OutputPage {
    /// Whose output.
    pub command_id: String,
    /// On which agent.
    pub agent_id: String,
    /// In order. Where a number is missing, that output is not kept any more.
    pub records: Vec<OutputRecord>,
    /// Whether this was all there is: what comes later comes as `terminal:output`.
    pub is_last: bool,
    /// As in the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}

/// A piece of a command's output in an `output:page`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema), ts(export, export_to = "dashboard.ts"))]
pub struct OutputRecord {
    /// What it wrote.
    pub data: String,
    /// Where it wrote it.
    pub stream: OutputStream,
    /// Counts from 1 over both streams of the command.
    pub sequence: u64,
}
