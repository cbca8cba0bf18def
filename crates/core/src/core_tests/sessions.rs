//! Sessions, their workers, and what agents are asked.

use super::*;
use crate::{
    calls::{self, Call, Found, PathKind, Stat},
    fanout::TopicKey,
    ids::{SessionId, WorkerId},
    sessions::{
        Activity, AddWorker, AddedWorker, Create, Exit, HeldWorker, Kind, Launch, Request as Ask,
        Size, Touch, WorkerKind,
    },
};

fn terminal() -> AddedWorker {
    let (kind, launch) = (WorkerKind::Terminal, Launch::default());
    AddedWorker { kind, name: None, launch, size: Size::default() }
}

fn create(agent: &str) -> Create {
    Create {
        agent: agent.parse().unwrap(),
        kind: Kind::Quick,
        path: "/home/ann".into(),
        title: None,
        initial_prompt: None,
        worker: Some(terminal()),
    }
}

fn exit(bench: &Bench, code: i32) -> Exit {
    Exit { code, signal: None, reason: None, at: bench.now.wall }
}

impl Bench {
    fn sessions(&mut self, ask: Ask) -> Asked {
        self.core.ask(&person(Role::Operator), Request::Sessions(ask), self.now)
    }

    /// The answers that connection 1 got since this was last asked; orders to agents go elsewhere.
    fn answers(&mut self) -> (Vec<Result<Reply, CoreError>>, Vec<Order>) {
        let (mut answers, mut orders) = (Vec::new(), Vec::new());
        for (_, delivery) in self.core.take_deliveries() {
            match delivery {
                Delivery::Answer(answer) => answers.push(answer),
                Delivery::Notice(Notice::Order(order)) => orders.push(order),
                Delivery::Notice(other) => panic!("{other:?}"),
            }
        }
        (answers, orders)
    }

    /// A session with one terminal that was sent to its agent.
    pub(super) fn session(&mut self) -> (SessionId, WorkerId, StreamKey) {
        assert_eq!(self.sessions(Ask::Create(create("a"))), Asked::AfterCommit);
        self.commit();
        let (answers, orders) = self.answers();
        let [Ok(Reply::SessionMade(id))] = &answers[..] else { panic!("{answers:?}") };
        let [Order::Spawn(order)] = &orders[..] else { panic!("{orders:?}") };
        let worker = order.stream.worker().unwrap().clone();
        (id.clone(), worker, order.stream.clone())
    }

    fn printed(&mut self, link: LinkId, stream: &StreamKey, at: (u64, u64), text: &'static str) {
        let record = Record {
            stream: stream.clone(),
            channel: Channel::Terminal,
            position: at.0,
            sequence: at.1,
            bytes: Bytes::from_static(text.as_bytes()),
        };
        self.core.report(link, Report::Output(record), self.now);
    }
}

#[test]
fn a_session_is_told_and_its_worker_started_only_when_it_is_stored() {
    let mut bench = Bench::new();
    let link = bench.link("a", 9).link;
    bench.commit();
    bench.answers();
    bench.seen();
    assert_eq!(bench.sessions(Ask::Create(create("a"))), Asked::AfterCommit);
    let (answers, orders) = bench.answers();
    assert!(answers.is_empty() && orders.is_empty());
    assert_eq!(bench.seen(), Vec::<String>::new());
    bench.commit();
    let (answers, orders) = bench.answers();
    assert!(matches!(&answers[..], [Ok(Reply::SessionMade(_))]), "{answers:?}");
    let [Order::Spawn(order)] = &orders[..] else { panic!("{orders:?}") };
    assert_eq!((&*order.directory, order.stream.epoch), ("/home/ann", 1));
    assert_eq!(bench.seen(), ["created with 1 workers"]);
    bench.core.report(link, Report::WorkerStarted { stream: order.stream.clone() }, bench.now);
    bench.commit();
    assert_eq!(bench.seen(), ["updated running"]);
}

