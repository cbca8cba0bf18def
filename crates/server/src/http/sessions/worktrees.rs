//! Worktrees of registered repositories: listed and made, each in a folder of its own.
//!
//! They lie in the home of the agent's user, in `.local/share/pilothouse/worktrees/REPOSITORY/wt-NNN-xxxx`; the
//! number is the lowest that is free, and the letters keep a folder from being taken for an older one.

use std::{sync::Arc, time::Duration};

use axum::{Json, extract::Path, http::StatusCode, routing::delete};
use pilothouse_core::sessions::{Kind, Repository};
use pilothouse_protocols::sessions_and_workers as wire;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    asker::Asker,
    body::{Body, JsonBody},
    create::{Beginning, machine_or_type},
    git::{self, Listed},
    places,
    refused::Refused,
    removal,
};
use crate::gateway::Shared;

/// How long git may take to check out, or to delete, all files of a worktree.
pub(super) const FILES_WITHIN: Duration = Duration::from_secs(120);
/// Where worktrees are, in a home.
const FOLDER: &str = ".local/share/pilothouse/worktrees";

pub(super) fn router() -> OpenApiRouter<Arc<Shared>> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        // The path of a worktree goes on over slashes, which documents cannot say.
        .route("/api/repositories/{repository}/worktrees/{*path}", delete(removal::remove))
}

/// A worktree.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::http) struct WorktreeShape {
    path: String,
    branch: String,
    is_main: bool,
    repository_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    index: Option<u32>,
}

#[derive(Serialize, ToSchema)]
pub(in crate::http) struct WorktreesReply {
    worktrees: Vec<WorktreeShape>,
}

/// A worktree to be made.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::http) struct WorktreeBody {
    /// `custom`: a new branch of that name; `existing`: a branch that is there; `prompt`: a new one, named for you.
    mode: String,
    branch: Option<String>,
    /// Where a new branch begins; at the repository's HEAD if absent.
    base_branch: Option<String>,
    /// Whether a session is made in it.
    auto_start_session: Option<bool>,
    agent_id: Option<String>,
    agent_type: Option<String>,
    initial_prompt: Option<String>,
    title: Option<String>,
}

/// Which branch was taken in place of a better name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::http) struct BranchNameFallback {
    used_branch: String,
    reason: String,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::http) struct WorktreeMade {
    worktree: WorktreeShape,
    session: Option<wire::Session>,
    #[serde(skip_serializing_if = "Option::is_none")]
    branch_name_fallback: Option<BranchNameFallback>,
}

/// Which branch a worktree gets.
struct Branch {
    name: String,
    /// Whether it is made, and from where.
    is_made: bool,
    base: Option<String>,
    fallback: Option<BranchNameFallback>,
}

/// The worktrees of a repository, the repository itself first.
#[utoipa::path(get, path = "/api/repositories/{repository}/worktrees", responses((status = 200, body = WorktreesReply)))]
async fn list(
    asker: Asker,
    Path(repository): Path<String>,
) -> Result<Json<WorktreesReply>, Refused> {
    let repository = asker.repository(&repository)?;
    let listed = git::worktrees(&asker, &repository.agent, &repository.path).await?;
    let worktrees =
        listed.into_iter().enumerate().map(|(place, it)| shape(it, place == 0, &repository));
    Ok(Json(WorktreesReply { worktrees: worktrees.collect() }))
}

fn shape(listed: Listed, is_main: bool, repository: &Repository) -> WorktreeShape {
    WorktreeShape {
        index: git::number(&listed.path).filter(|_| !is_main),
        path: listed.path,
        branch: listed.branch,
        is_main,
        repository_id: repository.id.to_string(),
    }
}

/// Make a worktree, and a session in it if asked for.
#[utoipa::path(post, path = "/api/repositories/{repository}/worktrees", request_body = WorktreeBody, responses((status = 201, body = WorktreeMade)))]
async fn create(
    asker: Asker,
    Path(repository): Path<String>,
    JsonBody(body, ..): Body<WorktreeBody>,
) -> Result<(StatusCode, Json<WorktreeMade>), Refused> {
    let repository = asker.repository(&repository)?;
    let branch = wanted_branch(&asker, &body)?;
    let (machine, agent_type) = machine_or_type(&asker, body.agent_id, body.agent_type);
    if machine.is_some_and(|machine| machine != repository.agent.as_str()) {
        return Err(Refused::invalid(format!("the repository is on agent {}", repository.agent)));
    }
    let beginning = Beginning {
        title: body.title,
        agent_type,
        initial_prompt: body.initial_prompt,
        continues: false,
    };
    beginning.check(&asker)?;
    let made = make(&asker, &repository, &branch).await?;
    let session = if body.auto_start_session.unwrap_or(false) {
        let kind = Kind::Worktree {
            repository: repository.id.clone(),
            branch: made.branch.as_str().into(),
        };
        let path = made.path.as_str().into();
        let created = beginning.create(&asker, repository.agent.clone(), kind, path).await;
        Some(created?.as_ref().into())
    } else {
        None
    };
    let worktree = shape(made, false, &repository);
    let reply = WorktreeMade { worktree, session, branch_name_fallback: branch.fallback };
    Ok((StatusCode::CREATED, Json(reply)))
}

