//! What agents tell of their runs, and what is settled with them when they link.

use std::{collections::BTreeSet, sync::Arc};

use super::{
    Ending, Event, Order, Outcome, Report, RunResume, Screenshot, State, Step, Taken, book::Stage,
    life::may_run,
};
use crate::{
    Core, Event as Fact,
    agents::{self, Hello},
    ids::{AgentId, RunId},
    outbox::Followup,
    ports::Write,
    time::Moment,
};

/// How many bytes of screenshots wait to be stored at most. Overflow rule: steps are kept without theirs.
pub(crate) const MOST_WAITING_PICTURES: usize = 64 << 20;

/// A step as an agent told it.
pub(super) struct Told {
    number: u32,
    action: Arc<str>,
    explanation: Arc<str>,
    screenshot: Option<Screenshot>,
}

impl Core {
    pub(crate) fn take_run_report(&mut self, agent: &AgentId, report: Report, now: Moment) {
        match report {
            Report::Began(run) => self.run_began(agent, &run, now),
            Report::Step { run, number, action, explanation, screenshot } => {
                let told = Told { number, action, explanation, screenshot };
                self.run_stepped(agent, &run, told, now);
            }
            Report::Waits { run, asking } => self.run_waits(agent, &run, asking, now),
            Report::GoesOn { run, wait } => self.run_goes_on(agent, &run, &wait, now),
            Report::Paused { run, paused } => self.run_paused(agent, &run, paused, now),
            Report::Ended { run, ending } => self.run_ended(agent, &run, ending, now),
        }
    }

    pub(super) fn is_run_of(&self, agent: &AgentId, run: &RunId) -> bool {
        self.runs.get(run).is_some_and(|live| live.run.agent == *agent)
    }

    pub(super) fn run_began(&mut self, agent: &AgentId, id: &RunId, now: Moment) {
        if !self.is_run_of(agent, id) {
            return;
        }
        let Some(live) = self.runs.get_mut(id) else { return };
        if live.stage == Stage::Begun {
            return;
        }
        live.stage = Stage::Begun;
        // Said as it happens, so that it needs no other clock than ours.
        let since = now.wall;
        let changed = self.runs.change(id, now, |run| run.state = State::InProgress { since });
        if let Some(run) = changed {
            self.tell_run(&run, now);
        }
        self.tell_status(agent, now);
    }

    /// Steps come in order. One that was told before is told again only because that was not known to be stored.
    fn run_stepped(&mut self, agent: &AgentId, id: &RunId, told: Told, now: Moment) {
        if !self.is_run_of(agent, id) {
            return;
        }
        self.run_began(agent, id, now);
        let Some(live) = self.runs.get(id) else { return };
        let (steps, most) = (live.run.steps, live.run.limits.steps);
        if told.number != steps.saturating_add(1) {
            return;
        }
        if steps >= most {
            let error = format!("took more than {most} steps").into();
            return self.end_unwanted(id, Outcome::Failed { error }, now);
        }
        let Told { number, action, explanation, screenshot } = told;
        let changed = self.runs.change(id, now, |run| {
            run.steps = number;
            run.stage = Some(explanation.clone()).filter(|stage| !stage.is_empty());
        });
        let Some(run) = changed else { return };
        let step = Arc::new(Step { run: id.clone(), number, action, explanation, at: now.wall });
        let waiting = self.outbox.waiting_pictures();
        let has_room = |shot: &Screenshot| waiting + shot.bytes.len() <= MOST_WAITING_PICTURES;
        let kept = screenshot.clone().filter(has_room);
        self.outbox.write(Write::Run(run.clone()));
        self.outbox.write(Write::RunStep { step: step.clone(), screenshot: kept });
        let (said, browser) = (step.explanation.clone(), run.browser());
        self.show_committed(Fact::Runs(Event::Step(Taken { run, step, screenshot })), now);
        self.say(agent, browser.as_str().into(), &said, now);
        let stored = RunResume { run: id.clone(), steps: number };
        self.outbox.after_commit(Followup::RunStored { agent: agent.clone(), stored });
    }

