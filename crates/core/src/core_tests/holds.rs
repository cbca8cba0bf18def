//! Whole agents: held, stopped, started anew, limited.

use super::*;
use crate::{
    control::{Budget, Excess, Message, Request as Ask, StopOutcome, StopResult},
    sessions::{self, AddedWorker, Create, Exit, Kind, Launch, Size, WorkerKind},
};

fn agent(id: &str) -> AgentId {
    id.parse().unwrap()
}

fn worker(kind: WorkerKind) -> AddedWorker {
    AddedWorker { kind, name: None, launch: Launch::default(), size: Size::default() }
}

fn cli_agent() -> WorkerKind {
    WorkerKind::Agent { agent_type: "claude".into() }
}

impl Bench {
    fn control(&mut self, ask: Ask) -> Asked {
        self.control_as(Role::Operator, ask)
    }

    fn control_as(&mut self, role: Role, ask: Ask) -> Asked {
        self.core.ask(&person(role), Request::Control(ask), self.now)
    }

    fn done(&mut self, ask: Ask) {
        assert_eq!(self.control_as(Role::Admin, ask), Asked::AfterCommit);
        self.commit();
    }

    /// The answers for people since this was last asked.
    fn told(&mut self) -> Vec<Result<Reply, CoreError>> {
        let deliveries = self.core.take_deliveries().into_iter();
        deliveries
            .filter_map(|(_, delivery)| match delivery {
                Delivery::Answer(answer) => Some(answer),
                Delivery::Notice(_) => None,
            })
            .collect()
    }

    /// A session with a worker that runs.
    fn running(&mut self, link: LinkId, kind: WorkerKind) -> StreamKey {
        let create = Create {
            agent: agent("a"),
            kind: Kind::Quick,
            path: "/home/ann".into(),
            title: None,
            initial_prompt: None,
            worker: Some(worker(kind)),
        };
        let request = Request::Sessions(sessions::Request::Create(create));
        assert_eq!(self.core.ask(&person(Role::Operator), request, self.now), Asked::AfterCommit);
        self.commit();
        let orders = self.orders();
        let Some(Order::Spawn(order)) = orders.last() else { panic!("{orders:?}") };
        let stream = order.stream.clone();
        let report = Report::WorkerStarted { stream: stream.clone() };
        self.core.report(link, report, self.now);
        self.commit();
        stream
    }

    fn worker_ended(&mut self, link: LinkId, stream: &StreamKey) {
        let exit =
            Exit { code: 143, signal: Some("SIGTERM".into()), reason: None, at: self.now.wall };
        let report = Report::WorkerEnded { stream: stream.clone(), exit };
        self.core.report(link, report, self.now);
    }
}

fn starts(orders: &[Order]) -> usize {
    orders.iter().filter(|order| matches!(order, Order::Start(_))).count()
}

#[test]
fn a_paused_agent_finishes_what_runs_and_starts_nothing() {
    let mut bench = Bench::new();
    let link = bench.link("a", 9).link;
    let first = bench.queued("one", Priority::Normal);
    bench.started(link, &first);
    bench.queued("two", Priority::Normal);
    bench.seen();
    bench.orders();
    bench.done(Ask::Pause(agent("a")));
    assert_eq!(bench.seen(), ["a paused", "queue 1:two"]);
    bench.ended(link, &first, exited(0));
    bench.commit();
    assert_eq!(starts(&bench.orders()), 0);
    bench.done(Ask::Resume(agent("a")));
    assert_eq!(starts(&bench.orders()), 1);
    assert!(bench.seen().contains(&"a goes on".to_owned()));
}

#[test]
fn a_stop_is_answered_when_no_process_is_left() {
    let mut bench = Bench::new();
    let link = bench.link("a", 9).link;
    let command = bench.queued("sleep", Priority::Normal);
    bench.started(link, &command);
    let waiting = bench.queued("later", Priority::Normal);
    let stream = bench.running(link, WorkerKind::Terminal);
    bench.orders();
    assert_eq!(bench.control(Ask::Stop(agent("a"))), Asked::AfterCommit);
    let orders = bench.orders();
    assert!(
        matches!(&orders[..], [Order::Interrupt { .. }, Order::EndWorker { .. }]),
        "{orders:?}"
    );
    bench.ended(link, &command, Outcome::Interrupted { code: Some(143) });
    bench.commit();
    assert_eq!(bench.told(), [], "the terminal still lives");
    bench.worker_ended(link, &stream);
    bench.commit();
    let result = StopResult::Stopped { commands: 1, workers: 1 };
    let outcome = StopOutcome { agent: agent("a"), result };
    assert_eq!(bench.told(), [Ok(Reply::Stopped([outcome].into()))]);
    assert_eq!(starts(&bench.orders()), 0, "the queue is held");
    let live = bench.core.commands.live(&waiting).map(|live| live.command.state.clone());
    assert_eq!(live, Some(State::Queued), "nothing that waits is lost");
    let request = sessions::AddWorker {
        session: bench.core.sessions.of_agent(&agent("a")).next().unwrap().id.clone(),
        worker: worker(WorkerKind::Terminal),
    };
    let request = Request::Sessions(sessions::Request::AddWorker(request));
    let refused = bench.core.ask(&person(Role::Operator), request, bench.now);
    assert!(matches!(refused, Asked::Answered(Err(CoreError::AgentHeld { .. }))), "{refused:?}");
    bench.done(Ask::Resume(agent("a")));
    assert_eq!(starts(&bench.orders()), 1);
}

