//! Attention: who waits for a person, since when, why, and how to answer.

mod board;

pub(crate) use board::Board;

use std::sync::Arc;

use crate::{
    ids::{AgentId, CommandId, RunId, WorkerId},
    time::Timestamp,
};

/// What the waiting is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// An agent is gone although it had work.
    Agent(AgentId),
    /// A command failed.
    Command(CommandId),
    /// An agent worker asks something, or failed.
    Worker(WorkerId),
    /// A run failed, or waits for a person.
    Run(RunId),
}

/// Why a person should look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reason {
    /// A command ended as failed.
    CommandFailed,
    /// The agent is gone and its work with it.
    AgentLost,
    /// The agent says that something is wrong with it.
    AgentTrouble,
    /// A worker asks a person something.
    WorkerAsks,
    /// An agent worker ended with a failure, and nobody saw it.
    WorkerFailed,
    /// A run ended as failed.
    RunFailed,
    /// A run asks a person something.
    RunAsks,
    /// A run wants to send something, and may not without leave.
    RunWantsApproval,
}

impl Reason {
    /// In one word, as routes, dashboards and webhooks call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::CommandFailed => "commandFailed",
            Self::AgentLost => "agentLost",
            Self::AgentTrouble => "agentTrouble",
            Self::WorkerAsks => "workerAsks",
            Self::WorkerFailed => "workerFailed",
            Self::RunFailed => "runFailed",
            Self::RunAsks => "runAsks",
            Self::RunWantsApproval => "runWantsApproval",
        }
    }
}

/// How a person can answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Answer {
    /// Say that it was seen.
    Dismiss,
    /// Type the answer into the worker's terminal.
    Type,
    /// Answer the run's question.
    Reply,
    /// Allow or refuse what the run wants to send.
    Decide,
}

/// One thing that waits for a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// What it is about; there is one item per subject.
    pub subject: Subject,
    /// On which agent.
    pub agent: AgentId,
    /// Why.
    pub reason: Reason,
    /// In words.
    pub text: Arc<str>,
    /// Since when.
    pub since: Timestamp,
    /// How to answer.
    pub answer: Answer,
}

/// What can be asked about attention.
#[derive(Debug, Clone, PartialEq)]
pub enum Request {
    /// Somebody saw it.
    Dismiss(Subject),
}

/// What viewers learn about attention.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// Something waits.
    Raised(Arc<Item>),
    /// It does not wait any longer.
    Cleared(Subject),
}
