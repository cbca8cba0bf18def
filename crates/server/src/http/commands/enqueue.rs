//! A command line queued on an agent: said in full, or kept as a preset.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use axum::{Json, extract::State, http::StatusCode};
use pilothouse_core::{
    Reply, Request,
    commands::{Command, Enqueue, Request as Commands},
    ids::PresetId,
    presets::Preset,
};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    Problem, find,
    list::shaped,
    shapes::{CommandShape, PriorityName},
};
use crate::{
    gateway::Shared,
    http::{
        access::Bearer,
        agents::{agent_id, ask},
        json_body::JsonBody,
        listing::invalid,
        problem::{Body, Made, not_found},
    },
};

/// A command to be queued: an agent and a line, or a preset.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"agentId": "build-1", "command": "make test", "priority": "high"}))]
pub(super) struct CommandBody {
    /// Where it is to run. Needed unless a preset says it.
    agent_id: Option<String>,
    /// The command line, as `/bin/sh -c` takes it, at most 64 KiB.
    command: Option<String>,
    /// The directory to run in; the agent's own if absent.
    directory: Option<String>,
    /// Extra variables, at most 256.
    #[serde(default)]
    environment: BTreeMap<String, String>,
    priority: Option<PriorityName>,
    /// Its time limit in milliseconds; the configured one if absent, which is also the longest.
    timeout: Option<u64>,
    /// A preset's id, instead of a command line. What else is said here counts more than what the preset says.
    preset: Option<String>,
}

/// Queue a command on an agent.
#[utoipa::path(
    post, path = "/api/v1/commands", request_body = CommandBody,
    responses((status = 201, body = CommandShape, headers(("Location" = String, description = "where the command is found")))),
)]
pub(super) async fn enqueue(
    State(shared): State<Arc<Shared>>,
    Bearer(caller): Bearer,
    JsonBody(body, ..): Body<CommandBody>,
) -> Result<Made<CommandShape>, Problem> {
    let enqueue = wanted(&shared, body)?;
    let request = Request::Commands(Commands::Enqueue(enqueue.clone()));
    let Reply::Queued(id) = ask(&shared, &caller, request).await? else {
        let detail = "the server answered something else than it was asked";
        return Err(Problem::new(StatusCode::INTERNAL_SERVER_ERROR, detail));
    };
    let command: Arc<Command> = find(&shared, &id).await?;
    let shape = shaped(&shared, &command);
    let path = format!("/api/v1/commands/{id}");
    Ok(Made::new(&shared, &path, Json(shape)))
}

fn wanted(shared: &Shared, body: CommandBody) -> Result<Enqueue, Problem> {
    let preset = body.preset.as_deref().map(|id| preset(shared, id)).transpose()?;
    let preset = preset.as_deref();
    let line = match (body.command, preset) {
        (Some(_), Some(_)) => return Err(invalid("give a command or a preset, not both")),
        (Some(line), None) => line.into(),
        (None, Some(preset)) => preset.line.clone(),
        (None, None) => return Err(invalid("give a command, or the id of a preset")),
    };
    let agent = match (body.agent_id, preset.and_then(|preset| preset.agent.clone())) {
        (Some(id), _) => agent_id(&id)?,
        (None, Some(agent)) => agent,
        (None, None) => return Err(invalid("say with agentId on which agent it is to run")),
    };
    let pair = |(name, value): (String, String)| (name.into(), value.into());
    Ok(Enqueue {
        agent,
        line,
        priority: match body.priority {
            Some(name) => name.into(),
            None => preset.map(|preset| preset.priority).unwrap_or_default(),
        },
        timeout: body
            .timeout
            .map(Duration::from_millis)
            .or_else(|| preset.and_then(|preset| preset.timeout)),
        directory: body
            .directory
            .map(Into::into)
            .or_else(|| preset.and_then(|preset| preset.directory.clone())),
        environment: body.environment.into_iter().map(pair).collect(),
        request_id: None,
    })
}

fn preset(shared: &Shared, id: &str) -> Result<Arc<Preset>, Problem> {
    let wanted = PresetId::new(id).ok();
    let found = wanted.and_then(|wanted| {
        shared.hub.look(|core, _| {
            core.fleet().view().presets().iter().find(|preset| preset.id == wanted).cloned()
        })
    });
    let id: String = id.chars().take(128).collect();
    found.ok_or_else(|| not_found(format!("preset {id} is not known")))
}
