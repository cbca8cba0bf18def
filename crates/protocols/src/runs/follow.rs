//! One run as one client is told it: a cursor into its steps, and how the run is known to be.

use std::sync::Arc;

use pilothouse_core::{
    ids::AgentId,
    runs::{Ended, Run, State},
};

use super::{messages::RunStatus, status::status};

/// From where it is known how a run is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Source {
    /// The core was asked.
    Asked,
    /// Its agent is listened to.
    Heard(AgentId),
    /// The core does not remember it: it ended long ago, or never was.
    Stored,
}

/// A run that is followed.
#[derive(Debug)]
pub(super) struct Followed {
    pub(super) source: Source,
    run: Option<Arc<Run>>,
    /// The number of the last step that the client was told, or had before.
    told: u32,
    wants_status: bool,
    told_status: Option<RunStatus>,
}

impl Followed {
    pub(super) fn new(after: u32, wants_status: bool) -> Self {
        Self { source: Source::Asked, run: None, told: after, wants_status, told_status: None }
    }

    /// It is told how the run stands from now on, if it was not before.
    pub(super) fn tell_status(&mut self) {
        self.wants_status = true;
    }

    /// The run is known to be so.
    pub(super) fn learn(&mut self, run: Arc<Run>) {
        self.run = Some(run);
    }

    /// The core does not know it, or not any more: it has to be found in storage.
    pub(super) fn lose(&mut self) {
        self.source = Source::Stored;
        self.run = None;
    }

    /// The agent that is listened to for it.
    pub(super) fn agent(&self) -> Option<&AgentId> {
        match &self.source {
            Source::Heard(agent) => Some(agent),
            Source::Asked | Source::Stored => None,
        }
    }

    /// The number of the step that is to be read next, if there is something to read: a step, or behind the last one
    /// that there is none, which is when the end is told.
    pub(super) fn next_step(&self) -> Option<u32> {
        let next = self.told.saturating_add(1);
        let is_there = match (&self.source, &self.run) {
            (Source::Asked, _) => false,
            (_, None) => true,
            (_, Some(run)) => run.steps >= next || matches!(run.state, State::Ended(_)),
        };
        is_there.then_some(next)
    }

    /// The client has everything up to that step, as far as it is kept.
    pub(super) fn told(&mut self, step: u32) {
        self.told = self.told.max(step);
    }

    /// How the run stands, if that is to be told and was not told so before.
    pub(super) fn take_status(&mut self) -> Option<RunStatus> {
        let status = status(self.run.as_deref()?).filter(|_| self.wants_status)?;
        if self.told_status.as_ref() == Some(&status) {
            return None;
        }
        self.told_status = Some(status.clone());
        Some(status)
    }

    /// How the run ended, if it did.
    pub(super) fn ended(&self) -> Option<(&Run, &Ended)> {
        let run = self.run.as_deref()?;
        match &run.state {
            State::Ended(ended) => Some((run, ended)),
            State::Pending | State::InProgress { .. } => None,
        }
    }
}
