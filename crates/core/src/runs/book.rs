//! The runs that have no final state yet.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::{Outcome, Run, State};
use crate::{
    ids::{AgentId, RunId},
    time::Steady,
};

/// How far a live run got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Stage {
    /// It is being stored, so it may not start.
    Unstored,
    /// It waits for a place.
    Waiting,
    /// Its agent was told to begin.
    Sent,
    /// Its agent is at it.
    Begun,
}

/// How a run is to end that is not wanted any more.
#[derive(Debug, Clone)]
pub(crate) struct Unwanted {
    pub(crate) outcome: Outcome,
    /// So it ends then, whatever its agent says or does not.
    pub(crate) until: Steady,
}

/// One live run.
#[derive(Debug, Clone)]
pub(crate) struct Live {
    pub(crate) run: Arc<Run>,
    pub(crate) stage: Stage,
    /// When it has taken as long as it may.
    pub(crate) overdue: Option<Steady>,
    pub(crate) unwanted: Option<Unwanted>,
}

/// All live runs. Bounded: an agent has as many as it does at once, and a queue that refuses.
#[derive(Debug, Default)]
pub(crate) struct Book {
    live: BTreeMap<RunId, Live>,
    /// Ids sort by age, so that this is the order in which they begin.
    by_agent: BTreeMap<AgentId, BTreeSet<RunId>>,
}

impl Book {
    pub(crate) fn get(&self, id: &RunId) -> Option<&Live> {
        self.live.get(id)
    }

    pub(crate) fn get_mut(&mut self, id: &RunId) -> Option<&mut Live> {
        self.live.get_mut(id)
    }

    pub(crate) fn insert(&mut self, live: Live) {
        let (agent, id) = (live.run.agent.clone(), live.run.id.clone());
        self.by_agent.entry(agent).or_default().insert(id.clone());
        self.live.insert(id, live);
    }

    /// A run is over.
    pub(crate) fn remove(&mut self, id: &RunId) -> Option<Live> {
        let live = self.live.remove(id)?;
        if let Some(ids) = self.by_agent.get_mut(&live.run.agent) {
            ids.remove(id);
            if ids.is_empty() {
                self.by_agent.remove(&live.run.agent);
            }
        }
        Some(live)
    }

    /// The live runs of an agent, oldest first.
    pub(crate) fn of<'a>(&'a self, agent: &AgentId) -> impl Iterator<Item = &'a Live> + use<'a> {
        let ids = self.by_agent.get(agent).into_iter().flatten();
        ids.filter_map(|id| self.live.get(id))
    }

    /// Those that the agent has, or was told to have.
    pub(crate) fn on(&self, agent: &AgentId) -> Vec<RunId> {
        let on = self.of(agent).filter(|live| live.stage >= Stage::Sent);
        on.map(|live| live.run.id.clone()).collect()
    }

    /// How many have no place yet.
    pub(crate) fn waiting(&self, agent: &AgentId) -> usize {
        self.of(agent).filter(|live| live.stage < Stage::Sent).count()
    }

    /// Whether the agent is at any.
    pub(crate) fn has_begun(&self, agent: &AgentId) -> bool {
        self.of(agent).any(|live| live.stage == Stage::Begun)
    }

    /// The oldest that could begin, if fewer than so many have a place.
    pub(crate) fn next_to_send(&self, agent: &AgentId, places: usize) -> Option<&Live> {
        let taken = self.of(agent).filter(|live| live.stage >= Stage::Sent).count();
        self.of(agent).find(|live| live.stage == Stage::Waiting).filter(|_| taken < places)
    }

    /// Changes a live run; the new one.
    pub(crate) fn change(&mut self, id: &RunId, change: impl FnOnce(&mut Run)) -> Option<Arc<Run>> {
        let live = self.live.get_mut(id)?;
        change(Arc::make_mut(&mut live.run));
        Some(live.run.clone())
    }

    /// Those that have taken too long and are still wanted.
    pub(crate) fn overdue(&self, now: Steady) -> Vec<RunId> {
        let is_overdue = |live: &&Live| {
            live.unwanted.is_none() && live.overdue.is_some_and(|overdue| overdue <= now)
        };
        self.live.values().filter(is_overdue).map(|live| live.run.id.clone()).collect()
    }

    /// Those that nobody wants and whose agents have had the time to end them.
    pub(crate) fn given_up(&self, now: Steady) -> Vec<(RunId, Outcome)> {
        let due = self.live.values().filter_map(|live| {
            let unwanted = live.unwanted.as_ref().filter(|unwanted| unwanted.until <= now)?;
            Some((live.run.id.clone(), unwanted.outcome.clone()))
        });
        due.collect()
    }

    /// When something here is due.
    pub(crate) fn next_due(&self) -> Option<Steady> {
        let due = |live: &Live| match &live.unwanted {
            Some(unwanted) => Some(unwanted.until),
            None => live.overdue,
        };
        self.live.values().filter_map(due).min()
    }

    /// How many wait, and how many are under way.
    pub(crate) fn count(&self) -> (usize, usize) {
        let begun = |live: &&Live| matches!(live.run.state, State::InProgress { .. });
        let begun = self.live.values().filter(begun).count();
        (self.live.len() - begun, begun)
    }
}
