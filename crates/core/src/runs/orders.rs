//! What goes over the link between server and agent about runs.

use std::sync::Arc;

use super::{Asking, Ending, Run, RunLimits, Screenshot, Verdict};
use crate::ids::{RunId, SessionId};

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
    /// Whether what the browser sends away needs somebody's leave.
    pub approval: bool,
    /// Hosts that need none.
    pub allowed: Arc<[Arc<str>]>,
    /// Whether what the script points at is looked for by role and name where it moved.
    pub heals: bool,
}

impl From<&Run> for RunOrder {
    fn from(run: &Run) -> Self {
        Self {
            run: run.id.clone(),
            task: run.task.clone(),
            script: run.script.clone(),
            session: run.session.clone(),
            limits: run.limits,
            approval: run.approval,
            allowed: run.allowed.clone(),
            heals: run.heals,
        }
    }
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
    /// It waits for a person. A wait that was told before is told again because the link is a new one.
    Waits {
        /// Which run.
        run: RunId,
        /// What for.
        asking: Asking,
    },
    /// It does not wait for that any more: it was answered, gave up, or has no use for an answer.
    GoesOn {
        /// Which run.
        run: RunId,
        /// The wait's id.
        wait: Arc<str>,
    },
    /// It holds still from now on, or does not any more.
    Paused {
        /// Which run.
        run: RunId,
        /// Whether it does.
        paused: bool,
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
    /// Hold still after the action under way, and say so.
    Pause(RunId),
    /// Go on, and say so.
    Resume(RunId),
    /// Somebody answered what a run asked.
    Reply {
        /// Which run.
        run: RunId,
        /// The wait's id.
        wait: Arc<str>,
        /// The answer.
        text: Arc<str>,
    },
    /// Somebody allowed or refused what a run wants to send.
    Decide {
        /// Which run.
        run: RunId,
        /// The wait's id.
        wait: Arc<str>,
        /// What was decided.
        verdict: Verdict,
    },
    /// All steps of that run up to this one are stored; the agent may forget them.
    Stored(RunResume),
    /// The run's end is stored, or it is not wanted: end it if it is under way, then forget it.
    Forget(RunId),
}
