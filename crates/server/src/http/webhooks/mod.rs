//! `/api/v1/webhooks`: addresses elsewhere that are told of what people should know. For administrators alone.

mod deliveries;
mod shapes;

use std::{collections::BTreeSet, sync::Arc};

use axum::{
    Json,
    extract::{FromRequestParts, Path, State},
    http::{StatusCode, request::Parts},
};
use pilothouse_core::{
    Caller, Reply, Request, Role,
    ids::{AgentId, WebhookId},
    webhooks::{Change, Draft, Occasion, Request as Ask, Webhook, WebhookSecret},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use self::shapes::{
    MadeWebhook, RotatedSecret, WebhookChange, WebhookDraft, WebhookShape, WebhooksReply,
};
use super::{
    access::Bearer,
    json_body::JsonBody,
    problem::{Body, Problem},
};
use crate::{
    desk,
    gateway::Shared,
    webhooks::{Target, make_secret},
};

pub(super) fn router() -> OpenApiRouter<Arc<Shared>> {
    OpenApiRouter::new()
        .routes(routes!(list, add))
        .routes(routes!(show, change, remove))
        .routes(routes!(rotate))
        .routes(routes!(deliveries::test))
        .routes(routes!(deliveries::list))
        .routes(routes!(deliveries::redeliver))
}

/// An administrator, for what only reads: the core checks whoever changes something.
struct Admin;

impl FromRequestParts<Arc<Shared>> for Admin {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, shared: &Arc<Shared>) -> Result<Self, Problem> {
        let Bearer(caller) = Bearer::from_request_parts(parts, shared).await?;
        if caller.is_at_least(Role::Admin) {
            return Ok(Self);
        }
        Err(Problem::new(StatusCode::FORBIDDEN, "this takes the role admin"))
    }
}

/// Every webhook.
#[utoipa::path(get, path = "/api/v1/webhooks", responses((status = 200, body = WebhooksReply)))]
async fn list(State(shared): State<Arc<Shared>>, _: Admin) -> Json<WebhooksReply> {
    let webhooks: Vec<_> = shared.hub.look(|core, _| core.webhooks().cloned().collect());
    Json(WebhooksReply {
        webhooks: webhooks.iter().map(|webhook| webhook.as_ref().into()).collect(),
    })
}

/// Make a webhook. The answer has the secret that signs what it is told, here and never again.
#[utoipa::path(post, path = "/api/v1/webhooks", request_body = WebhookDraft, responses((status = 201, body = MadeWebhook)))]
async fn add(
    State(shared): State<Arc<Shared>>,
    Bearer(caller): Bearer,
    JsonBody(body, ..): Body<WebhookDraft>,
) -> Result<(StatusCode, Json<MadeWebhook>), Problem> {
    let secret = new_secret()?;
    let draft = Draft {
        name: body.name.into(),
        url: url(body.url)?,
        occasions: occasions(&body.events)?,
        agent: body.agent_id.as_deref().map(agent_id).transpose()?,
        secret: secret.clone(),
    };
    let Reply::WebhookAdded(id) = ask(&shared, &caller, Ask::Add(draft)).await? else {
        return Err(odd_answer());
    };
    let webhook = find(&shared, &id)?;
    let made = MadeWebhook { webhook: webhook.as_ref().into(), secret: secret.0.to_string() };
    Ok((StatusCode::CREATED, Json(made)))
}

/// One webhook.
#[utoipa::path(get, path = "/api/v1/webhooks/{webhook}", responses((status = 200, body = WebhookShape)))]
async fn show(
    State(shared): State<Arc<Shared>>,
    _: Admin,
    Path(webhook): Path<String>,
) -> Result<Json<WebhookShape>, Problem> {
    Ok(Json(find(&shared, &webhook_id(&webhook)?)?.as_ref().into()))
}

