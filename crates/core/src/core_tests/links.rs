//! Agents come, go and come back.

use super::*;
use crate::agents::HeldCommand;

fn relink(bench: &mut Bench, connection: u64, held: Vec<HeldCommand>) -> Arc<Linked> {
    let Request::Agents(agents::Request::Link(mut hello)) = hello("a") else { unreachable!() };
    hello.commands = held;
    let request = Request::Agents(agents::Request::Link(hello));
    match bench.core.ask(&agent_caller("a", connection), request, bench.now) {
        Asked::Answered(Ok(Reply::Linked(linked))) => linked,
        other => panic!("{other:?}"),
    }
}

#[test]
fn presence_follows_the_link_and_the_list_follows_the_set() {
    let mut bench = Bench::new();
    let link = bench.link("a", 9).link;
    assert_eq!(bench.seen(), ["a Online"]);
    bench.pass(249);
    assert!(bench.seen().is_empty());
    bench.pass(1);
    assert_eq!(bench.seen(), ["list of 1"]);
    bench.core.report(link, Report::Lost, bench.now);
    assert_eq!(bench.seen(), ["a Offline"]);
    bench.link("a", 10);
    bench.pass(1000);
    assert_eq!(bench.seen(), ["a Online"]);
}

#[test]
fn a_second_link_replaces_the_first_whose_reports_then_count_for_nothing() {
    let mut bench = Bench::new();
    let old = bench.link("a", 9).link;
    let id = bench.queued("ls", Priority::Normal);
    bench.link("a", 10);
    let told = bench.core.take_deliveries();
    assert!(told.contains(&(ConnectionId(9), Delivery::Notice(Notice::Superseded))));
    bench.seen();
    bench.started(old, &id);
    bench.core.report(old, Report::Lost, bench.now);
    bench.commit();
    assert!(bench.seen().is_empty());
}

#[test]
fn nobody_takes_over_the_live_link_of_another() {
    let mut bench = Bench::new();
    bench.link("a", 9);
    let asked = bench.core.ask(&person(Role::Operator), hello("a"), bench.now);
    assert_eq!(asked, Asked::Answered(Err(CoreError::AgentTaken("a".parse().unwrap()))));
    let asked = bench.core.ask(&person(Role::Admin), hello("a"), bench.now);
    assert!(matches!(asked, Asked::Answered(Ok(_))));
    let asked = bench.core.ask(&agent_caller("b", 3), hello("a"), bench.now);
    assert!(matches!(asked, Asked::Answered(Err(CoreError::Forbidden(_)))));
}

#[test]
fn a_command_goes_on_over_a_cut_and_its_output_where_it_stopped() {
    let mut bench = Bench::new();
    let link = bench.link("a", 9).link;
    let id = bench.queued("ls", Priority::Normal);
    bench.started(link, &id);
    bench.wrote(link, &id, (0, 1), "one");
    bench.commit();
    bench.core.report(link, Report::Lost, bench.now);
    bench.pass(60_000);
    bench.seen();
    let held = HeldCommand {
        command: id.clone(),
        started_at: bench.now.wall,
        next_position: 0,
        ended: None,
    };
    let linked = relink(&mut bench, 10, vec![held]);
    assert_eq!((linked.resume[0].position, linked.resume[0].sequence), (3, 2));
    assert!(linked.forget.is_empty());
    bench.wrote(linked.link, &id, (0, 1), "one");
    bench.wrote(linked.link, &id, (3, 2), "two");
    assert_eq!(bench.seen(), ["a Busy", "output two"]);
    bench.pass(300_000);
    assert!(bench.seen().is_empty(), "an agent that is back is not lost");
}

#[test]
fn an_order_that_never_arrived_is_given_again() {
    let mut bench = Bench::new();
    let link = bench.link("a", 9).link;
    let id = bench.queued("ls", Priority::Normal);
    assert_eq!(bench.orders().len(), 1);
    bench.core.report(link, Report::Lost, bench.now);
    relink(&mut bench, 10, Vec::new());
    assert!(matches!(&bench.orders()[..], [Order::Start(order)] if order.command == id));
}

