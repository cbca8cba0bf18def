//! A run's life: who gets it, when it begins, what is told of it, and its one end.

use super::*;
use crate::{
    ids::RunId,
    ports::Stored,
    runs::{
        self, Create, Ending, Order as RunOrders, Report as Told, RunLimits, RunResume, Screenshot,
    },
};

/// Two runs at once, three that wait, five steps in a minute.
pub(super) fn bench() -> Bench {
    let limits = RunLimits { steps: 5, time: Duration::from_secs(60) };
    let runs = runs::RunSettings { per_agent: 2, queue_capacity: 3, limits };
    Bench::with(Settings { runs, ..Settings::default() })
}

/// An agent with a browser that has these runs.
pub(super) fn link_with(bench: &mut Bench, connection: u64, held: &[RunId]) -> Arc<Linked> {
    link_as(bench, connection, "browser", Some(held.to_vec()))
}

fn link_as(
    bench: &mut Bench,
    connection: u64,
    capability: &str,
    held: Option<Vec<RunId>>,
) -> Arc<Linked> {
    let Request::Agents(agents::Request::Link(mut hello)) = hello("a") else { unreachable!() };
    hello.profile.capabilities = Arc::new([capability.into()]);
    hello.runs = held.map(Into::into);
    let request = Request::Agents(agents::Request::Link(hello));
    match bench.core.ask(&agent_caller("a", connection), request, bench.now) {
        Asked::Answered(Ok(Reply::Linked(linked))) => linked,
        other => panic!("{other:?}"),
    }
}

pub(super) fn create(bench: &mut Bench, create: Create) -> Asked {
    bench.core.ask(&person(Role::Operator), Request::Runs(runs::Request::Create(create)), bench.now)
}

pub(super) fn task(task: &str) -> Create {
    Create { task: Some(task.into()), ..Create::default() }
}

/// Makes a run, stores it, and returns its id.
pub(super) fn made(bench: &mut Bench, create_what: Create) -> RunId {
    assert_eq!(create(bench, create_what), Asked::AfterCommit);
    bench.commit();
    let made = bench.core.deliveries.iter().rev().find_map(|(_, delivery)| match delivery {
        Delivery::Answer(Ok(Reply::RunMade(id))) => Some(id.clone()),
        _ => None,
    });
    made.unwrap()
}

pub(super) fn cancel(bench: &mut Bench, caller: &Caller, run: &RunId) -> Asked {
    let request = runs::Request::Cancel { run: run.clone(), reason: None };
    bench.core.ask(caller, Request::Runs(request), bench.now)
}

pub(super) fn run_orders(bench: &mut Bench) -> Vec<RunOrders> {
    let orders = bench.orders().into_iter();
    orders
        .filter_map(|order| if let Order::Run(order) = order { Some(order) } else { None })
        .collect()
}

pub(super) fn starts(bench: &mut Bench) -> Vec<RunId> {
    let orders = run_orders(bench).into_iter();
    orders
        .filter_map(|o| if let RunOrders::Start(o) = o { Some(o.run.clone()) } else { None })
        .collect()
}

pub(super) fn tell(bench: &mut Bench, link: LinkId, told: Told) {
    bench.core.report(link, Report::Run(told), bench.now);
}

pub(super) fn step(run: &RunId, number: u32) -> Told {
    Told::Step {
        run: run.clone(),
        number,
        action: r#"{"type":"click"}"#.into(),
        explanation: format!("step {number}").into(),
        screenshot: Screenshot::of(Bytes::from_static(&[0xff, 0xd8, 0xff, 7])),
    }
}

pub(super) fn over(run: &RunId, outcome: runs::Outcome) -> Told {
    let ending = Ending { outcome, answer: Some("done".into()), commands: Some("[]".into()) };
    Told::Ended { run: run.clone(), ending }
}

/// How a run is, as viewers were told.
pub(super) fn state(bench: &mut Bench, run: &RunId) -> runs::State {
    bench.core.fleet().view().runs().get(run).expect("it was told").state.clone()
}

pub(super) fn outcome(bench: &mut Bench, run: &RunId) -> runs::Outcome {
    match state(bench, run) {
        runs::State::Ended(ended) => ended.outcome,
        other => panic!("{other:?}"),
    }
}

pub(super) fn failed(error: &str) -> runs::Outcome {
    runs::Outcome::Failed { error: error.into() }
}

