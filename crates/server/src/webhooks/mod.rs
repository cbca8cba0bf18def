//! Webhooks: what the core has to tell elsewhere is signed and posted here, and the core told how that went.
//!
//! What is told, to whom, when and how often is the core's; nothing here remembers anything.

mod body;
mod post;
mod secret;
mod signature;
mod target;

use std::sync::Arc;

use pilothouse_core::webhooks::{Attempt, Sending, Sent};
use tokio::task::JoinSet;

use crate::gateway::Shared;
use post::Poster;
pub(crate) use secret::make as make_secret;
pub(crate) use target::Target;

/// How many are posted at once; further ones wait for their turn.
const AT_ONCE: usize = 8;

/// Posts whatever is due, until the server stops. What was under way then is posted again by the next life.
pub(crate) async fn dispatch(shared: Arc<Shared>) {
    let poster = match Poster::new(shared.config.webhooks.timeout) {
        Ok(poster) => Arc::new(poster),
        Err(error) => return tracing::error!(%error, "webhooks are told nothing"),
    };
    let hub = &shared.hub;
    let mut shutdown = shared.shutdown.clone();
    let mut under_way = JoinSet::new();
    loop {
        let changed = hub.sending.notified();
        while under_way.len() < AT_ONCE
            && let Some(sending) = hub.look(pilothouse_core::Core::next_sending)
        {
            under_way.spawn(attempt(shared.clone(), poster.clone(), sending));
        }
        let due = hub.look(|core, _| core.next_sending_due());
        let due = async {
            match due {
                Some(due) if under_way.len() < AT_ONCE => hub.clock.sleep_until(due).await,
                _ => std::future::pending().await,
            }
        };
        tokio::select! {
            () = changed => {}
            () = due => {}
            _ = shutdown.wait_for(|stop| *stop) => return,
        }
        while under_way.try_join_next().is_some() {}
    }
}

/// An attempt. However it ends, the core learns of it.
struct Attempted {
    shared: Arc<Shared>,
    sending: Sending,
    sent: Option<Sent>,
}

impl Drop for Attempted {
    fn drop(&mut self) {
        let sent = self.sent.take().unwrap_or_else(|| failed("the attempt was cut off"));
        if *self.shared.shutdown.borrow() {
            return;
        }
        let Sending { webhook, delivery } = &self.sending;
        let error = sent.attempt.error.clone();
        tracing::debug!(
            webhook = %webhook.id, delivery = %delivery.id, attempt = delivery.attempts + 1,
            status = sent.attempt.status, error = error.as_deref(), "told a webhook"
        );
        self.shared.hub.with(|core, now| core.sent(&webhook.id, &delivery.id, sent, now));
    }
}

async fn attempt(shared: Arc<Shared>, poster: Arc<Poster>, sending: Sending) {
    let mut attempted = Attempted { shared, sending, sent: None };
    let now = attempted.shared.hub.clock.now().wall;
    let Sending { webhook, delivery } = &attempted.sending;
    let body = body::encode(&delivery.news, attempted.shared.config.public_url.as_deref());
    let signed = signature::sign(webhook, &delivery.news.id, &body, now);
    let sent = match webhook.url.parse::<Target>() {
        Ok(target) => poster.post(&target, &delivery.news.id, signed, body, now).await,
        Err(error) => failed(&error.to_string()),
    };
    attempted.sent = Some(sent);
}

fn failed(error: &str) -> Sent {
    Sent { attempt: Attempt { status: None, error: Some(error.into()) }, retry_after: None }
}
