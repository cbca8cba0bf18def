//! What storage's absence costs, and what a restart finds.

use super::*;
use crate::ports::{Stored, StoredCommand};
use crate::streams::StoredExtent;

#[test]
fn what_cannot_be_stored_is_refused_and_leaves_no_trace() {
    let mut bench = Bench::new();
    bench.link("a", 9);
    bench.commit();
    bench.core.take_deliveries();
    bench.seen();
    bench.enqueue("ls", Priority::Normal);
    bench.fail_commit();
    let refused = Delivery::Answer(Err(CoreError::StorageUnavailable));
    let credit = Delivery::Notice(Notice::Order(Order::Credit(agents::NO_LIMIT)));
    let told = [(ConnectionId(1), refused), (ConnectionId(9), credit)];
    assert_eq!(bench.core.take_deliveries(), told);
    assert_eq!(bench.seen(), ["queue"]);
    let asked = bench.enqueue("ls", Priority::Normal);
    assert_eq!(asked, Asked::Answered(Err(CoreError::StorageUnavailable)));
    assert!(bench.core.totals().is_degraded);
    bench.commit();
    assert!(!bench.core.totals().is_degraded);
    bench.queued("ls", Priority::Normal);
    let credit = Order::Credit(Settings::default().credit);
    assert!(matches!(&bench.orders()[..], [first, Order::Start(_)] if *first == credit));
}

#[test]
fn relay_goes_on_without_storage_and_is_stored_later() {
    let mut bench = Bench::new();
    let link = bench.link("a", 9).link;
    let id = bench.queued("ls", Priority::Normal);
    bench.commit();
    bench.seen();
    bench.orders();
    bench.started(link, &id);
    bench.wrote(link, &id, (0, 1), "x");
    bench.fail_commit();
    assert_eq!(bench.seen(), ["ls running", "queue", "a Busy", "output x"]);
    bench.ended(link, &id, exited(0));
    assert_eq!(bench.seen().len(), 2);
    let orders = bench.orders();
    assert_eq!(
        orders,
        [Order::Credit(agents::NO_LIMIT)],
        "nothing is acknowledged before it is stored"
    );
    bench.stored.clear();
    bench.commit();
    let outputs = bench.stored.iter().filter(|write| matches!(write, Write::Output(_))).count();
    assert_eq!(outputs, 1);
    assert_eq!(bench.orders().len(), 3);
}

#[test]
fn a_restarted_server_goes_on_with_what_was_stored() {
    let mut before = Bench::new();
    let link = before.link("a", 9).link;
    let running = before.queued("one", Priority::Normal);
    let waiting = before.queued("two", Priority::Low);
    before.started(link, &running);
    before.commit();
    let agents = before.core.agents.all().iter().map(|agent| (**agent).clone()).collect();
    let live = [&running, &waiting].map(|id| {
        let live = before.core.commands.live(id).unwrap();
        StoredCommand { command: live.command.clone(), rank: live.rank }
    });
    let stream = StreamKey::command(running.clone());
    let extent = StoredExtent { stream, first_position: 0, next_position: 7, next_sequence: 3 };
    let stored = Stored { agents, live: live.into(), extents: vec![extent], ..Stored::default() };

    let mut bench = Bench::new();
    bench.core.restore(stored, bench.now);
    let seen = bench.seen();
    assert!(seen.contains(&"one running".to_owned()), "{seen:?}");
    assert!(seen.contains(&"queue 1:two".to_owned()), "{seen:?}");
    let Request::Agents(agents::Request::Link(mut hello)) = hello("a") else { unreachable!() };
    let started_at = bench.now.wall;
    hello.commands = vec![crate::agents::HeldCommand {
        command: running.clone(),
        started_at,
        next_position: 0,
        ended: None,
    }];
    let request = Request::Agents(agents::Request::Link(hello));
    let asked = bench.core.ask(&agent_caller("a", 4), request, bench.now);
    let Asked::Answered(Ok(Reply::Linked(linked))) = asked else { panic!("{asked:?}") };
    assert_eq!((linked.resume[0].position, linked.resume[0].sequence), (7, 3));
    assert!(bench.orders().is_empty(), "the second waits for the first");
    bench.ended(linked.link, &running, exited(0));
    assert!(matches!(&bench.orders()[..], [Order::Start(order)] if order.command == waiting));
}

#[test]
fn without_the_agent_a_restarted_server_gives_its_work_up_in_time() {
    let mut before = Bench::new();
    before.link("a", 9);
    let id = before.queued("one", Priority::Normal);
    let live = before.core.commands.live(&id).unwrap();
    let live = vec![StoredCommand { command: live.command.clone(), rank: live.rank }];
    let agents = before.core.agents.all().iter().map(|agent| (**agent).clone()).collect();
    let mut bench = Bench::new();
    bench.core.restore(Stored { agents, live, ..Stored::default() }, bench.now);
    bench.pass(120_000);
    bench.commit();
    assert!(bench.seen().contains(&"one AgentLost".to_owned()));
}

#[test]
fn a_viewer_who_fell_off_gets_state_gaps_the_newest_output_and_the_missed_ends() {
    let settings = Settings { ring_bytes: 2000, backlog_bytes: 100, ..Settings::default() };
    let mut bench = Bench::with(settings);
    let link = bench.link("a", 9).link;
    let done = bench.queued("first", Priority::Normal);
    bench.started(link, &done);
    bench.ended(link, &done, exited(0));
    let id = bench.queued("second", Priority::Normal);
    bench.started(link, &id);
    bench.commit();
    for number in 0..300u64 {
        bench.wrote(link, &id, (number * 10, number + 1), &format!("line {number:04}\n"));
    }
    let progress = bench.core.fleet().read(bench.shape, 1, bench.now.wall);
    let Progress::Resynced { slices, cursor } = progress else { panic!("{progress:?}") };
    let text = String::from_utf8(slices.concat()).unwrap();
    let lines: Vec<_> = text.lines().filter(|line| !line.is_empty()).collect();
    assert_eq!(lines[0], "resync [296]", "{lines:?}");
    assert_eq!(lines[1], "output line 0295");
    assert_eq!(lines[lines.len() - 2], "output line 0299");
    assert_eq!(lines[lines.len() - 1], "ended first");
    assert_eq!(cursor, bench.core.fleet().next());
}

#[test]
fn what_waits_to_be_stored_is_counted_until_it_is() {
    let mut bench = Bench::new();
    let link = bench.link("a", 9).link;
    let id = bench.queued("ls", Priority::Normal);
    bench.started(link, &id);
    bench.commit();
    bench.wrote(link, &id, (0, 1), "12345");
    assert_eq!(bench.core.unstored_output(), 5);
    bench.core.begin_commit();
    bench.wrote(link, &id, (5, 2), "678");
    assert_eq!(bench.core.unstored_output(), 8);
    bench.core.end_commit(true);
    assert_eq!(bench.core.unstored_output(), 3);
    bench.commit();
    assert_eq!(bench.core.unstored_output(), 0);
}
