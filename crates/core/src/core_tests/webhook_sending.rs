//! When deliveries are sent, what becomes of them, and that they are bounded.

use std::collections::BTreeSet;

use super::{
    webhooks::{answered, refused},
    *,
};
use crate::{
    ids::DeliveryId,
    ports::Stored,
    settings::WebhookSettings,
    webhooks::{Change, DeliveryState, NewsKind, Occasion, Request as Hook, Sent, StoredWebhooks},
};

#[test]
fn what_does_not_arrive_is_tried_again_later_and_later_and_then_given_up() {
    let mut bench = Bench::new();
    let hook = bench.hook(&[Occasion::Completed]);
    bench.hooks(Hook::Test(hook.clone()));
    bench.commit();
    let id = bench.deliveries(&hook)[0].news.id.clone();
    let mut waits = Vec::new();
    for attempt in 1..=8 {
        let sending = bench.next().unwrap();
        assert_eq!((sending.delivery.attempts + 1, &sending.delivery.news.id), (attempt, &id));
        bench.sent(&sending, if attempt == 2 { answered(302) } else { refused() });
        assert_eq!(bench.next(), None);
        if let Some(due) = bench.core.next_sending_due() {
            waits.push(due.0 - bench.now.steady.0);
            bench.pass(due.0 - bench.now.steady.0);
        }
    }
    let least = [5_000, 15_000, 45_000, 135_000, 405_000, 1_215_000, 3_645_000];
    assert!(waits.iter().zip(least).all(|(wait, least)| (least..=least * 6 / 5).contains(wait)));
    assert_eq!(waits.len(), least.len());
    let ended = &bench.deliveries(&hook)[0];
    assert_eq!((ended.state, ended.attempts), (DeliveryState::Failed, 8));
    let webhook = bench.core.webhooks().next().unwrap();
    assert_eq!(webhook.failing_since, Some(Timestamp(1_000_000)));
    assert_eq!(bench.core.totals().webhooks.failed, 1);
    let asked = bench.hooks(Hook::Redeliver { webhook: hook.clone(), delivery: ended.id.clone() });
    assert_eq!(asked, Asked::AfterCommit);
    bench.commit();
    let again = bench.next().unwrap();
    assert_eq!((&again.delivery.news.id, again.delivery.attempts), (&id, 0));
    bench.sent(&again, answered(204));
    assert_eq!(bench.deliveries(&hook)[0].state, DeliveryState::Delivered);
    assert_eq!(bench.core.webhooks().next().unwrap().failing_since, None);
}

#[test]
fn a_receiver_may_ask_for_time_or_to_be_left_alone() {
    let mut bench = Bench::new();
    let hook = bench.hook(&[Occasion::Completed]);
    for _ in 0..3 {
        bench.hooks(Hook::Test(hook.clone()));
    }
    bench.commit();
    let first = bench.next().unwrap();
    let retry_after = Some(Duration::from_mins(10));
    bench.sent(&first, Sent { retry_after, ..answered(429) });
    let second = bench.next().unwrap();
    assert!(second.delivery.id > first.delivery.id, "what waits for another try holds up nothing");
    assert_eq!(bench.deliveries(&hook)[0].next_at.0, bench.now.wall.0 + 600_000);
    bench.sent(&second, answered(410));
    let webhook = bench.core.webhooks().next().unwrap();
    assert!(!webhook.is_active && webhook.turned_off.is_some());
    let states: Vec<_> = bench.deliveries(&hook).iter().map(|delivery| delivery.state).collect();
    assert_eq!(states, [DeliveryState::Failed; 3]);
    assert_eq!(bench.core.next_sending_due(), None);
    let refused = bench.hooks(Hook::Test(hook.clone()));
    assert!(matches!(refused, Asked::Answered(Err(CoreError::Invalid(_)))), "{refused:?}");
    let change = Change { is_active: Some(true), ..Change::default() };
    bench.hooks(Hook::Change { webhook: hook, change });
    let webhook = bench.core.webhooks().next().unwrap();
    assert!(webhook.is_active && webhook.turned_off.is_none() && webhook.failing_since.is_none());
}

