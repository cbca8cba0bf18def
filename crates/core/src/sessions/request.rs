//! What can be asked about sessions.

use std::sync::Arc;

use super::{Kind, Size, WorkerKind};
use crate::ids::{AgentId, RepositoryId, SessionId, WorkerId};

/// What can be asked about sessions.
#[derive(Debug, Clone, PartialEq)]
pub enum Request {
    /// Make a session. Answered with its id.
    Create(Create),
    /// Change what people see of it.
    Change(Change),
    /// End its workers and forget it.
    Delete(SessionId),
    /// Add a worker. Answered with its id.
    AddWorker(AddWorker),
    /// End a worker and take it out.
    RemoveWorker {
        /// Of which session.
        session: SessionId,
        /// Which one.
        worker: WorkerId,
    },
    /// End a worker's process if it lives, and begin another life.
    RestartWorker {
        /// Of which session.
        session: SessionId,
        /// Which one.
        worker: WorkerId,
        /// How it is started this time; as before if absent.
        launch: Option<Launch>,
    },
    /// End all of its workers' processes. Answered when none lives any more.
    Stop(SessionId),
    /// Watch a worker's terminal; typing takes the role operator.
    Attach {
        /// Of which session.
        session: SessionId,
        /// Which one.
        worker: WorkerId,
    },
    /// See a worker's terminal once, without staying in front of it.
    Look {
        /// Of which session.
        session: SessionId,
        /// Which one.
        worker: WorkerId,
    },
    /// Register a repository. Answered with its id.
    AddRepository {
        /// On which agent.
        agent: AgentId,
        /// Where, as the agent resolved it.
        path: Arc<str>,
    },
    /// Forget a repository; nothing is deleted on the agent.
    RemoveRepository(RepositoryId),
}

/// A session to be made. That its directory exists was checked on its agent.
#[derive(Debug, Clone, PartialEq)]
pub struct Create {
    /// Where.
    pub agent: AgentId,
    /// What for.
    pub kind: Kind,
    /// The directory, absolute, as the agent resolved it.
    pub path: Arc<str>,
    /// What people call it.
    pub title: Option<Arc<str>>,
    /// What its first agent worker is asked to do.
    pub initial_prompt: Option<Arc<str>>,
    /// A worker to begin with.
    pub worker: Option<AddedWorker>,
}

/// A worker to be added to a session.
#[derive(Debug, Clone, PartialEq)]
pub struct AddWorker {
    /// To which session.
    pub session: SessionId,
    /// What.
    pub worker: AddedWorker,
}

/// A worker that is to be.
#[derive(Debug, Clone, PartialEq)]
pub struct AddedWorker {
    /// What runs in it.
    pub kind: WorkerKind,
    /// What people call it; made up if absent.
    pub name: Option<Arc<str>>,
    /// How it is started.
    pub launch: Launch,
    /// The terminal's first size.
    pub size: Size,
}

/// How a worker's process is started.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Launch {
    /// A line for `/bin/sh -c`, made from an agent type and never from what a person typed; the user's login
    /// shell if absent.
    pub line: Option<Arc<str>>,
    /// Variables beside the usual ones. What a person typed travels here.
    pub environment: Vec<(Arc<str>, Arc<str>)>,
    /// Regular expressions that tell when it asks something.
    pub asking_patterns: Arc<[Arc<str>]>,
}

/// What a viewer does to a terminal. Not a request: it is far too frequent for the audit, which has the attachment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Touch {
    /// It types something, control characters included.
    Input(Arc<str>),
    /// It wants that size.
    Resize(Size),
}

/// What of a session is to change; what is absent stays.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// Which one.
    pub session: SessionId,
    /// What people call it; an empty one takes it away.
    pub title: Option<Arc<str>>,
    /// The branch that is checked out in its worktree by now.
    pub branch: Option<Arc<str>>,
}
