//! Runs made and cancelled.

use std::{sync::Arc, time::Duration};

use axum::{Json, extract::Path};
use pilothouse_core::{
    CoreError, Reply, Request,
    ids::{AgentId, RunId, SessionId},
    runs::{Create, Ended, Refusal, Request as Runs, Run, State},
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::{
    Asker, find,
    reply::{Body, Failure, Success},
    shapes::RunShape,
    unknown,
};
use crate::{
    desk::{self, NoAnswer},
    gateway::Shared,
    http::{json_body::JsonBody, problem::Made},
};

/// The run to be: a task, a script, or both.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({"task": "find the cheapest red shoes in size 42", "agentId": "shop-1"}))]
pub(super) struct RunBody {
    /// What is to be done, in words, at most 16 KiB.
    task: Option<String>,
    /// The actions to do, in order, at most 256 KiB of JSON.
    #[schema(value_type = Option<Vec<Object>>)]
    script: Option<Vec<Map<String, Value>>>,
    /// Who is to do it; of the connected agents that can, the one with the fewest runs if absent.
    agent_id: Option<String>,
    /// In which session's browser; one of the run's own if absent.
    session_id: Option<String>,
    /// How many steps it may take; the configured number if absent, which is also the most.
    max_steps: Option<u32>,
    /// How long it may take in milliseconds; the configured time if absent, which is also the longest. The time in which it
    /// is paused or waits for a person does not count.
    timeout: Option<u64>,
    /// Whether what its browser sends away needs somebody's leave: each request but GET, HEAD and OPTIONS, and each page of
    /// a host that is not among `allowedHosts`.
    #[serde(default)]
    approval: bool,
    /// Hosts that need none: `shop.example`, or `*.shop.example` with all below. At most 100.
    #[serde(default)]
    allowed_hosts: Vec<String>,
    /// The id of an ended run whose commands are done again, in place of a script. What they point at is looked for by role
    /// and name where the page has changed.
    replay: Option<String>,
}

/// Why a run is cancelled.
#[derive(Deserialize, ToSchema)]
pub(super) struct CancelBody {
    /// Why, for the audit.
    reason: Option<String>,
}

#[derive(Clone, Serialize, ToSchema)]
pub(super) struct RunReply {
    pub(super) run: RunShape,
}

/// Make a run.
///
/// It waits until its agent is connected and has a place for it.
#[utoipa::path(
    post, path = "/api/runs", request_body = RunBody,
    responses((status = 201, body = Success<RunReply>, headers(("Location" = String, description = "where the run is found")))),
)]
pub(super) async fn create(
    Asker { shared, caller }: Asker,
    JsonBody(body, ..): Body<RunBody>,
) -> Result<Made<Success<RunReply>>, Failure> {
    let create = wanted(&shared, body).await?;
    let id = make(&shared, &caller, create).await?;
    let run = find(&shared, id.as_str()).await?;
    let reply = Success::new(RunReply { run: RunShape::from(&*run) });
    Ok(Made::new(&shared, &format!("/api/runs/{id}"), reply))
}

async fn wanted(shared: &Shared, body: RunBody) -> Result<Create, Failure> {
    let agent = body.agent_id.as_deref().map(AgentId::new).transpose();
    let session = body.session_id.as_deref().map(SessionId::new).transpose();
    let script = body.script.map(|script| serde_json::json!(script).to_string().into());
    let (replay, script) = match (body.replay, script) {
        (None, script) => (None, script),
        (Some(_), Some(_)) => {
            return Err(Failure::invalid("a run has a script or does another again, not both"));
        }
        (Some(run), None) => {
            let run = find(shared, &run).await?;
            (Some(run.id.clone()), Some(commands(&run)?))
        }
    };
    Ok(Create {
        task: body.task.map(Into::into),
        script,
        agent: agent.map_err(|_| Failure::invalid("agentId is no id"))?,
        session: session.map_err(|_| Failure::invalid("sessionId is no id"))?,
        steps: body.max_steps,
        time: body.timeout.map(Duration::from_millis),
        approval: body.approval,
        allowed: body.allowed_hosts.into_iter().map(Into::into).collect(),
        replay,
    })
}

/// What an ended run did. The core would know it as well, but not of all runs that are stored.
fn commands(run: &Run) -> Result<Arc<str>, Failure> {
    let refusal = match &run.state {
        State::Ended(Ended { commands: Some(commands), .. }) if commands.contains('{') => {
            return Ok(commands.clone());
        }
        State::Ended(_) => Refusal::NothingToReplay(run.id.clone()),
        State::Pending | State::InProgress { .. } => Refusal::NotOver(run.id.clone()),
    };
    Err(NoAnswer::Refused(refusal.into()).into())
}

/// Asks the core for a run, and returns its id.
pub(super) async fn make(
    shared: &Shared,
    caller: &pilothouse_core::Caller,
    create: Create,
) -> Result<RunId, Failure> {
    let request = Request::Runs(Runs::Create(create));
    match shared.hub.ask(caller, request, desk::WITHIN).await? {
        Reply::RunMade(id) => Ok(id),
        _ => Err(Failure::nonsense()),
    }
}

/// Cancel a run: one that waits at once, one that is under way as soon as its agent has ended it.
///
/// One that had ended before stays as it is. Takes whoever made it, or an admin.
#[utoipa::path(
    post, path = "/api/runs/{run}/cancel", request_body = CancelBody,
    responses((status = 200, body = Success<RunReply>)),
)]
pub(super) async fn cancel(
    Asker { shared, caller }: Asker,
    Path(run): Path<String>,
    JsonBody(body, ..): Body<CancelBody>,
) -> Result<Json<Success<RunReply>>, Failure> {
    let id = RunId::new(&run).map_err(|_| unknown(&run))?;
    let reason = body.reason.map(Arc::from);
    let request = Request::Runs(Runs::Cancel { run: id, reason });
    match shared.hub.ask(&caller, request, desk::WITHIN).await {
        // Forgotten by the core is not forgotten: it ended long ago.
        Ok(_) | Err(NoAnswer::Refused(CoreError::RunNotFound(_))) => {}
        Err(refused) => return Err(refused.into()),
    }
    let run = find(&shared, &run).await?;
    Ok(Success::new(RunReply { run: RunShape::from(&*run) }))
}
