//! Sessions: working directories on agents, each with its workers: shells and CLI agents in terminals.

mod attached;
mod book;
mod life;
mod reports;
mod request;
mod viewers;
mod waiting;

pub(crate) use attached::Attached;
use attached::Present;
pub(crate) use book::Sessions;
pub use request::{AddWorker, AddedWorker, Change, Create, Launch, Request, Touch};
pub use viewers::{MOST_NAMED, Viewer, Viewers, viewer_name};
pub(crate) use waiting::{Seen, failure};

use std::sync::Arc;

use bytes::Bytes;

use crate::{
    ids::{AgentId, RepositoryId, SessionId, WorkerId},
    streams::{Source, StreamKey},
    time::Timestamp,
};

/// What a session was made for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// Any folder.
    Quick,
    /// A git worktree.
    Worktree {
        /// Of which repository.
        repository: RepositoryId,
        /// The branch that is checked out there.
        branch: Arc<str>,
    },
}

/// A working directory on an agent with its workers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// On which agent.
    pub agent: AgentId,
    /// What it was made for.
    pub kind: Kind,
    /// The directory, absolute, as the agent resolved it.
    pub path: Arc<str>,
    /// What people call it.
    pub title: Option<Arc<str>>,
    /// What its first agent worker was asked to do.
    pub initial_prompt: Option<Arc<str>>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Whether its agent is linked, so that its workers can be reached.
    pub is_active: bool,
    /// Its workers, oldest first.
    pub workers: Arc<[Arc<Worker>]>,
}

impl Session {
    /// The worker of that id.
    pub fn worker(&self, id: &WorkerId) -> Option<&Arc<Worker>> {
        self.workers.iter().find(|worker| worker.id == *id)
    }
}

/// What runs in a worker's terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WorkerKind {
    /// A login shell.
    Terminal,
    /// A CLI agent.
    Agent {
        /// The id of its agent type, such as `claude`.
        agent_type: Arc<str>,
    },
}

/// A process in a terminal, in a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Worker {
    /// Its id.
    pub id: WorkerId,
    /// Of which session.
    pub session: SessionId,
    /// What people call it.
    pub name: Arc<str>,
    /// What runs in it.
    pub kind: WorkerKind,
    /// When it was added.
    pub created_at: Timestamp,
    /// Which life of it: grows with every restart, and names its log.
    pub epoch: u32,
    /// Whether the process of this life lives.
    pub state: WorkerState,
    /// What an agent worker does, as its screen shows; always unknown for terminals.
    pub activity: Activity,
    /// Since when it does that.
    pub activity_since: Timestamp,
    /// The terminal's size.
    pub size: Size,
    /// How it is started.
    pub launch: Launch,
}

impl Worker {
    /// The log of this life's output.
    pub fn stream(&self) -> StreamKey {
        StreamKey { source: Source::Worker(self.id.clone()), epoch: self.epoch }
    }
}

/// Where a worker is in its present life.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WorkerState {
    /// The agent was asked to start it, or will be when it is there.
    Starting,
    /// Its process lives since then.
    Running {
        /// When it started.
        since: Timestamp,
    },
    /// Its process is gone; a restart begins another life.
    Ended(Exit),
}

/// How a worker's process ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exit {
    /// The exit code; 128 + n for death by signal n, 127 for a program that is not there, 1 if it was lost.
    pub code: i32,
    /// The signal's name, such as `SIGKILL`, if one ended it.
    pub signal: Option<Arc<str>>,
    /// In words, if the process did not end by itself (never started, lost with its agent).
    pub reason: Option<Arc<str>>,
    /// When.
    pub at: Timestamp,
}

/// What an agent worker does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Activity {
    /// It works.
    Active,
    /// It waits for nothing in particular.
    Idle,
    /// It asks a person something.
    Asking,
    /// Nothing was seen yet, or it is no agent.
    #[default]
    Unknown,
}

impl Activity {
    /// The state's name in tables and on every wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Idle => "idle",
            Self::Asking => "asking",
            Self::Unknown => "unknown",
        }
    }

    /// The state of that name.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Active, Self::Idle, Self::Asking, Self::Unknown]
            .into_iter()
            .find(|state| state.as_str() == name)
    }
}

/// A terminal's size, each side from 1 to 1000.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Size {
    /// Its width in cells.
    pub columns: u16,
    /// Its height in cells.
    pub rows: u16,
}

impl Size {
    /// The longest side of a terminal, in cells.
    pub const LONGEST: u16 = 1000;

    /// The nearest size that a terminal can have.
    pub fn clamped(columns: i64, rows: i64) -> Self {
        let side = |cells: i64| {
            u16::try_from(cells.clamp(1, i64::from(Self::LONGEST))).unwrap_or(Self::LONGEST)
        };
        Self { columns: side(columns), rows: side(rows) }
    }
}

impl Default for Size {
    fn default() -> Self {
        Self { columns: 120, rows: 30 }
    }
}

/// How a terminal looked at one place of its log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Of which log.
    pub stream: StreamKey,
    /// How many bytes of the log it contains.
    pub position: u64,
    /// The terminal's size then.
    pub size: Size,
    /// Escape sequences that recreate it, scrollback included.
    pub bytes: Bytes,
}

/// A worker in an agent's journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldWorker {
    /// Which life of which worker.
    pub stream: StreamKey,
    /// When its process started.
    pub started_at: Timestamp,
    /// The byte after the last one of its output that the agent has.
    pub next_position: u64,
    /// How it ended, if it did.
    pub ended: Option<Exit>,
    /// What it does.
    pub activity: Activity,
    /// The terminal's size.
    pub size: Size,
}

/// All that an agent needs to start a worker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpawnOrder {
    /// Which life of which worker. The same one is never started twice.
    pub stream: StreamKey,
    /// Its session, for the process's environment.
    pub session: SessionId,
    /// The directory to run in.
    pub directory: Arc<str>,
    /// The terminal's size.
    pub size: Size,
    /// What to start.
    pub launch: Launch,
    /// Whether it is an agent worker, so that its activity is watched.
    pub is_agent: bool,
}

/// A git repository on an agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repository {
    /// Its id.
    pub id: RepositoryId,
    /// On which agent.
    pub agent: AgentId,
    /// The folder's name.
    pub name: Arc<str>,
    /// The folder, absolute, as the agent resolved it.
    pub path: Arc<str>,
    /// When it was registered.
    pub created_at: Timestamp,
}

/// What viewers learn about sessions.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// There is a new one.
    Created(Arc<Session>),
    /// Anything of it changed but the activity of a worker.
    Updated(Arc<Session>),
    /// It is gone, with its workers.
    Deleted(Arc<Session>),
    /// A worker does something else now.
    Activity(Arc<Worker>),
    /// A worker's process ended; all of its output was told before.
    Ended(Arc<Worker>),
    /// A worker has a new life; its log begins anew.
    Restarted(Arc<Worker>),
    /// A worker was taken out of its session.
    Removed(Arc<Worker>),
    /// A worker's terminal has another size now.
    Resized(Arc<Worker>),
    /// Who is in front of a worker's terminal, for those who are. Nobody who misses it needs it later.
    Viewers(Arc<Viewers>),
    /// The registered repositories changed; all of them.
    Repositories(Arc<[Arc<Repository>]>),
}