#[test]
fn what_cannot_be_is_refused_and_audited() {
    let mut bench = Bench::new();
    let nobody = "nobody".parse().unwrap();
    let unknown = bench.sessions(Ask::Create(create("nobody")));
    assert_eq!(unknown, Asked::Answered(Err(CoreError::AgentNotFound(nobody))));
    let link = bench.link("a", 9).link;
    bench.core.report(link, Report::Lost, bench.now);
    let away = bench.sessions(Ask::Create(create("a")));
    assert_eq!(away, Asked::Answered(Err(CoreError::AgentOffline("a".parse().unwrap()))));
    let viewer = person(Role::Viewer);
    let denied = bench.core.ask(&viewer, Request::Sessions(Ask::Create(create("a"))), bench.now);
    assert!(matches!(denied, Asked::Answered(Err(CoreError::Forbidden(_)))), "{denied:?}");
    let missing: SessionId = "ses-1".parse().unwrap();
    let gone = bench.sessions(Ask::Delete(missing.clone()));
    assert_eq!(gone, Asked::Answered(Err(CoreError::SessionNotFound(missing))));
    bench.commit();
    let refusals = bench
        .stored
        .iter()
        .filter(|write| matches!(write, Write::Audit(record) if record.refusal.is_some()));
    assert_eq!(refusals.count(), 4);
}

#[test]
fn output_goes_to_those_who_watch_the_worker_and_the_exit_after_it() {
    let mut bench = Bench::new();
    let link = bench.link("a", 9).link;
    let (session, worker, stream) = bench.session();
    bench.core.report(link, Report::WorkerStarted { stream: stream.clone() }, bench.now);
    bench.printed(link, &stream, (0, 1), "before");
    bench.commit();
    bench.seen();
    let key = TopicKey::Worker(worker.clone());
    let framing: &dyn Fn() -> Box<dyn crate::fanout::Framing> = &|| Box::new(NoFraming);
    let watched = bench.core.topics().watch(&key, &Plain, (0, framing), bench.now.wall);
    assert_eq!(bench.core.look_at(&session, &worker).unwrap().position, 6);
    bench.printed(link, &stream, (6, 2), "after");
    let ended = Report::WorkerEnded { stream: stream.clone(), exit: exit(&bench, 3) };
    bench.core.report(link, ended, bench.now);
    // The exit is state, and waits until it is stored.
    bench.commit();
    let told = bench.core.topics().read(&key, watched.shape, watched.cursor, bench.now.wall);
    let Progress::Events(batch) = told else { panic!("{told:?}") };
    assert_eq!(batch.slices.concat(), b"output after\nexit in life 1\n");
    assert_eq!(bench.seen(), ["updated 3", "exit in life 1"]);
    let (_, orders) = bench.answers();
    assert!(orders.contains(&Order::ForgetWorker(stream)), "{orders:?}");
}

#[test]
fn a_restarted_worker_begins_a_new_log_and_late_reports_of_the_old_life_change_nothing() {
    let mut bench = Bench::new();
    let link = bench.link("a", 9).link;
    let (session, worker, old) = bench.session();
    bench.core.report(link, Report::WorkerStarted { stream: old.clone() }, bench.now);
    bench.printed(link, &old, (0, 1), "old");
    bench.commit();
    bench.answers();
    bench.seen();
    let restart =
        Ask::RestartWorker { session: session.clone(), worker: worker.clone(), launch: None };
    assert_eq!(bench.sessions(restart), Asked::AfterCommit);
    bench.commit();
    let (answers, orders) = bench.answers();
    assert_eq!(answers, [Ok(Reply::Done)]);
    let spawned = orders.iter().find_map(|order| match order {
        Order::Spawn(order) => Some(order.stream.clone()),
        _ => None,
    });
    assert_eq!(spawned.unwrap().epoch, 2);
    assert!(orders.contains(&Order::ForgetWorker(old.clone())));
    bench.seen();
    bench.printed(link, &old, (3, 2), "late");
    let ended = Report::WorkerEnded { stream: old, exit: exit(&bench, 1) };
    bench.core.report(link, ended, bench.now);
    bench.commit();
    assert_eq!(bench.seen(), Vec::<String>::new());
    assert_eq!(bench.core.look_at(&session, &worker).unwrap().position, 0);
}

