//! What a webhook was told, and is to be told again.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, Query, State, rejection::QueryRejection},
    http::StatusCode,
};
use pilothouse_core::{Reply, ids::DeliveryId, webhooks::Request as Ask};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{
    Admin, ask, find, invalid, odd_answer,
    shapes::{DeliveriesReply, MadeDelivery},
    webhook_id,
};
use crate::{
    gateway::Shared,
    http::{access::Bearer, problem::Problem},
};

/// How many deliveries a page has if nobody says, and at most.
const USUAL: usize = 50;
const MOST: usize = 500;

/// Which page.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Wanted {
    /// At most so many.
    limit: Option<usize>,
    /// Only those that are older than this one: `next` of the page before.
    before: Option<String>,
}

/// Send something that says that it is a test.
#[utoipa::path(post, path = "/api/v1/webhooks/{webhook}/test", responses((status = 202, body = MadeDelivery)))]
pub(super) async fn test(
    State(shared): State<Arc<Shared>>,
    Bearer(caller): Bearer,
    Path(webhook): Path<String>,
) -> Result<(StatusCode, Json<MadeDelivery>), Problem> {
    let webhook = webhook_id(&webhook)?;
    let Reply::DeliveryMade(id) = ask(&shared, &caller, Ask::Test(webhook)).await? else {
        return Err(odd_answer());
    };
    Ok((StatusCode::ACCEPTED, Json(MadeDelivery { id: id.to_string() })))
}

/// What a webhook is to be told and was told last, newest first.
#[utoipa::path(get, path = "/api/v1/webhooks/{webhook}/deliveries", params(Wanted), responses((status = 200, body = DeliveriesReply)))]
pub(super) async fn list(
    State(shared): State<Arc<Shared>>,
    _: Admin,
    Path(webhook): Path<String>,
    wanted: Result<Query<Wanted>, QueryRejection>,
) -> Result<Json<DeliveriesReply>, Problem> {
    let Query(wanted) = wanted.map_err(|rejection| invalid(rejection.body_text()))?;
    let webhook = find(&shared, &webhook_id(&webhook)?)?;
    let before = wanted.before.as_deref().map(DeliveryId::new).transpose();
    let before = before.map_err(|wrong| invalid(format!("before: {wrong}")))?;
    let limit = wanted.limit.unwrap_or(USUAL).clamp(1, MOST);
    let page =
        shared.hub.look(|core, _| core.webhook_deliveries(&webhook.id, before.as_ref(), limit));
    let next = page.last().filter(|_| page.len() == limit).map(|last| last.id.to_string());
    let deliveries = page.iter().map(|delivery| delivery.as_ref().into()).collect();
    Ok(Json(DeliveriesReply { deliveries, next }))
}

/// Send something that has ended once more, under the same id.
#[utoipa::path(post, path = "/api/v1/webhooks/{webhook}/deliveries/{delivery}/redeliver", responses((status = 202, body = MadeDelivery)))]
pub(super) async fn redeliver(
    State(shared): State<Arc<Shared>>,
    Bearer(caller): Bearer,
    Path((webhook, delivery)): Path<(String, String)>,
) -> Result<(StatusCode, Json<MadeDelivery>), Problem> {
    let webhook = webhook_id(&webhook)?;
    let unknown =
        || Problem::new(StatusCode::NOT_FOUND, format!("delivery {delivery} is not known"));
    let id = DeliveryId::new(&delivery).map_err(|_| unknown())?;
    ask(&shared, &caller, Ask::Redeliver { webhook, delivery: id.clone() }).await?;
    Ok((StatusCode::ACCEPTED, Json(MadeDelivery { id: id.to_string() })))
}
