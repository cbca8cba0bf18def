//! Webhooks, their deliveries, and the agents that are expected to be there, as rows.

use std::{
    collections::BTreeSet,
    sync::{Arc, LazyLock},
};

use pilothouse_core::{
    ids::{AgentId, DeliveryId, WebhookId},
    webhooks::{
        Attempt, DeliveryState, Occasion, OldSecret, StoredWebhooks, Webhook, WebhookDelivery,
        WebhookSecret,
    },
};
use sqlx::{AnyConnection, any::AnyRow};

use super::{
    failure::Failure,
    fields::Fields,
    news,
    rows::{ManyRows, integer, text},
};

static REPLACE: LazyLock<ManyRows> = LazyLock::new(|| {
    ManyRows::new(
        "INSERT INTO webhooks (id, name, url, occasions, agent, is_active, turned_off, failing_since, made_by, \
         made_at, secret, old_secret, old_secret_until) VALUES",
        13,
        "ON CONFLICT (id) DO UPDATE SET name = excluded.name, url = excluded.url, occasions = excluded.occasions, \
         agent = excluded.agent, is_active = excluded.is_active, turned_off = excluded.turned_off, \
         failing_since = excluded.failing_since, secret = excluded.secret, old_secret = excluded.old_secret, \
         old_secret_until = excluded.old_secret_until",
    )
});

static DELETE: LazyLock<ManyRows> =
    LazyLock::new(|| ManyRows::new("DELETE FROM webhooks WHERE id IN (VALUES", 1, ")"));

static DELETE_DELIVERIES: LazyLock<ManyRows> = LazyLock::new(|| {
    ManyRows::new("DELETE FROM webhook_deliveries WHERE webhook IN (VALUES", 1, ")")
});

static REPLACE_DELIVERIES: LazyLock<ManyRows> = LazyLock::new(|| {
    ManyRows::new(
        "INSERT INTO webhook_deliveries (id, webhook, state, attempts, next_at, last_status, last_error, news) VALUES",
        8,
        "ON CONFLICT (id) DO UPDATE SET state = excluded.state, attempts = excluded.attempts, \
         next_at = excluded.next_at, last_status = excluded.last_status, last_error = excluded.last_error",
    )
});

static EXPECT: LazyLock<ManyRows> = LazyLock::new(|| {
    ManyRows::new("INSERT INTO expected_agents (agent) VALUES", 1, "ON CONFLICT (agent) DO NOTHING")
});

static EXPECT_NOT: LazyLock<ManyRows> =
    LazyLock::new(|| ManyRows::new("DELETE FROM expected_agents WHERE agent IN (VALUES", 1, ")"));

/// Leaves as many that have ended as are kept.
const FORGET: &str = "DELETE FROM webhook_deliveries WHERE webhook = $1 AND state <> 'pending' AND id NOT IN \
                      (SELECT id FROM webhook_deliveries WHERE webhook = $1 AND state <> 'pending' \
                      ORDER BY id DESC LIMIT 100)";

/// Inserts or replaces webhooks, each at most once.
pub(super) async fn replace(
    connection: &mut AnyConnection,
    webhooks: &[&Webhook],
) -> Result<(), Failure> {
    REPLACE
        .run(connection, webhooks, |query, webhook| {
            let old = webhook.old_secret.as_ref();
            query
                .bind(webhook.id.to_string())
                .bind(text(&webhook.name))
                .bind(text(&webhook.url))
                .bind(list(&webhook.occasions))
                .bind(webhook.agent.as_ref().map(ToString::to_string))
                .bind(i64::from(webhook.is_active))
                .bind(webhook.turned_off.as_deref().map(text))
                .bind(webhook.failing_since.map(|since| integer(since.0)))
                .bind(text(&webhook.made_by))
                .bind(integer(webhook.made_at.0))
                .bind(text(&webhook.secret.0))
                .bind(old.map(|old| text(&old.secret.0)))
                .bind(old.map(|old| integer(old.until.0)))
        })
        .await?;
    Ok(())
}

/// Deletes webhooks with their deliveries.
pub(super) async fn delete(
    connection: &mut AnyConnection,
    webhooks: &[&WebhookId],
) -> Result<(), Failure> {
    DELETE.run(connection, webhooks, |query, id| query.bind(id.to_string())).await?;
    DELETE_DELIVERIES.run(connection, webhooks, |query, id| query.bind(id.to_string())).await?;
    Ok(())
}

