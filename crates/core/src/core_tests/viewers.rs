//! Who is in front of a terminal, as those who are learn it.

use super::*;
use crate::{
    fanout::TopicKey,
    ids::{SessionId, UserId, WorkerId},
    people,
    sessions::{MOST_NAMED, Request as Ask, Size, Touch, viewer_name},
};

/// A terminal, and what somebody who watches it all the time is told.
struct Front {
    bench: Bench,
    link: LinkId,
    session: SessionId,
    worker: WorkerId,
    stream: StreamKey,
    shape: Shape,
    cursor: u64,
}

fn named(name: &str, role: Role, connection: u64) -> Caller {
    let (user, name) = (name.to_lowercase().into(), name.into());
    Caller { user, name, connection: ConnectionId(connection), ..person(role) }
}

impl Front {
    fn new() -> Self {
        let mut bench = Bench::new();
        let link = bench.link("a", 9).link;
        bench.commit();
        bench.orders();
        let (session, worker, stream) = bench.session();
        bench.core.report(link, Report::WorkerStarted { stream: stream.clone() }, bench.now);
        bench.commit();
        let topic = TopicKey::Worker(worker.clone());
        let make: (u32, &dyn Fn() -> Box<dyn crate::fanout::Framing>) =
            (0, &|| Box::new(NoFraming));
        let watched = bench.core.topics().watch(&topic, &Plain, make, bench.now.wall);
        let (shape, cursor) = (watched.shape, watched.cursor);
        bench.seen();
        Self { bench, link, session, worker, stream, shape, cursor }
    }

    fn comes(&mut self, caller: &Caller) {
        let ask = Ask::Attach { session: self.session.clone(), worker: self.worker.clone() };
        let asked = self.bench.core.ask(caller, Request::Sessions(ask), self.bench.now);
        assert!(matches!(asked, Asked::Answered(Ok(Reply::Attached { .. }))), "{asked:?}");
    }

    /// A second passes.
    fn rests(&mut self) {
        (0..20).for_each(|_| self.bench.pass(50));
    }

    fn leaves(&mut self, connection: u64) {
        self.bench.core.leave(ConnectionId(connection), &self.worker, self.bench.now);
    }

    fn agent_says(&mut self, owner: Option<&str>) {
        let report =
            Report::SizeOwner { stream: self.stream.clone(), viewer: owner.map(Into::into) };
        self.bench.core.report(self.link, report, self.bench.now);
    }

