//! What is sent when, and what becomes of it.

use std::{sync::Arc, time::Duration};

use super::{Attempt, DeliveryState, News, Sent, Webhook, WebhookDelivery};
use crate::{
    Core,
    ids::{DeliveryId, WebhookId},
    outbox::Followup,
    ports::Write,
    time::{Moment, Steady, Timestamp},
};

/// How much longer each pause is than the one before.
const GROWTH: u32 = 3;
/// The longest pause, whatever a receiver asks for.
const LONGEST_PAUSE: Duration = Duration::from_hours(24);
/// Pauses vary by so many thousandths, so that receivers are not asked in step.
const JITTER: u64 = 200;

/// One delivery to be sent now, and to whom.
#[derive(Debug, Clone, PartialEq)]
pub struct Sending {
    /// To whom.
    pub webhook: Arc<Webhook>,
    /// What.
    pub delivery: Arc<WebhookDelivery>,
}

impl Core {
    /// Makes a delivery and has it stored; where too many wait, the oldest gives way. While nothing can be stored
    /// it is the newest that gives way, so that what waits for storage does not grow.
    pub(super) fn make_delivery(&mut self, webhook: &WebhookId, news: Arc<News>, now: Moment) {
        let most = self.settings.webhooks.pending.max(1);
        let is_full =
            self.webhooks.by_id.get(webhook).is_none_or(|kept| kept.pending.len() >= most);
        if is_full && self.outbox.is_degraded() {
            self.webhooks.counts.dropped += 1;
            return;
        }
        let id = self.naming.delivery(now.wall);
        let delivery = WebhookDelivery {
            id,
            webhook: webhook.clone(),
            news,
            state: DeliveryState::Pending,
            attempts: 0,
            next_at: now.wall,
            last: Attempt::default(),
        };
        self.queue_delivery(Arc::new(delivery), now);
        while let Some(oldest) = self.oldest_beyond(webhook, most) {
            self.webhooks.counts.dropped += 1;
            self.end_delivery(&oldest, "it gave way to newer ones: too many wait", now);
        }
    }

    fn oldest_beyond(&self, webhook: &WebhookId, most: usize) -> Option<Arc<WebhookDelivery>> {
        let kept = self.webhooks.by_id.get(webhook)?;
        let is_sent =
            |delivery: &&Arc<WebhookDelivery>| kept.sending.as_ref() == Some(&delivery.id);
        let mut oldest = kept.pending.values().filter(|delivery| !is_sent(delivery));
        (kept.pending.len() > most).then(|| oldest.next().cloned()).flatten()
    }

    /// A pending delivery, new or again, which is sent once it is stored.
    pub(super) fn queue_delivery(&mut self, delivery: Arc<WebhookDelivery>, now: Moment) {
        let Some(kept) = self.webhooks.by_id.get_mut(&delivery.webhook) else { return };
        kept.put(delivery.clone());
        let (webhook, id, due) = (delivery.webhook.clone(), delivery.id.clone(), now.steady);
        self.outbox.write(Write::WebhookDelivery(delivery));
        self.outbox.after_commit(Followup::Send { webhook, delivery: id, due });
    }

    /// Ends a delivery without another attempt.
    pub(super) fn end_delivery(&mut self, delivery: &WebhookDelivery, why: &str, now: Moment) {
        let last = Attempt { status: delivery.last.status, error: Some(why.into()) };
        let state = DeliveryState::Failed;
        let ended = WebhookDelivery { state, last, next_at: now.wall, ..delivery.clone() };
        self.keep_delivery(ended);
    }

    /// Takes over another state of a delivery, and has it stored.
    pub(super) fn keep_delivery(&mut self, delivery: WebhookDelivery) {
        let Some(kept) = self.webhooks.by_id.get_mut(&delivery.webhook) else { return };
        let delivery = Arc::new(delivery);
        kept.put(delivery.clone());
        self.webhooks.version += 1;
        self.outbox.write(Write::WebhookDelivery(delivery));
    }

    /// A delivery is stored.
    pub(crate) fn delivery_stored(
        &mut self,
        webhook: &WebhookId,
        delivery: &DeliveryId,
        due: Steady,
    ) {
        if let Some(kept) = self.webhooks.by_id.get_mut(webhook) {
            kept.set_due(delivery, due);
            self.webhooks.version += 1;
        }
    }

