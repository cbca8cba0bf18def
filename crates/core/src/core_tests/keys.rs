//! Keys: who makes them, whom they let in, and when they stop to.

use super::*;
use crate::{
    agents::KeyHash,
    ids::KeyId,
    keys::{KeyDraft, Request as Ask, Standing},
};

impl Bench {
    fn keys(&mut self, caller: &Caller, request: Ask) -> Result<(), CoreError> {
        match self.core.ask(caller, Request::Keys(request), self.now) {
            Asked::Answered(answer) => answer.map(|_| ()),
            Asked::AfterCommit => Ok(()),
        }
    }

    /// A key that Ann made, and whoever comes with it.
    fn key(&mut self, agent: Option<&str>, byte: u8) -> (KeyId, Caller) {
        let agent: Option<AgentId> = agent.map(|id| id.parse().unwrap());
        let new = KeyDraft {
            name: "build".into(),
            hash: KeyHash([byte; 32]),
            agent: agent.clone(),
            expires_at: None,
        };
        self.keys(&person(Role::Operator), Ask::Make(new)).unwrap();
        self.commit();
        let key = self.presented(byte).key.id.clone();
        let scope = Scope::Keyed { key: key.clone(), agent };
        let caller = Caller { user: key.as_str().into(), scope, ..agent_caller("x", 9) };
        (key, caller)
    }

    fn presented(&self, byte: u8) -> crate::keys::Presented {
        self.core.presented_key(&KeyHash([byte; 32]), self.now.wall).unwrap()
    }

    fn come(&mut self, caller: &Caller, agent: &str, byte: Option<u8>) -> Result<(), CoreError> {
        let Request::Agents(agents::Request::Link(mut said)) = hello(agent) else { unreachable!() };
        said.key = byte.map(|byte| KeyHash([byte; 32]));
        let asked = self.core.ask(caller, Request::Agents(agents::Request::Link(said)), self.now);
        self.commit();
        match asked {
            Asked::Answered(answer) => answer.map(|_| ()),
            Asked::AfterCommit => unreachable!(),
        }
    }
}

fn enrolled(agent: &str) -> Caller {
    Caller { scope: Scope::Enrolled(agent.parse().unwrap()), ..agent_caller(agent, 20) }
}

#[test]
fn a_bound_key_lets_its_agent_in_and_an_unbound_one_new_agents_and_its_own() {
    let mut bench = Bench::new();
    let (_, bound) = bench.key(Some("a"), 1);
    let (parent, unbound) = bench.key(None, 2);
    assert_eq!(bench.come(&bound, "a", Some(11)), Ok(()));
    assert!(matches!(bench.come(&bound, "b", Some(12)), Err(CoreError::Forbidden(_))));
    assert_eq!(bench.come(&unbound, "b", Some(12)), Ok(()));
    assert_eq!(bench.come(&unbound, "b", Some(13)), Ok(()), "its folder was lost");
    assert_eq!(
        bench.come(&unbound, "a", Some(14)),
        Err(CoreError::AgentTaken("a".parse().unwrap()))
    );
    let child = bench.presented(13).key;
    assert_eq!((child.parent.as_ref(), &*child.made_by), (Some(&parent), "ann"));
    assert!(bench.core.presented_key(&KeyHash([12; 32]), bench.now.wall).is_none());
    assert_eq!(bench.come(&enrolled("b"), "b", Some(15)), Ok(()));
    assert_eq!(bench.presented(15).key.parent, Some(parent), "a fresh secret has the same parent");
}

#[test]
fn a_revoked_key_takes_along_whoever_enrolled_through_it() {
    let mut bench = Bench::new();
    let (parent, caller) = bench.key(None, 2);
    bench.come(&caller, "a", Some(11)).unwrap();
    let other = agent_caller("z", 30);
    bench.come(&other, "z", Some(12)).unwrap();
    assert_eq!(bench.core.key_family(&parent).len(), 2);
    bench.keys(&person(Role::Operator), Ask::Revoke(parent.clone())).unwrap();
    for byte in [2, 11] {
        assert_eq!(
            bench.presented(byte).standing,
            Standing::Revoked,
            "at once, not once it is stored"
        );
    }
    assert_eq!(bench.presented(12).standing, Standing::Counts);
    bench.commit();
    // Neither its own token nor an operator brings the agent back, but a key that was made for it since then.
    bench.pass(1);
    for caller in [agent_caller("a", 31), person(Role::Operator)] {
        assert!(matches!(bench.come(&caller, "a", Some(11)), Err(CoreError::Forbidden(_))));
    }
    let (_, unbound) = bench.key(None, 3);
    assert!(matches!(bench.come(&unbound, "a", Some(11)), Err(CoreError::Forbidden(_))));
    let (_, bound) = bench.key(Some("a"), 4);
    assert_eq!(bench.come(&bound, "a", Some(11)), Ok(()));
    assert_eq!(bench.presented(11).standing, Standing::Counts);
    assert_eq!(bench.keys(&person(Role::Admin), Ask::Delete(parent)), Ok(()));
    assert_eq!(bench.presented(11).standing, Standing::Counts);
}

