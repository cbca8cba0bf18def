//! All webhooks, and what waits for each: what is stored is sent when it is due, the oldest first.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::{Counts, DeliveryState, Webhook, WebhookDelivery, settling::Settling};
use crate::{
    ids::{DeliveryId, WebhookId},
    time::Steady,
};

/// How many deliveries that have ended are kept of each webhook. Overflow rule: the oldest goes.
pub(super) const KEPT: usize = 100;

/// One webhook and its deliveries.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) webhook: Arc<Webhook>,
    /// Bounded by `webhooks.pending`; the oldest gives way.
    pub(super) pending: BTreeMap<DeliveryId, Arc<WebhookDelivery>>,
    /// Those of the pending ones that are stored, and when they are due.
    due: BTreeSet<(Steady, DeliveryId)>,
    /// The newest that have ended, by age.
    pub(super) ended: BTreeMap<DeliveryId, Arc<WebhookDelivery>>,
    /// The one that is being sent.
    pub(super) sending: Option<DeliveryId>,
}

impl Kept {
    pub(super) fn new(webhook: Webhook) -> Self {
        Self {
            webhook: Arc::new(webhook),
            pending: BTreeMap::new(),
            due: BTreeSet::new(),
            ended: BTreeMap::new(),
            sending: None,
        }
    }

    /// Takes a delivery in as it is; one that was pending is not due until [`Kept::set_due`] says so.
    pub(super) fn put(&mut self, delivery: Arc<WebhookDelivery>) {
        self.due.retain(|(_, id)| *id != delivery.id);
        let id = delivery.id.clone();
        if delivery.state == DeliveryState::Pending {
            self.ended.remove(&id);
            self.pending.insert(id, delivery);
            return;
        }
        self.pending.remove(&id);
        self.ended.insert(id, delivery);
        while self.ended.len() > KEPT {
            self.ended.pop_first();
        }
    }

    /// A pending delivery is stored, and is to be sent at that moment.
    pub(super) fn set_due(&mut self, id: &DeliveryId, at: Steady) {
        if self.pending.contains_key(id) {
            self.due.insert((at, id.clone()));
        }
    }

    /// The one that is to be sent next, and when; none while one is being sent.
    pub(super) fn next(&self) -> Option<&(Steady, DeliveryId)> {
        self.due.first().filter(|_| self.sending.is_none())
    }
}

/// Every webhook there is.
#[derive(Debug, Default)]
pub(crate) struct Book {
    pub(super) by_id: BTreeMap<WebhookId, Kept>,
    pub(super) settling: Settling,
    pub(super) counts: Counts,
    /// Grows whenever what is to be sent next may be another one.
    pub(super) version: u64,
}

impl Book {
    /// When something that is not told yet may have settled.
    pub(crate) fn next_due(&self) -> Option<Steady> {
        self.settling.next_due()
    }

    /// Counts, with what waits at present.
    pub(crate) fn counts(&self) -> Counts {
        let pending = self.by_id.values().map(|kept| kept.pending.len()).sum();
        Counts { pending, ..self.counts }
    }
}
