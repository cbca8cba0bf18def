//! The REST routes of the sessions and workers protocol: sessions, workers, repositories, worktrees.

mod agent_kind_edits;
mod agent_kinds;
mod asker;
mod body;
mod create;
mod git;
mod launch;
mod own_routes;
mod own_workers;
mod places;
mod refused;
mod removal;
mod repositories;
mod shapes;
mod validation;
mod workers;
mod worktrees;

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, Query},
};
use pilothouse_core::{
    ids::SessionId,
    sessions::{Change, Kind, Request, Session},
};
use pilothouse_protocols::sessions_and_workers as wire;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use self::{
    asker::Asker,
    body::{Body, JsonBody},
    git::Branches,
};
use crate::gateway::Shared;

pub(super) use self::{
    refused::{ErrorBody, Refused},
    removal::__path_remove as __path_remove_worktree,
};

/// Every route of the family.
pub(super) fn router() -> OpenApiRouter<Arc<Shared>> {
    OpenApiRouter::new()
        .routes(routes!(config))
        .routes(routes!(list, create::create))
        .routes(routes!(validation::validate))
        .routes(routes!(show, change, remove))
        .routes(routes!(drop_invalid))
        .routes(routes!(branches))
        .merge(workers::router())
        .merge(repositories::router())
        .merge(worktrees::router())
        .merge(agent_kinds::router())
        .merge(own_routes::router())
        .merge(own_workers::router())
}

/// Done.
#[derive(Serialize, ToSchema)]
pub(super) struct Success {
    success: bool,
}

impl Success {
    fn reply() -> Json<Self> {
        Json(Self { success: true })
    }
}

#[derive(Serialize, ToSchema)]
pub(super) struct SessionReply {
    session: wire::Session,
}

#[derive(Serialize, ToSchema)]
pub(super) struct SessionsReply {
    sessions: Vec<wire::Session>,
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ConfigQuery {
    agent_id: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ConfigReply {
    /// The home of the agent's user; empty if there is not exactly one agent to ask.
    home_dir: String,
}

/// What of a session is to change.
#[derive(Deserialize, ToSchema)]
pub(super) struct ChangeBody {
    title: Option<String>,
    /// The new name of the branch in its worktree.
    branch: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub(super) struct ChangeReply {
    success: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    branch: Option<String>,
}

/// What a page has to know before it draws anything.
#[utoipa::path(get, path = "/api/config", responses((status = 200, body = ConfigReply)), params(("agentId" = Option<String>, Query, description = "whose home is meant; that of the only agent that is connected if absent")))]
async fn config(asker: Asker, Query(query): Query<ConfigQuery>) -> Json<ConfigReply> {
    let mut home_dir = String::new();
    // Agents are not asked about paths for people who may not go there.
    if asker.may_change()
        && let Ok(agent) = asker.agent(query.agent_id.as_deref())
        && let Ok(home) = places::home(&asker, &agent).await
    {
        home_dir = home.to_string();
    }
    Json(ConfigReply { home_dir })
}

/// Every session.
#[utoipa::path(get, path = "/api/sessions", responses((status = 200, body = SessionsReply)))]
async fn list(asker: Asker) -> Json<SessionsReply> {
    let sessions = asker.sessions().iter().map(|session| session.as_ref().into()).collect();
    Json(SessionsReply { sessions })
}

/// One session.
#[utoipa::path(get, path = "/api/sessions/{session}", responses((status = 200, body = SessionReply)))]
async fn show(asker: Asker, Path(session): Path<String>) -> Result<Json<SessionReply>, Refused> {
    let session = asker.session(&session)?;
    Ok(Json(SessionReply { session: session.as_ref().into() }))
}

/// Change a session's title, or rename the branch in its worktree.
#[utoipa::path(patch, path = "/api/sessions/{session}", request_body = ChangeBody, responses((status = 200, body = ChangeReply)))]
async fn change(
    asker: Asker,
    Path(session): Path<String>,
    JsonBody(body, ..): Body<ChangeBody>,
) -> Result<Json<ChangeReply>, Refused> {
    changed(&asker, &session, &body).await?;
    let ChangeBody { title, branch } = body;
    Ok(Json(ChangeReply { success: true, title, branch }))
}

/// Changes a session.
async fn changed(asker: &Asker, session: &str, body: &ChangeBody) -> Result<(), Refused> {
    let ChangeBody { title, branch } = body;
    if title.is_none() && branch.is_none() {
        return Err(Refused::invalid("give a title, a branch, or both"));
    }
    body::check_texts([("title", title.as_ref())])?;
    let text = |text: &Option<String>| text.as_deref().map(Arc::from);
    let session = match asker.session(session) {
        Ok(session) => session,
        Err(missing) => {
            let change = |session| Change { session, title: text(title), branch: text(branch) };
            let asked = SessionId::new(session).ok().map(|id| Request::Change(change(id)));
            return asker.refuse(missing, asked).await;
        }
    };
    if let Some(branch) = branch {
        rename_branch(asker, &session, branch).await?;
    }
    let change = Change { session: session.id.clone(), title: text(title), branch: text(branch) };
    asker.ask(Request::Change(change)).await.map(drop)
}

async fn rename_branch(asker: &Asker, session: &Session, branch: &str) -> Result<(), Refused> {
    git::check_branch(branch)?;
    let Kind::Worktree { branch: old, .. } = &session.kind else {
        return Err(Refused::invalid("only a session in a worktree has a branch"));
    };
    if **old != *branch {
        let output = asker.git(&session.agent, &session.path, &["branch", "-m", branch]).await?;
        git::done(&output)?;
    }
    Ok(())
}

/// End a session's workers and forget it. Its directory stays.
#[utoipa::path(delete, path = "/api/sessions/{session}", responses((status = 200, body = Success)))]
async fn remove(asker: Asker, Path(session): Path<String>) -> Result<Json<Success>, Refused> {
    removed(&asker, &session).await?;
    Ok(Success::reply())
}

/// Ends a session's workers and forgets it.
async fn removed(asker: &Asker, session: &str) -> Result<(), Refused> {
    let session = match asker.session(session) {
        Ok(session) => session,
        Err(missing) => {
            let asked = SessionId::new(session).ok().map(Request::Delete);
            return asker.refuse(missing, asked).await;
        }
    };
    asker.ask(Request::Delete(session.id.clone())).await.map(drop)
}

/// Forget a session that lost its place.
#[utoipa::path(delete, path = "/api/sessions/{session}/invalid", responses((status = 200, body = Success)))]
async fn drop_invalid(asker: Asker, session: Path<String>) -> Result<Json<Success>, Refused> {
    remove(asker, session).await
}

/// The branches of the repository that a session is in.
#[utoipa::path(get, path = "/api/sessions/{session}/branches", responses((status = 200, body = Branches)))]
async fn branches(asker: Asker, Path(session): Path<String>) -> Result<Json<Branches>, Refused> {
    let session = asker.session(&session)?;
    Ok(Json(git::branches(&asker, &session.agent, &session.path).await?))
}
