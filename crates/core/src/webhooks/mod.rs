//! Webhooks: addresses elsewhere that are told of what people should know, each thing at least once.
//!
//! What is to be told is decided and kept here; bodies, signatures and sockets are the server's.

mod book;
mod delivery;
mod hearing;
mod life;
mod news;
mod request;
mod sending;
mod settling;

pub(crate) use book::Book;
pub use delivery::{Attempt, DeliveryState, Sent, WebhookDelivery};
pub use news::{CommandNews, News, NewsKind, Occasion, RunNews, WorkerNews};
pub(crate) use request::words;
pub use request::{Change, Draft, Request};
pub use sending::Sending;

use std::{collections::BTreeSet, fmt, sync::Arc, time::Duration};

use crate::{
    ids::{AgentId, WebhookId},
    time::Timestamp,
};

/// For how long what is sent carries the signature of a replaced secret as well.
pub const OLD_SECRET_COUNTS_FOR: Duration = Duration::from_hours(24);

/// What signs deliveries. The core never looks at it.
#[derive(Clone, PartialEq, Eq)]
pub struct WebhookSecret(pub Arc<str>);

impl fmt::Debug for WebhookSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebhookSecret")
    }
}

/// A secret that was replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OldSecret {
    /// It.
    pub secret: WebhookSecret,
    /// Until when it still signs.
    pub until: Timestamp,
}

/// An address that is told.
#[derive(Clone, PartialEq, Eq)]
pub struct Webhook {
    /// Its id.
    pub id: WebhookId,
    /// What people call it.
    pub name: Arc<str>,
    /// Where it is: an `http` or `https` URL. It may hold a secret of the receiver's.
    pub url: Arc<str>,
    /// What it is told of.
    pub occasions: BTreeSet<Occasion>,
    /// The one agent it is told of; all if absent.
    pub agent: Option<AgentId>,
    /// Whether it is told anything.
    pub is_active: bool,
    /// Why it was turned off, if nobody did it by hand.
    pub turned_off: Option<Arc<str>>,
    /// Since when nothing arrived there, if that is so.
    pub failing_since: Option<Timestamp>,
    /// Who made it.
    pub made_by: Arc<str>,
    /// When.
    pub made_at: Timestamp,
    /// What signs what it is told.
    pub secret: WebhookSecret,
    /// What signed it before.
    pub old_secret: Option<OldSecret>,
}

impl Webhook {
    /// What signs at that moment, the newest first.
    pub fn secrets(&self, now: Timestamp) -> impl Iterator<Item = &WebhookSecret> {
        let old = self.old_secret.iter().filter(move |old| old.until > now);
        std::iter::once(&self.secret).chain(old.map(|old| &old.secret))
    }

    /// Whether it is told of such a thing on that agent.
    fn wants(&self, occasion: Occasion, agent: &AgentId) -> bool {
        self.is_active
            && self.occasions.contains(&occasion)
            && self.agent.as_ref().is_none_or(|only| only == agent)
    }
}

/// Without the path and the query of the URL, which many receivers take for a secret.
impl fmt::Debug for Webhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Webhook")
            .field("id", &self.id)
            .field("name", &self.name)
            .field("url", &origin(&self.url))
            .field("is_active", &self.is_active)
            .finish_non_exhaustive()
    }
}

/// What of a URL may be written down: scheme, host and port.
pub fn origin(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    format!("{scheme}://{host}")
}

/// What a starting server finds of them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct StoredWebhooks {
    /// All webhooks, oldest first.
    pub webhooks: Vec<Webhook>,
    /// What waits to be sent, and of what has ended as much as is kept; oldest first.
    pub deliveries: Vec<WebhookDelivery>,
    /// Agents that were there when somebody last looked, or went since without being told of, by id.
    pub expected: Vec<AgentId>,
}

/// How many deliveries took which end since the server started, and how many wait.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Arrived.
    pub delivered: u64,
    /// Given up.
    pub failed: u64,
    /// Gave way to newer ones.
    pub dropped: u64,
    /// Wait to be sent, or sent again.
    pub pending: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_has_nothing_secret() {
        for (url, expected) in [
            ("https://u:p@hooks.example:8443/T0/B0/xyz?k=v", "https://hooks.example:8443"),
            ("http://127.0.0.1", "http://127.0.0.1"),
            ("http://a?token=x@b", "http://a"),
            ("nonsense", "://nonsense"),
        ] {
            assert_eq!(origin(url), expected, "{url}");
        }
    }
}
