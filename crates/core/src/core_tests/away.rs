//! More output than memory takes while storage is away: seen once, asked for again, stored once.

use super::*;
use crate::{
    agents::{HeldCommand, NO_LIMIT, ResumeFrom},
    streams::StoredGroup,
};

const MIB: usize = 1 << 20;

/// A bench whose storage is away and whose command `id` has written `count` records of a MiB each.
fn flooded(count: u64) -> (Bench, LinkId, CommandId) {
    let mut bench =
        Bench::with(Settings { ring_bytes: 256 << 20, queue_capacity: 5, ..Settings::default() });
    let link = bench.link("a", 9).link;
    let id = bench.queued("flood", Priority::Normal);
    bench.started(link, &id);
    bench.commit();
    bench.wrote(link, &id, (0, 1), &text(0));
    bench.fail_commit();
    for number in 1..count {
        wrote(&mut bench, link, &id, number);
    }
    bench.fail_commit();
    (bench, link, id)
}

fn text(number: u64) -> String {
    format!("{number:04}").repeat(MIB / 4)
}

fn wrote(bench: &mut Bench, link: LinkId, id: &CommandId, number: u64) {
    bench.wrote(link, id, (number * MIB as u64, number + 1), &text(number));
}

/// The numbers of the records that viewers saw since they were last asked.
fn seen(bench: &mut Bench) -> Vec<u64> {
    let seen = bench.seen();
    let output = seen.iter().filter_map(|line| line.strip_prefix("output "));
    output.map(|text| text[..4].parse().unwrap()).collect()
}

/// The numbers of the records that were stored, in order.
fn stored(bench: &Bench) -> Vec<u64> {
    let groups = bench.stored.iter().filter_map(|write| match write {
        Write::Output(group) => Some(group),
        _ => None,
    });
    let mut end = (0, 1);
    let mut numbers = Vec::new();
    for StoredGroup { position, sequence, records, .. } in groups {
        assert_eq!((*position, *sequence), end, "no hole and no repetition");
        end = (position + (records.len() * MIB) as u64, sequence + records.len() as u64);
        numbers.extend(records.iter().map(|record| {
            std::str::from_utf8(&record.bytes[..4]).unwrap().parse::<u64>().unwrap()
        }));
    }
    numbers
}

fn resumed(orders: &[Order]) -> ResumeFrom {
    match orders {
        [.., Order::Resume(from)] => from.clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_memory_does_not_take_is_asked_for_again_and_seen_once() {
    let (mut bench, link, id) = flooded(40);
    assert_eq!(seen(&mut bench), (0..40).collect::<Vec<_>>(), "live output goes on");
    assert_eq!(bench.orders().last(), Some(&Order::Credit(NO_LIMIT)));
    bench.commit();
    let orders = bench.orders();
    let credit = Order::Credit(Settings::default().credit);
    assert!(orders.contains(&credit));
    let from = resumed(&orders);
    assert_eq!((from.position, from.sequence), (16 * MIB as u64, 17));
    // Still under way when the order to go back was given.
    wrote(&mut bench, link, &id, 40);
    for number in 16..42 {
        wrote(&mut bench, link, &id, number);
    }
    assert_eq!(seen(&mut bench), [40, 41]);
    bench.commit();
    assert_eq!(stored(&bench), (0..42).collect::<Vec<_>>());
    wrote(&mut bench, link, &id, 42);
    assert_eq!(seen(&mut bench), [42]);
    bench.commit();
    assert_eq!(stored(&bench).last(), Some(&42));
}

#[test]
fn a_command_that_ended_meanwhile_is_forgotten_when_all_of_its_output_is_stored() {
    let (mut bench, link, id) = flooded(18);
    bench.ended(link, &id, exited(0));
    assert!(bench.seen().contains(&"flood Exited { code: 0, signal: None }".to_owned()));
    bench.commit();
    assert!(!bench.orders().contains(&Order::Forget(id.clone())));
    for number in 16..18 {
        wrote(&mut bench, link, &id, number);
    }
    bench.ended(link, &id, exited(0));
    assert!(!bench.orders().contains(&Order::Forget(id.clone())));
    bench.commit();
    assert!(bench.orders().contains(&Order::Forget(id)));
    assert_eq!(stored(&bench), (0..18).collect::<Vec<_>>());
    assert!(bench.seen().is_empty(), "nothing is shown twice");
}

#[test]
fn an_agent_that_comes_back_meanwhile_keeps_what_is_not_stored() {
    let (mut bench, link, id) = flooded(18);
    bench.ended(link, &id, exited(0));
    let ended = Ended { outcome: exited(0), at: bench.now.wall, ran_for: Duration::from_millis(5) };
    let started_at = bench.now.wall;
    let held = HeldCommand {
        command: id.clone(),
        started_at,
        next_position: 18 * MIB as u64,
        ended: Some(ended),
    };
    let Request::Agents(agents::Request::Link(mut hello)) = hello("a") else { unreachable!() };
    hello.commands = vec![held];
    for (connection, is_away) in [(10, true), (11, false)] {
        if !is_away {
            bench.commit();
        }
        let request = Request::Agents(agents::Request::Link(hello.clone()));
        let asked = bench.core.ask(&agent_caller("a", connection), request, bench.now);
        let Asked::Answered(Ok(Reply::Linked(linked))) = asked else { panic!("{asked:?}") };
        assert_eq!((linked.resume[0].position, &linked.forget[..]), (16 * MIB as u64, &[][..]));
        assert_eq!(linked.credit == NO_LIMIT, is_away);
    }
}

#[test]
fn what_the_agent_lost_meanwhile_is_a_jump_in_storage_and_no_gap_for_who_saw_it() {
    let (mut bench, link, id) = flooded(20);
    bench.commit();
    seen(&mut bench);
    let missing = |from: u64, to: u64| Report::Missing {
        stream: StreamKey::command(id.clone()),
        from: from * MIB as u64,
        to: to * MIB as u64,
        next_sequence: to + 1,
    };
    bench.core.report(link, missing(16, 18), bench.now);
    assert!(bench.seen().is_empty());
    for number in 18..20 {
        wrote(&mut bench, link, &id, number);
    }
    assert!(bench.seen().is_empty());
    bench.core.report(link, missing(20, 21), bench.now);
    assert_eq!(bench.seen(), [format!("missing {}..{}", 20 * MIB, 21 * MIB)]);
    bench.stored.clear();
    bench.commit();
    let places = bench.stored.iter().filter_map(|write| match write {
        Write::Output(group) => Some((group.position / MIB as u64, group.sequence)),
        _ => None,
    });
    assert_eq!(places.collect::<Vec<_>>(), [(18, 19), (19, 20)]);
}

#[test]
fn states_that_wait_do_not_grow_with_time() {
    let mut bench = Bench::new();
    bench.link("a", 9);
    bench.commit();
    for connection in 10..40 {
        bench.link("a", connection);
        bench.fail_commit();
    }
    bench.stored.clear();
    bench.commit();
    let agents = bench.stored.iter().filter(|write| matches!(write, Write::Agent(_))).count();
    assert_eq!(agents, 1);
}
