//! Whether pictures flow: told once it is stored, bounded, and never true when nobody sends any.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;
use crate::{
    ids::SessionId,
    ports::Stored,
    readiness::Flow,
    sessions::{Kind, Request as Ask, Session},
};

const OPEN_STREAMS: usize = 3;

fn bench() -> Bench {
    Bench::with(Settings { open_streams: OPEN_STREAMS, ..Settings::default() })
}

fn id(name: &str) -> SessionId {
    name.parse().unwrap()
}

fn session(name: &str) -> Session {
    Session {
        id: id(name),
        agent: "a".parse().unwrap(),
        kind: Kind::Quick,
        path: "/srv".into(),
        title: None,
        initial_prompt: None,
        created_at: Timestamp(1),
        is_active: false,
        workers: Arc::new([]),
    }
}

impl Bench {
    fn began(&mut self, stream: &str) {
        self.core.stream_began(&id(stream), self.now);
    }

    fn ceased(&mut self, stream: &str) {
        self.core.stream_ended(&id(stream), self.now);
    }

    /// How a stream stands as viewers were told.
    fn standing(&mut self, stream: &str) -> Option<&'static str> {
        self.core.fleet().view().readiness(&id(stream)).map(|known| known.status())
    }

    /// What a copy of this life's changes has, by the streams' names.
    fn news(&mut self) -> Vec<String> {
        let view = self.core.fleet().view();
        let news = view.readiness_since(0);
        news.map(|one| format!("{} {}", one.stream, one.status())).collect()
    }

    fn is_live(&self, stream: &SessionId) -> bool {
        self.core.readiness.get(stream).is_some_and(|known| known.is_live())
    }

    /// The next life of the server, with what this one stored, and two sessions.
    fn restarted(&self, gone: &[SessionId]) -> Bench {
        let mut rows = BTreeMap::new();
        for write in &self.stored {
            match write {
                Write::Readiness(row) => drop(rows.insert(row.stream.clone(), (**row).clone())),
                Write::ReadinessGone(stream) => drop(rows.remove(stream)),
                _ => {}
            }
        }
        let mut next = bench();
        next.now = self.now;
        let sessions = ["s-1", "s-2"].map(session).into_iter();
        let sessions = sessions.filter(|session| !gone.contains(&session.id)).collect();
        let readiness = rows.into_values().collect();
        let stored = Stored { sessions, readiness, ..Stored::default() };
        next.core.restore(stored, next.now);
        next.commit();
        // What was stored before counts for the life after next.
        next.stored.splice(0..0, self.stored.iter().cloned());
        next
    }
}

#[test]
fn pictures_begin_and_cease_and_viewers_learn_it_once_it_is_stored() {
    let mut bench = bench();
    bench.began("s");
    assert_eq!((bench.seen(), bench.standing("s")), (vec![], None), "not before it is stored");
    bench.commit();
    assert_eq!(bench.seen(), ["s active"]);
    bench.pass(1000);
    bench.began("s");
    bench.commit();
    assert_eq!(bench.seen(), [""; 0], "said again, it is nothing new");
    let known = bench.core.fleet().view().readiness(&id("s")).unwrap().clone();
    assert_eq!((known.is_live(), known.since()), (true, Timestamp(1_000_000)));
    bench.ceased("s");
    bench.ceased("s");
    bench.ceased("never");
    bench.commit();
    assert_eq!(bench.seen(), ["s ended"]);
    let known = bench.core.fleet().view().readiness(&id("s")).unwrap().clone();
    let flow = Flow::Ended { since: Timestamp(1_000_000), at: Timestamp(1_001_000) };
    assert_eq!((known.is_live(), known.flow), (false, flow));
    bench.began("s");
    bench.commit();
    assert_eq!(bench.seen(), ["s active"]);
}

#[test]
fn of_streams_without_a_session_only_the_newest_are_kept_in_mind_and_no_live_one_gives_way() {
    let mut bench = bench();
    for stream in ["a", "b", "c"] {
        bench.began(stream);
    }
    bench.began("d");
    bench.commit();
    assert_eq!(bench.seen(), ["a active", "b active", "c active"], "there is no room");
    bench.ceased("c");
    bench.ceased("a");
    bench.began("d");
    bench.commit();
    assert_eq!(bench.seen(), ["c ended", "a ended", "no c", "d active"]);
    assert_eq!(bench.standing("a"), Some("ended"));
}

#[test]
fn streams_of_sessions_need_no_room_and_go_with_their_sessions() {
    let mut bench = bench().restarted(&[]);
    for stream in ["a", "b", "c", "s-1", "s-2"] {
        bench.began(stream);
    }
    bench.ceased("s-1");
    bench.commit();
    assert_eq!((bench.standing("s-1"), bench.standing("s-2")), (Some("ended"), Some("active")));
    for session in ["s-1", "s-2"] {
        let ask = Request::Sessions(Ask::Delete(id(session)));
        assert_eq!(bench.core.ask(&person(Role::Operator), ask, bench.now), Asked::AfterCommit);
    }
    bench.commit();
    assert_eq!(bench.standing("s-1"), None);
    assert_eq!(bench.standing("s-2"), Some("active"), "its pictures still flow");
    bench.ceased("s-2");
    bench.commit();
    assert_eq!(bench.standing("s-2"), Some("ended"));
}

