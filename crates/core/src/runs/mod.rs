//! Runs: browser tasks that an agent does step by step, queued per agent, a few of them at once.

mod book;
mod history;
mod hosts;
mod idle;
mod life;
mod limits;
mod orders;
mod reports;
mod restoring;
mod steps;
mod told;
mod waiting;
mod waits;

pub(crate) use book::Book;
#[cfg(test)]
pub(crate) use book::Stage;
pub use history::{RunFilter, RunPage, RunPlace, StoredStep};
pub use limits::{Idle, RunLimits, RunSettings};
pub use orders::{Order, Report, RunOrder, RunResume};
pub use steps::{Screenshot, ScreenshotKind, Step, Taken};
pub use told::ToldRuns;
pub use waits::{Asking, LONGEST_REPLY, PageRequest, Refusal, Verdict, Wait, WaitKind};

use std::{sync::Arc, time::Duration};

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
    /// Have one hold still, waiting or under way. Takes whoever made it, or an admin.
    Pause {
        /// Which one.
        run: RunId,
    },
    /// Have a paused one go on. Takes whoever made it, or an admin.
    Resume {
        /// Which one.
        run: RunId,
    },
    /// Answer what one asks. Takes whoever made it, or an admin.
    Reply {
        /// Which one.
        run: RunId,
        /// The wait's id.
        wait: Arc<str>,
        /// The answer.
        text: Arc<str>,
    },
    /// Allow or refuse what one wants to send. Takes an operator.
    Decide {
        /// Which one.
        run: RunId,
        /// The wait's id.
        wait: Arc<str>,
        /// What is decided.
        verdict: Verdict,
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
    /// Whether what its browser sends away needs somebody's leave.
    pub approval: bool,
    /// Hosts that need none: `shop.example`, or `*.shop.example` with all below.
    pub allowed: Vec<Arc<str>>,
    /// The ended run whose commands are done again, healed by role and name; they are the script.
    pub replay: Option<RunId>,
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
    /// Whether what its browser sends away needs somebody's leave.
    pub approval: bool,
    /// Hosts that need none.
    pub allowed: Arc<[Arc<str>]>,
    /// Whether what its script points at is looked for by role and name where it moved.
    pub heals: bool,
    /// Whether it holds still until somebody resumes it.
    pub paused: bool,
    /// The person's act that it waits for.
    pub waits: Option<Wait>,
    /// How much of its time was spent paused or waiting for a person, which its limit does not count.
    pub idle: Idle,
}

impl Run {
    /// What its browser is called where browsers of sessions are: as its session or, if it has a browser of its own, as
    /// itself. Whatever has a name has it among all runs and sessions.
    pub fn browser(&self) -> SessionId {
        let own =
            || SessionId::new(self.id.as_str()).expect("every id of a run can be a session's");
        self.session.clone().unwrap_or_else(own)
    }
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

/// What viewers learn about runs.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// A run is new, or is in another state.
    Status(Arc<Run>),
    /// A run took a step.
    Step(Taken),
}
