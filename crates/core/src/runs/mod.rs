//! Runs: browser tasks that an agent does step by step, queued per agent, a few of them at once.

mod book;
mod history;
mod life;
mod limits;
mod reports;
mod told;

pub(crate) use book::Book;
pub use history::{RunFilter, RunPage, RunPlace, StoredStep};
pub use limits::{RunLimits, RunSettings};
pub use told::ToldRuns;

use std::{sync::Arc, time::Duration};

use bytes::Bytes;

use crate::{
    ids::{AgentId, RunId, SessionId},
    time::Timestamp,
};

/// The longest task, in bytes.
pub const LONGEST_TASK: usize = 16 * 1024;
/// The longest script, in bytes.
pub const LONGEST_SCRIPT: usize = 256 * 1024;
/// The largest picture of a step, in bytes. A larger one is left out.
pub const LARGEST_PICTURE: usize = 4 << 20;

/// What can be asked about runs.
#[derive(Debug, Clone, PartialEq)]
pub enum Request {
    /// Make one; it begins when its agent has a place for it. Answered with its id.
    Create(Create),
    /// End one, waiting or under way. Takes whoever made it, or an admin.
    Cancel {
        /// Which one.
        run: RunId,
        /// Why, for the audit.
        reason: Option<Arc<str>>,
    },
}

/// What a run is made of. It has a task, a script, or both.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Create {
    /// What is to be done, in words.
    pub task: Option<Arc<str>>,
    /// The actions to do, a JSON text that is not looked at here.
    pub script: Option<Arc<str>>,
    /// Who is to do it; of the connected agents that can, the one with the fewest runs if absent.
    pub agent: Option<AgentId>,
    /// In which session's browser; one of the run's own if absent.
    pub session: Option<SessionId>,
    /// How many steps it may take; the configured number if absent, which it cannot exceed.
    pub steps: Option<u32>,
    /// How long it may take; the configured time if absent, which it cannot exceed.
    pub time: Option<Duration>,
}

/// One run as viewers see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// Its id.
    pub id: RunId,
    /// Whose it is: the user's id.
    pub user: Arc<str>,
    /// The name of whoever asked for it.
    pub requested_by: Arc<str>,
    /// When it was asked for.
    pub requested_at: Timestamp,
    /// Who does it.
    pub agent: AgentId,
    /// In which session's browser, if not in one of its own.
    pub session: Option<SessionId>,
    /// What is to be done, in words.
    pub task: Option<Arc<str>>,
    /// The actions to do, a JSON text.
    pub script: Option<Arc<str>>,
    /// How much it may take.
    pub limits: RunLimits,
    /// How many steps it has taken.
    pub steps: u32,
    /// How its last step was explained.
    pub stage: Option<Arc<str>>,
    /// Where it is in its life.
    pub state: State,
}

/// Where a run is in its life.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// Waits for its agent.
    Pending,
    /// Its agent has been at it since then.
    InProgress {
        /// When it began.
        since: Timestamp,
    },
    /// It is over, for good.
    Ended(Ended),
}

impl State {
    /// Its name in tables and on the wire.
    pub fn name(&self) -> &'static str {
        self.standing().as_str()
    }

    /// The same without its particulars.
    pub fn standing(&self) -> Standing {
        match self {
            Self::Pending => Standing::Pending,
            Self::InProgress { .. } => Standing::InProgress,
            Self::Ended(ended) => match ended.outcome {
                Outcome::Completed => Standing::Completed,
                Outcome::Failed { .. } => Standing::Failed,
                Outcome::Cancelled => Standing::Cancelled,
            },
        }
    }

    /// When it began, if it did.
    pub fn began(&self) -> Option<Timestamp> {
        match self {
            Self::Pending => None,
            Self::InProgress { since } => Some(*since),
            Self::Ended(ended) => ended.began,
        }
    }
}

/// How runs are told apart in lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Standing {
    /// Waits for its agent.
    Pending,
    /// Its agent is at it.
    InProgress,
    /// It did what was asked.
    Completed,
    /// It did not.
    Failed,
    /// Somebody did not want it any more.
    Cancelled,
}

impl Standing {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Pending, Self::InProgress, Self::Completed, Self::Failed, Self::Cancelled];

    /// Its name in tables and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::InProgress => "INPROGRESS",
            Self::Completed => "COMPLETED",
            Self::Failed => "FAILED",
            Self::Cancelled => "CANCELLED",
        }
    }

    /// The one of that name, in letters of either size.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|standing| standing.as_str().eq_ignore_ascii_case(name))
    }
}