/// Change some of a webhook. Turning it off gives up what waits for it.
#[utoipa::path(patch, path = "/api/v1/webhooks/{webhook}", request_body = WebhookChange, responses((status = 200, body = WebhookShape)))]
async fn change(
    State(shared): State<Arc<Shared>>,
    Bearer(caller): Bearer,
    Path(webhook): Path<String>,
    JsonBody(body, ..): Body<WebhookChange>,
) -> Result<Json<WebhookShape>, Problem> {
    let webhook = webhook_id(&webhook)?;
    let agent = match body.agent_id {
        None => None,
        Some(None) => Some(None),
        Some(Some(agent)) => Some(Some(agent_id(&agent)?)),
    };
    let change = Change {
        name: body.name.map(Into::into),
        url: body.url.map(url).transpose()?,
        occasions: body.events.as_deref().map(occasions).transpose()?,
        agent,
        is_active: body.is_active,
    };
    ask(&shared, &caller, Ask::Change { webhook: webhook.clone(), change }).await?;
    Ok(Json(find(&shared, &webhook)?.as_ref().into()))
}

/// Forget a webhook, and what waits for it.
#[utoipa::path(delete, path = "/api/v1/webhooks/{webhook}", responses((status = 204)))]
async fn remove(
    State(shared): State<Arc<Shared>>,
    Bearer(caller): Bearer,
    Path(webhook): Path<String>,
) -> Result<StatusCode, Problem> {
    ask(&shared, &caller, Ask::Remove(webhook_id(&webhook)?)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Sign with a new secret from now on. For a day, what is sent carries the signature of the old one as well.
#[utoipa::path(post, path = "/api/v1/webhooks/{webhook}/rotate", responses((status = 200, body = RotatedSecret)))]
async fn rotate(
    State(shared): State<Arc<Shared>>,
    Bearer(caller): Bearer,
    Path(webhook): Path<String>,
) -> Result<Json<RotatedSecret>, Problem> {
    let webhook = webhook_id(&webhook)?;
    let secret = new_secret()?;
    let request = Ask::Rotate { webhook: webhook.clone(), secret: secret.clone() };
    ask(&shared, &caller, request).await?;
    let webhook = find(&shared, &webhook)?;
    Ok(Json(RotatedSecret::of(&webhook, &secret)))
}

async fn ask(shared: &Shared, caller: &Caller, request: Ask) -> Result<Reply, Problem> {
    Ok(shared.hub.ask(caller, Request::Webhooks(request), desk::WITHIN).await?)
}

fn new_secret() -> Result<WebhookSecret, Problem> {
    make_secret().map_err(|error| {
        tracing::error!(%error, "there are no random numbers");
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, "there are no random numbers now; try again")
    })
}

fn odd_answer() -> Problem {
    let detail = "the server answered something else than it was asked";
    Problem::new(StatusCode::INTERNAL_SERVER_ERROR, detail)
}

fn invalid(reason: impl Into<String>) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, reason)
}

fn webhook_id(text: &str) -> Result<WebhookId, Problem> {
    let unknown = || Problem::new(StatusCode::NOT_FOUND, format!("webhook {text} is not known"));
    WebhookId::new(text).map_err(|_| unknown())
}

fn agent_id(text: &str) -> Result<AgentId, Problem> {
    AgentId::new(text).map_err(|wrong| invalid(format!("agentId: {wrong}")))
}

fn find(shared: &Shared, id: &WebhookId) -> Result<Arc<Webhook>, Problem> {
    let found =
        shared.hub.look(|core, _| core.webhooks().find(|webhook| webhook.id == *id).cloned());
    let gone = || Problem::new(StatusCode::NOT_FOUND, format!("webhook {id} is not known"));
    found.ok_or_else(gone)
}

fn url(text: String) -> Result<Arc<str>, Problem> {
    text.parse::<Target>().map_err(|wrong| invalid(wrong.to_string()))?;
    Ok(text.into())
}

fn occasions(words: &[String]) -> Result<BTreeSet<Occasion>, Problem> {
    let named = |word: &String| {
        let unknown = || {
            invalid(format!(
                "there is no event {word:?}; there are attention, failed, offline and completed"
            ))
        };
        Occasion::named(word).ok_or_else(unknown)
    };
    words.iter().map(named).collect()
}
