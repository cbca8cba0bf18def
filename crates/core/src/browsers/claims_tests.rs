//! Tables of what people do with one browser, and properties of whatever they do.

use proptest::prelude::*;

use super::*;
use crate::{Role, Scope};

fn at(seconds: u64) -> Moment {
    Moment { wall: Timestamp(1_000_000 + seconds * 1000), steady: Steady(seconds * 1000) }
}

fn person(user: &str, connection: u64) -> Caller {
    Caller {
        user: user.into(),
        name: user.to_uppercase().into(),
        scope: Scope::Person(Role::Operator),
        connection: ConnectionId(connection),
        address: "::1".into(),
        program: "".into(),
        expires_at: None,
    }
}

fn ann() -> Caller {
    person("ann", 1)
}

fn bob() -> Caller {
    person("bob", 2)
}

fn eve() -> Caller {
    person("eve", 3)
}

fn claims() -> Claims {
    Claims::new("s".parse().unwrap(), SteeringSettings::default(), at(0))
}

/// What everybody is told, in one line.
fn told(claims: &Claims) -> String {
    let lease = claims.lease();
    let holder = lease.holder.map_or("nobody".to_owned(), |holder| {
        format!("{}{}", holder.user, if holder.is_away { " is away" } else { "" })
    });
    let waiting = lease.waiting.iter().map(|one| format!(" {}", one.user));
    let waiting = waiting.collect::<Vec<_>>().concat();
    format!("{holder}{}{}{waiting}", if lease.is_ending { "!" } else { "" }, "|")
}

fn words(happened: &[Happened]) -> String {
    let words = happened.iter().map(|one| match one {
        Happened::Granted(caller) => format!("granted {}", caller.user),
        Happened::Unanswered(caller) => format!("unanswered {}", caller.user),
        Happened::Left(caller) => format!("left {}", caller.user),
        Happened::Expired(caller, why) => format!("expired {} {why:?}", caller.user),
    });
    words.collect::<Vec<_>>().join(", ")
}

#[test]
fn whoever_asks_first_steers_and_the_next_waits_for_an_answer() {
    let mut claims = claims();
    let first = claims.epoch();
    assert_eq!(words(&claims.request(&ann(), at(0)).unwrap()), "granted ann");
    assert_eq!((told(&claims).as_str(), claims.epoch()), ("ann|", first + 1));
    assert_eq!(words(&claims.request(&bob(), at(1)).unwrap()), "");
    claims.request(&bob(), at(2)).unwrap();
    claims.request(&eve(), at(3)).unwrap();
    assert_eq!(told(&claims), "ann| bob eve");
    assert_eq!(claims.grant(&bob(), None, at(4)), Err(CoreError::SteeredByOther("ANN".into())));
    let eve_asked = claims.lease().waiting[1].id;
    claims.grant(&ann(), Some(eve_asked), at(5)).unwrap();
    assert_eq!((told(&claims).as_str(), claims.epoch()), ("eve| bob", first + 2));
    claims.decline(&eve(), None, at(6)).unwrap();
    assert_eq!(told(&claims), "eve|");
    assert!(matches!(claims.decline(&eve(), None, at(6)), Err(CoreError::Invalid(_))));
    assert_eq!(claims.release(&ann(), at(7)), Err(CoreError::SteeredByOther("EVE".into())));
    claims.release(&eve(), at(7)).unwrap();
    assert_eq!((told(&claims).as_str(), claims.epoch()), ("nobody|", first + 3));
    assert_eq!(claims.release(&eve(), at(8)), Err(CoreError::NotInControl));
}

#[test]
fn nobody_waits_longer_for_an_answer_than_the_limit() {
    let mut claims = claims();
    claims.request(&ann(), at(0)).unwrap();
    claims.request(&bob(), at(10)).unwrap();
    assert_eq!(claims.next_due(), Some(at(70).steady));
    assert_eq!(words(&claims.advance(at(69))), "");
    assert_eq!(words(&claims.advance(at(70))), "unanswered bob");
    assert_eq!(told(&claims), "ann|");
}

#[test]
fn whoever_waits_first_steers_when_the_holder_stops() {
    let mut claims = claims();
    claims.request(&ann(), at(0)).unwrap();
    claims.request(&bob(), at(1)).unwrap();
    claims.request(&eve(), at(1)).unwrap();
    assert_eq!(words(&claims.release(&ann(), at(2)).unwrap()), "granted bob");
    assert_eq!(told(&claims), "bob| eve");
    assert_eq!(
        words(&claims.parted(ConnectionId(2), Parting::Left, at(3))),
        "left bob, granted eve"
    );
}

