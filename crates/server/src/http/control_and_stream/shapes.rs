//! What this family's front ends read.

use pilothouse_core::{
    commands::{Command, Ended, Priority, Standing, State},
    readiness::Readiness,
    runs::{self, Outcome, Run},
    time::Timestamp,
};
use pilothouse_protocols::sessions_and_workers::moment;
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::commands::{began, end};

/// Whether pictures flow.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ReadyReply {
    /// `ready` while pictures flow, `ended` when they did, `queued` before that, `not_found`.
    #[schema(value_type = String, example = "ready")]
    pub(super) status: &'static str,
    pub(super) ready: bool,
    pub(super) browser_ready: bool,
    pub(super) worker_ready: bool,
    pub(super) timestamp: String,
}

impl ReadyReply {
    /// How a stream stands of which that much is known.
    pub(super) fn new(known: Option<&Readiness>, has_session: bool, now: Timestamp) -> Self {
        let is_live = known.is_some_and(Readiness::is_live);
        let status = match (known, has_session) {
            (Some(_), _) if is_live => "ready",
            (Some(known), _) => known.status(),
            (None, true) => "queued",
            (None, false) => "not_found",
        };
        Self {
            status,
            ready: is_live,
            browser_ready: is_live,
            worker_ready: is_live,
            timestamp: moment(now),
        }
    }
}

/// One task: a command, or a run.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Task {
    #[schema(example = "cmd-0hf3q6k2v1a8b7c6d5")]
    id: String,
    session_id: String,
    agent_id: String,
    /// What its front ends know is one kind.
    #[serde(rename = "taskType")]
    #[schema(value_type = String, example = "BROWSER_AUTOMATION")]
    kind: &'static str,
    /// `PENDING`, `PROCESSING`, `COMPLETED` or `FAILED`.
    #[schema(value_type = String, example = "COMPLETED")]
    status: &'static str,
    /// `LOW`, `MEDIUM` or `HIGH`.
    #[schema(value_type = String, example = "MEDIUM")]
    priority: &'static str,
    /// What is to be done.
    #[serde(rename = "taskDescription")]
    description: String,
    /// How far it is in percent: 100 once it is done.
    progress: u8,
    /// How it ended, if it did.
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<TaskResult>,
    /// What went wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    created_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    started_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    completed_at: Option<String>,
}

/// How a task ended.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct TaskResult {
    /// Of a command.
    #[serde(skip_serializing_if = "Option::is_none")]
    exit_code: Option<i32>,
    /// What a run found out.
    #[serde(skip_serializing_if = "Option::is_none")]
    answer: Option<String>,
    /// How long it took, in milliseconds.
    duration_ms: u64,
}

/// What every task has.
const TASK_TYPE: &str = "BROWSER_AUTOMATION";
/// What both kinds say that somebody did not want any more.
const INTERRUPTED: &str = "somebody interrupted it";

impl Task {
    pub(super) fn new(command: &Command, session: &str) -> Self {
        let ended = ended(command);
        let (exit_code, _, error) = ended.map_or((None, None, None), |it| end(&it.outcome));
        let status = status(command);
        let duration_ms =
            |ended: &Ended| u64::try_from(ended.ran_for.as_millis()).unwrap_or(u64::MAX);
        // Who interrupted it wanted it so; that it did not do what it was to do is an error here all the same.
        let interrupted =
            (Standing::of(&command.state) == Standing::Interrupted).then(|| INTERRUPTED.to_owned());
        Self {
            id: command.id.to_string(),
            session_id: session.to_owned(),
            agent_id: command.agent.to_string(),
            kind: TASK_TYPE,
            status,
            priority: match command.priority {
                Priority::High => "HIGH",
                Priority::Normal => "MEDIUM",
                Priority::Low => "LOW",
            },
            description: command.line.to_string(),
            progress: if status == "COMPLETED" { 100 } else { 0 },
            result: ended.map(|it| TaskResult {
                exit_code,
                answer: None,
                duration_ms: duration_ms(it),
            }),
            error: error.or(interrupted),
            created_at: moment(command.requested_at),
            started_at: began(&command.state).map(moment),
            completed_at: ended.map(|ended| moment(ended.at)),
        }
    }
}

