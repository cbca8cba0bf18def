//! Tasks to be done: a command line, on the session's agent and in the session's folder.

use std::sync::Arc;

use axum::{Json, extract::Path};
use pilothouse_core::{
    Reply, Request,
    commands::{Enqueue, Priority, Request as Commands},
    ids::{AgentId, CommandId},
};
use pilothouse_protocols::sessions_and_workers::moment;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    asker::{Asker, Target},
    refusal::{Body, Refusal},
    shapes,
    tasks::find,
};
use crate::{desk, http::json_body::JsonBody};

/// What is to be done.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ExecuteBody {
    /// A command line for the session's agent.
    task_description: Option<String>,
}

/// What is to be done, under whichever of its three names.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct AutomationBody {
    command: Option<String>,
    task_description: Option<String>,
    message: Option<String>,
}

/// It will be done.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ExecuteReply {
    success: bool,
    /// Look for it at `/api/task/{task}`.
    task_id: String,
    /// What is to be done.
    task: String,
    #[schema(value_type = String, example = "command")]
    action: &'static str,
    /// `PENDING`, or how far it has come meanwhile.
    #[schema(value_type = String, example = "PENDING")]
    status: &'static str,
    session_id: String,
    agent_id: String,
    timestamp: String,
}

/// Have a session's agent do something in the session's folder.
#[utoipa::path(post, path = "/api/session/{session}/execute", request_body = ExecuteBody, responses((status = 200, body = ExecuteReply)))]
pub(super) async fn in_session(
    asker: Asker,
    Path(session): Path<String>,
    JsonBody(body, ..): Body<ExecuteBody>,
) -> Result<Json<ExecuteReply>, Refusal> {
    let wrong = "say with taskDescription what is to be done";
    let line = body.task_description.filter(|text| !text.trim().is_empty());
    execute(&asker, &session, line.ok_or_else(|| Refusal::invalid(wrong))?).await
}

/// The same for the page of an automation.
#[utoipa::path(post, path = "/api/automation/{session}/execute", request_body = AutomationBody, responses((status = 200, body = ExecuteReply)))]
pub(super) async fn automation(
    asker: Asker,
    Path(session): Path<String>,
    JsonBody(body, ..): Body<AutomationBody>,
) -> Result<Json<ExecuteReply>, Refusal> {
    let AutomationBody { command, task_description, message } = body;
    let given = [command, task_description, message].into_iter().flatten();
    let mut given = given.filter(|text| !text.trim().is_empty());
    let wrong = "say with command, taskDescription or message what is to be done";
    let line = given.next().ok_or_else(|| Refusal::invalid(wrong))?;
    execute(&asker, &session, line).await
}

async fn execute(
    asker: &Asker,
    session: &str,
    line: String,
) -> Result<Json<ExecuteReply>, Refusal> {
    let target = match asker.target(session) {
        Ok(target) => target,
        Err(missing) => {
            // Refused by the core too, which says first who may ask, and writes it down.
            if let Ok(agent) = AgentId::new(session) {
                let request = Request::Commands(Commands::Enqueue(enqueue(agent, &line, None)));
                asker.shared.hub.ask(&asker.caller, request, desk::WITHIN).await?;
            }
            return Err(missing);
        }
    };
    let id = queue(asker, &target, &line).await?;
    let command = find(asker, &id).await?;
    Ok(Json(ExecuteReply {
        success: true,
        task_id: id.to_string(),
        task: line,
        action: "command",
        status: command.map_or("PENDING", |command| shapes::status(&command)),
        session_id: target.id.to_string(),
        agent_id: target.agent.to_string(),
        timestamp: moment(asker.shared.hub.clock.now().wall),
    }))
}

async fn queue(asker: &Asker, target: &Target, line: &str) -> Result<CommandId, Refusal> {
    let directory = target.session.as_ref().map(|session| session.path.clone());
    let enqueue = enqueue(target.agent.clone(), line, directory);
    let request = Request::Commands(Commands::Enqueue(enqueue));
    match asker.shared.hub.ask(&asker.caller, request, desk::WITHIN).await? {
        Reply::Queued(id) => Ok(id),
        _ => Err(Refusal::unavailable("the server answered something else than it was asked")),
    }
}

fn enqueue(agent: AgentId, line: &str, directory: Option<Arc<str>>) -> Enqueue {
    Enqueue {
        agent,
        line: line.into(),
        priority: Priority::Normal,
        timeout: None,
        directory,
        environment: Vec::new(),
        request_id: None,
    }
}
