//! `/api/v1/agents…` and `/api/v1/emergency-stop`: who there is, and control over whole agents. And the presets.

mod budget;
mod control;
mod fleet;
mod presets;
mod resources;
mod shapes;

use std::{sync::Arc, time::Duration};

use axum::http::StatusCode;
use pilothouse_core::{Caller, Reply, Request, ids::AgentId};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    json_body::JsonBody,
    problem::{Body, Problem},
};
use crate::{desk, gateway::Shared};

pub(super) fn router() -> OpenApiRouter<Arc<Shared>> {
    OpenApiRouter::new()
        .routes(routes!(fleet::list))
        .routes(routes!(fleet::show))
        .routes(routes!(resources::list))
        .routes(routes!(control::pause))
        .routes(routes!(control::resume))
        .routes(routes!(control::stop))
        .routes(routes!(control::restart))
        .routes(routes!(control::message))
        .routes(routes!(control::emergency_stop))
        .routes(routes!(budget::show, budget::set, budget::end))
        .routes(routes!(presets::list, presets::add))
        .routes(routes!(presets::show, presets::change, presets::remove))
}

/// An agent's id out of a path.
pub(super) fn agent_id(text: &str) -> Result<AgentId, Problem> {
    let unknown = || Problem::new(StatusCode::NOT_FOUND, format!("agent {text} is not known"));
    AgentId::new(text).map_err(|_| unknown())
}

/// Asks the core and waits as long as storage may take.
pub(super) async fn ask(
    shared: &Shared,
    caller: &Caller,
    request: Request,
) -> Result<Reply, Problem> {
    ask_within(shared, caller, request, desk::WITHIN).await
}

async fn ask_within(
    shared: &Shared,
    caller: &Caller,
    request: Request,
    within: Duration,
) -> Result<Reply, Problem> {
    Ok(shared.hub.ask(caller, request, within).await?)
}
