//! Kinds of command line agents that workers can be.

use std::sync::Arc;

use axum::{Json, extract::Path};
use pilothouse_core::agent_type::AgentType;
use pilothouse_protocols::sessions_and_workers::moment;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{agent_kind_edits, asker::Asker, refused::Refused};
use crate::gateway::Shared;

/// What is started if nobody says what.
const USUAL: &str = "claude";

/// How many kinds a refusal names.
const MOST_NAMED: usize = 20;

pub(super) fn router() -> OpenApiRouter<Arc<Shared>> {
    OpenApiRouter::new().routes(routes!(list, agent_kind_edits::add)).routes(routes!(
        show,
        agent_kind_edits::change,
        agent_kind_edits::remove
    ))
}

/// A kind of command line agent.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::http) struct AgentKindShape {
    id: String,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    is_built_in: bool,
    registered_at: String,
    command_template: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    continue_template: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    headless_template: Option<String>,
    activity_patterns: ActivityPatterns,
    capabilities: Capabilities,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::http) struct ActivityPatterns {
    asking_patterns: Vec<String>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::http) struct Capabilities {
    supports_continue: bool,
    supports_headless_mode: bool,
    supports_activity_detection: bool,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::http) struct AgentKindsReply {
    agent_types: Vec<AgentKindShape>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::http) struct AgentKindReply {
    pub(super) agent_type: AgentKindShape,
}

/// The kind of that id; the usual one without an id.
pub(super) fn find(asker: &Asker, id: Option<&str>) -> Result<Arc<AgentType>, Refused> {
    let id = id.filter(|id| !id.is_empty()).unwrap_or(USUAL);
    asker.agent_type(id).ok_or_else(|| {
        let known = asker.agent_types();
        let named: Vec<_> = known.iter().take(MOST_NAMED).map(|it| it.id.as_str()).collect();
        let rest = if known.len() > named.len() { " and others, see /api/agent-types" } else { "" };
        Refused::invalid(format!(
            "there is no agent type {id}; there are {}{rest}",
            named.join(", ")
        ))
    })
}

/// The kinds of command line agents there are.
#[utoipa::path(get, path = "/api/agent-types", responses((status = 200, body = AgentKindsReply)))]
async fn list(asker: Asker) -> Json<AgentKindsReply> {
    let agent_types = asker.agent_types().iter().map(|known| known.as_ref().into()).collect();
    Json(AgentKindsReply { agent_types })
}

/// One kind of command line agent.
#[utoipa::path(get, path = "/api/agent-types/{agentType}", responses((status = 200, body = AgentKindReply)))]
async fn show(
    asker: Asker,
    Path(agent_type): Path<String>,
) -> Result<Json<AgentKindReply>, Refused> {
    let unknown = || Refused::not_found(format!("agent type {agent_type} is not known"));
    let found = asker.agent_type(&agent_type).ok_or_else(unknown)?;
    Ok(Json(AgentKindReply { agent_type: found.as_ref().into() }))
}

impl From<&AgentType> for AgentKindShape {
    fn from(agent_type: &AgentType) -> Self {
        Self {
            id: agent_type.id.to_string(),
            name: agent_type.name.clone(),
            description: agent_type.description.clone(),
            is_built_in: agent_type.is_built_in,
            registered_at: moment(agent_type.created_at),
            command_template: agent_type.command_template.clone(),
            continue_template: agent_type.continue_template.clone(),
            headless_template: agent_type.headless_template.clone(),
            activity_patterns: ActivityPatterns {
                asking_patterns: agent_type.asking_patterns.clone(),
            },
            capabilities: Capabilities {
                supports_continue: agent_type.supports_continue(),
                supports_headless_mode: agent_type.supports_headless(),
                supports_activity_detection: !agent_type.asking_patterns.is_empty(),
            },
        }
    }
}
