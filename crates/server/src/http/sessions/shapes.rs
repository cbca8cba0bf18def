//! Sessions, workers and repositories as this family's replies have them.

use pilothouse_core::sessions::{Kind, Repository, Session, Worker, WorkerKind};
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::clock::moment;

/// A session.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Session)]
pub(in crate::http) struct SessionShape {
    id: String,
    #[serde(rename = "type")]
    kind: &'static str,
    location_path: String,
    status: &'static str,
    created_at: String,
    workers: Vec<WorkerShape>,
    #[serde(skip_serializing_if = "Option::is_none")]
    initial_prompt: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    repository_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    worktree_id: Option<String>,
}

/// A worker.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Worker)]
pub(in crate::http) struct WorkerShape {
    id: String,
    #[serde(rename = "type")]
    kind: &'static str,
    name: String,
    created_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    agent_id: Option<String>,
}

/// A repository.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Repository)]
pub(in crate::http) struct RepositoryShape {
    id: String,
    name: String,
    path: String,
    registered_at: String,
    agent_id: String,
}

impl From<&Session> for SessionShape {
    fn from(session: &Session) -> Self {
        let (kind, repository_id, worktree_id) = match &session.kind {
            Kind::Quick => ("quick", None, None),
            Kind::Worktree { repository, branch } => {
                ("worktree", Some(repository.to_string()), Some(branch.to_string()))
            }
        };
        Self {
            id: session.id.to_string(),
            kind,
            location_path: session.path.to_string(),
            status: if session.is_active { "active" } else { "inactive" },
            created_at: moment(session.created_at),
            workers: session.workers.iter().map(|worker| worker.as_ref().into()).collect(),
            initial_prompt: session.initial_prompt.as_ref().map(ToString::to_string),
            title: session.title.as_ref().map(ToString::to_string),
            repository_id,
            worktree_id,
        }
    }
}

impl From<&Worker> for WorkerShape {
    fn from(worker: &Worker) -> Self {
        let (kind, agent_id) = match &worker.kind {
            WorkerKind::Terminal => ("terminal", None),
            WorkerKind::Agent { agent_type } => ("agent", Some(agent_type.to_string())),
        };
        Self {
            id: worker.id.to_string(),
            kind,
            name: worker.name.to_string(),
            created_at: moment(worker.created_at),
            agent_id,
        }
    }
}

impl From<&Repository> for RepositoryShape {
    fn from(repository: &Repository) -> Self {
        Self {
            id: repository.id.to_string(),
            name: repository.name.to_string(),
            path: repository.path.to_string(),
            registered_at: moment(repository.created_at),
            agent_id: repository.agent.to_string(),
        }
    }
}
