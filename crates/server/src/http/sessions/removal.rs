//! Removing a worktree: its sessions' processes end first, then the folder goes, then its sessions.

use std::{sync::Arc, time::Duration};

use axum::{
    Json,
    extract::{Path, Query},
};
use pilothouse_core::{
    Request,
    calls::PathKind,
    sessions::{self, Kind, Repository, Session, WorkerState},
};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    Success, asker::Asker, git, places::is_within, refused::Refused, worktrees::FILES_WITHIN,
};

/// How long processes may take to end beyond the signals that they are sent.
const LONGER: Duration = Duration::from_secs(3);

#[derive(Deserialize, ToSchema)]
pub(in crate::http) struct RemoveQuery {
    /// Also if there are changes that are not committed.
    force: Option<String>,
}

/// Remove a worktree: its sessions' processes end, then the folder goes, then its sessions.
///
/// The path is written as one part, with %2F for each slash.
#[utoipa::path(delete, path = "/api/repositories/{repository}/worktrees/{path}", responses((status = 200, body = Success)), params(("force" = Option<String>, Query, description = "`true` to lose changes that are not committed")))]
pub(super) async fn remove(
    asker: Asker,
    Path((repository, path)): Path<(String, String)>,
    Query(query): Query<RemoveQuery>,
) -> Result<Json<Success>, Refused> {
    let repository = asker.repository(&repository)?;
    let path = if path.starts_with('/') { path } else { format!("/{path}") };
    let listed = git::worktrees(&asker, &repository.agent, &repository.path).await?;
    let Some(place) = listed.iter().position(|known| known.path == path) else {
        return Err(Refused::not_found(format!("{path} is not a worktree of the repository")));
    };
    if place == 0 {
        return Err(Refused::invalid("this is the repository itself, which is not removed"));
    }
    let force = query.force.is_some_and(|force| matches!(force.as_str(), "" | "1" | "true"));
    check_others(&asker, &repository, &path)?;
    if !force {
        check_changes(&asker, &repository, &path).await?;
    }
    // Each politer signal gets its time, and the last one too.
    let within = asker.shared.config.core.interrupt_grace * 3 + LONGER;
    for session in own_sessions(&asker, &repository, &path) {
        let stop = Request::Sessions(sessions::Request::Stop(session.id.clone()));
        asker.ask_within(stop, within).await?;
    }
    // Somebody may have come in meanwhile.
    check_others(&asker, &repository, &path)?;
    let own = own_sessions(&asker, &repository, &path);
    if let Some(session) = own.iter().find(|session| lives(session)) {
        return Err(Refused::conflict(format!("session {} works there again", session.id)));
    }
    let mut arguments = vec!["worktree", "remove"];
    arguments.extend(force.then_some("--force"));
    arguments.extend(["--", path.as_str()]);
    let output =
        asker.git_within(&repository.agent, &repository.path, &arguments, FILES_WITHIN).await?;
    git::done(&output)?;
    for session in own {
        asker.ask(sessions::Request::Delete(session.id.clone())).await?;
    }
    Ok(Success::reply())
}

/// The sessions that were made for this worktree.
fn own_sessions(asker: &Asker, repository: &Repository, path: &str) -> Vec<Arc<Session>> {
    let all = asker.sessions().into_iter();
    all.filter(|session| is_own(session, repository, path)).collect()
}

fn is_own(session: &Session, repository: &Repository, path: &str) -> bool {
    let is_in_worktree = matches!(session.kind, Kind::Worktree { .. });
    is_in_worktree && session.agent == repository.agent && *session.path == *path
}

fn lives(session: &Session) -> bool {
    session.workers.iter().any(|worker| !matches!(worker.state, WorkerState::Ended(_)))
}

/// Refuses if somebody else works there.
fn check_others(asker: &Asker, repository: &Repository, path: &str) -> Result<(), Refused> {
    let is_other = |session: &&Arc<Session>| {
        let is_there = session.agent == repository.agent && is_within(&session.path, path);
        is_there && !is_own(session, repository, path) && lives(session)
    };
    match asker.sessions().iter().find(is_other) {
        None => Ok(()),
        Some(other) => Err(Refused::conflict(format!(
            "session {} works in this directory; end it first",
            other.id
        ))),
    }
}

/// Refuses before anything is ended if git would refuse afterwards.
async fn check_changes(asker: &Asker, repository: &Repository, path: &str) -> Result<(), Refused> {
    // Where the folder is gone already, there is nothing that could be lost.
    if asker.stat(&repository.agent, path).await?.kind != PathKind::Directory {
        return Ok(());
    }
    let output = asker.git(&repository.agent, path, &["status", "--porcelain"]).await?;
    if output.code == 0 && !output.output.trim().is_empty() {
        return Err(Refused::conflict(format!(
            "{path} has changes that are not committed; add ?force=true to lose them"
        )));
    }
    Ok(())
}