#[test]
fn idle_holders_are_warned_and_then_steer_no_longer() {
    let mut claims = claims();
    claims.request(&ann(), at(0)).unwrap();
    assert_eq!(claims.lease().until, Some(at(3600).wall));
    assert_eq!(claims.next_due(), Some(at(570).steady));
    assert!(claims.touch(ConnectionId(1), at(500).steady));
    assert!(!claims.touch(ConnectionId(2), at(501).steady));
    assert_eq!(claims.next_due(), Some(at(1070).steady));
    claims.advance(at(1070));
    assert_eq!((told(&claims).as_str(), claims.lease().until), ("ann!|", Some(at(1100).wall)));
    assert!(claims.touch(ConnectionId(1), at(1080).steady));
    assert_eq!(told(&claims), "ann|");
    claims.advance(at(1650));
    assert_eq!(words(&claims.advance(at(1680))), "expired ann Idle");
    assert_eq!((told(&claims).as_str(), claims.next_due()), ("nobody|", None));
}

#[test]
fn nobody_steers_longer_than_the_cap_however_busy() {
    let mut claims = claims();
    claims.request(&ann(), at(0)).unwrap();
    for minute in 1..60 {
        assert!(claims.touch(ConnectionId(1), at(minute * 60).steady));
        assert_eq!(claims.advance(at(minute * 60)), []);
    }
    claims.advance(at(3570));
    assert!(claims.touch(ConnectionId(1), at(3571).steady));
    assert_eq!(told(&claims), "ann!|", "doing something does not help any more");
    assert_eq!(words(&claims.advance(at(3600))), "expired ann Longest");
}

#[test]
fn a_broken_connection_is_forgiven_for_a_while_and_to_the_same_person_only() {
    let mut claims = claims();
    claims.request(&ann(), at(0)).unwrap();
    let epoch = claims.epoch();
    assert_eq!(claims.parted(ConnectionId(1), Parting::Broken, at(10)), []);
    assert_eq!(told(&claims), "ann is away|");
    claims.request(&bob(), at(11)).unwrap();
    assert!(!claims.came(&eve(), at(12)));
    assert!(claims.came(&person("ann", 9), at(39)));
    assert_eq!((told(&claims).as_str(), claims.epoch()), ("ann| bob", epoch));
    assert!(claims.touch(ConnectionId(9), at(39).steady));
    claims.parted(ConnectionId(9), Parting::Broken, at(40));
    assert_eq!(claims.next_due(), Some(at(70).steady));
    assert_eq!(words(&claims.advance(at(70))), "expired ann Away, granted bob");
}

#[test]
fn tokens_and_roles_end_it_at_once() {
    let mut claims = claims();
    claims.request(&Caller { expires_at: Some(at(20).wall), ..ann() }, at(0)).unwrap();
    assert_eq!(claims.next_due(), Some(at(20).steady));
    assert_eq!(words(&claims.advance(at(20))), "expired ann TokenOver");
    claims.request(&ann(), at(30)).unwrap();
    let refused = claims.parted(ConnectionId(1), Parting::Refused, at(31));
    assert_eq!(words(&refused), "expired ann TokenOver");
    claims.request(&ann(), at(40)).unwrap();
    claims.request(&bob(), at(40)).unwrap();
    claims.request(&eve(), at(40)).unwrap();
    let kept = claims.keep(|caller| &*caller.user == "eve", at(41));
    assert_eq!(words(&kept), "expired ann NotAllowed, granted eve");
    assert_eq!(words(&claims.end()), "expired eve BrowserGone");
    assert_eq!(claims.end(), []);
}

#[test]
fn the_same_person_at_another_screen_asks_nobody_and_an_admin_takes() {
    let mut claims = claims();
    claims.request(&ann(), at(0)).unwrap();
    let epoch = claims.epoch();
    claims.request(&person("ann", 8), at(1)).unwrap();
    assert_eq!(claims.lease().holder.unwrap().connection, ConnectionId(8));
    assert!(!claims.touch(ConnectionId(1), at(2).steady));
    claims.request(&bob(), at(2)).unwrap();
    claims.take(&bob(), at(3));
    assert_eq!((told(&claims).as_str(), claims.epoch()), ("bob|", epoch + 2));
    claims.take(&bob(), at(4));
    assert_eq!(claims.epoch(), epoch + 2);
}

