//! `/api/agent/…`: runs as the runs protocol's own front ends make and list them.

use axum::{Json, http::StatusCode};
use pilothouse_core::runs::{Create, Outcome, Run, RunFilter, RunPage, State, StoredStep};
use pilothouse_protocols::sessions_and_workers::moment;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::{
    Asker,
    acts::make,
    reply::{Body, Failure},
    shapes::json,
};
use crate::http::json_body::JsonBody;

/// How many runs are told at most, each with all of its steps.
const MOST: usize = 100;
const MOST_STEPS: usize = 1_000;

/// The run to be.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ObjectiveBody {
    /// What is to be done, in words.
    run_objective: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub(super) struct RunCreated {
    /// Always `success`.
    #[schema(value_type = String)]
    status: &'static str,
    data: CreatedId,
}

#[derive(Serialize, ToSchema)]
struct CreatedId {
    id: String,
}

#[derive(Serialize, ToSchema)]
pub(super) struct AllRuns {
    /// Always `success`.
    #[schema(value_type = String)]
    status: &'static str,
    /// How many there are here.
    results: usize,
    data: AgentRuns,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct AgentRuns {
    /// The newest first.
    agent_runs: Vec<AgentRun>,
}

/// A run in the words of these front ends.
#[derive(Serialize, ToSchema)]
struct AgentRun {
    id: String,
    user_id: String,
    run_objective: String,
    started_at: String,
    completed_at: Option<String>,
    /// `PENDING`, `INPROGRESS`, `COMPLETED`, `FAILED` or `CANCELLED`.
    #[schema(value_type = String)]
    status: &'static str,
    /// Null while there are none.
    steps: Option<AgentSteps>,
    #[schema(value_type = Option<Vec<Object>>)]
    commands: Option<Value>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct AgentSteps {
    steps: Vec<AgentStep>,
    /// What the run found out, or why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    final_answer: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct AgentStep {
    number: u32,
    /// In words, or its type.
    action: String,
    explanation: String,
}

/// Make a run of a task.
#[utoipa::path(
    post, path = "/api/agent/create-run", request_body = ObjectiveBody,
    responses((status = 201, body = RunCreated)),
)]
pub(super) async fn create(
    Asker { shared, caller }: Asker,
    JsonBody(body, ..): Body<ObjectiveBody>,
) -> Result<(StatusCode, Json<RunCreated>), Failure> {
    let objective = body.run_objective.filter(|objective| !objective.trim().is_empty());
    let objective = objective.ok_or_else(|| Failure::invalid("Run objective is required"))?;
    let create = Create { task: Some(objective.into()), ..Create::default() };
    let id = make(&shared, &caller, create).await?.to_string();
    Ok((StatusCode::CREATED, Json(RunCreated { status: "success", data: CreatedId { id } })))
}

/// The newest hundred runs with their steps.
#[utoipa::path(get, path = "/api/agent/all-runs", responses((status = 200, body = AllRuns)))]
pub(super) async fn list(Asker { shared, .. }: Asker) -> Result<Json<AllRuns>, Failure> {
    let page = RunPage { before: None, limit: MOST };
    let runs = shared.runs.runs(&RunFilter::default(), &page).await?;
    let mut agent_runs = Vec::with_capacity(runs.len());
    for run in &runs {
        let steps = match run.steps {
            0 => Vec::new(),
            _ => shared.runs.steps(&run.id, 0, MOST_STEPS).await?,
        };
        agent_runs.push(agent_run(run, &steps));
    }
    let (results, data) = (agent_runs.len(), AgentRuns { agent_runs });
    Ok(Json(AllRuns { status: "success", results, data }))
}

fn agent_run(run: &Run, steps: &[StoredStep]) -> AgentRun {
    let ended = match &run.state {
        State::Ended(ended) => Some(ended),
        State::Pending | State::InProgress { .. } => None,
    };
    let final_answer = ended.and_then(|ended| match &ended.outcome {
        Outcome::Failed { error } => Some(error.to_string()),
        Outcome::Completed | Outcome::Cancelled => ended.answer.as_deref().map(str::to_owned),
    });
    let steps: Vec<_> = steps.iter().map(agent_step).collect();
    AgentRun {
        id: run.id.to_string(),
        user_id: run.user.to_string(),
        run_objective: run.task.as_deref().unwrap_or_default().to_owned(),
        started_at: moment(run.state.began().unwrap_or(run.requested_at)),
        completed_at: ended.map(|ended| moment(ended.at)),
        status: run.state.name(),
        steps: (!steps.is_empty() || final_answer.is_some())
            .then_some(AgentSteps { steps, final_answer }),
        commands: ended.and_then(|ended| ended.commands.as_deref()).map(json),
    }
}

fn agent_step(StoredStep { step, .. }: &StoredStep) -> AgentStep {
    let action = json(&step.action);
    let words = ["action", "type"].iter().find_map(|name| action.get(name)?.as_str());
    AgentStep {
        number: step.number,
        action: words.unwrap_or_default().to_owned(),
        explanation: step.explanation.to_string(),
    }
}
