//! Whatever is asked and reported about runs in whatever order: each ends once, and places are never exceeded.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::{
    runs::{bench, create, link_with, over, run_orders, step, tell},
    *,
};
use crate::{
    attention::Subject,
    ids::RunId,
    runs::{
        Asking, Create, Order as RunOrders, Outcome, Report as Told, Request as Runs, Stage,
        Standing, Verdict, WaitKind,
    },
};

#[derive(Debug, Clone)]
enum Step {
    Create,
    Cancel(usize),
    Begin(usize),
    Advance(usize),
    End(usize, bool),
    Ask(usize, bool),
    Decide(usize, bool),
    Pause(usize, bool),
    Cut,
    Link,
    LinkAnew,
    Commit,
    FailCommit,
    Pass(u64),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => Just(Step::Create),
        2 => (0usize..6).prop_map(Step::Cancel),
        3 => (0usize..3).prop_map(Step::Begin),
        4 => (0usize..3).prop_map(Step::Advance),
        3 => (0usize..3, any::<bool>()).prop_map(|(which, is_good)| Step::End(which, is_good)),
        3 => (0usize..3, any::<bool>()).prop_map(|(which, ends)| Step::Ask(which, ends)),
        4 => (0usize..6, any::<bool>()).prop_map(|(which, granted)| Step::Decide(which, granted)),
        2 => (0usize..6, any::<bool>()).prop_map(|(which, pause)| Step::Pause(which, pause)),
        1 => Just(Step::Cut),
        2 => Just(Step::Link),
        1 => Just(Step::LinkAnew),
        6 => Just(Step::Commit),
        1 => Just(Step::FailCommit),
        2 => (1u64..40_000).prop_map(Step::Pass),
    ];
    proptest::collection::vec(step, 1..120)
}

/// An agent that does what it is told, at most once, and remembers like a journal.
#[derive(Default)]
struct FakeAgent {
    link: Option<LinkId>,
    connection: u64,
    life: u64,
    /// What it has, with the number of the last step it took.
    has: BTreeMap<RunId, u32>,
    had: BTreeSet<RunId>,
    /// What its runs wait for now, and how often they have waited.
    asks: BTreeMap<RunId, String>,
    asked: usize,
    paused: BTreeSet<RunId>,
    /// What was decided about each wait of each of its lives.
    decided: BTreeMap<(u64, RunId, Arc<str>), bool>,
}

impl FakeAgent {
    fn obey(&mut self, bench: &mut Bench) {
        for order in run_orders(bench) {
            if self.link.is_none() {
                continue;
            }
            match order {
                RunOrders::Start(order) if self.had.insert(order.run.clone()) => {
                    self.has.insert(order.run.clone(), 0);
                }
                RunOrders::Forget(run) => drop(self.has.remove(&run)),
                RunOrders::Pause(run) => self.pause(bench, run, true),
                RunOrders::Resume(run) => self.pause(bench, run, false),
                RunOrders::Decide { run, wait, verdict } => {
                    let of = (self.life, run.clone(), wait.clone());
                    let before = self.decided.insert(of, verdict.granted);
                    assert!(before.is_none_or(|it| it == verdict.granted), "decided once");
                    if self.asks.get(&run).is_some_and(|asks| **asks == *wait) {
                        self.asks.remove(&run);
                        self.tell(bench, Told::GoesOn { run, wait });
                    }
                }
                RunOrders::Start(_)
                | RunOrders::Cancel(_)
                | RunOrders::Stored(_)
                | RunOrders::Reply { .. } => {}
            }
        }
    }

    fn link(&mut self, bench: &mut Bench) {
        self.connection += 1;
        let held: Vec<_> = self.has.keys().cloned().collect();
        let linked = link_with(bench, 100 + self.connection, &held);
        self.link = Some(linked.link);
        self.has.retain(|run, _| !linked.forget_runs.contains(run));
        for resume in &linked.runs {
            assert!(self.has[&resume.run] >= resume.steps, "no step was stored that was not told");
        }
        self.say_what_holds(bench);
    }

