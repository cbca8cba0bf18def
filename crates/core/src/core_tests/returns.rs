//! Agents that die, are witnessed, come back late, or come with a key.

use super::*;
use crate::agents::{HeldCommand, KeyHash};

fn asked(
    bench: &mut Bench,
    caller: &Caller,
    change: impl FnOnce(&mut Hello),
) -> Result<Arc<Linked>, CoreError> {
    let Request::Agents(agents::Request::Link(mut hello)) = hello("a") else { unreachable!() };
    change(&mut hello);
    let request = Request::Agents(agents::Request::Link(hello));
    match bench.core.ask(caller, request, bench.now) {
        Asked::Answered(Ok(Reply::Linked(linked))) => Ok(linked),
        Asked::Answered(Err(error)) => Err(error),
        other => panic!("{other:?}"),
    }
}

fn held(
    bench: &Bench,
    id: &CommandId,
    next_position: u64,
    outcome: Option<Outcome>,
) -> HeldCommand {
    let at = bench.now.wall;
    let ended = outcome.map(|outcome| Ended { outcome, at, ran_for: Duration::ZERO });
    HeldCommand { command: id.clone(), started_at: at, next_position, ended }
}

/// An agent with a command under way of which three bytes are stored, whose process has just died.
fn died() -> (Bench, CommandId) {
    let mut bench = Bench::new();
    let link = bench.link("a", 9).link;
    let id = bench.queued("one", Priority::Normal);
    bench.queued("two", Priority::Normal);
    bench.started(link, &id);
    bench.wrote(link, &id, (0, 1), "abc");
    bench.commit();
    bench.core.report(link, Report::Lost, bench.now);
    bench.commit();
    bench.seen();
    bench.orders();
    (bench, id)
}

#[test]
fn a_witness_reports_the_end_while_the_agent_stays_offline() {
    let (mut bench, id) = died();
    let held = held(&bench, &id, 6, Some(Outcome::AgentLost));
    let linked = asked(&mut bench, &agent_caller("a", 10), |hello| {
        hello.is_witness = true;
        hello.commands = vec![held];
    });
    let linked = linked.unwrap();
    assert_eq!(linked.resume[0].position, 3);
    bench.wrote(linked.link, &id, (3, 2), "def");
    bench.ended(linked.link, &id, Outcome::AgentLost);
    bench.commit();
    let seen = bench.seen();
    assert_eq!(seen, ["output def", "one AgentLost", "raised CommandFailed"]);
    let orders = bench.orders();
    assert!(!orders.iter().any(|order| matches!(order, Order::Start(_))), "{orders:?}");
    assert!(orders.iter().any(|order| matches!(order, Order::Forget(own) if *own == id)));
    // What waits does so until the agent itself is back, or for as long as for any lost agent.
    bench.core.report(linked.link, Report::Lost, bench.now);
    bench.link("a", 11);
    assert!(matches!(&bench.orders()[..], [Order::Start(_)]));
}

#[test]
fn a_witness_does_not_push_a_living_agent_aside() {
    let mut bench = Bench::new();
    bench.link("a", 9);
    let refused = asked(&mut bench, &agent_caller("a", 10), |hello| {
        hello.is_witness = true;
        hello.incarnation = IncarnationId::new("life-0").unwrap();
    });
    assert_eq!(refused, Err(CoreError::AgentTaken("a".parse().unwrap())));
    // Of the same life: the server has only not noticed yet that it is over.
    let linked = asked(&mut bench, &agent_caller("a", 10), |hello| hello.is_witness = true);
    assert!(linked.is_ok());
    assert_eq!(bench.seen().last().unwrap(), "a Offline");
    let enqueued = bench.enqueue("ls", Priority::Normal);
    assert!(matches!(enqueued, Asked::Answered(Err(CoreError::AgentOffline(_)))));
}

