//! How things stand, in this protocol's words.

use pilothouse_core::{
    commands::{Command, Outcome, State},
    ids::{AgentId, SessionId},
    runs::{self, Run},
    time::Timestamp,
};

use super::messages::{
    SessionStatus, TaskMetadata, TaskResult, TaskState, TaskStatus, TaskType, TaskWaiting,
};

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
            let result = Some(TaskResult { exit_code: code, answer: None, duration_ms });
            let progress = error.is_none().then_some(100);
            (state, progress, Some(TaskMetadata { result, error, waiting: None, paused: None }))
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

/// A run as a task of that session.
pub(super) fn run_status(run: &Run, session: &str) -> TaskStatus {
    let (status, metadata) = match &run.state {
        runs::State::Pending => (TaskState::Pending, idle(run)),
        runs::State::InProgress { .. } => (TaskState::Processing, idle(run)),
        runs::State::Ended(ended) => {
            let error = run_error(&ended.outcome);
            let state = if error.is_none() { TaskState::Completed } else { TaskState::Failed };
            let began = ended.began.unwrap_or(ended.at);
            let result = Some(TaskResult {
                exit_code: None,
                answer: ended.answer.as_deref().map(Into::into),
                duration_ms: ended.at.0.saturating_sub(began.0),
            });
            let error = error.map(String::from);
            (state, Some(TaskMetadata { result, error, waiting: None, paused: None }))
        }
    };
    TaskStatus {
        task_id: run.id.as_str().into(),
        session_id: session.into(),
        agent_id: run.agent.as_str().into(),
        status,
        task_type: TaskType::BrowserAutomation,
        progress: (status != TaskState::Failed).then(|| run_progress(run)),
        metadata,
    }
}

/// Why a run does nothing just now, if it does not.
fn idle(run: &Run) -> Option<TaskMetadata> {
    let waiting = run.waits.as_ref().map(|wait| TaskWaiting {
        wait_id: wait.id.as_ref().into(),
        kind: wait.kind.as_str().into(),
        text: wait.text.as_ref().into(),
        since: moment(wait.since),
        until: wait.until.map(moment),
    });
    let paused = run.paused.then_some(true);
    let is_idle = waiting.is_some() || run.paused;
    is_idle.then_some(TaskMetadata { result: None, error: None, waiting, paused })
}

/// The stage of a run: what it waits for, or what it did last.
pub(super) fn run_stage(run: &Run) -> Option<&str> {
    let waits = run.waits.as_ref().map(|wait| &*wait.text);
    waits.or(run.paused.then_some("paused")).or(run.stage.as_deref())
}

/// How far a run is, as far as anybody can say: where its steps are among those that it may take.
pub(super) fn run_progress(run: &Run) -> u8 {
    match &run.state {
        runs::State::Pending => 0,
        runs::State::Ended(_) => 100,
        runs::State::InProgress { .. } => {
            let percent = u64::from(run.steps) * 100 / u64::from(run.limits.steps.max(1));
            u8::try_from(percent.min(99)).unwrap_or(99)
        }
    }
}

/// Why a run did not do what was asked.
pub(super) fn run_error(outcome: &runs::Outcome) -> Option<&str> {
    match outcome {
        runs::Outcome::Completed => None,
        runs::Outcome::Failed { error } => Some(error),
        runs::Outcome::Cancelled => Some("cancelled"),
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
