//! Stopping agents: every process ended, and confirmed.

use std::{sync::Arc, time::Duration};

use super::{Hold, HoldCause, Progress, StopOutcome, StopResult, Stopping};
use crate::{
    Asked, Caller, Core, CoreError, Delivery, Reply,
    agents::Order,
    ids::AgentId,
    outbox::Followup,
    sessions::{Worker, WorkerState},
    streams::StreamKey,
    time::Moment,
};

/// By when an agent has ended the processes of a worker that is not wanted: it gives each of two signals two seconds of
/// its own choosing, then uses force.
const LEFT_WITHIN: Duration = Duration::from_secs(6);

impl Core {
    pub(super) fn stop(&mut self, caller: &Caller, agent: AgentId, now: Moment) -> Asked {
        if let Err(refusal) = self.check_known(&agent) {
            return Asked::Answered(Err(refusal));
        }
        let text: Arc<str> = format!("{} stopped this agent", caller.name).into();
        self.stop_all(caller, vec![agent], (HoldCause::Stopped, text), now)
    }

    pub(super) fn emergency_stop(
        &mut self,
        caller: &Caller,
        reason: Option<&str>,
        now: Moment,
    ) -> Asked {
        let agents = self.agents.iter().map(|(agent, _)| agent.clone()).collect();
        let text = match reason.filter(|reason| !reason.is_empty()) {
            Some(reason) => format!("{} stopped all agents: {reason}", caller.name),
            None => format!("{} stopped all agents", caller.name),
        };
        self.stop_all(caller, agents, (HoldCause::EmergencyStopped, text.into()), now)
    }

    fn stop_all(
        &mut self,
        caller: &Caller,
        agents: Vec<AgentId>,
        (cause, text): (HoldCause, Arc<str>),
        now: Moment,
    ) -> Asked {
        // All holds before the first order: nothing starts on one agent while another is being stopped.
        for agent in &agents {
            let (by, since, until) = (caller.name.clone(), now.wall, None);
            self.put_hold(agent, Some(Hold { cause, by, since, until, text: text.clone() }), now);
        }
        let agents = agents
            .into_iter()
            .map(|agent| {
                let progress = self.end_processes(&agent, now);
                (agent, progress)
            })
            .collect();
        let due = now.steady + self.settings.stop_within;
        self.control.stopping.push(Stopping { connection: caller.connection, due, agents });
        self.answer_stops(now);
        Asked::AfterCommit
    }

    /// Has an agent end all it runs.
    fn end_processes(&mut self, agent: &AgentId, now: Moment) -> Progress {
        let known = self.agents.get(agent);
        if known.is_some_and(crate::agents::Known::is_reported_only) {
            let text = "it has no link: whoever reports it has to stop it";
            return Progress::Done(StopResult::Refused(text.into()));
        }
        if known.is_none_or(|known| !known.is_there()) {
            let text = "it is not connected; it is stopped as soon as it is".into();
            return Progress::Done(StopResult::Unreachable(text));
        }
        let (commands, workers) = self.order_ends(agent, now);
        Progress::Waiting { commands, workers }
    }

    /// An agent that was stopped while it was away, or was started again since, is stopped now.
    pub(crate) fn enforce_stop(&mut self, agent: &AgentId, now: Moment) {
        if self.check_not_stopped(agent).is_err() {
            self.order_ends(agent, now);
        }
    }

    fn order_ends(&mut self, agent: &AgentId, now: Moment) -> (usize, usize) {
        let grace = self.settings.interrupt_grace;
        let current = self.commands.current(agent).map(|live| live.command.id.clone());
        if let Some(command) = &current {
            if let Some(live) = self.commands.live_mut(command) {
                live.is_unwanted = true;
            }
            self.order(agent, Order::Interrupt { command: command.clone(), grace });
        }
        let workers = self.living_workers(agent);
        for worker in &workers {
            self.order(agent, Order::EndWorker { stream: worker.stream(), grace });
        }
        self.end_runs_of(agent, now);
        self.close_browsers(agent);
        (usize::from(current.is_some()), workers.len())
    }

