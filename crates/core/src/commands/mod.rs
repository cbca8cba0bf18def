//! Commands: one shell command line each, queued per agent, one running at a time.

mod book;
mod history;
mod life;
mod queue;

pub(crate) use book::{Book, Live, REMEMBERED};
pub use history::{CommandFilter, CommandPage, CommandPlace, Standing};
pub(crate) use life::failure;

use std::{sync::Arc, time::Duration};

use crate::{
    control::Hold,
    ids::{AgentId, CommandId, ConnectionId},
    time::Timestamp,
};

/// The largest command line, in bytes.
pub const LARGEST_LINE: usize = 64 * 1024;

/// Which of the waiting commands goes first. Inside one class it is first come, first served.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Priority {
    /// Overtakes all others.
    High,
    /// The default.
    #[default]
    Normal,
    /// Waits for all others.
    Low,
}

impl Priority {
    /// Its name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::High => "high",
            Self::Normal => "normal",
            Self::Low => "low",
        }
    }
}

/// What can be asked about commands.
#[derive(Debug, Clone, PartialEq)]
pub enum Request {
    /// Queue a command line on an agent.
    Enqueue(Enqueue),
    /// End a command, queued or running.
    Interrupt {
        /// Which one.
        command: CommandId,
        /// Why, for the audit.
        reason: Option<Arc<str>>,
    },
    /// Move a queued command inside its class.
    Move {
        /// Which one.
        command: CommandId,
        /// Its new place inside its class, from 0; beyond the end means last.
        place: usize,
    },
}

/// A command line to be queued.
#[derive(Debug, Clone, PartialEq)]
pub struct Enqueue {
    /// Where it is to run.
    pub agent: AgentId,
    /// The line, handed to `/bin/sh -c` as one argument. Validated, never altered.
    pub line: Arc<str>,
    /// Its class.
    pub priority: Priority,
    /// Its own time limit; the configured one if absent, which it cannot exceed.
    pub timeout: Option<Duration>,
    /// The directory to run in; the agent's own if absent.
    pub directory: Option<Arc<str>>,
    /// Extra environment variables.
    pub environment: Vec<(Arc<str>, Arc<str>)>,
    /// What the requester calls it, echoed in its statuses.
    pub request_id: Option<Arc<str>>,
}

/// Where a command is in its life.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// Waits in its agent's queue.
    Queued,
    /// Its process lives since then.
    Running {
        /// When the process started.
        since: Timestamp,
    },
    /// It is over, for good.
    Ended(Ended),
}

/// The final state. A command has exactly one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// How it ended.
    pub outcome: Outcome,
    /// When.
    pub at: Timestamp,
    /// How long the process lived; zero if there was none.
    pub ran_for: Duration,
}

/// How a command ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The process exited by itself. Death by signal n is code 128 + n.
    Exited {
        /// The exit code.
        code: i32,
        /// The signal's name, such as `SIGSEGV`, if one ended it.
        signal: Option<Arc<str>>,
    },
    /// Somebody interrupted it.
    Interrupted {
        /// The exit code of a process that was there to be ended.
        code: Option<i32>,
    },
    /// It ran longer than it may.
    TimedOut {
        /// The exit code of the ended process.
        code: Option<i32>,
    },
    /// It never ran, with the reason in words (no such directory, no shell).
    NotStarted {
        /// Why, for people.
        reason: Arc<str>,
    },
    /// Its agent was lost with it.
    AgentLost,
}

/// One command as viewers see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// Its id.
    pub id: CommandId,
    /// Where it runs.
    pub agent: AgentId,
    /// The command line.
    pub line: Arc<str>,
    /// Its class.
    pub priority: Priority,
    /// The name of whoever asked for it.
    pub requested_by: Arc<str>,
    /// When it was asked for.
    pub requested_at: Timestamp,
    /// What the requester calls it.
    pub request_id: Option<Arc<str>>,
    /// The connection that asked, if it was this life of the server.
    pub connection: Option<ConnectionId>,
    /// Its time limit.
    pub timeout: Duration,
    /// The directory to run in.
    pub directory: Option<Arc<str>>,
    /// Extra environment variables.
    pub environment: Vec<(Arc<str>, Arc<str>)>,
    /// Where it is in its life.
    pub state: State,
}

/// All an agent needs to start a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StartOrder {
    /// The command's id; a second order with the same id starts nothing.
    pub command: CommandId,
    /// The command line.
    pub line: Arc<str>,
    /// The directory to run in.
    pub directory: Option<Arc<str>>,
    /// Extra environment variables.
    pub environment: Vec<(Arc<str>, Arc<str>)>,
    /// When the agent is to end it.
    pub timeout: Duration,
}

/// A place in a queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// Counts from 1: the next to run.
    pub position: usize,
    /// Who waits.
    pub command: Arc<Command>,
}

/// What viewers learn about commands.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// A command's state changed.
    Status(Arc<Command>),
    /// An agent's queue changed; all of it, in order.
    Queue {
        /// Whose queue.
        agent: AgentId,
        /// Who waits.
        waiting: Arc<[Waiting]>,
        /// Why nobody of them is started, if that is so.
        hold: Option<Arc<Hold>>,
    },
}