    fn tell(&self, bench: &mut Bench, told: Told) {
        if let Some(link) = self.link {
            tell(bench, link, told);
        }
    }

    fn pause(&mut self, bench: &mut Bench, run: RunId, paused: bool) {
        if !self.has.contains_key(&run) {
            return;
        }
        if paused {
            self.paused.insert(run.clone())
        } else {
            self.paused.remove(&run)
        };
        self.tell(bench, Told::Paused { run, paused });
    }

    /// Ends what a run waits for, or has it wait for something new.
    fn ask(&mut self, bench: &mut Bench, run: RunId, ends: bool) {
        let before = self.asks.remove(&run);
        if let Some(wait) = before.filter(|_| ends) {
            return self.tell(bench, Told::GoesOn { run, wait: wait.into() });
        }
        self.asked += 1;
        let wait = format!("w-{}", self.asked);
        self.asks.insert(run.clone(), wait.clone());
        self.tell(bench, Told::Waits { run, asking: asking(&wait) });
    }

    fn say_what_holds(&self, bench: &mut Bench) {
        for run in self.has.keys() {
            if let Some(wait) = self.asks.get(run) {
                self.tell(bench, Told::Waits { run: run.clone(), asking: asking(wait) });
            }
            if self.paused.contains(run) {
                self.tell(bench, Told::Paused { run: run.clone(), paused: true });
            }
        }
    }

    /// The run at that place among those it has, if it is linked.
    fn pick(&self, which: usize) -> Option<(LinkId, RunId)> {
        Some((self.link?, self.has.keys().nth(which)?.clone()))
    }
}

fn take(bench: &mut Bench, agent: &mut FakeAgent, step_to_take: &Step) {
    match step_to_take {
        Step::Create => {
            let agent = Some("a".parse().unwrap());
            drop(create(bench, Create { task: Some("x".into()), agent, ..Create::default() }));
        }
        Step::Cancel(which) => {
            let live = bench.core.fleet().view().runs().live().nth(*which);
            if let Some(run) = live.map(|run| run.id.clone()) {
                let request = Request::Runs(Runs::Cancel { run, reason: None });
                bench.core.ask(&person(Role::Operator), request, bench.now);
            }
        }
        Step::Begin(which) => {
            if let Some((link, run)) = agent.pick(*which) {
                tell(bench, link, Told::Began(run));
            }
        }
        Step::Advance(which) => {
            if let Some((link, run)) = agent.pick(*which) {
                let number = agent.has[&run] + 1;
                agent.has.insert(run.clone(), number);
                tell(bench, link, step(&run, number));
            }
        }
        Step::End(which, is_good) => {
            if let Some((link, run)) = agent.pick(*which) {
                let failed = Outcome::Failed { error: "it broke".into() };
                tell(bench, link, over(&run, if *is_good { Outcome::Completed } else { failed }));
            }
        }
        Step::Ask(..) | Step::Decide(..) | Step::Pause(..) => people(bench, agent, step_to_take),
        Step::Cut => {
            if let Some(link) = agent.link.take() {
                bench.core.report(link, Report::Lost, bench.now);
            }
        }
        Step::Link => agent.link(bench),
        Step::LinkAnew => {
            // A new life that remembers nothing.
            agent.has.clear();
            agent.had.clear();
            agent.asks.clear();
            agent.paused.clear();
            agent.life += 1;
            agent.link(bench);
        }
        Step::Commit => bench.commit(),
        Step::FailCommit => {
            if bench.core.begin_commit().is_some() {
                bench.core.end_commit(false);
            }
        }
        Step::Pass(milliseconds) => bench.pass(*milliseconds),
    }
}

