//! People as the core sees them: who may do what, what ends when, and what is left in the audit.

use super::*;
use crate::{
    agents::KeyHash,
    audit::AuditRecord,
    ids::{SessionId, SignInId, UserId},
    people::{Applicant, Failure, MOST_SIGN_INS, PasswordHash, Refusal, Request as Ask, SignIn},
    pictures::NotProducer,
    ports::Stored,
};

const MONTH: u64 = 30 * 86_400_000;

pub(super) fn admin() -> Caller {
    Caller { user: "root".into(), ..person(Role::Admin) }
}

fn nobody() -> Caller {
    Caller { user: "".into(), scope: Scope::Nobody, ..person(Role::Viewer) }
}

/// Somebody whose token names that account and claims that role.
pub(super) fn holder(user: &UserId, claimed: Role) -> Caller {
    Caller { user: user.as_str().into(), ..person(claimed) }
}

pub(super) fn new_user(username: &str, role: Role) -> Applicant {
    Applicant {
        username: username.into(),
        name: username.into(),
        email: Some(format!("{username}@example.org").into()),
        role,
        password: PasswordHash::new("hash-canary"),
    }
}

pub(super) fn sign_in(user: &UserId, id: &str, secret: u8, now: Moment) -> SignIn {
    SignIn {
        id: id.parse().unwrap(),
        user: user.clone(),
        secret: KeyHash([secret; 32]),
        begun_at: now.wall,
        expires_at: Timestamp(now.wall.0 + MONTH),
        address: "192.0.2.7".into(),
        program: "browser".into(),
    }
}

impl Bench {
    /// Asks, stores, and returns the answer.
    pub(super) fn people(&mut self, caller: &Caller, request: Ask) -> Result<Reply, CoreError> {
        match self.core.ask(caller, Request::People(request), self.now) {
            Asked::Answered(answer) => {
                self.commit();
                answer
            }
            Asked::AfterCommit => {
                self.commit();
                match self.core.take_deliveries().pop() {
                    Some((_, Delivery::Answer(answer))) => answer,
                    other => panic!("{other:?}"),
                }
            }
        }
    }

    fn user(&mut self, username: &str, role: Role) -> UserId {
        match self.people(&admin(), Ask::Create(new_user(username, role))) {
            Ok(Reply::UserMade(id)) => id,
            other => panic!("{other:?}"),
        }
    }

    fn signed_in(&mut self, user: &UserId, id: &str, secret: u8) {
        let begun = sign_in(user, id, secret, self.now);
        let role = self.core.people().get(user).unwrap().role;
        assert_eq!(self.people(&holder(user, role), Ask::SignIn(begun)), Ok(Reply::Done));
    }

    pub(super) fn refresh(&mut self, id: &str, shown: u8, next: u8) -> Result<Reply, CoreError> {
        let request = Ask::Refresh {
            sign_in: id.parse().unwrap(),
            shown: KeyHash([shown; 32]),
            next: KeyHash([next; 32]),
            expires_at: Timestamp(self.now.wall.0 + MONTH),
        };
        self.people(&nobody(), request)
    }

    fn counts(&self, user: &UserId, issued_at: u64, id: &str) -> Result<(), &'static str> {
        let id: SignInId = id.parse().unwrap();
        self.core.people().counts(user.as_str(), Some(Timestamp(issued_at)), Some(&id))
    }

    /// What is stored, as a starting server finds it.
    pub(super) fn stored(&self) -> Stored {
        let mut stored = Stored::default();
        for write in &self.stored {
            match write {
                Write::User(user) => {
                    stored.users.retain(|known| known.id != user.id);
                    stored.users.push((**user).clone());
                }
                Write::SignIn(sign_in) => {
                    stored.sign_ins.retain(|known| known.id != sign_in.id);
                    stored.sign_ins.push(sign_in.clone());
                }
                Write::SignInGone(id) => stored.sign_ins.retain(|known| known.id != *id),
                _ => {}
            }
        }
        stored
    }

    fn audit(&self) -> Vec<&AuditRecord> {
        let records = self.stored.iter().filter_map(|write| match write {
            Write::Audit(record) => Some(&**record),
            _ => None,
        });
        records.collect()
    }
}

