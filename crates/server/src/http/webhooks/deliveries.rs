//! What a webhook was told, and is to be told again.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use pilothouse_core::{Reply, ids::DeliveryId, webhooks::Request as Ask};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{
    Admin, ask, find, odd_answer,
    shapes::{DeliveriesReply, MadeDelivery},
    webhook_id,
};
use crate::{
    gateway::Shared,
    http::{
        access::Bearer,
        listing::{self, Page, Wanted},
        problem::Problem,
    },
};

/// Which page.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct DeliveryQuery {
    /// How many at most; 100 if absent, up to 1000.
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
#[utoipa::path(get, path = "/api/v1/webhooks/{webhook}/deliveries", params(DeliveryQuery), responses((status = 200, body = DeliveriesReply)))]
pub(super) async fn list(
    State(shared): State<Arc<Shared>>,
    _: Admin,
    Path(webhook): Path<String>,
    wanted: Wanted<DeliveryQuery>,
) -> Result<Page<DeliveriesReply>, Problem> {
    let DeliveryQuery { limit, before } = &wanted.query;
    let webhook = find(&shared, &webhook_id(&webhook)?)?;
    let before: Option<DeliveryId> = listing::id("before", before.as_deref())?;
    let limit = listing::limit(*limit, listing::USUAL, listing::MOST);
    // One more, which tells whether there is a next page.
    let most = limit + 1;
    let mut page =
        shared.hub.look(|core, _| core.webhook_deliveries(&webhook.id, before.as_ref(), most));
    let has_more = page.len() > limit;
    page.truncate(limit);
    let next = page.last().filter(|_| has_more).map(|last| last.id.to_string());
    let deliveries = page.iter().map(|delivery| delivery.as_ref().into()).collect();
    let reply = DeliveriesReply { deliveries, next: next.clone() };
    Ok(wanted.page(reply, "before", next.as_deref()))
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
