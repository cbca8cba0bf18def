//! Runs that hold still because somebody wants them to, and the time that does not run meanwhile.

use super::{
    runs::{
        bench, cancel, failed, link_with, made, outcome, over, run_orders, starts, step, task, tell,
    },
    runs_waiting::{ann, ask, begun, told, waits},
    *,
};
use crate::{
    ids::RunId,
    runs::{Create, Order as RunOrders, Outcome, Report as Told, Request as Runs, WaitKind},
};

#[test]
fn time_stands_still_while_a_run_waits_or_is_paused() {
    let mut bench = bench();
    let (link, run) = begun(&mut bench);
    bench.pass(20_000);
    tell(&mut bench, link, waits(&run, "w-1", WaitKind::Question, None));
    bench.pass(3_600_000);
    ask(&mut bench, &ann(), Runs::Pause { run: run.clone() });
    tell(&mut bench, link, Told::GoesOn { run: run.clone(), wait: "w-1".into() });
    bench.pass(3_600_000);
    bench.commit();
    let idle = told(&mut bench, &run).idle;
    assert_eq!(idle.until(bench.now.wall), Duration::from_hours(2), "one spell without a gap");
    ask(&mut bench, &ann(), Runs::Resume { run: run.clone() });
    bench.orders();
    // 40 of its 60 seconds are left.
    bench.pass(39_999);
    assert!(run_orders(&mut bench).is_empty());
    bench.pass(1);
    assert_eq!(run_orders(&mut bench), [RunOrders::Cancel(run.clone())]);
    tell(&mut bench, link, over(&run, Outcome::Cancelled));
    bench.commit();
    assert_eq!(outcome(&mut bench, &run), failed("ran longer than 1 min"));
    assert_eq!(told(&mut bench, &run).idle.past, Duration::from_hours(2));
}

#[test]
fn a_paused_run_holds_still_until_it_is_resumed_and_an_old_word_changes_nothing() {
    let mut bench = bench();
    let (link, run) = begun(&mut bench);
    let pause = || Runs::Pause { run: run.clone() };
    let resume = || Runs::Resume { run: run.clone() };
    assert_eq!(ask(&mut bench, &ann(), pause()), Asked::AfterCommit);
    assert_eq!(run_orders(&mut bench), [RunOrders::Pause(run.clone())]);
    bench.commit();
    assert!(told(&mut bench, &run).paused);
    // Said before it heard of it.
    tell(&mut bench, link, Told::Paused { run: run.clone(), paused: false });
    tell(&mut bench, link, step(&run, 1));
    bench.commit();
    assert_eq!((told(&mut bench, &run).paused, told(&mut bench, &run).steps), (true, 1));
    tell(&mut bench, link, Told::Paused { run: run.clone(), paused: true });
    assert_eq!(ask(&mut bench, &ann(), pause()), Asked::AfterCommit, "it is, and stays so");
    bench.orders();
    // Asked while the agent is away, it is told when the agent is back.
    bench.core.report(link, Report::Lost, bench.now);
    ask(&mut bench, &ann(), resume());
    bench.commit();
    assert!(!told(&mut bench, &run).paused);
    let link = link_with(&mut bench, 10, std::slice::from_ref(&run)).link;
    assert_eq!(run_orders(&mut bench), [RunOrders::Resume(run.clone())]);
    tell(&mut bench, link, Told::Paused { run: run.clone(), paused: true });
    bench.commit();
    assert!(!told(&mut bench, &run).paused, "what was said before it was told again");
    tell(&mut bench, link, Told::Paused { run: run.clone(), paused: false });
    // From now on it is the agent who knows.
    tell(&mut bench, link, Told::Paused { run: run.clone(), paused: true });
    bench.commit();
    assert!(told(&mut bench, &run).paused);
    assert_eq!(cancel(&mut bench, &ann(), &run), Asked::AfterCommit);
    tell(&mut bench, link, over(&run, Outcome::Cancelled));
    bench.commit();
    assert_eq!(outcome(&mut bench, &run), Outcome::Cancelled);
    assert!(!told(&mut bench, &run).paused);
}

#[test]
fn a_run_that_is_paused_before_it_begins_lets_others_go_first() {
    let mut bench = bench();
    let runs_first = made_offline(&mut bench);
    assert_eq!(
        ask(&mut bench, &ann(), Runs::Pause { run: runs_first[0].clone() }),
        Asked::AfterCommit
    );
    bench.commit();
    link_with(&mut bench, 10, &[]);
    assert_eq!(starts(&mut bench), runs_first[1..]);
    ask(&mut bench, &ann(), Runs::Resume { run: runs_first[0].clone() });
    assert!(starts(&mut bench).is_empty(), "both places are taken");
    let link = link_with(&mut bench, 11, &runs_first[1..]).link;
    tell(&mut bench, link, over(&runs_first[1], Outcome::Completed));
    assert_eq!(starts(&mut bench), [runs_first[0].clone()]);
}

#[test]
fn a_pause_that_never_arrived_is_not_told_to_a_run_that_was_resumed_since() {
    let mut bench = bench();
    let link = link_with(&mut bench, 9, &[]).link;
    let run = made(&mut bench, task("x"));
    bench.core.report(link, Report::Lost, bench.now);
    ask(&mut bench, &ann(), Runs::Pause { run: run.clone() });
    // It never heard of the run at all.
    link_with(&mut bench, 10, &[]);
    bench.orders();
    ask(&mut bench, &ann(), Runs::Resume { run: run.clone() });
    assert_eq!(starts(&mut bench), std::slice::from_ref(&run));
    link_with(&mut bench, 11, std::slice::from_ref(&run));
    assert_eq!(run_orders(&mut bench), []);
}

/// Three runs of an agent that is away.
fn made_offline(bench: &mut Bench) -> Vec<RunId> {
    let link = link_with(bench, 9, &[]).link;
    bench.core.report(link, Report::Lost, bench.now);
    let agent = || Some("a".parse().unwrap());
    (0..3).map(|_| made(bench, Create { agent: agent(), ..task("x") })).collect()
}
