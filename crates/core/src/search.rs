//! Looking for output by its words: what is asked, and what is found. Storage does the looking.

use std::sync::Arc;

use crate::{
    ids::{AgentId, SessionId, WorkerId},
    streams::StreamKey,
    time::Timestamp,
};

/// Whose output is searched; all of it where nothing is given.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SearchFilter {
    /// Only that session's workers.
    pub session: Option<SessionId>,
    /// Only that worker.
    pub worker: Option<WorkerId>,
    /// Only that agent's workers and commands.
    pub agent: Option<AgentId>,
}

/// Which hits are wanted, of all in the order newest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SearchPage {
    /// Only those after the hit with this [`Hit::cursor`].
    pub before: Option<i64>,
    /// At most so many.
    pub limit: usize,
}

/// A piece of output that contains all words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// Where the next page begins.
    pub cursor: i64,
    /// In which log.
    pub stream: StreamKey,
    /// Where in the log the piece begins.
    pub position: u64,
    /// When it was written.
    pub at: Timestamp,
    /// Of which agent, if that is still known.
    pub agent: Option<AgentId>,
    /// Of which session, if it is a worker's.
    pub session: Option<SessionId>,
    /// The text around the first word.
    pub excerpt: Arc<str>,
}
