//! When to try again: at once, then later and later, with jitter, for ever.
//!
//! Pure; randomness comes in.

use std::time::Duration;

/// The waits between attempts to connect.
#[derive(Debug)]
pub(crate) struct Retry {
    first: Duration,
    longest: Duration,
    failures: u32,
}

impl Retry {
    /// Nothing failed yet.
    pub(crate) fn new(first: Duration, longest: Duration) -> Self {
        Self { first, longest, failures: 0 }
    }

    /// A link was good; the next failure counts as the first.
    pub(crate) fn succeeded(&mut self) {
        self.failures = 0;
    }

    /// There is no hope for now; the next wait is the longest.
    pub(crate) fn give_way(&mut self) {
        self.failures = u32::MAX;
    }

    /// How long to wait now. `random` spreads agents that lost the same server at the same moment.
    pub(crate) fn wait(&mut self, random: u64) -> Duration {
        let failures = self.failures;
        self.failures = failures.saturating_add(1);
        if failures == 0 {
            return Duration::ZERO;
        }
        let factor = 2u32.saturating_pow(failures - 1);
        let wait = self.first.saturating_mul(factor).min(self.longest);
        // Between half of it and all of it.
        let share = u32::try_from(random % 1_000).unwrap_or(0);
        wait / 2 + wait / 2 * share / 1_000
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_retry_is_immediate_and_later_ones_take_longer_up_to_a_bound() {
        let mut retry = Retry::new(Duration::from_secs(1), Duration::from_secs(30));
        let waits: Vec<_> = (0..8).map(|_| retry.wait(999).as_secs_f64().round()).collect();
        assert_eq!(waits, [0.0, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0]);
        assert_eq!(retry.wait(0), Duration::from_secs(15));
        retry.succeeded();
        retry.give_way();
        assert!(retry.wait(0) >= Duration::from_secs(15));
        retry.succeeded();
        assert_eq!(retry.wait(999), Duration::ZERO);
        for _ in 0..100 {
            assert!(retry.wait(u64::MAX) <= Duration::from_secs(30));
        }
    }
}