#[test]
fn a_run_is_seen_waiting_under_way_step_by_step_and_ended() {
    let mut bench = bench();
    let link = link_with(&mut bench, 9, &[]).link;
    bench.commit();
    bench.seen();
    assert_eq!(create(&mut bench, task("buy shoes")), Asked::AfterCommit);
    assert_eq!(bench.seen(), [""; 0], "not before it is stored");
    assert!(starts(&mut bench).is_empty(), "nor sent");
    bench.commit();
    assert_eq!(bench.seen(), ["run PENDING"]);
    let run = starts(&mut bench).remove(0);
    tell(&mut bench, link, Told::Began(run.clone()));
    bench.commit();
    assert_eq!(bench.seen(), ["run INPROGRESS", "a Busy"]);
    tell(&mut bench, link, step(&run, 1));
    assert_eq!(bench.seen(), [""; 0]);
    bench.commit();
    assert_eq!(bench.seen(), ["step 1", &format!("{run} says step 1")]);
    let stored = RunOrders::Stored(RunResume { run: run.clone(), steps: 1 });
    assert_eq!(run_orders(&mut bench), [stored]);
    let told = bench.core.fleet().view().runs().live().next().unwrap().clone();
    assert_eq!((told.steps, told.stage.as_deref()), (1, Some("step 1")));
    tell(&mut bench, link, over(&run, runs::Outcome::Completed));
    assert!(run_orders(&mut bench).is_empty(), "an end is not forgotten before it is stored");
    bench.commit();
    assert_eq!(bench.seen(), ["run COMPLETED", "a Online"]);
    assert_eq!(run_orders(&mut bench), [RunOrders::Forget(run.clone())]);
    let runs::State::Ended(ended) = state(&mut bench, &run) else { panic!() };
    assert_eq!((ended.answer.as_deref(), ended.commands.as_deref()), (Some("done"), Some("[]")));
    assert!(bench.core.fleet().view().runs().live().next().is_none());
    assert!(bench.core.attention.get(&attention::Subject::Run(run)).is_none());
}

#[test]
fn runs_begin_in_order_as_many_at_once_as_there_are_places() {
    let mut bench = bench();
    let link = link_with(&mut bench, 9, &[]).link;
    let ids: Vec<_> = (0..5).map(|n| made(&mut bench, task(&format!("task {n}")))).collect();
    assert_eq!(starts(&mut bench), ids[..2]);
    let full = "as many runs wait on the agent as may wait; cancel some, or try again later";
    let refused = create(&mut bench, task("one too many"));
    assert_eq!(refused, Asked::Answered(Err(CoreError::LimitReached(full))));
    for run in &ids[..2] {
        tell(&mut bench, link, Told::Began(run.clone()));
    }
    tell(&mut bench, link, over(&ids[1], failed("the page is gone")));
    assert_eq!(starts(&mut bench), [ids[2].clone()]);
    bench.commit();
    assert_eq!(outcome(&mut bench, &ids[1]), failed("the page is gone"));
    let waits = bench.core.attention.get(&attention::Subject::Run(ids[1].clone())).unwrap();
    assert_eq!((waits.reason, &*waits.text), (attention::Reason::RunFailed, "the page is gone"));
    tell(&mut bench, link, over(&ids[0], runs::Outcome::Completed));
    tell(&mut bench, link, over(&ids[2], runs::Outcome::Completed));
    assert_eq!(starts(&mut bench), ids[3..]);
}

#[test]
fn a_paused_agent_begins_nothing_until_it_is_resumed() {
    let mut bench = bench();
    link_with(&mut bench, 9, &[]);
    let control = |bench: &mut Bench, request| {
        bench.core.ask(&person(Role::Operator), Request::Control(request), bench.now);
        bench.commit();
    };
    control(&mut bench, crate::control::Request::Pause("a".parse().unwrap()));
    let run = made(&mut bench, task("x"));
    assert!(starts(&mut bench).is_empty());
    control(&mut bench, crate::control::Request::Resume("a".parse().unwrap()));
    assert_eq!(starts(&mut bench), [run]);
}