    /// What those in front of it were told since this was last asked.
    fn told(&mut self) -> Vec<String> {
        let topic = TopicKey::Worker(self.worker.clone());
        let now = self.bench.now.wall;
        match self.bench.core.topics().read(&topic, self.shape, self.cursor, now) {
            Progress::Events(batch) => {
                self.cursor = batch.next;
                let text = String::from_utf8(batch.slices.concat()).unwrap();
                text.lines().map(str::to_owned).collect()
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn whoever_is_there_learns_who_comes_and_goes_and_nobody_else_does() {
    let mut front = Front::new();
    front.comes(&named("Ann", Role::Operator, 11));
    assert_eq!(front.told(), ["1 watch: Ann,"]);
    front.rests();
    front.comes(&named("Bob", Role::Viewer, 12));
    assert_eq!(front.told(), ["2 watch: Ann, Bob reads,"]);
    let looked = front.bench.core.look_at(&front.session, &front.worker).unwrap();
    let viewers = looked.viewers.unwrap();
    assert_eq!(viewers.named.len(), 2, "whoever comes now begins with all of them");
    assert_eq!(viewers.named[1].since, front.bench.now.wall);
    front.rests();
    front.leaves(11);
    assert_eq!(front.told(), ["1 watch: Bob reads,"]);
    front.rests();
    front.leaves(12);
    let elsewhere = front.bench.seen();
    assert!(elsewhere.iter().all(|line| !line.contains("watch")), "{elsewhere:?}");
    assert!(front.bench.core.look_at(&front.session, &front.worker).unwrap().viewers.is_none());
}

#[test]
fn a_crowd_is_told_once_in_a_while_and_by_name_only_within_limits() {
    let mut front = Front::new();
    for number in 0..1000 {
        front.comes(&named(&format!("P{number}"), Role::Viewer, 100 + number));
    }
    assert_eq!(front.told().len(), 1, "the others came within its pause");
    let mut told = Vec::new();
    for _ in 0..100 {
        front.bench.pass(100);
        told.extend(front.told());
    }
    let [all] = &told[..] else { panic!("{told:?}") };
    assert!(all.starts_with("1000 watch: P0 reads, P1 reads,"), "{all}");
    assert_eq!(all.matches(" reads,").count(), MOST_NAMED);
    let due = front.bench.core.viewers_due();
    assert_eq!(due, None, "nothing is left to tell");
    for number in 0..1000 {
        front.leaves(100 + number);
        front.bench.pass(10);
    }
    let times = front.told().len();
    assert!((8..=45).contains(&times), "told {times} times within ten seconds");
}

#[test]
fn the_owner_of_the_size_is_whom_the_agent_says_wherever_in_the_crowd() {
    let mut front = Front::new();
    for number in 1..=60 {
        front.comes(&named(&format!("P{number}"), Role::Operator, 100 + number));
    }
    front.rests();
    front.told();
    front.agent_says(Some("viewer-160"));
    let told = front.told();
    let [told] = &told[..] else { panic!("{told:?}") };
    assert!(told.starts_with("60 watch: P1,") && told.ends_with(" P49, P60 owns,"), "{told}");
    front.rests();
    for nobody in [Some("viewer-7"), Some("who is this"), Some("viewer-"), None] {
        front.agent_says(nobody);
        front.rests();
    }
    let told = front.told();
    assert!(told.len() == 1 && !told[0].contains("owns"), "{told:?}");
    front.agent_says(Some("viewer-101"));
    front.rests();
    front.leaves(101);
    front.rests();
    front.comes(&named("P1", Role::Operator, 101));
    front.rests();
    let told = front.told();
    assert!(told[0].contains("P1 owns") && told[1..].iter().all(|t| !t.contains("owns")));
}

#[test]
fn an_agent_that_comes_back_says_anew_who_owns_the_size() {
    for still_owns in [true, false] {
        let mut front = Front::new();
        front.comes(&named("Ann", Role::Operator, 11));
        front.rests();
        front.agent_says(Some("viewer-11"));
        assert_eq!(front.told(), ["1 watch: Ann,", "1 watch: Ann owns,"]);
        front.rests();
        front.bench.core.report(front.link, Report::Lost, front.bench.now);
        front.link = front.bench.link("a", 10).link;
        if still_owns {
            front.agent_says(Some("viewer-11"));
        }
        front.rests();
        let told = front.told().into_iter().filter(|line| line.contains("watch"));
        let expected: &[&str] = if still_owns { &[] } else { &["1 watch: Ann,"] };
        assert_eq!(told.collect::<Vec<_>>(), expected);
    }
}

#[test]
fn who_gets_another_role_may_type_or_not_and_the_others_see_that() {
    let mut front = Front::new();
    let admin = person(Role::Admin);
    let make = people::Request::Create(people::Applicant {
        username: "bob".into(),
        name: "Bob".into(),
        email: None,
        role: Role::Operator,
        password: people::PasswordHash::new("hash"),
    });
    front.bench.core.ask(&admin, Request::People(make), front.bench.now);
    front.bench.commit();
    let user: UserId = front.bench.core.people().named("bob").unwrap().id.clone();
    let bob = named("Bob", Role::Operator, 12);
    front.comes(&bob);
    front.rests();
    let change = people::Request::ChangeRole { user, role: Role::Viewer };
    front.bench.core.ask(&admin, Request::People(change), front.bench.now);
    assert_eq!(front.told(), ["1 watch: Bob,", "1 watch: Bob reads,"]);
    front.bench.core.touch(&bob, &front.worker, Touch::Resize(Size::default()));
    assert!(front.bench.orders().is_empty());
    assert_eq!(&*viewer_name(ConnectionId(12)), "viewer-12");
}
