//! What the machines of agents have left, as the agents tell: the newest of each and a short while before that.
//!
//! Kept in memory only and told to nobody by itself: whoever wants to know asks.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
    time::Duration,
};

use crate::{
    Core,
    ids::AgentId,
    streams::StreamKey,
    time::{Moment, Timestamp},
};

/// How many reports of each agent are kept; the oldest goes. Ten minutes at the usual interval.
pub const MOST_REPORTS: usize = 60;

/// How a machine and an agent on it are. What the machine does not tell is absent.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Resources {
    /// How much of all its processors is in use, in per cent.
    pub cpu: Option<f64>,
    /// How many processors it has.
    pub processors: Option<u32>,
    /// How many processes wanted to run, on average over 1, 5 and 15 minutes.
    pub load: Option<[f64; 3]>,
    /// Its memory.
    pub memory: Option<Room>,
    /// The file system that the agent's data is on.
    pub disk: Option<Room>,
    /// For how long the agent has run.
    pub uptime: Duration,
    /// How many commands run.
    pub commands: u32,
    /// How many workers run.
    pub workers: u32,
    /// What runs, and what it takes; the largest first.
    pub processes: Vec<Taken>,
}

/// How much of something there is, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    /// In use.
    pub used: u64,
    /// In all.
    pub total: u64,
}

/// What all processes of one command or worker take together.
#[derive(Debug, Clone, PartialEq)]
pub struct Taken {
    /// Whose.
    pub stream: StreamKey,
    /// Of all processors, in per cent; absent until it was seen for a while.
    pub cpu: Option<f64>,
    /// Memory in bytes. What several share counts for each.
    pub memory: u64,
}

/// A report with the moment when it came.
#[derive(Debug, Clone, PartialEq)]
pub struct Reported {
    /// When it came, by the server's clock.
    pub at: Timestamp,
    /// What it said.
    pub resources: Arc<Resources>,
}

/// The last reports of every agent; bounded by the agents there are.
#[derive(Debug, Default)]
pub(crate) struct Book(BTreeMap<AgentId, VecDeque<Reported>>);

impl Core {
    /// What an agent told of its machine, oldest first; nothing if it never did.
    pub fn resources(&self, agent: &AgentId) -> impl DoubleEndedIterator<Item = &Reported> {
        self.resources.0.get(agent).into_iter().flatten()
    }

    pub(crate) fn take_resources(&mut self, agent: &AgentId, told: Arc<Resources>, now: Moment) {
        let reports = self.resources.0.entry(agent.clone()).or_default();
        if reports.len() >= MOST_REPORTS {
            reports.pop_front();
        }
        // A curve needs no more of the past than the machine as a whole.
        if let Some(last) = reports.back_mut() {
            Arc::make_mut(&mut last.resources).processes = Vec::new();
        }
        reports.push_back(Reported { at: now.wall, resources: told });
    }
}
