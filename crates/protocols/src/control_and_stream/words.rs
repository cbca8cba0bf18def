//! How things stand, in this protocol's words.

use pilothouse_core::{
    commands::{Command, Outcome, State},
    ids::{AgentId, SessionId},
    time::Timestamp,
};

use super::messages::{SessionStatus, TaskMetadata, TaskResult, TaskState, TaskStatus, TaskType};

/// How long a token without an end is said to count: nobody keeps a session open for longer.
const WITHOUT_END: u64 = 365 * 24 * 60 * 60 * 1000;

/// A moment in ISO 8601.
pub(super) fn moment(at: Timestamp) -> String {
    let at = i64::try_from(at.0).ok().and_then(|at| jiff::Timestamp::from_millisecond(at).ok());
    format!("{:.3}", at.unwrap_or(jiff::Timestamp::MAX))
}

/// A session as it is, for a token that expires then.
pub(super) fn session_status(
    (session, agent): (&SessionId, &AgentId),
    is_active: bool,
    expires_at: Option<Timestamp>,
    now: Timestamp,
) -> SessionStatus {
    let expires_at = expires_at.unwrap_or(Timestamp(now.0.saturating_add(WITHOUT_END)));
    SessionStatus {
        session_id: session.as_str().into(),
        agent_id: agent.as_str().into(),
        is_active,
        expires_at: moment(expires_at),
        time_remaining: expires_at.0.saturating_sub(now.0) / 60_000,
    }
}

/// A command as a task of that session.
pub(super) fn task_status(command: &Command, session: &str) -> TaskStatus {
    let (status, progress, metadata) = match &command.state {
        State::Queued => (TaskState::Pending, Some(0), None),
        State::Running { .. } => (TaskState::Processing, Some(0), None),
        State::Ended(ended) => {
            let (code, error) = end(&ended.outcome, command);
            let duration_ms = u64::try_from(ended.ran_for.as_millis()).unwrap_or(u64::MAX);
            let state = if error.is_none() { TaskState::Completed } else { TaskState::Failed };
            let result = Some(TaskResult { exit_code: code, duration_ms });
            let progress = error.is_none().then_some(100);
            (state, progress, Some(TaskMetadata { result, error }))
        }
    };
    TaskStatus {
        task_id: command.id.as_str().into(),
        session_id: session.into(),
        agent_id: command.agent.as_str().into(),
        status,
        task_type: TaskType::BrowserAutomation,
        progress,
        metadata,
    }
}

/// The exit code, and what went wrong.
pub(super) fn end(outcome: &Outcome, command: &Command) -> (Option<i32>, Option<String>) {
    match outcome {
        Outcome::Exited { code: 0, signal: None } => (Some(0), None),
        Outcome::Exited { code, signal: None } => {
            (Some(*code), Some(format!("exited with {code}")))
        }
        Outcome::Exited { code, signal: Some(signal) } => {
            (Some(*code), Some(format!("ended by {signal}")))
        }
        Outcome::Interrupted { code } => (*code, Some("interrupted".into())),
        Outcome::TimedOut { code } => {
            let limit = command.timeout.as_millis();
            (*code, Some(format!("exceeded its time limit of {limit} ms")))
        }
        Outcome::NotStarted { reason } => (None, Some(reason.as_ref().into())),
        Outcome::AgentLost => (None, Some("its agent was lost".into())),
    }
}
