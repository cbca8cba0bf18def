//! Which facts make which deliveries, stored together with the fact.

use super::*;
use crate::{
    ids::WebhookId,
    ports::Stored,
    sessions::{
        Activity, AddedWorker, Create, Exit, Kind, Launch, Request as Ask, Size, WorkerKind,
    },
    webhooks::{
        Attempt, Change, Draft, Occasion, Request as Hook, Sending, Sent, StoredWebhooks, Webhook,
        WebhookDelivery, WebhookSecret,
    },
};

pub(super) fn draft(occasions: &[Occasion]) -> Draft {
    Draft {
        name: "chat".into(),
        url: "https://hooks.example/T0/secret-path?key=hunter2".into(),
        occasions: occasions.iter().copied().collect(),
        agent: None,
        secret: WebhookSecret("whsec_c2VjcmV0".into()),
    }
}

pub(super) fn answered(status: u16) -> Sent {
    Sent { attempt: Attempt { status: Some(status), error: None }, retry_after: None }
}

pub(super) fn refused() -> Sent {
    let error = Some("connection refused".into());
    Sent { attempt: Attempt { status: None, error }, retry_after: None }
}

impl Bench {
    pub(super) fn hooks(&mut self, ask: Hook) -> Asked {
        self.core.ask(&person(Role::Admin), Request::Webhooks(ask), self.now)
    }

    pub(super) fn hook_with(&mut self, draft: Draft) -> WebhookId {
        assert_eq!(self.hooks(Hook::Add(draft)), Asked::AfterCommit);
        self.commit();
        let deliveries = self.core.take_deliveries();
        let made = deliveries.iter().find_map(|(_, delivery)| match delivery {
            Delivery::Answer(Ok(Reply::WebhookAdded(id))) => Some(id.clone()),
            _ => None,
        });
        made.unwrap()
    }

    pub(super) fn hook(&mut self, occasions: &[Occasion]) -> WebhookId {
        self.hook_with(draft(occasions))
    }

    pub(super) fn deliveries(&self, webhook: &WebhookId) -> Vec<Arc<WebhookDelivery>> {
        let mut all = self.core.webhook_deliveries(webhook, None, 10_000);
        all.reverse();
        all
    }

    /// What a webhook was or is to be told, oldest first.
    pub(super) fn webhook_told(&self, webhook: &WebhookId) -> Vec<&'static str> {
        self.deliveries(webhook).iter().map(|delivery| delivery.news.kind.as_str()).collect()
    }

    pub(super) fn next(&mut self) -> Option<Sending> {
        self.core.next_sending(self.now)
    }

    pub(super) fn sent(&mut self, sending: &Sending, sent: Sent) {
        self.core.sent(&sending.webhook.id, &sending.delivery.id, sent, self.now);
        self.commit();
    }

    fn run(&mut self, link: LinkId, line: &str, outcome: Outcome) {
        let id = self.queued(line, Priority::Normal);
        self.started(link, &id);
        self.ended(link, &id, outcome);
        self.commit();
    }

    fn claude(&mut self) -> StreamKey {
        let kind = WorkerKind::Agent { agent_type: "claude".into() };
        let launch = Launch { line: Some("claude".into()), ..Launch::default() };
        let create = Create {
            agent: "a".parse().unwrap(),
            kind: Kind::Quick,
            path: "/home/ann".into(),
            title: None,
            initial_prompt: None,
            worker: Some(AddedWorker { kind, name: None, launch, size: Size::default() }),
        };
        self.orders();
        let asked = Request::Sessions(Ask::Create(create));
        assert_eq!(self.core.ask(&person(Role::Operator), asked, self.now), Asked::AfterCommit);
        self.commit();
        let orders = self.orders();
        let [Order::Spawn(order)] = &orders[..] else { panic!("{orders:?}") };
        order.stream.clone()
    }

    fn does(&mut self, link: LinkId, stream: &StreamKey, activity: Activity, asks: Option<&str>) {
        let (question, age) = (asks.map(Into::into), Duration::ZERO);
        let report = Report::Activity { stream: stream.clone(), activity, question, age };
        self.core.report(link, report, self.now);
        self.commit();
    }

    pub(super) fn stored_deliveries(&self) -> impl Iterator<Item = &Arc<WebhookDelivery>> {
        self.stored.iter().filter_map(|write| match write {
            Write::WebhookDelivery(delivery) => Some(delivery),
            _ => None,
        })
    }
}