#[test]
fn an_emergency_stop_says_of_each_agent_what_became_of_it() {
    let mut bench = Bench::new();
    let link = bench.link("a", 9).link;
    let gone = bench.link("b", 8).link;
    let silent = bench.link("c", 7).link;
    bench.link("idle", 6);
    bench.core.report(gone, Report::Lost, bench.now);
    let command = bench.queued("sleep", Priority::Normal);
    bench.started(link, &command);
    let request = enqueue("c", "trap '' TERM", Priority::Normal);
    assert_eq!(bench.core.ask(&person(Role::Operator), request, bench.now), Asked::AfterCommit);
    bench.commit();
    let stuck = bench.core.commands.current(&agent("c")).unwrap().command.id.clone();
    bench.started(silent, &stuck);
    bench.told();
    let reason = Some("they are deleting things".into());
    assert_eq!(bench.control(Ask::EmergencyStop { reason }), Asked::AfterCommit);
    bench.ended(link, &command, Outcome::Interrupted { code: None });
    bench.commit();
    assert_eq!(bench.told(), [], "one is still waited for");
    bench.pass(15_000);
    bench.commit();
    let told = bench.told();
    let [Ok(Reply::Stopped(outcomes))] = &told[..] else { panic!("{told:?}") };
    let words = outcomes.iter().map(|outcome| match &outcome.result {
        StopResult::Stopped { commands, workers } => {
            format!("{} {commands} {workers}", outcome.agent)
        }
        StopResult::Unreachable(_) => format!("{} unreachable", outcome.agent),
        StopResult::Refused(_) => format!("{} refused", outcome.agent),
    });
    let words: Vec<_> = words.collect();
    assert_eq!(words, ["a 1 0", "b unreachable", "c unreachable", "idle 0 0"]);
    let audit: Vec<_> = bench
        .stored
        .iter()
        .filter_map(|write| match write {
            Write::Audit(record) => Some(record),
            _ => None,
        })
        .filter(|record| record.action == "agent.emergency_stop")
        .collect();
    assert_eq!((audit.len(), &*audit[0].detail), (1, "they are deleting things"));
}

#[test]
fn an_agent_that_was_away_is_stopped_when_it_comes_back() {
    let mut bench = Bench::new();
    let link = bench.link("a", 9).link;
    let command = bench.queued("sleep", Priority::Normal);
    bench.started(link, &command);
    let stream = bench.running(link, WorkerKind::Terminal);
    bench.core.report(link, Report::Lost, bench.now);
    bench.commit();
    assert_eq!(bench.control(Ask::Stop(agent("a"))), Asked::AfterCommit);
    bench.commit();
    let told = bench.told();
    let is_unreachable = matches!(&told[..], [Ok(Reply::Stopped(outcomes))]
        if matches!(outcomes[0].result, StopResult::Unreachable(_)));
    assert!(is_unreachable, "{told:?}");
    let Request::Agents(agents::Request::Link(mut hello)) = hello("a") else { unreachable!() };
    hello.commands = vec![crate::agents::HeldCommand {
        command: command.clone(),
        started_at: bench.now.wall,
        next_position: 0,
        ended: None,
    }];
    hello.workers = vec![sessions::HeldWorker {
        stream: stream.clone(),
        started_at: bench.now.wall,
        next_position: 0,
        activity: sessions::Activity::Unknown,
        size: Size::default(),
        ended: None,
    }];
    let request = Request::Agents(agents::Request::Link(hello));
    bench.core.ask(&agent_caller("a", 4), request, bench.now);
    let orders = bench.orders();
    let interrupts = orders.iter().any(|order| matches!(order, Order::Interrupt { .. }));
    let ends = orders.iter().any(|order| matches!(order, Order::EndWorker { .. }));
    assert!(interrupts && ends, "{orders:?}");
}

