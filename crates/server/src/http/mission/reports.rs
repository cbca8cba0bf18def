//! Programs without a link say how an agent is, and what its sessions do.

use std::sync::Arc;

use axum::{Json, extract::Path};
use pilothouse_core::{
    Request,
    agents::{self, Reporting, Status},
    ids::AgentId,
};
use pilothouse_protocols::sessions_and_workers::moment;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    super::{
        envelope::{Body, Denial, Told, WrongField},
        json_body::JsonBody,
    },
    Reporter,
};
use crate::{desk, gateway::Shared};

/// The longest name of a session, and of an agent, in characters.
const LONGEST_NAME: usize = 200;

pub(super) fn router() -> OpenApiRouter<Arc<Shared>> {
    OpenApiRouter::new().routes(routes!(report_status)).routes(routes!(report_activity))
}

/// How an agent is.
#[derive(Deserialize, ToSchema)]
struct StatusBody {
    /// `online`, `busy`, `offline` or `error`.
    status: Option<String>,
    /// What it is called; its id if absent.
    name: Option<String>,
}

/// What a session said.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ActivityBody {
    /// Whose session; an agent that reports for itself may leave it out.
    agent_id: Option<String>,
    /// Which session, as the program calls it.
    session_id: Option<String>,
    /// What it said; the last visible line of it is told.
    message: Option<String>,
}

/// A report was taken in.
#[derive(Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Reported {
    agent_id: String,
    timestamp: String,
}

/// Say how an agent without a link is. It counts for `agents.reported_for`; a link counts more.
#[utoipa::path(post, path = "/api/agents/{agent}/status", request_body = StatusBody, responses((status = 200, body = Told<Reported>)))]
async fn report_status(
    reporter: Reporter,
    Path(agent): Path<String>,
    JsonBody(body, ..): Body<StatusBody>,
) -> Result<Json<Told<Reported>>, Denial> {
    let agent = agent_id(&agent, "agentId")?;
    let status = body.status.as_deref().and_then(Status::named);
    let status =
        status.ok_or_else(|| wrong("status", "has to be online, busy, offline or error"))?;
    let shown = |name: String| -> String {
        name.chars().filter(|c| !c.is_control()).take(LONGEST_NAME).collect()
    };
    let name = body.name.map(shown).filter(|name| !name.trim().is_empty());
    let reporting = Reporting {
        agent: agent.clone(),
        source: "api".into(),
        name: name.map(Into::into),
        status,
    };
    take(&reporter, agents::Request::Report(reporting), &agent).await
}

/// Say what a session of an agent said last. An agent that is not known yet becomes known as online.
#[utoipa::path(post, path = "/api/activity", request_body = ActivityBody, responses((status = 200, body = Told<Reported>)))]
async fn report_activity(
    reporter: Reporter,
    JsonBody(body, ..): Body<ActivityBody>,
) -> Result<Json<Told<Reported>>, Denial> {
    let own = reporter.own().map(ToString::to_string);
    let agent = body.agent_id.or(own).ok_or_else(|| wrong("agentId", "is missing"))?;
    let agent = agent_id(&agent, "agentId")?;
    let session = body.session_id.filter(|id| is_name(id)).ok_or_else(|| {
        wrong("sessionId", "has to be 1 to 200 characters without control characters")
    })?;
    let message = body.message.filter(|message| !message.trim().is_empty());
    let message = message.ok_or_else(|| wrong("message", "is missing or blank"))?;
    let request = agents::Request::Say {
        agent: agent.clone(),
        session: session.into(),
        text: message.into(),
    };
    take(&reporter, request, &agent).await
}

impl Reporter {
    /// The agent that reports for itself.
    fn own(&self) -> Option<&AgentId> {
        match &self.caller.scope {
            pilothouse_core::Scope::Agent(id) | pilothouse_core::Scope::Enrolled(id) => Some(id),
            _ => None,
        }
    }
}

async fn take(
    reporter: &Reporter,
    request: agents::Request,
    agent: &AgentId,
) -> Result<Json<Told<Reported>>, Denial> {
    let Reporter { shared, caller } = reporter;
    shared.hub.ask(caller, Request::Agents(request), desk::WITHIN).await?;
    let timestamp = moment(shared.hub.clock.now().wall);
    Ok(Told::new(Reported { agent_id: agent.to_string(), timestamp }))
}

fn agent_id(text: &str, field: &'static str) -> Result<AgentId, Denial> {
    AgentId::new(text)
        .map_err(|_| wrong(field, "has to be 1 to 128 characters out of A-Z a-z 0-9 _ -"))
}

fn is_name(text: &str) -> bool {
    let length = text.chars().count();
    (1..=LONGEST_NAME).contains(&length) && !text.chars().any(char::is_control)
}

fn wrong(field: &'static str, message: &'static str) -> Denial {
    Denial::invalid(vec![WrongField { field, message }])
}
