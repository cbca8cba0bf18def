//! `/api/agents`: who there is, as mission control's page asks every few seconds.

use std::sync::Arc;

use axum::{Json, extract::Path, http::StatusCode};
use pilothouse_core::agents::Agent;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    super::envelope::{Denial, Told},
    Asker,
    shapes::{self, AgentShape, Fleet, SettingsReply},
};
use crate::gateway::Shared;

pub(super) fn router() -> OpenApiRouter<Arc<Shared>> {
    OpenApiRouter::new()
        .routes(routes!(list_agents))
        .routes(routes!(show_agent))
        .routes(routes!(show_settings))
}

/// Every agent, offline ones included.
#[utoipa::path(get, path = "/api/agents", responses((status = 200, body = Told<Fleet>)))]
async fn list_agents(asker: Asker) -> Json<Told<Fleet>> {
    let shared = &asker.shared;
    let now = shared.hub.clock.now().wall;
    let agents = all(shared).into_iter().map(|(_, shape)| shape).collect();
    Told::new(Fleet::new(agents, now))
}

/// One agent: by its id, by a session's id, or by a part of its name.
#[utoipa::path(get, path = "/api/agents/{agent}", responses((status = 200, body = Told<AgentShape>)))]
async fn show_agent(
    asker: Asker,
    Path(wanted): Path<String>,
) -> Result<Json<Told<AgentShape>>, Denial> {
    find(&asker.shared, &wanted).map(|(_, shape)| Told::new(shape))
}

/// What an agent is set to, as far as this server knows.
#[utoipa::path(get, path = "/api/agents/{agent}/settings", responses((status = 200, body = Told<SettingsReply>)))]
async fn show_settings(
    asker: Asker,
    Path(wanted): Path<String>,
) -> Result<Json<Told<SettingsReply>>, Denial> {
    let shared = &asker.shared;
    let (agent, _) = find(shared, &wanted)?;
    let now = shared.hub.clock.now().wall;
    let ping = shared.protocols.ping_interval;
    Ok(Told::new(SettingsReply::new(&agent, &shared.upstream, ping, now)))
}

/// The agent that somebody means, with all that is known of it.
pub(super) fn find(shared: &Shared, wanted: &str) -> Result<(Arc<Agent>, AgentShape), Denial> {
    let by_session = shared.upstream.agent_of(wanted);
    let all = all(shared);
    let best = all.into_iter().filter_map(|(agent, shape)| {
        let [by_id, by_newest, by_name] = shape.is_called(wanted);
        let has_session = by_newest || by_session.as_ref() == Some(&agent.id);
        let rank = match (by_id, has_session, by_name && !wanted.is_empty()) {
            (true, _, _) => 0,
            (false, true, _) => 1,
            (false, false, true) => 2,
            (false, false, false) => return None,
        };
        Some((rank, agent, shape))
    });
    let best = best.min_by_key(|(rank, _, _)| *rank);
    best.map(|(_, agent, shape)| (agent, shape)).ok_or_else(|| {
        let wanted: String = wanted.chars().take(128).collect();
        let message = format!("agent {wanted} is not known");
        Denial::new(StatusCode::NOT_FOUND, "AGENT_NOT_FOUND", message)
    })
}

fn all(shared: &Shared) -> Vec<(Arc<Agent>, AgentShape)> {
    shared.hub.look(|core, now| {
        let agents = core.fleet().view().agents().to_vec();
        let shaped = agents.into_iter().map(|agent| {
            let shape = shapes::shape(core, &shared.upstream, &agent, now.wall);
            (agent, shape)
        });
        shaped.collect()
    })
}