#[test]
fn a_witness_that_comes_and_goes_does_not_put_off_the_loss() {
    let (mut bench, _) = died();
    bench.pass(60_000);
    let linked = asked(&mut bench, &agent_caller("a", 10), |hello| hello.is_witness = true);
    bench.core.report(linked.unwrap().link, Report::Lost, bench.now);
    bench.pass(60_000);
    bench.commit();
    assert!(bench.seen().contains(&"two AgentLost".to_owned()));
}

#[test]
fn output_that_comes_after_the_end_is_stored_and_not_shown() {
    let (mut bench, id) = died();
    bench.pass(120_000);
    bench.commit();
    bench.seen();
    let held = held(&bench, &id, 6, None);
    let linked = asked(&mut bench, &agent_caller("a", 10), |hello| hello.commands = vec![held]);
    let linked = linked.unwrap();
    assert_eq!((linked.resume[0].position, linked.resume[0].sequence), (3, 2));
    let orders = bench.orders();
    assert!(matches!(&orders[..], [Order::Interrupt { command, .. }] if *command == id));
    bench.stored.clear();
    bench.wrote(linked.link, &id, (3, 2), "def");
    bench.ended(linked.link, &id, exited(0));
    assert!(bench.orders().is_empty(), "nothing is forgotten before it is stored");
    bench.commit();
    let orders = bench.orders();
    assert!(orders.iter().any(|order| matches!(order, Order::Forget(own) if *own == id)));
    assert!(bench.stored.iter().any(|write| matches!(write, Write::Output(_))));
    let seen = bench.seen();
    assert!(!seen.iter().any(|line| line.contains("output") || line.contains("one")), "{seen:?}");
}

#[test]
fn nothing_is_forgotten_while_its_output_is_being_stored() {
    let (mut bench, id) = died();
    bench.pass(120_000);
    bench.commit();
    let held = held(&bench, &id, 6, Some(exited(0)));
    let linked = asked(&mut bench, &agent_caller("a", 10), |hello| hello.commands = vec![held]);
    let link = linked.unwrap().link;
    bench.commit();
    bench.orders();
    bench.wrote(link, &id, (3, 2), "def");
    assert!(bench.core.begin_commit().is_some());
    bench.ended(link, &id, exited(0));
    assert!(bench.orders().is_empty());
    bench.core.end_commit(true);
    assert!(bench.orders().iter().any(|order| matches!(order, Order::Forget(_))));
}

#[test]
fn an_agent_id_belongs_to_its_key() {
    let mut bench = Bench::new();
    let key = Some(KeyHash([7; 32]));
    let by_token = agent_caller("a", 9);
    let by_key = Caller { scope: Scope::Enrolled("a".parse().unwrap()), ..agent_caller("a", 10) };
    assert!(asked(&mut bench, &by_token, |hello| hello.key = key).is_ok());
    assert!(bench.orders().is_empty(), "not before it is stored");
    bench.commit();
    assert_eq!(bench.orders(), [Order::Enrolled]);
    let enrolled =
        |bench: &Bench| bench.core.keys.enrolled(&"a".parse().unwrap()).map(|key| key.hash);
    assert_eq!(enrolled(&bench), key);
    assert!(asked(&mut bench, &by_key, |hello| hello.key = key).is_ok());
    let taken = Err(CoreError::AgentTaken("a".parse().unwrap()));
    assert_eq!(asked(&mut bench, &by_token, |_| {}), taken);
    assert_eq!(asked(&mut bench, &by_token, |hello| hello.key = Some(KeyHash([8; 32]))), taken);
    assert_eq!(asked(&mut bench, &person(Role::Operator), |_| {}), taken);
    // An agent that was cut off before it learned that it is enrolled comes with its token once more.
    assert!(asked(&mut bench, &by_token, |hello| hello.key = key).is_ok());
    let new = Some(KeyHash([8; 32]));
    assert!(asked(&mut bench, &person(Role::Admin), |hello| hello.key = new).is_ok());
    assert_eq!(enrolled(&bench), new);
}
