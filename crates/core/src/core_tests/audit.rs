//! Every request leaves one record, with what really became of it.

use super::*;
use crate::{
    audit::{AuditRecord, AuditResult},
    calls::{self, Call, CallRefusal, RefusalCause},
};

/// Says the audit and nothing else.
#[derive(Debug)]
struct AuditOnly;

impl Language for AuditOnly {
    fn name(&self) -> &'static str {
        "audit_only"
    }
    fn event(&self, published: &Published, out: &mut Messages) {
        if let Event::Audit(record) = &published.event {
            let line = format!("{} {}\n", record.action, record.result.as_str());
            out.push(MessageKind::Text, |bytes| bytes.extend(line.into_bytes()));
        }
    }
    fn snapshot(&self, _: &View, _: Timestamp, _: &mut Messages) {}
    fn resync(&self, _: &View, _: &Resync, _: Timestamp, _: &mut Messages) {}
    fn resync_ends(&self, _: &View, _: &Resync, _: Timestamp, _: &mut Messages) {}
}

impl Bench {
    fn audits(&self) -> Vec<Arc<AuditRecord>> {
        let audits = self.stored.iter().filter_map(|write| match write {
            Write::Audit(record) => Some(record.clone()),
            _ => None,
        });
        audits.collect()
    }

    fn call_audited(&mut self) {
        let call = Call::Stat { path: "/tmp".into() };
        let agent = "a".parse().unwrap();
        let request = calls::Request { agent, call, within: Duration::from_secs(5) };
        let asked = self.core.ask(&person(Role::Operator), Request::Call(request), self.now);
        assert_eq!(asked, Asked::AfterCommit);
    }
}

#[test]
fn a_record_says_who_what_of_which_agent_and_keeps_no_secret() {
    let mut bench = Bench::new();
    bench.link("a", 9);
    bench.enqueue("deploy --password hunter2", Priority::Normal);
    let viewer = person(Role::Viewer);
    bench.core.ask(&viewer, enqueue("a", "ls", Priority::Normal), bench.now);
    bench.core.ask(&viewer, interrupt(&"cmd-1".parse().unwrap()), bench.now);
    bench.core.ask(&person(Role::Admin), interrupt(&"cmd-1".parse().unwrap()), bench.now);
    bench.commit();
    let audits = bench.audits();
    let [link, queued, denied, unknown, failed] = &audits[..] else { panic!("{audits:?}") };
    assert_eq!((&*link.action, link.result), ("agent.link", AuditResult::Success));
    assert_eq!(&*queued.detail, "deploy --password [redacted]");
    assert_eq!((&*queued.name, &*queued.actor), ("Ann", "ann"));
    assert_eq!(queued.agent.as_ref().map(AgentId::as_str), Some("a"));
    assert_eq!((queued.result, queued.refusal.as_deref()), (AuditResult::Success, None));
    assert_eq!(denied.result, AuditResult::Denied);
    assert_eq!((unknown.result, unknown.agent.as_ref()), (AuditResult::Denied, None));
    assert_eq!(failed.result, AuditResult::Failure);
    assert_eq!(failed.refusal.as_deref(), Some("command cmd-1 is not known"));
    let ids: std::collections::BTreeSet<_> = audits.iter().map(|record| &record.id).collect();
    assert_eq!(ids.len(), audits.len());
}

#[test]
fn a_command_that_could_not_be_stored_is_a_failure_in_the_audit() {
    let mut bench = Bench::new();
    bench.link("a", 9);
    bench.commit();
    bench.enqueue("ls", Priority::Normal);
    bench.fail_commit();
    bench.commit();
    let audits = bench.audits();
    let [_, queued] = &audits[..] else { panic!("{audits:?}") };
    assert_eq!((&*queued.action, queued.result), ("command.enqueue", AuditResult::Failure));
    assert!(queued.refusal.is_some());
}

#[test]
fn what_an_agent_answers_decides_what_the_audit_says() {
    let mut bench = Bench::new();
    let link = bench.link("a", 9).link;
    bench.commit();
    bench.stored.clear();
    bench.call_audited();
    let [Order::Call { call, .. }] = bench.orders()[..] else { panic!() };
    bench.commit();
    assert_eq!(bench.audits(), [], "nobody knows yet");
    let refusal = CallRefusal {
        cause: RefusalCause::Failed,
        reason: "fatal: https://ann:hunter2@host/x".into(),
    };
    bench.core.report(link, Report::Called { call, answer: Err(refusal) }, bench.now);
    bench.call_audited();
    bench.core.forget(ConnectionId(1));
    bench.call_audited();
    bench.pass(6_000);
    bench.commit();
    let audits = bench.audits();
    let refusals: Vec<_> = audits.iter().filter_map(|record| record.refusal.as_deref()).collect();
    assert_eq!(
        refusals,
        [
            "fatal: https://ann:[redacted]@host/x",
            "whoever asked left before the answer came",
            "agent a did not answer in time; try again"
        ]
    );
    assert!(audits.iter().all(|record| record.result == AuditResult::Failure));
}

#[test]
fn the_audit_is_shown_once_it_is_stored_and_holds_nothing_else_back() {
    let mut bench = Bench::new();
    let watched = bench.core.fleet().watch(&AuditOnly, 0, || Box::new(NoFraming), bench.now.wall);
    let mut cursor = watched.cursor;
    assert!(watched.snapshot.is_empty());
    let mut shown = |core: &mut Core| match core.fleet().read(watched.shape, cursor, Timestamp(0)) {
        Progress::Events(batch) => {
            cursor = batch.next;
            String::from_utf8(batch.slices.concat()).unwrap()
        }
        other => panic!("{other:?}"),
    };
    bench.link("a", 9);
    assert_eq!(bench.seen(), ["a Online"], "presence does not wait for the audit");
    assert_eq!(shown(&mut bench.core), "");
    bench.core.ask(&person(Role::Viewer), enqueue("a", "ls", Priority::Normal), bench.now);
    bench.commit();
    assert_eq!(shown(&mut bench.core), "agent.link success\ncommand.enqueue denied\n");
}
