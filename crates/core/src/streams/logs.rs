//! The live output logs: what viewers have seen, and what of it waits to be stored.
//!
//! The two go apart only while storage is away and memory is used up. What is seen and not kept then
//! is asked for again, and is stored without being shown twice.

use std::{
    cmp::Ordering,
    collections::{BTreeMap, VecDeque},
};

use super::{Begun, Hole, Record, StoredExtent, StoredGroup, StoredRecord, StreamKey};
use crate::{ids::AgentId, time::Timestamp};

/// Groups are cut at this size, so that pruning has something to cut at.
const LARGEST_GROUP: usize = 256 * 1024;

/// How many ended logs are remembered: as many as ended commands, so that late output of one that is
/// remembered goes on where it stopped.
const REMEMBERED: usize = crate::commands::REMEMBERED;

/// Where a log goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    /// The next record's position.
    pub(crate) position: u64,
    /// The next record's number.
    pub(crate) sequence: u64,
}

impl Place {
    const START: Self = Self { position: 0, sequence: 1 };
}

/// One live log.
#[derive(Debug)]
struct Log {
    agent: AgentId,
    /// Viewers have seen everything before.
    seen: Place,
    /// What they have seen ends inside of this character.
    begun: Begun,
    /// Everything before is stored or waits to be; never ahead of `seen`.
    kept: Place,
    pending: Vec<StoredGroup>,
    pending_group_bytes: usize,
}

impl Log {
    fn new(agent: &AgentId, at: Place) -> Self {
        Self {
            agent: agent.clone(),
            seen: at,
            begun: Begun::default(),
            kept: at,
            pending: Vec::new(),
            pending_group_bytes: 0,
        }
    }

    fn is_behind(&self) -> bool {
        self.kept.position < self.seen.position
    }

    /// Whether a record is the one that storage lacks. A hole that nobody announced is one only if
    /// nothing was left out on purpose.
    fn lacks(&self, record: &Record) -> bool {
        record.position == self.kept.position
            || record.position > self.kept.position && !self.is_behind()
    }

    fn keep(&mut self, record: &Record, at: Timestamp) {
        let len = record.bytes.len();
        let goes_on = (record.position, record.sequence)
            == (self.kept.position, self.kept.sequence)
            && self.pending_group_bytes + len <= LARGEST_GROUP;
        let stored = StoredRecord { channel: record.channel, bytes: record.bytes.clone() };
        if let Some(group) = self.pending.last_mut().filter(|_| goes_on) {
            group.records.push(stored);
            group.at = at;
            self.pending_group_bytes += len;
        } else {
            self.pending.push(StoredGroup {
                stream: record.stream.clone(),
                position: record.position,
                sequence: record.sequence,
                records: vec![stored],
                at,
            });
            self.pending_group_bytes = len;
        }
        self.kept = end_of(record);
    }
}

fn end_of(record: &Record) -> Place {
    Place { position: record.end(), sequence: record.sequence + 1 }
}

/// What a record is for viewers.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Received {
    /// It is new.
    Appended,
    /// It is new, but these bytes before it never came.
    AppendedAfterHole { from: u64 },
    /// They have seen it.
    Repeated,
}

/// All live logs. What waits is bounded by the credit each stream has: a stream that is not
/// acknowledged gets no more. While storage is away credit has no bound, and the caller says what may wait.
#[derive(Debug, Default)]
pub(crate) struct Logs {
    by_stream: BTreeMap<StreamKey, Log>,
    pending_bytes: usize,
    closed: VecDeque<StreamKey>,
}

impl Logs {
    pub(crate) fn restore(&mut self, agent: &AgentId, extent: &StoredExtent) {
        let at = Place { position: extent.next_position, sequence: extent.next_sequence };
        self.by_stream.insert(extent.stream.clone(), Log::new(agent, at));
    }

    /// From where on output is wanted: everything before is stored or waits to be.
    pub(crate) fn wanted(&self, stream: &StreamKey) -> Place {
        self.by_stream.get(stream).map_or(Place::START, |log| log.kept)
    }

    /// How many bytes of a log viewers have seen, or will before what comes next.
    pub(crate) fn seen(&self, stream: &StreamKey) -> u64 {
        self.by_stream.get(stream).map_or(0, |log| log.seen.position)
    }

    /// The character inside of which ends what viewers have seen of a log.
    pub(crate) fn begun(&self, stream: &StreamKey) -> Begun {
        self.by_stream.get(stream).map_or(Begun::default(), |log| log.begun)
    }

    /// Whether viewers have seen more than storage will get unless it is sent again.
    pub(crate) fn is_behind(&self, stream: &StreamKey) -> bool {
        self.by_stream.get(stream).is_some_and(Log::is_behind)
    }

    /// All streams of which something has to be sent again, with whose they are and from where on.
    pub(crate) fn behind(&self) -> Vec<(AgentId, StreamKey, Place)> {
        let behind = self.by_stream.iter().filter(|(_, log)| log.is_behind());
        behind.map(|(stream, log)| (log.agent.clone(), stream.clone(), log.kept)).collect()
    }

    pub(crate) fn pending_bytes(&self) -> usize {
        self.pending_bytes
    }

    /// Takes in a record. If it may not wait to be stored, it is left out, and all after it, until it comes again.
    pub(crate) fn append(
        &mut self,
        agent: &AgentId,
        record: &Record,
        may_wait: bool,
        at: Timestamp,
    ) -> Received {
        let log = self
            .by_stream
            .entry(record.stream.clone())
            .or_insert_with(|| Log::new(agent, Place::START));
        let received = match record.position.cmp(&log.seen.position) {
            Ordering::Less => Received::Repeated,
            Ordering::Equal => Received::Appended,
            Ordering::Greater => Received::AppendedAfterHole { from: log.seen.position },
        };
        if may_wait && log.lacks(record) {
            log.keep(record, at);
            self.pending_bytes += record.bytes.len();
        }
        if received != Received::Repeated {
            let is_next = received == Received::Appended;
            let before = if is_next { log.begun } else { Begun::default() };
            log.begun = before.followed_by(&record.bytes);
            log.seen = end_of(record);
        }
        received
    }

    /// The agent lost bytes; the log goes on behind them. Returns from where on viewers miss something, if they do.
    pub(crate) fn skip(&mut self, stream: &StreamKey, hole: Hole) -> Option<u64> {
        let log = self.by_stream.get_mut(stream)?;
        let behind_it = Place { position: hole.to, sequence: hole.next_sequence };
        let is_next = hole.from <= log.kept.position || !log.is_behind();
        if is_next && hole.to > log.kept.position {
            log.kept = behind_it;
        }
        let from = log.seen.position;
        (hole.to > from).then(|| {
            (log.seen, log.begun) = (behind_it, Begun::default());
            from
        })
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
            if self.is_behind(&oldest) {
                // Storage still lacks something of it. There are no more of these than commands that
                // were queued when storage went away.
                self.closed.push_back(oldest);
            } else {
                self.by_stream.remove(&oldest);
            }
        }
    }
}