#[test]
fn who_may_ask_what_about_people() {
    let mut bench = Bench::new();
    let ann = bench.user("ann", Role::Operator);
    let ben = bench.user("ben", Role::Admin);
    let password = || PasswordHash::new("other");
    let change = |user: &UserId| Ask::ChangePassword { user: user.clone(), password: password() };
    let role = |user: &UserId, role| Ask::ChangeRole { user: user.clone(), role };
    let remove = |user: &UserId| Ask::Remove(user.clone());
    let operator = holder(&ann, Role::Operator);
    let own = holder(&ben, Role::Admin);
    for (caller, request, is_forbidden) in [
        (&operator, Ask::Create(new_user("x", Role::Viewer)), true),
        (&operator, role(&ann, Role::Admin), true),
        (&operator, remove(&ben), true),
        (&operator, change(&ben), true),
        (&operator, Ask::MakeCode, true),
        (&operator, Ask::EndSignIns { user: ben.clone(), sign_in: None }, true),
        (&operator, Ask::EndSignIns { user: ann.clone(), sign_in: None }, false),
        (&own, Ask::EndSignIns { user: ann.clone(), sign_in: None }, false),
        (&operator, Ask::Register(new_user("y", Role::Admin)), true),
        (&operator, Ask::SignIn(sign_in(&ben, "s", 1, bench.now)), true),
        (&nobody(), Ask::Create(new_user("z", Role::Admin)), true),
        (&nobody(), Ask::SignOut { sign_in: None }, true),
        (&operator, change(&ann), false),
        (&own, change(&ann), false),
        (&own, role(&ann, Role::Viewer), false),
        (&own, remove(&ann), false),
    ] {
        let words = format!("{request:?}");
        let answer = bench.people(caller, request);
        assert_eq!(matches!(answer, Err(CoreError::Forbidden(_))), is_forbidden, "{words}");
        assert_eq!(answer.is_ok(), !is_forbidden, "{words}: {answer:?}");
    }
    let refusal = |refusal: Refusal| Err(CoreError::People(refusal));
    assert_eq!(bench.people(&own, role(&ben, Role::Viewer)), refusal(Refusal::OwnRole));
    assert_eq!(bench.people(&own, remove(&ben)), refusal(Refusal::OwnAccount));
    assert_eq!(bench.people(&own, remove(&ann)), refusal(Refusal::NotFound));
}

#[test]
fn names_and_addresses_are_taken_in_any_case_until_their_holder_is_gone() {
    let mut bench = Bench::new();
    let first = bench.user("ann", Role::Viewer);
    let taken = |what| Err(CoreError::People(Refusal::Taken(what)));
    let again = Ask::Create(new_user("ANN", Role::Viewer));
    assert_eq!(bench.people(&admin(), again), taken("username"));
    let other =
        Applicant { email: Some("Ann@Example.org".into()), ..new_user("bea", Role::Viewer) };
    assert_eq!(bench.people(&admin(), Ask::Create(other)), taken("address"));
    let found = |bench: &Bench, login: &str| bench.core.people().find(login).map(|u| u.id.clone());
    assert_eq!(found(&bench, "Ann"), Some(first.clone()));
    assert_eq!(found(&bench, "ANN@example.ORG"), Some(first.clone()));

    bench.people(&admin(), Ask::Remove(first.clone())).unwrap();
    assert_eq!((found(&bench, "ann"), found(&bench, "ann@example.org")), (None, None));
    // A clock that was set back does not make the old account the newer one.
    bench.now.wall.0 -= 5000;
    let second = bench.user("ann", Role::Viewer);
    assert_eq!(found(&bench, "ann"), Some(second.clone()));
    let mut later = Bench::new();
    later.core.restore(bench.stored(), later.now);
    assert_eq!(found(&later, "ann"), Some(second));
    assert!(!later.core.people().get(&first).unwrap().is_here());
}