#[test]
fn how_a_command_ends_is_told_to_who_wants_to_know() {
    let mut bench = Bench::new();
    let link = bench.link("a", 9).link;
    bench.commit();
    let all = bench.hook(&Occasion::ALL);
    let failed = bench.hook(&[Occasion::Failed]);
    let elsewhere = Draft { agent: Some("b".parse().unwrap()), ..draft(&Occasion::ALL) };
    let elsewhere = bench.hook_with(elsewhere);
    bench.run(link, "true --password=hunter2", exited(0));
    bench.run(link, "sleep 9", Outcome::Interrupted { code: Some(130) });
    bench.run(link, "false", exited(1));
    bench.run(link, "spin", Outcome::TimedOut { code: None });
    let expected = [
        "command.completed",
        "command.failed",
        "attention.raised",
        "command.failed",
        "attention.raised",
    ];
    assert_eq!(bench.webhook_told(&all), expected);
    assert_eq!(bench.webhook_told(&failed), ["command.failed", "command.failed"]);
    assert_eq!(bench.webhook_told(&elsewhere), Vec::<&str>::new());
    let deliveries = bench.deliveries(&all);
    let completed = deliveries[0].news.command.as_ref().unwrap();
    assert_eq!((completed.exit_code, &*completed.line), (Some(0), "true --password=[redacted]"));
    assert_eq!(&*deliveries[3].news.text, "ran longer than it may");
    assert_eq!(deliveries[1].news.id, bench.deliveries(&failed)[0].news.id);
}

#[test]
fn a_delivery_is_stored_with_its_fact_and_sent_only_then() {
    let mut bench = Bench::new();
    let link = bench.link("a", 9).link;
    bench.hook(&[Occasion::Completed]);
    let id = bench.queued("ls", Priority::Normal);
    bench.started(link, &id);
    bench.commit();
    let said = Report::Said {
        stream: StreamKey::command(id.clone()),
        text: "token=hunter2hunter2 done".into(),
    };
    bench.core.report(link, said, bench.now);
    bench.ended(link, &id, exited(0));
    assert_eq!(bench.next(), None);
    let batch = bench.core.begin_commit().unwrap();
    let fact = batch.iter().any(|write| match write {
        Write::Command(stored) => matches!(stored.command.state, State::Ended(_)),
        _ => false,
    });
    let delivery = batch.iter().any(|write| matches!(write, Write::WebhookDelivery(_)));
    assert!(fact && delivery, "{batch:?}");
    assert_eq!(bench.next(), None, "the commit is under way");
    bench.core.end_commit(true);
    let sending = bench.next().unwrap();
    assert_eq!(sending.delivery.news.last_line.as_deref(), Some("token=[redacted] done"));
    assert_eq!(bench.next(), None, "one at a time");
}

#[test]
fn an_agent_that_stays_away_is_told_once_and_a_blip_is_not() {
    let mut bench = Bench::new();
    let hook = bench.hook(&[Occasion::Offline]);
    let link = bench.link("a", 9).link;
    bench.commit();
    bench.core.report(link, Report::Lost, bench.now);
    bench.pass(29_999);
    let link = bench.link("a", 10).link;
    bench.pass(60_000);
    assert_eq!(bench.webhook_told(&hook), Vec::<&str>::new());
    bench.core.report(link, Report::Lost, bench.now);
    let gone_at = bench.now.wall;
    bench.pass(30_000);
    bench.pass(300_000);
    bench.commit();
    assert_eq!(bench.webhook_told(&hook), ["agent.offline"]);
    assert_eq!(bench.deliveries(&hook)[0].news.at, gone_at);
    assert_eq!(bench.core.next_due(), None);
}

