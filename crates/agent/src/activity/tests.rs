//! Screens of real programs, the keys of people, and ten minutes of work, by a clock that is turned by hand.

mod keys;
mod limits;
mod pacing;
mod recording;
mod screens;

use pilothouse_core::{
    agent_type::AgentType,
    sessions::Activity,
    time::{Moment, Steady, Timestamp},
};

use super::{Change, Detector, Patterns};

/// A detector, a clock and everything that was reported.
struct Bench {
    detector: Detector,
    clock: u64,
    changes: Vec<Change>,
}

impl Bench {
    fn new(agent_type: &str) -> Self {
        let all = AgentType::built_in();
        let found = all.iter().find(|known| known.id.as_str() == agent_type).unwrap();
        Self::with(&found.asking_patterns)
    }

    fn with<P: AsRef<str>>(patterns: &[P]) -> Self {
        let patterns: Vec<String> = patterns.iter().map(|it| it.as_ref().to_owned()).collect();
        let detector = Detector::new(&Patterns::compile(&patterns).unwrap());
        Self { detector, clock: 0, changes: Vec::new() }
    }

    fn now(&self) -> Moment {
        Moment { wall: Timestamp(1_000_000 + self.clock), steady: Steady(self.clock) }
    }

    /// Lets time pass; the detector is called when it wants to be.
    fn wait(&mut self, millis: u64) {
        let end = self.clock + millis;
        while let Some(due) = self.detector.next_due().filter(|due| due.0 <= end) {
            assert!(due.0 >= self.clock || self.clock == 0, "due in the past: {due:?}");
            self.clock = due.0.max(self.clock);
            let change = self.detector.tick(self.now());
            let is_settled = self.detector.next_due().is_none_or(|next| next > due);
            assert!(change.is_some() || is_settled, "called at {due:?} for nothing");
            self.changes.extend(change);
        }
        self.clock = end;
    }

    fn show(&mut self, screen: &str) {
        let lines: Vec<String> = screen.lines().map(str::to_owned).collect();
        let change = self.detector.output(screen.len().max(1), &lines, self.now());
        self.changes.extend(change);
    }

    fn key(&mut self, text: &str) {
        self.detector.typed(text, self.now());
    }

    fn state(&self) -> Activity {
        self.detector.state()
    }

    fn states(&self) -> Vec<Activity> {
        self.changes.iter().map(|change| change.state).collect()
    }
}
