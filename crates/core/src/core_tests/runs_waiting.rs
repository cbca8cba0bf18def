//! Runs that wait for people: paused, asked, answered once, and given up.

use super::{
    runs::{
        bench, cancel, create, failed, link_with, made, outcome, over, run_orders, state, task,
        tell,
    },
    *,
};
use crate::{
    attention::{Reason, Subject},
    ids::RunId,
    ports::Stored,
    runs::{
        Asking, Create, Order as RunOrders, Outcome, PageRequest, Refusal, Report as Told,
        Request as Runs, Run, Verdict, WaitKind,
    },
};

pub(super) fn ask(bench: &mut Bench, caller: &Caller, request: Runs) -> Asked {
    bench.core.ask(caller, Request::Runs(request), bench.now)
}

pub(super) fn ann() -> Caller {
    person(Role::Operator)
}

fn eve() -> Caller {
    Caller { user: "eve".into(), ..person(Role::Operator) }
}

fn refused(asked: Asked) -> CoreError {
    match asked {
        Asked::Answered(Err(refusal)) => refusal,
        other => panic!("{other:?}"),
    }
}

fn asking(id: &str, kind: WaitKind, within: Option<u64>) -> Asking {
    let request =
        PageRequest { method: "POST".into(), url: "https://shop.example/order?card=4711".into() };
    Asking {
        id: id.into(),
        kind,
        text: format!("about {id}").into(),
        within: within.map(Duration::from_millis),
        request: (kind == WaitKind::Approval).then_some(request),
    }
}

pub(super) fn waits(run: &RunId, id: &str, kind: WaitKind, within: Option<u64>) -> Told {
    Told::Waits { run: run.clone(), asking: asking(id, kind, within) }
}

fn reply(run: &RunId, wait: &str, text: &str) -> Runs {
    Runs::Reply { run: run.clone(), wait: wait.into(), text: text.into() }
}

fn verdict(granted: bool) -> Verdict {
    Verdict { granted, reason: Some("looks good".into()), always: false }
}

fn decide(run: &RunId, wait: &str, granted: bool) -> Runs {
    Runs::Decide { run: run.clone(), wait: wait.into(), verdict: verdict(granted) }
}

pub(super) fn told(bench: &mut Bench, run: &RunId) -> Arc<Run> {
    bench.core.fleet().view().runs().get(run).expect("it was told").clone()
}

fn reason(bench: &Bench, run: &RunId) -> Option<Reason> {
    bench.core.attention.get(&Subject::Run(run.clone())).map(|item| item.reason)
}

/// A linked agent that has begun a run.
pub(super) fn begun(bench: &mut Bench) -> (LinkId, RunId) {
    let link = link_with(bench, 9, &[]).link;
    let run = made(bench, task("x"));
    tell(bench, link, Told::Began(run.clone()));
    bench.commit();
    bench.orders();
    bench.seen();
    (link, run)
}

#[test]
fn a_question_is_seen_once_it_is_stored_and_its_answer_reaches_the_run_once_that_is() {
    let mut bench = bench();
    let (link, run) = begun(&mut bench);
    tell(&mut bench, link, waits(&run, "w-1", WaitKind::Question, None));
    assert_eq!(bench.seen(), [""; 0], "not before it is stored");
    bench.commit();
    let says = format!("{run} says about w-1");
    assert_eq!(bench.seen(), ["run INPROGRESS", "raised RunAsks", &says]);
    let wait = told(&mut bench, &run).waits.clone().unwrap();
    assert_eq!((&*wait.id, wait.kind, &*wait.text), ("w-1", WaitKind::Question, "about w-1"));
    assert_eq!(ask(&mut bench, &ann(), reply(&run, "w-1", "size 42")), Asked::AfterCommit);
    assert!(run_orders(&mut bench).is_empty());
    bench.commit();
    let order = RunOrders::Reply { run: run.clone(), wait: "w-1".into(), text: "size 42".into() };
    assert_eq!(run_orders(&mut bench), [order]);
    assert_eq!(bench.seen(), ["run INPROGRESS", "cleared"]);
    assert_eq!((told(&mut bench, &run).waits.clone(), reason(&bench, &run)), (None, None));
    // That the agent says so as well is no news.
    tell(&mut bench, link, Told::GoesOn { run: run.clone(), wait: "w-1".into() });
    bench.commit();
    assert_eq!(bench.seen(), [""; 0]);
}

