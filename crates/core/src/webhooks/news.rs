//! News: what there is to tell, as facts.

use std::{sync::Arc, time::Duration};

use crate::{
    ids::{AgentId, CommandId, RunId, SessionId, WorkerId},
    time::Timestamp,
};

/// What webhooks choose from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Occasion {
    /// Somebody begins to wait for a person.
    Attention,
    /// A command or a worker failed, or an agent is in trouble.
    Failed,
    /// An agent is gone.
    Offline,
    /// A command succeeded, or a worker has done what it was asked for.
    Completed,
}

impl Occasion {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Attention, Self::Failed, Self::Offline, Self::Completed];

    /// Its word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Attention => "attention",
            Self::Failed => "failed",
            Self::Offline => "offline",
            Self::Completed => "completed",
        }
    }

    /// The occasion of that word.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|occasion| occasion.as_str() == word)
    }
}

/// What kind of thing happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NewsKind {
    /// Something waits for a person.
    AttentionRaised,
    /// A command ended, and did not do what it was to do.
    CommandFailed,
    /// A command line agent's process ended with a failure.
    WorkerFailed,
    /// Something is wrong with an agent.
    AgentError,
    /// An agent went, and has stayed away.
    AgentOffline,
    /// A command ended with exit code 0.
    CommandCompleted,
    /// A command line agent that worked waits for what comes next.
    WorkerIdle,
    /// Nothing happened; somebody wants to see whether it arrives.
    Test,
}

impl NewsKind {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::AttentionRaised,
        Self::CommandFailed,
        Self::WorkerFailed,
        Self::AgentError,
        Self::AgentOffline,
        Self::CommandCompleted,
        Self::WorkerIdle,
        Self::Test,
    ];

    /// Its word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AttentionRaised => "attention.raised",
            Self::CommandFailed => "command.failed",
            Self::WorkerFailed => "worker.failed",
            Self::AgentError => "agent.error",
            Self::AgentOffline => "agent.offline",
            Self::CommandCompleted => "command.completed",
            Self::WorkerIdle => "worker.idle",
            Self::Test => "webhook.test",
        }
    }

    /// The kind of that word.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// Who is told of it; a test goes only to whom it is for.
    pub fn occasion(self) -> Option<Occasion> {
        match self {
            Self::AttentionRaised => Some(Occasion::Attention),
            Self::CommandFailed | Self::WorkerFailed | Self::AgentError => Some(Occasion::Failed),
            Self::AgentOffline => Some(Occasion::Offline),
            Self::CommandCompleted | Self::WorkerIdle => Some(Occasion::Completed),
            Self::Test => None,
        }
    }
}

/// One thing that happened. No secret that has a known shape is in its texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct News {
    /// Its id, the same for all who are told and at every attempt.
    pub id: Arc<str>,
    /// What kind of thing.
    pub kind: NewsKind,
    /// When.
    pub at: Timestamp,
    /// On which agent, and what that is called.
    pub agent: Option<(AgentId, Arc<str>)>,
    /// In words.
    pub text: Arc<str>,
    /// Why somebody waits, in a word.
    pub reason: Option<Arc<str>>,
    /// The command it is about.
    pub command: Option<CommandNews>,
    /// The worker it is about.
    pub worker: Option<WorkerNews>,
    /// The run it is about.
    pub run: Option<RunNews>,
    /// What was printed there last.
    pub last_line: Option<Arc<str>>,
}

/// A command in the news.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandNews {
    /// Its id.
    pub id: CommandId,
    /// The beginning of its line.
    pub line: Arc<str>,
    /// Who asked for it.
    pub requested_by: Arc<str>,
    /// The exit code, if its process ended.
    pub exit_code: Option<i32>,
    /// How long it ran.
    pub ran_for: Duration,
}

/// A run in the news.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunNews {
    /// Its id.
    pub id: RunId,
    /// What an answer has to name, if it waits for one.
    pub wait: Option<Arc<str>>,
}

/// A worker in the news.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkerNews {
    /// Its id.
    pub id: WorkerId,
    /// Of which session.
    pub session: SessionId,
    /// What people call it.
    pub name: Arc<str>,
    /// The exit code, if its process ended.
    pub exit_code: Option<i32>,
}