impl Task {
    /// A run in the words of this family.
    pub(super) fn of_run(run: &Run, session: &str) -> Self {
        let ended = match &run.state {
            runs::State::Ended(ended) => Some(ended),
            runs::State::Pending | runs::State::InProgress { .. } => None,
        };
        let status = match run.state.standing() {
            runs::Standing::Pending => "PENDING",
            runs::Standing::InProgress => "PROCESSING",
            runs::Standing::Completed => "COMPLETED",
            runs::Standing::Failed | runs::Standing::Cancelled => "FAILED",
        };
        let began = run.state.began();
        let took = |ended: &runs::Ended| began.map_or(0, |at| ended.at.0.saturating_sub(at.0));
        Self {
            id: run.id.to_string(),
            session_id: session.to_owned(),
            agent_id: run.agent.to_string(),
            kind: TASK_TYPE,
            status,
            priority: "MEDIUM",
            description: words_of(run),
            progress: if status == "COMPLETED" { 100 } else { percent(run) },
            result: ended.map(|ended| TaskResult {
                exit_code: None,
                answer: ended.answer.as_deref().map(str::to_owned),
                duration_ms: took(ended),
            }),
            error: ended.and_then(|ended| match &ended.outcome {
                Outcome::Completed => None,
                Outcome::Failed { error } => Some(error.to_string()),
                Outcome::Cancelled => Some(INTERRUPTED.to_owned()),
            }),
            created_at: moment(run.requested_at),
            started_at: began.map(moment),
            completed_at: ended.map(|ended| moment(ended.at)),
        }
    }
}

impl Task {
    /// How it ended, in a line.
    fn outcome(&self) -> String {
        let answer = self.result.as_ref().and_then(|result| result.answer.clone());
        match &self.error {
            Some(error) => format!("failed: {error}"),
            None => answer.unwrap_or_else(|| "completed".to_owned()),
        }
    }
}

/// What a run is to do, in words if it was said in words.
fn words_of(run: &Run) -> String {
    run.task.as_deref().or(run.script.as_deref()).unwrap_or_default().to_owned()
}

/// How many of the steps that it may take a run has taken; one that has not ended is not at its end.
fn percent(run: &Run) -> u8 {
    let share = u64::from(run.steps) * 100 / u64::from(run.limits.steps.max(1));
    u8::try_from(share.min(99)).unwrap_or(99)
}

fn ended(command: &Command) -> Option<&Ended> {
    match &command.state {
        State::Ended(ended) => Some(ended),
        State::Queued | State::Running { .. } => None,
    }
}

/// A task's state in this family's words.
pub(super) fn status(command: &Command) -> &'static str {
    match Standing::of(&command.state) {
        Standing::Queued => "PENDING",
        Standing::Running => "PROCESSING",
        Standing::Completed => "COMPLETED",
        Standing::Failed | Standing::Interrupted => "FAILED",
    }
}

/// One line of what was asked and what came of it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Message {
    id: String,
    session_id: String,
    /// `user` or `agent`.
    #[schema(value_type = String, example = "user")]
    role: &'static str,
    content: String,
    timestamp: String,
    #[serde(rename = "messageType")]
    #[schema(value_type = String, example = "command")]
    kind: &'static str,
    #[schema(value_type = String, example = "text")]
    input_method: &'static str,
    has_executable_task: bool,
    task_description: Option<String>,
}

impl Message {
    /// What was asked, and once that ended, how.
    pub(super) fn of(task: &Task) -> Vec<Self> {
        let asked = Self {
            id: format!("{}-asked", task.id),
            session_id: task.session_id.clone(),
            role: "user",
            content: task.description.clone(),
            timestamp: task.created_at.clone(),
            kind: "command",
            input_method: "text",
            has_executable_task: true,
            task_description: Some(task.description.clone()),
        };
        let answered = task.completed_at.as_ref().map(|at| Self {
            id: format!("{}-ended", task.id),
            session_id: task.session_id.clone(),
            role: "agent",
            content: task.outcome(),
            timestamp: at.clone(),
            kind: "result",
            input_method: "text",
            has_executable_task: false,
            task_description: None,
        });
        [Some(asked), answered].into_iter().flatten().collect()
    }
}
