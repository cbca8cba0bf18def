//! Keys are made, used, revoked and forgotten.

use std::{sync::Arc, time::Duration};

use super::{Key, KeyDraft, Origin, Presented, Request};
use crate::{
    Asked, Caller, Core, CoreError, Reply, Role, Scope,
    agents::{Hello, KeyHash},
    ids::{AgentId, ConnectionId, KeyId},
    outbox::Followup,
    ports::Write,
    time::{Moment, Timestamp},
};

/// How many keys people may have made.
const MOST_KEYS: usize = 10_000;
/// The longest name, in bytes.
const LONGEST_NAME: usize = 100;
/// A use is noted if the last one that was noted is so long ago, so that a busy key costs no writes.
const USE_GRAIN: Duration = Duration::from_mins(1);
/// Why an agent may not come back with what it has.
const SHUT_OUT: &str = "the key this agent enrolled with was revoked; give it a key that was made for it since then \
                        (pilothouse keys add --agent), or delete the revoked one";

impl Core {
    /// Who may ask this about keys: operators make them and care for their own, administrators for all.
    pub(crate) fn permit_keys(&self, caller: &Caller, request: &Request) -> Result<(), CoreError> {
        if !caller.is_at_least(Role::Operator) {
            return Err(CoreError::Forbidden("this takes the role operator or admin"));
        }
        match request {
            Request::Revoke(id) | Request::Delete(id)
                if self.keys.get(id).is_some_and(|key| !may_see(caller, key)) =>
            {
                Err(CoreError::Forbidden("somebody else's key takes the role admin"))
            }
            Request::Make(_) | Request::Revoke(_) | Request::Delete(_) => Ok(()),
        }
    }

    pub(crate) fn ask_keys(&mut self, caller: &Caller, request: Request, now: Moment) -> Asked {
        let done = match request {
            Request::Make(new) => self.make_key(caller, new, now),
            Request::Revoke(id) => self.revoke_key(&id, now),
            Request::Delete(id) => self.delete_key(&id),
        };
        self.answer_after_commit(caller, done)
    }

    fn make_key(
        &mut self,
        caller: &Caller,
        new: KeyDraft,
        now: Moment,
    ) -> Result<Reply, CoreError> {
        if self.outbox.is_degraded() {
            return Err(CoreError::StorageUnavailable);
        }
        let is_name = !new.name.trim().is_empty()
            && new.name.len() <= LONGEST_NAME
            && !new.name.chars().any(char::is_control);
        if !is_name {
            return Err(CoreError::Invalid("a key's name has 1 to 100 bytes on one line"));
        }
        if new.expires_at.is_some_and(|at| at <= now.wall) {
            return Err(CoreError::Invalid("the key would have expired already"));
        }
        if self.keys.made() >= MOST_KEYS {
            return Err(CoreError::LimitReached("there are 10000 keys; delete some first"));
        }
        let id = self.naming.key(now.wall);
        self.keep_key(Key {
            id: id.clone(),
            origin: Origin::Made,
            name: new.name,
            hash: new.hash,
            agent: new.agent,
            parent: None,
            made_by: caller.user.clone(),
            made_at: now.wall,
            expires_at: new.expires_at,
            used_at: None,
            revoked_at: None,
        });
        Ok(Reply::KeyMade(id))
    }

    /// From now on the key opens nothing, stored or not: it is better to be told so too early than too late.
    fn revoke_key(&mut self, id: &KeyId, now: Moment) -> Result<Reply, CoreError> {
        let key = self.keys.get(id).ok_or_else(|| CoreError::KeyNotFound(id.clone()))?;
        let mut key = (**key).clone();
        key.revoked_at = key.revoked_at.or(Some(now.wall));
        self.keep_key(key);
        Ok(Reply::Done)
    }

    fn delete_key(&mut self, id: &KeyId) -> Result<Reply, CoreError> {
        self.keys.remove(id).ok_or_else(|| CoreError::KeyNotFound(id.clone()))?;
        self.outbox.write(Write::KeyGone(id.clone()));
        Ok(Reply::Done)
    }

    fn keep_key(&mut self, key: Key) {
        let key = self.keys.put(key);
        self.outbox.write(Write::Key(key));
    }

    /// An agent id belongs to the key its agent enrolled with; without one, a live link is taken over
    /// only by its own user. An admin may do both.
    pub(crate) fn check_owner(&self, caller: &Caller, hello: &Hello) -> Result<(), CoreError> {
        if caller.is_at_least(Role::Admin) {
            return Ok(());
        }
        let link = self.agents.get(&hello.agent).and_then(|known| known.link.as_ref());
        let is_owner = match self.keys.enrolled(&hello.agent) {
            Some(owner) => match self.keys.revoked_at(owner) {
                Some(revoked_at) if self.is_made_for(caller, &hello.agent, revoked_at) => true,
                Some(_) => return Err(CoreError::Forbidden(SHUT_OUT)),
                None => {
                    matches!(caller.scope, Scope::Enrolled(_))
                        || hello.key == Some(owner.hash)
                        || owner.parent.is_some() && owner.parent.as_ref() == key_of(caller)
                }
            },
            None => link.is_none_or(|link| link.user == caller.user),
        };
        if is_owner { Ok(()) } else { Err(CoreError::AgentTaken(hello.agent.clone())) }
    }