#[test]
fn a_starting_server_knows_that_nothing_flows_and_copies_outside_learn_it_once() {
    let mut bench = bench().restarted(&[]);
    for stream in ["s-1", "s-2", "loose"] {
        bench.began(stream);
    }
    bench.pass(500);
    bench.ceased("s-2");
    bench.commit();
    let mut next = bench.restarted(&[]);
    for stream in ["s-1", "s-2", "loose"] {
        assert_eq!(next.standing(stream), Some("ended"), "{stream}");
    }
    assert_eq!(next.news(), ["loose ended", "s-1 ended"], "s-2 was told by the life before");
    let mut last = next.restarted(&[]);
    assert_eq!(last.news(), [""; 0]);
    assert_eq!(last.standing("s-1"), Some("ended"));
}

#[test]
fn while_storage_is_away_what_flows_is_shown_and_stored_later() {
    let mut bench = bench();
    bench.began("s");
    bench.fail_commit();
    assert_eq!(bench.standing("s"), Some("active"));
    bench.ceased("s");
    bench.fail_commit();
    bench.commit();
    let stored = bench.stored.iter().filter(|write| matches!(write, Write::Readiness(_)));
    assert_eq!(stored.count(), 1, "of several states only the last waited");
    assert_eq!(bench.restarted(&[]).standing("s"), Some("ended"));
}

#[derive(Debug, Clone)]
enum Step {
    Begin(usize),
    Cease(usize),
    Delete(usize),
    Commit,
    FailCommit,
    Restart,
    Pass(u64),
}

const NAMES: [&str; 7] = ["s-1", "s-2", "a", "b", "c", "d", "e"];

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        6 => (0usize..NAMES.len()).prop_map(Step::Begin),
        5 => (0usize..NAMES.len()).prop_map(Step::Cease),
        1 => (0usize..2).prop_map(Step::Delete),
        4 => Just(Step::Commit),
        1 => Just(Step::FailCommit),
        1 => Just(Step::Restart),
        2 => (1u64..5000).prop_map(Step::Pass),
    ];
    proptest::collection::vec(step, 1..100)
}

/// Which streams flow, by what was said of them, and which sessions are gone.
#[derive(Default)]
struct Model {
    live: BTreeSet<SessionId>,
    gone: Vec<SessionId>,
}

fn take(bench: &mut Bench, model: &mut Model, step: &Step) {
    match step {
        Step::Begin(which) => {
            let name = id(NAMES[*which]);
            let of_session = *which < 2 && !model.gone.contains(&name);
            let known = bench.core.readiness.get(&name).is_some();
            bench.core.stream_began(&name, bench.now);
            let has_begun = bench.is_live(&name);
            assert!(has_begun || !(of_session || known), "{name} has room");
            if has_begun {
                model.live.insert(name);
            }
        }
        Step::Cease(which) => {
            bench.ceased(NAMES[*which]);
            model.live.remove(&id(NAMES[*which]));
        }
        Step::Delete(which) => {
            let name = id(NAMES[*which]);
            let ask = Request::Sessions(Ask::Delete(name.clone()));
            let asked = bench.core.ask(&person(Role::Operator), ask, bench.now);
            if asked == Asked::AfterCommit && !model.gone.contains(&name) {
                model.gone.push(name);
            }
        }
        Step::Commit => bench.commit(),
        Step::FailCommit => {
            if bench.core.begin_commit().is_some() {
                bench.core.end_commit(false);
            }
        }
        Step::Restart => {
            bench.commit();
            *bench = bench.restarted(&model.gone);
            model.live.clear();
        }
        Step::Pass(milliseconds) => bench.pass(*milliseconds),
    }
}

proptest! {
    #[test]
    fn what_viewers_are_told_is_what_was_said_and_stays_bounded(steps in steps()) {
        let mut bench = bench().restarted(&[]);
        let mut model = Model::default();
        let mut version = 0;
        for step in &steps {
            take(&mut bench, &mut model, step);
            let now = bench.core.fleet().view().readiness_version();
            prop_assert!(now >= version || matches!(step, Step::Restart));
            version = now;
            for name in NAMES.map(id) {
                prop_assert_eq!(bench.is_live(&name), model.live.contains(&name), "{}", name);
            }
            let loose = NAMES[2..].iter().filter(|name| bench.standing(name).is_some());
            prop_assert!(loose.count() <= OPEN_STREAMS);
        }
        bench.commit();
        for name in NAMES {
            let is_live = bench.standing(name) == Some("active");
            prop_assert_eq!(is_live, model.live.contains(&id(name)), "{}", name);
        }
        let mut next = bench.restarted(&model.gone);
        prop_assert!(NAMES.iter().all(|name| next.standing(name) != Some("active")));
    }
}