#[test]
fn work_of_an_agent_that_stays_away_fails_once() {
    let mut bench = Bench::new();
    let link = bench.link("a", 9).link;
    let id = bench.queued("one", Priority::Normal);
    bench.queued("two", Priority::Normal);
    bench.started(link, &id);
    bench.commit();
    bench.core.report(link, Report::Lost, bench.now);
    bench.pass(119_999);
    bench.seen();
    bench.pass(1);
    bench.commit();
    let seen = bench.seen();
    assert!(seen.contains(&"one AgentLost".to_owned()), "{seen:?}");
    assert!(seen.contains(&"two AgentLost".to_owned()), "{seen:?}");
    assert!(seen.contains(&"raised AgentLost".to_owned()), "{seen:?}");
    let held = HeldCommand {
        command: id.clone(),
        started_at: bench.now.wall,
        next_position: 0,
        ended: None,
    };
    let linked = relink(&mut bench, 10, vec![held]);
    assert_eq!(linked.forget, [id]);
    bench.commit();
    assert_eq!(bench.seen(), ["cleared", "a Online"]);
}

#[test]
fn a_command_that_the_agent_lost_with_its_life_fails_when_it_is_back() {
    let mut bench = Bench::new();
    let link = bench.link("a", 9).link;
    let id = bench.queued("one", Priority::Normal);
    bench.started(link, &id);
    bench.commit();
    bench.core.report(link, Report::Lost, bench.now);
    bench.seen();
    relink(&mut bench, 10, Vec::new());
    bench.commit();
    assert!(bench.seen().contains(&"one AgentLost".to_owned()));
}

#[test]
fn an_interrupt_waits_for_an_agent_that_is_away() {
    let mut bench = Bench::new();
    let link = bench.link("a", 9).link;
    let id = bench.queued("one", Priority::Normal);
    bench.started(link, &id);
    bench.commit();
    bench.core.report(link, Report::Lost, bench.now);
    bench.core.ask(&person(Role::Operator), interrupt(&id), bench.now);
    bench.orders();
    let held = HeldCommand {
        command: id.clone(),
        started_at: bench.now.wall,
        next_position: 0,
        ended: None,
    };
    relink(&mut bench, 10, vec![held]);
    assert!(matches!(&bench.orders()[..], [Order::Interrupt { command, .. }] if *command == id));
}

#[test]
fn trouble_shows_as_error_and_waits_for_a_person() {
    let mut bench = Bench::new();
    let link = bench.link("a", 9).link;
    bench.seen();
    bench.core.report(link, Report::Trouble(Some("disk full".into())), bench.now);
    assert_eq!(bench.seen(), ["raised AgentTrouble", "a Error"]);
    bench.core.report(link, Report::Trouble(None), bench.now);
    assert_eq!(bench.seen(), ["cleared", "a Online"]);
}

#[test]
fn an_agent_neither_writes_nor_skips_in_what_is_not_its_own() {
    let mut bench = Bench::new();
    let link = bench.link("a", 9).link;
    let other = bench.link("b", 10).link;
    let id = bench.queued("ls", Priority::Normal);
    bench.started(link, &id);
    bench.wrote(link, &id, (0, 1), "true");
    bench.commit();
    bench.seen();
    let skip = |stream: StreamKey| Report::Missing { stream, from: 0, to: 1000, next_sequence: 50 };
    bench.wrote(other, &id, (4, 2), "forged");
    bench.core.report(other, skip(StreamKey::command(id.clone())), bench.now);
    let unknown = CommandId::new("never-was").unwrap();
    bench.wrote(other, &unknown, (0, 1), "forged");
    bench.core.report(other, skip(StreamKey::command(unknown)), bench.now);
    bench.commit();
    assert_eq!(bench.seen(), Vec::<String>::new());
    assert_eq!(bench.core.logs.pending_bytes(), 0);
    bench.orders();
    bench.wrote(link, &id, (4, 2), "still true");
    assert_eq!(bench.seen(), ["output still true"]);
    bench.commit();
    assert!(matches!(&bench.orders()[..], [Order::Acknowledge { position: 14, .. }]));
}
