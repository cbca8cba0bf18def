//! Kinds of command line agents of the users' own: added, changed and removed.

use axum::{Json, extract::Path, http::StatusCode};
use pilothouse_core::{
    Reply, Request,
    agent_type::{self, Change, CheckedPatterns, Definition, Edit},
    ids::AgentTypeId,
};
use serde::{Deserialize, Deserializer};
use utoipa::ToSchema;

use super::{
    Success,
    agent_kinds::AgentKindReply,
    asker::Asker,
    body::{Body, JsonBody, check_texts},
    refused::Refused,
};
use crate::desk;

/// A kind of command line agent to be added.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::http) struct AgentKindBody {
    /// What sessions are to name it by; made out of its name if absent.
    id: Option<String>,
    name: String,
    description: Option<String>,
    /// The line that begins a conversation, with a place for the prompt.
    command_template: String,
    /// The line that goes on with the last conversation, without one.
    continue_template: Option<String>,
    /// The line that answers once and ends, with a place for the prompt.
    headless_template: Option<String>,
    activity_patterns: Option<PatternsBody>,
}

/// What of a kind of command line agent is to change. What is absent stays; null takes away what may be absent.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::http) struct AgentKindChange {
    name: Option<String>,
    #[serde(default, deserialize_with = "edit")]
    #[schema(value_type = Option<String>)]
    description: Edit<String>,
    command_template: Option<String>,
    #[serde(default, deserialize_with = "edit")]
    #[schema(value_type = Option<String>)]
    continue_template: Edit<String>,
    #[serde(default, deserialize_with = "edit")]
    #[schema(value_type = Option<String>)]
    headless_template: Edit<String>,
    #[serde(default, deserialize_with = "edit")]
    #[schema(value_type = Option<PatternsBody>)]
    activity_patterns: Edit<PatternsBody>,
}

/// By what it is told that an agent asks something.
#[derive(Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::http) struct PatternsBody {
    asking_patterns: Option<Vec<String>>,
}

/// Null takes away; what is absent never comes here.
fn edit<'de, T: Deserialize<'de>, D: Deserializer<'de>>(from: D) -> Result<Edit<T>, D::Error> {
    Ok(Option::deserialize(from)?.map_or(Edit::Clear, Edit::Put))
}

/// Add a kind of command line agent.
#[utoipa::path(post, path = "/api/agent-types", request_body = AgentKindBody, responses((status = 201, body = AgentKindReply)))]
pub(super) async fn add(
    asker: Asker,
    JsonBody(body, ..): Body<AgentKindBody>,
) -> Result<(StatusCode, Json<AgentKindReply>), Refused> {
    let id = body.id.as_deref().map(AgentTypeId::new).transpose();
    let id = id.map_err(|error| Refused::invalid(format!("id: {error}")))?;
    let definition = Definition {
        id,
        name: body.name,
        description: body.description,
        command_template: body.command_template,
        continue_template: body.continue_template,
        headless_template: body.headless_template,
        asking_patterns: checked(&asker, body.activity_patterns.unwrap_or_default()).await?,
    };
    match ask(&asker, agent_type::Request::Add(definition)).await? {
        Reply::AgentTypeAdded(id) => Ok((StatusCode::CREATED, shown(&asker, &id)?)),
        _ => Err(Refused::conflict("the agent type was not added")),
    }
}

/// Change a kind of command line agent. Workers that run go on as they were started.
#[utoipa::path(patch, path = "/api/agent-types/{agentType}", request_body = AgentKindChange, responses((status = 200, body = AgentKindReply)))]
pub(super) async fn change(
    asker: Asker,
    Path(agent_type): Path<String>,
    JsonBody(body, ..): Body<AgentKindChange>,
) -> Result<Json<AgentKindReply>, Refused> {
    let agent_type = known(&asker, &agent_type)?;
    let asking_patterns = match body.activity_patterns {
        Edit::Keep => None,
        Edit::Clear => Some(CheckedPatterns::default()),
        Edit::Put(patterns) => Some(checked(&asker, patterns).await?),
    };
    let change = Change {
        agent_type: agent_type.clone(),
        name: body.name,
        description: body.description,
        command_template: body.command_template,
        continue_template: body.continue_template,
        headless_template: body.headless_template,
        asking_patterns,
    };
    if change.is_empty() {
        return Err(Refused::invalid(
            "give what is to change: name, description, commandTemplate, continueTemplate, headlessTemplate or \
             activityPatterns",
        ));
    }
    ask(&asker, agent_type::Request::Change(change)).await?;
    shown(&asker, &agent_type)
}

/// Forget a kind of command line agent that no live worker uses.
#[utoipa::path(delete, path = "/api/agent-types/{agentType}", responses((status = 200, body = Success)))]
pub(super) async fn remove(
    asker: Asker,
    Path(agent_type): Path<String>,
) -> Result<Json<Success>, Refused> {
    let agent_type = known(&asker, &agent_type)?;
    ask(&asker, agent_type::Request::Remove(agent_type)).await?;
    Ok(Success::reply())
}

async fn ask(asker: &Asker, request: agent_type::Request) -> Result<Reply, Refused> {
    asker.ask_within(Request::AgentTypes(request), desk::WITHIN).await
}

/// Compiles the patterns where nobody waits for it. For callers who may not change anything that is not worth it.
async fn checked(asker: &Asker, patterns: PatternsBody) -> Result<CheckedPatterns, Refused> {
    let patterns = patterns.asking_patterns.unwrap_or_default();
    if patterns.is_empty() || !asker.may_change() {
        return Ok(CheckedPatterns::default());
    }
    check_texts(patterns.iter().map(|pattern| ("askingPatterns", Some(pattern))))?;
    let checked = tokio::task::spawn_blocking(move || CheckedPatterns::check(patterns)).await;
    let checked = checked.map_err(|_| Refused::conflict("the patterns could not be compiled"))?;
    checked.map_err(|error| Refused::invalid(format!("askingPatterns: {error}")))
}

/// The id of a kind that is known, whatever older clients call it.
fn known(asker: &Asker, id: &str) -> Result<AgentTypeId, Refused> {
    let found = asker.agent_type(id).map(|known| known.id.clone());
    found.ok_or_else(|| Refused::not_found(format!("agent type {id} is not known")))
}

fn shown(asker: &Asker, id: &AgentTypeId) -> Result<Json<AgentKindReply>, Refused> {
    let found = asker.agent_type(id.as_str());
    let found = found
        .ok_or_else(|| Refused::not_found(format!("agent type {id} was removed meanwhile")))?;
    Ok(Json(AgentKindReply { agent_type: found.as_ref().into() }))
}