/// What people do, and what an agent wants of them.
fn people(bench: &mut Bench, agent: &mut FakeAgent, step_to_take: &Step) {
    let live = |bench: &mut Bench, which: usize| {
        bench.core.fleet().view().runs().live().nth(which).cloned()
    };
    let request = match step_to_take {
        Step::Ask(which, ends) => {
            if let Some((_, run)) = agent.pick(*which) {
                agent.ask(bench, run, *ends);
            }
            return;
        }
        Step::Decide(which, granted) => live(bench, *which).and_then(|run| {
            let wait = run.waits.as_ref()?.id.clone();
            let verdict = Verdict { granted: *granted, reason: None, always: false };
            Some(Runs::Decide { run: run.id.clone(), wait, verdict })
        }),
        Step::Pause(which, pause) => live(bench, *which).map(|run| {
            let run = run.id.clone();
            if *pause { Runs::Pause { run } } else { Runs::Resume { run } }
        }),
        _ => None,
    };
    if let Some(request) = request {
        bench.core.ask(&person(Role::Operator), Request::Runs(request), bench.now);
    }
}

fn rank(standing: Standing) -> u8 {
    match standing {
        Standing::Pending => 0,
        Standing::InProgress => 1,
        Standing::Completed | Standing::Failed | Standing::Cancelled => 2,
    }
}

fn check(bench: &mut Bench, told: &mut BTreeMap<RunId, (u8, u32)>) -> Result<(), TestCaseError> {
    let a: AgentId = "a".parse().unwrap();
    prop_assert!(bench.core.runs.on(&a).len() <= 2, "as many at once as there are places");
    prop_assert!(bench.core.runs.waiting(&a) <= 5, "those that came back, and a full queue");
    let runs = bench.core.fleet().view().runs();
    let mut ends = BTreeSet::new();
    for run in runs.ended_since(0) {
        prop_assert!(ends.insert(run.id.clone()), "one final state each");
    }
    for run in runs.ended_since(0) {
        prop_assert!(run.waits.is_none() && !run.paused && run.idle.since.is_none());
    }
    for run in runs.live().chain(runs.ended_since(0)) {
        prop_assert!(run.steps <= run.limits.steps);
        let now = (rank(run.state.standing()), run.steps);
        let before = told.insert(run.id.clone(), now).unwrap_or_default();
        prop_assert!(now >= before, "nothing is undone: {} after {:?}", run.state.name(), before);
    }
    check_attention(bench)
}

/// What waits for a person is on the list, and nothing else is, as it is and not only as it is told.
fn check_attention(bench: &Bench) -> Result<(), TestCaseError> {
    let a: AgentId = "a".parse().unwrap();
    for live in bench.core.runs.of(&a) {
        let item = bench.core.attention.get(&Subject::Run(live.run.id.clone()));
        prop_assert_eq!(live.run.waits.is_some(), item.is_some(), "{:?}", live);
        let is_idle = live.run.waits.is_some() || live.run.paused;
        let has_begun = live.stage == Stage::Begun;
        prop_assert_eq!(live.overdue.is_some(), has_begun && !is_idle, "{:?}", live);
    }
    Ok(())
}

fn asking(wait: &str) -> Asking {
    let within = Some(Duration::from_secs(60));
    let (id, kind) = (wait.into(), WaitKind::Approval);
    Asking { id, kind, text: "may it?".into(), within, request: None }
}

proptest! {
    #[test]
    fn every_run_ends_once_and_places_are_never_exceeded(steps in steps()) {
        let mut bench = bench();
        let mut agent = FakeAgent::default();
        agent.link(&mut bench);
        let mut told = BTreeMap::new();
        for step in &steps {
            take(&mut bench, &mut agent, step);
            agent.obey(&mut bench);
            check(&mut bench, &mut told)?;
        }
        // In the end everything ends: the agent ends what it has, time does the rest.
        agent.link(&mut bench);
        bench.commit();
        for which in 0..6 {
            take(&mut bench, &mut agent, &Step::Pause(which, false));
        }
        bench.commit();
        for _ in 0..20 {
            agent.obey(&mut bench);
            while let Some((link, run)) = agent.pick(0) {
                tell(&mut bench, link, over(&run, Outcome::Completed));
                bench.commit();
                agent.obey(&mut bench);
            }
            bench.pass(20_000);
            bench.commit();
            check(&mut bench, &mut told)?;
        }
        let left: Vec<_> = bench.core.fleet().view().runs().live().cloned().collect();
        prop_assert!(left.is_empty(), "{:?}", left);
    }
}
