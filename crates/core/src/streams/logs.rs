//! The live output logs: what was received, and what of it waits to be stored.

use std::collections::{BTreeMap, VecDeque};

use super::{Record, StoredExtent, StoredGroup, StoredRecord, StreamKey};
use crate::{ids::AgentId, time::Timestamp};

/// Groups are cut at this size, so that pruning has something to cut at.
const LARGEST_GROUP: usize = 256 * 1024;

/// How many ended logs are remembered: as many as ended commands, so that late output of one that is
/// remembered goes on where it stopped.
const REMEMBERED: usize = crate::commands::REMEMBERED;

/// One live log.
#[derive(Debug)]
struct Log {
    agent: AgentId,
    next_position: u64,
    next_sequence: u64,
    pending: Vec<StoredGroup>,
    pending_group_bytes: usize,
}

/// What became of a record.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Received {
    /// It is new.
    Appended,
    /// It is new, but these bytes before it never came.
    AppendedAfterHole { from: u64 },
    /// It was there already.
    Repeated,
}

/// All live logs. What waits is bounded by the credit each stream has: a stream that is not
/// acknowledged gets no more.
#[derive(Debug, Default)]
pub(crate) struct Logs {
    by_stream: BTreeMap<StreamKey, Log>,
    pending_bytes: usize,
    closed: VecDeque<StreamKey>,
}

impl Logs {
    pub(crate) fn restore(&mut self, agent: &AgentId, extent: &StoredExtent) {
        let log = Log {
            agent: agent.clone(),
            next_position: extent.next_position,
            next_sequence: extent.next_sequence,
            pending: Vec::new(),
            pending_group_bytes: 0,
        };
        self.by_stream.insert(extent.stream.clone(), log);
    }

    /// Where the stream goes on: position and number of the next record.
    pub(crate) fn next(&self, stream: &StreamKey) -> (u64, u64) {
        self.by_stream.get(stream).map_or((0, 1), |log| (log.next_position, log.next_sequence))
    }

    pub(crate) fn pending_bytes(&self) -> usize {
        self.pending_bytes
    }

    pub(crate) fn append(&mut self, agent: &AgentId, record: &Record, at: Timestamp) -> Received {
        let log = self.by_stream.entry(record.stream.clone()).or_insert_with(|| Log {
            agent: agent.clone(),
            next_position: 0,
            next_sequence: 1,
            pending: Vec::new(),
            pending_group_bytes: 0,
        });
        if record.position < log.next_position {
            return Received::Repeated;
        }
        let hole = (record.position > log.next_position).then_some(log.next_position);
        let len = record.bytes.len();
        let goes_on = hole.is_none()
            && log.pending_group_bytes + len <= LARGEST_GROUP
            && record.sequence == log.next_sequence;
        let stored = StoredRecord { channel: record.channel, bytes: record.bytes.clone() };
        if let Some(group) = log.pending.last_mut().filter(|_| goes_on) {
            group.records.push(stored);
            group.at = at;
            log.pending_group_bytes += len;
        } else {
            log.pending.push(StoredGroup {
                stream: record.stream.clone(),
                position: record.position,
                sequence: record.sequence,
                records: vec![stored],
                at,
            });
            log.pending_group_bytes = len;
        }
        log.next_position = record.end();
        log.next_sequence = record.sequence + 1;
        self.pending_bytes += len;
        hole.map_or(Received::Appended, |from| Received::AppendedAfterHole { from })
    }

    /// The agent lost bytes; the log goes on behind them.
    pub(crate) fn skip(&mut self, stream: &StreamKey, to: u64, next_sequence: u64) -> bool {
        match self.by_stream.get_mut(stream) {
            Some(log) if to > log.next_position => {
                log.next_position = to;
                log.next_sequence = next_sequence;
                true
            }
            _ => false,
        }
    }

    /// Takes what waits to be stored, with whom to tell when it is.
    pub(crate) fn take_pending(&mut self) -> Vec<(AgentId, StoredGroup)> {
        if self.pending_bytes == 0 {
            return Vec::new();
        }
        self.pending_bytes = 0;
        let mut taken = Vec::new();
        for log in self.by_stream.values_mut() {
            log.pending_group_bytes = 0;
            let agent = &log.agent;
            taken.extend(log.pending.drain(..).map(|group| (agent.clone(), group)));
        }
        taken
    }

    /// The stream is over. Its place is remembered for a while, for what may still be on its way.
    pub(crate) fn close(&mut self, stream: &StreamKey) {
        if !self.by_stream.contains_key(stream) {
            return;
        }
        self.closed.push_back(stream.clone());
        if self.closed.len() > REMEMBERED
            && let Some(oldest) = self.closed.pop_front()
        {
            self.by_stream.remove(&oldest);
        }
    }
}
