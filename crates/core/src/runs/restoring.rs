//! Runs as an earlier life of the server left them.

use std::{sync::Arc, time::Duration};

use super::{
    Event, Run, State,
    book::{Live, Stage},
};
use crate::{Core, Event as Fact, time::Moment};

impl Core {
    /// Takes runs without a final state over from storage. What a run waits for stands as it was stored, until its agent says
    /// it again or does not.
    pub(crate) fn restore_runs(&mut self, runs: Vec<Run>, now: Moment) {
        for run in runs {
            let run = Arc::new(run);
            let mut live = Live::new(run.clone(), Stage::Waiting);
            match run.state {
                State::Pending => {}
                State::InProgress { since } => {
                    let gone = Duration::from_millis(now.wall.0.saturating_sub(since.0));
                    let used = gone.saturating_sub(run.idle.until(now.wall));
                    live.stage = Stage::Begun;
                    live.left = run.limits.time.saturating_sub(used);
                    live.overdue = run.idle.since.is_none().then(|| now.steady + live.left);
                    // What was asked last may not have reached the agent.
                    live.pause = Some(run.paused);
                }
                State::Ended(_) => continue,
            }
            self.show(Fact::Runs(Event::Status(run.clone())), now);
            if live.stage == Stage::Begun
                && let Some(known) = self.agents.get_mut(&run.agent)
            {
                known.lost_at = Some(now.steady + self.settings.lost_after);
            }
            self.runs.insert(live);
            self.raise_wait(&run, now);
        }
    }
}
