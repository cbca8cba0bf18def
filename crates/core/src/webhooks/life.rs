//! Webhooks are made, changed, tried and forgotten.

use std::{collections::BTreeSet, sync::Arc};

use super::{
    Attempt, Change, DeliveryState, Draft, News, NewsKind, OLD_SECRET_COUNTS_FOR, Occasion,
    OldSecret, Request, StoredWebhooks, Webhook, WebhookDelivery, WebhookSecret, book::Kept,
};
use crate::{
    Asked, Caller, Core, CoreError, Reply,
    attention::Subject,
    ids::{DeliveryId, WebhookId},
    ports::Write,
    time::{Moment, Timestamp},
};

/// How many webhooks there may be.
const MOST_WEBHOOKS: usize = 100;
/// The longest name, in bytes.
const LONGEST_NAME: usize = 100;
/// The longest URL, in bytes.
const LONGEST_URL: usize = 2048;

impl Core {
    /// Takes webhooks over from storage. What waited is sent when it is due; agents that were there and do not come
    /// back are told to be offline.
    pub(crate) fn restore_webhooks(&mut self, stored: StoredWebhooks, now: Moment) {
        for webhook in stored.webhooks {
            self.webhooks.by_id.insert(webhook.id.clone(), Kept::new(webhook));
        }
        for delivery in stored.deliveries {
            let Some(kept) = self.webhooks.by_id.get_mut(&delivery.webhook) else { continue };
            if let Some(subject) = waiting_subject(&delivery.news) {
                let News { text, at, .. } = &*delivery.news;
                self.webhooks.settling.remember(subject, text.clone(), *at);
            }
            let wait = delivery.next_at.0.saturating_sub(now.wall.0);
            let (id, due) =
                (delivery.id.clone(), now.steady + std::time::Duration::from_millis(wait));
            kept.put(Arc::new(delivery));
            kept.set_due(&id, due);
        }
        let due = now.steady + self.settings.webhooks.offline_after;
        for agent in stored.expected {
            self.webhooks.settling.expect(agent, due, now.wall);
        }
        self.webhooks.version += 1;
    }

    pub(crate) fn ask_webhooks(&mut self, caller: &Caller, request: Request, now: Moment) -> Asked {
        if self.outbox.is_degraded() {
            return Asked::Answered(Err(CoreError::StorageUnavailable));
        }
        let done = match request {
            Request::Add(draft) => self.add_webhook(caller, draft, now),
            Request::Change { webhook, change } => self.change_webhook(&webhook, change, now),
            Request::Remove(webhook) => self.remove_webhook(webhook),
            Request::Rotate { webhook, secret } => self.rotate_secret(&webhook, secret, now),
            Request::Test(webhook) => self.test_webhook(&webhook, now),
            Request::Redeliver { webhook, delivery } => self.redeliver(&webhook, &delivery, now),
        };
        self.answer_after_commit(caller, done)
    }

    fn add_webhook(
        &mut self,
        caller: &Caller,
        draft: Draft,
        now: Moment,
    ) -> Result<Reply, CoreError> {
        if self.webhooks.by_id.len() >= MOST_WEBHOOKS {
            return Err(CoreError::LimitReached("there are 100 webhooks; remove some first"));
        }
        let id = self.naming.webhook(now.wall);
        let Draft { name, url, occasions, agent, secret } = draft;
        let webhook = Webhook {
            id: id.clone(),
            name,
            url,
            occasions,
            agent,
            is_active: true,
            turned_off: None,
            failing_since: None,
            made_by: caller.name.clone(),
            made_at: now.wall,
            secret,
            old_secret: None,
        };
        check(&webhook)?;
        self.webhooks.by_id.insert(id.clone(), Kept::new(webhook.clone()));
        self.outbox.write(Write::Webhook(Arc::new(webhook)));
        Ok(Reply::WebhookAdded(id))
    }

    fn change_webhook(
        &mut self,
        id: &WebhookId,
        change: Change,
        now: Moment,
    ) -> Result<Reply, CoreError> {
        let known = self.find_webhook(id)?;
        let Change { name, url, occasions, agent, is_active } = change;
        let has_moved = url.as_ref().is_some_and(|url| *url != known.url);
        let is_turned_on = is_active == Some(true) && !known.is_active;
        let is_fresh = has_moved || is_turned_on;
        let next = Webhook {
            name: name.unwrap_or_else(|| known.name.clone()),
            url: url.unwrap_or_else(|| known.url.clone()),
            occasions: occasions.unwrap_or_else(|| known.occasions.clone()),
            agent: agent.unwrap_or_else(|| known.agent.clone()),
            is_active: is_active.unwrap_or(known.is_active),
            turned_off: if is_active.is_some() { None } else { known.turned_off.clone() },
            failing_since: if is_fresh { None } else { known.failing_since },
            ..known.as_ref().clone()
        };
        check(&next)?;
        let is_off = !next.is_active;
        self.keep_webhook(next);
        if is_off {
            self.give_up_all(id, "the webhook was turned off", now);
        }
        Ok(Reply::Done)
    }

    fn remove_webhook(&mut self, id: WebhookId) -> Result<Reply, CoreError> {
        match self.webhooks.by_id.remove(&id) {
            Some(_) => {
                self.webhooks.version += 1;
                self.outbox.write(Write::WebhookGone(id));
                Ok(Reply::Done)
            }
            None => Err(CoreError::WebhookNotFound(id)),
        }
    }

