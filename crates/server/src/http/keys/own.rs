//! `/api/v1/keys`.

use std::sync::Arc;

use axum::{
    Extension, Json,
    extract::{Path, State},
    http::StatusCode,
};
use pilothouse_core::{
    ids::{AgentId, KeyId},
    keys::Presented,
};
use pilothouse_protocols::sessions_and_workers::moment;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    config::duration,
    gateway::Shared,
    http::{
        access::Bearer,
        idempotency::ShownOnce,
        json_body::JsonBody,
        listing::{After, Page, Wanted},
        problem::{Body, Made, Problem},
    },
};

pub(super) fn router() -> OpenApiRouter<Arc<Shared>> {
    OpenApiRouter::new()
        .routes(routes!(make, list))
        .routes(routes!(show, delete))
        .routes(routes!(revoke))
}

/// The key to be.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct KeyDraftBody {
    /// For people; 1 to 100 bytes.
    name: String,
    /// The agent it is bound to. Without one it opens the links of agents that are new, or enrolled through it.
    agent_id: Option<String>,
    /// For how long it counts, such as `90d`; until it is revoked if absent.
    expires_in: Option<String>,
}

/// A key that was just made.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct MadeKey {
    id: String,
    /// The key itself. It is shown here and never again.
    key: String,
    created_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<String>,
}

/// One key, without the key itself.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AgentKey)]
struct KeyShape {
    id: String,
    name: String,
    /// `made` by a person, or `enrolled`: the agent made it and presents it.
    #[schema(value_type = String)]
    origin: &'static str,
    /// `active`, `revoked` or `expired`.
    #[schema(value_type = String)]
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    agent_id: Option<String>,
    /// Of an enrolled one: the key that its agent enrolled through. With that it ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    parent_id: Option<String>,
    /// The id of whoever made it.
    created_by: String,
    created_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<String>,
    /// To the minute.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_used_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    revoked_at: Option<String>,
}

impl From<&Presented> for KeyShape {
    fn from(Presented { key, standing, expires_at }: &Presented) -> Self {
        Self {
            id: key.id.to_string(),
            name: key.name.to_string(),
            origin: key.origin.as_str(),
            status: standing.as_str(),
            agent_id: key.agent.as_ref().map(ToString::to_string),
            parent_id: key.parent.as_ref().map(ToString::to_string),
            created_by: key.made_by.to_string(),
            created_at: moment(key.made_at),
            expires_at: expires_at.map(moment),
            last_used_at: key.used_at.map(moment),
            revoked_at: key.revoked_at.map(moment),
        }
    }
}

#[derive(Serialize, ToSchema)]
struct KeysReply {
    /// Oldest first.
    keys: Vec<KeyShape>,
    /// What `after` has to be for the next page, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct KeyEnded {
    /// How many sockets were closed.
    closed: usize,
}

fn invalid(reason: impl Into<String>) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, reason)
}

fn id(text: &str) -> Result<KeyId, Problem> {
    text.parse().map_err(|_| Problem::new(StatusCode::NOT_FOUND, "there is no such key"))
}

/// Makes a key for agents and shows it, once.
#[utoipa::path(
    post, path = "/api/v1/keys", request_body = KeyDraftBody, responses((status = 201, body = MadeKey))
)]
async fn make(
    State(shared): State<Arc<Shared>>,
    Bearer(caller): Bearer,
    JsonBody(body, ..): Body<KeyDraftBody>,
) -> Result<(Extension<ShownOnce>, Made<MadeKey>), Problem> {
    let agent = body.agent_id.as_deref().map(AgentId::new).transpose();
    let agent = agent.map_err(|wrong| invalid(wrong.to_string()))?;
    let lifetime = body.expires_in.as_deref().map(duration).transpose().map_err(invalid)?;
    let made = super::make(&shared, &caller, &body.name, agent, lifetime).await?;
    let super::Made { id, text, at, expires_at } = made;
    let path = format!("/api/v1/keys/{id}");
    let (id, expires_at) = (id.to_string(), expires_at.map(moment));
    let made = MadeKey { id, key: text, created_at: moment(at), expires_at };
    Ok((Extension(ShownOnce), Made::new(&shared, &path, Json(made))))
}

/// The keys of agents: for operators those that they made, for administrators all.
#[utoipa::path(get, path = "/api/v1/keys", params(After), responses((status = 200, body = KeysReply)))]
async fn list(
    State(shared): State<Arc<Shared>>,
    Bearer(caller): Bearer,
    wanted: Wanted<After>,
) -> Result<Page<KeysReply>, Problem> {
    let keys = super::visible(&shared, &caller)?;
    let (keys, next) = wanted.after(keys, |presented| presented.key.id.clone())?;
    let next = next.map(|id| id.to_string());
    let reply = KeysReply { keys: keys.iter().map(Into::into).collect(), next: next.clone() };
    Ok(wanted.page(reply, "after", next.as_deref()))
}

/// One key.
#[utoipa::path(get, path = "/api/v1/keys/{key}", responses((status = 200, body = KeyShape)))]
async fn show(
    State(shared): State<Arc<Shared>>,
    Bearer(caller): Bearer,
    Path(key): Path<String>,
) -> Result<Json<KeyShape>, Problem> {
    Ok(Json((&super::find(&shared, &caller, &id(&key)?)?).into()))
}

/// Revokes a key: it counts no longer, nor do those that agents enrolled with through it, and their sockets end.
#[utoipa::path(post, path = "/api/v1/keys/{key}/revoke", responses((status = 200, body = KeyEnded)))]
async fn revoke(
    State(shared): State<Arc<Shared>>,
    Bearer(caller): Bearer,
    Path(key): Path<String>,
) -> Result<Json<KeyEnded>, Problem> {
    let closed = super::revoke(&shared, &caller, id(&key)?).await?;
    Ok(Json(KeyEnded { closed }))
}

/// Revokes a key and forgets it. A forgotten key that an agent enrolled with frees the agent's id.
#[utoipa::path(delete, path = "/api/v1/keys/{key}", responses((status = 200, body = KeyEnded)))]
async fn delete(
    State(shared): State<Arc<Shared>>,
    Bearer(caller): Bearer,
    Path(key): Path<String>,
) -> Result<Json<KeyEnded>, Problem> {
    let closed = super::delete(&shared, &caller, id(&key)?).await?;
    Ok(Json(KeyEnded { closed }))
}