    /// The agent says that a run ended. It may forget it once that is stored.
    fn run_ended(&mut self, agent: &AgentId, id: &RunId, ending: Ending, now: Moment) {
        if self.is_run_of(agent, id) {
            let unwanted = self.runs.get(id).and_then(|live| live.unwanted.as_ref());
            let outcome = match (unwanted, &ending.outcome) {
                // It was done before the agent heard that nobody wants it.
                (_, Outcome::Completed) | (None, _) => ending.outcome.clone(),
                (Some(unwanted), _) => unwanted.outcome.clone(),
            };
            self.end_run(id, Ending { outcome, ..ending }, now);
        }
        let forget = Followup::ForgetRun { agent: agent.clone(), run: id.clone() };
        // Final here since long: nothing else would trigger the order.
        if let Some(forget) = self.outbox.after_what_waits(forget, false) {
            self.follow_up(forget);
        }
    }

    /// Compares the runs that an agent has with ours: from which step each goes on, and what is to be forgotten.
    pub(crate) fn settle_runs(
        &mut self,
        hello: &Hello,
        now: Moment,
    ) -> (Vec<RunResume>, Vec<RunId>) {
        let agent = &hello.agent;
        let held: BTreeSet<&RunId> = hello.runs.iter().flat_map(|runs| runs.iter()).collect();
        self.settle_missing_runs(agent, &held, now);
        let (mut resume, mut forget) = (Vec::new(), Vec::new());
        for id in held {
            if self.is_run_of(agent, id) {
                self.run_began(agent, id, now);
                self.doubt_wait(id, now);
                let steps = self.runs.get(id).map_or(0, |live| live.run.steps);
                resume.push(RunResume { run: id.clone(), steps });
            } else if !self.outbox.holds_run(id) {
                // What ended and is not stored yet is forgotten when it is.
                forget.push(id.clone());
            }
        }
        (resume, forget)
    }

    /// What we believe an agent to be at but it does not have was lost with an earlier life of it; what was merely
    /// sent never arrived and is sent again.
    fn settle_missing_runs(&mut self, agent: &AgentId, held: &BTreeSet<&RunId>, now: Moment) {
        let can = self.agents.get(agent).is_some_and(may_run);
        let live = self.runs.of(agent).filter(|live| !held.contains(&live.run.id));
        let missing: Vec<_> = live.map(|live| (live.run.id.clone(), live.stage)).collect();
        for (id, stage) in missing {
            match stage {
                Stage::Begun => self.fail_run(&id, "its agent was started anew and lost it", now),
                Stage::Sent | Stage::Waiting | Stage::Unstored if !can => {
                    self.fail_run(&id, format!("agent {agent} takes no runs any more"), now);
                }
                Stage::Sent => match self.runs.get_mut(&id) {
                    Some(live) if live.unwanted.is_none() => live.stage = Stage::Waiting,
                    _ => self.fail_run(&id, "", now),
                },
                Stage::Waiting | Stage::Unstored => {}
            }
        }
    }

    /// Cancels that were asked for while the agent was away.
    pub(crate) fn deliver_unwanted_runs(&mut self, agent: &AgentId) {
        let unwanted = self.runs.of(agent).filter(|live| live.unwanted.is_some());
        let unwanted: Vec<_> = unwanted.map(|live| live.run.id.clone()).collect();
        for id in unwanted {
            self.order(agent, agents::Order::Run(Order::Cancel(id)));
        }
    }

    /// An agent stayed away too long: what it was at failed. What merely waits goes on waiting. Returns how many failed.
    pub(crate) fn lose_runs(&mut self, agent: &AgentId, now: Moment) -> usize {
        let lost = self.runs.on(agent);
        for id in &lost {
            self.fail_run(id, "its agent was lost", now);
        }
        lost.len()
    }
}