#[test]
fn a_worker_that_was_not_sent_yet_starts_when_its_agent_goes_on() {
    let mut bench = Bench::new();
    bench.link("a", 9);
    let create = Create {
        agent: agent("a"),
        kind: Kind::Quick,
        path: "/home/ann".into(),
        title: None,
        initial_prompt: None,
        worker: Some(worker(WorkerKind::Terminal)),
    };
    let request = Request::Sessions(sessions::Request::Create(create));
    assert_eq!(bench.core.ask(&person(Role::Operator), request, bench.now), Asked::AfterCommit);
    // Before it is stored, so before it was sent.
    assert_eq!(bench.control(Ask::Stop(agent("a"))), Asked::AfterCommit);
    bench.commit();
    let (mut stopped, mut spawned) = (false, false);
    for (_, delivery) in bench.core.take_deliveries() {
        stopped |= matches!(delivery, Delivery::Answer(Ok(Reply::Stopped(_))));
        spawned |= matches!(delivery, Delivery::Notice(Notice::Order(Order::Spawn(_))));
    }
    assert!(stopped && !spawned);
    bench.done(Ask::Resume(agent("a")));
    assert!(bench.orders().iter().any(|order| matches!(order, Order::Spawn(_))));
}

#[test]
fn holds_and_budgets_outlive_the_server() {
    let mut bench = Bench::new();
    bench.link("a", 9);
    bench.done(Ask::Pause(agent("a")));
    let (mut agents, mut holds) = (Vec::new(), Vec::new());
    for write in &bench.stored {
        match write {
            Write::Agent(agent) => agents.push(agent.as_ref().clone()),
            Write::Hold { agent, hold: Some(hold) } => {
                holds.push((agent.clone(), hold.as_ref().clone()));
            }
            _ => {}
        }
    }
    let mut next = Bench::new();
    let control = crate::control::StoredControl { holds, ..Default::default() };
    next.core.restore(Stored { agents, control, ..Stored::default() }, next.now);
    next.link("a", 3);
    next.orders();
    next.queued("ls", Priority::Normal);
    assert_eq!(starts(&next.orders()), 0);
    next.done(Ask::Resume(agent("a")));
    assert_eq!(starts(&next.orders()), 1);
}

#[test]
fn a_budget_holds_the_queue_until_the_hour_has_room() {
    let mut bench = Bench::new();
    let link = bench.link("a", 9).link;
    let budget = Budget { commands_per_hour: Some(1), time_per_hour: None, excess: Excess::Hold };
    bench.done(Ask::SetBudget { agent: agent("a"), budget: Some(budget) });
    let first = bench.queued("one", Priority::Normal);
    bench.orders();
    bench.started(link, &first);
    bench.pass(1000);
    bench.ended(link, &first, exited(0));
    bench.queued("two", Priority::Normal);
    assert_eq!(starts(&bench.orders()), 0);
    let hold = bench.core.hold_of(&agent("a")).unwrap();
    assert_eq!(&*hold.text, "this agent has started its 1 commands of this hour");
    let until = hold.until.unwrap();
    let due = bench.core.next_due().unwrap();
    assert_eq!(due.0 - bench.now.steady.0, until.0 - bench.now.wall.0);
    bench.pass(due.0 - bench.now.steady.0);
    bench.commit();
    assert_eq!(starts(&bench.orders()), 1);
}

#[test]
fn a_budget_that_refuses_says_when_there_is_room_again() {
    let mut bench = Bench::new();
    let link = bench.link("a", 9).link;
    let time_per_hour = Some(Duration::from_secs(60));
    let budget = Budget { commands_per_hour: None, time_per_hour, excess: Excess::Refuse };
    bench.done(Ask::SetBudget { agent: agent("a"), budget: Some(budget) });
    let first = bench.queued("one", Priority::Normal);
    bench.started(link, &first);
    bench.pass(61_000);
    let refused = bench.enqueue("two", Priority::Normal);
    assert!(matches!(refused, Asked::Answered(Err(CoreError::OverBudget { .. }))), "{refused:?}");
    bench.ended(link, &first, exited(0));
    bench.done(Ask::SetBudget { agent: agent("a"), budget: None });
    assert_eq!(bench.enqueue("two", Priority::Normal), Asked::AfterCommit);
}

#[test]
fn a_restart_is_answered_by_the_next_life() {
    let mut bench = Bench::new();
    bench.link("a", 9);
    assert_eq!(bench.control(Ask::Restart(agent("a"))), Asked::AfterCommit);
    assert_eq!(bench.orders(), [Order::Restart]);
    bench.link("a", 10);
    assert_eq!(bench.told(), [], "it is the same life");
    let Request::Agents(agents::Request::Link(mut hello)) = hello("a") else { unreachable!() };
    hello.incarnation = IncarnationId::new("life-2").unwrap();
    let request = Request::Agents(agents::Request::Link(hello));
    bench.core.ask(&agent_caller("a", 4), request, bench.now);
    assert!(bench.told().contains(&Ok(Reply::Done)));
    assert_eq!(bench.control(Ask::Restart(agent("a"))), Asked::AfterCommit);
    bench.pass(30_000);
    assert!(bench.told().contains(&Err(CoreError::CallTimedOut(agent("a")))));
}