#[test]
fn an_agent_that_returns_keeps_its_terminals_and_one_that_was_restarted_lost_them() {
    let mut bench = Bench::new();
    let link = bench.link("a", 9).link;
    let (_, _, stream) = bench.session();
    bench.core.report(link, Report::WorkerStarted { stream: stream.clone() }, bench.now);
    bench.commit();
    bench.core.report(link, Report::Lost, bench.now);
    // However long it stays away: nothing is taken for lost that may still be there.
    bench.pass(3_600_000);
    bench.commit();
    bench.seen();
    let held = HeldWorker {
        stream: stream.clone(),
        started_at: bench.now.wall,
        next_position: 0,
        ended: None,
        activity: Activity::Unknown,
        size: Size::default(),
    };
    let Request::Agents(agents::Request::Link(mut returned)) = hello("a") else { unreachable!() };
    returned.workers = vec![held];
    let request = Request::Agents(agents::Request::Link(returned));
    let asked = bench.core.ask(&agent_caller("a", 10), request, bench.now);
    let Asked::Answered(Ok(Reply::Linked(linked))) = asked else { panic!("{asked:?}") };
    assert_eq!(linked.resume[0].stream, stream);
    assert!(linked.forget_workers.is_empty());
    bench.commit();
    assert!(bench.seen().contains(&"updated running".to_owned()));
    // Another life of the agent knows nothing of it.
    bench.link("a", 11);
    bench.commit();
    let seen = bench.seen();
    assert!(seen.contains(&"updated 1".to_owned()), "{seen:?}");
}

#[test]
fn who_asks_something_waits_for_a_person_until_it_goes_on() {
    let mut bench = Bench::new();
    let link = bench.link("a", 9).link;
    let (_, _, stream) = bench.session();
    bench.core.report(link, Report::WorkerStarted { stream: stream.clone() }, bench.now);
    bench.commit();
    bench.seen();
    let mut does = |activity| {
        let question = Some("Do you want to proceed?".into());
        let report = Report::Activity { stream: stream.clone(), activity, question };
        bench.core.report(link, report, bench.now);
        bench.seen()
    };
    assert_eq!(does(Activity::Asking), ["worker asking", "raised WorkerAsks"]);
    assert_eq!(does(Activity::Asking), Vec::<String>::new());
    assert_eq!(does(Activity::Active), ["worker active", "cleared"]);
}

#[test]
fn a_viewer_types_nothing_and_an_operator_does() {
    let mut bench = Bench::new();
    bench.link("a", 9);
    let (_, worker, stream) = bench.session();
    let touch = || Touch::Input("ls\r".into());
    bench.core.touch(&person(Role::Viewer), &worker, touch());
    let told = bench.core.take_deliveries();
    assert!(matches!(
        &told[..],
        [(_, Delivery::Notice(Notice::NotTouched(CoreError::Forbidden(_))))]
    ));
    bench.core.touch(&person(Role::Viewer), &worker, Touch::Resize(Size::default()));
    assert_eq!(bench.answers().1, []);
    bench.core.touch(&person(Role::Operator), &worker, touch());
    let viewer = "viewer-1".into();
    assert_eq!(bench.answers().1, [Order::Input { stream, viewer, text: "ls\r".into() }]);
}

