//! Repositories as this family's replies have them. Sessions and workers are as their protocol has them.

use pilothouse_core::sessions::Repository;
use pilothouse_protocols::sessions_and_workers::moment;
use serde::Serialize;
use utoipa::ToSchema;

/// A git repository on an agent.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Repository)]
pub(in crate::http) struct RepositoryShape {
    id: String,
    name: String,
    path: String,
    registered_at: String,
    /// The id of the agent on whose machine it is.
    agent: String,
}

impl From<&Repository> for RepositoryShape {
    fn from(repository: &Repository) -> Self {
        Self {
            id: repository.id.to_string(),
            name: repository.name.to_string(),
            path: repository.path.to_string(),
            registered_at: moment(repository.created_at),
            agent: repository.agent.to_string(),
        }
    }
}
