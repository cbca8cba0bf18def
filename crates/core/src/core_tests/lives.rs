//! A command's life as viewers see it.

use super::*;
use crate::access;

#[test]
fn a_command_is_seen_queued_running_and_ended() {
    let mut bench = Bench::new();
    let link = bench.link("a", 9).link;
    bench.commit();
    bench.seen();
    let id = bench.queued("ls", Priority::Normal);
    assert_eq!(bench.seen(), ["ls queued", "queue 1:ls"]);
    assert!(matches!(&bench.orders()[..], [Order::Start(order)] if order.command == id));
    bench.started(link, &id);
    bench.wrote(link, &id, (0, 1), "total 24");
    bench.commit();
    assert_eq!(bench.seen(), ["ls running", "queue", "a Busy", "output total 24"]);
    bench.ended(link, &id, exited(0));
    bench.commit();
    assert_eq!(bench.seen(), ["ls Exited { code: 0, signal: None }", "a Online"]);
    let totals = bench.core.totals();
    assert_eq!(totals.commands_ended, Ends { completed: 1, ..Ends::default() });
    assert_eq!((totals.unstored_writes, totals.unstored_bytes), (0, 0));
    let orders = bench.orders();
    assert!(
        matches!(&orders[0], Order::Acknowledge { position: 8, sequence: 2, .. }),
        "{orders:?}"
    );
    assert!(matches!(&orders[1], Order::Forget(forgotten) if *forgotten == id), "{orders:?}");
}

#[test]
fn nothing_is_seen_answered_or_started_before_it_is_stored() {
    let mut bench = Bench::new();
    let link = bench.link("a", 9).link;
    bench.commit();
    bench.core.take_deliveries();
    bench.seen();
    assert_eq!(bench.enqueue("ls", Priority::Normal), Asked::AfterCommit);
    assert!(bench.seen().is_empty());
    assert!(bench.core.take_deliveries().is_empty());
    let id = {
        bench.commit();
        let Delivery::Answer(Ok(Reply::Queued(id))) = bench.core.deliveries[0].1.clone() else {
            panic!("{:?}", bench.core.deliveries)
        };
        id
    };
    bench.seen();
    bench.started(link, &id);
    bench.wrote(link, &id, (0, 1), "early");
    // Output waits behind the state that it follows, so that viewers see one order.
    assert!(bench.seen().is_empty());
    bench.commit();
    assert_eq!(bench.seen().last().unwrap(), "output early");
    bench.wrote(link, &id, (5, 2), "later");
    assert_eq!(bench.seen(), ["output later"]);
}

#[test]
fn a_full_queue_an_unknown_and_an_absent_agent_refuse() {
    let mut bench = Bench::new();
    let ask = |bench: &mut Bench, agent: &str| {
        let request = enqueue(agent, "ls", Priority::Normal);
        bench.core.ask(&person(Role::Operator), request, bench.now)
    };
    let a: AgentId = "a".parse().unwrap();
    assert_eq!(ask(&mut bench, "a"), Asked::Answered(Err(CoreError::AgentNotFound(a.clone()))));
    let link = bench.link("a", 9).link;
    for _ in 0..5 {
        assert_eq!(ask(&mut bench, "a"), Asked::AfterCommit);
    }
    let full = CoreError::QueueFull { agent: a.clone(), capacity: 5 };
    assert_eq!(ask(&mut bench, "a"), Asked::Answered(Err(full)));
    bench.core.report(link, Report::Lost, bench.now);
    assert_eq!(ask(&mut bench, "a"), Asked::Answered(Err(CoreError::AgentOffline(a))));
}

#[test]
fn odd_command_lines_are_refused_and_none_is_altered() {
    let mut bench = Bench::new();
    bench.link("a", 9);
    for bad in ["", "  \n", "a\0b", &"x".repeat(64 * 1024 + 1)] {
        let asked = bench.enqueue(bad, Priority::Normal);
        assert!(matches!(asked, Asked::Answered(Err(CoreError::Invalid(_)))), "{bad:.9}");
    }
    let line = "echo '$(rm)'; ls | wc -l && \"q\"\n";
    bench.queued(line, Priority::Normal);
    assert!(matches!(&bench.orders()[..], [Order::Start(order)] if &*order.line == line));
}

