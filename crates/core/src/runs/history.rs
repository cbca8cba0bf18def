//! Runs and steps as they are looked for, live and long ended.

use super::{Run, Standing, Step};
use crate::{
    ids::{AgentId, RunId},
    time::Timestamp,
};

/// Which runs are wanted. What is empty or absent leaves all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RunFilter {
    /// On which agent.
    pub agent: Option<AgentId>,
    /// Whose: the user's id.
    pub user: Option<std::sync::Arc<str>>,
    /// In any of these.
    pub standings: Vec<Standing>,
}

/// Which part of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunPage {
    /// Only what is older than that.
    pub before: Option<RunPlace>,
    /// At most so many.
    pub limit: usize,
}

/// A run's place in the order of lists: several may share a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunPlace {
    /// When it was asked for.
    pub requested_at: Timestamp,
    /// Which one.
    pub run: RunId,
}

impl RunPlace {
    /// The place of a run.
    pub fn of(run: &Run) -> Self {
        Self { requested_at: run.requested_at, run: run.id.clone() }
    }
}

/// A step as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredStep {
    /// The step.
    pub step: Step,
    /// Whether its screenshot is kept: there may have been none, and old ones go.
    pub has_screenshot: bool,
}
