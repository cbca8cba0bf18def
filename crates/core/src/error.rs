//! Why the core said no. Closed: every protocol answers each of these in one exhaustive `match`.

use crate::ids::{AgentId, CommandId};

/// A refusal. Each variant says what the caller can do about it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CoreError {
    /// No agent of that id was ever here.
    #[error("agent {0} is not known")]
    AgentNotFound(AgentId),
    /// The agent is known but has no link now.
    #[error("agent {0} is not connected")]
    AgentOffline(AgentId),
    /// The agent's queue has no room.
    #[error("the queue of agent {agent} is full ({capacity} commands)")]
    QueueFull {
        /// Whose queue.
        agent: AgentId,
        /// How many commands it takes.
        capacity: usize,
    },
    /// No command of that id was ever here.
    #[error("command {0} is not known")]
    CommandNotFound(CommandId),
    /// The command ran longer than it may.
    #[error("command {0} exceeded its time limit")]
    CommandTimedOut(CommandId),
    /// The caller's role or scope does not allow it.
    #[error("{0}")]
    Forbidden(&'static str),
    /// A field's value cannot be accepted.
    #[error("{0}")]
    Invalid(&'static str),
    /// Another holder of that agent's id is linked, or the id belongs to another key.
    #[error(
        "agent {0} belongs to another key; start it with the data directory it enrolled with, or with an admin's token"
    )]
    AgentTaken(AgentId),
    /// What was asked could not be stored, so it was not done.
    #[error("the server cannot store anything now; try again later")]
    StorageUnavailable,
}