#[test]
fn nobody_registers_as_more_than_a_viewer() {
    let mut bench = Bench::new();
    let answer = bench.people(&nobody(), Ask::Register(new_user("eve", Role::Admin)));
    let Ok(Reply::UserMade(id)) = answer else { panic!("{answer:?}") };
    assert_eq!(bench.core.people().get(&id).unwrap().role, Role::Viewer);
}

#[test]
fn the_lower_role_of_token_and_account_counts_as_soon_as_it_changes() {
    let mut bench = Bench::new();
    bench.link("a", 9);
    let ann = bench.user("ann", Role::Operator);
    let caller = holder(&ann, Role::Admin);
    let run = |bench: &mut Bench, caller: &Caller| {
        let request = enqueue("a", "ls", Priority::Normal);
        let asked = bench.core.ask(caller, request, bench.now);
        bench.commit();
        !matches!(asked, Asked::Answered(Err(CoreError::Forbidden(_))))
    };
    let change = |bench: &mut Bench, role| {
        bench.people(&admin(), Ask::ChangeRole { user: ann.clone(), role }).unwrap();
    };
    assert!(run(&mut bench, &caller));
    // The token says admin, and the account does not.
    let code = bench.people(&caller, Ask::MakeCode);
    assert!(matches!(code, Err(CoreError::Forbidden(_))), "{code:?}");
    change(&mut bench, Role::Viewer);
    assert!(!run(&mut bench, &caller));
    // A token that names the account by its username is no way around it.
    assert!(!run(&mut bench, &Caller { user: "Ann".into(), ..caller.clone() }));
    change(&mut bench, Role::Admin);
    assert!(run(&mut bench, &caller));
    let viewer = holder(&caller.user.parse().unwrap(), Role::Viewer);
    assert!(!run(&mut bench, &viewer), "the account does not add to what a token allows");
}

#[test]
fn the_token_of_a_session_brings_pictures_for_whoever_might_still_make_it() {
    let mut bench = Bench::new();
    let ann = bench.user("ann", Role::Operator);
    let stream: SessionId = "s-1".parse().unwrap();
    let scope = Scope::Session { session: stream.clone(), agent: "a-1".parse().unwrap() };
    let caller = Caller { scope, ..holder(&ann, Role::Operator) };
    assert_eq!(bench.core.may_produce(&caller, &stream), Ok(()));
    bench.people(&admin(), Ask::ChangeRole { user: ann.clone(), role: Role::Viewer }).unwrap();
    assert_eq!(bench.core.may_produce(&caller, &stream), Err(NotProducer::Purpose));
    let own = Caller { user: "a-1".into(), ..caller.clone() };
    assert_eq!(bench.core.may_produce(&own, &stream), Ok(()), "it is the agent's own");
    bench.people(&admin(), Ask::Remove(ann)).unwrap();
    assert_eq!(bench.core.may_produce(&caller, &stream), Err(NotProducer::Purpose));
}

#[test]
fn whoever_was_removed_may_nothing_and_stays_removed_over_a_restart() {
    let mut bench = Bench::new();
    let ann = bench.user("ann", Role::Admin);
    bench.signed_in(&ann, "s-1", 1);
    assert_eq!(bench.counts(&ann, bench.now.wall.0, "s-1"), Ok(()));
    bench.people(&admin(), Ask::Remove(ann.clone())).unwrap();
    let mut later = Bench::new();
    later.core.restore(bench.stored(), later.now);
    for bench in [&mut bench, &mut later] {
        for role in [Role::Viewer, Role::Admin] {
            let asked = bench.people(&holder(&ann, role), Ask::SignOut { sign_in: None });
            assert!(matches!(asked, Err(CoreError::Forbidden(_))), "{asked:?}");
        }
        for name in [ann.as_str(), "ann"] {
            let counts = bench.core.people().counts(name, Some(Timestamp(u64::MAX)), None);
            assert_eq!(counts, Err("the user was removed"));
        }
        assert!(bench.refresh("s-1", 1, 2).is_err());
    }
    let agent = agent_caller("ann", 9);
    assert!(bench.core.effective(&agent).is_ok(), "an agent of that name is somebody else");
}

