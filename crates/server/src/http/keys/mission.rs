//! `/api/agent-keys`, as mission control's front ends ask for it.

use std::{sync::Arc, time::Duration};

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use pilothouse_core::{
    ids::{AgentId, KeyId},
    keys::{Presented, Standing},
};
use pilothouse_protocols::sessions_and_workers::moment;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::Made;
use crate::{
    desk::NoAnswer,
    gateway::Shared,
    http::{
        asking::{Asking, invalid},
        envelope::{Body, Denial, Told},
        json_body::JsonBody,
    },
};

/// How long a name is, in characters.
const NAME: std::ops::RangeInclusive<usize> = 3..=100;
/// For how many days a key may count.
const DAYS: std::ops::RangeInclusive<u64> = 1..=365;
const DAY: Duration = Duration::from_hours(24);

pub(super) fn router() -> OpenApiRouter<Arc<Shared>> {
    OpenApiRouter::new()
        .routes(routes!(make, list))
        .routes(routes!(show, delete))
        .routes(routes!(revoke))
}

/// The key to be.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ApiKeyBody {
    /// For people; 3 to 100 characters.
    name: String,
    /// For how many days it counts, 1 to 365; until it is revoked if absent.
    expires_in_days: Option<u64>,
    /// The agent it is bound to.
    agent_id: Option<String>,
}

/// A key that was just made.
#[derive(Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct MadeApiKey {
    id: String,
    name: String,
    /// The key itself. It is shown here and never again.
    api_key: String,
    created_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<String>,
    #[schema(value_type = String)]
    message: &'static str,
}

/// One key, without the key itself.
#[derive(Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ApiKey {
    id: String,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    agent_id: Option<String>,
    created_at: String,
    /// The id of whoever made it.
    created_by: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_used_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    revoked_at: Option<String>,
    /// Whether it counts.
    is_active: bool,
    /// `active`, `revoked` or `expired`.
    #[schema(value_type = String)]
    status: &'static str,
}

impl From<&Presented> for ApiKey {
    fn from(Presented { key, standing, expires_at }: &Presented) -> Self {
        Self {
            id: key.id.to_string(),
            name: key.name.to_string(),
            agent_id: key.agent.as_ref().map(ToString::to_string),
            created_at: moment(key.made_at),
            created_by: key.made_by.to_string(),
            expires_at: expires_at.map(moment),
            last_used_at: key.used_at.map(moment),
            revoked_at: key.revoked_at.map(moment),
            is_active: *standing == Standing::Counts,
            status: standing.as_str(),
        }
    }
}

#[derive(Clone, Serialize, ToSchema)]
struct ApiKeys {
    /// Oldest first.
    keys: Vec<ApiKey>,
    count: usize,
}

/// What became of a key.
#[derive(Clone, Serialize, ToSchema)]
struct EndedApiKey {
    id: String,
    #[schema(value_type = String)]
    message: &'static str,
}

fn not_found() -> Denial {
    Denial::new(StatusCode::NOT_FOUND, "KEY_NOT_FOUND", "there is no such key")
}

fn id(text: &str) -> Result<KeyId, Denial> {
    text.parse().map_err(|_| not_found())
}

fn refusal(reason: NoAnswer) -> Denial {
    match reason {
        NoAnswer::Refused(pilothouse_core::CoreError::KeyNotFound(_)) => not_found(),
        other => other.into(),
    }
}

/// Makes a key for agents and shows it, once.
#[utoipa::path(
    post, path = "/api/agent-keys", request_body = ApiKeyBody,
    responses((status = 201, body = Told<MadeApiKey>))
)]
async fn make(
    State(shared): State<Arc<Shared>>,
    Asking(caller): Asking,
    JsonBody(body, ..): Body<ApiKeyBody>,
) -> Result<(StatusCode, Json<Told<MadeApiKey>>), Denial> {
    if !NAME.contains(&body.name.chars().count()) {
        return Err(invalid("a key's name has 3 to 100 characters"));
    }
    if body.expires_in_days.is_some_and(|days| !DAYS.contains(&days)) {
        return Err(invalid("expiresInDays is 1 to 365"));
    }
    let agent = body.agent_id.as_deref().map(AgentId::new).transpose();
    let agent = agent.map_err(|wrong| invalid(wrong.to_string()))?;
    let lifetime = body.expires_in_days.map(|days| DAY * u32::try_from(days).unwrap_or(u32::MAX));
    let made = super::make(&shared, &caller, &body.name, agent, lifetime).await;
    let Made { id, text, at, expires_at } = made.map_err(refusal)?;
    let made = MadeApiKey {
        id: id.to_string(),
        name: body.name,
        api_key: text,
        created_at: moment(at),
        expires_at: expires_at.map(moment),
        message: "keep this key in a safe place: it is not shown again",
    };
    Ok((StatusCode::CREATED, Told::new(made)))
}

/// The keys of agents: for operators those that they made, for administrators all.
#[utoipa::path(get, path = "/api/agent-keys", responses((status = 200, body = Told<ApiKeys>)))]
async fn list(
    State(shared): State<Arc<Shared>>,
    Asking(caller): Asking,
) -> Result<Json<Told<ApiKeys>>, Denial> {
    let visible = super::visible(&shared, &caller).map_err(refusal)?;
    let keys: Vec<ApiKey> = visible.iter().map(Into::into).collect();
    Ok(Told::new(ApiKeys { count: keys.len(), keys }))
}

/// One key.
#[utoipa::path(get, path = "/api/agent-keys/{key}", responses((status = 200, body = Told<ApiKey>)))]
async fn show(
    State(shared): State<Arc<Shared>>,
    Asking(caller): Asking,
    Path(key): Path<String>,
) -> Result<Json<Told<ApiKey>>, Denial> {
    let found = super::find(&shared, &caller, &id(&key)?).map_err(refusal)?;
    Ok(Told::new((&found).into()))
}

/// Revokes a key: it counts no longer, nor do those that agents enrolled with through it, and their sockets end.
#[utoipa::path(
    post, path = "/api/agent-keys/{key}/revoke", responses((status = 200, body = Told<EndedApiKey>))
)]
async fn revoke(
    State(shared): State<Arc<Shared>>,
    Asking(caller): Asking,
    Path(key): Path<String>,
) -> Result<Json<Told<EndedApiKey>>, Denial> {
    super::revoke(&shared, &caller, id(&key)?).await.map_err(refusal)?;
    Ok(Told::new(EndedApiKey { id: key, message: "the key was revoked" }))
}

/// Revokes a key and forgets it.
#[utoipa::path(
    delete, path = "/api/agent-keys/{key}", responses((status = 200, body = Told<EndedApiKey>))
)]
async fn delete(
    State(shared): State<Arc<Shared>>,
    Asking(caller): Asking,
    Path(key): Path<String>,
) -> Result<Json<Told<EndedApiKey>>, Denial> {
    super::delete(&shared, &caller, id(&key)?).await.map_err(refusal)?;
    Ok(Told::new(EndedApiKey { id: key, message: "the key was deleted" }))
}
