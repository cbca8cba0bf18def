//! Mission control's routes that stop agents and start them anew.

use axum::{Json, extract::Path, http::StatusCode};
use pilothouse_core::{
    Reply, Request,
    control::{self, StopOutcome, StopResult},
    ids::AgentId,
};
use pilothouse_protocols::sessions_and_workers::moment;
use serde::Serialize;
use std::{sync::Arc, time::Duration};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    super::envelope::{Denial, Told},
    Asker,
};
use crate::gateway::Shared;

/// What the desk waits longer than the core, so that the core's answer comes first.
const LONGER: Duration = Duration::from_secs(5);

pub(super) fn router() -> OpenApiRouter<Arc<Shared>> {
    OpenApiRouter::new().routes(routes!(stop)).routes(routes!(restart))
}

/// What was done.
#[derive(Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = MissionControlReply)]
struct ControlReply {
    agent_id: String,
    #[schema(value_type = String)]
    action: &'static str,
    /// Whether the agent confirmed it.
    confirmed: bool,
    /// In words.
    message: String,
    timestamp: String,
}

/// End every process of an agent and start nothing more of it.
#[utoipa::path(post, path = "/api/agents/{agent}/stop", responses((status = 200, body = Told<ControlReply>)))]
async fn stop(asker: Asker, Path(agent): Path<String>) -> Result<Json<Told<ControlReply>>, Denial> {
    let Asker { shared, caller } = &asker;
    let request = Request::Control(control::Request::Stop(agent_id(&agent)?));
    let within = shared.config.core.stop_within + LONGER;
    let reply = shared.hub.ask(caller, request, within).await?;
    let outcome = match &reply {
        Reply::Stopped(outcomes) => outcomes.first(),
        _ => None,
    };
    let (confirmed, message) = match outcome.map(|StopOutcome { result, .. }| result) {
        Some(StopResult::Stopped { commands, workers }) => {
            (true, format!("ended {commands} commands and {workers} workers; nothing is left"))
        }
        Some(StopResult::Refused(reason) | StopResult::Unreachable(reason)) => {
            (false, reason.to_string())
        }
        None => (false, "nothing is known of it".to_owned()),
    };
    Ok(told(shared, agent, "stop", (confirmed, message)))
}

/// Have an agent begin a new life. Answered when it is back.
#[utoipa::path(post, path = "/api/agents/{agent}/restart", responses((status = 200, body = Told<ControlReply>)))]
async fn restart(
    asker: Asker,
    Path(agent): Path<String>,
) -> Result<Json<Told<ControlReply>>, Denial> {
    let Asker { shared, caller } = &asker;
    let request = Request::Control(control::Request::Restart(agent_id(&agent)?));
    let within = shared.config.core.restart_within + LONGER;
    shared.hub.ask(caller, request, within).await?;
    let message = "it is back in a new life; its terminals ended with the old one".to_owned();
    Ok(told(shared, agent, "restart", (true, message)))
}

fn told(
    shared: &Shared,
    agent_id: String,
    action: &'static str,
    (confirmed, message): (bool, String),
) -> Json<Told<ControlReply>> {
    let timestamp = moment(shared.hub.clock.now().wall);
    Told::new(ControlReply { agent_id, action, confirmed, message, timestamp })
}

/// Exactly that agent: whoever stops something should not be guessed at.
fn agent_id(text: &str) -> Result<AgentId, Denial> {
    let invalid = |_| {
        let message = "an id has 1 to 128 characters out of A-Z a-z 0-9 _ -";
        Denial::new(StatusCode::BAD_REQUEST, "INVALID_AGENT_ID", message)
    };
    AgentId::new(text).map_err(invalid)
}