#[test]
fn the_first_answer_counts_and_the_same_again_changes_nothing() {
    let mut bench = bench();
    let (link, run) = begun(&mut bench);
    tell(&mut bench, link, waits(&run, "w-1", WaitKind::Approval, None));
    assert_eq!(ask(&mut bench, &eve(), decide(&run, "w-1", true)), Asked::AfterCommit);
    let answered = || CoreError::Run(Refusal::Answered(run.clone()));
    assert_eq!(refused(ask(&mut bench, &ann(), decide(&run, "w-1", false))), answered());
    let always = Verdict { always: true, ..verdict(true) };
    let always = Runs::Decide { run: run.clone(), wait: "w-1".into(), verdict: always };
    assert_eq!(refused(ask(&mut bench, &ann(), always)), answered());
    let again = Verdict { reason: None, ..verdict(true) };
    let again = Runs::Decide { run: run.clone(), wait: "w-1".into(), verdict: again };
    assert_eq!(ask(&mut bench, &ann(), again), Asked::AfterCommit);
    bench.commit();
    let order = |granted| RunOrders::Decide {
        run: run.clone(),
        wait: "w-1".into(),
        verdict: verdict(granted),
    };
    assert_eq!(run_orders(&mut bench), [order(true)], "once");
    // An agent that was away when it was decided says it again, and is told again.
    tell(&mut bench, link, waits(&run, "w-1", WaitKind::Approval, None));
    assert_eq!(run_orders(&mut bench), [order(true)]);
    bench.commit();
    assert_eq!(told(&mut bench, &run).waits, None);
}

#[test]
fn who_may_answer_what_and_in_which_words() {
    let mut bench = bench();
    let (link, run) = begun(&mut bench);
    let admin = Caller { user: "root".into(), ..person(Role::Admin) };
    let not_waiting = || CoreError::Run(Refusal::NotWaiting(run.clone()));
    assert_eq!(refused(ask(&mut bench, &ann(), reply(&run, "w-1", "x"))), not_waiting());
    tell(&mut bench, link, waits(&run, "w-1", WaitKind::Question, None));
    let wrong = CoreError::Run(Refusal::WrongKind { run: run.clone(), kind: WaitKind::Question });
    assert_eq!(refused(ask(&mut bench, &ann(), decide(&run, "w-1", true))), wrong);
    assert_eq!(refused(ask(&mut bench, &ann(), reply(&run, "w-2", "x"))), not_waiting());
    for odd in [reply(&run, "w-1", " \n"), reply(&run, "w-1", "a\0b"), {
        reply(&run, "w-1", &"x".repeat(crate::runs::LONGEST_REPLY + 1))
    }] {
        assert!(matches!(refused(ask(&mut bench, &ann(), odd)), CoreError::Invalid(_)));
    }
    for request in [
        reply(&run, "w-1", "x"),
        Runs::Pause { run: run.clone() },
        Runs::Resume { run: run.clone() },
    ] {
        let refusal = refused(ask(&mut bench, &eve(), request.clone()));
        assert!(matches!(refusal, CoreError::Forbidden(_)), "{request:?}: {refusal:?}");
        let viewer = Caller { user: ann().user, ..person(Role::Viewer) };
        let refusal = refused(ask(&mut bench, &viewer, request));
        assert!(matches!(refusal, CoreError::Forbidden(_)));
    }
    assert_eq!(ask(&mut bench, &admin, reply(&run, "w-1", "x")), Asked::AfterCommit);
    tell(&mut bench, link, waits(&run, "w-3", WaitKind::Approval, None));
    let wordy = Verdict { reason: Some("x".repeat(1025).into()), ..verdict(true) };
    let wordy = Runs::Decide { run: run.clone(), wait: "w-3".into(), verdict: wordy };
    assert!(matches!(refused(ask(&mut bench, &eve(), wordy)), CoreError::Invalid(_)));
    let viewer = ask(&mut bench, &person(Role::Viewer), decide(&run, "w-3", true));
    assert!(matches!(refused(viewer), CoreError::Forbidden(_)));
    assert_eq!(ask(&mut bench, &eve(), decide(&run, "w-3", false)), Asked::AfterCommit);
    let unknown: RunId = "run-0".parse().unwrap();
    for request in [
        Runs::Pause { run: unknown.clone() },
        reply(&unknown, "w-1", "x"),
        decide(&unknown, "w-1", true),
    ] {
        let unknown = CoreError::RunNotFound(unknown.clone());
        assert_eq!(refused(ask(&mut bench, &ann(), request)), unknown);
    }
    tell(&mut bench, link, over(&run, Outcome::Completed));
    bench.commit();
    for request in [
        Runs::Pause { run: run.clone() },
        Runs::Resume { run: run.clone() },
        reply(&run, "w-1", "x"),
        decide(&run, "w-3", false),
    ] {
        let over = CoreError::Run(Refusal::Over(run.clone()));
        assert_eq!(refused(ask(&mut bench, &ann(), request)), over);
    }
}

