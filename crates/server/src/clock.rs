//! The two clocks of the process, read together.

use std::time::{Duration, Instant, SystemTime};

use pilothouse_core::time::{Moment, Steady, Timestamp};

/// Where moments come from.
#[derive(Debug, Clone)]
pub(crate) struct Clock {
    started: Instant,
}

impl Clock {
    /// A clock whose steady time begins now.
    pub(crate) fn start() -> Self {
        Self { started: Instant::now() }
    }

    /// What time it is.
    #[expect(clippy::disallowed_methods, reason = "this is where everybody else's time comes from")]
    pub(crate) fn now(&self) -> Moment {
        let wall = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        Moment {
            wall: Timestamp(milliseconds(wall.unwrap_or_default())),
            steady: Steady(milliseconds(self.started.elapsed())),
        }
    }

    /// The runtime's name for a steady moment.
    pub(crate) fn instant(&self, steady: Steady) -> tokio::time::Instant {
        (self.started + Duration::from_millis(steady.0)).into()
    }
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
