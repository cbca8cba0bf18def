//! What can be asked about webhooks, and the words that the audit has for it.

use std::{collections::BTreeSet, fmt, sync::Arc};

use super::{Occasion, WebhookSecret, origin};
use crate::ids::{AgentId, DeliveryId, WebhookId};

/// What can be asked about webhooks.
#[derive(Debug, Clone, PartialEq)]
pub enum Request {
    /// Make one. Answered with its id.
    Add(Draft),
    /// Change some of it.
    Change {
        /// Which one.
        webhook: WebhookId,
        /// What of it.
        change: Change,
    },
    /// Forget one, and what waits for it.
    Remove(WebhookId),
    /// Sign with another secret from now on, and with the present one beside it for a day.
    Rotate {
        /// Which one.
        webhook: WebhookId,
        /// The new secret.
        secret: WebhookSecret,
    },
    /// Send something that says that it is a test. Answered with its id.
    Test(WebhookId),
    /// Send something that has ended once more, under the same id.
    Redeliver {
        /// To whom.
        webhook: WebhookId,
        /// What.
        delivery: DeliveryId,
    },
}

/// What a webhook is made of.
#[derive(Clone, PartialEq)]
pub struct Draft {
    /// What people are to call it.
    pub name: Arc<str>,
    /// Where it is; whoever asks has checked that it is a URL.
    pub url: Arc<str>,
    /// What it is to be told of.
    pub occasions: BTreeSet<Occasion>,
    /// The one agent it is to be told of; all if absent.
    pub agent: Option<AgentId>,
    /// What is to sign.
    pub secret: WebhookSecret,
}

impl fmt::Debug for Draft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Draft").field("name", &self.name).finish_non_exhaustive()
    }
}

/// What is to be other than it is; the rest stays.
#[derive(Clone, Default, PartialEq)]
pub struct Change {
    /// Another name.
    pub name: Option<Arc<str>>,
    /// Another place.
    pub url: Option<Arc<str>>,
    /// Other occasions.
    pub occasions: Option<BTreeSet<Occasion>>,
    /// Another agent, or all.
    pub agent: Option<Option<AgentId>>,
    /// On or off.
    pub is_active: Option<bool>,
}

impl fmt::Debug for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Change").field("name", &self.name).finish_non_exhaustive()
    }
}

/// The action, what it was asked of, and further words: never a secret, and of a URL only its origin.
pub(crate) fn words(request: &Request) -> (&'static str, Arc<str>, Arc<str>) {
    let none: Arc<str> = Arc::from("");
    let named = |id: &WebhookId| Arc::from(id.as_str());
    match request {
        Request::Add(draft) => {
            let detail = format!("{} {}", origin(&draft.url), list(&draft.occasions));
            ("webhook.add", draft.name.clone(), detail.into())
        }
        Request::Change { webhook, change } => {
            ("webhook.change", named(webhook), changed(change).into())
        }
        Request::Remove(webhook) => ("webhook.remove", named(webhook), none),
        Request::Rotate { webhook, .. } => ("webhook.rotate", named(webhook), none),
        Request::Test(webhook) => ("webhook.test", named(webhook), none),
        Request::Redeliver { webhook, delivery } => {
            ("webhook.redeliver", named(webhook), delivery.as_str().into())
        }
    }
}

fn changed(change: &Change) -> String {
    let agent =
        |agent: &Option<AgentId>| agent.as_ref().map_or("any".to_owned(), ToString::to_string);
    let switch = |is_active| if is_active { "on" } else { "off" };
    let parts = [
        change.name.as_deref().map(|name| format!("name {name}")),
        change.url.as_deref().map(|url| format!("url {}", origin(url))),
        change.occasions.as_ref().map(|occasions| format!("events {}", list(occasions))),
        change.agent.as_ref().map(|only| format!("agent {}", agent(only))),
        change.is_active.map(|is_active| switch(is_active).to_owned()),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn list(occasions: &BTreeSet<Occasion>) -> String {
    occasions.iter().map(|occasion| occasion.as_str()).collect::<Vec<_>>().join(",")
}
