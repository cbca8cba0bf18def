//! The runs that have no final state yet.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
    time::Duration,
};

use super::{Outcome, Run, State, Verdict};
use crate::{
    ids::{AgentId, RunId},
    time::{Moment, Steady},
};

/// How many answers a run is remembered by. Overflow rule: the oldest goes, and its wait is not known any more.
const MOST_ANSWERED: usize = 64;

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

/// What a person answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Given {
    Reply(Arc<str>),
    Verdict(Verdict),
}

impl Given {
    /// Whether it says the same, for whatever reason.
    pub(crate) fn says(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Reply(one), Self::Reply(other)) => one == other,
            (Self::Verdict(one), Self::Verdict(other)) => {
                (one.granted, one.always) == (other.granted, other.always)
            }
            (Self::Reply(_), Self::Verdict(_)) | (Self::Verdict(_), Self::Reply(_)) => false,
        }
    }
}

/// One live run.
#[derive(Debug, Clone)]
pub(crate) struct Live {
    pub(crate) run: Arc<Run>,
    pub(crate) stage: Stage,
    /// When it has taken as long as it may; never while it can do nothing.
    pub(crate) overdue: Option<Steady>,
    /// How much time it had left when it began to wait for a person, or was paused.
    pub(crate) left: Duration,
    /// When its wait is given up, whatever its agent says or does not.
    pub(crate) gives_up: Option<Steady>,
    /// Whether it is to hold still, as long as its agent has not said that it does.
    pub(crate) pause: Option<bool>,
    pub(crate) answered: VecDeque<(Arc<str>, Given)>,
    pub(crate) unwanted: Option<Unwanted>,
}

impl Live {
    /// One that nobody has begun.
    pub(crate) fn new(run: Arc<Run>, stage: Stage) -> Self {
        let left = run.limits.time;
        Self {
            run,
            stage,
            overdue: None,
            left,
            gives_up: None,
            pause: None,
            answered: VecDeque::new(),
            unwanted: None,
        }
    }

    /// What was answered to a wait.
    pub(crate) fn given(&self, wait: &str) -> Option<&Given> {
        self.answered.iter().find(|(id, _)| **id == *wait).map(|(_, given)| given)
    }

    /// Remembers an answer.
    pub(crate) fn give(&mut self, wait: Arc<str>, given: Given) {
        self.answered.push_back((wait, given));
        if self.answered.len() > MOST_ANSWERED {
            self.answered.pop_front();
        }
    }

    /// Its time runs while it can act, and stands still while a person is waited for.
    fn keep_time(&mut self, now: Moment) {
        let run = Arc::make_mut(&mut self.run);
        let State::InProgress { .. } = run.state else { return };
        let is_idle = run.paused || run.waits.is_some();
        if is_idle && run.idle.since.is_none() {
            run.idle.since = Some(now.wall);
            self.left = self.overdue.take().map_or(self.left, |overdue| now.steady.until(overdue));
        } else if !is_idle {
            run.idle.past = run.idle.until(now.wall);
            run.idle.since = None;
            self.overdue.get_or_insert(now.steady + self.left);
        }
    }
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
        let may_begin = |live: &&Live| live.stage == Stage::Waiting && !live.run.paused;
        self.of(agent).find(may_begin).filter(|_| taken < places)
    }

    /// Changes a live run, and keeps its time; the new one.
    pub(crate) fn change(
        &mut self,
        id: &RunId,
        now: Moment,
        change: impl FnOnce(&mut Run),
    ) -> Option<Arc<Run>> {
        let live = self.live.get_mut(id)?;
        change(Arc::make_mut(&mut live.run));
        live.keep_time(now);
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

    /// Those that have waited for a person as long as they do.
    pub(crate) fn unanswered(&self, now: Steady) -> Vec<RunId> {
        let is_over = |live: &&Live| live.gives_up.is_some_and(|until| until <= now);
        self.live.values().filter(is_over).map(|live| live.run.id.clone()).collect()
    }

    /// When something here is due.
    pub(crate) fn next_due(&self) -> Option<Steady> {
        let due = |live: &Live| match &live.unwanted {
            Some(unwanted) => Some(unwanted.until),
            None => live.overdue.into_iter().chain(live.gives_up).min(),
        };
        self.live.values().filter_map(due).min()
    }

    /// How many wait for a person, and how many hold still because somebody paused them.
    pub(crate) fn count_idle(&self) -> (usize, usize) {
        let asking = self.live.values().filter(|live| live.run.waits.is_some()).count();
        (asking, self.live.values().filter(|live| live.run.paused).count())
    }

    /// How many wait, and how many are under way.
    pub(crate) fn count(&self) -> (usize, usize) {
        let begun = |live: &&Live| matches!(live.run.state, State::InProgress { .. });
        let begun = self.live.values().filter(begun).count();
        (self.live.len() - begun, begun)
    }
}