/// Inserts or replaces deliveries, each at most once, and forgets the oldest that have ended.
pub(super) async fn replace_deliveries(
    connection: &mut AnyConnection,
    deliveries: &[&WebhookDelivery],
) -> Result<(), Failure> {
    REPLACE_DELIVERIES
        .run(connection, deliveries, |query, delivery| {
            query
                .bind(delivery.id.to_string())
                .bind(delivery.webhook.to_string())
                .bind(delivery.state.as_str())
                .bind(i64::from(delivery.attempts))
                .bind(integer(delivery.next_at.0))
                .bind(delivery.last.status.map(i64::from))
                .bind(delivery.last.error.as_deref().map(text))
                .bind(news::encode(&delivery.news))
        })
        .await?;
    let ended = deliveries.iter().filter(|it| it.state != DeliveryState::Pending);
    let webhooks: BTreeSet<&WebhookId> = ended.map(|delivery| &delivery.webhook).collect();
    for webhook in webhooks {
        sqlx::query(FORGET).bind(webhook.to_string()).execute(&mut *connection).await?;
    }
    Ok(())
}

/// Keeps which agents are there, each named at most once.
pub(super) async fn expect(
    connection: &mut AnyConnection,
    agents: &[(&AgentId, bool)],
) -> Result<(), Failure> {
    let (there, gone): (Vec<_>, Vec<_>) = agents.iter().copied().partition(|(_, is)| *is);
    EXPECT.run(connection, &there, |query, (agent, _)| query.bind(agent.to_string())).await?;
    EXPECT_NOT.run(connection, &gone, |query, (agent, _)| query.bind(agent.to_string())).await?;
    Ok(())
}

/// All webhooks and deliveries, oldest first, and all agents that are expected.
pub(super) async fn all(connection: &mut AnyConnection) -> Result<StoredWebhooks, Failure> {
    let rows = sqlx::query("SELECT * FROM webhooks").fetch_all(&mut *connection).await?;
    let mut webhooks = rows.iter().map(webhook).collect::<Result<Vec<_>, _>>()?;
    let rows = sqlx::query("SELECT * FROM webhook_deliveries").fetch_all(&mut *connection).await?;
    let mut deliveries = rows.iter().map(delivery).collect::<Result<Vec<_>, _>>()?;
    let rows = sqlx::query("SELECT * FROM expected_agents").fetch_all(connection).await?;
    let expected = rows.iter().map(|row| row.id("agent")).collect::<Result<Vec<AgentId>, _>>();
    let mut expected = expected?;
    // The two databases do not sort texts alike.
    webhooks.sort_by(|one, other| one.id.cmp(&other.id));
    deliveries.sort_by(|one, other| one.id.cmp(&other.id));
    expected.sort();
    Ok(StoredWebhooks { webhooks, deliveries, expected })
}

fn list(occasions: &BTreeSet<Occasion>) -> String {
    occasions.iter().map(|occasion| occasion.as_str()).collect::<Vec<_>>().join(",")
}

fn webhook(row: &AnyRow) -> Result<Webhook, Failure> {
    let occasions = row.text("occasions")?;
    let named = |word| {
        Occasion::named(word)
            .ok_or_else(|| Failure::Corrupt(format!("a webhook is told of {word:?}")))
    };
    let agent = row.optional_text("agent")?.map(|id| id.parse()).transpose();
    let old_secret =
        match (row.optional_text("old_secret")?, row.optional_integer("old_secret_until")?) {
            (Some(secret), Some(_)) => Some(OldSecret {
                secret: WebhookSecret(secret),
                until: row.time("old_secret_until")?,
            }),
            _ => None,
        };
    let failing_since = row.optional_integer("failing_since")?;
    Ok(Webhook {
        id: row.id("id")?,
        name: row.text("name")?,
        url: row.text("url")?,
        occasions: occasions.split(',').map(named).collect::<Result<_, _>>()?,
        agent: agent.map_err(|_| Failure::Corrupt("a webhook's agent is no id".to_owned()))?,
        is_active: row.integer("is_active")? != 0,
        turned_off: row.optional_text("turned_off")?,
        failing_since: failing_since.map(|_| row.time("failing_since")).transpose()?,
        made_by: row.text("made_by")?,
        made_at: row.time("made_at")?,
        secret: WebhookSecret(row.text("secret")?),
        old_secret,
    })
}

fn delivery(row: &AnyRow) -> Result<WebhookDelivery, Failure> {
    let state = row.text("state")?;
    let state = DeliveryState::named(&state)
        .ok_or_else(|| Failure::Corrupt(format!("a delivery's state is {state:?}")))?;
    let status = row.optional_integer("last_status")?;
    Ok(WebhookDelivery {
        id: row.id::<DeliveryId>("id")?,
        webhook: row.id("webhook")?,
        news: Arc::new(news::decode(&row.text("news")?)?),
        state,
        attempts: u32::try_from(row.count("attempts")?).unwrap_or(u32::MAX),
        next_at: row.time("next_at")?,
        last: Attempt {
            status: status.and_then(|status| u16::try_from(status).ok()),
            error: row.optional_text("last_error")?,
        },
    })
}
