//! How long something may still take.

use std::time::Duration;

use tokio::time::Instant;

use super::DriverError;

/// What is left of the time for one action.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    pub(super) until: Instant,
    pub(super) limit: Duration,
}

impl Patience {
    /// So long, from now on.
    pub(super) fn of(limit: Duration) -> Self {
        Self { until: Instant::now() + limit, limit }
    }

    /// So long at most, and no longer than this one.
    pub(super) fn at_most(self, limit: Duration) -> Self {
        let until = self.until.min(Instant::now() + limit);
        Self { until, limit: limit.min(self.limit) }
    }

    /// Whether it is over.
    pub(super) fn is_over(self) -> bool {
        Instant::now() >= self.until
    }

    /// What to say when it is over.
    pub(super) fn over(self, what: &str) -> DriverError {
        DriverError::slow(self.limit, what)
    }

    /// Lets a moment pass.
    pub(super) async fn pause(self, how_long: Duration) {
        tokio::time::sleep_until(self.until.min(Instant::now() + how_long)).await;
    }
}
