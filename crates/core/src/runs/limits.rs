//! How much runs may take, each and together.

use std::time::Duration;

use crate::time::Timestamp;

/// How much a run may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunLimits {
    /// How many steps.
    pub steps: u32,
    /// How long, from when it begins.
    pub time: Duration,
}

/// The time in which a run neither acted nor could have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Idle {
    /// How long it was, in all that is over.
    pub past: Duration,
    /// Since when it is so now.
    pub since: Option<Timestamp>,
}

impl Idle {
    /// All of it until then.
    pub fn until(self, now: Timestamp) -> Duration {
        let present = self.since.map_or(0, |since| now.0.saturating_sub(since.0));
        self.past + Duration::from_millis(present)
    }
}

/// What the core goes by with runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunSettings {
    /// `runs.per_agent`: how many runs an agent does at once.
    pub per_agent: usize,
    /// `runs.queue_capacity`: how many may wait on one agent.
    pub queue_capacity: usize,
    /// `runs.step_limit` and `runs.time_limit`.
    pub limits: RunLimits,
}

impl Default for RunSettings {
    fn default() -> Self {
        let limits = RunLimits { steps: 100, time: Duration::from_mins(30) };
        Self { per_agent: 2, queue_capacity: 100, limits }
    }
}

impl RunLimits {
    /// As much as was asked for, and not more than these.
    pub(crate) fn at_most(self, steps: Option<u32>, time: Option<Duration>) -> Self {
        Self {
            steps: steps.map_or(self.steps, |own| own.min(self.steps)),
            time: time.map_or(self.time, |own| own.min(self.time)),
        }
    }
}
