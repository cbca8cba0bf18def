//! `/api/v1/presets`: command lines that people keep under a name.

use std::{sync::Arc, time::Duration};

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use pilothouse_core::{
    Reply, Request,
    ids::PresetId,
    presets::{Draft, Preset, Request as Ask},
};
use pilothouse_protocols::sessions_and_workers::moment;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Body, JsonBody, Problem, agent_id, ask};
use crate::{
    gateway::Shared,
    http::{
        access::{Bearer, Reader},
        commands::PriorityName,
        listing::{After, Page, Wanted},
        problem::Made,
    },
};

#[derive(Serialize, ToSchema)]
pub(super) struct PresetsReply {
    /// The oldest first.
    presets: Vec<PresetShape>,
    /// What `after` has to be for the next page, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// A command line under a name.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct PresetShape {
    id: String,
    name: String,
    /// The command line.
    command: String,
    /// On which agent it is meant to run; on any if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    agent_id: Option<String>,
    /// The directory to run in; the agent's own if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    directory: Option<String>,
    priority: PriorityName,
    /// Its time limit in milliseconds; the configured one if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    timeout: Option<u64>,
    /// Who made it.
    made_by: String,
    /// When it was made or last changed.
    changed_at: String,
}

/// What a preset is made of.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct PresetBody {
    name: String,
    /// The command line.
    command: String,
    /// On which agent it is meant to run; on any if absent.
    agent_id: Option<String>,
    /// The directory to run in; the agent's own if absent.
    directory: Option<String>,
    #[serde(default)]
    priority: PriorityName,
    /// Its time limit in milliseconds; the configured one if absent.
    #[schema(maximum = 9_007_199_254_740_991_u64)]
    timeout: Option<u64>,
}

/// The largest whole number that every reader of JSON counts right.
const LARGEST_NUMBER: u64 = (1 << 53) - 1;

/// Every preset.
#[utoipa::path(get, path = "/api/v1/presets", params(After), responses((status = 200, body = PresetsReply)))]
pub(super) async fn list(
    State(shared): State<Arc<Shared>>,
    _: Reader,
    wanted: Wanted<After>,
) -> Result<Page<PresetsReply>, Problem> {
    let presets = shared.hub.look(|core, _| core.fleet().view().presets().to_vec());
    let (presets, next) = wanted.after(presets, |preset| preset.id.clone())?;
    let next = next.map(|id| id.to_string());
    let presets = presets.iter().map(|preset| preset.as_ref().into()).collect();
    let reply = PresetsReply { presets, next: next.clone() };
    Ok(wanted.page(reply, "after", next.as_deref()))
}

/// Keep a command line under a name.
#[utoipa::path(post, path = "/api/v1/presets", request_body = PresetBody, responses((status = 201, body = PresetShape)))]
pub(super) async fn add(
    State(shared): State<Arc<Shared>>,
    Bearer(caller): Bearer,
    JsonBody(body, ..): Body<PresetBody>,
) -> Result<Made<PresetShape>, Problem> {
    let request = Request::Presets(Ask::Add(draft(body)?));
    let Reply::PresetAdded(id) = ask(&shared, &caller, request).await? else {
        let detail = "the server answered something else than it was asked";
        return Err(Problem::new(StatusCode::INTERNAL_SERVER_ERROR, detail));
    };
    let path = format!("/api/v1/presets/{id}");
    Ok(Made::new(&shared, &path, Json(find(&shared, &id)?)))
}

/// One preset.
#[utoipa::path(get, path = "/api/v1/presets/{preset}", responses((status = 200, body = PresetShape)))]
pub(super) async fn show(
    State(shared): State<Arc<Shared>>,
    _: Reader,
    Path(preset): Path<String>,
) -> Result<Json<PresetShape>, Problem> {
    Ok(Json(find(&shared, &preset_id(&preset)?)?))
}

/// Put another command line in a preset's place.
#[utoipa::path(put, path = "/api/v1/presets/{preset}", request_body = PresetBody, responses((status = 200, body = PresetShape)))]
pub(super) async fn change(
    State(shared): State<Arc<Shared>>,
    Bearer(caller): Bearer,
    Path(preset): Path<String>,
    JsonBody(body, ..): Body<PresetBody>,
) -> Result<Json<PresetShape>, Problem> {
    let preset = preset_id(&preset)?;
    let request = Request::Presets(Ask::Change { preset: preset.clone(), draft: draft(body)? });
    ask(&shared, &caller, request).await?;
    Ok(Json(find(&shared, &preset)?))
}

/// Forget a preset.
#[utoipa::path(delete, path = "/api/v1/presets/{preset}", responses((status = 204)))]
pub(super) async fn remove(
    State(shared): State<Arc<Shared>>,
    Bearer(caller): Bearer,
    Path(preset): Path<String>,
) -> Result<StatusCode, Problem> {
    ask(&shared, &caller, Request::Presets(Ask::Remove(preset_id(&preset)?))).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn preset_id(text: &str) -> Result<PresetId, Problem> {
    let unknown = || Problem::new(StatusCode::NOT_FOUND, format!("preset {text} is not known"));
    PresetId::new(text).map_err(|_| unknown())
}

fn find(shared: &Shared, id: &PresetId) -> Result<PresetShape, Problem> {
    let found = shared.hub.look(|core, _| {
        core.fleet().view().presets().iter().find(|preset| preset.id == *id).cloned()
    });
    let gone = || Problem::new(StatusCode::NOT_FOUND, format!("preset {id} is not known"));
    Ok(found.ok_or_else(gone)?.as_ref().into())
}

fn draft(body: PresetBody) -> Result<Draft, Problem> {
    if body.timeout.is_some_and(|timeout| timeout > LARGEST_NUMBER) {
        let detail = format!("timeout is at most {LARGEST_NUMBER} milliseconds");
        return Err(Problem::new(StatusCode::BAD_REQUEST, detail));
    }
    Ok(Draft {
        name: body.name.into(),
        line: body.command.into(),
        agent: body.agent_id.as_deref().map(agent_id).transpose()?,
        directory: body.directory.map(Into::into),
        priority: body.priority.into(),
        timeout: body.timeout.map(Duration::from_millis),
    })
}

impl From<&Preset> for PresetShape {
    fn from(preset: &Preset) -> Self {
        let timeout =
            preset.timeout.map(|time| u64::try_from(time.as_millis()).unwrap_or(u64::MAX));
        Self {
            id: preset.id.to_string(),
            name: preset.name.to_string(),
            command: preset.line.to_string(),
            agent_id: preset.agent.as_ref().map(ToString::to_string),
            directory: preset.directory.as_deref().map(str::to_owned),
            priority: preset.priority.into(),
            timeout,
            made_by: preset.made_by.to_string(),
            changed_at: moment(preset.changed_at),
        }
    }
}