#[test]
fn nothing_is_answered_too_late_and_a_wait_that_nobody_ends_is_given_up() {
    let mut bench = bench();
    let (link, run) = begun(&mut bench);
    tell(&mut bench, link, waits(&run, "w-1", WaitKind::Approval, Some(10_000)));
    bench.commit();
    let until = told(&mut bench, &run).waits.as_ref().unwrap().until.unwrap();
    assert_eq!(until, bench.now.wall.after(Duration::from_secs(10)));
    bench.pass(10_000);
    let late = refused(ask(&mut bench, &ann(), decide(&run, "w-1", true)));
    assert_eq!(late, CoreError::Run(Refusal::NotWaiting(run.clone())));
    bench.pass(4_999);
    assert_eq!(reason(&bench, &run), Some(Reason::RunWantsApproval), "the agent has to say it");
    bench.pass(1);
    bench.commit();
    assert_eq!((told(&mut bench, &run).waits.clone(), reason(&bench, &run)), (None, None));
    assert!(run_orders(&mut bench).is_empty(), "that is all: the run goes on");
    // An answer just in time is one.
    tell(&mut bench, link, waits(&run, "w-2", WaitKind::Approval, Some(10_000)));
    bench.pass(9_999);
    assert_eq!(ask(&mut bench, &ann(), decide(&run, "w-2", true)), Asked::AfterCommit);
}

#[test]
fn a_later_wait_takes_the_place_of_an_earlier_one() {
    let mut bench = bench();
    let (link, run) = begun(&mut bench);
    tell(&mut bench, link, waits(&run, "w-1", WaitKind::Approval, Some(1_000)));
    tell(&mut bench, link, waits(&run, "w-2", WaitKind::Question, None));
    bench.commit();
    assert_eq!(reason(&bench, &run), Some(Reason::RunAsks));
    // That the earlier one is over says nothing of the later one, nor does its time.
    tell(&mut bench, link, Told::GoesOn { run: run.clone(), wait: "w-1".into() });
    bench.pass(60_000);
    bench.commit();
    assert_eq!(&*told(&mut bench, &run).waits.as_ref().unwrap().id, "w-2");
    // Another agent's word on it does not count.
    let other = bench.link("b", 12).link;
    tell(&mut bench, other, Told::GoesOn { run: run.clone(), wait: "w-2".into() });
    tell(&mut bench, other, waits(&run, "w-9", WaitKind::Question, None));
    tell(&mut bench, other, Told::Paused { run: run.clone(), paused: true });
    bench.commit();
    let now = told(&mut bench, &run);
    assert_eq!((&*now.waits.as_ref().unwrap().id, now.paused), ("w-2", false));
}

#[test]
fn what_a_run_waits_for_goes_with_the_run() {
    let mut bench = bench();
    let (link, run) = begun(&mut bench);
    tell(&mut bench, link, waits(&run, "w-1", WaitKind::Question, None));
    assert_eq!(cancel(&mut bench, &ann(), &run), Asked::AfterCommit);
    let over_by_then = refused(ask(&mut bench, &ann(), reply(&run, "w-1", "x")));
    assert_eq!(over_by_then, CoreError::Run(Refusal::Over(run.clone())));
    tell(&mut bench, link, over(&run, Outcome::Cancelled));
    bench.commit();
    assert_eq!((reason(&bench, &run), told(&mut bench, &run).waits.clone()), (None, None));
    // Lost with its agent it has failed, which is another reason to look.
    let run = made(&mut bench, task("y"));
    tell(&mut bench, link, waits(&run, "w-1", WaitKind::Approval, None));
    bench.core.report(link, Report::Lost, bench.now);
    bench.pass(120_000);
    bench.commit();
    assert_eq!(outcome(&mut bench, &run), failed("its agent was lost"));
    assert_eq!(reason(&bench, &run), Some(Reason::RunFailed));
}