    fn rotate_secret(
        &mut self,
        id: &WebhookId,
        secret: WebhookSecret,
        now: Moment,
    ) -> Result<Reply, CoreError> {
        let known = self.find_webhook(id)?;
        let counts_for = u64::try_from(OLD_SECRET_COUNTS_FOR.as_millis()).unwrap_or(u64::MAX);
        let until = Timestamp(now.wall.0.saturating_add(counts_for));
        let old = OldSecret { secret: known.secret.clone(), until };
        self.keep_webhook(Webhook { secret, old_secret: Some(old), ..known.as_ref().clone() });
        Ok(Reply::Done)
    }

    fn test_webhook(&mut self, id: &WebhookId, now: Moment) -> Result<Reply, CoreError> {
        check_on(&*self.find_webhook(id)?)?;
        let text = "this is a test; nothing happened";
        let news = self.bare_news(NewsKind::Test, text, now.wall);
        self.make_delivery(id, Arc::new(news), now);
        let newest = self.webhooks.by_id.get(id).and_then(|kept| kept.pending.keys().next_back());
        match newest {
            Some(delivery) => Ok(Reply::DeliveryMade(delivery.clone())),
            None => Err(CoreError::StorageUnavailable),
        }
    }

    fn redeliver(
        &mut self,
        id: &WebhookId,
        delivery: &DeliveryId,
        now: Moment,
    ) -> Result<Reply, CoreError> {
        check_on(&*self.find_webhook(id)?)?;
        let known = self.webhooks.by_id.get(id).and_then(|kept| kept.ended.get(delivery)).cloned();
        let Some(known) = known else {
            let is_pending =
                self.webhooks.by_id.get(id).is_some_and(|kept| kept.pending.contains_key(delivery));
            return Err(if is_pending {
                CoreError::Invalid("it waits to be sent already")
            } else {
                CoreError::DeliveryNotFound(delivery.clone())
            });
        };
        let again = WebhookDelivery {
            state: DeliveryState::Pending,
            attempts: 0,
            next_at: now.wall,
            last: Attempt::default(),
            ..known.as_ref().clone()
        };
        self.queue_delivery(Arc::new(again), now);
        Ok(Reply::Done)
    }

    fn find_webhook(&self, id: &WebhookId) -> Result<Arc<Webhook>, CoreError> {
        let kept = self.webhooks.by_id.get(id);
        kept.map(|kept| kept.webhook.clone()).ok_or_else(|| CoreError::WebhookNotFound(id.clone()))
    }

    /// Takes over another state of a webhook, and has it stored.
    pub(super) fn keep_webhook(&mut self, webhook: Webhook) {
        let Some(kept) = self.webhooks.by_id.get_mut(&webhook.id) else { return };
        kept.webhook = Arc::new(webhook);
        self.outbox.write(Write::Webhook(kept.webhook.clone()));
    }

    /// Ends everything that waits for a webhook.
    pub(super) fn give_up_all(&mut self, id: &WebhookId, why: &str, now: Moment) {
        let Some(kept) = self.webhooks.by_id.get(id) else { return };
        let waiting: Vec<_> = kept.pending.values().cloned().collect();
        self.webhooks.counts.failed += waiting.len() as u64;
        for delivery in waiting {
            self.end_delivery(&delivery, why, now);
        }
    }

    /// Every webhook, oldest first.
    pub fn webhooks(&self) -> impl Iterator<Item = &Arc<Webhook>> {
        self.webhooks.by_id.values().map(|kept| &kept.webhook)
    }

    /// A webhook's deliveries that are older than one, newest first: what waits, and the last that have ended.
    pub fn webhook_deliveries(
        &self,
        id: &WebhookId,
        before: Option<&DeliveryId>,
        most: usize,
    ) -> Vec<Arc<WebhookDelivery>> {
        let Some(kept) = self.webhooks.by_id.get(id) else { return Vec::new() };
        let mut all: Vec<_> = kept.pending.values().chain(kept.ended.values()).collect();
        all.sort_by(|one, other| other.id.cmp(&one.id));
        let older = all.into_iter().filter(|it| before.is_none_or(|before| it.id < *before));
        older.take(most).cloned().collect()
    }
}

/// Who waited for a person, if that is what the news are and it may wait still: only workers that ask wait on when
/// the server is started anew.
fn waiting_subject(news: &News) -> Option<Subject> {
    let worker = news.worker.as_ref().filter(|_| news.kind == NewsKind::AttentionRaised)?;
    Some(Subject::Worker(worker.id.clone()))
}

fn check(webhook: &Webhook) -> Result<(), CoreError> {
    let is_name = !webhook.name.trim().is_empty()
        && webhook.name.len() <= LONGEST_NAME
        && !webhook.name.chars().any(char::is_control);
    if !is_name {
        return Err(CoreError::Invalid("a webhook's name has 1 to 100 bytes on one line"));
    }
    let is_web = webhook.url.starts_with("http://") || webhook.url.starts_with("https://");
    if !is_web || webhook.url.len() > LONGEST_URL {
        return Err(CoreError::Invalid(
            "a webhook's url begins with http:// or https:// and has at most 2048 bytes",
        ));
    }
    if webhook.occasions == BTreeSet::<Occasion>::new() {
        return Err(CoreError::Invalid(
            "name at least one of the events attention, failed, offline, completed",
        ));
    }
    Ok(())
}

fn check_on(webhook: &Webhook) -> Result<(), CoreError> {
    if webhook.is_active {
        return Ok(());
    }
    Err(CoreError::Invalid("the webhook is turned off; turn it on first"))
}
