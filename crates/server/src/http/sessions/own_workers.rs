//! `/api/v1/sessions/{session}/workers`: the same workers in our own family, and their output by position.

use std::sync::Arc;

use axum::{
    Json,
    extract::Path,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use pilothouse_core::{
    ids::WorkerId,
    sessions::{Request, WorkerState},
    streams::StreamKey,
};
use pilothouse_protocols::sessions_and_workers as wire;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    own_routes::Asker,
    workers::{RestartBody, WorkerBody, added, removed, restarted},
};
use crate::{
    gateway::Shared,
    http::{
        json_body::JsonBody,
        listing::{self, Page, Wanted},
        output::{self, OutputReply},
        problem::{Body, Made, Problem, not_found},
    },
};

pub(super) fn router() -> OpenApiRouter<Arc<Shared>> {
    OpenApiRouter::new()
        .routes(routes!(list, add))
        .routes(routes!(show, remove))
        .routes(routes!(restart))
        .routes(routes!(read))
}

/// Which workers are wanted.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct WorkerQuery {
    /// `next` of the page before.
    after: Option<String>,
    /// How many at most; 100 if absent, up to 1000.
    limit: Option<usize>,
}

/// Workers, the oldest first.
#[derive(Serialize, ToSchema)]
struct OwnWorkersReply {
    workers: Vec<wire::Worker>,
    /// What `after` has to be for the next page, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// Which part of a terminal's output is wanted.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct TerminalQuery {
    /// The position to begin at; `next` of the page before.
    from: Option<u64>,
    /// About how many bytes at most; 65536 if absent, up to 1048576.
    limit: Option<usize>,
    /// Of which life of the worker; its present one if absent.
    epoch: Option<u32>,
    /// `json` for pages, `text` for all of it as it was written. Without it the Accept field decides.
    format: Option<String>,
}

/// The workers of a session, the oldest first.
#[utoipa::path(
    get, path = "/api/v1/sessions/{session}/workers", params(WorkerQuery),
    responses((status = 200, body = OwnWorkersReply)),
)]
async fn list(
    Asker(asker): Asker,
    Path(session): Path<String>,
    wanted: Wanted<WorkerQuery>,
) -> Result<Page<OwnWorkersReply>, Problem> {
    let session = asker.session(&session)?;
    let after: Option<WorkerId> = listing::id("after", wanted.query.after.as_deref())?;
    let limit = listing::limit(wanted.query.limit, listing::USUAL, listing::MOST);
    let mut all = session.workers.to_vec();
    all.sort_by(|one, other| one.id.cmp(&other.id));
    let (page, has_more) = listing::cut(all, |worker| worker.id.clone(), after.as_ref(), limit);
    let next = page.last().filter(|_| has_more).map(|last| last.id.to_string());
    let workers = page.iter().map(|worker| worker.as_ref().into()).collect();
    let reply = OwnWorkersReply { workers, next: next.clone() };
    Ok(wanted.page(reply, "after", next.as_deref()))
}

/// Add a worker to a session and start it.
#[utoipa::path(
    post, path = "/api/v1/sessions/{session}/workers", request_body = WorkerBody,
    responses((status = 201, body = wire::Worker, headers(("Location" = String, description = "where the worker is found")))),
)]
async fn add(
    Asker(asker): Asker,
    Path(session): Path<String>,
    JsonBody(body, ..): Body<WorkerBody>,
) -> Result<Made<wire::Worker>, Problem> {
    let (session, worker) = added(&asker, &session, body).await?;
    let path = format!("/api/v1/sessions/{}/workers/{}", session.id, worker.id);
    Ok(Made::new(&asker.shared, &path, Json(worker.as_ref().into())))
}

/// One worker.
#[utoipa::path(
    get, path = "/api/v1/sessions/{session}/workers/{worker}",
    responses((status = 200, body = wire::Worker)),
)]
async fn show(
    Asker(asker): Asker,
    Path((session, worker)): Path<(String, String)>,
) -> Result<Json<wire::Worker>, Problem> {
    let (_, worker) = asker.worker(&session, &worker)?;
    Ok(Json(worker.as_ref().into()))
}

/// End a worker and take it out of its session.
#[utoipa::path(
    delete, path = "/api/v1/sessions/{session}/workers/{worker}",
    responses((status = 204, description = "it is gone")),
)]
async fn remove(
    Asker(asker): Asker,
    Path((session, worker)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    removed(&asker, &session, &worker).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// End a worker's process if it lives, and begin another one.
///
/// An agent begins without its first prompt, or goes on with its last conversation.
#[utoipa::path(
    post, path = "/api/v1/sessions/{session}/workers/{worker}/restart", request_body = RestartBody,
    responses((status = 200, body = wire::Worker)),
)]
async fn restart(
    Asker(asker): Asker,
    Path((session, worker)): Path<(String, String)>,
    JsonBody(body, ..): Body<RestartBody>,
) -> Result<Json<wire::Worker>, Problem> {
    let worker = restarted(&asker, (&session, &worker), body).await?;
    Ok(Json(worker.as_ref().into()))
}

/// What a worker's terminal printed, a page at a time, by positions in its log.
///
/// As `text/plain` it is all of it from a position on, byte by byte. Each request is a look at the terminal, which
/// stands in the audit.
#[utoipa::path(
    get, path = "/api/v1/sessions/{session}/workers/{worker}/output", params(TerminalQuery),
    responses((status = 200, content((OutputReply = "application/json"), (String = "text/plain")))),
)]
async fn read(
    Asker(asker): Asker,
    Path((session, worker)): Path<(String, String)>,
    fields: HeaderMap,
    Wanted { query, .. }: Wanted<TerminalQuery>,
) -> Result<Response, Problem> {
    let is_text = output::wants_text(query.format.as_deref(), &fields)?;
    let limit = listing::limit(query.limit, output::USUAL, output::MOST);
    let from = output::beginning(query.from)?;
    let (session, worker) = asker.worker(&session, &worker)?;
    asker.ask(Request::Look { session: session.id.clone(), worker: worker.id.clone() }).await?;
    let epoch = query.epoch.unwrap_or(worker.epoch);
    if epoch > worker.epoch {
        return Err(not_found(format!("the worker has had no life {epoch} yet")));
    }
    let stream = StreamKey { epoch, ..worker.stream() };
    let store = &asker.shared.store;
    if is_text {
        return output::as_text(store.clone(), stream, from, None).await;
    }
    let is_over = epoch < worker.epoch || matches!(worker.state, WorkerState::Ended(_));
    let part = output::read(store.as_ref(), &stream, from, limit).await?;
    Ok(Json(part.page(None, is_over)).into_response())
}