#[test]
fn a_stopped_agent_ends_its_runs() {
    let mut bench = bench();
    let link = link_with(&mut bench, 9, &[]).link;
    let run = made(&mut bench, task("x"));
    tell(&mut bench, link, Told::Began(run.clone()));
    bench.commit();
    bench.orders();
    let stop = crate::control::Request::Stop("a".parse().unwrap());
    let asked = bench.core.ask(&person(Role::Operator), Request::Control(stop), bench.now);
    assert_eq!(asked, Asked::AfterCommit);
    assert_eq!(run_orders(&mut bench), [RunOrders::Cancel(run.clone())]);
    tell(&mut bench, link, over(&run, runs::Outcome::Cancelled));
    bench.commit();
    assert_eq!(outcome(&mut bench, &run), runs::Outcome::Cancelled);
    let stopped = |(_, delivery): &(_, Delivery)| {
        matches!(delivery, Delivery::Answer(Ok(Reply::Stopped(outcomes)))
            if matches!(outcomes[0].result, crate::control::StopResult::Stopped { .. }))
    };
    assert!(bench.core.take_deliveries().iter().any(stopped));
}

#[test]
fn agents_without_runs_are_refused_and_the_least_busy_is_chosen() {
    let mut bench = bench();
    let named = |agent: &str| Create { agent: Some(agent.parse().unwrap()), ..task("x") };
    let refusal = |asked| match asked {
        Asked::Answered(Err(refusal)) => refusal,
        other => panic!("{other:?}"),
    };
    let a = || "a".parse().unwrap();
    assert_eq!(refusal(create(&mut bench, named("a"))), CoreError::AgentNotFound(a()));
    assert_eq!(refusal(create(&mut bench, task("x"))), CoreError::NobodyRuns);
    for (capability, held) in [("browser", None), ("commands", Some(Vec::new()))] {
        link_as(&mut bench, 9, capability, held);
        assert_eq!(refusal(create(&mut bench, named("a"))), CoreError::AgentCannotRun(a()));
        assert_eq!(refusal(create(&mut bench, task("x"))), CoreError::NobodyRuns);
    }
    link_with(&mut bench, 10, &[]);
    let Request::Agents(agents::Request::Link(mut other)) = hello("b") else { unreachable!() };
    other.profile.capabilities = Arc::new(["browser".into()]);
    other.runs = Some(Arc::new([]));
    let request = Request::Agents(agents::Request::Link(other));
    bench.core.ask(&agent_caller("b", 11), request, bench.now);
    let chosen: Vec<_> = (0..4)
        .map(|_| {
            let run = made(&mut bench, task("x"));
            bench.core.fleet().view().runs().get(&run).unwrap().agent.to_string()
        })
        .collect();
    assert_eq!(chosen, ["a", "b", "a", "b"]);
}

#[test]
fn odd_runs_are_refused() {
    let mut bench = bench();
    link_with(&mut bench, 9, &[]);
    let long = "x".repeat(runs::LONGEST_TASK + 1);
    let script: Arc<str> = "x".repeat(runs::LONGEST_SCRIPT + 1).into();
    for odd in [
        Create::default(),
        task(" "),
        task("a\0b"),
        task(&long),
        Create { script: Some(script), ..task("x") },
        Create { steps: Some(0), ..task("x") },
        Create { time: Some(Duration::ZERO), ..task("x") },
    ] {
        let refused = create(&mut bench, odd.clone());
        let is_invalid = matches!(refused, Asked::Answered(Err(CoreError::Invalid(_))));
        assert!(is_invalid, "{:?}", odd.task.map(|task| task.len()));
    }
    let request = Request::Runs(runs::Request::Create(task("x")));
    let viewer = bench.core.ask(&person(Role::Viewer), request, bench.now);
    assert!(matches!(viewer, Asked::Answered(Err(CoreError::Forbidden(_)))));
}

