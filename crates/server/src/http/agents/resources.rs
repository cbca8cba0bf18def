//! What an agent's machine has left: the newest with the agent, and the last ten minutes or so of it.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
};
use pilothouse_core::{
    Core,
    ids::AgentId,
    resources::{Reported, Room, Taken},
    streams::Source,
};
use pilothouse_protocols::sessions_and_workers::moment;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Problem, agent_id};
use crate::{
    gateway::Shared,
    http::{access::Reader, problem::not_found},
};

/// How an agent's machine was when the agent told it last. What the machine does not tell is absent.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct AgentResources {
    /// When it was told, by the server's clock.
    at: String,
    /// How much of all processors is in use, in per cent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 12.5)]
    cpu: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    processors: Option<u32>,
    /// How many processes wanted to run, on average over 1, 5 and 15 minutes.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<f64>>, min_items = 3, max_items = 3)]
    load: Option<[f64; 3]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    memory: Option<RoomBody>,
    /// The file system that the agent's data is on.
    #[serde(skip_serializing_if = "Option::is_none")]
    disk: Option<RoomBody>,
    /// For how many seconds the agent had run.
    uptime: u64,
    /// How many commands ran.
    commands: u32,
    /// How many workers ran.
    workers: u32,
    /// What ran, and what it took; the largest first, of the newest report only, and not in lists of agents.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    processes: Vec<TakenBody>,
}

/// How much of something there is, in bytes.
#[derive(Serialize, ToSchema)]
#[schema(as = ResourceRoom)]
struct RoomBody {
    used: u64,
    total: u64,
}

/// What all processes of one command or worker take together.
#[derive(Serialize, ToSchema)]
#[schema(as = ProcessResources)]
#[serde(rename_all = "camelCase")]
struct TakenBody {
    /// The command, if it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    command_id: Option<String>,
    /// The worker, if it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    worker_id: Option<String>,
    /// Of all processors, in per cent; absent until it was seen for a while.
    #[serde(skip_serializing_if = "Option::is_none")]
    cpu: Option<f64>,
    /// In bytes. What several processes share counts for each.
    memory: u64,
}

#[derive(Serialize, ToSchema)]
pub(super) struct ResourcesReply {
    /// Oldest first; at most 60.
    resources: Vec<AgentResources>,
}

/// How an agent's machine was in the last while.
///
/// As the agent told it, every `resources.interval`. Kept in memory: empty after a restart of the server, and for agents
/// that do not tell.
#[utoipa::path(
    get,
    path = "/api/v1/agents/{agent}/resources",
    responses((status = 200, body = ResourcesReply)),
)]
pub(super) async fn list(
    State(shared): State<Arc<Shared>>,
    _: Reader,
    Path(agent): Path<String>,
) -> Result<Json<ResourcesReply>, Problem> {
    let id = agent_id(&agent)?;
    let found: Option<Vec<Reported>> = shared.hub.look(|core, _| {
        let is_known = core.fleet().view().agents().iter().any(|known| known.id == id);
        is_known.then(|| core.resources(&id).cloned().collect())
    });
    let reports = found.ok_or_else(|| not_found(format!("agent {agent} is not known")))?;
    let resources = reports.iter().map(|reported| AgentResources::of(reported, true)).collect();
    Ok(Json(ResourcesReply { resources }))
}

/// The newest that an agent told, if it did.
pub(super) fn newest(core: &Core, agent: &AgentId, in_full: bool) -> Option<AgentResources> {
    core.resources(agent).next_back().map(|reported| AgentResources::of(reported, in_full))
}

impl AgentResources {
    fn of(reported: &Reported, in_full: bool) -> Self {
        let told = &reported.resources;
        let processes = told.processes.iter().filter(|_| in_full);
        Self {
            at: moment(reported.at),
            cpu: told.cpu,
            processors: told.processors,
            load: told.load,
            memory: told.memory.map(Into::into),
            disk: told.disk.map(Into::into),
            uptime: told.uptime.as_secs(),
            commands: told.commands,
            workers: told.workers,
            processes: processes.map(Into::into).collect(),
        }
    }
}

impl From<Room> for RoomBody {
    fn from(room: Room) -> Self {
        Self { used: room.used, total: room.total }
    }
}

impl From<&Taken> for TakenBody {
    fn from(taken: &Taken) -> Self {
        let id = || Some(taken.stream.source.id().to_owned());
        let (command_id, worker_id) = match taken.stream.source {
            Source::Command(_) => (id(), None),
            Source::Worker(_) => (None, id()),
            Source::Run(_) => (None, None),
        };
        Self { command_id, worker_id, cpu: taken.cpu, memory: taken.memory }
    }
}
