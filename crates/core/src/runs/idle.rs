//! Runs that hold still because somebody wants them to, and those that are done again.

use std::sync::Arc;

use super::{
    Create, Order, Refusal, State,
    book::{Live, Stage},
    life::check_owner,
};
use crate::{
    Caller, Core, CoreError, Reply, agents,
    ids::{AgentId, RunId},
    time::Moment,
};

impl Core {
    /// Has a run hold still. One that waits for a place does not begin meanwhile.
    pub(super) fn pause_run(
        &mut self,
        caller: &Caller,
        id: &RunId,
        now: Moment,
    ) -> Result<Reply, CoreError> {
        self.hold_run(caller, id, true, now)
    }

    /// Has a run go on.
    pub(super) fn resume_run(
        &mut self,
        caller: &Caller,
        id: &RunId,
        now: Moment,
    ) -> Result<Reply, CoreError> {
        self.hold_run(caller, id, false, now)
    }

    fn hold_run(
        &mut self,
        caller: &Caller,
        id: &RunId,
        pause: bool,
        now: Moment,
    ) -> Result<Reply, CoreError> {
        let live = self.wanted_run(id)?;
        check_owner(caller, &live.run, "a run is paused by whoever made it, or by an admin")?;
        let (agent, stage) = (live.run.agent.clone(), live.stage);
        if stage >= Stage::Sent {
            if let Some(live) = self.runs.get_mut(id) {
                live.pause = Some(pause);
            }
            self.order(&agent, agents::Order::Run(pause_order(id, pause)));
        }
        self.set_paused(id, pause, now);
        if !pause {
            self.dispatch_runs(&agent);
        }
        Ok(Reply::Done)
    }

    /// An agent says that a run holds still, or does not any more. What was asked of it last counts until it has done that.
    pub(super) fn run_paused(&mut self, agent: &AgentId, id: &RunId, paused: bool, now: Moment) {
        if !self.is_run_of(agent, id) {
            return;
        }
        self.run_began(agent, id, now);
        let Some(live) = self.runs.get_mut(id) else { return };
        if live.pause.take_if(|pause| *pause == paused).is_some() || live.pause.is_none() {
            self.set_paused(id, paused, now);
        }
    }

    fn set_paused(&mut self, id: &RunId, paused: bool, now: Moment) {
        if self.runs.get(id).is_none_or(|live| live.run.paused == paused) {
            return;
        }
        if let Some(run) = self.runs.change(id, now, |run| run.paused = paused) {
            self.tell_run(&run, now);
        }
    }

    /// What was asked about pauses while the agent was away, and what it would not know in a new life of the server.
    pub(crate) fn deliver_pauses(&mut self, agent: &AgentId) {
        let begun = self.runs.of(agent).filter(|live| live.stage >= Stage::Sent);
        let wanted = |live: &Live| {
            let pause = live.pause.or(live.run.paused.then_some(true))?;
            Some((live.run.id.clone(), pause))
        };
        for (id, pause) in begun.filter_map(wanted).collect::<Vec<_>>() {
            self.order(agent, agents::Order::Run(pause_order(&id, pause)));
        }
    }

    /// A live run that nobody has had ended.
    pub(super) fn wanted_run(&self, id: &RunId) -> Result<&Live, CoreError> {
        match self.runs.get(id) {
            Some(live) if live.unwanted.is_none() => Ok(live),
            None if self.topics.view().runs().get(id).is_none() => {
                Err(CoreError::RunNotFound(id.clone()))
            }
            _ => Err(Refusal::Over(id.clone()).into()),
        }
    }

    /// A run that is to be done again has the commands of that one for its script, unless whoever asks brought them along
    /// from storage, which remembers more runs than we do.
    pub(super) fn with_commands(&self, create: Create) -> Result<Create, CoreError> {
        let Some(id) = create.replay.clone() else { return Ok(create) };
        if self.runs.get(&id).is_some() {
            return Err(Refusal::NotOver(id).into());
        }
        if create.script.is_some() {
            return Ok(create);
        }
        let run = self.topics.view().runs().get(&id);
        let run = run.ok_or_else(|| CoreError::RunNotFound(id.clone()))?;
        let commands = match &run.state {
            State::Ended(ended) => ended.commands.clone(),
            State::Pending | State::InProgress { .. } => return Err(Refusal::NotOver(id).into()),
        };
        let script = commands.filter(has_any);
        let script = script.ok_or(Refusal::NothingToReplay(id))?;
        Ok(Create { script: Some(script), ..create })
    }
}

/// Whether a JSON array is not empty.
fn has_any(commands: &Arc<str>) -> bool {
    commands.contains('{')
}

fn pause_order(id: &RunId, pause: bool) -> Order {
    if pause { Order::Pause(id.clone()) } else { Order::Resume(id.clone()) }
}
