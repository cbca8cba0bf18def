//! Who may bring the pictures of a session, and what is asked about recordings.

use std::time::Duration;

use super::*;
use crate::{
    ids::{RecordingId, SessionId},
    pictures::{NotProducer, Request as Ask},
};

fn with(scope: Scope) -> Caller {
    Caller { scope, ..person(Role::Viewer) }
}

#[test]
fn pictures_are_brought_by_operators_the_sessions_agent_and_its_tokens() {
    let mut bench = Bench::new();
    bench.link("a", 9);
    bench.commit();
    bench.core.take_deliveries();
    let (session, ..) = bench.session();
    let other = SessionId::new("other").unwrap();
    let (a, b): (AgentId, AgentId) = ("a".parse().unwrap(), "b".parse().unwrap());
    let key = |agent| Scope::Keyed { key: "k".parse().unwrap(), agent };
    let of = |session: &SessionId| Scope::Session { session: session.clone(), agent: b.clone() };
    let (purpose, foreign) = (Err(NotProducer::Purpose), Err(NotProducer::Session));
    for (scope, own, others) in [
        (Scope::Person(Role::Admin), Ok(()), Ok(())),
        (Scope::Person(Role::Operator), Ok(()), Ok(())),
        (Scope::Person(Role::Viewer), purpose, purpose),
        (Scope::View(session.clone()), purpose, purpose),
        (Scope::Nobody, purpose, purpose),
        (of(&session), Ok(()), foreign),
        (of(&other), foreign, Ok(())),
        (Scope::Agent(a.clone()), Ok(()), foreign),
        (Scope::Enrolled(a.clone()), Ok(()), foreign),
        (key(Some(a)), Ok(()), foreign),
        (Scope::Enrolled(b.clone()), foreign, foreign),
        (key(Some(b.clone())), foreign, foreign),
        (key(None), foreign, foreign),
    ] {
        let caller = with(scope);
        assert_eq!(bench.core.may_produce(&caller, &session), own, "{:?}", caller.scope);
        assert_eq!(bench.core.may_produce(&caller, &other), others, "{:?}", caller.scope);
    }
}

#[test]
fn recordings_take_an_operator_and_a_session_and_leave_records() {
    let mut bench = Bench::new();
    bench.link("a", 9);
    bench.commit();
    bench.core.take_deliveries();
    let (session, ..) = bench.session();
    let unknown = SessionId::new("unknown").unwrap();
    let recording = RecordingId::new("rec-1").unwrap();
    let lifetime = Duration::from_secs(60);
    let asks = |session: &SessionId, is_known: bool| {
        let (session, recording) = (session.clone(), recording.clone());
        [
            Ask::Record { session: session.clone(), is_recorded: false },
            Ask::MakeViewerToken { session: session.clone(), lifetime },
            Ask::StopRecording { session: session.clone(), recording: recording.clone(), is_known },
            Ask::DeleteRecording { session, recording, is_known },
        ]
    };
    let mut ask =
        |role, request| bench.core.ask(&person(role), Request::Pictures(request), bench.now);
    for request in asks(&session, true) {
        let refused = ask(Role::Viewer, request.clone());
        assert!(matches!(refused, Asked::Answered(Err(CoreError::Forbidden(_)))), "{refused:?}");
        assert_eq!(ask(Role::Operator, request), Asked::Answered(Ok(Reply::Done)));
    }
    let again = Ask::Record { session, is_recorded: true };
    let refused = ask(Role::Operator, again);
    assert!(matches!(refused, Asked::Answered(Err(CoreError::LimitReached(_)))), "{refused:?}");
    let [record, token, stop, delete] = asks(&unknown, true);
    for request in [record, token] {
        let missing = CoreError::SessionNotFound(unknown.clone());
        assert_eq!(ask(Role::Operator, request), Asked::Answered(Err(missing)));
    }
    // What was recorded outlives its session.
    for request in [stop, delete] {
        assert_eq!(ask(Role::Operator, request), Asked::Answered(Ok(Reply::Done)));
    }
    let [_, _, stop, delete] = asks(&unknown, false);
    for request in [stop, delete] {
        let missing = CoreError::RecordingNotFound(recording.clone());
        assert_eq!(ask(Role::Operator, request), Asked::Answered(Err(missing)));
    }
    bench.commit();
    let actions = bench.stored.iter().filter_map(|write| match write {
        Write::Audit(record) => Some(&*record.action),
        _ => None,
    });
    let of_ours = actions.filter(|action| action.contains("recording") || action.contains("token"));
    assert_eq!(of_ours.count(), 4 * 2 + 1 + 4 + 2);
}