    /// Takes the delivery that has been due for longest. Each webhook is sent one at a time: until
    /// [`Core::sent`] says what became of it, there is no other for the same one.
    pub fn next_sending(&mut self, now: Moment) -> Option<Sending> {
        let kept = self.webhooks.by_id.values();
        let due = kept.filter_map(|kept| Some((kept.next()?.clone(), kept.webhook.id.clone())));
        let ((at, id), webhook) = due.min()?;
        if at > now.steady {
            return None;
        }
        let kept = self.webhooks.by_id.get_mut(&webhook)?;
        let delivery = kept.pending.get(&id)?.clone();
        kept.sending = Some(id);
        Some(Sending { webhook: kept.webhook.clone(), delivery })
    }

    /// When [`Core::next_sending`] has something next, as far as is known now.
    pub fn next_sending_due(&self) -> Option<Steady> {
        self.webhooks.by_id.values().filter_map(|kept| kept.next()).map(|(at, _)| *at).min()
    }

    /// Changes whenever there may be something else to send, or at another moment.
    pub fn sending_version(&self) -> u64 {
        self.webhooks.version
    }

    /// Says how an attempt went.
    pub fn sent(&mut self, webhook: &WebhookId, delivery: &DeliveryId, sent: Sent, now: Moment) {
        self.webhooks.version += 1;
        let Some(kept) = self.webhooks.by_id.get_mut(webhook) else { return };
        kept.sending = None;
        let Some(known) = kept.pending.get(delivery).cloned() else { return };
        let receiver = kept.webhook.clone();
        let attempts = known.attempts + 1;
        let is_last = attempts >= self.settings.webhooks.attempts;
        let tried = WebhookDelivery { attempts, last: sent.attempt.clone(), ..(*known).clone() };
        if sent.is_taken() {
            self.webhooks.counts.delivered += 1;
            let state = DeliveryState::Delivered;
            self.keep_delivery(WebhookDelivery { state, next_at: now.wall, ..tried });
            if receiver.failing_since.is_some() {
                self.keep_webhook(Webhook { failing_since: None, ..(*receiver).clone() });
            }
            return;
        }
        if sent.is_gone() {
            return self.turn_off(&receiver, tried, now);
        }
        if receiver.failing_since.is_none() {
            let failing_since = Some(now.wall);
            self.keep_webhook(Webhook { failing_since, ..(*receiver).clone() });
        }
        if is_last {
            self.webhooks.counts.failed += 1;
            let state = DeliveryState::Failed;
            self.keep_delivery(WebhookDelivery { state, next_at: now.wall, ..tried });
            return;
        }
        let pause = self.pause_after(attempts).max(sent.retry_after.unwrap_or_default());
        let pause = pause.min(LONGEST_PAUSE);
        let milliseconds = u64::try_from(pause.as_millis()).unwrap_or(u64::MAX);
        let next_at = Timestamp(now.wall.0.saturating_add(milliseconds));
        self.keep_delivery(WebhookDelivery { next_at, ..tried });
        if let Some(kept) = self.webhooks.by_id.get_mut(webhook) {
            kept.set_due(delivery, now.steady + pause);
        }
    }

    /// The receiver is gone for good, and says so.
    fn turn_off(&mut self, webhook: &Webhook, tried: WebhookDelivery, now: Moment) {
        let why = "the receiver answered 410 Gone";
        self.webhooks.counts.failed += 1;
        let state = DeliveryState::Failed;
        self.keep_delivery(WebhookDelivery { state, next_at: now.wall, ..tried });
        self.keep_webhook(Webhook {
            is_active: false,
            turned_off: Some(why.into()),
            failing_since: webhook.failing_since.or(Some(now.wall)),
            ..webhook.clone()
        });
        self.give_up_all(&webhook.id, why, now);
    }

    /// How long to wait after so many attempts.
    fn pause_after(&mut self, attempts: u32) -> Duration {
        let first = self.settings.webhooks.retry_after;
        let pause = first.saturating_mul(GROWTH.saturating_pow(attempts.saturating_sub(1)));
        let pause = pause.min(LONGEST_PAUSE);
        let thousandths = u32::try_from(self.naming.random() % JITTER).unwrap_or_default();
        pause + pause * thousandths / 1000
    }
}