fn wanted_branch(asker: &Asker, body: &WorktreeBody) -> Result<Branch, Refused> {
    let named = || {
        let name = body.branch.clone();
        let name = name.ok_or_else(|| Refused::invalid("this mode needs the name of a branch"))?;
        git::check_branch(&name).map(|()| name)
    };
    if let Some(base) = &body.base_branch {
        git::check_branch(base)?;
    }
    let base = body.base_branch.clone();
    match body.mode.as_str() {
        "custom" => Ok(Branch { name: named()?, is_made: true, base, fallback: None }),
        "existing" => Ok(Branch { name: named()?, is_made: false, base: None, fallback: None }),
        "prompt" if body.initial_prompt.as_ref().is_none_or(|text| text.trim().is_empty()) => {
            Err(Refused::invalid("this mode needs an initialPrompt"))
        }
        "prompt" => {
            let name = format!("task-{}", asker.shared.hub.clock.now().wall.0);
            let reason = "branches are not named by a model here; rename it if you like".to_owned();
            let fallback = Some(BranchNameFallback { used_branch: name.clone(), reason });
            Ok(Branch { name, is_made: true, base, fallback })
        }
        _ => Err(Refused::invalid("the mode is custom, existing or prompt")),
    }
}

/// Makes the worktree in a folder of its own.
async fn make(asker: &Asker, repository: &Repository, branch: &Branch) -> Result<Listed, Refused> {
    let agent = &repository.agent;
    let known = git::worktrees(asker, agent, &repository.path).await?;
    let home = places::home(asker, agent).await?;
    let folder = folder_name(&repository.name);
    let letters = letters()?;
    let number = git::free_number(&known);
    let path = format!("{}/{FOLDER}/{folder}/wt-{number:03}-{letters}", home.trim_end_matches('/'));
    let mut arguments = vec!["worktree", "add"];
    if branch.is_made {
        arguments.extend(["-b", branch.name.as_str(), "--", path.as_str()]);
        arguments.extend(branch.base.as_deref());
    } else {
        arguments.extend(["--", path.as_str(), branch.name.as_str()]);
    }
    let output = asker.git_within(agent, &repository.path, &arguments, FILES_WITHIN).await?;
    git::done(&output)?;
    // As git calls it from now on, should the home be reached over a link.
    let after = git::worktrees(asker, agent, &repository.path).await?;
    let made = after.into_iter().find(|listed| {
        listed.path == path
            || known.iter().all(|old| old.path != listed.path) && {
                git::number(&listed.path) == Some(number)
            }
    });
    made.ok_or_else(|| Refused::conflict("git made no worktree; look at the agent's machine"))
}

/// The repository's name as one plain part of a path.
fn folder_name(name: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    let plain: String = name.chars().map(|c| if is_plain(c) { c } else { '_' }).take(64).collect();
    let plain = plain.trim_start_matches(['.', '-']);
    if plain.is_empty() { "repository".to_owned() } else { plain.to_owned() }
}

/// Four letters that nobody can foresee.
fn letters() -> Result<String, Refused> {
    let mut bytes = [0; 4];
    getrandom::fill(&mut bytes)
        .map_err(|error| Refused::conflict(format!("no random letters can be had: {error}")))?;
    Ok(bytes
        .iter()
        .map(|byte| char::from(b"abcdefghijkmnpqrstuvwxyz23456789"[usize::from(byte % 32)]))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_has_a_plain_name_whatever_the_repository_is_called() {
        for (name, folder) in [
            ("pilot.house-2", "pilot.house-2"),
            ("a b/ä", "a_b__"),
            ("..", "repository"),
            (".git", "git"),
            ("--x", "x"),
        ] {
            assert_eq!(folder_name(name), folder);
        }
        let letters = letters().unwrap();
        assert!(letters.len() == 4 && letters.bytes().all(|b| b.is_ascii_alphanumeric()));
    }
}