#[test]
fn an_agent_that_does_not_come_back_after_a_restart_is_told() {
    let mut before = Bench::new();
    let hook = before.hook(&[Occasion::Offline]);
    before.link("a", 9);
    before.link("b", 10);
    before.commit();
    let expected = before.stored.iter().filter_map(|write| match write {
        Write::Expected { agent, is_expected: true } => Some(agent.clone()),
        _ => None,
    });
    let webhooks = StoredWebhooks {
        webhooks: before.core.webhooks().map(|webhook| webhook.as_ref().clone()).collect(),
        deliveries: Vec::new(),
        expected: expected.collect(),
    };
    let mut after = Bench::new();
    after.core.restore(Stored { webhooks, ..Stored::default() }, after.now);
    after.pass(1_000);
    after.link("b", 1);
    after.pass(29_000);
    let deliveries = after.deliveries(&hook);
    assert_eq!(deliveries.len(), 1);
    assert_eq!(deliveries[0].news.agent.as_ref().unwrap().0.as_str(), "a");
}

#[test]
fn an_agent_in_trouble_is_told_until_it_is_well() {
    let mut bench = Bench::new();
    let hook = bench.hook(&[Occasion::Failed, Occasion::Attention]);
    let link = bench.link("a", 9).link;
    let trouble = |text: &str| Report::Trouble(Some(text.into()));
    bench.core.report(link, trouble("disk full"), bench.now);
    bench.core.report(link, trouble("disk full"), bench.now);
    bench.core.report(link, trouble("no memory either"), bench.now);
    assert_eq!(bench.webhook_told(&hook), ["attention.raised", "agent.error", "attention.raised"]);
    bench.core.report(link, Report::Trouble(None), bench.now);
    bench.core.report(link, trouble("again"), bench.now);
    let told = bench.webhook_told(&hook);
    assert_eq!(told[3..], ["attention.raised", "agent.error"]);
}

#[test]
fn who_waits_for_a_person_is_told_once_however_the_screen_flaps() {
    let mut bench = Bench::new();
    let hook = bench.hook(&[Occasion::Attention]);
    let link = bench.link("a", 9).link;
    bench.commit();
    let claude = bench.claude();
    bench.does(link, &claude, Activity::Asking, Some("Proceed?"));
    for _ in 0..3 {
        bench.pass(1_000);
        bench.does(link, &claude, Activity::Active, None);
        bench.does(link, &claude, Activity::Asking, Some("Proceed?"));
    }
    assert_eq!(bench.webhook_told(&hook), ["attention.raised"]);
    bench.does(link, &claude, Activity::Active, None);
    bench.pass(60_000);
    assert_eq!(bench.webhook_told(&hook), ["attention.raised"], "it does not wait any more");
    bench.does(link, &claude, Activity::Asking, Some("Proceed?"));
    assert_eq!(bench.webhook_told(&hook).len(), 2, "this is another time");
    bench.does(link, &claude, Activity::Asking, Some("And now?"));
    assert_eq!(bench.webhook_told(&hook).len(), 3, "this is another question");
    bench.does(link, &claude, Activity::Active, None);
    bench.does(link, &claude, Activity::Asking, Some("And now?"));
    assert_eq!(bench.webhook_told(&hook).len(), 3);
    bench.pass(5_000);
    assert_eq!(bench.webhook_told(&hook).len(), 4, "the same words, and it is no flapping");
    let newest = bench.deliveries(&hook).pop().unwrap();
    assert_eq!(newest.news.reason.as_deref(), Some("workerAsks"));
    assert_eq!(newest.news.worker.as_ref().unwrap().id, *claude.worker().unwrap());
}

