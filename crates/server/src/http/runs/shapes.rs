//! Runs and their steps as these routes tell them.

use std::sync::Arc;

use pilothouse_core::runs::{Outcome, Run, State, StoredStep, Wait};
use pilothouse_protocols::{agent_link::conversions::milliseconds, sessions_and_workers::moment};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// A run.
#[derive(Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Run)]
pub(super) struct RunShape {
    #[schema(example = "run-0hf3q6k2v1a8b7c6d5")]
    id: String,
    /// `PENDING`, `INPROGRESS`, `COMPLETED`, `FAILED` or `CANCELLED`.
    #[schema(value_type = String, example = "COMPLETED")]
    status: &'static str,
    agent_id: String,
    /// In which session's browser, if not in one of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    session_id: Option<String>,
    /// What is to be done, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    task: Option<String>,
    /// The actions to do, as whoever asked for the run wrote them.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<Object>>)]
    script: Option<Value>,
    /// The id of whoever asked for it.
    user_id: String,
    /// The name of whoever asked for it.
    requested_by: String,
    requested_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    started_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_at: Option<String>,
    /// How many steps it has taken.
    step_count: u32,
    /// How many it may take.
    max_steps: u32,
    /// How long it may take, in milliseconds.
    timeout: u64,
    /// How its last step was explained.
    #[serde(skip_serializing_if = "Option::is_none")]
    stage: Option<String>,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    /// What it found out, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    answer: Option<String>,
    /// The commands that do the same again.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<Object>>)]
    commands: Option<Value>,
    /// What its browser is called by routes and doors that are about the browsers of sessions: as its session, or as the run.
    browser_id: String,
    /// Whether what its browser sends away needs somebody's leave.
    approval: bool,
    /// Hosts that need none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    allowed_hosts: Vec<String>,
    /// Whether what its script points at is looked for by role and name where it moved.
    heals: bool,
    /// Whether it holds still until somebody resumes it.
    paused: bool,
    /// What it waits for, if it waits for a person.
    #[serde(skip_serializing_if = "Option::is_none")]
    waiting: Option<WaitShape>,
    /// How long it was paused or waited for people until it went on last, in milliseconds. `timeout` does not count this.
    idle_time: u64,
}

/// What a run waits for.
#[derive(Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = RunWait)]
pub(super) struct WaitShape {
    /// What an answer has to name.
    id: String,
    /// `question`, which takes a reply, or `approval`, which takes a decision.
    #[schema(value_type = String, example = "approval")]
    kind: &'static str,
    /// The question, or what is about to be sent.
    text: String,
    since: String,
    /// When the run goes on without an answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<String>,
    /// The method of the request that is held back.
    #[serde(skip_serializing_if = "Option::is_none")]
    method: Option<String>,
    /// Where it would go.
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
}

impl From<&Wait> for WaitShape {
    fn from(wait: &Wait) -> Self {
        let request = wait.request.as_ref();
        Self {
            id: wait.id.to_string(),
            kind: wait.kind.as_str(),
            text: wait.text.to_string(),
            since: moment(wait.since),
            until: wait.until.map(moment),
            method: request.map(|request| request.method.to_string()),
            url: request.map(|request| request.url.to_string()),
        }
    }
}

impl From<&Run> for RunShape {
    fn from(run: &Run) -> Self {
        let text = |text: &Arc<str>| text.to_string();
        let ended = match &run.state {
            State::Ended(ended) => Some(ended),
            State::Pending | State::InProgress { .. } => None,
        };
        let error = ended.and_then(|ended| match &ended.outcome {
            Outcome::Failed { error } => Some(error),
            Outcome::Completed | Outcome::Cancelled => None,
        });
        Self {
            id: run.id.to_string(),
            status: run.state.name(),
            agent_id: run.agent.to_string(),
            session_id: run.session.as_ref().map(ToString::to_string),
            task: run.task.as_ref().map(text),
            script: run.script.as_deref().map(json),
            user_id: text(&run.user),
            requested_by: text(&run.requested_by),
            requested_at: moment(run.requested_at),
            started_at: run.state.began().map(moment),
            ended_at: ended.map(|ended| moment(ended.at)),
            step_count: run.steps,
            max_steps: run.limits.steps,
            timeout: milliseconds(run.limits.time),
            stage: run.stage.as_ref().map(text),
            error: error.map(text),
            answer: ended.and_then(|ended| ended.answer.as_ref()).map(text),
            commands: ended.and_then(|ended| ended.commands.as_deref()).map(json),
            browser_id: run.browser().to_string(),
            approval: run.approval,
            allowed_hosts: run.allowed.iter().map(text).collect(),
            heals: run.heals,
            paused: run.paused,
            waiting: run.waits.as_ref().map(WaitShape::from),
            idle_time: milliseconds(run.idle.past),
        }
    }
}

/// One step of a run.
#[derive(Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = RunStep)]
pub(super) struct StepShape {
    /// From 1 without holes.
    number: u32,
    /// What was done; `type` says what the rest is.
    #[schema(value_type = Object)]
    action: Value,
    /// Why.
    explanation: String,
    at: String,
    /// Whether there is a picture of the page. Old ones go.
    has_screenshot: bool,
}

impl From<&StoredStep> for StepShape {
    fn from(StoredStep { step, has_screenshot }: &StoredStep) -> Self {
        Self {
            number: step.number,
            action: json(&step.action),
            explanation: step.explanation.to_string(),
            at: moment(step.at),
            has_screenshot: *has_screenshot,
        }
    }
}

/// What was JSON when it came in; what is not any more is told as a text.
pub(super) fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned()))
}
