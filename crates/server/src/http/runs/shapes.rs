//! Runs and their steps as these routes tell them.

use std::sync::Arc;

use pilothouse_core::runs::{Outcome, Run, State, StoredStep};
use pilothouse_protocols::sessions_and_workers::moment;
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
            timeout: u64::try_from(run.limits.time.as_millis()).unwrap_or(u64::MAX),
            stage: run.stage.as_ref().map(text),
            error: error.map(text),
            answer: ended.and_then(|ended| ended.answer.as_ref()).map(text),
            commands: ended.and_then(|ended| ended.commands.as_deref()).map(json),
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
