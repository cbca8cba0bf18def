//! How long a client waits before it comes back. Pure; randomness comes in.

use std::time::Duration;

/// The waits between attempts to come back: at once, then `first`, doubled each time, up to `longest`.
///
/// The default is what the dashboard protocol asks of its clients: 0, 1, 2, 4, 8, 16, 30, 30, … seconds,
/// each moved by up to a fifth either way, so that a crowd of clients does not come back at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    /// The wait after the first attempt that failed.
    pub first: Duration,
    /// No wait is longer, jitter aside.
    pub longest: Duration,
    /// By how many percent a wait is moved at most, either way.
    pub jitter: u8,
}

impl Default for Backoff {
    fn default() -> Self {
        Self { first: Duration::from_secs(1), longest: Duration::from_secs(30), jitter: 20 }
    }
}

impl Backoff {
    /// The wait before the next attempt when `failures` attempts failed since the connection was lost.
    /// `random` is between 0 and 1.
    ///
    /// ```
    /// # use pilothouse_client::Backoff;
    /// let waits: Vec<_> = (0..8).map(|n| Backoff::default().wait(n, 0.5).as_secs()).collect();
    /// assert_eq!(waits, [0, 1, 2, 4, 8, 16, 30, 30]);
    /// ```
    pub fn wait(&self, failures: u32, random: f64) -> Duration {
        let Some(doublings) = failures.checked_sub(1) else { return Duration::ZERO };
        let wait = self.first.saturating_mul(2_u32.saturating_pow(doublings)).min(self.longest);
        let jitter = f64::from(self.jitter.min(100)) / 100.0;
        wait.mul_f64(1.0 - jitter + 2.0 * jitter * random.clamp(0.0, 1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jitter_moves_a_wait_by_a_fifth_and_nothing_overflows() {
        let backoff = Backoff::default();
        assert_eq!(backoff.wait(3, 0.0), Duration::from_millis(3200));
        assert_eq!(backoff.wait(3, 1.0), Duration::from_millis(4800));
        assert_eq!(backoff.wait(u32::MAX, 7.0), Duration::from_secs(36));
        assert_eq!(backoff.wait(0, 1.0), Duration::ZERO);
    }
}
