//! When a snapshot of a terminal is worth taking, so that viewers who come later read little.
//!
//! Pure: moments come in. Taking it is somebody else's business.

use std::time::{Duration, Instant};

/// How long there has to be no output.
pub const IDLE: Duration = Duration::from_secs(2);
/// How much output there may be after a checkpoint.
pub const EVERY_BYTES: u64 = 1024 * 1024;

/// Decides about one terminal's checkpoints.
#[derive(Debug, Default)]
pub struct CheckpointPolicy {
    bytes: u64,
    last_output: Option<Instant>,
    is_due: bool,
}

impl CheckpointPolicy {
    /// There was output. Says whether a checkpoint is due now.
    pub fn output(&mut self, bytes: usize, now: Instant) -> bool {
        self.bytes = self.bytes.saturating_add(bytes as u64);
        self.last_output = Some(now);
        self.is_due |= self.bytes >= EVERY_BYTES;
        self.is_due
    }

    /// The size changed; an older snapshot does not fit any more.
    pub fn resized(&mut self) -> bool {
        self.is_due = true;
        true
    }

    /// The process ended. Says whether something came after the last checkpoint.
    pub fn exited(&mut self) -> bool {
        self.is_due |= self.bytes > 0;
        self.is_due
    }

    /// When to look again although nothing happens; `None` if nothing came after the last checkpoint.
    pub fn wake_at(&self) -> Option<Instant> {
        self.last_output.map(|last| last + IDLE)
    }

    /// Whether a checkpoint is due at this moment.
    pub fn is_due(&self, now: Instant) -> bool {
        self.is_due || self.wake_at().is_some_and(|at| now >= at)
    }

    /// One was taken, of everything up to now.
    pub fn taken(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checkpoint_is_due_when_output_pauses() {
        let now = Instant::now();
        let mut policy = CheckpointPolicy::default();
        assert_eq!(policy.wake_at(), None);
        assert!(!policy.is_due(now + IDLE));
        assert!(!policy.output(10, now));
        assert!(!policy.output(10, now + IDLE / 2));
        assert!(!policy.is_due(now + IDLE));
        assert_eq!(policy.wake_at(), Some(now + IDLE / 2 + IDLE));
        assert!(policy.is_due(now + IDLE / 2 + IDLE));
        policy.taken();
        assert!(!policy.is_due(now + IDLE * 9));
    }

    #[test]
    fn a_checkpoint_is_due_after_much_output_a_resize_and_the_end() {
        let now = Instant::now();
        let mut policy = CheckpointPolicy::default();
        assert!(!policy.exited(), "nothing was printed");
        assert!(!policy.output(1024 * 1024 - 1, now));
        assert!(policy.output(1, now));
        policy.taken();
        assert!(policy.resized());
        assert!(policy.is_due(now));
        policy.taken();
        policy.output(1, now);
        assert!(policy.exited());
    }
}