#[test]
fn what_is_not_said_again_after_a_new_link_is_over() {
    let mut bench = bench();
    let (link, run) = begun(&mut bench);
    tell(&mut bench, link, waits(&run, "w-1", WaitKind::Question, None));
    bench.core.report(link, Report::Lost, bench.now);
    bench.pass(40_000);
    bench.commit();
    assert_eq!(reason(&bench, &run), Some(Reason::RunAsks), "an absence ends nothing");
    let since = told(&mut bench, &run).waits.as_ref().unwrap().since;
    let link = link_with(&mut bench, 10, std::slice::from_ref(&run)).link;
    tell(&mut bench, link, waits(&run, "w-1", WaitKind::Question, None));
    bench.seen();
    bench.pass(30_000);
    bench.commit();
    assert_eq!(told(&mut bench, &run).waits.as_ref().unwrap().since, since, "it was said again");
    assert!(!bench.seen().iter().any(|line| line.starts_with("raised")), "but not raised again");
    link_with(&mut bench, 11, std::slice::from_ref(&run));
    bench.pass(29_999);
    assert_eq!(reason(&bench, &run), Some(Reason::RunAsks));
    bench.pass(1);
    bench.commit();
    assert_eq!((reason(&bench, &run), told(&mut bench, &run).waits.clone()), (None, None));
}

#[test]
fn a_restarted_server_shows_what_was_waited_for_and_counts_no_time_of_it() {
    let mut before = bench();
    let (link, run) = begun(&mut before);
    before.pass(20_000);
    tell(&mut before, link, waits(&run, "w-1", WaitKind::Question, None));
    ask(&mut before, &ann(), Runs::Pause { run: run.clone() });
    before.commit();
    let stored = before.stored.iter().rev().find_map(|write| match write {
        Write::Run(run) => Some((**run).clone()),
        _ => None,
    });
    let agents = before.core.agents.all().iter().map(|agent| (**agent).clone()).collect();
    let mut bench = bench();
    bench.now.wall.0 += 3_600_000;
    let runs = vec![stored.unwrap()];
    bench.core.restore(Stored { agents, runs, ..Stored::default() }, bench.now);
    let now = told(&mut bench, &run);
    assert_eq!((now.paused, now.waits.as_ref().map(|wait| &*wait.id)), (true, Some("w-1")));
    assert_eq!(reason(&bench, &run), Some(Reason::RunAsks));
    let link = link_with(&mut bench, 10, std::slice::from_ref(&run)).link;
    assert_eq!(run_orders(&mut bench), [RunOrders::Pause(run.clone())], "it may not know");
    tell(&mut bench, link, waits(&run, "w-1", WaitKind::Question, None));
    tell(&mut bench, link, Told::Paused { run: run.clone(), paused: true });
    ask(&mut bench, &ann(), reply(&run, "w-1", "x"));
    ask(&mut bench, &ann(), Runs::Resume { run: run.clone() });
    bench.commit();
    bench.orders();
    bench.pass(39_999);
    assert!(run_orders(&mut bench).is_empty());
    bench.pass(1);
    assert_eq!(run_orders(&mut bench), [RunOrders::Cancel(run)]);
}

#[test]
fn without_storage_nothing_is_answered_but_a_run_can_be_paused() {
    let mut bench = bench();
    let (link, run) = begun(&mut bench);
    tell(&mut bench, link, waits(&run, "w-1", WaitKind::Approval, None));
    bench.fail_commit();
    let refusal = refused(ask(&mut bench, &ann(), decide(&run, "w-1", true)));
    assert_eq!(refusal, CoreError::StorageUnavailable);
    ask(&mut bench, &ann(), Runs::Pause { run: run.clone() });
    assert_eq!(run_orders(&mut bench), [RunOrders::Pause(run.clone())]);
    bench.commit();
    assert_eq!(ask(&mut bench, &ann(), decide(&run, "w-1", true)), Asked::AfterCommit);
}

