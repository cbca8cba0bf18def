//! Calls: what the server asks of an agent and waits for: looks at paths, git, pictures to be saved.

mod pending;

pub(crate) use pending::Calls;

use std::{sync::Arc, time::Duration};

use bytes::Bytes;

use crate::{
    browsers::Act,
    ids::{AgentId, SessionId},
    streams::StreamKey,
};

/// One question to an agent.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// Whom to ask.
    pub agent: AgentId,
    /// What.
    pub call: Call,
    /// How long the answer is waited for.
    pub within: Duration,
}

/// What can be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Call {
    /// Look at a path.
    Stat {
        /// Absolute, or beginning with `~/`.
        path: Arc<str>,
    },
    /// Do a git operation.
    Git {
        /// Where, absolute.
        directory: Arc<str>,
        /// The operation and its arguments, never a shell line.
        arguments: Vec<Arc<str>>,
    },
    /// Save a picture on the agent's machine and type its path into a worker.
    Image {
        /// Into which worker.
        stream: StreamKey,
        /// Who sends it.
        viewer: Arc<str>,
        /// The picture.
        content: Bytes,
    },
    /// Have a session's browser do something.
    Browser {
        /// Whose browser.
        session: SessionId,
        /// What it is to do.
        act: Act,
    },
    /// Type a message into a worker, as a person would paste it, followed by Enter.
    Message {
        /// Into which worker.
        stream: StreamKey,
        /// The message, as it is.
        text: Arc<str>,
    },
}

impl Call {
    /// Whether it only reads what git knows of a repository, which whoever sees its sessions may see too.
    pub fn only_reads_git(&self) -> bool {
        let Self::Git { arguments, .. } = self else { return false };
        let mut words = arguments.iter().map(|argument| &**argument);
        match words.next() {
            Some("for-each-ref" | "rev-parse") => true,
            Some("worktree") => words.next() == Some("list"),
            _ => false,
        }
    }
}

/// What an agent answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// What is at a path.
    Stat(Stat),
    /// What a git operation said.
    Git(GitOutput),
    /// Where a picture was saved.
    Image {
        /// On the agent's machine, absolute.
        path: Arc<str>,
    },
    /// The browser did it; how it is since was reported before.
    Browsed,
    /// The message was typed.
    Typed,
}

/// What is at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stat {
    /// What kind of thing.
    pub kind: PathKind,
    /// The path without links and dots; as asked if nothing is there.
    pub real_path: Arc<str>,
}

/// What kind of thing is at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PathKind {
    /// Nothing.
    Missing,
    /// A directory.
    Directory,
    /// A file.
    File,
    /// Something else.
    Other,
}

/// What a git operation said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GitOutput {
    /// Its exit code.
    pub code: i32,
    /// What it printed, at most 1 MiB.
    pub output: Arc<str>,
    /// What it complained of, at most 64 KiB.
    pub complaint: Arc<str>,
}

/// Why an agent refuses a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallRefusal {
    /// What is the matter.
    pub cause: RefusalCause,
    /// For people.
    pub reason: Arc<str>,
}

/// What is the matter with a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RefusalCause {
    /// The agent cannot do such things.
    Unsupported,
    /// What it is about is not there.
    NotFound,
    /// It makes no sense.
    Invalid,
    /// It went wrong.
    Failed,
}
