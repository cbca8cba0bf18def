//! Agents held, stopped, started anew, and messaged.

use std::{sync::Arc, time::Duration};

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use pilothouse_core::{
    Caller, Reply, Request,
    control::{Message, Request as Control, StopOutcome, StopResult},
    ids::{SessionId, WorkerId},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Body, JsonBody, Problem, agent_id, ask, ask_within};
use crate::{
    gateway::Shared,
    http::{access::Bearer, envelope::Denial},
    upstream,
};

/// What the desk waits longer than the core, so that the core's answer comes first.
const LONGER: Duration = Duration::from_secs(5);

/// That it was done.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ControlReply {
    agent_id: String,
    /// What was done.
    #[schema(value_type = String)]
    action: &'static str,
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct MessageBody {
    /// What to type, byte for byte; Enter follows it.
    message: String,
    /// In which session; needed only where several could be meant.
    session_id: Option<String>,
    /// Into which worker; likewise.
    worker_id: Option<String>,
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct StopBody {
    /// Why, for the audit and for whoever waits.
    reason: Option<String>,
}

/// What became of each agent.
#[derive(Serialize, ToSchema)]
pub(super) struct StopReply {
    /// Whether every agent confirmed that nothing of it runs any more.
    confirmed: bool,
    agents: Vec<StoppedAgent>,
}

/// What became of one agent.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct StoppedAgent {
    agent_id: String,
    /// `stopped`, `refused` or `unreachable`.
    #[schema(value_type = String)]
    result: &'static str,
    /// How many commands were ended for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    commands: Option<usize>,
    /// How many workers were ended for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    workers: Option<usize>,
    /// Why it did not stop.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

impl From<&StopOutcome> for StoppedAgent {
    fn from(outcome: &StopOutcome) -> Self {
        let (result, counts, reason) = match &outcome.result {
            StopResult::Stopped { commands, workers } => {
                ("stopped", Some((*commands, *workers)), None)
            }
            StopResult::Refused(reason) => ("refused", None, Some(reason)),
            StopResult::Unreachable(reason) => ("unreachable", None, Some(reason)),
        };
        Self {
            agent_id: outcome.agent.to_string(),
            result,
            commands: counts.map(|(commands, _)| commands),
            workers: counts.map(|(_, workers)| workers),
            reason: reason.map(ToString::to_string),
        }
    }
}

/// Start nothing more of an agent's queue; what runs goes on.
#[utoipa::path(post, path = "/api/v1/agents/{agent}/pause", responses((status = 200, body = ControlReply)))]
pub(super) async fn pause(
    State(shared): State<Arc<Shared>>,
    Bearer(caller): Bearer,
    Path(agent): Path<String>,
) -> Result<Json<ControlReply>, Problem> {
    let id = agent_id(&agent)?;
    done(&shared, &caller, Control::Pause(id), "pause", agent).await
}

/// Let an agent go on that was paused or stopped.
#[utoipa::path(post, path = "/api/v1/agents/{agent}/resume", responses((status = 200, body = ControlReply)))]
pub(super) async fn resume(
    State(shared): State<Arc<Shared>>,
    Bearer(caller): Bearer,
    Path(agent): Path<String>,
) -> Result<Json<ControlReply>, Problem> {
    let id = agent_id(&agent)?;
    done(&shared, &caller, Control::Resume(id), "resume", agent).await
}

/// End every process of an agent and start nothing more. Answered when the agent confirmed it.
#[utoipa::path(post, path = "/api/v1/agents/{agent}/stop", responses((status = 200, body = StopReply)))]
pub(super) async fn stop(
    State(shared): State<Arc<Shared>>,
    Bearer(caller): Bearer,
    Path(agent): Path<String>,
) -> Result<Json<StopReply>, Problem> {
    stopped(&shared, &caller, Control::Stop(agent_id(&agent)?)).await
}

/// End every process of all agents and start nothing more. Answered when each has confirmed it or cannot be reached.
#[utoipa::path(post, path = "/api/v1/emergency-stop", request_body = Option<StopBody>, responses((status = 200, body = StopReply)))]
pub(super) async fn emergency_stop(
    State(shared): State<Arc<Shared>>,
    Bearer(caller): Bearer,
    JsonBody(StopBody { reason }, ..): Body<StopBody>,
) -> Result<Json<StopReply>, Problem> {
    let reason = reason.map(Into::into);
    stopped(&shared, &caller, Control::EmergencyStop { reason }).await
}

/// Have an agent begin a new life. Answered when it is back.
#[utoipa::path(post, path = "/api/v1/agents/{agent}/restart", responses((status = 200, body = ControlReply)))]
pub(super) async fn restart(
    State(shared): State<Arc<Shared>>,
    Bearer(caller): Bearer,
    Path(agent): Path<String>,
) -> Result<Json<ControlReply>, Problem> {
    let request = Request::Control(Control::Restart(agent_id(&agent)?));
    let within = shared.config.core.restart_within + LONGER;
    ask_within(&shared, &caller, request, within).await?;
    Ok(Json(ControlReply { agent_id: agent, action: "restart" }))
}

/// Type a message into a worker, followed by Enter. For an agent without a link, whoever reports it passes it on.
#[utoipa::path(post, path = "/api/v1/agents/{agent}/message", request_body = MessageBody, responses((status = 200, body = ControlReply)))]
pub(super) async fn message(
    State(shared): State<Arc<Shared>>,
    Bearer(caller): Bearer,
    Path(agent): Path<String>,
    JsonBody(body, ..): Body<MessageBody>,
) -> Result<Json<ControlReply>, Problem> {
    let id = agent_id(&agent)?;
    if shared.hub.look(|core, _| core.reported_by(&id).is_some()) {
        let passed = upstream::pass_on(&shared, &caller, &id, body.message.into()).await;
        passed.map_err(Denial::from)?;
        return Ok(Json(ControlReply { agent_id: agent, action: "message" }));
    }
    let not_found =
        |what: &str| Problem::new(StatusCode::NOT_FOUND, format!("that is no {what}'s id"));
    let session = body.session_id.as_deref().map(SessionId::new).transpose();
    let worker = body.worker_id.as_deref().map(WorkerId::new).transpose();
    let message = Message {
        agent: id,
        session: session.map_err(|_| not_found("session"))?,
        worker: worker.map_err(|_| not_found("worker"))?,
        text: body.message.into(),
    };
    let request = Request::Control(Control::Message(message));
    ask_within(&shared, &caller, request, Duration::from_secs(10) + LONGER).await?;
    Ok(Json(ControlReply { agent_id: agent, action: "message" }))
}

async fn done(
    shared: &Shared,
    caller: &Caller,
    control: Control,
    action: &'static str,
    agent_id: String,
) -> Result<Json<ControlReply>, Problem> {
    ask(shared, caller, Request::Control(control)).await?;
    Ok(Json(ControlReply { agent_id, action }))
}

async fn stopped(
    shared: &Shared,
    caller: &Caller,
    control: Control,
) -> Result<Json<StopReply>, Problem> {
    let within = shared.config.core.stop_within + LONGER;
    let reply = ask_within(shared, caller, Request::Control(control), within).await?;
    let Reply::Stopped(outcomes) = reply else {
        let detail = "the server answered something else than it was asked";
        return Err(Problem::new(StatusCode::INTERNAL_SERVER_ERROR, detail));
    };
    let is_stopped = |outcome: &StopOutcome| matches!(outcome.result, StopResult::Stopped { .. });
    let confirmed = outcomes.iter().all(is_stopped);
    Ok(Json(StopReply { confirmed, agents: outcomes.iter().map(Into::into).collect() }))
}
