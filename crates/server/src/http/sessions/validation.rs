//! Whether sessions are still where they were made: directory, repository, branch.

use std::sync::Arc;

use axum::Json;
use pilothouse_core::{
    calls::PathKind,
    sessions::{Kind, Session},
};
use serde::Serialize;
use tokio::task::JoinSet;
use utoipa::ToSchema;

use super::{asker::Asker, refused::Refused};

/// How many sessions are looked at, oldest first; the rest is not reported.
const MOST: usize = 500;
/// How many agents are asked at once.
const AT_ONCE: usize = 16;

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::http) struct ValidationReply {
    results: Vec<SessionValidation>,
    has_issues: bool,
}

/// What is wrong with a session, if anything.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::http) struct SessionValidation {
    session_id: String,
    session: ValidatedSession,
    valid: bool,
    issues: Vec<Issue>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::http) struct ValidatedSession {
    #[serde(rename = "type")]
    kind: &'static str,
    location_path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    worktree_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
}

/// One thing that is wrong.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(in crate::http) struct Issue {
    /// `directory_not_found`, `not_git_repository` or `branch_not_found`.
    #[serde(rename = "type")]
    kind: &'static str,
    message: String,
}

/// Which sessions lost their directory, repository or branch.
///
/// Only those whose agent is connected are looked at; nothing is said against the others.
#[utoipa::path(get, path = "/api/sessions/validate", responses((status = 200, body = ValidationReply)))]
pub(super) async fn validate(asker: Asker) -> Result<Json<ValidationReply>, Refused> {
    if !asker.may_change() {
        return Err(Refused::forbidden("this takes the role operator or admin"));
    }
    let sessions: Vec<_> = asker.sessions().into_iter().take(MOST).collect();
    let mut results = Vec::new();
    for group in sessions.chunks(AT_ONCE) {
        let mut looks = JoinSet::new();
        for (place, session) in group.iter().cloned().enumerate() {
            let asker = asker.clone();
            looks.spawn(async move { (place, issues(&asker, &session).await) });
        }
        let mut found = looks.join_all().await;
        found.sort_by_key(|(place, _)| *place);
        results.extend(found.into_iter().map(|(place, issues)| result(&group[place], issues)));
    }
    let has_issues = results.iter().any(|result: &SessionValidation| !result.valid);
    Ok(Json(ValidationReply { results, has_issues }))
}

fn result(session: &Arc<Session>, issues: Vec<Issue>) -> SessionValidation {
    let (kind, worktree_id) = match &session.kind {
        Kind::Quick => ("quick", None),
        Kind::Worktree { branch, .. } => ("worktree", Some(branch.to_string())),
    };
    SessionValidation {
        session_id: session.id.to_string(),
        session: ValidatedSession {
            kind,
            location_path: session.path.to_string(),
            worktree_id,
            title: session.title.as_ref().map(ToString::to_string),
        },
        valid: issues.is_empty(),
        issues,
    }
}

/// What can be found out now. An agent that does not answer says nothing against its sessions.
async fn issues(asker: &Asker, session: &Session) -> Vec<Issue> {
    let Session { agent, path, .. } = session;
    let issue = |kind, message| vec![Issue { kind, message }];
    match asker.stat(agent, path).await {
        Ok(stat) if stat.kind != PathKind::Directory => {
            return issue("directory_not_found", format!("there is no directory at {path}"));
        }
        Ok(_) => {}
        Err(_) => return Vec::new(),
    }
    let Kind::Worktree { branch, .. } = &session.kind else { return Vec::new() };
    match asker.git(agent, path, &["rev-parse", "--git-dir"]).await {
        Ok(output) if output.code != 0 => {
            return issue("not_git_repository", format!("{path} is not a git repository any more"));
        }
        Ok(_) => {}
        Err(_) => return Vec::new(),
    }
    let reference = format!("refs/heads/{branch}");
    match asker.git(agent, path, &["rev-parse", "--verify", "--quiet", &reference]).await {
        Ok(output) if output.code != 0 => {
            issue("branch_not_found", format!("there is no branch {branch} any more"))
        }
        _ => Vec::new(),
    }
}
