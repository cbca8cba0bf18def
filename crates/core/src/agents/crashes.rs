//! Crash loops: an agent that is started again and again is in trouble, though it is there each time.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use crate::{
    Core, Settings,
    attention::Subject,
    ids::{AgentId, IncarnationId},
    time::{Moment, Steady},
};

/// The newest lives of one agent.
#[derive(Debug, Clone, Default)]
pub(crate) struct Lives {
    present: Option<IncarnationId>,
    /// When a new life took the place of an older one; as many as make a loop.
    changes: VecDeque<Steady>,
    /// Somebody asked for a new life.
    is_asked: bool,
    /// Until when it counts as crashing, and how that is said.
    crashing: Option<(Steady, Arc<str>)>,
}

impl Lives {
    /// A life linked. The first one is no change: an earlier one may have been another server's.
    pub(super) fn linked(&mut self, life: &IncarnationId, settings: &Settings, now: Steady) {
        let before = self.present.replace(life.clone());
        if settings.crash_loop == 0 || before.is_none_or(|before| before == *life) {
            return;
        }
        if std::mem::take(&mut self.is_asked) {
            return;
        }
        self.changes.push_back(now);
        while self.changes.len() > settings.crash_loop {
            self.changes.pop_front();
        }
        let within = settings.crash_loop_within;
        let first = self.changes.front().copied().unwrap_or(now);
        let is_loop = self.changes.len() == settings.crash_loop && first + within >= now;
        if let Some((until, _)) = &mut self.crashing {
            // It has not stayed.
            *until = now + within;
        } else if is_loop {
            self.crashing = Some((now + within, words(settings.crash_loop, within)));
        }
    }

    /// The next life comes because somebody asked for it.
    pub(crate) fn ask_for_another(&mut self) {
        self.is_asked = true;
    }

    /// In words, if it is crashing.
    pub(super) fn trouble(&self) -> Option<&Arc<str>> {
        self.crashing.as_ref().map(|(_, words)| words)
    }

    /// When it has stayed long enough.
    pub(super) fn forgiven_at(&self) -> Option<Steady> {
        self.crashing.as_ref().map(|(until, _)| *until)
    }
}

fn words(times: usize, within: Duration) -> Arc<str> {
    let seconds = within.as_secs_f64();
    format!("the agent was started anew {times} times within {seconds} s; look at its log for why it ends").into()
}

impl Core {
    /// Agents that have lived long enough since they crashed are in no trouble any more.
    pub(crate) fn forgive_crashes(&mut self, now: Moment) {
        let is_due = |at: Option<Steady>| at.is_some_and(|at| at <= now.steady);
        let due = self.agents.iter().filter(|(_, known)| is_due(known.lives.forgiven_at()));
        let due: Vec<AgentId> = due.map(|(id, _)| id.clone()).collect();
        for agent in due {
            let Some(known) = self.agents.get_mut(&agent) else { continue };
            known.lives.crashing = None;
            if known.trouble.is_none() {
                self.clear_attention(&Subject::Agent(agent.clone()), now);
            }
            self.tell_status(&agent, now);
        }
    }
}
