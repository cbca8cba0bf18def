//! Steps that are announced, timed, and stop everything when one fails.

use std::time::Instant;

use anyhow::{Context, Result};

/// A row of steps.
pub(crate) struct Steps {
    started: Instant,
    count: usize,
}

impl Steps {
    /// None so far; time counts from here.
    pub(crate) fn new() -> Self {
        Self { started: Instant::now(), count: 0 }
    }

    /// Does one step. `fix` says in a few words what to do when it fails.
    pub(crate) fn step(
        &mut self,
        name: &str,
        fix: &str,
        work: impl FnOnce() -> Result<()>,
    ) -> Result<()> {
        self.count += 1;
        say(&format!("\n== {}. {name}", self.count));
        let started = Instant::now();
        work().with_context(|| format!("step `{name}` did not pass; {fix}"))?;
        say(&format!(
            "== {}. {name}: passed in {:.1} s",
            self.count,
            started.elapsed().as_secs_f64()
        ));
        Ok(())
    }

    /// Says that all passed.
    pub(crate) fn finish(&self) {
        let seconds = self.started.elapsed().as_secs_f64();
        say(&format!("== all {} steps passed in {seconds:.0} s", self.count));
    }
}

/// Prints a line beside what cargo prints, so that both stay in order when they are captured.
#[expect(clippy::print_stderr, reason = "xtask talks to the person who started it")]
pub(crate) fn say(line: &str) {
    eprintln!("{line}");
}