#[test]
fn a_run_is_cancelled_by_its_maker_or_an_admin_waiting_or_under_way() {
    let mut bench = bench();
    let link = link_with(&mut bench, 9, &[]).link;
    let ids: Vec<_> = (0..3).map(|_| made(&mut bench, task("x"))).collect();
    tell(&mut bench, link, Told::Began(ids[0].clone()));
    bench.commit();
    bench.orders();
    let (ann, eve) =
        (person(Role::Operator), Caller { user: "eve".into(), ..person(Role::Operator) });
    let admin = Caller { user: "root".into(), ..person(Role::Admin) };
    let refused = cancel(&mut bench, &eve, &ids[2]);
    assert!(matches!(refused, Asked::Answered(Err(CoreError::Forbidden(_)))), "{refused:?}");
    assert_eq!(cancel(&mut bench, &ann, &ids[2]), Asked::AfterCommit);
    assert!(run_orders(&mut bench).is_empty(), "its agent never heard of it");
    bench.commit();
    assert_eq!(outcome(&mut bench, &ids[2]), runs::Outcome::Cancelled);
    assert_eq!(cancel(&mut bench, &admin, &ids[0]), Asked::AfterCommit);
    assert_eq!(run_orders(&mut bench), [RunOrders::Cancel(ids[0].clone())]);
    bench.commit();
    assert_eq!(state(&mut bench, &ids[0]).name(), "INPROGRESS", "until the agent has ended it");
    tell(&mut bench, link, over(&ids[0], failed("interrupted")));
    bench.commit();
    assert_eq!(outcome(&mut bench, &ids[0]), runs::Outcome::Cancelled);
    // What had its end keeps it.
    assert_eq!(cancel(&mut bench, &ann, &ids[0]), Asked::AfterCommit);
    // Done before the agent heard of it is done.
    assert_eq!(cancel(&mut bench, &ann, &ids[1]), Asked::AfterCommit);
    tell(&mut bench, link, over(&ids[1], runs::Outcome::Completed));
    bench.commit();
    assert_eq!(outcome(&mut bench, &ids[1]), runs::Outcome::Completed);
    let unknown = cancel(&mut bench, &ann, &"run-0".parse().unwrap());
    assert!(matches!(unknown, Asked::Answered(Err(CoreError::RunNotFound(_)))));
}

#[test]
fn an_agent_that_does_not_confirm_cannot_keep_a_run_from_ending() {
    let mut bench = bench();
    let link = link_with(&mut bench, 9, &[]).link;
    let run = made(&mut bench, task("x"));
    tell(&mut bench, link, Told::Began(run.clone()));
    cancel(&mut bench, &person(Role::Operator), &run);
    bench.pass(14_999);
    bench.commit();
    assert_eq!(state(&mut bench, &run).name(), "INPROGRESS");
    bench.pass(1);
    bench.commit();
    assert_eq!(outcome(&mut bench, &run), runs::Outcome::Cancelled);
    bench.orders();
    // Its late word changes nothing, and it may forget the run.
    tell(&mut bench, link, step(&run, 1));
    tell(&mut bench, link, over(&run, runs::Outcome::Completed));
    bench.commit();
    assert_eq!(outcome(&mut bench, &run), runs::Outcome::Cancelled);
    assert_eq!(run_orders(&mut bench), [RunOrders::Forget(run)]);
}

#[test]
fn too_many_steps_and_too_long_a_time_fail_a_run() {
    let mut bench = bench();
    let link = link_with(&mut bench, 9, &[]).link;
    let short = Create { steps: Some(2), time: Some(Duration::from_hours(9)), ..task("x") };
    let run = made(&mut bench, short);
    let limits = bench.core.fleet().view().runs().get(&run).unwrap().limits;
    assert_eq!(limits, RunLimits { steps: 2, time: Duration::from_secs(60) });
    for number in 1..=3 {
        tell(&mut bench, link, step(&run, number));
    }
    bench.commit();
    assert!(run_orders(&mut bench).contains(&RunOrders::Cancel(run.clone())));
    tell(&mut bench, link, over(&run, runs::Outcome::Cancelled));
    bench.commit();
    assert_eq!(outcome(&mut bench, &run), failed("took more than 2 steps"));
    assert_eq!(bench.core.fleet().view().runs().get(&run).unwrap().steps, 2);
    let run = made(&mut bench, task("x"));
    bench.pass(3_600_000);
    tell(&mut bench, link, Told::Began(run.clone()));
    bench.orders();
    assert_eq!(bench.core.next_due(), Some(bench.now.steady + Duration::from_secs(60)));
    bench.pass(59_999);
    assert!(run_orders(&mut bench).is_empty());
    bench.pass(1);
    assert_eq!(run_orders(&mut bench), [RunOrders::Cancel(run.clone())]);
    bench.pass(15_000);
    bench.commit();
    assert_eq!(outcome(&mut bench, &run), failed("ran longer than 1 min"));
}

