//! The REST routes of the sessions and workers protocol: sessions, workers, repositories, worktrees.

mod agent_kinds;
mod asker;
mod body;
mod create;
mod git;
mod launch;
mod places;
pub(super) mod refused;
mod removal;
mod repositories;
pub(super) mod shapes;
mod validation;
mod workers;
mod worktrees;

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Path, Query},
    routing::{delete, get},
};
use pilothouse_core::sessions::{Change, Kind, Request, Session};
use serde::{Deserialize, Serialize};

use self::{asker::Asker, body::Body, git::Branches, refused::Refused, shapes::SessionShape};
use crate::gateway::Shared;

/// Every route of the family.
pub(super) fn router() -> Router<Arc<Shared>> {
    Router::new()
        .route("/api/config", get(config))
        .route("/api/sessions", get(list).post(create::create))
        .route("/api/sessions/validate", get(validation::validate))
        .route("/api/sessions/{session}", get(show).patch(change).delete(remove))
        .route("/api/sessions/{session}/invalid", delete(remove))
        .route("/api/sessions/{session}/branches", get(branches))
        .merge(workers::router())
        .merge(repositories::router())
        .merge(worktrees::router())
        .merge(agent_kinds::router())
}

/// Done.
#[derive(Serialize)]
pub(super) struct Success {
    success: bool,
}

impl Success {
    fn reply() -> Json<Self> {
        Json(Self { success: true })
    }
}

#[derive(Serialize)]
pub(super) struct SessionReply {
    session: SessionShape,
}

#[derive(Serialize)]
pub(super) struct SessionsReply {
    sessions: Vec<SessionShape>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ConfigQuery {
    agent_id: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ConfigReply {
    /// The home of the agent's user; empty if there is not exactly one agent to ask.
    home_dir: String,
}

/// What of a session is to change.
#[derive(Deserialize)]
pub(super) struct ChangeBody {
    title: Option<String>,
    /// The new name of the branch in its worktree.
    branch: Option<String>,
}

#[derive(Serialize)]
pub(super) struct ChangeReply {
    success: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    branch: Option<String>,
}

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

async fn list(asker: Asker) -> Json<SessionsReply> {
    let sessions = asker.sessions().iter().map(|session| session.as_ref().into()).collect();
    Json(SessionsReply { sessions })
}

async fn show(asker: Asker, Path(session): Path<String>) -> Result<Json<SessionReply>, Refused> {
    let session = asker.session(&session)?;
    Ok(Json(SessionReply { session: session.as_ref().into() }))
}

async fn change(
    asker: Asker,
    Path(session): Path<String>,
    Body(ChangeBody { title, branch }): Body<ChangeBody>,
) -> Result<Json<ChangeReply>, Refused> {
    if title.is_none() && branch.is_none() {
        return Err(Refused::invalid("give a title, a branch, or both"));
    }
    body::check_texts([("title", title.as_ref())])?;
    let session = asker.session(&session)?;
    if let Some(branch) = &branch {
        rename_branch(&asker, &session, branch).await?;
    }
    let text = |text: &Option<String>| text.as_deref().map(Arc::from);
    let change = Change { session: session.id.clone(), title: text(&title), branch: text(&branch) };
    asker.ask(Request::Change(change)).await?;
    Ok(Json(ChangeReply { success: true, title, branch }))
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

async fn remove(asker: Asker, Path(session): Path<String>) -> Result<Json<Success>, Refused> {
    let session = asker.session(&session)?;
    asker.ask(Request::Delete(session.id.clone())).await?;
    Ok(Success::reply())
}

async fn branches(asker: Asker, Path(session): Path<String>) -> Result<Json<Branches>, Refused> {
    let session = asker.session(&session)?;
    Ok(Json(git::branches(&asker, &session.agent, &session.path).await?))
}