/// The final state. A run has exactly one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// How it ended.
    pub outcome: Outcome,
    /// When it had begun, if it had.
    pub began: Option<Timestamp>,
    /// When it ended.
    pub at: Timestamp,
    /// What it found out, in words.
    pub answer: Option<Arc<str>>,
    /// The commands that do the same again: a JSON text, an array of objects.
    pub commands: Option<Arc<str>>,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It did what was asked.
    Completed,
    /// It did not, with the reason in words.
    Failed {
        /// Why, for people.
        error: Arc<str>,
    },
    /// Somebody did not want it any more.
    Cancelled,
}

/// What an agent says of a run's end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ending {
    /// How it ended.
    pub outcome: Outcome,
    /// What it found out, in words.
    pub answer: Option<Arc<str>>,
    /// The commands that do the same again: a JSON text, an array of objects.
    pub commands: Option<Arc<str>>,
}

/// One step of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Its run.
    pub run: RunId,
    /// Its number in the run, from 1 without holes.
    pub number: u32,
    /// What was done: a JSON text, an object with a `type`.
    pub action: Arc<str>,
    /// Why, for people.
    pub explanation: Arc<str>,
    /// When we heard of it.
    pub at: Timestamp,
}

/// How the page looked at a step.
#[derive(Clone, PartialEq, Eq)]
pub struct Screenshot {
    /// What kind of picture.
    pub kind: ScreenshotKind,
    /// The picture.
    pub bytes: Bytes,
}

/// A picture in a log would be long.
impl std::fmt::Debug for Screenshot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Screenshot({:?}, {} bytes)", self.kind, self.bytes.len())
    }
}

/// What kind of picture a screenshot is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ScreenshotKind {
    /// A JPEG.
    Jpeg,
    /// A PNG.
    Png,
}

impl ScreenshotKind {
    /// Its media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
        }
    }
}

impl Screenshot {
    /// The picture that these bytes are, as their beginning says; `None` if they are neither kind, or too many.
    pub fn of(bytes: Bytes) -> Option<Self> {
        let kind = if bytes.starts_with(&[0xff, 0xd8, 0xff]) {
            ScreenshotKind::Jpeg
        } else if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
            ScreenshotKind::Png
        } else {
            return None;
        };
        (bytes.len() <= LARGEST_PICTURE).then_some(Self { kind, bytes })
    }
}

/// A step that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// The run as it is with this step.
    pub run: Arc<Run>,
    /// The step.
    pub step: Arc<Step>,
    /// How the page looked, if the agent showed it.
    pub screenshot: Option<Screenshot>,
}

/// What viewers learn about runs.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// A run is new, or is in another state.
    Status(Arc<Run>),
    /// A run took a step.
    Step(Taken),
}

/// All an agent needs to do a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunOrder {
    /// Its id; a second order with the same id starts nothing.
    pub run: RunId,
    /// What is to be done, in words.
    pub task: Option<Arc<str>>,
    /// The actions to do, a JSON text.
    pub script: Option<Arc<str>>,
    /// In which session's browser; one of the run's own if absent.
    pub session: Option<SessionId>,
    /// How much it may take.
    pub limits: RunLimits,
}

/// From where on an agent is to tell of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunResume {
    /// Which one.
    pub run: RunId,
    /// The number of the last step that the server has; 0 for none.
    pub steps: u32,
}

/// What an agent tells of its runs.
#[derive(Debug, Clone, PartialEq)]
pub enum Report {
    /// It is at a run.
    Began(RunId),
    /// It took a step.
    Step {
        /// Of which run.
        run: RunId,
        /// Its number in the run, from 1 without holes.
        number: u32,
        /// What was done: a JSON text.
        action: Arc<str>,
        /// Why, for people.
        explanation: Arc<str>,
        /// How the page looked.
        screenshot: Option<Screenshot>,
    },
    /// A run is over, and all of its steps were reported before.
    Ended {
        /// Which one.
        run: RunId,
        /// How.
        ending: Ending,
    },
}

/// What an agent is told of its runs.
#[derive(Debug, Clone, PartialEq)]
pub enum Order {
    /// Do a run, at most once.
    Start(Arc<RunOrder>),
    /// End a run, and say that it ended.
    Cancel(RunId),
    /// All steps of that run up to this one are stored; the agent may forget them.
    Stored(RunResume),
    /// The run's end is stored, or it is not wanted: end it if it is under way, then forget it.
    Forget(RunId),
}
