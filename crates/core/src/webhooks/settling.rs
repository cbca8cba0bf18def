//! What has to last before it is told, and what was told already, so that flapping is told once.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use crate::{
    attention::{Item, Subject},
    audit::redact,
    ids::{AgentId, WorkerId},
    time::{Moment, Steady, Timestamp},
};

/// Who waits again for the same within so long after they stopped waiting has not stopped.
const FLAPPING: Duration = Duration::from_secs(5);
/// What began to wait within so many milliseconds of what was told in an earlier life of the server is the same: agents
/// tell for how long it has been so, by a clock of their own.
const SAME: u64 = 2_000;

/// What was told of one thing that waits for a person.
#[derive(Debug)]
struct Told {
    text: Arc<str>,
    /// When it stopped to wait.
    cleared: Option<Steady>,
    /// It waits again; if it still does then, it is told.
    again: Option<Steady>,
    /// Since when it waited, if that was told in an earlier life of the server.
    told_before: Option<Timestamp>,
}

/// See the [module](self). Bounded by agents, by workers, and by what waits for a person.
#[derive(Debug, Default)]
pub(super) struct Settling {
    /// Agents that are there, or went and nobody was told.
    expected: BTreeSet<AgentId>,
    /// Those of them that went: when they are told to be gone, and since when they are.
    leaving: BTreeMap<AgentId, (Steady, Timestamp)>,
    /// Agents whose trouble was told, and that were not well since.
    troubled: BTreeSet<AgentId>,
    /// Workers that do something.
    working: BTreeSet<WorkerId>,
    told: BTreeMap<Subject, Told>,
}

impl Settling {
    pub(super) fn next_due(&self) -> Option<Steady> {
        let leaving = self.leaving.values().map(|(due, _)| *due);
        let forgotten = self.told.values().filter_map(|told| {
            told.again.or_else(|| told.cleared.map(|cleared| cleared + FLAPPING))
        });
        leaving.chain(forgotten).min()
    }

    /// An agent is there. Whether it was not expected before.
    pub(super) fn came(&mut self, agent: &AgentId) -> bool {
        self.leaving.remove(agent);
        self.expected.insert(agent.clone())
    }

    /// An agent went; it is gone unless it is back before `due`.
    pub(super) fn went(&mut self, agent: &AgentId, due: Steady, since: Timestamp) {
        if self.expected.contains(agent) {
            self.leaving.entry(agent.clone()).or_insert((due, since));
        }
    }

    /// Takes over that an agent was expected in an earlier life of the server.
    pub(super) fn expect(&mut self, agent: AgentId, due: Steady, since: Timestamp) {
        self.expected.insert(agent.clone());
        self.leaving.insert(agent, (due, since));
    }

    /// Agents that have stayed away, each once, and since when.
    pub(super) fn take_gone(&mut self, now: Steady) -> Vec<(AgentId, Timestamp)> {
        let due = self.leaving.iter().filter(|(_, (due, _))| *due <= now);
        let gone: Vec<_> = due.map(|(agent, (_, since))| (agent.clone(), *since)).collect();
        for (agent, _) in &gone {
            self.leaving.remove(agent);
            self.expected.remove(agent);
        }
        gone
    }

    /// Whether an agent's trouble is news: not if it has not been well since it was told.
    pub(super) fn is_new_trouble(&mut self, agent: &AgentId) -> bool {
        self.troubled.insert(agent.clone())
    }

    /// An agent is well.
    pub(super) fn is_well(&mut self, agent: &AgentId) {
        self.troubled.remove(agent);
    }

    /// A worker does something.
    pub(super) fn works(&mut self, worker: &WorkerId) {
        self.working.insert(worker.clone());
    }

    /// A worker does nothing any more; whether it did before.
    pub(super) fn rests(&mut self, worker: &WorkerId) -> bool {
        self.working.remove(worker)
    }

    /// Takes over what was told in an earlier life of the server: not news if it still waits.
    pub(super) fn remember(&mut self, subject: Subject, text: Arc<str>, since: Timestamp) {
        let told = Told { text, cleared: None, again: None, told_before: Some(since) };
        self.told.insert(subject, told);
    }

    /// Something waits for a person. Whether that is news now.
    pub(super) fn raised(&mut self, item: &Item, now: Steady) -> bool {
        let text: Arc<str> = redact(&item.text).into();
        let told = Told { text: text.clone(), cleared: None, again: None, told_before: None };
        let Some(known) = self.told.get_mut(&item.subject) else {
            self.told.insert(item.subject.clone(), told);
            return true;
        };
        let before = known.told_before.take();
        let is_other = before.is_some_and(|before| before.0.abs_diff(item.since.0) > SAME);
        if known.text != text || is_other {
            *known = told;
            return true;
        }
        match known.cleared {
            // It only waits on.
            None => false,
            Some(cleared) if cleared + FLAPPING > now => {
                known.again.get_or_insert(now + FLAPPING);
                false
            }
            Some(_) => {
                *known = told;
                true
            }
        }
    }

    /// It does not wait any more.
    pub(super) fn cleared(&mut self, subject: &Subject, now: Steady) {
        if let Some(known) = self.told.get_mut(subject) {
            (known.cleared, known.again) = (Some(now), None);
        }
    }

    /// What has waited again for long enough to be news.
    pub(super) fn take_settled(&mut self, now: Moment) -> Vec<Subject> {
        let is_due = |told: &Told| told.again.is_some_and(|again| again <= now.steady);
        let due: Vec<_> = self.told.iter().filter(|(_, told)| is_due(told)).collect();
        let settled: Vec<_> = due.into_iter().map(|(subject, _)| subject.clone()).collect();
        for told in self.told.values_mut().filter(|told| is_due(told)) {
            (told.cleared, told.again) = (None, None);
        }
        self.told.retain(|_, told| {
            told.again.is_some() || told.cleared.is_none_or(|at| at + FLAPPING > now.steady)
        });
        settled
    }
}
