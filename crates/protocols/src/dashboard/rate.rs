//! How many commands one connection may ask for: a bucket that fills up evenly.

use std::time::Duration;

use pilothouse_core::time::Steady;

/// Starts full; every request takes one token, and a minute brings `per_minute` back.
#[derive(Debug)]
pub(super) struct Bucket {
    per_minute: u64,
    /// In the unit of [`TOKEN`], so that whole numbers are exact.
    level: u64,
    filled_at: Steady,
}

/// What one token is in the bucket's unit: the milliseconds of a minute.
const TOKEN: u64 = 60_000;

impl Bucket {
    pub(super) fn new(per_minute: u32, now: Steady) -> Self {
        let per_minute = u64::from(per_minute);
        Self { per_minute, level: per_minute * TOKEN, filled_at: now }
    }

    /// Takes a token, or says after how long there is one again.
    pub(super) fn take(&mut self, now: Steady) -> Result<(), Duration> {
        let passed = now.0.saturating_sub(self.filled_at.0);
        self.filled_at = now;
        let gained = passed.saturating_mul(self.per_minute);
        self.level = self.level.saturating_add(gained).min(self.per_minute * TOKEN);
        if self.level >= TOKEN {
            self.level -= TOKEN;
            return Ok(());
        }
        let lacking = TOKEN - self.level;
        // With a rate of 0 there will never be a token; an hour is a polite way to say so.
        let wait = lacking.checked_add(self.per_minute).map(|sum| sum.saturating_sub(1));
        let wait = wait.and_then(|sum| sum.checked_div(self.per_minute));
        Err(wait.map_or(Duration::from_hours(1), Duration::from_millis))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_at_once_then_one_every_six_seconds() {
        let mut bucket = Bucket::new(10, Steady(500));
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
        assert_eq!(Bucket::new(0, Steady(0)).take(Steady(9)), Err(Duration::from_hours(1)));
    }

    #[test]
    fn the_announced_wait_is_enough() {
        for per_minute in [1, 7, 11, 100] {
            let mut bucket = Bucket::new(per_minute, Steady(0));
            while bucket.take(Steady(0)).is_ok() {}
            let wait = bucket.take(Steady(0)).unwrap_err();
            assert_eq!(bucket.take(Steady(0) + wait), Ok(()), "{per_minute}");
        }
    }
}