#[test]
fn a_call_is_answered_refused_or_given_up() {
    let mut bench = Bench::new();
    let link = bench.link("a", 9).link;
    bench.commit();
    bench.answers();
    let call = |bench: &mut Bench| {
        let call = Call::Stat { path: "/tmp".into() };
        let agent = "a".parse().unwrap();
        let request = calls::Request { agent, call, within: Duration::from_secs(5) };
        bench.core.ask(&person(Role::Operator), Request::Call(request), bench.now)
    };
    assert_eq!(call(&mut bench), Asked::AfterCommit);
    let (_, orders) = bench.answers();
    let [Order::Call { call: number, .. }] = orders[..] else { panic!("{orders:?}") };
    let found = Found::Stat(Stat { kind: PathKind::Directory, real_path: "/tmp".into() });
    let report = Report::Called { call: number, answer: Ok(found.clone()) };
    bench.core.report(link, report.clone(), bench.now);
    bench.core.report(link, report, bench.now);
    assert_eq!(bench.answers().0, [Ok(Reply::Called(found))]);
    bench.pass(250);
    call(&mut bench);
    assert_eq!(bench.core.next_due(), Some(bench.now.steady + Duration::from_secs(5)));
    bench.pass(5_000);
    let agent: AgentId = "a".parse().unwrap();
    assert_eq!(bench.answers().0, [Err(CoreError::CallTimedOut(agent.clone()))]);
    call(&mut bench);
    bench.core.report(link, Report::Lost, bench.now);
    assert_eq!(bench.answers().0, [Err(CoreError::AgentOffline(agent))]);
}

#[test]
fn a_session_is_stopped_when_none_of_its_processes_lives() {
    let mut bench = Bench::new();
    let link = bench.link("a", 9).link;
    let (session, _, first) = bench.session();
    let add = AddWorker { session: session.clone(), worker: terminal() };
    bench.sessions(Ask::AddWorker(add));
    bench.commit();
    let (_, orders) = bench.answers();
    let [Order::Spawn(second)] = &orders[..] else { panic!("{orders:?}") };
    let second = second.stream.clone();
    assert_eq!(bench.sessions(Ask::Stop(session.clone())), Asked::AfterCommit);
    assert_eq!(bench.answers().1.len(), 2);
    for stream in [first, second] {
        assert_eq!(bench.answers().0, []);
        let exit = exit(&bench, 129);
        bench.core.report(link, Report::WorkerEnded { stream, exit }, bench.now);
    }
    assert_eq!(bench.answers().0, [], "viewers do not know it yet");
    assert_eq!(bench.sessions(Ask::Stop(session.clone())), Asked::AfterCommit);
    bench.commit();
    assert_eq!(bench.answers().0, [Ok(Reply::Done), Ok(Reply::Done)]);
    assert_eq!(bench.sessions(Ask::Stop(session.clone())), Asked::Answered(Ok(Reply::Done)));
    bench.sessions(Ask::Delete(session));
    bench.commit();
    let seen = bench.seen();
    assert_eq!(seen[seen.len() - 3..], ["removed", "removed", "deleted"]);
}

#[test]
fn a_server_that_starts_again_knows_its_sessions_and_goes_on_with_their_logs() {
    let mut bench = Bench::new();
    let link = bench.link("a", 9).link;
    let (id, worker, stream) = bench.session();
    bench.core.report(link, Report::WorkerStarted { stream: stream.clone() }, bench.now);
    bench.printed(link, &stream, (0, 1), "12345");
    bench.commit();
    let stored = bench.stored.iter().rev().find_map(|write| match write {
        Write::Session(session) => Some(session.as_ref().clone()),
        _ => None,
    });
    let agents = vec![bench.core.fleet().view().agents()[0].as_ref().clone()];
    let extent = crate::streams::StoredExtent {
        stream: stream.clone(),
        first_position: 0,
        next_position: 5,
        next_sequence: 2,
    };
    let mut next = Bench::new();
    let stored = crate::ports::Stored {
        agents,
        sessions: stored.into_iter().collect(),
        extents: vec![extent],
        ..Default::default()
    };
    next.core.restore(stored, next.now);
    assert!(next.seen().contains(&"updated running inactive".to_owned()));
    assert_eq!(next.core.look_at(&id, &worker).unwrap().position, 5);
}

