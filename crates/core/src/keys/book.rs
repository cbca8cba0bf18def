//! All keys, found by id, by agent and by hash.

use std::{collections::BTreeMap, sync::Arc};

use super::{Key, Origin, Presented, Standing};
use crate::{
    agents::KeyHash,
    ids::{AgentId, KeyId},
    time::Timestamp,
};

/// Every key this server knows.
#[derive(Debug, Default)]
pub(crate) struct Book {
    keys: BTreeMap<KeyId, Arc<Key>>,
    /// Which key each agent enrolled with.
    enrolled: BTreeMap<AgentId, KeyId>,
    /// By the beginning of the hash, so that nobody has to compare with all of them.
    by_hash: BTreeMap<u64, Vec<KeyId>>,
    made: usize,
}

impl Book {
    pub(crate) fn get(&self, id: &KeyId) -> Option<&Arc<Key>> {
        self.keys.get(id)
    }

    /// All keys, oldest first.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Arc<Key>> {
        self.keys.values()
    }

    /// How many of them people made.
    pub(crate) fn made(&self) -> usize {
        self.made
    }

    /// The key that an agent enrolled with.
    pub(crate) fn enrolled(&self, agent: &AgentId) -> Option<&Arc<Key>> {
        self.enrolled.get(agent).and_then(|id| self.keys.get(id))
    }

    /// Inserts or replaces a key.
    pub(crate) fn put(&mut self, key: Key) -> Arc<Key> {
        self.remove(&key.id);
        let key = Arc::new(key);
        self.by_hash.entry(beginning(&key.hash)).or_default().push(key.id.clone());
        self.made += usize::from(key.origin == Origin::Made);
        if let (Origin::Enrolled, Some(agent)) = (key.origin, &key.agent) {
            self.enrolled.insert(agent.clone(), key.id.clone());
        }
        self.keys.insert(key.id.clone(), key.clone());
        key
    }

    pub(crate) fn remove(&mut self, id: &KeyId) -> Option<Arc<Key>> {
        let key = self.keys.remove(id)?;
        if let Some(namesakes) = self.by_hash.get_mut(&beginning(&key.hash)) {
            namesakes.retain(|known| known != id);
            if namesakes.is_empty() {
                self.by_hash.remove(&beginning(&key.hash));
            }
        }
        self.made -= usize::from(key.origin == Origin::Made);
        if let Some(agent) = &key.agent
            && self.enrolled.get(agent) == Some(id)
        {
            self.enrolled.remove(agent);
        }
        Some(key)
    }

    /// The key of that hash. Where the beginnings agree, comparing takes the same time wherever the rest differs.
    pub(crate) fn with_hash(&self, hash: &KeyHash) -> Option<&Arc<Key>> {
        let candidates = self.by_hash.get(&beginning(hash))?;
        candidates.iter().filter_map(|id| self.keys.get(id)).find(|key| is_same(&key.hash, hash))
    }

    /// Since when a key is revoked: itself, or the one that its agent enrolled through.
    pub(crate) fn revoked_at(&self, key: &Key) -> Option<Timestamp> {
        let parent = key.parent.as_ref().map(|parent| self.keys.get(parent));
        let through = match parent {
            Some(Some(parent)) => parent.revoked_at,
            // A key that is gone does not let anybody in.
            Some(None) => Some(key.made_at),
            None => None,
        };
        key.revoked_at.into_iter().chain(through).min()
    }

    /// When a key stops to count by itself, or with the one that its agent enrolled through.
    pub(crate) fn expires_at(&self, key: &Key) -> Option<Timestamp> {
        let parent = key.parent.as_ref().and_then(|parent| self.keys.get(parent));
        key.expires_at.into_iter().chain(parent.and_then(|parent| parent.expires_at)).min()
    }

    /// Whether a key counts at `now`.
    pub(crate) fn presented(&self, key: &Arc<Key>, now: Timestamp) -> Presented {
        let expires_at = self.expires_at(key);
        let standing = if self.revoked_at(key).is_some() {
            Standing::Revoked
        } else if expires_at.is_some_and(|at| at <= now) {
            Standing::Expired
        } else {
            Standing::Counts
        };
        Presented { key: key.clone(), standing, expires_at }
    }

    /// The key itself and those that agents enrolled with through it.
    pub(crate) fn family<'a>(&'a self, id: &'a KeyId) -> impl Iterator<Item = &'a Arc<Key>> {
        let is_child = move |key: &&Arc<Key>| key.parent.as_ref() == Some(id);
        self.keys.get(id).into_iter().chain(self.keys.values().filter(is_child))
    }
}

fn beginning(hash: &KeyHash) -> u64 {
    hash.0[..8].iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

fn is_same(one: &KeyHash, other: &KeyHash) -> bool {
    one.0.iter().zip(other.0).fold(0, |differs, (one, other)| differs | (one ^ other)) == 0
}