#[test]
fn a_worker_tells_when_its_turn_ends_and_when_it_fails() {
    let mut bench = Bench::new();
    let hook = bench.hook(&[Occasion::Completed, Occasion::Failed]);
    let link = bench.link("a", 9).link;
    bench.commit();
    let claude = bench.claude();
    bench.core.report(link, Report::WorkerStarted { stream: claude.clone() }, bench.now);
    bench.does(link, &claude, Activity::Idle, None);
    assert_eq!(bench.webhook_told(&hook), Vec::<&str>::new(), "it did nothing");
    bench.does(link, &claude, Activity::Active, None);
    bench.does(link, &claude, Activity::Idle, None);
    bench.does(link, &claude, Activity::Unknown, None);
    bench.does(link, &claude, Activity::Idle, None);
    assert_eq!(bench.webhook_told(&hook), ["worker.idle"]);
    let exit = Exit { code: 3, signal: None, reason: None, at: bench.now.wall };
    bench.core.report(link, Report::WorkerEnded { stream: claude, exit }, bench.now);
    assert_eq!(bench.webhook_told(&hook), ["worker.idle", "worker.failed"]);
    let failed = bench.deliveries(&hook).pop().unwrap();
    assert_eq!(failed.news.worker.as_ref().unwrap().exit_code, Some(3));
}

#[test]
fn only_administrators_may_and_the_audit_has_no_secret() {
    let mut bench = Bench::new();
    for role in [Role::Viewer, Role::Operator] {
        let asked = Request::Webhooks(Hook::Add(draft(&Occasion::ALL)));
        let refused = bench.core.ask(&person(role), asked, bench.now);
        assert!(matches!(refused, Asked::Answered(Err(CoreError::Forbidden(_)))), "{refused:?}");
    }
    let hook = bench.hook(&[Occasion::Failed]);
    let secret = WebhookSecret("whsec_bmV3".into());
    bench.hooks(Hook::Rotate { webhook: hook.clone(), secret });
    let url = Some("https://u:hunter2@other.example/hunter2".into());
    bench.hooks(Hook::Change { webhook: hook, change: Change { url, ..Change::default() } });
    bench.commit();
    let records = bench.stored.iter().filter_map(|write| match write {
        Write::Audit(record) => Some(record.clone()),
        _ => None,
    });
    let records: Vec<_> = records.collect();
    assert_eq!(records.len(), 5);
    assert_eq!(&*records[2].detail, "https://hooks.example failed");
    assert_eq!(&*records[4].detail, "url https://other.example");
    let text = format!("{records:?}{:?}", bench.core.webhooks().collect::<Vec<_>>());
    for secret in ["hunter2", "whsec_", "secret-path"] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
    let webhook: &Webhook = bench.core.webhooks().next().unwrap();
    assert_eq!(webhook.secrets(bench.now.wall).count(), 2);
    let tomorrow = Timestamp(bench.now.wall.0 + 24 * 3_600_000);
    assert_eq!(webhook.secrets(tomorrow).count(), 1, "the old one counts for a day");
}

#[test]
fn who_still_waits_after_a_restart_is_not_told_again() {
    for (age, same, expected) in [(60, true, 1), (30, true, 2), (60, false, 2)] {
        let mut before = Bench::new();
        let hook = before.hook(&[Occasion::Attention]);
        let link = before.link("a", 9).link;
        before.commit();
        let claude = before.claude();
        before.does(link, &claude, Activity::Asking, Some("Proceed?"));
        let session = before.stored.iter().rev().find_map(|write| match write {
            Write::Session(session) => Some(session.as_ref().clone()),
            _ => None,
        });
        let webhooks = StoredWebhooks {
            webhooks: before.core.webhooks().map(|webhook| webhook.as_ref().clone()).collect(),
            deliveries: before.deliveries(&hook).iter().map(|it| it.as_ref().clone()).collect(),
            expected: Vec::new(),
        };
        let mut after = Bench::new();
        let sessions = session.into_iter().collect();
        after.core.restore(Stored { webhooks, sessions, ..Stored::default() }, after.now);
        after.pass(60_000);
        let link = after.link("a", 1).link;
        let report = Report::Activity {
            stream: claude,
            activity: Activity::Asking,
            question: Some(if same { "Proceed?" } else { "Delete it?" }.into()),
            age: Duration::from_secs(age),
        };
        after.core.report(link, report, after.now);
        assert_eq!(after.webhook_told(&hook).len(), expected, "{age} {same}");
    }
}