#[test]
fn an_enrolled_key_that_was_revoked_is_not_enrolled_again() {
    let mut bench = Bench::new();
    let (_, caller) = bench.key(Some("a"), 2);
    bench.come(&caller, "a", Some(11)).unwrap();
    let child = bench.presented(11).key.id.clone();
    bench.pass(1);
    bench.keys(&person(Role::Admin), Ask::Revoke(child.clone())).unwrap();
    assert!(matches!(bench.come(&caller, "a", Some(12)), Err(CoreError::Forbidden(_))));
    bench.orders();
    assert_eq!(bench.come(&person(Role::Admin), "a", Some(11)), Ok(()));
    assert!(!bench.orders().contains(&Order::Enrolled));
    assert_eq!(bench.presented(11).standing, Standing::Revoked);
    assert_eq!(bench.come(&person(Role::Admin), "a", Some(12)), Ok(()));
    assert!(bench.orders().contains(&Order::Enrolled));
    assert!(bench.core.presented_key(&KeyHash([11; 32]), bench.now.wall).is_none());
    // Whoever forgets the revoked key frees the id.
    let child = bench.presented(12).key.id.clone();
    bench.keys(&person(Role::Admin), Ask::Delete(child)).unwrap();
    assert_eq!(
        bench.come(&caller, "a", Some(13)),
        Err(CoreError::AgentTaken("a".parse().unwrap())),
        "somebody is linked"
    );
}

#[test]
fn a_key_expires_and_so_do_those_that_came_through_it() {
    let mut bench = Bench::new();
    let soon = Some(Timestamp(bench.now.wall.0 + 1_000));
    let new =
        |expires_at| KeyDraft { name: "k".into(), hash: KeyHash([1; 32]), agent: None, expires_at };
    let operator = person(Role::Operator);
    let past = bench.keys(&operator, Ask::Make(new(Some(bench.now.wall))));
    assert!(matches!(past, Err(CoreError::Invalid(_))));
    bench.keys(&operator, Ask::Make(new(soon))).unwrap();
    bench.commit();
    let key = bench.presented(1).key.id.clone();
    let scope = Scope::Keyed { key, agent: None };
    let caller = Caller { scope, ..agent_caller("k", 9) };
    bench.come(&caller, "a", Some(11)).unwrap();
    assert_eq!(
        (bench.presented(11).standing, bench.presented(11).expires_at),
        (Standing::Counts, soon)
    );
    bench.pass(1_000);
    assert_eq!(bench.presented(1).standing, Standing::Expired);
    assert_eq!(bench.presented(11).standing, Standing::Expired);
}

#[test]
fn operators_care_for_their_own_keys_and_administrators_for_all() {
    let mut bench = Bench::new();
    let (key, _) = bench.key(None, 1);
    let bob = Caller { user: "bob".into(), ..person(Role::Operator) };
    let viewer = person(Role::Viewer);
    let forbidden = |result| matches!(result, Err(CoreError::Forbidden(_)));
    for request in [Ask::Revoke(key.clone()), Ask::Delete(key.clone())] {
        assert!(forbidden(bench.keys(&bob, request.clone())));
        assert!(forbidden(bench.keys(&viewer, request)));
    }
    let unknown: KeyId = "key-x".parse().unwrap();
    assert_eq!(
        bench.keys(&bob, Ask::Revoke(unknown.clone())),
        Err(CoreError::KeyNotFound(unknown))
    );
    let seen = |bench: &Bench, caller: &Caller| bench.core.visible_keys(caller, Timestamp(0)).len();
    assert_eq!((seen(&bench, &bob), seen(&bench, &viewer)), (0, 0));
    assert_eq!((seen(&bench, &person(Role::Operator)), seen(&bench, &person(Role::Admin))), (1, 1));
    assert_eq!(bench.keys(&person(Role::Operator), Ask::Delete(key)), Ok(()));
    assert_eq!(seen(&bench, &person(Role::Admin)), 0);
    for name in ["", " ", "a\nb", &"x".repeat(101)] {
        let hash = KeyHash([9; 32]);
        let new = KeyDraft { name: name.into(), hash, agent: None, expires_at: None };
        assert!(bench.keys(&person(Role::Operator), Ask::Make(new)).is_err(), "{name:?}");
    }
}

#[test]
fn a_busy_key_costs_one_write_a_minute() {
    let mut bench = Bench::new();
    let (key, _) = bench.key(None, 1);
    bench.stored.clear();
    for _ in 0..100 {
        bench.core.note_key_use(&key, bench.now);
        bench.pass(1_000);
        bench.commit();
    }
    let writes = bench.stored.iter().filter(|write| matches!(write, Write::Key(_)));
    assert_eq!(writes.count(), 2);
    assert_eq!(bench.presented(1).key.used_at, Some(Timestamp(1_000_000 + 60_000)));
}
