//! Viewers of terminals: each has all of a log, in order and once, from where it begins.

use std::future::Future;

use pilothouse_core::{
    Asked, Request, Role,
    ids::WorkerId,
    sessions::{self, AddedWorker, Create, Kind, Launch, Size, WorkerKind},
    streams::{Source, StreamKey},
};
use tokio::{task::LocalSet, time::timeout};

use super::{
    Bench, PATIENCE,
    peer::Peer,
    store::FakeStore,
    words::{AGENT, VIEWER, agent, person},
};
use crate::clock::Clock;

/// How much of each terminal is kept for those who are behind.
pub(super) const RING: usize = 1 << 20;

/// A terminal on an agent, and who watches.
pub(super) struct Scene {
    pub(super) bench: Bench,
    pub(super) agent: Peer,
    session: String,
    worker: String,
    /// How much the agent printed.
    printed: u64,
}

impl Scene {
    async fn new() -> Self {
        Self::with(Clock::start()).await
    }

    pub(super) async fn with(clock: Clock) -> Self {
        let bench = Bench::with(clock, FakeStore::default(), |config| {
            config.core.ring_bytes = RING;
        })
        .await;
        let mut peer = Peer::new(bench.connect(&AGENT, Some(agent()), &[]).await);
        assert_eq!(peer.hear().await, "linked");
        let worker = AddedWorker {
            kind: WorkerKind::Terminal,
            name: None,
            launch: Launch::default(),
            size: Size::default(),
        };
        let create = Create {
            agent: "a".parse().unwrap(),
            kind: Kind::Quick,
            path: "/home/ann".into(),
            title: None,
            initial_prompt: None,
            worker: Some(worker),
        };
        let request = Request::Sessions(sessions::Request::Create(create));
        let hub = &bench.event_loop.shared.hub;
        let asked = hub.with(|core, now| core.ask(&person(Role::Operator), request, now));
        assert_eq!(asked, Asked::AfterCommit);
        let spawned = peer.hear().await;
        let mut words = spawned.split(' ').skip(1).map(str::to_owned);
        let (session, worker) = (words.next().unwrap(), words.next().unwrap());
        Self { bench, agent: peer, session, worker, printed: 0 }
    }

    fn stream(&self) -> StreamKey {
        let worker: WorkerId = self.worker.parse().unwrap();
        StreamKey { source: Source::Worker(worker), epoch: 1 }
    }

    fn received(&self) -> u64 {
        self.bench.event_loop.shared.hub.look(|core, _| core.received(&self.stream()))
    }

    /// Lets the agent print, and waits until the core has it.
    pub(super) async fn print(&mut self, letter: char, size: u64) {
        self.agent.say(&format!("print {letter} {size}")).await;
        self.printed += size;
        until(|| self.received() == self.printed).await;
    }

    pub(super) async fn view(&self, caller: Role, has: Option<&str>) -> Peer {
        let mut query = vec![("session", self.session.as_str()), ("worker", self.worker.as_str())];
        query.extend(has.map(|has| ("has", has)));
        Peer::new(self.bench.connect(&VIEWER, Some(person(caller)), &query).await)
    }

    async fn begins(&self, has: Option<&str>) -> String {
        self.view(Role::Viewer, has).await.hear().await
    }
}

