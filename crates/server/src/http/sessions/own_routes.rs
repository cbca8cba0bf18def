//! `/api/v1/sessions`: the same sessions in our own family, with problems as RFC 9457 has them.

use std::sync::Arc;

use axum::{
    Json,
    extract::{FromRequestParts, Path},
    http::{StatusCode, request::Parts},
};
use pilothouse_core::ids::{AgentId, SessionId};
use pilothouse_protocols::sessions_and_workers as wire;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    ChangeBody, asker, changed,
    create::{SessionBody, made},
    removed,
};
use crate::{
    gateway::Shared,
    http::{
        access::Reader,
        json_body::JsonBody,
        listing::{self, MOST, Page, USUAL, Wanted},
        problem::{Body, Made, Problem},
    },
};

pub(super) fn router() -> OpenApiRouter<Arc<Shared>> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(show, change, remove))
}

/// Somebody with a token that lets them see everything.
pub(super) struct Asker(pub(super) asker::Asker);

impl FromRequestParts<Arc<Shared>> for Asker {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, shared: &Arc<Shared>) -> Result<Self, Problem> {
        let Reader(caller) = Reader::from_request_parts(parts, shared).await?;
        Ok(Self(asker::Asker::new(shared.clone(), caller)))
    }
}

/// Which sessions are wanted.
#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
struct SessionQuery {
    /// Only that agent's.
    agent_id: Option<String>,
    /// Words that all have to be in the title, the directory or the first prompt.
    q: Option<String>,
    /// `next` of the page before.
    after: Option<String>,
    /// How many at most; 100 if absent, up to 1000.
    limit: Option<usize>,
}

/// Sessions, the oldest first.
#[derive(Serialize, ToSchema)]
struct OwnSessionsReply {
    sessions: Vec<wire::Session>,
    /// What `after` has to be for the next page, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// Sessions, the oldest first.
#[utoipa::path(get, path = "/api/v1/sessions", params(SessionQuery), responses((status = 200, body = OwnSessionsReply)))]
async fn list(
    Asker(asker): Asker,
    wanted: Wanted<SessionQuery>,
) -> Result<Page<OwnSessionsReply>, Problem> {
    let query = &wanted.query;
    let agent: Option<AgentId> = listing::id("agentId", query.agent_id.as_deref())?;
    let words = listing::words(query.q.as_deref())?;
    let after: Option<SessionId> = listing::id("after", query.after.as_deref())?;
    let limit = listing::limit(query.limit, USUAL, MOST);
    let found = asker.sessions().into_iter().filter(|session| {
        let text = |text: &Option<Arc<str>>| text.clone().unwrap_or_default();
        let (title, prompt) = (text(&session.title), text(&session.initial_prompt));
        agent.as_ref().is_none_or(|agent| session.agent == *agent)
            && listing::has_all(&words, &[&title, &session.path, &prompt])
    });
    let (page, has_more) = listing::cut(found, |session| session.id.clone(), after.as_ref(), limit);
    let next = page.last().filter(|_| has_more).map(|last| last.id.to_string());
    let sessions = page.iter().map(|session| session.as_ref().into()).collect();
    let reply = OwnSessionsReply { sessions, next: next.clone() };
    Ok(wanted.page(reply, "after", next.as_deref()))
}

/// Make a session.
///
/// It has no worker unless `agentType` or `initialPrompt` asks for one.
#[utoipa::path(
    post, path = "/api/v1/sessions", request_body = SessionBody,
    responses((status = 201, body = wire::Session, headers(("Location" = String, description = "where the session is found")))),
)]
async fn create(
    Asker(asker): Asker,
    JsonBody(body, ..): Body<SessionBody>,
) -> Result<Made<wire::Session>, Problem> {
    let session = made(&asker, body).await?;
    let path = format!("/api/v1/sessions/{}", session.id);
    Ok(Made::new(&asker.shared, &path, Json(session.as_ref().into())))
}

/// One session.
#[utoipa::path(get, path = "/api/v1/sessions/{session}", responses((status = 200, body = wire::Session)))]
async fn show(
    Asker(asker): Asker,
    Path(session): Path<String>,
) -> Result<Json<wire::Session>, Problem> {
    Ok(Json(asker.session(&session)?.as_ref().into()))
}

/// Change a session's title, or rename the branch in its worktree.
#[utoipa::path(
    patch, path = "/api/v1/sessions/{session}", request_body = ChangeBody,
    responses((status = 200, body = wire::Session)),
)]
async fn change(
    Asker(asker): Asker,
    Path(session): Path<String>,
    JsonBody(body, ..): Body<ChangeBody>,
) -> Result<Json<wire::Session>, Problem> {
    changed(&asker, &session, &body).await?;
    Ok(Json(asker.session(&session)?.as_ref().into()))
}

/// End a session's workers and forget it. Its directory stays.
#[utoipa::path(delete, path = "/api/v1/sessions/{session}", responses((status = 204, description = "it is gone")))]
async fn remove(Asker(asker): Asker, Path(session): Path<String>) -> Result<StatusCode, Problem> {
    removed(&asker, &session).await?;
    Ok(StatusCode::NO_CONTENT)
}
