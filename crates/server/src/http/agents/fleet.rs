//! `/api/v1/agents`: who there is, what they do, and what waits for them.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
};
use pilothouse_core::{
    agents::{Agent, Status},
    ids::AgentId,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    Problem, agent_id,
    shapes::{AgentShape, shape},
};
use crate::{
    gateway::Shared,
    http::{
        access::Reader,
        listing::{self, MOST, Page, USUAL, Wanted, invalid},
        problem::not_found,
    },
};

/// Which agents are wanted.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct AgentQuery {
    /// `online`, `busy`, `offline` or `error`; several with commas between them.
    status: Option<String>,
    /// Only of this type.
    #[serde(rename = "type")]
    agent_type: Option<String>,
    /// Words that all have to be in the id, the name, the host or the type.
    q: Option<String>,
    /// `next` of the page before.
    after: Option<String>,
    /// How many at most; 100 if absent, up to 1000.
    limit: Option<usize>,
}

/// Agents, by id.
#[derive(Serialize, ToSchema)]
pub(super) struct AgentsReply {
    agents: Vec<AgentShape>,
    /// What `after` has to be for the next page, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// Every agent, offline ones included, by id.
#[utoipa::path(get, path = "/api/v1/agents", params(AgentQuery), responses((status = 200, body = AgentsReply)))]
pub(super) async fn list(
    State(shared): State<Arc<Shared>>,
    _: Reader,
    wanted: Wanted<AgentQuery>,
) -> Result<Page<AgentsReply>, Problem> {
    let AgentQuery { status, agent_type, q, after, limit } = &wanted.query;
    let statuses = statuses(status.as_deref())?;
    let words = listing::words(q.as_deref())?;
    let after: Option<AgentId> = listing::id("after", after.as_deref())?;
    let limit = listing::limit(*limit, USUAL, MOST);
    let is_wanted = |agent: &&Arc<Agent>| {
        let profile = &agent.profile;
        let texts = [agent.id.as_str(), &profile.name, &profile.host, &profile.agent_type];
        (statuses.is_empty() || statuses.contains(&agent.status))
            && agent_type.as_ref().is_none_or(|wanted| *wanted == *profile.agent_type)
            && listing::has_all(&words, &texts)
    };
    let (agents, has_more) = shared.hub.look(|core, now| {
        let all = core.fleet().view().agents().to_vec();
        let (agents, has_more) = listing::cut(
            all.iter().filter(is_wanted),
            |agent| agent.id.clone(),
            after.as_ref(),
            limit,
        );
        let shaped =
            agents.into_iter().map(|agent| shape(core, &shared.upstream, (agent, false), now.wall));
        (shaped.collect::<Vec<_>>(), has_more)
    });
    let next = agents.last().filter(|_| has_more).map(|last| last.id().to_owned());
    let reply = AgentsReply { agents, next: next.clone() };
    Ok(wanted.page(reply, "after", next.as_deref()))
}

/// One agent.
#[utoipa::path(get, path = "/api/v1/agents/{agent}", responses((status = 200, body = AgentShape)))]
pub(super) async fn show(
    State(shared): State<Arc<Shared>>,
    _: Reader,
    Path(agent): Path<String>,
) -> Result<Json<AgentShape>, Problem> {
    let id = agent_id(&agent)?;
    let found = shared.hub.look(|core, now| {
        let found = core.fleet().view().agents().iter().find(|known| known.id == id).cloned();
        found.map(|agent| shape(core, &shared.upstream, (&agent, true), now.wall))
    });
    found.map(Json).ok_or_else(|| not_found(format!("agent {agent} is not known")))
}

fn statuses(text: Option<&str>) -> Result<Vec<Status>, Problem> {
    let names = text.unwrap_or_default().split(',').map(str::trim).filter(|name| !name.is_empty());
    names
        .map(|name| {
            let words = "a status is online, busy, offline or error";
            Status::named(name).ok_or_else(|| invalid(words))
        })
        .collect()
}