    /// Whether the caller's key was made for that agent, and not before that moment.
    fn is_made_for(&self, caller: &Caller, agent: &AgentId, since: Timestamp) -> bool {
        let key = key_of(caller).and_then(|id| self.keys.get(id));
        key.is_some_and(|key| key.agent.as_ref() == Some(agent) && key.made_at >= since)
    }

    /// Stores the key by which the agent is to be known, and tells it when that is done.
    pub(crate) fn enrol(&mut self, caller: &Caller, hello: &Hello, now: Moment) {
        let Some(hash) = hello.key else { return };
        let agent = &hello.agent;
        let known = self.keys.enrolled(agent).cloned();
        let parent = match (&caller.scope, &known) {
            (Scope::Enrolled(_), Some(known)) => known.parent.clone(),
            _ => key_of(caller).cloned(),
        };
        match known {
            // With the enrolled key itself, or with a token: it stays what it is.
            Some(known) if known.hash == hash && (parent.is_none() || known.parent == parent) => {
                if self.keys.revoked_at(&known).is_some() {
                    return;
                }
            }
            // A key that was once revoked is not let in again through another one.
            Some(known) if known.hash == hash && known.revoked_at.is_some() => return,
            known => {
                if let Some(known) = known {
                    self.keys.remove(&known.id);
                    self.outbox.write(Write::KeyGone(known.id.clone()));
                }
                let maker = parent.as_ref().and_then(|parent| self.keys.get(parent));
                let made_by = maker.map_or_else(|| caller.user.clone(), |key| key.made_by.clone());
                let id = self.naming.key(now.wall);
                self.keep_key(Key {
                    id,
                    origin: Origin::Enrolled,
                    name: hello.profile.name.clone(),
                    hash,
                    agent: Some(agent.clone()),
                    parent,
                    made_by,
                    made_at: now.wall,
                    expires_at: None,
                    used_at: Some(now.wall),
                    revoked_at: None,
                });
            }
        }
        self.outbox.after_commit(Followup::Enrolled { agent: agent.clone() });
    }

    /// The key of that hash, and whether it counts.
    pub fn presented_key(&self, hash: &KeyHash, now: Timestamp) -> Option<Presented> {
        self.keys.with_hash(hash).map(|key| self.keys.presented(key, now))
    }

    /// Whether the use of a key is worth noting.
    pub fn is_use_news(&self, id: &KeyId, now: Timestamp) -> bool {
        let grain = u64::try_from(USE_GRAIN.as_millis()).unwrap_or(u64::MAX);
        let is_old = |used_at: Timestamp| used_at.0.saturating_add(grain) <= now.0;
        self.keys.get(id).is_some_and(|key| key.used_at.is_none_or(is_old))
    }

    /// Notes that a key was used.
    pub fn note_key_use(&mut self, id: &KeyId, now: Moment) {
        if self.is_use_news(id, now.wall)
            && let Some(key) = self.keys.get(id)
        {
            let key = Key { used_at: Some(now.wall), ..(**key).clone() };
            self.keep_key(key);
        }
    }

    /// The keys that a caller may see, oldest first.
    pub fn visible_keys(&self, caller: &Caller, now: Timestamp) -> Vec<Presented> {
        if !caller.is_at_least(Role::Operator) {
            return Vec::new();
        }
        let visible = self.keys.all().filter(|key| may_see(caller, key));
        visible.map(|key| self.keys.presented(key, now)).collect()
    }

    /// The hashes of a key and of those that agents enrolled with through it.
    pub fn key_family(&self, id: &KeyId) -> Vec<KeyHash> {
        self.keys.family(id).map(|key| key.hash).collect()
    }

    /// The links of the agents that enrolled with this key, or through it.
    pub fn links_through_key(&self, id: &KeyId) -> Vec<ConnectionId> {
        let enrolled = self.keys.family(id).filter(|key| key.origin == Origin::Enrolled);
        let known = enrolled.filter_map(|key| self.agents.get(key.agent.as_ref()?));
        known.filter_map(|known| Some(known.link.as_ref()?.connection)).collect()
    }

    /// Takes keys over from storage.
    pub(crate) fn restore_keys(&mut self, keys: Vec<Key>) {
        for key in keys {
            self.keys.put(key);
        }
    }
}

fn may_see(caller: &Caller, key: &Arc<Key>) -> bool {
    caller.is_at_least(Role::Admin) || key.made_by == caller.user
}

/// The key that a caller came with, if a person made it.
fn key_of(caller: &Caller) -> Option<&KeyId> {
    match &caller.scope {
        Scope::Keyed { key, .. } => Some(key),
        _ => None,
    }
}