#[test]
fn whoever_went_away_is_not_answered_and_leaves_nothing_behind() {
    let mut bench = Bench::new();
    let link = bench.link("a", 9).link;
    let (session, _, stream) = bench.session();
    assert_eq!(bench.sessions(Ask::Stop(session)), Asked::AfterCommit);
    let call = Call::Stat { path: "/tmp".into() };
    let request =
        calls::Request { agent: "a".parse().unwrap(), call, within: Duration::from_secs(5) };
    bench.core.ask(&person(Role::Operator), Request::Call(request), bench.now);
    bench.answers();
    bench.core.forget(person(Role::Operator).connection);
    let exit = exit(&bench, 129);
    bench.core.report(link, Report::WorkerEnded { stream, exit }, bench.now);
    bench.pass(250);
    bench.pass(5_000);
    assert_eq!(bench.answers().0, []);
    assert!(bench.core.stopping.is_empty());
}

#[test]
fn a_viewer_reads_what_git_knows_and_asks_agents_nothing_else() {
    let mut bench = Bench::new();
    bench.link("a", 9);
    let mut may = |line: &str| {
        let arguments = line.split(' ').map(Into::into).collect();
        let call = Call::Git { directory: "/r".into(), arguments };
        let agent = "a".parse().unwrap();
        let request = calls::Request { agent, call, within: Duration::from_secs(5) };
        bench.core.ask(&person(Role::Viewer), Request::Call(request), bench.now)
            == Asked::AfterCommit
    };
    for reading in ["for-each-ref refs/heads", "rev-parse HEAD", "worktree list --porcelain"] {
        assert!(may(reading), "{reading}");
    }
    for changing in ["worktree add /x", "worktree", "branch -m x", "", "-c x=y rev-parse"] {
        assert!(!may(changing), "{changing}");
    }
}

#[test]
fn whoever_is_in_front_of_a_terminal_learns_that_it_is_another_one_or_gone() {
    let mut bench = Bench::new();
    let link = bench.link("a", 9).link;
    let (session, worker, _) = bench.session();
    let attach = Ask::Attach { session: session.clone(), worker: worker.clone() };
    let notices = |bench: &mut Bench, ask: Ask| {
        bench.sessions(ask);
        bench.commit();
        let told =
            bench.core.take_deliveries().into_iter().filter_map(|(_, delivery)| match delivery {
                Delivery::Notice(Notice::Order(_)) | Delivery::Answer(_) => None,
                Delivery::Notice(notice) => Some(notice),
            });
        told.collect::<Vec<_>>()
    };
    assert_eq!(notices(&mut bench, attach.clone()), []);
    let (of, which) = (session.clone(), worker.clone());
    let restart = Ask::RestartWorker { session: of, worker: which, launch: None };
    assert_eq!(notices(&mut bench, restart), [Notice::WorkerRestarted]);

    bench.core.report(link, Report::Lost, bench.now);
    bench.core.touch(&person(Role::Operator), &worker, Touch::Resize(Size::default()));
    bench.core.touch(&person(Role::Operator), &worker, Touch::Input("ls".into()));
    let refused = CoreError::AgentOffline("a".parse().unwrap());
    assert_eq!(
        bench.core.take_deliveries().pop().map(|(_, delivery)| delivery),
        Some(Delivery::Notice(Notice::NotTouched(refused)))
    );
    assert_eq!(
        notices(&mut bench, Ask::Delete(session)),
        [Notice::WorkerGone { session_is_gone: true }]
    );
}

#[test]
fn an_end_that_is_not_stored_is_not_told_to_who_attaches_either() {
    let mut bench = Bench::new();
    let link = bench.link("a", 9).link;
    let (session, worker, stream) = bench.session();
    let exit = exit(&bench, 0);
    bench.core.report(link, Report::WorkerEnded { stream, exit }, bench.now);
    let state = |bench: &Bench| bench.core.look_at(&session, &worker).unwrap().worker.state.clone();
    assert_eq!(state(&bench), crate::sessions::WorkerState::Starting);
    bench.commit();
    assert!(matches!(state(&bench), crate::sessions::WorkerState::Ended(_)));
}