#[test]
fn a_new_account_does_not_revive_the_tokens_of_an_old_one() {
    let mut bench = Bench::new();
    let ann = bench.user("ann", Role::Admin);
    bench.people(&admin(), Ask::Remove(ann)).unwrap();
    bench.user("ann", Role::Admin);
    let counts = |bench: &Bench, at| bench.core.people().counts("ann", Some(Timestamp(at)), None);
    assert!(counts(&bench, bench.now.wall.0 / 1000 * 1000).is_err());
    assert_eq!(counts(&bench, bench.now.wall.0 + 1000), Ok(()));
}

#[test]
fn a_new_password_ends_every_token_from_before() {
    let mut bench = Bench::new();
    bench.pass(300);
    let ann = bench.user("ann", Role::Operator);
    bench.signed_in(&ann, "s-1", 1);
    let password = PasswordHash::new("other");
    let change = Ask::ChangePassword { user: ann.clone(), password };
    bench.people(&holder(&ann, Role::Viewer), change.clone()).unwrap();
    let first = bench.core.people().get(&ann).unwrap().valid_from;
    bench.people(&admin(), change).unwrap();
    let second = bench.core.people().get(&ann).unwrap().valid_from;
    assert!(second > first, "what was issued between two changes in a second does not count");
    bench.signed_in(&ann, "s-2", 2);
    assert!(bench.counts(&ann, first.0, "s-2").is_err());
    assert_eq!(bench.counts(&ann, second.0, "s-2"), Ok(()));
    assert!(bench.counts(&ann, second.0, "s-1").is_err());
}

#[test]
fn a_secret_is_good_for_one_refresh_and_its_second_use_ends_the_sign_in() {
    let mut bench = Bench::new();
    let ann = bench.user("ann", Role::Operator);
    bench.signed_in(&ann, "s-1", 1);
    bench.signed_in(&ann, "s-2", 7);
    assert_eq!(bench.refresh("s-1", 1, 2), Ok(Reply::Done));
    assert_eq!(bench.refresh("s-1", 2, 3), Ok(Reply::Done));
    let over = Err(CoreError::People(Refusal::SignInOver));
    assert_eq!(bench.refresh("s-1", 2, 4), over, "that one was used");
    assert_eq!(bench.refresh("s-1", 3, 4), over, "so that the newest does not count either");
    assert!(bench.counts(&ann, 0, "s-1").is_err());
    assert_eq!(bench.refresh("s-2", 7, 8), Ok(Reply::Done), "the other device goes on");
    bench.pass(MONTH + 1);
    assert_eq!(bench.refresh("s-2", 8, 9), over);
}

#[test]
fn whoever_signs_in_too_often_loses_the_oldest() {
    let mut bench = Bench::new();
    let ann = bench.user("ann", Role::Operator);
    for number in 0..=MOST_SIGN_INS {
        bench.pass(1);
        bench.signed_in(&ann, &format!("s-{number}"), 1);
    }
    assert!(bench.core.people().sign_in(&"s-0".parse().unwrap()).is_none());
    assert!(bench.core.people().sign_in(&"s-1".parse().unwrap()).is_some());
    assert_eq!(bench.stored().sign_ins.len(), MOST_SIGN_INS);
}

#[test]
fn signing_out_ends_one_sign_in() {
    let mut bench = Bench::new();
    let ann = bench.user("ann", Role::Viewer);
    bench.signed_in(&ann, "s-1", 1);
    bench.signed_in(&ann, "s-2", 2);
    let out = Ask::SignOut { sign_in: Some("s-1".parse().unwrap()) };
    bench.people(&holder(&ann, Role::Viewer), out).unwrap();
    assert!(bench.counts(&ann, 0, "s-1").is_err());
    assert_eq!(bench.counts(&ann, 0, "s-2"), Ok(()));
}