#[test]
fn steps_count_once_and_in_order() {
    let mut bench = bench();
    let link = link_with(&mut bench, 9, &[]).link;
    let run = made(&mut bench, task("x"));
    for number in [1, 1, 3, 2, 2, 0, 4] {
        tell(&mut bench, link, step(&run, number));
    }
    bench.commit();
    let steps = bench.stored.iter().filter_map(|write| match write {
        Write::RunStep { step, screenshot } => Some((step.number, screenshot.is_some())),
        _ => None,
    });
    assert_eq!(steps.collect::<Vec<_>>(), [(1, true), (2, true)]);
    // Another agent's word on it does not count.
    let other = bench.link("b", 12).link;
    tell(&mut bench, other, step(&run, 3));
    tell(&mut bench, other, over(&run, runs::Outcome::Completed));
    bench.commit();
    let told = bench.core.fleet().view().runs().get(&run).unwrap().clone();
    assert_eq!((told.steps, told.state.name()), (2, "INPROGRESS"));
}

#[test]
fn a_link_that_comes_back_goes_on_where_it_was() {
    let mut bench = bench();
    let link = link_with(&mut bench, 9, &[]).link;
    let ids: Vec<_> = (0..3).map(|_| made(&mut bench, task("x"))).collect();
    assert_eq!(starts(&mut bench), ids[..2]);
    tell(&mut bench, link, step(&ids[0], 1));
    bench.core.report(link, Report::Lost, bench.now);
    bench.commit();
    cancel(&mut bench, &person(Role::Operator), &ids[0]);
    bench.commit();
    bench.orders();
    // It has the first and one that nobody knows; the second never arrived.
    let stranger: RunId = "run-x".parse().unwrap();
    let linked = link_with(&mut bench, 10, &[ids[0].clone(), stranger.clone()]);
    assert_eq!(linked.runs, [RunResume { run: ids[0].clone(), steps: 1 }]);
    assert_eq!(linked.forget_runs, [stranger]);
    let orders = run_orders(&mut bench);
    assert!(
        matches!(&orders[..], [RunOrders::Cancel(one), RunOrders::Start(two)]
        if *one == ids[0] && two.run == ids[1]),
        "{orders:?}"
    );
}

#[test]
fn what_an_agent_lost_failed_and_what_merely_waits_goes_on_waiting() {
    let mut bench = bench();
    let link = link_with(&mut bench, 9, &[]).link;
    let ids: Vec<_> = (0..3).map(|_| made(&mut bench, task("x"))).collect();
    tell(&mut bench, link, Told::Began(ids[0].clone()));
    bench.commit();
    // A new life of the agent that does not have it.
    link_with(&mut bench, 10, &[]);
    bench.commit();
    assert_eq!(outcome(&mut bench, &ids[0]), failed("its agent was started anew and lost it"));
    let linked = link_with(&mut bench, 11, &ids[1..2]).link;
    bench.core.report(linked, Report::Lost, bench.now);
    bench.pass(59_999);
    bench.commit();
    assert_eq!(state(&mut bench, &ids[1]).name(), "INPROGRESS", "a cut alone ends nothing");
}

#[test]
fn an_agent_that_stays_away_has_lost_what_it_was_at() {
    let limits = RunLimits { steps: 5, time: Duration::from_hours(1) };
    let runs = runs::RunSettings { per_agent: 1, limits, ..Default::default() };
    let mut bench = Bench::with(Settings { runs, ..Settings::default() });
    let link = link_with(&mut bench, 9, &[]).link;
    let ids: Vec<_> = (0..2).map(|_| made(&mut bench, task("x"))).collect();
    tell(&mut bench, link, Told::Began(ids[0].clone()));
    bench.core.report(link, Report::Lost, bench.now);
    bench.pass(120_000);
    bench.commit();
    assert_eq!(outcome(&mut bench, &ids[0]), failed("its agent was lost"));
    assert_eq!(state(&mut bench, &ids[1]).name(), "PENDING");
    let late = made(&mut bench, Create { agent: Some("a".parse().unwrap()), ..task("later") });
    bench.orders();
    let linked = link_with(&mut bench, 10, &ids[..1]);
    assert_eq!(linked.forget_runs, ids[..1]);
    assert_eq!(starts(&mut bench), [ids[1].clone()]);
    // Should it do no runs any more, what waits has no future.
    bench.link("a", 11);
    bench.commit();
    assert_eq!(outcome(&mut bench, &late), failed("agent a takes no runs any more"));
}

