//! Counts for metrics and health. Nothing is decided by them.

use crate::{
    Core,
    commands::{Outcome, State},
    webhooks,
};

/// How things are, and what happened since the server started.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// Agents that were ever here.
    pub agents_known: usize,
    /// Agents that have a link.
    pub agents_linked: usize,
    /// Commands that wait.
    pub commands_queued: usize,
    /// Commands that run.
    pub commands_running: usize,
    /// Browsers that are open, or are being opened.
    pub browsers_open: usize,
    /// Browsers that crashed too often.
    pub browsers_failed: usize,
    /// Runs that wait.
    pub runs_waiting: usize,
    /// Runs that are under way.
    pub runs_under_way: usize,
    /// How many of them wait for a person.
    pub runs_asking: usize,
    /// How many runs hold still because somebody paused them.
    pub runs_paused: usize,
    /// How commands ended.
    pub commands_ended: Ends,
    /// Output received, in bytes.
    pub output_bytes: u64,
    /// Output records received.
    pub output_records: u64,
    /// Output that waits to be stored, in bytes.
    pub unstored_bytes: usize,
    /// Changes that wait to be stored, or are being stored.
    pub unstored_writes: usize,
    /// Storage is away.
    pub is_degraded: bool,
    /// Audit records that storage's absence cost.
    pub dropped_audit: u64,
    /// What became of deliveries to webhooks.
    pub webhooks: webhooks::Counts,
}

/// Commands that ended, by how.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ends {
    /// With exit code 0.
    pub completed: u64,
    /// With another exit code, by a signal, or without having started.
    pub failed: u64,
    /// By somebody's wish.
    pub interrupted: u64,
    /// For running too long.
    pub timed_out: u64,
    /// With their agent.
    pub agent_lost: u64,
}

impl Ends {
    /// Counts a command whose state is a final one.
    pub(crate) fn count(&mut self, state: &State) {
        let State::Ended(ended) = state else { return };
        let count = match &ended.outcome {
            Outcome::Exited { code: 0, .. } => &mut self.completed,
            Outcome::Exited { .. } | Outcome::NotStarted { .. } => &mut self.failed,
            Outcome::Interrupted { .. } => &mut self.interrupted,
            Outcome::TimedOut { .. } => &mut self.timed_out,
            Outcome::AgentLost => &mut self.agent_lost,
        };
        *count += 1;
    }
}

impl Core {
    /// Counts for metrics and health.
    pub fn totals(&self) -> Totals {
        let (commands_queued, commands_running) = self.commands.count();
        let (browsers_open, browsers_failed) = self.browsers.count();
        let (runs_waiting, runs_under_way) = self.runs.count();
        let (runs_asking, runs_paused) = self.runs.count_idle();
        Totals {
            agents_known: self.agents.iter().count(),
            agents_linked: self.agents.iter().filter(|(_, known)| known.is_there()).count(),
            commands_queued,
            commands_running,
            browsers_open,
            browsers_failed,
            runs_waiting,
            runs_under_way,
            runs_asking,
            runs_paused,
            commands_ended: self.ends,
            output_bytes: self.output_bytes,
            output_records: self.output_records,
            unstored_bytes: self.unstored_output(),
            unstored_writes: self.outbox.waiting_writes(),
            is_degraded: self.outbox.is_degraded(),
            dropped_audit: self.outbox.dropped_audit(),
            webhooks: self.webhooks.counts(),
        }
    }
}
