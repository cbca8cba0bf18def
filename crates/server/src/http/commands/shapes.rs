//! A command as our own routes tell it.

use std::collections::BTreeMap;

use pilothouse_core::{
    commands::{Command, Ended, Outcome, Priority, Standing, State},
    time::Timestamp,
};
use pilothouse_protocols::sessions_and_workers::moment;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Which of the waiting commands goes first. Inside one class it is first come, first served.
#[derive(Serialize, Deserialize, ToSchema, Clone, Copy, Default)]
#[serde(rename_all = "lowercase")]
#[schema(as = Priority)]
pub(in crate::http) enum PriorityName {
    High,
    #[default]
    Normal,
    Low,
}

impl From<PriorityName> for Priority {
    fn from(name: PriorityName) -> Self {
        match name {
            PriorityName::High => Self::High,
            PriorityName::Normal => Self::Normal,
            PriorityName::Low => Self::Low,
        }
    }
}

impl From<Priority> for PriorityName {
    fn from(priority: Priority) -> Self {
        match priority {
            Priority::High => Self::High,
            Priority::Normal => Self::Normal,
            Priority::Low => Self::Low,
        }
    }
}

/// A command.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Command)]
pub(super) struct CommandShape {
    #[schema(example = "cmd-0hf3q6k2v1a8b7c6d5")]
    pub(super) id: String,
    agent_id: String,
    /// The command line.
    command: String,
    /// `queued`, `running`, `completed`, `failed` or `interrupted`.
    #[schema(value_type = String, example = "completed")]
    status: &'static str,
    priority: PriorityName,
    /// The directory it runs in; the agent's own if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    directory: Option<String>,
    /// Extra variables, if there are any. Of a variable that is given several times, the last counts.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    environment: BTreeMap<String, String>,
    /// Its time limit in milliseconds.
    timeout: u64,
    /// The name of whoever asked for it.
    requested_by: String,
    requested_at: String,
    /// What the requester calls it.
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<String>,
    /// Of one that waits: 1 is the next to run.
    #[serde(skip_serializing_if = "Option::is_none")]
    queue_position: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    started_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_at: Option<String>,
    /// How long its process lived, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    execution_time: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    exit_code: Option<i32>,
    /// The signal that ended it, such as `SIGSEGV`.
    #[serde(skip_serializing_if = "Option::is_none")]
    signal: Option<String>,
    /// Why it failed, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

impl CommandShape {
    /// A command with its place in the queue, if it has one.
    pub(super) fn new(command: &Command, queue_position: Option<usize>) -> Self {
        let ended = match &command.state {
            State::Ended(ended) => Some(ended),
            State::Queued | State::Running { .. } => None,
        };
        let (exit_code, signal, error) = ended.map_or((None, None, None), |it| end(&it.outcome));
        let pair = |(name, value): &(_, _)| (text(name), text(value));
        Self {
            id: command.id.to_string(),
            agent_id: command.agent.to_string(),
            command: command.line.to_string(),
            status: Standing::of(&command.state).as_str(),
            priority: command.priority.into(),
            directory: command.directory.as_ref().map(text),
            environment: command.environment.iter().map(pair).collect(),
            timeout: milliseconds(command.timeout),
            requested_by: command.requested_by.to_string(),
            requested_at: moment(command.requested_at),
            request_id: command.request_id.as_ref().map(text),
            queue_position: queue_position.filter(|_| command.state == State::Queued),
            started_at: began(&command.state).map(moment),
            ended_at: ended.map(|ended| moment(ended.at)),
            execution_time: ended.map(|ended| milliseconds(ended.ran_for)),
            exit_code,
            signal,
            error,
        }
    }
}

fn text(text: &std::sync::Arc<str>) -> String {
    text.to_string()
}

fn milliseconds(time: std::time::Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// When its process started, as far as that follows from its state.
pub(in crate::http) fn began(state: &State) -> Option<Timestamp> {
    match state {
        State::Queued => None,
        State::Running { since } => Some(*since),
        State::Ended(Ended { ran_for, .. }) if ran_for.is_zero() => None,
        State::Ended(Ended { at, ran_for, .. }) => Some(at.before(*ran_for)),
    }
}

/// Exit code, signal, and what went wrong.
pub(in crate::http) fn end(outcome: &Outcome) -> (Option<i32>, Option<String>, Option<String>) {
    match outcome {
        Outcome::Exited { code: 0, signal: None } => (Some(0), None, None),
        Outcome::Exited { code, signal: None } => {
            (Some(*code), None, Some(format!("exited with {code}")))
        }
        Outcome::Exited { code, signal: Some(signal) } => {
            (Some(*code), Some(signal.to_string()), Some(format!("ended by {signal}")))
        }
        Outcome::Interrupted { code } => (*code, None, None),
        Outcome::TimedOut { code } => (*code, None, Some("ran longer than it may".to_owned())),
        Outcome::NotStarted { reason } => (None, None, Some(reason.to_string())),
        Outcome::AgentLost => (None, None, Some("its agent was lost".to_owned())),
    }
}