#[test]
fn a_queued_command_is_interrupted_at_once_and_a_running_one_by_its_agent() {
    let mut bench = Bench::new();
    let link = bench.link("a", 9).link;
    let first = bench.queued("one", Priority::Normal);
    let second = bench.queued("two", Priority::Normal);
    bench.started(link, &first);
    bench.commit();
    bench.orders();
    bench.seen();
    let done = Asked::Answered(Ok(Reply::Done));
    let caller = person(Role::Operator);
    assert_eq!(bench.core.ask(&caller, interrupt(&second), bench.now), done);
    bench.commit();
    assert_eq!(bench.seen(), ["two Interrupted { code: None }", "queue"]);
    assert_eq!(bench.core.ask(&caller, interrupt(&first), bench.now), done);
    bench.commit();
    assert!(bench.seen().is_empty(), "running until the agent confirms");
    assert!(matches!(&bench.orders()[..], [Order::Interrupt { command, .. }] if *command == first));
    bench.ended(link, &first, Outcome::Interrupted { code: Some(130) });
    bench.commit();
    assert_eq!(bench.seen()[0], "one Interrupted { code: Some(130) }");
    let again = bench.core.ask(&caller, interrupt(&first), bench.now);
    assert!(matches!(again, Asked::Answered(Ok(Reply::AlreadyEnded(c))) if c.id == first));
    let unknown: CommandId = "cmd-x".parse().unwrap();
    let refused = Asked::Answered(Err(CoreError::CommandNotFound(unknown.clone())));
    assert_eq!(bench.core.ask(&caller, interrupt(&unknown), bench.now), refused);
}

#[test]
fn classes_overtake_and_positions_follow() {
    let mut bench = Bench::new();
    let link = bench.link("a", 9).link;
    let running = bench.queued("now", Priority::Normal);
    bench.started(link, &running);
    for (line, class) in [("n", Priority::Normal), ("l", Priority::Low), ("h", Priority::High)] {
        bench.queued(line, class);
    }
    assert_eq!(bench.seen().last().unwrap(), "queue 1:h 2:n 3:l");
}

#[test]
fn only_the_requester_hears_of_a_timeout_and_everybody_of_the_failure() {
    let mut bench = Bench::new();
    let link = bench.link("a", 9).link;
    let id = bench.queued("sleep", Priority::Normal);
    bench.started(link, &id);
    bench.commit();
    bench.core.take_deliveries();
    bench.seen();
    bench.ended(link, &id, Outcome::TimedOut { code: Some(137) });
    bench.commit();
    assert_eq!(bench.seen()[0], "sleep TimedOut { code: Some(137) }");
    let notices = bench.core.take_deliveries();
    assert!(notices.iter().any(|(connection, delivery)| {
        *connection == ConnectionId(1)
            && matches!(delivery, Delivery::Notice(Notice::CommandTimedOut(c)) if c.id == id)
    }));
}

#[test]
fn viewers_and_agents_may_not_command_and_every_request_is_audited() {
    let mut bench = Bench::new();
    bench.link("a", 9);
    for caller in [person(Role::Viewer), agent_caller("a", 9)] {
        let asked = bench.core.ask(&caller, enqueue("a", "ls", Priority::Normal), bench.now);
        assert!(matches!(asked, Asked::Answered(Err(CoreError::Forbidden(_)))));
    }
    bench.enqueue("ls", Priority::Normal);
    bench.commit();
    let audits: Vec<_> = bench
        .stored
        .iter()
        .filter_map(|write| match write {
            Write::Audit(record) => Some((&*record.action, record.refusal.is_some())),
            _ => None,
        })
        .collect();
    let enqueue = "command.enqueue";
    assert_eq!(audits, [("agent.link", false), (enqueue, true), (enqueue, true), (enqueue, false)]);
}

#[test]
fn only_administrators_end_access_and_it_is_audited() {
    let mut bench = Bench::new();
    let revoke = || Request::Access(access::Request::Revoke { credential: "ab".into() });
    let end = || Request::Access(access::Request::EndSockets { user: "bob".into() });
    for request in [revoke(), end()] {
        for caller in [person(Role::Operator), agent_caller("a", 9)] {
            let asked = bench.core.ask(&caller, request.clone(), bench.now);
            assert!(matches!(asked, Asked::Answered(Err(CoreError::Forbidden(_)))));
        }
        let asked = bench.core.ask(&person(Role::Admin), request, bench.now);
        assert_eq!(asked, Asked::Answered(Ok(Reply::Done)));
    }
    bench.commit();
    let audits: Vec<_> = bench
        .stored
        .iter()
        .filter_map(|write| match write {
            Write::Audit(record) if record.refusal.is_none() => {
                Some((&*record.action, record.subject.as_ref()))
            }
            _ => None,
        })
        .collect();
    assert_eq!(audits, [("access.revoke", "ab"), ("access.end_sockets", "bob")]);
}
