//! Whatever is asked and reported in whatever order: the promises hold.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;

#[derive(Debug, Clone)]
enum Step {
    Enqueue(Priority),
    Interrupt(usize),
    Move(usize, usize),
    Start,
    Write(usize),
    End(i32),
    Cut,
    Link,
    Commit,
    FailCommit,
    Pass(u64),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let priority = prop_oneof![Just(Priority::High), Just(Priority::Normal), Just(Priority::Low)];
    let step = prop_oneof![
        4 => priority.prop_map(Step::Enqueue),
        2 => (0usize..20).prop_map(Step::Interrupt),
        1 => (0usize..20, 0usize..6).prop_map(|(which, place)| Step::Move(which, place)),
        4 => Just(Step::Start),
        4 => (1usize..50).prop_map(Step::Write),
        4 => (-1i32..3).prop_map(Step::End),
        1 => Just(Step::Cut),
        2 => Just(Step::Link),
        6 => Just(Step::Commit),
        1 => Just(Step::FailCommit),
        2 => (1u64..100_000).prop_map(Step::Pass),
    ];
    proptest::collection::vec(step, 1..120)
}

/// An agent that does what it is told, at most once, and remembers like a journal.
#[derive(Default)]
struct FakeAgent {
    link: Option<LinkId>,
    ordered: Vec<CommandId>,
    running: Option<CommandId>,
    started: BTreeSet<CommandId>,
    position: u64,
    sequence: u64,
    connection: u64,
}

/// What one viewer was told, kept as it would keep it.
#[derive(Default)]
struct Told {
    states: BTreeMap<CommandId, u8>,
    ends: BTreeMap<CommandId, usize>,
}

fn rank(state: &State) -> u8 {
    match state {
        State::Queued => 0,
        State::Running { .. } => 1,
        State::Ended(_) => 2,
    }
}

fn take_orders(bench: &mut Bench, agent: &mut FakeAgent) {
    for order in bench.orders() {
        if let Order::Start(order) = order
            && agent.link.is_some()
            && !agent.started.contains(&order.command)
            && !agent.ordered.contains(&order.command)
        {
            agent.ordered.push(order.command.clone());
        }
    }
}

fn run(steps: &[Step]) -> Result<(), TestCaseError> {
    let mut bench = Bench::new();
    let mut agent = FakeAgent::default();
    let mut told = Told::default();
    let mut known: Vec<CommandId> = Vec::new();
    for step in steps {
        take(&mut bench, &mut agent, &known, step);
        known = bench
            .core
            .commands
            .live_of(&"a".parse().unwrap())
            .map(|l| l.command.id.clone())
            .collect();
        take_orders(&mut bench, &mut agent);
        check_view(&mut bench.core, &mut told)?;
    }
    Ok(())
}

fn take(bench: &mut Bench, agent: &mut FakeAgent, known: &[CommandId], step: &Step) {
    match step {
        Step::Enqueue(priority) => drop(bench.enqueue("x", *priority)),
        Step::Interrupt(which) => {
            if let Some(id) = known.get(*which) {
                bench.core.ask(&person(Role::Operator), interrupt(id), bench.now);
            }
        }
        Step::Move(which, place) => {
            if let Some(id) = known.get(*which) {
                let request = commands::Request::Move { command: id.clone(), place: *place };
                let request = Request::Commands(request);
                bench.core.ask(&person(Role::Operator), request, bench.now);
            }
        }
        Step::Start => start(bench, agent),
        Step::Write(len) => {
            if let (Some(link), Some(id)) = (agent.link, agent.running.clone()) {
                bench.wrote(link, &id, (agent.position, agent.sequence), &"y".repeat(*len));
                agent.position += *len as u64;
                agent.sequence += 1;
            }
        }
        Step::End(code) => {
            if let (Some(link), Some(id)) = (agent.link, agent.running.take()) {
                bench.ended(link, &id, exited(*code));
            }
        }
        Step::Cut => {
            if let Some(link) = agent.link.take() {
                bench.core.report(link, Report::Lost, bench.now);
                agent.ordered.clear();
            }
        }
        Step::Link => link(bench, agent),
        Step::Commit => bench.commit(),
        Step::FailCommit => {
            if bench.core.begin_commit().is_some() {
                bench.core.end_commit(false);
            }
        }
        Step::Pass(milliseconds) => bench.pass(*milliseconds),
    }
}

fn start(bench: &mut Bench, agent: &mut FakeAgent) {
    if let (Some(link), None, false) = (agent.link, &agent.running, agent.ordered.is_empty()) {
        let id = agent.ordered.remove(0);
        agent.started.insert(id.clone());
        agent.running = Some(id.clone());
        (agent.position, agent.sequence) = (0, 1);
        bench.started(link, &id);
    }
}

fn link(bench: &mut Bench, agent: &mut FakeAgent) {
    let Request::Agents(agents::Request::Link(mut hello)) = hello("a") else { unreachable!() };
    hello.commands = agent
        .running
        .iter()
        .map(|id| agents::HeldCommand {
            command: id.clone(),
            started_at: bench.now.wall,
            next_position: 0,
            ended: None,
        })
        .collect();
    agent.connection += 1;
    let caller = agent_caller("a", 100 + agent.connection);
    let request = Request::Agents(agents::Request::Link(hello));
    if let Asked::Answered(Ok(Reply::Linked(linked))) = bench.core.ask(&caller, request, bench.now)
    {
        agent.link = Some(linked.link);
        agent.ordered.clear();
        if linked.forget.iter().any(|id| Some(id) == agent.running.as_ref()) {
            agent.running = None;
        }
    }
}

fn check_view(core: &mut Core, told: &mut Told) -> Result<(), TestCaseError> {
    let view = core.fleet().view();
    prop_assert!(view.running().count() <= 1, "one command runs per agent");
    for (_, waiting) in view.queues() {
        let positions: Vec<_> = waiting.iter().map(|w| w.position).collect();
        prop_assert_eq!(positions, (1..=waiting.len()).collect::<Vec<_>>());
        let classes: Vec<_> = waiting.iter().map(|w| w.command.priority).collect();
        prop_assert!(classes.is_sorted());
        prop_assert!(waiting.len() <= 5);
    }
    for command in view.running().chain(view.ended_since(0)) {
        let state = rank(&command.state);
        let before = told.states.insert(command.id.clone(), state).unwrap_or(0);
        prop_assert!(state >= before, "no final state is undone");
    }
    told.ends.clear();
    for command in view.ended_since(0) {
        *told.ends.entry(command.id.clone()).or_default() += 1;
    }
    prop_assert!(told.ends.values().all(|count| *count == 1), "one final state each");
    Ok(())
}

proptest! {
    #[test]
    fn every_command_ends_once_and_queues_stay_in_order(steps in steps()) {
        run(&steps)?;
    }

    #[test]
    fn the_same_steps_give_the_same_bytes(steps in steps()) {
        let told = |steps: &[Step]| {
            let mut bench = Bench::new();
            let mut agent = FakeAgent::default();
            let a = "a".parse().unwrap();
            for step in steps {
                let known: Vec<_> =
                    bench.core.commands.live_of(&a).map(|l| l.command.id.clone()).collect();
                take(&mut bench, &mut agent, &known, step);
                take_orders(&mut bench, &mut agent);
            }
            bench.seen()
        };
        prop_assert_eq!(told(&steps), told(&steps));
    }
}