/// Waits for a fact of the same thread.
pub(super) async fn until(mut is_so: impl FnMut() -> bool) {
    let wait = async {
        while !is_so() {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, wait).await.expect("it becomes so in time");
}

pub(super) async fn here(test: impl Future<Output = ()>) {
    LocalSet::new().run_until(test).await;
}

#[tokio::test]
async fn a_viewer_begins_with_the_newest_screen_and_goes_on_live() {
    here(async {
        let mut scene = Scene::new().await;
        scene.print('a', 5).await;
        assert_eq!(scene.begins(None).await, "begin empty 0 0+5:a -> 5");
        scene.agent.say("screen").await;
        scene.print('b', 3).await;
        let mut viewer = scene.view(Role::Viewer, None).await;
        assert_eq!(viewer.hear().await, "begin screen 5 5+3:b -> 8");
        scene.print('c', 2).await;
        assert_eq!(viewer.hear().await, "8+2:c");
        scene.agent.say("exit").await;
        assert_eq!(viewer.hear().await, "exit 3");
        // What ended is attached in the same way.
        assert_eq!(scene.begins(None).await, "begin screen 5 5+3:b 8+2:c -> 10");
    })
    .await;
}

#[tokio::test]
async fn two_viewers_are_told_the_same_and_each_encoding_is_shared() {
    here(async {
        let mut scene = Scene::new().await;
        let (mut one, mut other) =
            (scene.view(Role::Viewer, None).await, scene.view(Role::Admin, None).await);
        for viewer in [&mut one, &mut other] {
            assert_eq!(viewer.hear().await, "begin empty 0 -> 0");
        }
        for (letter, line) in [('a', "0+4:a"), ('b', "4+4:b"), ('c', "8+4:c")] {
            scene.print(letter, 4).await;
            assert_eq!((one.hear().await, other.hear().await), (line.to_owned(), line.to_owned()));
        }
        let counts = scene.bench.event_loop.shared.hub.look(|core, _| core.topics().counts());
        let [(shape, counts)] = counts[..] else { panic!("{counts:?}") };
        assert_eq!((shape.language, counts.viewers), ("short", 2));
        // The start of the worker is an event too.
        assert!((3..=4).contains(&counts.encodes), "{counts:?}");
    })
    .await;
}

#[tokio::test]
async fn who_comes_together_is_told_one_past_that_is_read_once() {
    here(async {
        let mut scene = Scene::new().await;
        scene.bench.store.hold(true);
        scene.print('a', 5).await;
        let watching = |scene: &Scene| {
            let hub = &scene.bench.event_loop.shared.hub;
            let counts = hub.look(|core, _| core.topics().counts());
            counts.iter().map(|(_, counts)| counts.viewers).sum::<usize>()
        };
        let read = |scene: &Scene| scene.bench.event_loop.tally.pasts_read.get();
        let mut viewers = Vec::new();
        for count in 1..=6 {
            viewers.push(scene.view(Role::Viewer, Some("1:0")).await);
            until(|| watching(&scene) == count).await;
            if count == 5 {
                // Who comes a little later still begins where the others do.
                scene.print('b', 3).await;
            }
        }
        scene.bench.store.hold(false);
        for viewer in &mut viewers {
            assert_eq!(viewer.hear().await, "begin continued 0 0+5:a -> 5");
            assert_eq!(viewer.hear().await, "5+3:b");
        }
        assert_eq!(read(&scene), 1);
        // Nothing is kept for whoever comes when all have been told.
        assert_eq!(scene.begins(Some("1:0")).await, "begin continued 0 0+5:a 5+3:b -> 8");
        assert_eq!(scene.begins(Some("1:5")).await, "begin continued 5 5+3:b -> 8");
        assert_eq!(read(&scene), 3);
    })
    .await;
}

#[tokio::test]
async fn history_comes_before_live_events_and_typing_waits_for_it() {
    here(async {
        let mut scene = Scene::new().await;
        scene.bench.store.hold(true);
        scene.print('a', 5).await;
        let mut viewer = scene.view(Role::Operator, None).await;
        viewer.say("ping").await;
        until(|| scene.bench.event_loop.shared.hub.look(|c, _| c.topics().watched_workers()) == 1)
            .await;
        scene.print('b', 3).await;
        scene.bench.store.hold(false);
        assert_eq!(viewer.hear().await, "begin empty 0 0+5:a -> 5");
        // What it said meanwhile may lie in its socket still, and is answered beside live events.
        let mut rest = [viewer.hear().await, viewer.hear().await];
        rest.sort();
        assert_eq!(rest, ["5+3:b", "pong"]);
    })
    .await;
}

#[tokio::test]
async fn a_viewer_that_comes_back_goes_on_where_it_was_if_that_is_kept() {
    here(async {
        let mut scene = Scene::new().await;
        scene.print('a', 5).await;
        scene.agent.say("screen").await;
        for letter in ['b', 'c'] {
            scene.print(letter, 4).await;
            // Into storage in a group of its own.
            scene.begins(None).await;
        }
        let fresh = "begin screen 5 5+4:b 9+4:c -> 13";
        for (has, expected) in [
            ("1:9", "begin continued 9 9+4:c -> 13"),
            ("1:13", "begin continued 13 -> 13"),
            // Another life, a place inside a record, and one that nobody can have been at.
            ("2:9", fresh),
            ("1:7", fresh),
            ("1:14", fresh),
        ] {
            assert_eq!(scene.begins(Some(has)).await, expected, "{has}");
        }
        scene.bench.store.forget_before(9);
        assert_eq!(scene.begins(Some("1:5")).await, "begin screen 5 9+4:c -> 13");
    })
    .await;
}

#[tokio::test]
async fn without_storage_a_viewer_begins_with_nothing_and_goes_on_live() {
    here(async {
        let mut scene = Scene::new().await;
        scene.print('a', 5).await;
        scene.bench.store.go_away();
        let mut viewer = scene.view(Role::Viewer, None).await;
        assert_eq!(viewer.hear().await, "begin empty 5 -> 5");
        scene.print('b', 3).await;
        assert_eq!(viewer.hear().await, "5+3:b");
        viewer.say("log 0 5").await;
        let refused = "log refused the server cannot store anything now; try again later";
        assert_eq!(viewer.hear().await, refused);
    })
    .await;
}

#[tokio::test]
async fn what_is_not_there_is_refused() {
    here(async {
        let mut scene = Scene::new().await;
        scene.worker = "wrk-none".to_owned();
        let mut viewer = scene.view(Role::Viewer, None).await;
        assert_eq!(viewer.hear().await, "refused worker wrk-none is not known");
        assert_eq!(viewer.hear().await, "closed");
        assert_eq!(scene.bench.event_loop.shared.hub.watchers.watched(), 0);
    })
    .await;
}

#[tokio::test]
async fn typing_reaches_the_agent_if_the_role_allows_it_and_leaving_is_told() {
    here(async {
        let mut scene = Scene::new().await;
        let mut spectator = scene.view(Role::Viewer, None).await;
        let mut operator = scene.view(Role::Operator, None).await;
        for viewer in [&mut spectator, &mut operator] {
            assert_eq!(viewer.hear().await, "begin empty 0 -> 0");
        }
        spectator.say("type rm").await;
        spectator.say("ping").await;
        assert_eq!(spectator.hear().await, "pong");
        operator.say("type ls").await;
        assert_eq!(scene.agent.hear().await, "input ls");
        drop(operator);
        assert_eq!(scene.agent.hear().await, "leave");
        drop(spectator);
        assert_eq!(scene.agent.hear().await, "leave");
        // Nothing is kept for a terminal that nobody watches.
        let hub = &scene.bench.event_loop.shared.hub;
        until(|| hub.watchers.watched() == 0).await;
        assert_eq!(hub.look(|core, _| core.topics().watched_workers()), 0);
    })
    .await;
}

#[tokio::test]
async fn a_part_of_a_log_is_whole_records_and_a_page_at_most() {
    here(async {
        let mut scene = Scene::new().await;
        let mut viewer = scene.view(Role::Viewer, None).await;
        assert_eq!(viewer.hear().await, "begin empty 0 -> 0");
        for letter in ['a', 'b', 'c'] {
            scene.print(letter, 100_000).await;
            viewer.hear().await;
            // Into storage in a group of its own.
            scene.begins(None).await;
        }
        for (part, expected) in [
            ("log 50 60", "log 0 0+100000:a"),
            ("log 99999 100001", "log 0 0+100000:a 100000+100000:b"),
            ("log 0 300000", "log 0 0+100000:a 100000+100000:b"),
            ("log 300000 400000", "log 0 "),
        ] {
            viewer.say(part).await;
            assert_eq!(viewer.hear().await, expected.trim_end(), "{part}");
        }
        scene.bench.store.forget_before(100_000);
        viewer.say("log 0 300000").await;
        let expected = "log 100000 100000+100000:b 200000+100000:c";
        assert_eq!(viewer.hear().await, expected);
    })
    .await;
}

/// Follows a viewer's lines until it has the log up to `end`; fails at a hole or a repetition. Returns how often the
/// viewer began anew.
async fn follow(viewer: &mut Peer, end: u64) -> usize {
    let (mut next, mut anew) = (None, 0);
    while next != Some(end) {
        let line = viewer.hear().await;
        let words: Vec<_> = line.split(' ').collect();
        let records = match words[..] {
            ["begin", _, at, ref records @ .., "->", position]
            | ["anew", "begin", _, at, ref records @ .., "->", position] => {
                anew += usize::from(words[0] == "anew");
                let mut place = at.parse().unwrap();
                for record in records {
                    place = after(record, place);
                }
                assert_eq!(place, position.parse::<u64>().unwrap(), "{line}");
                next = Some(place);
                continue;
            }
            [record] => record,
            _ => panic!("{line}"),
        };
        next = Some(after(records, next.expect("live events come after the beginning")));
    }
    anew
}

/// The place behind a record that has to begin at `place`.
fn after(record: &str, place: u64) -> u64 {
    let (position, rest) = record.split_once('+').unwrap_or_else(|| panic!("{record}"));
    let (length, _) = rest.split_once(':').unwrap();
    assert_eq!(position.parse::<u64>().unwrap(), place, "{record}");
    place + length.parse::<u64>().unwrap()
}

#[tokio::test]
async fn who_stops_reading_slows_nobody_and_has_the_right_screen_in_the_end() {
    const RECORD: u64 = 64 << 10;
    const RECORDS: u64 = 640;
    here(async {
        let mut scene = Scene::new().await;
        let mut lazy = scene.view(Role::Viewer, None).await;
        let mut keen = scene.view(Role::Viewer, None).await;
        assert_eq!(lazy.hear().await, "begin empty 0 -> 0");
        let keen = tokio::task::spawn_local(async move {
            follow(&mut keen, RECORD * RECORDS).await;
        });
        for count in 0..RECORDS {
            scene.print('x', RECORD).await;
            if count % 16 == 0 {
                scene.agent.say("screen").await;
            }
        }
        timeout(PATIENCE, keen).await.expect("the other is told everything").unwrap();
        let before = lazy.received;
        let looked = scene.bench.store.checkpoints_read();
        let mut told = Vec::new();
        // It had been told the beginning of the flood, and goes on there.
        let anew = loop {
            let line = lazy.hear().await;
            if line.starts_with("anew") {
                told.push(line);
                break told.len();
            }
        };
        assert_eq!(anew, 1);
        let last = told.last().unwrap();
        assert!(last.starts_with("anew begin screen"), "{last}");
        assert!(last.ends_with(&format!("-> {}", RECORD * RECORDS)), "{last}");
        assert!(scene.bench.store.checkpoints_read() <= looked + 2, "it is read for once");
        let received = (lazy.received - before) as u64;
        assert!(received < RECORD * RECORDS / 2, "{received} bytes waited for it");
        scene.print('y', 7).await;
        assert_eq!(lazy.hear().await, format!("{}+7:y", RECORD * RECORDS));
    })
    .await;
}