#[test]
fn a_crowd_that_wants_to_steer_is_bounded() {
    let mut claims = claims();
    let asked = |n: u64| person(&format!("user-{n}"), n);
    for n in 0..=MOST_WAITING as u64 {
        claims.request(&asked(n), at(0)).unwrap();
    }
    let refused = claims.request(&asked(99), at(0));
    assert!(matches!(refused, Err(CoreError::LimitReached(_))));
}

#[derive(Debug, Clone)]
enum Step {
    Request(u64),
    Grant(u64, Option<u64>),
    Decline(u64),
    Release(u64),
    Take(u64),
    Touch(u64),
    Came(u64),
    Parted(u64, Parting),
    Forbid(u64),
    End,
    Pass(u64),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    // Connection n is of user n modulo 3: each has two screens.
    let who = || 0u64..6;
    let parting = prop_oneof![Just(Parting::Left), Just(Parting::Broken), Just(Parting::Refused)];
    let step = prop_oneof![
        6 => who().prop_map(Step::Request),
        2 => (who(), proptest::option::of(1u64..8)).prop_map(|(who, id)| Step::Grant(who, id)),
        1 => who().prop_map(Step::Decline),
        2 => who().prop_map(Step::Release),
        1 => who().prop_map(Step::Take),
        3 => who().prop_map(Step::Touch),
        3 => who().prop_map(Step::Came),
        3 => (who(), parting).prop_map(|(who, parting)| Step::Parted(who, parting)),
        1 => who().prop_map(Step::Forbid),
        1 => Just(Step::End),
        4 => (1u64..700).prop_map(Step::Pass),
    ];
    proptest::collection::vec(step, 1..60)
}

proptest! {
    #[test]
    fn there_are_never_two_and_every_change_has_its_epoch(steps in steps()) {
        let mut claims = claims();
        let mut seconds = 0;
        let who = |n: u64| person(&format!("user-{}", n % 3), n);
        for step in steps {
            let now = at(seconds);
            let before = claims.lease();
            match step.clone() {
                Step::Request(n) => drop(claims.request(&who(n), now)),
                Step::Grant(n, id) => drop(claims.grant(&who(n), id, now)),
                Step::Decline(n) => drop(claims.decline(&who(n), None, now)),
                Step::Release(n) => drop(claims.release(&who(n), now)),
                Step::Take(n) => claims.take(&who(n), now),
                Step::Touch(n) => drop(claims.touch(ConnectionId(n), now.steady)),
                Step::Came(n) => drop(claims.came(&who(n), now)),
                Step::Parted(n, parting) => drop(claims.parted(ConnectionId(n), parting, now)),
                Step::Forbid(n) => {
                    claims.keep(|caller| caller.user != who(n).user, now);
                    prop_assert!(claims.holder().is_none_or(|holder| holder.user != who(n).user));
                }
                Step::End => drop(claims.end()),
                Step::Pass(n) => {
                    seconds += n;
                    claims.advance(at(seconds));
                }
            }
            claims.advance(at(seconds));
            let after = claims.lease();
            let name = |lease: &Lease| lease.holder.as_ref().map(|holder| holder.user.clone());
            prop_assert!(after.epoch >= before.epoch);
            if name(&before) != name(&after) {
                prop_assert!(after.epoch > before.epoch, "{step:?}");
            }
            // Whoever may send input is exactly the one that everybody is told of.
            let steering: Vec<_> = (0..6).filter(|n| claims.touch(ConnectionId(*n), at(seconds).steady)).collect();
            prop_assert!(steering.len() <= 1);
            prop_assert_eq!(steering.first().copied(), after.holder.as_ref().map(|holder| holder.connection.0));
            let users: Vec<_> = after.waiting.iter().map(|one| one.user.clone()).collect();
            prop_assert!(name(&after).is_none_or(|holder| !users.contains(&holder)));
            prop_assert!(users.is_empty() || after.holder.is_some(), "nobody waits for nobody");
            let mut unique = users.clone();
            unique.sort();
            unique.dedup();
            prop_assert_eq!(unique.len(), users.len());
            prop_assert!(claims.next_due().is_none_or(|due| due > at(seconds).steady), "{:?}", step);
        }
    }
}