#[test]
fn a_restarted_server_goes_on_with_the_runs_that_were_stored() {
    let mut before = bench();
    let link = link_with(&mut before, 9, &[]).link;
    let ids: Vec<_> = (0..3).map(|_| made(&mut before, task("x"))).collect();
    tell(&mut before, link, step(&ids[0], 1));
    before.commit();
    let runs = ids.iter().map(|id| (*before.core.runs.get(id).unwrap().run).clone()).collect();
    let agents = before.core.agents.all().iter().map(|agent| (**agent).clone()).collect();
    let mut bench = bench();
    bench.now.wall.0 += 20_000;
    bench.core.restore(Stored { agents, runs, ..Stored::default() }, bench.now);
    let seen = bench.seen();
    assert_eq!(seen[..3], ["run INPROGRESS", "run PENDING", "run PENDING"]);
    // 20 of its 60 seconds were over before.
    bench.pass(39_000);
    let linked = link_with(&mut bench, 10, &ids[..2]);
    let resume = |run: &RunId, steps| RunResume { run: run.clone(), steps };
    assert_eq!(linked.runs, [resume(&ids[0], 1), resume(&ids[1], 0)]);
    assert!(starts(&mut bench).is_empty(), "both places are taken");
    tell(&mut bench, linked.link, step(&ids[0], 2));
    tell(&mut bench, linked.link, over(&ids[0], runs::Outcome::Completed));
    bench.commit();
    assert_eq!(outcome(&mut bench, &ids[0]), runs::Outcome::Completed);
    assert_eq!(starts(&mut bench), [ids[2].clone()]);
}

#[test]
fn without_storage_nothing_new_is_taken_and_steps_wait_without_too_many_pictures() {
    let mut bench = bench();
    let link = link_with(&mut bench, 9, &[]).link;
    let run = made(&mut bench, task("x"));
    tell(&mut bench, link, step(&run, 1));
    bench.fail_commit();
    let refused = create(&mut bench, task("y"));
    assert_eq!(refused, Asked::Answered(Err(CoreError::StorageUnavailable)));
    bench.orders();
    let large = [&[0xff, 0xd8, 0xff][..], &vec![7; runs::LARGEST_PICTURE - 3]].concat();
    let large = Screenshot::of(large.into()).unwrap();
    let Told::Step { action, explanation, .. } = step(&run, 2) else { unreachable!() };
    let screenshot = Some(large.clone());
    let second = Told::Step { run: run.clone(), number: 2, action, explanation, screenshot };
    tell(&mut bench, link, second);
    assert!(run_orders(&mut bench).is_empty(), "nothing is acknowledged before it is stored");
    assert_eq!(bench.core.outbox.waiting_pictures(), large.bytes.len() + 4);
    bench.commit();
    let steps = bench.stored.iter().filter(|write| matches!(write, Write::RunStep { .. })).count();
    assert_eq!(steps, 2);
    let stored = run_orders(&mut bench);
    assert_eq!(stored.len(), 2, "{stored:?}");
}

#[test]
fn pictures_beyond_what_may_wait_are_left_out_and_their_steps_kept() {
    let limits = RunLimits { steps: 100, time: Duration::from_hours(1) };
    let runs = runs::RunSettings { limits, ..Default::default() };
    let mut bench = Bench::with(Settings { runs, ..Settings::default() });
    let link = link_with(&mut bench, 9, &[]).link;
    let run = made(&mut bench, task("x"));
    let large = [&[0xff, 0xd8, 0xff][..], &vec![7; runs::LARGEST_PICTURE - 3]].concat();
    let large = Screenshot::of(large.into()).unwrap();
    for number in 1..=18 {
        let Told::Step { action, explanation, .. } = step(&run, number) else { unreachable!() };
        let screenshot = Some(large.clone());
        tell(
            &mut bench,
            link,
            Told::Step { run: run.clone(), number, action, explanation, screenshot },
        );
    }
    bench.commit();
    let kept = bench.stored.iter().filter_map(|write| match write {
        Write::RunStep { screenshot, .. } => Some(screenshot.is_some()),
        _ => None,
    });
    let kept: Vec<_> = kept.collect();
    assert_eq!((kept.len(), kept.iter().filter(|kept| **kept).count()), (18, 16));
}
