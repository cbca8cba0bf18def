//! Webhooks and deliveries as JSON.

use pilothouse_core::webhooks::{DeliveryState, Webhook, WebhookDelivery, WebhookSecret};
use pilothouse_protocols::sessions_and_workers::moment;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

#[derive(Serialize, ToSchema)]
pub(super) struct WebhooksReply {
    /// The oldest first.
    pub(super) webhooks: Vec<WebhookShape>,
}

/// The webhook to be.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct WebhookDraft {
    /// For people; 1 to 100 bytes.
    pub(super) name: String,
    /// Where it is: `http` or `https`, without a user.
    pub(super) url: String,
    /// What it is to be told of: some of `attention`, `failed`, `offline`, `completed`.
    pub(super) events: Vec<String>,
    /// The one agent it is to be told of; all if absent.
    pub(super) agent_id: Option<String>,
}

/// What is to be other than it is; the rest stays.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct WebhookChange {
    pub(super) name: Option<String>,
    pub(super) url: Option<String>,
    pub(super) events: Option<Vec<String>>,
    /// `null` for all agents.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    pub(super) agent_id: Option<Option<String>>,
    pub(super) is_active: Option<bool>,
}

/// Tells `null` from what is not there.
#[expect(clippy::option_option, reason = "absent and null mean different things")]
fn given<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(from).map(Some)
}

/// An address that is told.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Webhook)]
pub(super) struct WebhookShape {
    id: String,
    name: String,
    url: String,
    /// What it is told of.
    events: Vec<String>,
    /// The one agent it is told of; all if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    agent_id: Option<String>,
    is_active: bool,
    /// Why it was turned off, if nobody did it by hand.
    #[serde(skip_serializing_if = "Option::is_none")]
    turned_off: Option<String>,
    /// Since when nothing arrived there, if that is so.
    #[serde(skip_serializing_if = "Option::is_none")]
    failing_since: Option<String>,
    made_by: String,
    made_at: String,
    /// Until when the secret before this one signs as well.
    #[serde(skip_serializing_if = "Option::is_none")]
    old_secret_until: Option<String>,
}

impl From<&Webhook> for WebhookShape {
    fn from(webhook: &Webhook) -> Self {
        let events = webhook.occasions.iter().map(|occasion| occasion.as_str().to_owned());
        Self {
            id: webhook.id.to_string(),
            name: webhook.name.to_string(),
            url: webhook.url.to_string(),
            events: events.collect(),
            agent_id: webhook.agent.as_ref().map(ToString::to_string),
            is_active: webhook.is_active,
            turned_off: webhook.turned_off.as_deref().map(str::to_owned),
            failing_since: webhook.failing_since.map(moment),
            made_by: webhook.made_by.to_string(),
            made_at: moment(webhook.made_at),
            old_secret_until: webhook.old_secret.as_ref().map(|old| moment(old.until)),
        }
    }
}

/// A webhook that was just made.
#[derive(Serialize, ToSchema)]
pub(super) struct MadeWebhook {
    #[serde(flatten)]
    pub(super) webhook: WebhookShape,
    /// What signs what it is told. It is shown here and never again.
    pub(super) secret: String,
}

/// A secret that was just made.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct RotatedSecret {
    /// It is shown here and never again.
    secret: String,
    /// Until when the one before signs as well.
    #[serde(skip_serializing_if = "Option::is_none")]
    old_secret_until: Option<String>,
}

impl RotatedSecret {
    pub(super) fn of(webhook: &Webhook, secret: &WebhookSecret) -> Self {
        let old_secret_until = webhook.old_secret.as_ref().map(|old| moment(old.until));
        Self { secret: secret.0.to_string(), old_secret_until }
    }
}

#[derive(Serialize, ToSchema)]
pub(super) struct DeliveriesReply {
    /// The newest first: what waits, and the last hundred that have ended.
    pub(super) deliveries: Vec<DeliveryShape>,
    /// What `before` has to be for the next page, if there may be one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) next: Option<String>,
}

/// The delivery that was made.
#[derive(Serialize, ToSchema)]
pub(super) struct MadeDelivery {
    pub(super) id: String,
}

/// One piece of news on its way to a webhook.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = WebhookDelivery)]
pub(super) struct DeliveryShape {
    id: String,
    /// The `webhook-id` that its receiver sees, the same at every attempt.
    event_id: String,
    /// Such as `command.failed`.
    #[serde(rename = "type")]
    #[schema(value_type = String)]
    kind: &'static str,
    text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    agent_id: Option<String>,
    /// When it happened.
    at: String,
    /// `pending`, `delivered` or `failed`.
    #[schema(value_type = String)]
    state: &'static str,
    attempts: u32,
    /// When it is tried next.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_at: Option<String>,
    /// When it arrived, or was given up.
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_at: Option<String>,
    /// The status of the last answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_status: Option<u16>,
    /// What was wrong last.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_error: Option<String>,
}

impl From<&WebhookDelivery> for DeliveryShape {
    fn from(delivery: &WebhookDelivery) -> Self {
        let news = &delivery.news;
        let at = moment(delivery.next_at);
        let is_pending = delivery.state == DeliveryState::Pending;
        let (next_at, ended_at) = if is_pending { (Some(at), None) } else { (None, Some(at)) };
        Self {
            id: delivery.id.to_string(),
            event_id: news.id.to_string(),
            kind: news.kind.as_str(),
            text: news.text.to_string(),
            agent_id: news.agent.as_ref().map(|(id, _)| id.to_string()),
            at: moment(news.at),
            state: delivery.state.as_str(),
            attempts: delivery.attempts,
            next_at,
            ended_at,
            last_status: delivery.last.status,
            last_error: delivery.last.error.as_deref().map(str::to_owned),
        }
    }
}
