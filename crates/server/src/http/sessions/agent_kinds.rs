//! Kinds of command line agents that workers can be.

use std::sync::Arc;

use axum::{Json, extract::Path};
use pilothouse_core::agent_type::AgentType;
use pilothouse_protocols::sessions_and_workers::moment;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{asker::Asker, refused::Refused};
use crate::gateway::Shared;

/// What is started if nobody says what.
const USUAL: &str = "claude";

/// What older clients call the kinds that come with the program.
const OTHER_NAMES: &[(&str, &str)] = &[("claude-code-builtin", "claude")];

pub(super) fn router() -> OpenApiRouter<Arc<Shared>> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(show))
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
    agent_type: AgentKindShape,
}

/// The kind of that id; the usual one without an id.
pub(super) fn find(_: &Asker, id: Option<&str>) -> Result<AgentType, Refused> {
    let id = id.filter(|id| !id.is_empty()).unwrap_or(USUAL);
    let id = OTHER_NAMES.iter().find(|(other, _)| *other == id).map_or(id, |(_, ours)| ours);
    let found = AgentType::built_in().into_iter().find(|known| known.id.as_str() == id);
    found.ok_or_else(|| {
        Refused::invalid(format!("there is no agent type {id}; see /api/agent-types"))
    })
}

/// The kinds of command line agents there are.
#[utoipa::path(get, path = "/api/agent-types", responses((status = 200, body = AgentKindsReply)))]
async fn list(_: Asker) -> Json<AgentKindsReply> {
    let agent_types = AgentType::built_in().iter().map(Into::into).collect();
    Json(AgentKindsReply { agent_types })
}

/// One kind of command line agent.
#[utoipa::path(get, path = "/api/agent-types/{agentType}", responses((status = 200, body = AgentKindReply)))]
async fn show(
    asker: Asker,
    Path(agent_type): Path<String>,
) -> Result<Json<AgentKindReply>, Refused> {
    let unknown = || Refused::not_found(format!("agent type {agent_type} is not known"));
    let found = find(&asker, Some(&agent_type)).map_err(|_| unknown())?;
    Ok(Json(AgentKindReply { agent_type: (&found).into() }))
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
