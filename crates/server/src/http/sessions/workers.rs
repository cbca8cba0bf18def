//! The workers of a session: listed, added, removed, restarted.

use std::sync::Arc;

use axum::{Json, extract::Path, http::StatusCode};
use pilothouse_core::{
    Reply,
    ids::{SessionId, WorkerId},
    sessions::{AddWorker, Request, Session, Worker, WorkerKind},
};
use pilothouse_protocols::sessions_and_workers as wire;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    Success, agent_kinds,
    asker::Asker,
    body::{Body, JsonBody, check_texts},
    launch,
    refused::Refused,
};
use crate::gateway::Shared;

pub(super) fn router() -> OpenApiRouter<Arc<Shared>> {
    OpenApiRouter::new().routes(routes!(list, add)).routes(routes!(remove)).routes(routes!(restart))
}

/// A worker to be added.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::http) struct WorkerBody {
    /// `terminal` or `agent`.
    #[serde(rename = "type")]
    kind: String,
    name: Option<String>,
    /// Which kind of command line agent; the default one if absent.
    agent_type: Option<String>,
    /// What the agent is asked to do.
    initial_prompt: Option<String>,
    continue_conversation: Option<bool>,
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::http) struct RestartBody {
    /// Whether an agent goes on with its last conversation.
    continue_conversation: Option<bool>,
}

#[derive(Serialize, ToSchema)]
pub(in crate::http) struct WorkersReply {
    workers: Vec<wire::Worker>,
}

#[derive(Serialize, ToSchema)]
pub(in crate::http) struct WorkerReply {
    worker: wire::Worker,
}

/// The workers of a session.
#[utoipa::path(get, path = "/api/sessions/{session}/workers", responses((status = 200, body = WorkersReply)))]
async fn list(asker: Asker, Path(session): Path<String>) -> Result<Json<WorkersReply>, Refused> {
    let session = asker.session(&session)?;
    let workers = session.workers.iter().map(|worker| worker.as_ref().into()).collect();
    Ok(Json(WorkersReply { workers }))
}

/// Add a worker to a session and start it.
#[utoipa::path(post, path = "/api/sessions/{session}/workers", request_body = WorkerBody, responses((status = 201, body = WorkerReply)))]
async fn add(
    asker: Asker,
    Path(session): Path<String>,
    JsonBody(body, ..): Body<WorkerBody>,
) -> Result<(StatusCode, Json<WorkerReply>), Refused> {
    let (_, worker) = added(&asker, &session, body).await?;
    Ok((StatusCode::CREATED, Json(WorkerReply { worker: worker.as_ref().into() })))
}

/// Adds a worker to a session.
pub(super) async fn added(
    asker: &Asker,
    session: &str,
    body: WorkerBody,
) -> Result<(Arc<Session>, Arc<Worker>), Refused> {
    let session = match asker.session(session) {
        Ok(session) => session,
        Err(missing) => {
            let add = |session| AddWorker { session, worker: launch::terminal(body.name.as_ref()) };
            let asked = SessionId::new(session).ok().map(|id| Request::AddWorker(add(id)));
            return asker.refuse(missing, asked).await;
        }
    };
    check_texts([("name", body.name.as_ref()), ("initialPrompt", body.initial_prompt.as_ref())])?;
    let worker = match body.kind.as_str() {
        "terminal" => launch::terminal(body.name.as_ref()),
        "agent" => {
            let agent_type = agent_kinds::find(asker, body.agent_type.as_deref())?;
            let continues = body.continue_conversation.unwrap_or(false);
            let added = launch::agent(&agent_type, body.initial_prompt.as_ref(), continues)?;
            launch::named(added, body.name.as_ref(), &session)
        }
        _ => return Err(Refused::invalid("the type of a worker is terminal or agent")),
    };
    let request = Request::AddWorker(AddWorker { session: session.id.clone(), worker });
    let Reply::WorkerAdded(id) = asker.ask(request).await? else {
        return Err(Refused::conflict("the worker was not added"));
    };
    asker.worker(session.id.as_str(), id.as_str())
}

/// End a worker and take it out of its session.
#[utoipa::path(delete, path = "/api/sessions/{session}/workers/{worker}", responses((status = 200, body = Success)))]
async fn remove(
    asker: Asker,
    Path((session, worker)): Path<(String, String)>,
) -> Result<Json<Success>, Refused> {
    removed(&asker, &session, &worker).await?;
    Ok(Success::reply())
}

/// Ends a worker and takes it out of its session.
pub(super) async fn removed(asker: &Asker, session: &str, worker: &str) -> Result<(), Refused> {
    let (session, worker) = match asker.worker(session, worker) {
        Ok((session, worker)) => (session.id.clone(), worker.id.clone()),
        Err(missing) => {
            let asked = ids(session, worker)
                .map(|(session, worker)| Request::RemoveWorker { session, worker });
            return asker.refuse(missing, asked).await;
        }
    };
    asker.ask(Request::RemoveWorker { session, worker }).await.map(drop)
}

/// End a worker's process if it lives, and begin another one.
///
/// An agent begins without its first prompt, or goes on with its last conversation.
#[utoipa::path(post, path = "/api/sessions/{session}/workers/{worker}/restart", request_body = RestartBody, responses((status = 200, body = WorkerReply)))]
async fn restart(
    asker: Asker,
    Path((session, worker)): Path<(String, String)>,
    JsonBody(body, ..): Body<RestartBody>,
) -> Result<Json<WorkerReply>, Refused> {
    let worker = restarted(&asker, (&session, &worker), body).await?;
    Ok(Json(WorkerReply { worker: worker.as_ref().into() }))
}

/// Ends a worker's process if it lives, and begins another one.
pub(super) async fn restarted(
    asker: &Asker,
    (session, worker): (&str, &str),
    body: RestartBody,
) -> Result<Arc<Worker>, Refused> {
    let (session, worker) = match asker.worker(session, worker) {
        Ok(found) => found,
        Err(missing) => {
            let asked = ids(session, worker).map(|(session, worker)| Request::RestartWorker {
                session,
                worker,
                launch: None,
            });
            return asker.refuse(missing, asked).await;
        }
    };
    // Without its prompt: what was asked for once is not done a second time.
    let launch = match &worker.kind {
        WorkerKind::Terminal => None,
        WorkerKind::Agent { agent_type } => {
            let agent_type = agent_kinds::find(asker, Some(agent_type))?;
            let continues = body.continue_conversation.unwrap_or(false);
            Some(launch::launch(&agent_type, None, continues)?)
        }
    };
    let (session, worker) = (session.id.clone(), worker.id.clone());
    let request =
        Request::RestartWorker { session: session.clone(), worker: worker.clone(), launch };
    asker.ask(request).await?;
    let (_, worker) = asker.worker(session.as_str(), worker.as_str())?;
    Ok(worker)
}

/// Both as ids, if they are any.
fn ids(session: &str, worker: &str) -> Option<(SessionId, WorkerId)> {
    Some((SessionId::new(session).ok()?, WorkerId::new(worker).ok()?))
}