#[test]
fn whoever_may_not_type_any_more_is_told_with_the_next_key() {
    let mut bench = Bench::new();
    bench.link("a", 9);
    let (_, worker, _) = bench.session();
    let ann = bench.user("ann", Role::Operator);
    bench.core.take_deliveries();
    let caller = holder(&ann, Role::Operator);
    let key = |bench: &mut Bench| {
        bench.core.touch(&caller, &worker, crate::sessions::Touch::Input("x".into()));
        bench.core.take_deliveries().pop().map(|(_, delivery)| delivery)
    };
    let is_order =
        |told: &Option<Delivery>| matches!(told, Some(Delivery::Notice(Notice::Order(_))));
    assert!(is_order(&key(&mut bench)));
    let role = |role| Ask::ChangeRole { user: ann.clone(), role };
    bench.people(&admin(), role(Role::Viewer)).unwrap();
    let told = key(&mut bench);
    let Some(Delivery::Notice(Notice::NotTouched(CoreError::Forbidden(_)))) = told else {
        panic!("{told:?}")
    };
    bench.people(&admin(), role(Role::Operator)).unwrap();
    assert!(is_order(&key(&mut bench)));
}

#[test]
fn every_act_leaves_one_record_and_no_record_a_password() {
    let mut bench = Bench::new();
    let ann = bench.user("ann", Role::Operator);
    bench.signed_in(&ann, "s-1", 1);
    let failed = |failure| Ask::FailSignIn { name: "ann".into(), failure };
    for failure in [Failure::Wrong, Failure::TooOften] {
        assert!(bench.people(&nobody(), failed(failure)).is_err());
    }
    bench.refresh("s-1", 1, 2).unwrap();
    bench.refresh("s-1", 1, 2).unwrap_err();
    for (caller, request) in [
        (holder(&ann, Role::Operator), Ask::SignOut { sign_in: None }),
        (admin(), Ask::ChangeRole { user: ann.clone(), role: Role::Viewer }),
        (holder(&ann, Role::Viewer), Ask::Remove(ann.clone())),
        (admin(), Ask::Remove(ann.clone())),
        (admin(), Ask::MakeCode),
        (nobody(), Ask::ExchangeCode { is_good: false }),
    ] {
        let _ = bench.people(&caller, request);
    }
    let told: Vec<_> =
        bench.audit().iter().map(|record| (&*record.action, record.refusal.is_none())).collect();
    let expected = [
        ("user.created", true),
        ("user.login", true),
        ("user.login.failed", false),
        ("user.login.failed", false),
        ("user.refresh", true),
        ("user.refresh", false),
        ("user.logout", true),
        ("user.role.changed", true),
        ("user.deleted", false),
        ("user.deleted", true),
        ("code.make", true),
        ("code.exchange", false),
    ];
    assert_eq!(told, expected);
    assert!(!format!("{:?}", bench.stored).contains("hash-canary"));
}

#[test]
fn without_storage_nobody_gets_in_but_anybody_can_be_kept_out() {
    let mut bench = Bench::new();
    let ann = bench.user("ann", Role::Operator);
    bench.core.ask(&admin(), Request::People(Ask::MakeCode), bench.now);
    bench.fail_commit();
    let begun = sign_in(&ann, "s-1", 1, bench.now);
    let asked = bench.core.ask(
        &holder(&ann, Role::Operator),
        Request::People(Ask::SignIn(begun)),
        bench.now,
    );
    assert_eq!(asked, Asked::Answered(Err(CoreError::StorageUnavailable)));
    bench.core.ask(&admin(), Request::People(Ask::Remove(ann.clone())), bench.now);
    bench.fail_commit();
    assert!(bench.core.effective(&holder(&ann, Role::Operator)).is_err());
    bench.commit();
    assert!(!bench.stored().users[0].is_here(), "it is stored as soon as that is possible");
}