#[test]
fn what_waits_and_what_is_kept_is_bounded_and_what_gave_way_is_marked() {
    let webhooks = WebhookSettings { pending: 3, ..WebhookSettings::default() };
    let mut bench = Bench::with(Settings { webhooks, ..Settings::default() });
    let hook = bench.hook(&[Occasion::Completed]);
    for _ in 0..150 {
        bench.hooks(Hook::Test(hook.clone()));
    }
    bench.commit();
    let deliveries = bench.deliveries(&hook);
    let pending = deliveries.iter().filter(|delivery| delivery.state == DeliveryState::Pending);
    assert_eq!(pending.count(), 3);
    assert_eq!(deliveries.len(), 103, "a hundred that ended are kept");
    assert!(deliveries[0].last.error.as_deref().unwrap().contains("gave way"));
    let counts = bench.core.totals().webhooks;
    assert_eq!((counts.dropped, counts.pending), (147, 3));
    assert_eq!(bench.stored_deliveries().map(|it| &it.id).collect::<BTreeSet<_>>().len(), 150);
    let newest: Vec<DeliveryId> =
        deliveries.iter().rev().take(3).rev().map(|it| it.id.clone()).collect();
    let mut order = Vec::new();
    while let Some(sending) = bench.next() {
        order.push(sending.delivery.id.clone());
        bench.sent(&sending, answered(200));
    }
    assert_eq!(order, newest, "in the order in which they were made");
}

#[test]
fn without_storage_nothing_is_sent_and_nothing_grows() {
    let webhooks = WebhookSettings { pending: 3, ..WebhookSettings::default() };
    let mut bench = Bench::with(Settings { webhooks, ..Settings::default() });
    let hook = bench.hook(&[Occasion::Failed]);
    let link = bench.link("a", 9).link;
    let trouble = |bench: &mut Bench| {
        bench.core.report(link, Report::Trouble(Some("x".into())), bench.now);
        bench.core.report(link, Report::Trouble(None), bench.now);
    };
    trouble(&mut bench);
    bench.fail_commit();
    for _ in 0..10 {
        trouble(&mut bench);
        bench.fail_commit();
    }
    assert_eq!(bench.next(), None);
    assert_eq!(bench.deliveries(&hook).len(), 3);
    assert_eq!(bench.core.totals().webhooks.dropped, 8);
    bench.commit();
    assert!(bench.next().is_some());
}

#[test]
fn slow_receivers_delay_nobody_else_and_the_longest_due_goes_first() {
    let mut bench = Bench::new();
    let (slow, quick) = (bench.hook(&[Occasion::Failed]), bench.hook(&[Occasion::Failed]));
    for hook in [&slow, &slow, &quick, &quick] {
        bench.hooks(Hook::Test(hook.clone()));
        bench.commit();
        bench.pass(1);
    }
    let hanging = bench.next().unwrap();
    assert_eq!(hanging.webhook.id, slow);
    for _ in 0..2 {
        let sending = bench.next().unwrap();
        assert_eq!(sending.webhook.id, quick);
        bench.sent(&sending, answered(200));
    }
    assert_eq!(bench.next(), None);
    bench.hooks(Hook::Remove(slow.clone()));
    bench.sent(&hanging, answered(200));
    assert_eq!(bench.deliveries(&slow), []);
    assert_eq!(bench.next(), None);
}

#[test]
fn what_waited_is_sent_after_a_restart_when_it_is_due() {
    let mut before = Bench::new();
    let hook = before.hook(&[Occasion::Failed]);
    before.hooks(Hook::Test(hook.clone()));
    before.commit();
    let sending = before.next().unwrap();
    before.sent(&sending, refused());
    let webhooks = StoredWebhooks {
        webhooks: before.core.webhooks().map(|webhook| webhook.as_ref().clone()).collect(),
        deliveries: before.deliveries(&hook).iter().map(|it| it.as_ref().clone()).collect(),
        expected: Vec::new(),
    };
    let mut after = Bench::new();
    after.now.wall.0 += 1_000;
    after.core.restore(Stored { webhooks, ..Stored::default() }, after.now);
    assert_eq!(after.next(), None);
    let due = after.core.next_sending_due().unwrap();
    assert!((4_000..5_000).contains(&due.0), "{due:?}");
    after.pass(due.0);
    let again = after.next().unwrap();
    assert_eq!(again.delivery.news.kind, NewsKind::Test);
    assert_eq!(again.delivery.id, sending.delivery.id);
    assert_eq!(again.delivery.attempts, 1);
}
