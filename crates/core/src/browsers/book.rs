//! All browsers that agents have said they have, and how fast people want to see them.

use std::{collections::BTreeMap, sync::Arc};

use super::{Browser, State};
use crate::{
    ids::{AgentId, SessionId},
    time::Steady,
};

/// Bounded by the sessions there are: a browser of none of them is not kept.
#[derive(Debug, Default)]
pub(crate) struct Book {
    browsers: BTreeMap<SessionId, Arc<Browser>>,
    /// The fastest viewer's wish, for each session that somebody watches.
    wanted: BTreeMap<SessionId, u32>,
    /// When the browsers of agents that are away count as gone.
    away: BTreeMap<AgentId, Steady>,
    /// Grows with every change of any browser.
    version: u64,
}

impl Book {
    pub(super) fn get(&self, session: &SessionId) -> Option<&Arc<Browser>> {
        self.browsers.get(session)
    }

    pub(super) fn put(&mut self, browser: Arc<Browser>) {
        self.browsers.insert(browser.session.clone(), browser);
        self.version += 1;
    }

    pub(super) fn remove(&mut self, session: &SessionId) -> bool {
        let is_gone = self.browsers.remove(session).is_some();
        self.version += u64::from(is_gone);
        is_gone
    }

    pub(super) fn version(&self) -> u64 {
        self.version
    }

    pub(super) fn of_agent(&self, agent: &AgentId) -> Vec<SessionId> {
        let its = self.browsers.values().filter(|browser| browser.agent == *agent);
        its.map(|browser| browser.session.clone()).collect()
    }

    /// Whether an agent has one that is open or opening.
    pub(crate) fn has_open(&self, agent: &AgentId) -> bool {
        let mut its = self.browsers.values().filter(|browser| browser.agent == *agent);
        its.any(|browser| browser.state != State::Failed)
    }

    /// How many are open or opening, and how many failed.
    pub(crate) fn count(&self) -> (usize, usize) {
        let failed = self.browsers.values().filter(|it| it.state == State::Failed).count();
        (self.browsers.len() - failed, failed)
    }

    pub(super) fn wanted(&self, session: &SessionId) -> u32 {
        self.wanted.get(session).copied().unwrap_or_default()
    }

    /// False if that is nothing new.
    pub(super) fn want(&mut self, session: &SessionId, fps: u32) -> bool {
        let before = match fps {
            0 => self.wanted.remove(session),
            _ => self.wanted.insert(session.clone(), fps),
        };
        before.unwrap_or_default() != fps
    }

    pub(super) fn expect(&mut self, agent: &AgentId, until: Steady) {
        if self.browsers.values().any(|browser| browser.agent == *agent) {
            self.away.insert(agent.clone(), until);
        }
    }

    pub(super) fn is_back(&mut self, agent: &AgentId) {
        self.away.remove(agent);
    }

    pub(super) fn take_overdue(&mut self, now: Steady) -> Vec<AgentId> {
        let overdue: Vec<_> = self
            .away
            .iter()
            .filter(|(_, until)| **until <= now)
            .map(|(id, _)| id.clone())
            .collect();
        for agent in &overdue {
            self.away.remove(agent);
        }
        overdue
    }

    /// When the first agent has been away for long enough.
    pub(crate) fn next_due(&self) -> Option<Steady> {
        self.away.values().min().copied()
    }
}
