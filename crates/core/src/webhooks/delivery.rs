//! Deliveries: one piece of news on its way to one webhook.

use std::{sync::Arc, time::Duration};

use super::News;
use crate::{
    ids::{DeliveryId, WebhookId},
    time::Timestamp,
};

/// Whether it has arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DeliveryState {
    /// Not yet, and it will be tried.
    Pending,
    /// The receiver took it.
    Delivered,
    /// It did not arrive and is not tried any more.
    Failed,
}

impl DeliveryState {
    /// Its word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
        }
    }

    /// The state of that word.
    pub fn named(word: &str) -> Option<Self> {
        [Self::Pending, Self::Delivered, Self::Failed].into_iter().find(|it| it.as_str() == word)
    }
}

/// How the last attempt went.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Attempt {
    /// The HTTP status of the receiver, if it answered.
    pub status: Option<u16>,
    /// What was wrong, in words.
    pub error: Option<Arc<str>>,
}

/// One piece of news for one webhook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookDelivery {
    /// Its id; ids sort by age.
    pub id: DeliveryId,
    /// For whom.
    pub webhook: WebhookId,
    /// What.
    pub news: Arc<News>,
    /// Whether it has arrived.
    pub state: DeliveryState,
    /// How often it was tried.
    pub attempts: u32,
    /// When it is to be tried next; of one that has ended, when it ended.
    pub next_at: Timestamp,
    /// How the last attempt went.
    pub last: Attempt,
}

/// How an attempt went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// Status and error.
    pub attempt: Attempt,
    /// The receiver does not want to be asked before so long.
    pub retry_after: Option<Duration>,
}

impl Sent {
    /// Whether the receiver took it.
    pub(super) fn is_taken(&self) -> bool {
        self.attempt.error.is_none()
            && self.attempt.status.is_some_and(|status| (200..300).contains(&status))
    }

    /// Whether the receiver wants nothing any more.
    pub(super) fn is_gone(&self) -> bool {
        self.attempt.status == Some(410)
    }
}
