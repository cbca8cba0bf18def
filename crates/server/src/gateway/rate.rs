//! A token bucket for inbound messages: 16 bytes, no timer.

use pilothouse_core::time::Steady;

/// Allows `per_second` messages a second, and a burst of as many.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bucket {
    per_second: u32,
    /// In thousandths of a message.
    level: u32,
    filled_at: Steady,
}

impl Bucket {
    pub(crate) fn new(per_second: u32, now: Steady) -> Self {
        Self { per_second, level: per_second.saturating_mul(1000), filled_at: now }
    }

    /// Takes one message out, if there is room for it.
    pub(crate) fn take(&mut self, now: Steady) -> bool {
        let passed = now.0.saturating_sub(self.filled_at.0).min(1000);
        let gained = u32::try_from(passed).unwrap_or(1000).saturating_mul(self.per_second);
        self.level = self.level.saturating_add(gained).min(self.per_second.saturating_mul(1000));
        self.filled_at = now;
        let is_allowed = self.level >= 1000;
        if is_allowed {
            self.level -= 1000;
        }
        is_allowed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_passes_and_then_only_the_rate() {
        let mut bucket = Bucket::new(100, Steady(0));
        let passed = (0..150).filter(|_| bucket.take(Steady(0))).count();
        assert_eq!(passed, 100);
        let passed = (1..=1000).filter(|&at| bucket.take(Steady(at))).count();
        assert_eq!(passed, 100);
    }
}
