//! Repositories: registered, listed, forgotten, and their branches.

use std::sync::Arc;

use axum::{Json, extract::Path, http::StatusCode};
use pilothouse_core::{Reply, ids::RepositoryId, sessions::Request};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    Success,
    asker::Asker,
    body::{Body, JsonBody},
    git::{self, Branches},
    places,
    refused::Refused,
    shapes::RepositoryShape,
};
use crate::gateway::Shared;

pub(super) fn router() -> OpenApiRouter<Arc<Shared>> {
    OpenApiRouter::new()
        .routes(routes!(list, add))
        .routes(routes!(remove))
        .routes(routes!(branches))
}

/// A repository to be registered.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::http) struct RepositoryBody {
    /// Any directory in it.
    path: String,
    /// On which agent; the only one that is connected if absent.
    agent_id: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub(in crate::http) struct RepositoriesReply {
    repositories: Vec<RepositoryShape>,
}

#[derive(Serialize, ToSchema)]
pub(in crate::http) struct RepositoryReply {
    repository: RepositoryShape,
}

/// The registered repositories.
#[utoipa::path(get, path = "/api/repositories", responses((status = 200, body = RepositoriesReply)))]
async fn list(asker: Asker) -> Json<RepositoriesReply> {
    let repositories = asker.repositories().iter().map(|known| known.as_ref().into()).collect();
    Json(RepositoriesReply { repositories })
}

/// Register a git repository.
#[utoipa::path(post, path = "/api/repositories", request_body = RepositoryBody, responses((status = 201, body = RepositoryReply)))]
async fn add(
    asker: Asker,
    JsonBody(body, ..): Body<RepositoryBody>,
) -> Result<(StatusCode, Json<RepositoryReply>), Refused> {
    let agent = asker.agent(body.agent_id.as_deref())?;
    let directory = places::directory(&asker, &agent, &body.path).await?;
    let path = git::root(&asker, &agent, &directory).await?;
    if asker.repositories().iter().any(|known| known.agent == agent && known.path == path) {
        return Err(Refused::conflict(format!("the repository at {path} is registered already")));
    }
    let reply = asker.ask(Request::AddRepository { agent, path }).await?;
    let Reply::RepositoryAdded(id) = reply else {
        return Err(Refused::conflict("the repository was not registered"));
    };
    let repository = asker.repository(id.as_str())?;
    Ok((StatusCode::CREATED, Json(RepositoryReply { repository: repository.as_ref().into() })))
}

/// Forget a repository; nothing is deleted on its agent.
#[utoipa::path(delete, path = "/api/repositories/{repository}", responses((status = 200, body = Success)))]
async fn remove(asker: Asker, Path(repository): Path<String>) -> Result<Json<Success>, Refused> {
    let repository = match asker.repository(&repository) {
        Ok(repository) => repository,
        Err(missing) => {
            let asked = RepositoryId::new(&repository).ok().map(Request::RemoveRepository);
            return asker.refuse(missing, asked).await;
        }
    };
    asker.ask(Request::RemoveRepository(repository.id.clone())).await?;
    Ok(Success::reply())
}

/// The branches of a repository.
#[utoipa::path(get, path = "/api/repositories/{repository}/branches", responses((status = 200, body = Branches)))]
async fn branches(asker: Asker, Path(repository): Path<String>) -> Result<Json<Branches>, Refused> {
    let repository = asker.repository(&repository)?;
    Ok(Json(git::branches(&asker, &repository.agent, &repository.path).await?))
}
