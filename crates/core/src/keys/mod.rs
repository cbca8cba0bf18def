//! Keys of agents: credentials without a session, each of which can be revoked and may expire.
//!
//! A key that a person made opens the link of its agent, or, bound to none, of any agent that is new or enrolled
//! through it. A key that an agent enrolled with opens that agent's link, for as long as the key counts that the agent
//! enrolled through. Only hashes are here.

mod book;
mod life;

pub(crate) use book::Book;

use std::sync::Arc;

use crate::{
    agents::KeyHash,
    ids::{AgentId, KeyId},
    time::Timestamp,
};

/// How a key came to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Origin {
    /// A person made it.
    Made,
    /// An agent enrolled with it.
    Enrolled,
}

impl Origin {
    /// Its word in tables and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Made => "made",
            Self::Enrolled => "enrolled",
        }
    }

    /// The origin of that name.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Made, Self::Enrolled].into_iter().find(|origin| origin.as_str() == name)
    }
}

/// One key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// Its id; not secret.
    pub id: KeyId,
    /// How it came to be.
    pub origin: Origin,
    /// For people.
    pub name: Arc<str>,
    /// The SHA-256 of its text.
    pub hash: KeyHash,
    /// The agent it is bound to.
    pub agent: Option<AgentId>,
    /// Of an enrolled one: the key that the agent enrolled through, if it was one.
    pub parent: Option<KeyId>,
    /// The id of whoever made it, or had the agent enrol.
    pub made_by: Arc<str>,
    /// When it was made.
    pub made_at: Timestamp,
    /// When it stops to count.
    pub expires_at: Option<Timestamp>,
    /// When it was last used, to the minute.
    pub used_at: Option<Timestamp>,
    /// Since when it does not count any more.
    pub revoked_at: Option<Timestamp>,
}

/// Whether a key counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Standing {
    /// It does.
    Counts,
    /// It was revoked, or the key was that its agent enrolled through.
    Revoked,
    /// It has expired, or that key has.
    Expired,
}

impl Standing {
    /// Its word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Counts => "active",
            Self::Revoked => "revoked",
            Self::Expired => "expired",
        }
    }
}

/// A key as its holder presented it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Presented {
    /// The key.
    pub key: Arc<Key>,
    /// Whether it counts.
    pub standing: Standing,
    /// When it stops to count: its own time, or that of the key which its agent enrolled through.
    pub expires_at: Option<Timestamp>,
}

/// A key that is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyDraft {
    /// For people.
    pub name: Arc<str>,
    /// The SHA-256 of its text.
    pub hash: KeyHash,
    /// The agent it is to be bound to.
    pub agent: Option<AgentId>,
    /// When it is to stop to count.
    pub expires_at: Option<Timestamp>,
}

/// What can be asked about keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// A key is to be made.
    Make(KeyDraft),
    /// A key is to count no longer; it stays in the list.
    Revoke(KeyId),
    /// A key is to count no longer and to be forgotten.
    Delete(KeyId),
}
