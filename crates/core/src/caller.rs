//! Who asks, and what they may do. How they proved it is the server's business.

use std::sync::Arc;

use crate::{
    ids::{AgentId, ConnectionId, KeyId, SessionId},
    time::Timestamp,
};

/// What a person may do. A later role may do all that an earlier one may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Sees everything, changes nothing.
    Viewer,
    /// Runs commands and types into terminals.
    Operator,
    /// Also administers people, keys and agents.
    Admin,
}

impl Role {
    /// The role's name in tokens, tables and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Operator => "operator",
            Self::Admin => "admin",
        }
    }

    /// The role of that name.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "viewer" => Some(Self::Viewer),
            "operator" => Some(Self::Operator),
            "admin" => Some(Self::Admin),
            _ => None,
        }
    }
}

/// What a credential opens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// A person, or a program acting as one, with that role.
    Person(Role),
    /// The agent of that id and nothing else.
    Agent(AgentId),
    /// The same, proved with the key that the agent enrolled with.
    Enrolled(AgentId),
    /// What a key that somebody made opens: its agent, or, without one, agents that are new or enrolled through it.
    Keyed {
        /// Which key.
        key: KeyId,
        /// The agent it is bound to.
        agent: Option<AgentId>,
    },
    /// The pictures of one session and nothing else.
    View(SessionId),
    /// One session's pictures, and that agent's part in the session.
    Session {
        /// Which session.
        session: SessionId,
        /// Which agent.
        agent: AgentId,
    },
    /// Nothing: somebody who is about to say who they are.
    Nobody,
}

/// Whoever a request comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The user's id; for agents the agent's id.
    pub user: Arc<str>,
    /// What to show to people; the id when the credential names nobody.
    pub name: Arc<str>,
    /// What the credential opens.
    pub scope: Scope,
    /// The connection the request came in on.
    pub connection: ConnectionId,
    /// The peer's address without its port, for the audit.
    pub address: Arc<str>,
    /// The peer's program as it names itself, for the audit; empty if it does not.
    pub program: Arc<str>,
    /// When the credential stops to count.
    pub expires_at: Option<Timestamp>,
}

impl Caller {
    /// Whether a person of at least that role is asking.
    pub fn is_at_least(&self, role: Role) -> bool {
        matches!(self.scope, Scope::Person(own) if own >= role)
    }

    /// Whether a person stands behind the credential, who may be in the book: it is theirs, or was made for them. Agents may
    /// be called like people, and are somebody else.
    pub fn is_person(&self) -> bool {
        match &self.scope {
            Scope::Person(_) | Scope::View(_) => true,
            Scope::Session { agent, .. } => *self.user != *agent.as_str(),
            Scope::Agent(_) | Scope::Enrolled(_) | Scope::Keyed { .. } | Scope::Nobody => false,
        }
    }
}