#[test]
fn an_ended_run_is_done_again_with_what_it_did() {
    let mut bench = bench();
    let (link, run) = begun(&mut bench);
    let again = |run: &RunId| Create { replay: Some(run.clone()), ..Create::default() };
    let not_over = CoreError::Run(Refusal::NotOver(run.clone()));
    assert_eq!(refused(create(&mut bench, again(&run))), not_over);
    tell(&mut bench, link, over(&run, Outcome::Completed));
    bench.commit();
    let nothing = CoreError::Run(Refusal::NothingToReplay(run.clone()));
    assert_eq!(refused(create(&mut bench, again(&run))), nothing, "its list is empty");
    let unknown: RunId = "run-0".parse().unwrap();
    let refusal = refused(create(&mut bench, again(&unknown)));
    assert_eq!(refusal, CoreError::RunNotFound(unknown));
    let run = made(&mut bench, Create { allowed: vec!["*.example".into()], ..task("x") });
    let commands: Arc<str> = r##"[{"type":"click","selector":"#a"}]"##.into();
    let ending = crate::runs::Ending {
        outcome: Outcome::Completed,
        answer: None,
        commands: Some(commands.clone()),
    };
    tell(&mut bench, link, Told::Ended { run: run.clone(), ending });
    bench.commit();
    bench.orders();
    let replay = Create { approval: true, allowed: vec!["shop.example".into()], ..again(&run) };
    let replay = made(&mut bench, replay);
    let orders = run_orders(&mut bench);
    let [RunOrders::Start(order)] = &orders[..] else { panic!("{orders:?}") };
    assert_eq!((&order.run, &order.script), (&replay, &Some(commands)));
    assert_eq!((order.heals, order.approval), (true, true));
    assert_eq!(*order.allowed, ["shop.example".into()]);
    // What was brought from storage is taken as it is, however long it is.
    let long: Arc<str> = "{".repeat(crate::runs::LONGEST_SCRIPT + 1).into();
    made(&mut bench, Create { script: Some(long), ..again(&"run-old".parse().unwrap()) });
}

#[test]
fn odd_hosts_are_refused() {
    let mut bench = bench();
    link_with(&mut bench, 9, &[]);
    for odd in ["", "a b", "a\nb", "a\u{0}", &"x".repeat(301)] {
        let refusal = refused(create(
            &mut bench,
            Create { allowed: vec!["good.example".into(), odd.into()], ..task("x") },
        ));
        assert!(matches!(refusal, CoreError::Invalid(_)), "{odd:?}");
    }
    let many = Create { allowed: vec!["a.example".into(); 101], ..task("x") };
    assert!(matches!(refused(create(&mut bench, many)), CoreError::Invalid(_)));
    let run = made(&mut bench, Create { allowed: vec!["[::1]:8080".into()], ..task("x") });
    assert_eq!(state(&mut bench, &run).name(), "PENDING");
}

#[test]
fn the_audit_says_what_was_decided_but_not_what_was_answered() {
    let mut bench = bench();
    let (link, run) = begun(&mut bench);
    tell(&mut bench, link, waits(&run, "w-1", WaitKind::Approval, None));
    ask(&mut bench, &ann(), decide(&run, "w-1", true));
    tell(&mut bench, link, waits(&run, "w-2", WaitKind::Question, None));
    ask(&mut bench, &ann(), reply(&run, "w-2", "hunter2"));
    ask(&mut bench, &ann(), Runs::Pause { run: run.clone() });
    bench.commit();
    let records = bench.stored.iter().filter_map(|write| match write {
        Write::Audit(record) if record.action.starts_with("run.") => {
            Some(format!("{} {} {}", record.action, record.subject, record.detail))
        }
        _ => None,
    });
    let records: Vec<_> = records.skip(1).collect();
    let decided = "granted POST https://shop.example/order: looks good";
    assert_eq!(
        records,
        [
            format!("run.decide {run} {decided}"),
            format!("run.reply {run} w-2"),
            format!("run.pause {run} "),
        ]
    );
}
