//! What waits for a person, as a dashboard hears of it that asked to.

use pilothouse_core::attention::{Event, Subject};
use serde::{Deserialize, Serialize};

/// `attention:changed`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(
    test,
    derive(ts_rs::TS, schemars::JsonSchema),
    ts(export, export_to = "dashboard.ts", optional_fields)
)]
pub struct AttentionChanged {
    /// `agent`, `command`, `run` or `worker`.
    pub subject_type: String,
    /// Which one.
    pub subject_id: String,
    /// Whether it waits for a person now; false when it was answered or dismissed, or is over.
    pub waits: bool,
    /// On which agent. Of what waits only, as all below.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent_id: Option<String>,
    /// `commandFailed`, `agentLost`, `agentTrouble`, `workerAsks`, `workerFailed`, `runFailed`, `runAsks` or
    /// `runWantsApproval`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// For people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

impl From<&Event> for AttentionChanged {
    fn from(event: &Event) -> Self {
        let (subject, item) = match event {
            Event::Raised(item) => (&item.subject, Some(item)),
            Event::Cleared(subject) => (subject, None),
        };
        let (subject_type, subject_id) = match subject {
            Subject::Agent(agent) => ("agent", agent.as_str()),
            Subject::Command(command) => ("command", command.as_str()),
            Subject::Run(run) => ("run", run.as_str()),
            Subject::Worker(worker) => ("worker", worker.as_str()),
        };
        Self {
            subject_type: subject_type.into(),
            subject_id: subject_id.into(),
            waits: item.is_some(),
            agent_id: item.map(|item| item.agent.to_string()),
            reason: item.map(|item| item.reason.name().into()),
            text: item.map(|item| item.text.to_string()),
        }
    }
}
