//! How sessions, agents and streams stand.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, Query, State, rejection::QueryRejection},
    http::{HeaderMap, HeaderValue, header},
};
use pilothouse_core::{
    agents::{Agent, Status},
    ids::SessionId,
    time::Timestamp,
};
use pilothouse_protocols::sessions_and_workers::moment;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    asker::{self, Asker},
    refusal::Refusal,
    shapes::ReadyReply,
    tokens::{self, Bound},
};
use crate::{auth::random, gateway::Shared};

/// Which stream is meant.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ReadyQuery {
    /// The session's or stream's id.
    #[param(required = true)]
    session: Option<String>,
}

/// How a session stands.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct SessionState {
    session_id: String,
    agent_id: String,
    /// `active` as long as there is the session.
    #[schema(value_type = String, example = "active")]
    status: &'static str,
    is_active: bool,
    /// When the token ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<String>,
    /// How long that is, in full minutes.
    #[serde(skip_serializing_if = "Option::is_none")]
    time_remaining: Option<u64>,
    /// Always: nothing is to be paid.
    payment_verified: bool,
    /// For `/ws` and `/ws/view/{session}`; for operators, and for whoever has it already.
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<String>,
    timestamp: String,
}

/// The same under the names of the automation's page.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct AutomationReply {
    session_id: String,
    #[schema(value_type = String, example = "active")]
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<String>,
    payment_verified: bool,
    /// For `/ws` and `/ws/view/{session}`; for operators, and for whoever has it already.
    #[serde(skip_serializing_if = "Option::is_none")]
    websocket_token: Option<String>,
    timestamp: String,
}

/// How an agent stands.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct AgentReply {
    agent_id: String,
    name: String,
    /// `online`, `busy`, `offline` or `error`.
    #[schema(value_type = String, example = "online")]
    status: &'static str,
    is_active: bool,
    /// Its newest session.
    session_id: Option<String>,
    /// Whether pictures of that session flow.
    browser_ready: bool,
    worker_ready: bool,
    /// What it does now.
    current_task: Option<String>,
    /// How many tasks wait.
    queued: usize,
    timestamp: String,
}

/// A token against forged requests.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct CsrfReply {
    /// Nobody checks it: no cookie changes anything here, so that there is nothing to forge.
    csrf_token: String,
}

type Secret<T> = (HeaderMap, Json<T>);

/// Whether a session's pictures flow. It tells nothing else, and takes no token.
#[utoipa::path(get, path = "/api/session-status", params(ReadyQuery), security(()), responses((status = 200, body = ReadyReply)))]
pub(super) async fn is_ready(
    State(shared): State<Arc<Shared>>,
    query: Result<Query<ReadyQuery>, QueryRejection>,
) -> Result<Json<ReadyReply>, Refusal> {
    let Query(query) = query.map_err(|_| Refusal::invalid("the query cannot be read"))?;
    let wanted = query.session.filter(|id| !id.is_empty());
    let wanted = wanted.ok_or_else(|| Refusal::invalid("say with session= which one is meant"))?;
    let reply = shared.hub.look(|core, now| {
        // What is no id is not known either.
        let target = SessionId::new(&wanted).ok().and_then(|id| asker::target(core, &id));
        let view = core.fleet().view();
        let known = target.as_ref().and_then(|target| view.readiness(&target.id));
        let has_session = target.is_some_and(|target| target.session.is_some());
        ReadyReply::new(known.map(AsRef::as_ref), has_session, now.wall)
    });
    Ok(Json(reply))
}

/// A session, by its own id or its agent's; with a token for its sockets for those who may have one.
#[utoipa::path(get, path = "/api/session/{session}", responses((status = 200, body = SessionState)))]
pub(super) async fn session(
    asker: Asker,
    Path(session): Path<String>,
) -> Result<Secret<SessionState>, Refusal> {
    let target = asker.target(&session)?;
    let token = tokens::held_or_made(&asker, &target).await?;
    let now = asker.shared.hub.clock.now().wall;
    let expires_at = token.as_ref().map(|bound| bound.expires_at);
    let reply = SessionState {
        session_id: target.id.to_string(),
        agent_id: target.agent.to_string(),
        status: "active",
        is_active: true,
        expires_at: expires_at.map(moment),
        time_remaining: expires_at.map(|at| minutes(now, at)),
        payment_verified: true,
        token: token.map(|bound| bound.text),
        timestamp: moment(now),
    };
    Ok((unkept(), Json(reply)))
}

/// The same for the page of an automation.
#[utoipa::path(get, path = "/api/automation/{session}/status", responses((status = 200, body = AutomationReply)))]
pub(super) async fn automation(
    asker: Asker,
    Path(session): Path<String>,
) -> Result<Secret<AutomationReply>, Refusal> {
    let target = asker.target(&session)?;
    let token = tokens::held_or_made(&asker, &target).await?;
    let now = asker.shared.hub.clock.now().wall;
    let (expires_at, websocket_token) = match token {
        Some(Bound { text, expires_at }) => (Some(moment(expires_at)), Some(text)),
        None => (None, None),
    };
    let reply = AutomationReply {
        session_id: target.id.to_string(),
        status: "active",
        expires_at,
        payment_verified: true,
        websocket_token,
        timestamp: moment(now),
    };
    Ok((unkept(), Json(reply)))
}

/// An agent, and whether its newest session's pictures flow.
#[utoipa::path(get, path = "/api/agent/{agent}/status", responses((status = 200, body = AgentReply)))]
pub(super) async fn agent(
    asker: Asker,
    Path(agent): Path<String>,
) -> Result<Json<AgentReply>, Refusal> {
    let agent = asker.agent(&agent)?;
    Ok(Json(asker.shared.hub.look(|core, now| {
        let newest = asker::newest_of(core, &agent.id);
        let view = core.fleet().view();
        let known = newest.as_ref().and_then(|target| view.readiness(&target.id));
        let is_ready = known.is_some_and(|known| known.is_live());
        let running = view.running().find(|command| command.agent == agent.id);
        let Agent { id, profile, status, .. } = agent.as_ref();
        AgentReply {
            agent_id: id.to_string(),
            name: profile.name.to_string(),
            status: status.as_str(),
            is_active: *status != Status::Offline,
            session_id: newest.map(|target| target.id.to_string()),
            browser_ready: is_ready,
            worker_ready: is_ready,
            current_task: running.map(|command| command.id.to_string()),
            queued: view.queue(id).len(),
            timestamp: moment(now.wall),
        }
    })))
}

/// A token for front ends that send one with each form. Nothing here needs it.
#[utoipa::path(get, path = "/api/csrf-token", security(()), responses((status = 200, body = CsrfReply)))]
pub(super) async fn csrf_token() -> Result<Secret<CsrfReply>, Refusal> {
    let csrf_token = random::secret();
    let csrf_token = csrf_token.map_err(|_| Refusal::unavailable("there are no random numbers"))?;
    Ok((unkept(), Json(CsrfReply { csrf_token })))
}

fn minutes(now: Timestamp, at: Timestamp) -> u64 {
    at.0.saturating_sub(now.0) / 60_000
}

/// For answers with a token in them.
pub(super) fn unkept() -> HeaderMap {
    let mut fields = HeaderMap::new();
    fields.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    fields
}