    /// Workers that have a process, or were sent to get one.
    fn living_workers(&self, agent: &AgentId) -> Vec<Arc<Worker>> {
        let sessions = self.sessions.of_agent(agent);
        let workers = sessions.flat_map(|session| session.workers.iter());
        let lives = |worker: &&Arc<Worker>| match worker.state {
            WorkerState::Running { .. } => true,
            WorkerState::Starting => {
                let stream = worker.stream();
                !self.outbox.will_spawn(&stream) && !self.control.waiting.contains(&stream)
            }
            WorkerState::Ended(_) => false,
        };
        workers.filter(lives).cloned().collect()
    }

    fn has_processes(&self, agent: &AgentId) -> bool {
        self.commands.current(agent).is_some()
            || !self.living_workers(agent).is_empty()
            || !self.runs.on(agent).is_empty()
            || self.browsers.has_open(agent)
            || self.control.leaving.contains_key(agent)
    }

    /// A life of a worker is not wanted any more. Its agent ends it and says nothing about it.
    pub(crate) fn leave_to_its_agent(&mut self, agent: &AgentId, now: Moment) {
        self.control.leaving.insert(agent.clone(), now.steady + LEFT_WITHIN);
    }

    /// Looks who has stopped meanwhile, and answers whoever waits for nobody any more.
    pub(crate) fn answer_stops(&mut self, now: Moment) {
        self.control.leaving.retain(|_, until| *until > now.steady);
        let mut waiting = std::mem::take(&mut self.control.stopping);
        for stopping in &mut waiting {
            let is_late = stopping.due <= now.steady;
            for (agent, progress) in &mut stopping.agents {
                let Progress::Waiting { commands, workers } = *progress else { continue };
                let is_there = self.agents.get(agent).is_some_and(crate::agents::Known::is_there);
                let result = if !self.has_processes(agent) {
                    StopResult::Stopped { commands, workers }
                } else if !is_there {
                    let text = "its connection was lost; it is stopped as soon as it is back";
                    StopResult::Unreachable(text.into())
                } else if is_late {
                    let text = "it did not confirm in time; look at its machine";
                    StopResult::Unreachable(text.into())
                } else {
                    continue;
                };
                *progress = Progress::Done(result);
            }
        }
        let is_over = |stopping: &Stopping| {
            stopping.agents.iter().all(|(_, progress)| matches!(progress, Progress::Done(_)))
        };
        let (over, rest) = waiting.into_iter().partition::<Vec<_>, _>(is_over);
        self.control.stopping = rest;
        for stopping in over {
            self.answer_stop(stopping);
        }
    }

    fn answer_stop(&mut self, stopping: Stopping) {
        let outcomes = stopping.agents.into_iter().filter_map(|(agent, progress)| match progress {
            Progress::Done(result) => Some(StopOutcome { agent, result }),
            Progress::Waiting { .. } => None,
        });
        let reply = Reply::Stopped(outcomes.collect());
        if self.outbox.is_degraded() {
            // It has happened, and is to be told; that it outlives a restart cannot be promised now.
            self.deliver(stopping.connection, Delivery::Answer(Ok(reply)));
            return;
        }
        let followup = Followup::Answer { connection: stopping.connection, reply };
        if let Some(followup) = self.outbox.after_what_waits(followup, false) {
            self.follow_up(followup);
        }
    }

    /// A worker is not to start before its agent may go on.
    pub(crate) fn put_off(&mut self, stream: &StreamKey) {
        self.control.waiting.insert(stream.clone());
    }

    /// Workers that were to start while their agent was stopped.
    pub(super) fn start_waiting_workers(&mut self, agent: &AgentId) {
        let waiting = std::mem::take(&mut self.control.waiting);
        for stream in waiting {
            let found = stream.worker().and_then(|id| self.sessions.worker(id));
            match found.map(|(session, _)| session.agent == *agent) {
                Some(true) => self.outbox.after_commit(Followup::Spawn(stream)),
                Some(false) => drop(self.control.waiting.insert(stream)),
                None => {}
            }
        }
    }

    /// What stops an agent is refused only where nobody can be asked.
    pub(super) fn refuse_control(&self, agent: &AgentId) -> Result<(), CoreError> {
        self.check_known(agent)?;
        self.check_linked(agent)
    }
}
