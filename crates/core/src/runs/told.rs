//! Runs as viewers were told them.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
};

use super::{Event, Run, State};
use crate::ids::RunId;

/// How many ended runs are remembered for viewers who missed their end. Overflow rule: the oldest goes.
const REMEMBERED: usize = 256;

/// The runs that live, and the newest that ended.
#[derive(Debug, Default)]
pub struct ToldRuns {
    live: BTreeMap<RunId, Arc<Run>>,
    ended: VecDeque<(u64, Arc<Run>)>,
}

impl ToldRuns {
    /// Those that wait or are under way, oldest first.
    pub fn live(&self) -> impl Iterator<Item = &Arc<Run>> {
        self.live.values()
    }

    /// Those whose end was published after the event `sequence`, oldest end first, as far as remembered.
    pub fn ended_since(&self, sequence: u64) -> impl Iterator<Item = &Arc<Run>> {
        self.ended.iter().filter(move |(at, _)| *at > sequence).map(|(_, run)| run)
    }

    /// One run, as far as remembered.
    pub fn get(&self, id: &RunId) -> Option<&Arc<Run>> {
        let ended = || self.ended.iter().rev().map(|(_, run)| run).find(|run| run.id == *id);
        self.live.get(id).or_else(ended)
    }

    /// Takes over what viewers are being told.
    pub(crate) fn apply(&mut self, sequence: u64, event: &Event) {
        let run = match event {
            Event::Status(run) => run,
            Event::Step(taken) => &taken.run,
        };
        if !matches!(run.state, State::Ended(_)) {
            self.live.insert(run.id.clone(), run.clone());
            return;
        }
        self.live.remove(&run.id);
        self.ended.push_back((sequence, run.clone()));
        if self.ended.len() > REMEMBERED {
            self.ended.pop_front();
        }
    }
}
