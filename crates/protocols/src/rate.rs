//! How much may come in: a bucket that fills up evenly. Of use to protocols and to what carries them.

use std::time::Duration;

use pilothouse_core::time::Steady;

/// Starts full; everything that is let in takes one token, and a period brings all of them back.
#[derive(Debug, Clone, Copy)]
pub struct Bucket {
    count: u64,
    /// What one token is in the unit of `level`, so that whole numbers are exact: the period in milliseconds.
    token: u64,
    level: u64,
    filled_at: Steady,
}

impl Bucket {
    /// Lets `count` in at once, and `count` in each period.
    pub fn new(count: u32, period: Duration, now: Steady) -> Self {
        let count = u64::from(count);
        let token = u64::try_from(period.as_millis()).unwrap_or(u64::MAX).max(1);
        Self { count, token, level: count.saturating_mul(token), filled_at: now }
    }

    /// Takes a token, or says after how long there is one again.
    pub fn take(&mut self, now: Steady) -> Result<(), Duration> {
        let passed = now.0.saturating_sub(self.filled_at.0);
        self.filled_at = now;
        let gained = passed.saturating_mul(self.count);
        self.level = self.level.saturating_add(gained).min(self.count.saturating_mul(self.token));
        if self.level >= self.token {
            self.level -= self.token;
            return Ok(());
        }
        let lacking = self.token - self.level;
        // With a rate of 0 there will never be a token; an hour is a polite way to say so.
        let wait = lacking.checked_add(self.count).map(|sum| sum.saturating_sub(1));
        let wait = wait.and_then(|sum| sum.checked_div(self.count));
        Err(wait.map_or(Duration::from_hours(1), Duration::from_millis))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    #[test]
    fn ten_at_once_then_one_every_six_seconds() {
        let mut bucket = Bucket::new(10, MINUTE, Steady(500));
        for _ in 0..10 {
            assert_eq!(bucket.take(Steady(500)), Ok(()));
        }
        assert_eq!(bucket.take(Steady(500)), Err(Duration::from_secs(6)));
        assert_eq!(bucket.take(Steady(2500)), Err(Duration::from_secs(4)));
        assert_eq!(bucket.take(Steady(6499)), Err(Duration::from_millis(1)));
        assert_eq!(bucket.take(Steady(6500)), Ok(()));
        assert_eq!(bucket.take(Steady(6500)), Err(Duration::from_secs(6)));
        assert_eq!(bucket.take(Steady(10_000_000)), Ok(()));
    }

    #[test]
    fn a_rate_of_zero_lets_nothing_through() {
        assert_eq!(Bucket::new(0, MINUTE, Steady(0)).take(Steady(9)), Err(Duration::from_hours(1)));
    }

    #[test]
    fn the_announced_wait_is_enough() {
        for per_minute in [1, 7, 11, 100] {
            let mut bucket = Bucket::new(per_minute, MINUTE, Steady(0));
            while bucket.take(Steady(0)).is_ok() {}
            let wait = bucket.take(Steady(0)).unwrap_err();
            assert_eq!(bucket.take(Steady(0) + wait), Ok(()), "{per_minute}");
        }
    }

    #[test]
    fn a_burst_passes_and_then_only_the_rate() {
        let mut bucket = Bucket::new(100, Duration::from_secs(1), Steady(0));
        let passed = (0..150).filter(|_| bucket.take(Steady(0)).is_ok()).count();
        assert_eq!(passed, 100);
        let passed = (1..=1000).filter(|&at| bucket.take(Steady(at)).is_ok()).count();
        assert_eq!(passed, 100);
    }
}
