//! Webhooks in the database: themselves, their deliveries, and the agents that are expected.

use std::{sync::Arc, time::Duration};

use anyhow::Result;
use pilothouse_core::{
    ids::{AgentId, DeliveryId, WebhookId},
    ports::{Store, StoreError, Write},
    time::Timestamp,
    webhooks::{
        Attempt, CommandNews, DeliveryState, News, NewsKind, Occasion, OldSecret, RunNews, Webhook,
        WebhookDelivery, WebhookSecret, WorkerNews,
    },
};

use super::places::Place;

fn webhook(id: &str) -> Webhook {
    Webhook {
        id: WebhookId::new(id).unwrap(),
        name: "chät".into(),
        url: "https://hooks.example/T0/x?y=z".into(),
        occasions: [Occasion::Attention, Occasion::Completed].into(),
        agent: None,
        is_active: true,
        turned_off: None,
        failing_since: None,
        made_by: "Änn".into(),
        made_at: Timestamp(1_700_000_000_001),
        secret: WebhookSecret("whsec_YQ==".into()),
        old_secret: None,
    }
}

fn news(kind: NewsKind) -> News {
    News {
        id: "evt-1".into(),
        kind,
        at: Timestamp(1_700_000_000_002),
        agent: Some((AgentId::new("agent-1").unwrap(), "Bäcker \"1\"".into())),
        text: "exit code 2".into(),
        reason: Some("commandFailed".into()),
        command: Some(CommandNews {
            id: "cmd-1".parse().unwrap(),
            line: "printf 'a\u{1}\n\"'".into(),
            requested_by: "Änn".into(),
            exit_code: Some(-1),
            ran_for: Duration::from_millis(12_345),
        }),
        worker: Some(WorkerNews {
            id: "wrk-1".parse().unwrap(),
            session: "ses-1".parse().unwrap(),
            name: "claude 2".into(),
            exit_code: None,
        }),
        run: Some(RunNews { id: "run-1".parse().unwrap(), wait: Some("w-1".into()) }),
        last_line: Some("löst\u{1f511}".into()),
    }
}

fn delivery(number: usize, webhook: &str, state: DeliveryState) -> WebhookDelivery {
    WebhookDelivery {
        id: DeliveryId::new(&format!("del-{number:04}")).unwrap(),
        webhook: WebhookId::new(webhook).unwrap(),
        news: Arc::new(news(NewsKind::ALL[number % NewsKind::ALL.len()])),
        state,
        attempts: 3,
        next_at: Timestamp(1_700_000_000_003),
        last: Attempt { status: Some(503), error: Some("it answered 503".into()) },
    }
}

fn write(webhook: &Webhook) -> Write {
    Write::Webhook(Arc::new(webhook.clone()))
}

fn keep(delivery: &WebhookDelivery) -> Write {
    Write::WebhookDelivery(Arc::new(delivery.clone()))
}

pub(super) async fn webhooks_come_back_as_they_were_last(place: &Place) -> Result<()> {
    let store = place.open().await?;
    let full = Webhook {
        agent: Some(AgentId::new("agent-1")?),
        is_active: false,
        turned_off: Some("the receiver answered 410 Gone".into()),
        failing_since: Some(Timestamp(7)),
        secret: WebhookSecret("whsec_Yg==".into()),
        old_secret: Some(OldSecret {
            secret: WebhookSecret("whsec_YQ==".into()),
            until: Timestamp(9),
        }),
        ..webhook("hook-1")
    };
    store.commit(&[write(&webhook("hook-2")), write(&webhook("hook-1"))]).await?;
    store.commit(&[write(&webhook("hook-1")), write(&full)]).await?;
    let stored = place.open().await?.load(0).await?.webhooks;
    assert_eq!(stored.webhooks, [full, webhook("hook-2")]);
    let waiting = delivery(1, "hook-1", DeliveryState::Pending);
    let gone = Write::WebhookGone(WebhookId::new("hook-1")?);
    store.commit(&[keep(&waiting), gone]).await?;
    let stored = store.load(0).await?.webhooks;
    assert_eq!((stored.webhooks, stored.deliveries), (vec![webhook("hook-2")], Vec::new()));
    place.tamper("UPDATE webhooks SET occasions = 'never'").await?;
    assert!(matches!(store.load(0).await, Err(StoreError::Corrupt(_))));
    Ok(())
}

pub(super) async fn deliveries_wait_until_they_end_and_the_last_that_ended_are_kept(
    place: &Place,
) -> Result<()> {
    let store = place.open().await?;
    let first = delivery(0, "hook-1", DeliveryState::Pending);
    let fresh = WebhookDelivery { attempts: 0, last: Attempt::default(), ..first.clone() };
    let other = delivery(999, "hook-2", DeliveryState::Failed);
    store.commit(&[keep(&fresh), keep(&other)]).await?;
    assert_eq!(store.load(0).await?.webhooks.deliveries, [fresh.clone(), other.clone()]);
    store.commit(&[keep(&fresh), keep(&first)]).await?;
    assert_eq!(place.open().await?.load(0).await?.webhooks.deliveries[0], first);
    for number in 1..=150 {
        store.commit(&[keep(&delivery(number, "hook-1", DeliveryState::Delivered))]).await?;
    }
    let stored = store.load(0).await?.webhooks.deliveries;
    let ids: Vec<_> = stored.iter().map(|delivery| delivery.id.to_string()).collect();
    assert_eq!((stored.len(), &stored[0]), (102, &first), "what waits is no part of the hundred");
    assert_eq!((&*ids[1], &*ids[100], &stored[101]), ("del-0051", "del-0150", &other));
    place.tamper("UPDATE webhook_deliveries SET news = '{}'").await?;
    assert!(matches!(store.load(0).await, Err(StoreError::Corrupt(_))));
    Ok(())
}

pub(super) async fn agents_are_expected_until_they_are_not(place: &Place) -> Result<()> {
    let store = place.open().await?;
    let expect = |agent: &str, is_expected| {
        let agent = AgentId::new(agent).unwrap();
        Write::Expected { agent, is_expected }
    };
    store.commit(&[expect("b", true), expect("a", true), expect("c", true)]).await?;
    store.commit(&[expect("b", true), expect("c", false), expect("d", false)]).await?;
    store.commit(&[expect("d", true), expect("a", true), expect("a", false)]).await?;
    let expected = place.open().await?.load(0).await?.webhooks.expected;
    assert_eq!(expected.iter().map(AgentId::as_str).collect::<Vec<_>>(), ["b", "d"]);
    Ok(())
}
