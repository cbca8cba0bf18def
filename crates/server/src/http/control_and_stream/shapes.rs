//! What this family's front ends read.

use pilothouse_core::{
    commands::{Command, Ended, Priority, Standing, State},
    readiness::Readiness,
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

/// One task: a command, as long as there are no others.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Task {
    #[schema(example = "cmd-0hf3q6k2v1a8b7c6d5")]
    id: String,
    session_id: String,
    agent_id: String,
    /// `PENDING`, `PROCESSING`, `COMPLETED` or `FAILED`.
    #[schema(value_type = String, example = "COMPLETED")]
    status: &'static str,
    /// `LOW`, `MEDIUM` or `HIGH`.
    #[schema(value_type = String, example = "MEDIUM")]
    priority: &'static str,
    /// What is to be done.
    task_description: String,
    /// 100 once it is done.
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
    exit_code: Option<i32>,
    /// How long it ran, in milliseconds.
    execution_time: u64,
}

impl Task {
    pub(super) fn new(command: &Command, session: &str) -> Self {
        let ended = ended(command);
        let (exit_code, _, error) = ended.map_or((None, None, None), |it| end(&it.outcome));
        let status = status(command);
        let execution_time =
            |ended: &Ended| u64::try_from(ended.ran_for.as_millis()).unwrap_or(u64::MAX);
        // Who interrupted it wanted it so; that it did not do what it was to do is an error here all the same.
        let interrupted = (Standing::of(&command.state) == Standing::Interrupted)
            .then(|| "somebody interrupted it".to_owned());
        Self {
            id: command.id.to_string(),
            session_id: session.to_owned(),
            agent_id: command.agent.to_string(),
            status,
            priority: match command.priority {
                Priority::High => "HIGH",
                Priority::Normal => "MEDIUM",
                Priority::Low => "LOW",
            },
            task_description: command.line.to_string(),
            progress: if status == "COMPLETED" { 100 } else { 0 },
            result: ended.map(|it| TaskResult { exit_code, execution_time: execution_time(it) }),
            error: error.or(interrupted),
            created_at: moment(command.requested_at),
            started_at: began(&command.state).map(moment),
            completed_at: ended.map(|ended| moment(ended.at)),
        }
    }
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
    #[schema(value_type = String, example = "command")]
    message_type: &'static str,
    #[schema(value_type = String, example = "text")]
    input_method: &'static str,
    has_executable_task: bool,
    task_description: Option<String>,
}

impl Message {
    /// What was asked, and once that ended, how.
    pub(super) fn of(command: &Command, session: &str) -> Vec<Self> {
        let line = command.line.to_string();
        let asked = Self {
            id: format!("{}-asked", command.id),
            session_id: session.to_owned(),
            role: "user",
            content: line.clone(),
            timestamp: moment(command.requested_at),
            message_type: "command",
            input_method: "text",
            has_executable_task: true,
            task_description: Some(line),
        };
        let answered = ended(command).map(|ended| Self {
            id: format!("{}-ended", command.id),
            session_id: session.to_owned(),
            role: "agent",
            content: match end(&ended.outcome).2 {
                Some(error) => format!("failed: {error}"),
                None => Standing::of(&command.state).as_str().to_owned(),
            },
            timestamp: moment(ended.at),
            message_type: "result",
            input_method: "text",
            has_executable_task: false,
            task_description: None,
        });
        [Some(asked), answered].into_iter().flatten().collect()
    }
}
