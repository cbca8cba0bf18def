//! Whatever is asked about people in whatever order, also over restarts: nobody comes back who was kept out.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::people::{admin, holder, new_user, sign_in};
use super::*;
use crate::{
    agents::KeyHash,
    ids::UserId,
    people::{PasswordHash, Request as Ask},
};

#[derive(Debug, Clone, Copy)]
enum Step {
    Create,
    SignIn(usize),
    Refresh(usize, u8),
    SignOut(usize),
    Role(usize, Role),
    Password(usize),
    Remove(usize),
    Restart,
    Pass(u64),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let role = prop_oneof![Just(Role::Viewer), Just(Role::Operator), Just(Role::Admin)];
    let step = prop_oneof![
        2 => Just(Step::Create),
        5 => (0usize..4).prop_map(Step::SignIn),
        6 => (0usize..12, 0u8..3).prop_map(|(which, age)| Step::Refresh(which, age)),
        2 => (0usize..12).prop_map(Step::SignOut),
        3 => (0usize..4, role).prop_map(|(who, role)| Step::Role(who, role)),
        1 => (0usize..4).prop_map(Step::Password),
        1 => (0usize..4).prop_map(Step::Remove),
        1 => Just(Step::Restart),
        2 => (1u64..5000).prop_map(Step::Pass),
    ];
    proptest::collection::vec(step, 1..80)
}

/// What ought to be.
#[derive(Default)]
struct Model {
    users: Vec<(UserId, Role)>,
    gone: BTreeSet<UserId>,
    /// Whose each sign-in is, and how often it was renewed.
    live: BTreeMap<usize, (UserId, u8)>,
    ended: BTreeSet<usize>,
    begun: usize,
    /// Ids of two lives differ by their seeds.
    lives: u64,
}

impl Model {
    fn end(&mut self, of: impl Fn(&UserId) -> bool) {
        let (ended, live) =
            std::mem::take(&mut self.live).into_iter().partition(|(_, it)| of(&it.0));
        let ended: BTreeMap<usize, (UserId, u8)> = ended;
        self.live = live;
        self.ended.extend(ended.into_keys());
    }

    fn step(&mut self, bench: &mut Bench, step: Step) {
        match step {
            Step::Create => {
                let name = format!("user-{}", self.users.len());
                let new = new_user(&name, Role::Operator);
                if let Ok(Reply::UserMade(id)) = bench.people(&admin(), Ask::Create(new)) {
                    self.users.push((id, Role::Operator));
                }
            }
            Step::SignIn(who) => {
                let Some((user, _)) = self.users.get(who).cloned() else { return };
                let begun = sign_in(&user, &format!("s-{}", self.begun), 0, bench.now);
                let done = bench.people(&holder(&user, Role::Viewer), Ask::SignIn(begun)).is_ok();
                assert_eq!(done, !self.gone.contains(&user));
                if done {
                    self.live.insert(self.begun, (user, 0));
                    self.begun += 1;
                }
            }
            Step::Refresh(which, age) => {
                let known = self.live.get(&which).cloned();
                let newest = known.as_ref().map_or(0, |(_, count)| *count);
                let shown = newest.saturating_sub(age);
                let done = bench.refresh(&format!("s-{which}"), shown, newest + 1).is_ok();
                assert_eq!(done, known.is_some() && shown == newest);
                match known {
                    Some((user, count)) if done => drop(self.live.insert(which, (user, count + 1))),
                    Some(_) => {
                        self.live.remove(&which);
                        self.ended.insert(which);
                    }
                    None => {}
                }
            }
            Step::SignOut(which) => {
                let Some((user, _)) = self.live.remove(&which) else { return };
                let sign_in = format!("s-{which}").parse().ok();
                bench.people(&holder(&user, Role::Viewer), Ask::SignOut { sign_in }).unwrap();
                self.ended.insert(which);
            }
            Step::Role(who, role) => {
                let Some((user, known)) = self.users.get_mut(who) else { return };
                let change = Ask::ChangeRole { user: user.clone(), role };
                if bench.people(&admin(), change).is_ok() {
                    *known = role;
                }
            }
            Step::Password(who) => {
                let Some((user, _)) = self.users.get(who).cloned() else { return };
                let password = PasswordHash::new("x");
                let change = Ask::ChangePassword { user: user.clone(), password };
                if bench.people(&admin(), change).is_ok() {
                    self.end(|whose| *whose == user);
                }
            }
            Step::Remove(who) => {
                let Some((user, _)) = self.users.get(who).cloned() else { return };
                let done = bench.people(&admin(), Ask::Remove(user.clone())).is_ok();
                assert_eq!(done, self.gone.insert(user.clone()));
                self.end(|whose| *whose == user);
            }
            Step::Restart => {
                let (stored, now) = (bench.stored(), bench.now);
                self.lives += 1;
                bench.core = Core::new(Settings::default(), self.lives + 100);
                bench.core.restore(stored, now);
            }
            Step::Pass(milliseconds) => bench.pass(milliseconds),
        }
    }

    fn check(&self, bench: &Bench) {
        for (which, (user, count)) in &self.live {
            let known = bench.core.people().sign_in(&format!("s-{which}").parse().unwrap());
            let known = known.expect("it goes on");
            assert_eq!((&known.user, known.secret), (user, KeyHash([*count; 32])));
            assert!(!self.gone.contains(user));
        }
        for which in &self.ended {
            let id = format!("s-{which}").parse().unwrap();
            assert!(bench.core.people().sign_in(&id).is_none(), "{id} came back");
        }
        for (user, role) in &self.users {
            let caller = holder(user, Role::Admin);
            let effective = bench.core.effective(&caller).map(|caller| caller.scope.clone()).ok();
            let expected = (!self.gone.contains(user)).then_some(Scope::Person(*role));
            assert_eq!(effective, expected);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whoever_was_kept_out_stays_out(steps in steps()) {
        let (mut bench, mut model) = (Bench::new(), Model::default());
        for step in steps {
            model.step(&mut bench, step);
            model.check(&bench);
        }
    }
}
