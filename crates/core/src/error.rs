//! Why the core said no. Closed: every protocol answers each of these in one exhaustive `match`.

use std::sync::Arc;

use crate::{
    agent_type::{Conflict, InvalidAgentType},
    calls::CallRefusal,
    control::Hold,
    ids::{
        AgentId, AgentTypeId, CommandId, DeliveryId, KeyId, PresetId, RecordingId, RepositoryId,
        RunId, SessionId, WebhookId, WorkerId,
    },
    people, runs,
    time::Timestamp,
};

/// A refusal. Each variant says what the caller can do about it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CoreError {
    /// No agent of that id was ever here.
    #[error("agent {0} is not known")]
    AgentNotFound(AgentId),
    /// The agent is known but has no link now.
    #[error("agent {0} is not connected")]
    AgentOffline(AgentId),
    /// The agent has no link; somebody else reports its state, and cannot pass anything on to it.
    #[error("agent {0} is only reported to this server; it takes nothing from here")]
    AgentReported(AgentId),
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
    /// No session of that id is here.
    #[error("session {0} is not known")]
    SessionNotFound(SessionId),
    /// The session has no worker of that id.
    #[error("worker {0} is not known")]
    WorkerNotFound(WorkerId),
    /// No repository of that id is here.
    #[error("repository {0} is not known")]
    RepositoryNotFound(RepositoryId),
    /// No agent type of that id is here.
    #[error("agent type {0} is not known")]
    AgentTypeNotFound(AgentTypeId),
    /// An agent type cannot be accepted as it is described.
    #[error(transparent)]
    InvalidAgentType(#[from] InvalidAgentType),
    /// An agent type does not fit what there is.
    #[error(transparent)]
    AgentTypeConflict(#[from] Conflict),
    /// No key of that id is here.
    #[error("key {0} is not known")]
    KeyNotFound(KeyId),
    /// There is no such recording of the session.
    #[error("there is no such recording of this session")]
    RecordingNotFound(RecordingId),
    /// No preset of that id is here.
    #[error("preset {0} is not known")]
    PresetNotFound(PresetId),
    /// No run of that id is here.
    #[error("run {0} is not known")]
    RunNotFound(RunId),
    /// The run is not so that this could be done.
    #[error(transparent)]
    Run(#[from] runs::Refusal),
    /// The agent does no runs.
    #[error("agent {0} takes no runs: it has no browser, or its version does not know them")]
    AgentCannotRun(AgentId),
    /// No agent that is connected does runs.
    #[error("no agent that is connected takes runs; connect one that has a browser")]
    NobodyRuns,
    /// No webhook of that id is here.
    #[error("webhook {0} is not known")]
    WebhookNotFound(WebhookId),
    /// The webhook has no delivery of that id, or not any more.
    #[error("delivery {0} is not known, or has been forgotten")]
    DeliveryNotFound(DeliveryId),
    /// Somebody stopped the agent: nothing is started there.
    #[error("agent {agent} is held: {}; resume it first", hold.text)]
    AgentHeld {
        /// Which agent.
        agent: AgentId,
        /// Why.
        hold: Arc<Hold>,
    },
    /// The agent has used up its budget, which refuses more.
    #[error("{text}; try again later, or have the budget raised")]
    OverBudget {
        /// Which agent.
        agent: AgentId,
        /// When there is room again.
        until: Timestamp,
        /// Which limit is reached.
        text: Arc<str>,
    },
    /// Somebody else steers the browser.
    #[error("{0} steers this browser; ask for control first")]
    SteeredByOther(Arc<str>),
    /// Only whoever steers the browser may do this.
    #[error("you do not steer this browser; ask for control first")]
    NotInControl,
    /// The agent has no live worker that a message could go to.
    #[error("agent {0} has no running worker; start one first")]
    NobodyListens(AgentId),
    /// The agent refuses what it was asked.
    #[error("{}", .0.reason)]
    CallRefused(CallRefusal),
    /// The agent did not answer in time.
    #[error("agent {0} did not answer in time; try again")]
    CallTimedOut(AgentId),
    /// There are as many of them as there may be.
    #[error("{0}")]
    LimitReached(&'static str),
    /// Something about people was refused.
    #[error(transparent)]
    People(#[from] people::Refusal),
    /// What was asked could not be stored, so it was not done.
    #[error("the server cannot store anything now; try again later")]
    StorageUnavailable,
}