#[test]
fn a_message_goes_to_whom_it_can_only_be_meant_for() {
    let mut bench = Bench::new();
    let link = bench.link("a", 9).link;
    let message = |worker: Option<&StreamKey>| {
        let worker = worker.map(|stream| stream.worker().unwrap().clone());
        Ask::Message(Message { agent: agent("a"), session: None, worker, text: "go $(on)".into() })
    };
    let refused = bench.control(message(None));
    assert_eq!(refused, Asked::Answered(Err(CoreError::NobodyListens(agent("a")))));
    let shell = bench.running(link, WorkerKind::Terminal);
    assert_eq!(bench.control(message(None)), Asked::AfterCommit);
    let claude = bench.running(link, cli_agent());
    bench.orders();
    assert_eq!(bench.control(message(None)), Asked::AfterCommit);
    let orders = bench.orders();
    let [Order::Call { what, .. }] = &orders[..] else { panic!("{orders:?}") };
    let expected = crate::calls::Call::Message { stream: claude.clone(), text: "go $(on)".into() };
    assert_eq!(**what, expected);
    bench.running(link, cli_agent());
    let refused = bench.control(message(None));
    assert!(matches!(refused, Asked::Answered(Err(CoreError::Invalid(_)))), "{refused:?}");
    assert_eq!(bench.control(message(Some(&shell))), Asked::AfterCommit);
}

#[test]
fn viewers_control_nothing_and_budgets_are_for_admins() {
    let mut bench = Bench::new();
    bench.link("a", 9);
    let all = [
        Ask::Pause(agent("a")),
        Ask::Resume(agent("a")),
        Ask::Stop(agent("a")),
        Ask::EmergencyStop { reason: None },
        Ask::Restart(agent("a")),
    ];
    for ask in all {
        let refused = bench.control_as(Role::Viewer, ask);
        assert!(matches!(refused, Asked::Answered(Err(CoreError::Forbidden(_)))), "{refused:?}");
    }
    let budget = Ask::SetBudget { agent: agent("a"), budget: None };
    let refused = bench.control_as(Role::Operator, budget);
    assert!(matches!(refused, Asked::Answered(Err(CoreError::Forbidden(_)))), "{refused:?}");
    assert_eq!(
        bench.control(Ask::Stop(agent("nobody"))),
        Asked::Answered(Err(CoreError::AgentNotFound(agent("nobody"))))
    );
}

#[test]
fn a_stop_is_not_confirmed_while_a_worker_that_was_taken_away_may_still_be_there() {
    let mut bench = Bench::new();
    let link = bench.link("a", 9).link;
    let stream = bench.running(link, WorkerKind::Terminal);
    let session = bench.core.sessions.of_agent(&agent("a")).next().unwrap().id.clone();
    let worker = stream.worker().unwrap().clone();
    let request = Request::Sessions(sessions::Request::RemoveWorker { session, worker });
    assert_eq!(bench.core.ask(&person(Role::Operator), request, bench.now), Asked::AfterCommit);
    bench.commit();
    bench.told();
    assert_eq!(bench.control(Ask::Stop(agent("a"))), Asked::AfterCommit);
    bench.commit();
    assert_eq!(bench.told(), [], "the agent ends it politely first, and says no more about it");
    let due = bench.core.next_due().unwrap();
    bench.pass(due.0 - bench.now.steady.0);
    bench.commit();
    let result = StopResult::Stopped { commands: 0, workers: 0 };
    let outcome = StopOutcome { agent: agent("a"), result };
    assert_eq!(bench.told(), [Ok(Reply::Stopped([outcome].into()))]);
}

#[test]
fn a_life_that_somebody_asked_for_is_no_crash() {
    let mut bench = Bench::new();
    bench.link("a", 9);
    for life in 0..10 {
        assert_eq!(bench.control(Ask::Restart(agent("a"))), Asked::AfterCommit);
        let Request::Agents(agents::Request::Link(mut hello)) = hello("a") else { unreachable!() };
        hello.incarnation = IncarnationId::new(&format!("asked-{life}")).unwrap();
        let request = Request::Agents(agents::Request::Link(hello));
        bench.core.ask(&agent_caller("a", 20 + life), request, bench.now);
        bench.commit();
        assert_eq!(bench.core.trouble_of(&agent("a")), None, "after {life} restarts");
    }
}
