//! Looking for commands, live and long ended: what is asked. Storage does the looking.

use std::sync::Arc;

use super::{Ended, Outcome, State};
use crate::{
    ids::{AgentId, CommandId},
    time::Timestamp,
};

/// How a command stands, in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Standing {
    /// It waits.
    Queued,
    /// Its process lives.
    Running,
    /// It ended by itself, with code 0.
    Completed,
    /// It ended in any other way but the next.
    Failed,
    /// Somebody ended it.
    Interrupted,
}

impl Standing {
    /// How a command stands in that state.
    pub fn of(state: &State) -> Self {
        match state {
            State::Queued => Self::Queued,
            State::Running { .. } => Self::Running,
            State::Ended(Ended { outcome, .. }) => match outcome {
                Outcome::Exited { code: 0, signal: None } => Self::Completed,
                Outcome::Interrupted { .. } => Self::Interrupted,
                Outcome::Exited { .. }
                | Outcome::TimedOut { .. }
                | Outcome::NotStarted { .. }
                | Outcome::AgentLost => Self::Failed,
            },
        }
    }

    /// Its name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Interrupted => "interrupted",
        }
    }

    /// The one of that name.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Queued, Self::Running, Self::Completed, Self::Failed, Self::Interrupted]
            .into_iter()
            .find(|standing| standing.as_str() == name)
    }
}

/// Which commands are wanted; all where nothing is given.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CommandFilter {
    /// Only that agent's.
    pub agent: Option<AgentId>,
    /// Only those that stand like one of these; all if there are none.
    pub standings: Vec<Standing>,
    /// Only those that somebody of this name asked for.
    pub requested_by: Option<Arc<str>>,
    /// Only those that were asked for at this moment or later.
    pub from: Option<Timestamp>,
    /// Only those that were asked for at this moment or earlier.
    pub to: Option<Timestamp>,
    /// Only those whose line has all of these in it, whatever their case.
    pub words: Vec<Arc<str>>,
}

/// A command's place in the order of age.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandPlace {
    /// When it was asked for.
    pub requested_at: Timestamp,
    /// Which one.
    pub command: CommandId,
}

/// A part of the commands that a filter leaves, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandPage {
    /// Only older ones than this; all if `None`.
    pub before: Option<CommandPlace>,
    /// How many at most.
    pub limit: usize,
}
