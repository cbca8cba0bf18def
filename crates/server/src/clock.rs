//! The two clocks of the process, read together.

use std::time::{Duration, Instant, SystemTime};

use pilothouse_core::time::{Moment, Steady, Timestamp};

/// Where moments come from.
#[derive(Debug, Clone)]
pub(crate) struct Clock {
    started: Instant,
    /// A test's steady time, which passes when the test says so.
    #[cfg(test)]
    hand: Option<tokio::sync::watch::Receiver<Steady>>,
}

impl Clock {
    /// A clock whose steady time begins now.
    pub(crate) fn start() -> Self {
        Self {
            started: Instant::now(),
            #[cfg(test)]
            hand: None,
        }
    }

    /// A clock whose steady time is what the test says.
    #[cfg(test)]
    pub(crate) fn turned_by(hand: tokio::sync::watch::Receiver<Steady>) -> Self {
        Self { hand: Some(hand), ..Self::start() }
    }

    /// What time it is.
    #[expect(clippy::disallowed_methods, reason = "this is where everybody else's time comes from")]
    pub(crate) fn now(&self) -> Moment {
        let wall = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        Moment { wall: Timestamp(milliseconds(wall.unwrap_or_default())), steady: self.steady() }
    }

    fn steady(&self) -> Steady {
        #[cfg(test)]
        if let Some(hand) = &self.hand {
            return *hand.borrow();
        }
        Steady(milliseconds(self.started.elapsed()))
    }

    /// Waits until that moment has come.
    pub(crate) async fn sleep_until(&self, at: Steady) {
        #[cfg(test)]
        if let Some(hand) = &self.hand {
            let mut hand = hand.clone();
            let _ = hand.wait_for(|now| *now >= at).await;
            return;
        }
        let at = self.started + Duration::from_millis(at.0);
        tokio::time::sleep_until(at.into()).await;
    }
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
