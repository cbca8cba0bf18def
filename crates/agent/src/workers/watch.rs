//! Lets a detector look at a worker's screen often enough, and not more often.

use std::time::Duration;

use pilothouse_core::time::{Moment, Steady};

use crate::activity::{Change, Detector, Patterns};

/// How often the detector looks while there is output.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// See the [module](self).
#[derive(Debug)]
pub(super) struct Watch {
    detector: Detector,
    /// What was written since the last look.
    bytes: usize,
    is_unseen: bool,
    looked_at: Option<Steady>,
}

impl Watch {
    /// A watch over an agent that asks with these patterns.
    pub(super) fn new(patterns: &Patterns) -> Self {
        Self { detector: Detector::new(patterns), bytes: 0, is_unseen: false, looked_at: None }
    }

    /// The program wrote so many bytes.
    pub(super) fn written(&mut self, bytes: usize) {
        self.bytes += bytes;
        self.is_unseen = true;
    }

    /// Somebody typed.
    pub(super) fn typed(&mut self, text: &str, now: Moment) {
        self.detector.typed(text, now);
    }

    /// The terminal has another size.
    pub(super) fn resized(&mut self, now: Moment) {
        self.detector.resized(now);
        self.is_unseen = true;
    }

    /// When to look next if nothing happens before.
    pub(super) fn due(&self) -> Option<Steady> {
        let look = self.looked_at.map_or(Steady(0), |at| at + LOOK_EVERY);
        let look = self.is_unseen.then_some(look);
        look.into_iter().chain(self.detector.next_due()).min()
    }

    /// Looks if it is time to; `lines` gives what the screen shows.
    pub(super) fn look(
        &mut self,
        lines: impl FnOnce() -> Vec<String>,
        now: Moment,
    ) -> Option<Change> {
        if self.due().is_none_or(|due| now.steady < due) {
            return None;
        }
        let may_look = self.looked_at.is_none_or(|at| at + LOOK_EVERY <= now.steady);
        if !self.is_unseen || !may_look {
            return self.detector.tick(now);
        }
        self.is_unseen = false;
        self.looked_at = Some(now.steady);
        self.detector.output(std::mem::take(&mut self.bytes), &lines(), now)
    }
}
