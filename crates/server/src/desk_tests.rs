//! Who waits at the desk is answered, given up, or forgotten.

use std::{sync::Arc, task::Poll};

use pilothouse_core::{
    Core, Role, Scope, Settings, access,
    agents::{self, Hello, Profile},
    calls::{self, Call, Found, PathKind, Stat},
    ids::AgentId,
};

use super::*;
use crate::clock::Clock;

fn caller(scope: Scope) -> Caller {
    Caller {
        user: "ann".into(),
        name: "ann".into(),
        scope,
        connection: ConnectionId(0),
        address: "127.0.0.1".into(),
        program: "".into(),
        expires_at: None,
    }
}

fn operator() -> Caller {
    caller(Scope::Person(Role::Operator))
}

/// A hub with the agent `a`, and the name of its link.
fn hub() -> (Hub, pilothouse_core::ids::LinkId) {
    let hub = Hub::new(Core::new(Settings::default(), 1), Clock::start(), 1);
    let agent: AgentId = "a".parse().unwrap();
    let empty: Arc<str> = "".into();
    let profile = Profile {
        name: "a".into(),
        agent_type: "shell".into(),
        version: empty.clone(),
        platform: empty.clone(),
        host: empty,
        capabilities: Arc::new([]),
    };
    let hello = Hello {
        agent: agent.clone(),
        incarnation: "i".parse().unwrap(),
        key: None,
        is_witness: false,
        profile,
        commands: Vec::new(),
        workers: Vec::new(),
        browsers: Vec::new(),
        runs: None,
    };
    let link = Request::Agents(agents::Request::Link(hello));
    let caller = Caller { connection: hub.next_connection(0), ..caller(Scope::Agent(agent)) };
    let asked = hub.with(|core, now| core.ask(&caller, link, now));
    let Asked::Answered(Ok(Reply::Linked(linked))) = asked else { panic!("{asked:?}") };
    (hub, linked.link)
}

fn stat() -> Request {
    let call = Call::Stat { path: "/tmp".into() };
    let agent = "a".parse().unwrap();
    Request::Call(calls::Request { agent, call, within: Duration::from_secs(60) })
}

#[tokio::test]
async fn an_answer_that_comes_later_reaches_whoever_asked() {
    let (hub, link) = hub();
    let found = Found::Stat(Stat { kind: PathKind::Directory, real_path: "/tmp".into() });
    let caller = operator();
    let ask = hub.ask(&caller, stat(), WITHIN);
    let answer = async {
        let answer = Ok(found.clone());
        let report = agents::Report::Called { call: 1, answer };
        hub.with(|core, now| core.report(link, report, now));
    };
    let (answer, ()) = tokio::join!(ask, answer);
    assert_eq!(answer, Ok(Reply::Called(found)));
    assert_eq!(hub.desk.waiting(), 0);
}

#[tokio::test]
async fn refusals_and_answers_at_once_do_not_wait() {
    let (hub, _) = hub();
    let refused = hub.ask(&caller(Scope::Person(Role::Viewer)), stat(), WITHIN).await;
    assert!(matches!(refused, Err(NoAnswer::Refused(CoreError::Forbidden(_)))), "{refused:?}");
    let request = Request::Access(access::Request::EndSockets { user: "x".into() });
    let done = hub.ask(&caller(Scope::Person(Role::Admin)), request, WITHIN).await;
    assert_eq!(done, Ok(Reply::Done));
    assert_eq!(hub.desk.waiting(), 0);
}

#[tokio::test]
async fn who_waits_too_long_or_goes_away_leaves_nothing_behind() {
    let (hub, _) = hub();
    let due = hub.look(|core, _| core.next_due());
    let late = hub.ask(&operator(), stat(), Duration::from_millis(1)).await;
    assert_eq!(late, Err(NoAnswer::TooLate));
    {
        let caller = operator();
        let mut ask = std::pin::pin!(hub.ask(&caller, stat(), WITHIN));
        let polled = std::future::poll_fn(|context| Poll::Ready(ask.as_mut().poll(context))).await;
        assert!(polled.is_pending());
        assert_eq!(hub.desk.waiting(), 1);
    }
    assert_eq!(hub.desk.waiting(), 0);
    assert_eq!(hub.look(|core, _| core.next_due()), due);
}

#[test]
fn the_desk_has_so_many_places_and_no_more() {
    let (hub, _) = hub();
    let _entered: Vec<_> =
        (0..MOST_WAITING).map(|_| hub.desk.enter(hub.desk_connection()).unwrap()).collect();
    assert!(matches!(hub.desk.enter(hub.desk_connection()), Err(NoAnswer::Crowded)));
}
